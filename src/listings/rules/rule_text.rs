//! The rules of a lot in words, in Chinese and English, made from the very parameters the lot runs on.

mod dutch;
mod jump;
mod maxima;
mod sealed;
mod sessions;
mod weighted;

use entity::auctions::{ClosingMode, Direction, Format, Reserve, Step, StepBase};
use entity::money::Money;
use serde::{Deserialize, Serialize};

use super::descending_text;
use super::findings::unruled;
use super::offer::Offer;
use super::preemption;
use super::pricing::Bidding;
use super::rounds;
use super::schedule::{in_shanghai, listing_period};
use crate::platform::problem::Problem;
use crate::rulebook::rules::{Snapshot, Span};

/// The rules, sentence by sentence; the n-th of one language says what the n-th of the other says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleText {
    /// In Chinese.
    pub zh: Vec<String>,
    /// In English.
    pub en: Vec<String>,
}

impl RuleText {
    /// Says a sentence.
    pub(super) fn say(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.zh.push(zh.into());
        self.en.push(en.into());
    }
}

/// What bidders are told.
pub fn rule_text(offer: &Offer, bidding: &Bidding, rules: &Snapshot) -> Result<RuleText, Problem> {
    let mut text = RuleText::default();
    nature(&mut text, offer, bidding);
    dates(&mut text, offer, rules)?;
    admission(&mut text, bidding, rules)?;
    match (&bidding.format, bidding.direction) {
        (Format::English {}, Direction::Ascending) => {
            prices(&mut text, bidding);
            if bidding.proxy {
                maxima::say(&mut text, bidding);
            } else {
                step(&mut text, bidding);
            }
            buy_now(&mut text, bidding);
            closing(&mut text, bidding);
        }
        (Format::English {}, Direction::Descending) => {
            descending_text::prices(&mut text, bidding);
            descending_text::step(&mut text, bidding);
            closing(&mut text, bidding);
        }
        (Format::Dutch { floor, decrement, tick_seconds }, _) => dutch::clock(&mut text, bidding, *floor, *decrement, *tick_seconds),
        (
            Format::FirstPrice { .. } | Format::Vickrey {} | Format::OneShot { .. } | Format::UniformPrice { .. } | Format::PayAsBid { .. },
            _,
        ) => sealed::bidding(&mut text, bidding),
        (Format::Rounds { .. }, _) => rounds::say(&mut text, bidding, rules)?,
        (Format::Weighted { price_weight_bp, criteria }, _) => weighted::bidding(&mut text, bidding, *price_weight_bp, criteria),
    }
    if !matches!(bidding.format, Format::Rounds { .. }) {
        interruptions(&mut text, rules)?;
        if bidding.format.is_sealed() {
            sealed::order(&mut text, bidding);
        } else {
            order(&mut text, bidding);
        }
    }
    sessions::say(&mut text, bidding);
    jump::say(&mut text, bidding);
    text.say("转让方及其工作人员、本项目经办人员不得参与竞买。", "The seller, its staff and those who handled this listing may not bid.");
    standing_aside(&mut text, offer);
    preemption::told(&mut text, offer, bidding);
    afterwards(&mut text, bidding, rules)?;
    Ok(text)
}

fn standing_aside(text: &mut RuleText, offer: &Offer) {
    let count = offer.declarations.standing_aside.len();
    if count > 0 {
        text.say(
            format!("转让方申报的回避机构（{count} 家，见本项目申报事项）及其工作人员不得参与竞买。"),
            format!("Nor may organisations that stand aside by the seller's declaration ({count}, named there), or their staff."),
        );
    }
}

fn nature(text: &mut RuleText, offer: &Offer, bidding: &Bidding) {
    if offer.rehearsal {
        text.say("本项目为演练，不产生任何法律效力。", "This is a rehearsal without any legal effect.");
    }
    if let Some(licence) = &bidding.auction_licence {
        let (enterprise, number) = (&licence.enterprise, &licence.auctioneer_licence);
        text.say(
            format!("本场为拍卖法意义上的拍卖，由{enterprise}举办，拍卖师执业资格证号{number}。"),
            format!("This is an auction in the sense of the auction law, held by {enterprise} with the auctioneer's licence {number}."),
        );
    } else {
        text.say(
            "本场为挂牌项目内的网络竞价，不是拍卖法意义上的拍卖。",
            "This is online competitive bidding within a listing, not an auction in the sense of the auction law.",
        );
    }
}

fn dates(text: &mut RuleText, offer: &Offer, rules: &Snapshot) -> Result<(), Problem> {
    let span = |name: &str| rules.span(name).map(Span::spoken).map_err(|error| unruled(&error));
    if let Some(at) = offer.schedule.registration_closes_at.map(in_shanghai) {
        text.say(format!("报名截止于{at}（北京时间）。"), format!("Registration closes at {at} (Beijing time)."));
    } else {
        let (zh, en) = span(listing_period(offer, rules)?)?;
        text.say(
            format!("公告期为{zh}，自公告次日起算，期满时报名截止。"),
            format!("The listing period is {en}, counted from the day after publication; registration closes at its end."),
        );
    }
    if let Some(at) = offer.schedule.auction_opens_at.map(in_shanghai) {
        text.say(
            format!("竞价自{at}（北京时间）开始，含该时刻。"),
            format!("Bidding opens at {at} (Beijing time), that instant included."),
        );
        return Ok(());
    }
    let lead = rules.span("auction_lead").map_err(|error| unruled(&error))?;
    let (wait_zh, wait_en) = if lead.is_zero() {
        (String::new(), String::new())
    } else {
        let (zh, en) = lead.spoken();
        (format!("并预留{zh}"), format!(", with {en} left free in between"))
    };
    let (notice_zh, notice_en) = if offer.auction.auction_licence.is_some() {
        let (zh, en) = span("auction_notice")?;
        (format!("、公告之日与竞价之日间隔满{zh}"), format!(" and {en} in full between publication and the day of bidding"))
    } else {
        (String::new(), String::new())
    };
    text.say(
        format!("竞价于报名截止后{wait_zh}{notice_zh}的首个工作日10:00（北京时间）开始。"),
        format!("Bidding opens at 10:00 (Beijing time) on the first working day after registration closes{wait_en}{notice_en}."),
    );
    Ok(())
}

fn admission(text: &mut RuleText, bidding: &Bidding, rules: &Snapshot) -> Result<(), Problem> {
    let (zh, en) = rules.span("refund_losers").map_err(|error| unruled(&error))?.spoken();
    let deposit = bidding.deposit;
    text.say(
        format!("保证金{}，须在报名截止前由报名机构同名账户到账；逾期或未到账的，不取得竞买资格。", yuan(deposit)),
        format!(
            "The deposit is {}; it must arrive from the applicant's own account before registration closes, or the applicant is not admitted.",
            cny(deposit)
        ),
    );
    text.say(
        format!("未成交的竞买人的保证金在竞价结束后{zh}内不计息退还；受让方的保证金抵作价款；受让方违约的，保证金不予退还。"),
        format!(
            "Deposits of those who do not win are returned without interest within {en} of the close; the winner's becomes part of the price, and is not returned if the winner defaults."
        ),
    );
    let least = bidding.min_bidders;
    text.say(
        format!("报名截止时取得资格的竞买人少于{least}人的，本项目流标。"),
        format!("If fewer than {least} bidder(s) are admitted when registration closes, the listing fails."),
    );
    Ok(())
}

fn prices(text: &mut RuleText, bidding: &Bidding) {
    let start = bidding.start_price;
    text.say(
        format!("起拍价{}，首次出价可以等于起拍价。", yuan(start)),
        format!("The start price is {}; the first bid may equal it.", cny(start)),
    );
    reserve(text, bidding);
}

/// What is said of the reserve price.
pub(super) fn reserve(text: &mut RuleText, bidding: &Bidding) {
    match &bidding.reserve {
        Reserve::None {} => text.say("本标的无保留价。", "There is no reserve price."),
        Reserve::Open { amount } => text.say(
            format!("保留价{}；最高出价未达保留价的，该出价不发生效力。", yuan(*amount)),
            format!("The reserve price is {}; a highest bid below it has no effect.", cny(*amount)),
        ),
        Reserve::Secret { commitment } => text.say(
            format!("本标的设有保密保留价，竞价结束时公开；最高出价未达保留价的，该出价不发生效力。其加盐哈希（SHA-256）为{commitment}。"),
            format!(
                "There is a secret reserve price, opened at the close; a highest bid below it has no effect. Its salted hash (SHA-256) is {commitment}."
            ),
        ),
    }
}

fn step(text: &mut RuleText, bidding: &Bidding) {
    if bidding.enforce_step {
        let (zh, en) = step_in_words(bidding);
        let (also_zh, also_en) = if bidding.multiples_only {
            ("，且加价须为加价幅度的整数倍", ", and a bid must add a whole number of steps")
        } else {
            ("", "")
        };
        text.say(
            format!("加价幅度：{zh}；其后每次出价至少加价一个幅度{also_zh}。"),
            format!("The step is {en}; each later bid adds at least one step{also_en}."),
        );
    } else {
        text.say("不设加价幅度，出价高于当前最高价即可。", "No step is demanded; any bid above the highest will do.");
    }
    if bidding.allow_self_raise {
        text.say("当前最高出价人可以自行加价。", "The highest bidder may raise his own bid.");
    } else {
        text.say("当前最高出价人不得自行加价。", "The highest bidder may not raise his own bid.");
    }
}

fn buy_now(text: &mut RuleText, bidding: &Bidding) {
    if let Some(price) = bidding.buy_now {
        text.say(
            format!("首次出价前，竞买人可以一口价{}直接购买；一经购买，竞价即时结束并成交。已有出价的，不再适用一口价。", yuan(price)),
            format!(
                "Until the first bid a bidder may buy the lot at once for {}; that ends the bidding, and it is sold. Once a bid stands this is over.",
                cny(price)
            ),
        );
    }
}

/// How much a step is, in both languages.
pub(super) fn step_in_words(bidding: &Bidding) -> (String, String) {
    let (base_zh, base_en) = match (bidding.step_base, bidding.direction) {
        (StepBase::StartPrice, _) => ("起拍价", "the start price"),
        // In his turn a bidder betters himself.
        (StepBase::BestBid, _) if matches!(bidding.format, Format::Rounds { .. }) => ("其本人当前报价", "his own offer"),
        (StepBase::BestBid, Direction::Ascending) => ("当前最高价", "the highest bid"),
        (StepBase::BestBid, Direction::Descending) => ("当前最低价", "the lowest bid"),
    };
    match &bidding.step {
        Step::Fixed { amount } => (yuan(*amount), cny(*amount)),
        Step::Percent { rate_bp } => (
            format!("{base_zh}的{}（不足一分的进为一分）", percent(*rate_bp)),
            format!("{} of {base_en}, rounded up to a whole fen", percent(*rate_bp)),
        ),
        Step::Ladder { rungs } => {
            let zh: Vec<_> = rungs.iter().map(|rung| format!("{}起为{}", yuan(rung.from), yuan(rung.step))).collect();
            let en: Vec<_> = rungs.iter().map(|rung| format!("{} from {}", cny(rung.step), cny(rung.from))).collect();
            (format!("按{base_zh}分级：{}", zh.join("，")), format!("by {base_en}: {}", en.join(", ")))
        }
    }
}

fn closing(text: &mut RuleText, bidding: &Bidding) {
    let (free_zh, free_en) = duration(bidding.free_period_seconds);
    let (cycle_zh, cycle_en) = duration(bidding.timed_cycle_seconds);
    match bidding.closing_mode {
        ClosingMode::HardClose => text.say(
            format!("竞价时长{free_zh}，到时结束，不因出价延时。"),
            format!("Bidding lasts {free_en} and ends then; bids do not extend it."),
        ),
        ClosingMode::SoftClose => text.say(
            format!("竞价时长{free_zh}；结束前最后{cycle_zh}内有有效出价的，结束时间顺延至该出价到达后{cycle_zh}。"),
            format!("Bidding lasts {free_en}; a valid bid in the last {cycle_en} moves the end to {cycle_en} after that bid arrived."),
        ),
        ClosingMode::TimedCycle => text.say(
            format!("自由报价期{free_zh}，期满进入限时报价；每个有效出价开始新的{cycle_zh}周期，一个周期内无有效出价的，竞价结束。"),
            format!(
                "After a free period of {free_en} timed bidding begins; each valid bid starts a new cycle of {cycle_en}, and a cycle without one ends the bidding."
            ),
        ),
    }
    if let Some(most) = bidding.max_duration_seconds {
        let (zh, en) = duration(most);
        text.say(
            format!("竞价本身最迟于开始后{zh}结束；暂停、主持人延长和系统中断使其相应顺延。"),
            format!("By itself it ends {en} after it opened at the latest; pauses, the host and outages move that as well."),
        );
    }
}

/// What a pause does to the bidding, of whatever format.
pub(super) fn pauses(text: &mut RuleText) {
    text.say(
        "主持人可以公开理由暂停竞价，暂停期间不接受出价；恢复时竞价的各项时限按暂停时长顺延，剩余时间不变；报名截止时间不变。",
        "The host may pause the bidding with a public reason; no bids are accepted meanwhile. When it resumes, every deadline of the bidding is moved by the length of the pause, so that the time left is the same; registration closes when it was announced.",
    );
    text.say(
        "暂停所因的故障无法排除的，由另一名主持人公开理由终止竞价：项目不成交，尚未开启的报价不再开启，保证金全部退还。",
        "If the fault it was paused for cannot be cured, another host ends the bidding with a public reason: nobody has it, what is still sealed is never opened, and every deposit goes back.",
    );
}

/// What the host of the bidding may do to its clocks.
fn interruptions(text: &mut RuleText, rules: &Snapshot) -> Result<(), Problem> {
    let (zh, en) = rules.span("extend_limit").map_err(|error| unruled(&error))?.spoken();
    pauses(text);
    text.say(
        format!("主持人可以公开理由延长竞价，每次不超过{zh}；结束时间只会推迟，不会提前。"),
        format!("The host may extend the bidding with a public reason, by at most {en} at a time; the end only ever moves to later."),
    );
    // Rules announced before there was this one go without it.
    if let (Ok(least), Ok(window)) = (rules.span("outage_least"), rules.span("outage_window")) {
        let ((least_zh, least_en), (window_zh, window_en)) = (least.spoken(), window.spoken());
        text.say(
            format!("系统中断{least_zh}以上且与竞价最后{window_zh}重叠的，不按原时间结束，结束时间延至恢复后{window_zh}，并公开说明。"),
            format!(
                "If the market stands still for {least_en} or more and that overlaps the last {window_en} of the bidding, it does not end as before but {window_en} after the market runs again, and says so."
            ),
        );
    }
    Ok(())
}

fn order(text: &mut RuleText, bidding: &Bidding) {
    text.say(
        format!(
            "出价是否及时，以整个请求到达服务器的时间为准；出价先后以序号为准。结束后系统留有{}毫秒，仅用于裁定已及时到达的出价。",
            bidding.close_grace_ms
        ),
        format!(
            "Whether a bid is in time is decided by when its whole request reached the server; its sequence number decides its place. After the end {} ms are kept only to decide what arrived in time.",
            bidding.close_grace_ms
        ),
    );
    if matches!(bidding.format, Format::Dutch { .. }) {
        dutch::order(text);
    } else {
        lapsing(text, bidding.direction);
    }
}

/// When a bid lapses that was made.
fn lapsing(text: &mut RuleText, direction: Direction) {
    let (zh, en) = match direction {
        Direction::Ascending => ("高", "higher"),
        Direction::Descending => ("低", "lower"),
    };
    text.say(
        format!("出价不可撤回；有更{zh}出价时，先前出价失效。竞价期间竞买人以代号显示。"),
        format!("A bid cannot be withdrawn; it lapses when a {en} one is made. During the bidding bidders appear under pseudonyms."),
    );
}

fn afterwards(text: &mut RuleText, bidding: &Bidding, rules: &Snapshot) -> Result<(), Problem> {
    let span = |name: &str| rules.span(name).map(Span::spoken).map_err(|error| unruled(&error));
    let (sign_zh, sign_en) = span("confirm_deadline")?;
    let (contract_zh, contract_en) = span("contract_deadline")?;
    text.say(
        format!("成交后{sign_zh}内由双方签署成交确认书，逾期未签的一方构成违约；确认后{contract_zh}内签订交易合同。"),
        format!(
            "Both parties sign the deal confirmation within {sign_en}; who has not signed by then is in default. The contract is signed within {contract_en} of the confirmation."
        ),
    );
    let is_weighted = matches!(bidding.format, Format::Weighted { .. });
    let next = match bidding.direction {
        _ if is_weighted => "综合评分次位的",
        Direction::Ascending => "次高",
        Direction::Descending => "次低",
    };
    if bidding.next_bidder_rule {
        let by_total = if is_weighted { " The runner-up is the next in the published order of totals." } else { "" };
        let (zh, en) = span("next_bidder_accept")?;
        let (own_zh, own_en) = match bidding.format {
            _ if bidding.proxy => ("最高金额", "maximum"),
            Format::Rounds { .. } => ("最后报价", "last offer"),
            _ => ("最后出价", "last bid"),
        };
        text.say(
            format!(
                "受让方违约的，征询{next}出价人是否以其本人{own_zh}受让（须达到保留价），限{zh}内答复，仅征询一次；{next}出价人的保证金保留至成交确认或其不受让；其在被征询前声明不受让的，保证金立即解除冻结，此后不再征询；其受让的，视同受让方。"
            ),
            format!(
                "If the winner defaults, the runner-up is asked once to buy at his own {own_en}, if that reaches the reserve, with {en} to answer; his deposit is kept until the deal is confirmed or he does not take the lot. He may decline before he is asked: his deposit is then released at once, and nobody is asked. If he takes it, he is in the winner's place.{by_total}"
            ),
        );
    } else {
        text.say(format!("受让方违约的，不递补{next}出价人。"), "If the winner defaults, the runner-up is not asked.");
    }
    Ok(())
}

fn plural(count: i64, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A number of seconds in the largest unit that is exact.
pub(super) fn duration(seconds: i64) -> (String, String) {
    for (size, zh, en) in [(3_600, "小时", "hour"), (60, "分钟", "minute")] {
        if seconds % size == 0 {
            return (format!("{}{zh}", seconds / size), plural(seconds / size, en));
        }
    }
    (format!("{seconds}秒"), plural(seconds, "second"))
}

/// An amount in Chinese.
pub(super) fn yuan(money: Money) -> String {
    format!("人民币{}元", money.decimal())
}

/// An amount in English.
pub(super) fn cny(money: Money) -> String {
    format!("CNY {}", money.decimal())
}

/// Ten-thousandths as a percentage.
pub fn percent(rate_bp: u32) -> String {
    let (whole, rest) = (rate_bp / 100, rate_bp % 100);
    match rest {
        0 => format!("{whole}%"),
        rest if rest % 10 == 0 => format!("{whole}.{}%", rest / 10),
        rest => format!("{whole}.{rest:02}%"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
