//! What holds where bids are maxima.

use entity::auctions::Reserve;

use super::super::pricing::Bidding;
use super::{RuleText, step_in_words};
use crate::auctions::rules::proxy::MOST_RAISES;

/// What bidders are told of steps and prices there.
pub(super) fn say(text: &mut RuleText, bidding: &Bidding) {
    text.say(
        "本标的采用代理出价：出价是竞买人愿付的最高金额，系统仅按需要代其出价；最高金额高者领先，相同的先到者领先。",
        "Bids are maxima: a bid is the most its bidder will pay, and the platform bids for him no more than is needed; the highest maximum leads, of equals the earlier.",
    );
    let (zh, en) = step_in_words(bidding);
    if bidding.enforce_step {
        text.say(
            format!("加价幅度：{zh}；其后他人的每次出价至少比当前价高一个幅度。"),
            format!("The step is {en}; each later bid of anybody but the leader lies at least one step above the price."),
        );
    } else {
        text.say(
            format!("加价幅度：{zh}；其仅用于计算价格，出价高于当前价即可。"),
            format!("The step is {en}; it only makes the price, and any bid above the price will do."),
        );
    }
    text.say(
        "仅一名竞买人出价的，价格为起拍价；否则价格为其他竞买人的最高金额加一个按该金额计算的加价幅度，但不超过领先者的最高金额，也不低于起拍价。",
        "With one bidder the price is the start price; otherwise it is the best maximum of anybody but the leader and one step, reckoned at that maximum, at most the leader's own and at least the start price.",
    );
    text.say(
        format!("领先者可以提高自己的最高金额，每次取得领先后至多{MOST_RAISES}次；价格按同一规则重新计算，竞价不因此延长。"),
        format!(
            "The leader may raise his own maximum, {MOST_RAISES} times at most each time he has taken the lead; the price is then reckoned anew by the same rule, and the bidding is not extended for it."
        ),
    );
    if bidding.reserve != (Reserve::None {}) {
        text.say(
            "竞价结束时价格低于保留价而领先者的最高金额达到保留价的，以保留价成交。",
            "If at the end the price lies below the reserve and the leader's maximum reaches it, the lot is sold at the reserve.",
        );
    }
    text.say(
        "竞价结束前，最高金额不向他人公开；结束时公开所有未胜出的最高金额，对受让方的仅证明其不低于成交价；未成交的，全部公开。",
        "Before the end nobody else is told a maximum; then every losing one is opened, and of the winner's it is only shown that it reaches the price. If the lot is not sold, all are opened.",
    );
}
