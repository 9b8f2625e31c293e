//! Holders of a right of pre-emption who are asked once bidding has ended.

use entity::auctions::{Direction, LotState, LotTerms, Preemption, Reserve};
use entity::money::Money;
use serde_json::json;

use super::dice::Dice;
use super::english::{any_terms, bids};
use super::play::{Play, name};
use crate::auctions::rules::log::Cause;
use crate::auctions::rules::preemption;

/// One of the four answers, mostly the one who is asked.
fn answers(play: &mut Play, dice: &mut Dice) {
    let drawn = dice.bidder();
    let asked = (1..=4).find(|who| preemption::asked(&play.lot).any(|holder| holder.bidder == name(*who)));
    let who = asked.filter(|_| !dice.one_in(5)).unwrap_or(drawn);
    let (bidder, takes, now) = (name(who), dice.one_in(3), play.now);
    let cause = Cause { admission: Some(play.admission(who)), ..Cause::default() };
    let outcome = preemption::answer(&play.lot, &bidder, false, takes, now, cause);
    play.answered("answer", &json!([now.timestamp_micros(), bidder, takes]), outcome.as_ref().err());
    if let Ok(step) = outcome {
        play.takes(step);
    }
}

fn act(play: &mut Play, dice: &mut Dice) {
    play.serves(play.now);
    let often = if play.lot.state == LotState::PreemptionAsk { 2 } else { 12 };
    if dice.one_in(often) { answers(play, dice) } else { bids(play, dice) }
}

pub(super) fn history(dice: &mut Dice) -> Play {
    let mode = dice.closing_mode();
    let terms = LotTerms {
        direction: Direction::Ascending,
        reserve: Reserve::Open { amount: Money::fen(dice.below(1_200)) },
        free_period_seconds: 30 + dice.below(150),
        timed_cycle_seconds: 10 + dice.below(60),
        max_duration_seconds: None,
        // The text does not tell when the timer comes.
        close_grace_ms: 0,
        buy_now: None,
        preemption: Some(Preemption::AskAfter { answer_seconds: 20 + dice.below(120), round_seconds: None }),
        ..any_terms(dice, mode)
    };
    let admitted = dice.admitted(&terms);
    Play::announced(dice, terms, admitted).goes(dice, 16, act).ends()
}
