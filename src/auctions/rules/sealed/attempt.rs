//! Whether a bid may be sealed.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{TieRound, lot};
use entity::money::Money;

use super::opening::round;
use crate::auctions::rules::clock;
use crate::auctions::rules::judge::{Attempt, after_the_opening, in_time, wrong_format};
use crate::platform::problem::{Code, Problem};

/// Judges an attempt to seal a bid: the round it is for, and when it counts as arrived, which is always after the `last` bid
/// of the same bidder, so that everybody can tell which was the last. It changes nothing in the lot, so that nobody learns of it.
pub fn judge(lot: &lot::Model, attempt: &Attempt, last: Option<Timestamp>) -> Result<(i32, Timestamp), Problem> {
    if !lot.terms.format.is_sealed() {
        return Err(wrong_format(lot));
    }
    let after_it = last.map(|last| last + TimeDelta::microseconds(1));
    let at = [lot.last_arrival, after_it].into_iter().flatten().fold(attempt.arrival, Ord::max);
    // A lot whose time has come is open, whether or not its timer has been served yet.
    let (_, lot) = clock::advance(lot, at);
    after_the_opening(&lot, attempt.arrival)?;
    // It arrived for a round that was opened before it came to its turn: that is our failure, not the bidder's.
    if lot.opened.as_ref().is_some_and(|opened| attempt.arrival < opened.at) {
        return Err(Code::Busy.into());
    }
    may_seal(&lot, &attempt.pseudonym, attempt.suspended, at)?;
    let floor = Money { minor: at_least(&lot), currency: lot.currency };
    if attempt.price.currency != floor.currency || attempt.price.minor < floor.minor {
        return Err(Code::TooLow.with("at_least", floor));
    }
    Ok((round(&lot), at))
}

/// Whether an admitted bidder may seal a bid at an instant, whatever the price.
pub fn may_seal(lot: &lot::Model, pseudonym: &str, suspended: bool, at: Timestamp) -> Result<(), Problem> {
    in_time(lot, at)?;
    if suspended {
        return Err(Code::BidderSuspended.into());
    }
    match tie(lot) {
        Some(tie) if !tie.bidders.iter().any(|bidder| bidder == pseudonym) => Err(Code::NotInTieRound.into()),
        _ => Ok(()),
    }
}

/// The least that may be bid now: the start price, or what those tied at the top have bid.
pub fn at_least(lot: &lot::Model) -> i64 {
    tie(lot).map_or(lot.terms.start_price.minor, |tie| tie.at_least.minor)
}

/// The round among equals, once there is one.
fn tie(lot: &lot::Model) -> Option<&TieRound> {
    lot.opened.as_ref().and_then(|opened| opened.tie.as_ref())
}
