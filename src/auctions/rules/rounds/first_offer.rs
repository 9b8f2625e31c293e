//! When a first offer may be sealed, and what it must be.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{LotState, lot};
use entity::money::Money;

use super::{book, is_by_rounds};
use crate::auctions::rules::clock;
use crate::auctions::rules::pause::wrong_state;
use crate::platform::problem::{Code, Problem};

/// Whether a first offer that arrives at an instant may be sealed: before bidding opens, and at the start price or above.
pub fn may_seal(lot: &lot::Model, suspended: bool, price: Money, arrival: Timestamp) -> Result<(), Problem> {
    let (_, ahead) = clock::advance(lot, arrival);
    if !is_by_rounds(&lot.terms) || !is_in_time(&ahead, arrival) {
        return Err(wrong_state(&ahead));
    }
    if suspended {
        return Err(Code::BidderSuspended.into());
    }
    let start = lot.terms.start_price;
    if price.currency == start.currency && price.minor >= start.minor { Ok(()) } else { Err(Code::TooLow.with("at_least", start)) }
}

fn is_in_time(ahead: &lot::Model, arrival: Timestamp) -> bool {
    if clock::awaits_opening(ahead) {
        // A pause stops the clock: how far the opening is does not change in it.
        let stands_at = ahead.pause.as_ref().map_or(arrival, |pause| pause.at);
        // Also where registration closes late, so that bidding waits for it.
        return clock::opens_by_itself_at(ahead).is_none_or(|opens_at| stands_at < opens_at);
    }
    // The host has opened it since, and the first offers are not opened yet.
    ahead.state == LotState::OpenFree && book(ahead).is_none() && arrival < ahead.opens_at
}

/// When a first offer counts as arrived: not before the last that was sealed in its lot, and after its bidder's own last, so that
/// everybody can tell which of his is the last.
pub fn counts_at(arrival: Timestamp, last: Option<Timestamp>, own: Option<Timestamp>) -> Timestamp {
    let after_it = own.map(|own| own + TimeDelta::microseconds(1));
    [last, after_it].into_iter().flatten().fold(arrival, Ord::max)
}

/// The instant of a deed in a lot, of whose first offers the last was sealed then: as long as they are sealed, nothing is done
/// before one of them, or the opening would be.
pub fn moment(lot: &lot::Model, last_sealed: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match last_sealed.filter(|_| clock::awaits_opening(lot)) {
        Some(sealed) => now.max(sealed + TimeDelta::microseconds(1)),
        None => now,
    }
}
