//! What bidders are told of rights of pre-emption, from what the lot runs on.

use entity::auctions::Preemption;

use super::offer::{Offer, OfferedHolder, holders_by_rank};
use super::pricing::Bidding;
use super::rule_text::RuleText;

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
        "A holder applies and pays the deposit like anybody else, and uses the right in the bidding; whoever is not admitted has waived it.",
    );
    match preemption {
        Preemption::Parity {} => parity(text),
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
