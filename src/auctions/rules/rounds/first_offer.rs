//! When a first offer may be sealed, and what it must be.

use entity::Timestamp;
use entity::auctions::{LotState, lot};
use entity::money::Money;

use super::is_by_rounds;
use crate::auctions::rules::clock;
use crate::auctions::rules::pause::wrong_state;
use crate::platform::problem::{Code, Problem};

/// Whether a first offer that arrives at an instant may be sealed: before bidding opens, and at the start price or above.
pub fn may_seal(lot: &lot::Model, suspended: bool, price: Money, arrival: Timestamp) -> Result<(), Problem> {
    let (_, ahead) = clock::advance(lot, arrival);
    // Also where registration closes late, so that bidding waits for it.
    let is_late = ahead.state == LotState::Scheduled && clock::opens_by_itself_at(&ahead).is_some_and(|opens_at| arrival >= opens_at);
    if !is_by_rounds(&lot.terms) || !clock::awaits_opening(&ahead) || is_late {
        return Err(wrong_state(&ahead));
    }
    if suspended {
        return Err(Code::BidderSuspended.into());
    }
    let start = lot.terms.start_price;
    if price.currency == start.currency && price.minor >= start.minor { Ok(()) } else { Err(Code::TooLow.with("at_least", start)) }
}
