//! What the notice of an auction in the sense of the law says beside that of its listing (拍卖公告, AL art. 45-48).

use serde_json::{Value, json};

use super::super::exhibition;
use super::super::rule_text::{cny, yuan};
use super::super::schedule::in_shanghai;
use super::{Announcement, and, offered, parameters_told};
use crate::deals::rules::wording;
use crate::notices::rules::objecting;
use crate::platform::problem::Problem;

/// The parameters it gives with their source.
const ANNOUNCED: [&str; 2] = ["auction_notice", exhibition::RULE];

/// Who may object to an auction, and what waits for it.
const TO_OBJECT: objecting::Said = (
    "公告期内任何人可实名向本平台提出异议；异议受理后拍卖中止，办结前不签署成交确认书",
    "While this runs anybody may object on the platform, giving his name; the auction stands still for what is accepted, and until it is settled nobody signs a confirmation",
);

/// When it is too late to.
const UNTIL: objecting::Said = ("竞价开始之时", "the opening of the bidding");

/// The text of the notice; none where the offer is no auction in the sense of the law. Like that of the listing it does not depend on when
/// it is published.
pub fn auction_notice(of: &Announcement) -> Result<Option<Value>, Problem> {
    let bidding = of.bidding;
    let Some(licence) = &bidding.auction_licence else { return Ok(None) };
    let mut said = offered(of)?;
    and(
        &mut said,
        json!({
            "notice": {"zh": "拍卖公告", "en": "Auction"},
            "auction_licence": licence,
            "format": wording::format(bidding.format.code_towards(bidding.direction), &bidding.closing_mode.code(), true),
            "venue": {"zh": "本平台网络竞价", "en": "online on this platform"},
            "how_to_join": how_to_join(of),
            "objections": objecting::told(TO_OBJECT, UNTIL, of.rules),
            "rules": parameters_told(of.rules, |name| ANNOUNCED.contains(&name) || objecting::RULES.contains(&name)),
        }),
    );
    Ok(Some(Value::Object(said)))
}

/// Until when to register, and what to pay. A date that nobody chose follows from the day of publication, and is told with the listing.
fn how_to_join(of: &Announcement) -> Value {
    let (until_zh, until_en) = match of.offer.schedule.registration_closes_at.map(in_shanghai) {
        Some(at) => (format!("{at}（北京时间）前"), format!("before {at} (Beijing time)")),
        None => ("挂牌公告期满前".to_owned(), "before the listing period is over".to_owned()),
    };
    let deposit = of.bidding.deposit;
    json!({
        "zh": format!("竞买人须于{until_zh}在本平台报名、通过资格审查，并由本机构同名账户交纳保证金{}。", yuan(deposit)),
        "en": format!(
            "Whoever wants to bid registers on this platform {until_en}, is found fit, and pays the deposit of {} from his own account by then.",
            cny(deposit)
        ),
    })
}
