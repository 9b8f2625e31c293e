//! Whether a bid may be sealed.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Direction, LotState, lot};
use entity::money::Money;

use super::opening::{among, are_sealed, round};
use crate::auctions::rules::clock;
use crate::auctions::rules::direction::{LEAST, better};
use crate::auctions::rules::judge::{Attempt, after_the_opening, in_time, wrong_format};
use crate::auctions::rules::preemption::{round_of, round_since};
use crate::platform::problem::{Code, Problem};

/// Judges an attempt to seal a bid: the round it is for, and when it counts as arrived, which is always after the `last` bid
/// of the same bidder, so that everybody can tell which was the last. It changes nothing in the lot, so that nobody learns of it.
pub fn judge(lot: &lot::Model, attempt: &Attempt, last: Option<Timestamp>) -> Result<(i32, Timestamp), Problem> {
    if !are_sealed(lot) {
        return Err(wrong_format(lot));
    }
    let after_it = last.map(|last| last + TimeDelta::microseconds(1));
    let at = [lot.last_arrival, after_it].into_iter().flatten().fold(attempt.arrival, Ord::max);
    // A lot whose time has come is open, whether or not its timer has been served yet.
    let (_, lot) = clock::advance(lot, at);
    after_the_opening(&lot, attempt.arrival)?;
    // It arrived for a round that was opened, or before one that had not begun, when it came to its turn: that is our failure, not
    // the bidder's.
    let opened_at = lot.opened.as_ref().map(|opened| opened.at);
    if [opened_at, round_since(&lot)].into_iter().flatten().any(|since| attempt.arrival < since) {
        return Err(Code::Busy.into());
    }
    may_seal(&lot, &attempt.pseudonym, attempt.suspended, at)?;
    good_enough(&lot, attempt.price)?;
    Ok((round(&lot), at))
}

/// Whether an admitted bidder may seal a bid at an instant, whatever the price.
pub fn may_seal(lot: &lot::Model, pseudonym: &str, suspended: bool, at: Timestamp) -> Result<(), Problem> {
    let is_among_holders = lot.state == LotState::PreemptionAsk && round_of(lot).is_some();
    if !is_among_holders {
        in_time(lot, at)?;
    } else if at >= lot.closes_at {
        return Err(Code::Closed.with("closes_at", lot.closes_at).with("arrived_at", at));
    }
    if suspended {
        return Err(Code::BidderSuspended.into());
    }
    match among(lot) {
        Some(round) if !round.bidders.iter().any(|bidder| bidder == pseudonym) => Err(Code::NotInTieRound.into()),
        _ => Ok(()),
    }
}

/// Whether a price may be sealed now.
pub(super) fn good_enough(lot: &lot::Model, price: Money) -> Result<(), Problem> {
    let money = |minor| Money { minor, currency: lot.currency };
    let (direction, limit) = (lot.terms.direction, limit(lot));
    let is_within = price.currency == lot.currency && !better(limit, price.minor, direction);
    match direction {
        Direction::Descending if price.minor < LEAST => Err(Code::TooLow.with("at_least", money(LEAST))),
        Direction::Descending if !is_within => Err(Code::TooHigh.with("at_most", money(limit))),
        Direction::Ascending if !is_within => Err(Code::TooLow.with("at_least", money(limit))),
        Direction::Ascending | Direction::Descending => Ok(()),
    }
}

/// The worst price that may be bid now, the least or in a descending lot the most: the start price, what the best have bid who are
/// tied, or what holders take the lot at.
pub fn limit(lot: &lot::Model) -> i64 {
    among(lot).map_or(lot.terms.start_price.minor, |round| round.at_least.minor)
}
