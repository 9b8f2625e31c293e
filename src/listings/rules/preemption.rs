//! What bidders are told of rights of pre-emption, from what the lot runs on.

use entity::auctions::Preemption;

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
        Preemption::AskAfter { answer_seconds } => ask_after(text, *answer_seconds),
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

fn ask_after(text: &mut RuleText, answer_seconds: i64) {
    let (zh, en) = duration(answer_seconds);
    text.say(
        format!("竞价结束且最高出价达到保留价的，按顺位逐一征询最高出价人以外的优先购买权人是否以该价格受让，同一顺位的先报名者在先，每人限{zh}内答复；首先答应的受让，均不受让或逾期未答复的，由最高出价人受让。"),
        format!(
            "When the bidding has ended with a highest bid that reaches the reserve, the holders other than the highest bidder are asked one after another by rank, of one rank whoever applied earlier first, whether they take the lot at that price, each with {en} to answer; the first who takes it has it, and where nobody does or answers in time, the highest bidder has it."
        ),
    );
    text.say(
        "最高出价人本人为优先购买权人的，仅征询在先顺位的；被暂停竞买资格的不征询。征询期间的暂停、延长和系统中断，按竞价结束时间同样处理。",
        "Where the highest bidder is a holder himself, only those of a better rank are asked; whoever is suspended is not. While somebody is asked, a pause, an extension or an outage moves his time as it would the end of the bidding.",
    );
}
