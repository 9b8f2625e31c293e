//! What the public is told of an open licence (开放许可公告): patent, patentee, fee, term, and how a licence is had.

use entity::achievements::achievement;
use entity::identity::organisation;
use entity::open_licences::{FeeStandard, open_licence};
use serde_json::{Value, json};

use crate::achievements::store::AssetFacts;
use crate::listings::rules::content::{parameters_told, public_achievement, public_asset, public_seller};
use crate::notices::rules::attachment::{self, Attachment};
use crate::notices::rules::objecting;
use crate::rulebook::rules::Snapshot;

/// The parameter a notice gives with its source, beside those by which objections are handled.
const ANNOUNCED: &str = "legal_status_freshness";

/// Who may object to an open licence.
const TO_OBJECT: objecting::Said =
    ("公告期间任何人可实名向本平台提出异议", "While this stands anybody may object on the platform, giving his name");

/// When it is too late to.
const UNTIL: objecting::Said = ("本公告撤回之时", "its withdrawal");

/// Everything the text is made from.
pub struct Announcement<'a> {
    /// What is declared.
    pub held: &'a open_licence::Model,
    /// What a licence costs.
    pub fee: &'a FeeStandard,
    /// The patentee.
    pub patentee: &'a organisation::Model,
    /// What the patent belongs to.
    pub achievement: &'a achievement::Model,
    /// The patent.
    pub patent: &'a AssetFacts,
    /// The documents that go with it.
    pub attachments: &'a [Attachment],
    /// The rules.
    pub rules: &'a Snapshot,
}

/// The text of the notice. Nothing in it depends on when it is published, so that it can be frozen before.
pub fn licence_notice(of: &Announcement) -> Value {
    json!({
        "notice": {"zh": "开放许可公告", "en": "Open licence"},
        "open_licence_id": of.held.id,
        "title": of.patent.asset.title,
        "title_en": of.patent.asset.title_en,
        "patentee": public_seller(of.patentee, of.rules),
        "achievement": public_achievement(of.achievement),
        "patent": public_asset(of.patent),
        "fee": fee(of.fee),
        "payment": of.held.payment,
        "term": {"from": of.held.term_from, "to": of.held.term_until},
        "other": of.held.other,
        "acceptance": {
            "zh": "任何人以书面方式通知专利权人，并依照公告的标准支付许可使用费，即获得许可（专利法第五十一条）；可在本平台一次办理",
            "en": "Whoever tells the patentee in writing, and pays by this standard, has a licence (Patent Law art. 51); on the platform it is one call",
        },
        "withdrawal": {
            "zh": "撤回须以书面方式提出并公告；撤回前已给予的许可不受影响（专利法第五十条）",
            "en": "It is withdrawn in writing, which is announced; whoever has a licence by then keeps it (Patent Law art. 50)",
        },
        "annuity": {
            "zh": "开放许可实施期间，专利权人缴纳专利年费相应给予减免（专利法第五十一条）",
            "en": "While it is had by others the patentee pays less in annuities (Patent Law art. 51)",
        },
        "false_papers": {
            "zh": "以提供虚假材料、隐瞒事实等手段声明开放许可，或者在实施期间获得年费减免的，依照专利法实施细则第八十八条、第一百条处理：给予警告，可以处10万元以下的罚款",
            "en": "Whoever declares it, or pays less in annuities, by false papers or by hiding facts is warned and may be fined up to CNY 100,000 (Implementing Rules art. 88, 100)",
        },
        "disputes": {
            "zh": "当事人就实施开放许可发生纠纷的，由当事人协商解决；不愿协商或者协商不成的，可以请求国务院专利行政部门进行调解，也可以向人民法院起诉（专利法第五十二条）",
            "en": "The parties settle what they dispute; else the patent office mediates, or a court decides (Patent Law art. 52)",
        },
        "runs": {
            "zh": "自公告之日起至撤回之日止，最迟至许可期限届满",
            "en": "from its publication until it is withdrawn, at the latest until the licences end",
        },
        "attachments": attachment::told(of.attachments),
        "places": attachment::places(false),
        "objections": objecting::told(TO_OBJECT, UNTIL, of.rules),
        "rules": parameters_told(of.rules, |name| name == ANNOUNCED || objecting::RULES.contains(&name)),
    })
}

fn fee(of: &FeeStandard) -> Value {
    match of {
        FeeStandard::OneOff { amount } => json!({"kind": "one_off", "zh": "一次总付", "en": "once", "amount": amount}),
        FeeStandard::PerYear { amount } => json!({"kind": "per_year", "zh": "按年支付", "en": "each year", "amount": amount}),
        FeeStandard::Royalty { rate_bp, entry_fee: None, base } => {
            json!({"kind": "royalty", "zh": "提成支付", "en": "a royalty", "rate_bp": rate_bp, "base": base})
        }
        FeeStandard::Royalty { rate_bp, entry_fee: Some(entry_fee), base } => json!({
            "kind": "royalty",
            "zh": "入门费加提成支付",
            "en": "an entry fee and a royalty",
            "entry_fee": entry_fee,
            "rate_bp": rate_bp,
            "base": base,
        }),
    }
}
