//! Which bids must be confirmed, so that no slip binds anybody.

use entity::auctions::{Direction, Format, Preemption};

use super::RuleText;
use crate::listings::rules::pricing::Bidding;

/// Says how far a price may be from the one that stands without being confirmed. Rules from before there was this one go without it.
pub(super) fn say(text: &mut RuleText, bidding: &Bidding) {
    let Some(factor) = bidding.limits.jump_factor else { return };
    let (against_zh, against_en) = against(bidding);
    match bidding.direction {
        Direction::Ascending => text.say(
            format!("出价高于{against_zh}{factor}倍的，须注明确属本意，否则不予接受；至少须出到该价的除外。"),
            format!("A bid of more than {factor} times {against_en} is refused unless it is confirmed, or no less could be bid."),
        ),
        Direction::Descending => text.say(
            format!("出价低于{against_zh}除以{factor}的，须注明确属本意，否则不予接受；至多可出到该价的除外。"),
            format!("A bid of less than {against_en} divided by {factor} is refused unless it is confirmed, or no more could be bid."),
        ),
    }
}

/// What a price is held against: what everybody sees.
fn against(bidding: &Bidding) -> (String, String) {
    let format = &bidding.format;
    let (zh, en) = match format {
        Format::Dutch { .. } => ("时钟价格", "the price on the clock"),
        format if format.is_sealed() => ("起拍价", "the start price"),
        _ => return ("当前价格（尚无出价的，为起拍价）".into(), "the price that stands (before the first bid, the start price)".into()),
    };
    let has_round = bidding.preemption.as_ref().and_then(Preemption::round_seconds).is_some();
    let among_some = [
        (format.tie_round_seconds().is_some(), "（加轮中为并列的价格）", " (of equals, the price they are tied at)"),
        (has_round, "（数名权利人再报价的，为其应价）", " (of holders who bid once more, the price they take it at)"),
    ];
    among_some
        .into_iter()
        .filter(|(is_there, ..)| *is_there)
        .fold((zh.to_owned(), en.to_owned()), |told, (_, zh, en)| (told.0 + zh, told.1 + en))
}
