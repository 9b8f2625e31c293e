//! What bidders are told of rights of pre-emption, from what the lot runs on.

use entity::auctions::{Format, Preemption};

use super::offer::{Offer, OfferedHolder, holders_by_rank};
use super::pricing::Bidding;
use super::rule_text::{RuleText, duration};

/// Who holds such rights, and how they are used; nothing where there are none.
pub fn told(text: &mut RuleText, offer: &Offer, bidding: &Bidding) {
    let (Some(named), Some(preemption)) = (&offer.auction.preemption, &bidding.preemption) else { return };
    let holders = holders_by_rank(named);
    let all = |one: fn(&OfferedHolder) -> String, between: &str| holders.iter().map(|holder| one(holder)).collect::<Vec<_>>().join(between);
    text.say(
        format!("本标的有优先购买权人：{}。", all(|holder| format!("第{}顺位（{}）", holder.rank, holder.basis), "，")),
        format!("There are holders of a right of pre-emption: {}.", all(|holder| format!("rank {} ({})", holder.rank, holder.basis), ", ")),
    );
    text.say(
        "优先购买权人须照常报名并交纳保证金，场内行权；未取得竞买资格的，视为放弃。",
        "A holder applies and pays the deposit like anybody else, and uses the right here; whoever is not admitted has waived it.",
    );
    match preemption {
        Preemption::Parity {} => parity(text),
        Preemption::AskAfter { answer_seconds, round_seconds } => ask_after(text, bidding, *answer_seconds, *round_seconds),
    }
}

fn parity(text: &mut RuleText) {
    text.say(
        "优先购买权人可以按当前最高价出价，无须加价，并取得领先，先前出价失效；当前最高出价人为同一顺位或在先顺位的优先购买权人的除外。其后无人出更高价的，由其受让。",
        "A holder may bid the highest price itself, without adding a step, and then leads, the earlier bid lapsing; except where the highest bidder is a holder of the same or a better rank. If nobody goes higher, the holder has it.",
    );
    text.say(
        "优先购买权人的每次出价均公开其顺位；按当前最高价的出价与其他有效出价同样延长竞价。",
        "Every bid of a holder says its rank; a bid at the highest price extends the bidding like any valid bid.",
    );
}

/// When holders are asked after the bidding, about which price, and beside whom, in both languages.
struct Asked {
    when: [&'static str; 2],
    price: [&'static str; 2],
    leader: [&'static str; 2],
}

const THE_PRICE: [&str; 2] = ["该价格", "that price"];
const HIGHEST_BIDDER: [&str; 2] = ["最高出价人", "the highest bidder"];
const BEST_OF_SEALED: [&str; 2] = ["依前述规则应成交者", "the bidder who would have it"];

/// How it is in a format. Where one finds several prices, or more than a price, nobody is asked.
fn asked(bidding: &Bidding) -> Option<Asked> {
    Some(match bidding.format {
        Format::English {} if bidding.proxy => Asked {
            when: [
                "竞价结束、最高金额依规则公开后，成交价格达到保留价的",
                "When the bidding has ended, the maxima are opened as said, and the price they make reaches the reserve",
            ],
            price: THE_PRICE,
            leader: ["领先者", "the leader"],
        },
        Format::English {} => Asked {
            when: ["竞价结束且最高出价达到保留价的", "When the bidding has ended with a highest bid that reaches the reserve"],
            price: THE_PRICE,
            leader: HIGHEST_BIDDER,
        },
        Format::Dutch { .. } => Asked {
            when: ["有人应价、竞价即时结束后", "When somebody's bid has ended the bidding"],
            price: ["应价时的时钟价格", "the price at which he would have it"],
            leader: ["应价人", "that bidder"],
        },
        Format::FirstPrice { .. } | Format::OneShot { .. } => Asked {
            when: [
                "全部报价开启后，有并列者再报价一轮的在该轮报价开启后，最高报价达到保留价的",
                "When all bids are opened, those of a further round among equals too if there is one, and the highest reaches the reserve",
            ],
            price: THE_PRICE,
            leader: BEST_OF_SEALED,
        },
        Format::Vickrey {} => Asked {
            when: ["全部报价开启后，最高报价达到保留价的", "When all bids are opened and the highest reaches the reserve"],
            price: ["其应付的价格", "the price which he would pay"],
            leader: BEST_OF_SEALED,
        },
        Format::Rounds { .. } => Asked {
            when: ["公布结果时，最高报价达到保留价的", "When the result comes and the highest offer reaches the reserve"],
            price: THE_PRICE,
            leader: ["报价最高者", "the bidder with that offer"],
        },
        Format::Weighted { .. } | Format::UniformPrice { .. } | Format::PayAsBid { .. } => return None,
    })
}

fn ask_after(text: &mut RuleText, bidding: &Bidding, answer_seconds: i64, round_seconds: Option<i64>) {
    let Some(asked) = asked(bidding) else { return };
    match round_seconds {
        None => one_after_another(text, &asked, answer_seconds),
        Some(round_seconds) => rank_by_rank(text, &asked, answer_seconds, round_seconds),
    }
    let [leader_zh, leader] = asked.leader;
    text.say(
        format!("{leader_zh}本人为优先购买权人的，仅征询在先顺位的；被暂停竞买资格的不征询。"),
        format!("Where {leader} is a holder himself, only those of a better rank are asked; whoever is suspended is not."),
    );
    interruptions(text, bidding);
    if round_seconds.is_some() {
        text.say(
            "该轮再报价期间的暂停、延长和系统中断，同样处理。",
            "A pause, an extension or an outage moves the end of that round in the same way.",
        );
    }
}

fn one_after_another(text: &mut RuleText, asked: &Asked, answer_seconds: i64) {
    let (zh, en) = duration(answer_seconds);
    let Asked { when: [when_zh, when], price: [price_zh, price], leader: [leader_zh, leader] } = asked;
    text.say(
        format!("{when_zh}，按顺位逐一征询{leader_zh}以外的优先购买权人是否以{price_zh}受让，同一顺位的先报名者在先，每人限{zh}内答复；首先答应的受让，均不受让或逾期未答复的，由{leader_zh}受让。"),
        format!(
            "{when}, the holders other than {leader} are asked one after another by rank, of one rank whoever applied earlier first, whether they take the lot at {price}, each with {en} to answer; the first who takes it has it, and where nobody does or answers in time, {leader} has it."
        ),
    );
}

/// Those of one rank are asked at once, and several of them who take the lot bid once more.
fn rank_by_rank(text: &mut RuleText, asked: &Asked, answer_seconds: i64, round_seconds: i64) {
    let ((zh, en), (round_zh, round)) = (duration(answer_seconds), duration(round_seconds));
    let Asked { when: [when_zh, when], price: [price_zh, price], leader: [leader_zh, leader] } = asked;
    text.say(
        format!("{when_zh}，按顺位征询{leader_zh}以外的优先购买权人是否以{price_zh}受让，同一顺位的同时征询，每人限{zh}内答复；同一顺位仅一人答应的，由其受让；均不受让或逾期未答复的，征询下一顺位；各顺位均无人受让的，由{leader_zh}受让。"),
        format!(
            "{when}, the holders other than {leader} are asked rank by rank, all of one rank at once, whether they take the lot at {price}, each with {en} to answer; whoever alone of his rank takes it has it; where nobody of a rank does or answers in time, the next rank is asked, and where nobody of any rank does, {leader} has it."
        ),
    );
    text.say(
        format!("同一顺位有数人答应的，由其密封再报价一轮，限时{round_zh}，不得低于前述价格，截止前可重新报价，以最后一次为准，截止后同时开启；报价最高者按其报价受让，报价相同的，密封在先者受让；无人报价的，由最先答应者按前述价格受让。"),
        format!(
            "Where several of one rank take it, they seal one more bid each within {round}, not below that price; a later bid of the same holder replaces the earlier one, and all are opened at once after the end; the highest has the lot and pays his own bid, of equal ones the one that was sealed earlier; where nobody seals one, whoever took it first has it at that price."
        ),
    );
}

/// What moves the time to answer.
fn interruptions(text: &mut RuleText, bidding: &Bidding) {
    if !matches!(bidding.format, Format::Rounds { .. }) {
        text.say(
            "征询期间的暂停、延长和系统中断，按竞价结束时间同样处理。",
            "While somebody is asked, a pause, an extension or an outage moves his time as it would the end of the bidding.",
        );
        return;
    }
    // There an outage gives a turn again, and an answer has none.
    text.say("征询期间的暂停和延长，顺延其答复时间。", "While somebody is asked, a pause or an extension moves his time by as much.");
    if let Some(window) = bidding.limits.outage_window {
        let (zh, en) = duration(window);
        text.say(
            format!("计入的系统中断与其答复时间的最后{zh}重叠的，其答复时间延至恢复后{zh}。"),
            format!("An outage that counts and overlaps the last {en} of his time gives him {en} after the market runs again."),
        );
    }
}
