//! English ascending auction (多次报价): what a bid must be, and when the lot closes after it.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, LotState, lot};
use entity::money::Money;

use super::clock;
use super::step::{is_whole_steps, next_price};
use crate::platform::problem::{Code, Problem};

/// Whether a price is high enough to take the lead.
pub fn high_enough(lot: &lot::Model, price: Money) -> Result<(), Problem> {
    let at_least = next_price(lot).map(|minor| Money { minor, currency: lot.currency });
    match at_least {
        Some(floor) if price.currency == floor.currency && price.minor >= floor.minor => {}
        Some(floor) => return Err(Code::TooLow.with("at_least", floor)),
        None => return Err(Code::TooLow.into()),
    }
    if lot.terms.multiples_only && !is_whole_steps(lot, price.minor) {
        let step = Money { minor: super::step::step_at(&lot.terms, lot.price_minor), currency: lot.currency };
        return Err(Code::NotAStep.with("step", step));
    }
    Ok(())
}

/// When the lot closes after a bid that arrived at `arrival`: a deadline never moves back.
pub fn extended(lot: &lot::Model, arrival: Timestamp) -> Timestamp {
    let window = TimeDelta::seconds(lot.terms.timed_cycle_seconds);
    let wanted = match (lot.terms.closing_mode, lot.state) {
        (ClosingMode::TimedCycle, LotState::OpenTimed) => arrival + window,
        (ClosingMode::SoftClose, _) if lot.closes_at - arrival <= window => arrival + window,
        _ => lot.closes_at,
    };
    lot.closes_at.max(clock::capped(lot, wanted))
}
