//! What bidders are told of prices and steps where bids descend.

use entity::auctions::{Reserve, Step, StepBase};
use entity::money::Money;

use super::pricing::Bidding;
use super::rule_text::{RuleText, cny, duration, step_in_words, yuan};
use crate::auctions::rules::direction::LEAST;

/// Start price and reserve.
pub fn prices(text: &mut RuleText, bidding: &Bidding) {
    let start = bidding.start_price;
    let least = Money { minor: LEAST, ..start };
    text.say(
        format!("起拍价{}，首次出价不得高于起拍价，可以等于起拍价；其后出价逐次降低，以最低有效出价成交。", yuan(start)),
        format!(
            "The start price is {}; the first bid is no higher and may equal it. Later bids go down, and the lowest valid bid wins at its own amount.",
            cny(start)
        ),
    );
    text.say(format!("任何出价不得低于{}。", yuan(least)), format!("No bid is below {}.", cny(least)));
    reserve(text, bidding);
}

/// The same where bids are sealed.
pub fn sealed_prices(text: &mut RuleText, bidding: &Bidding) {
    let start = bidding.start_price;
    let least = Money { minor: LEAST, ..start };
    text.say(format!("起拍价{}，报价不得高于起拍价。", yuan(start)), format!("The start price is {}; no bid may be higher.", cny(start)));
    text.say(format!("任何报价不得低于{}。", yuan(least)), format!("No bid is below {}.", cny(least)));
    reserve(text, bidding);
}

/// What comes of sealed bids at their own price, where the round among equals is of such a length.
pub fn sealed_outcome(text: &mut RuleText, tie_round_seconds: i64) {
    let (zh, en) = duration(tie_round_seconds);
    text.say("最低报价者以其报价成交。", "The lowest bid wins at its own price.");
    text.say(
        format!(
            "最低报价并列且不高于保留价的，由并列者再密封报价一轮，时长{zh}，不得高于并列价，最低者成交；再次并列的，其中首轮报价在先者以该并列价成交；无人报价的，首轮报价在先者以首轮并列价成交。"
        ),
        format!(
            "If the lowest bids are equal and no higher than the reserve, those who made them may seal one more within {en}, at most at the price they are tied at, and the lowest wins; if these are equal again, of them the one who was the earlier in the round before wins at that price, and if nobody bids, the earliest of the round before wins at the price they are tied at."
        ),
    );
}

fn reserve(text: &mut RuleText, bidding: &Bidding) {
    match &bidding.reserve {
        Reserve::None {} => text.say("本标的无保留价。", "There is no reserve price."),
        Reserve::Open { amount } => text.say(
            format!("保留价{}；最低出价高于保留价的，该出价不发生效力。", yuan(*amount)),
            format!("The reserve price is {}; a lowest bid above it has no effect.", cny(*amount)),
        ),
        Reserve::Secret { commitment } => text.say(
            format!("本标的设有保密保留价，竞价结束时公开；最低出价高于保留价的，该出价不发生效力。其加盐哈希（SHA-256）为{commitment}。"),
            format!(
                "There is a secret reserve price, opened at the close; a lowest bid above it has no effect. Its salted hash (SHA-256) is {commitment}."
            ),
        ),
    }
}

/// How much lower each bid is.
pub fn step(text: &mut RuleText, bidding: &Bidding) {
    if bidding.enforce_step {
        let (zh, en) = step_in_words(bidding);
        let (also_zh, also_en) = if bidding.multiples_only {
            ("，且降价须为降价幅度的整数倍", ", and a bid must lie a whole number of steps lower")
        } else {
            ("", "")
        };
        text.say(
            format!("降价幅度：{zh}；其后每次出价至少降价一个幅度{also_zh}。"),
            format!("The step is {en}; each later bid lies at least one step lower{also_en}."),
        );
        if matches!((&bidding.step, bidding.step_base), (Step::Ladder { .. }, StepBase::BestBid)) {
            text.say("最低价低于首级起点的，适用首级幅度。", "Below where the first of these begins, it goes on to apply.");
        }
    } else {
        text.say("不设降价幅度，出价低于当前最低价即可。", "No step is demanded; any bid below the lowest will do.");
    }
    if bidding.allow_self_raise {
        text.say("当前最低出价人可以自行降价。", "The lowest bidder may lower his own bid.");
    } else {
        text.say("当前最低出价人不得自行降价。", "The lowest bidder may not lower his own bid.");
    }
}
