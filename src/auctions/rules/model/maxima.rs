//! Bid after bid, where a bid is the most its bidder would pay.

use entity::auctions::{Direction, LotTerms};

use super::dice::Dice;
use super::english::{any_terms, buys};
use super::play::Play;
use super::preemption::asking_or_not;
use crate::auctions::rules::step;

/// A maximum from just below what would do to far above, and now and then the very one that stands.
fn maximum(play: &Play, dice: &mut Dice) -> i64 {
    let least = step::next_price(&play.lot).unwrap_or(1);
    match (dice.below(6), play.hidden) {
        (0, _) => (least - 1 - dice.below(20)).max(0),
        (1, Some(hidden)) => hidden.top,
        (2, Some(hidden)) => hidden.top + 1 + dice.below(300),
        (3, _) => least,
        _ => least + dice.below(1_500),
    }
}

fn bids(play: &mut Play, dice: &mut Dice) {
    let mut attempts = Vec::new();
    for arrival in play.arrive_together(dice) {
        let (who, fen) = (dice.bidder(), maximum(play, dice));
        attempts.push(play.attempt(dice, who, fen, arrival));
    }
    if let Some(stands) = play.hidden
        && attempts.iter().any(|attempt| attempt.price.minor == stands.top)
    {
        play.notes.push("met the maximum");
    }
    play.bids(&attempts);
}

pub(super) fn history(dice: &mut Dice) -> Play {
    let mode = dice.closing_mode();
    let terms = LotTerms {
        direction: Direction::Ascending,
        multiples_only: false,
        allow_self_raise: true,
        proxy: true,
        preemption: None,
        ..any_terms(dice, mode)
    };
    let terms = asking_or_not(dice, terms);
    let admitted = dice.admitted(&terms);
    let act = |play: &mut Play, dice: &mut Dice| {
        if play.lot.terms.buy_now.is_some() && dice.one_in(8) { buys(play, dice) } else { bids(play, dice) }
    };
    Play::announced(dice, terms, admitted).goes(dice, 8, act).ends()
}
