//! Bid after bid, up or down: the three ways to close, holders who may meet the price that stands or are asked after it, and buying
//! at once.

use entity::auctions::{ClosingMode, Direction, LotTerms, Preemption, Reserve, StepBase};
use entity::money::Money;
use serde_json::json;

use super::dice::Dice;
use super::play::Play;
use super::preemption::asking_or_not;
use crate::auctions::rules::judge::Attempt;
use crate::auctions::rules::tests::terms;
use crate::auctions::rules::{buy_now, step};

pub(super) fn any_terms(dice: &mut Dice, closing_mode: ClosingMode) -> LotTerms {
    let free_period_seconds = 60 + dice.below(600);
    let direction = if dice.one_in(3) { Direction::Descending } else { Direction::Ascending };
    let (start, reserve) = (1 + dice.below(2_000), dice.below(4_000));
    let preemption = (direction.is_ascending() && dice.one_in(2)).then_some(Preemption::Parity {});
    let at_once = direction.is_ascending() && preemption.is_none() && dice.one_in(2);
    LotTerms {
        closing_mode,
        start_price: Money::fen(start),
        reserve: Reserve::Open { amount: Money::fen(reserve) },
        step: dice.step(),
        step_base: if dice.one_in(2) { StepBase::StartPrice } else { StepBase::BestBid },
        multiples_only: dice.one_in(2),
        enforce_step: !dice.one_in(4),
        allow_self_raise: dice.one_in(3),
        direction,
        free_period_seconds,
        timed_cycle_seconds: 10 + dice.below(120),
        max_duration_seconds: dice.one_in(3).then(|| free_period_seconds + dice.below(300)),
        min_bidders: 1 + u32::from(dice.one_in(2)),
        preemption,
        buy_now: at_once.then(|| Money::fen((start + 1 + dice.below(2_000)).max(reserve))),
        ..terms()
    }
}

/// A price close to what would do: worse, just that, or some way better.
fn price(play: &Play, dice: &mut Dice) -> i64 {
    let (lot, least) = (&play.lot, step::next_price(&play.lot).unwrap_or(1));
    let better = match dice.below(6) {
        0 => -1 - dice.below(20),
        1 => dice.below(50),
        2 => step::step_at(&lot.terms, lot.price_minor) * dice.below(4),
        // The price that stands, where that may do.
        3 | 4 if lot.terms.preemption.is_some() => lot.price_minor.map_or(0, |stands| stands - least),
        _ => 0,
    };
    if lot.terms.direction.is_ascending() { (least + better).max(1) } else { (least - better).max(0) }
}

/// Somebody bids; now and then several come to their turn together.
pub(super) fn bids(play: &mut Play, dice: &mut Dice) {
    let mut attempts = Vec::new();
    for arrival in play.arrive_together(dice) {
        let (who, fen) = (dice.bidder(), price(play, dice));
        attempts.push(play.attempt(dice, who, fen, arrival));
    }
    play.bids(&attempts);
}

/// Somebody tries to buy the lot at once, at the price announced.
pub(super) fn buys(play: &mut Play, dice: &mut Dice) {
    let (arrival, who) = (play.arrives(dice), dice.bidder());
    let attempt = play.attempt(dice, who, 1, arrival);
    let judged = buy_now::buy(&play.lot, &attempt);
    let Attempt { pseudonym, suspended, .. } = &attempt;
    let refusal = judged.outcomes.iter().find_map(|outcome| outcome.as_ref().err());
    play.answered("buy", &json!([arrival.timestamp_micros(), pseudonym, suspended]), refusal);
    play.takes_all(judged.events, judged.lot);
}

/// A bid, or an attempt to buy at once, which is seldom made where it was not announced.
pub(super) fn bids_or_buys(play: &mut Play, dice: &mut Dice) {
    let seldom = if play.lot.terms.buy_now.is_some() { 5 } else { 60 };
    if dice.one_in(seldom) { buys(play, dice) } else { bids(play, dice) }
}

pub(super) fn history(dice: &mut Dice, mode: ClosingMode) -> Play {
    let terms = any_terms(dice, mode);
    let terms = asking_or_not(dice, terms);
    let admitted = dice.admitted(&terms);
    Play::announced(dice, terms, admitted).goes(dice, 12, bids_or_buys).ends()
}
