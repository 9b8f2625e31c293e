//! English auction (多次报价), ascending or descending: what a bid must be, and when the lot closes after it.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, Direction, LotState, lot};
use entity::money::Money;

use super::clock;
use super::direction::{LEAST, better};
use super::step::{is_whole_steps, next_price};
use crate::planted::{self, Fault};
use crate::platform::problem::{Code, Problem};

/// Whether a price is good enough to take the lead.
pub fn good_enough(lot: &lot::Model, price: Money) -> Result<(), Problem> {
    let direction = lot.terms.direction;
    let next = next_price(lot);
    let leads = next.is_some_and(|next| price.currency == lot.currency && !better(next, price.minor, direction));
    if !leads || price.minor < LEAST {
        return Err(not_good_enough(lot, price, next));
    }
    if lot.terms.multiples_only && !is_whole_steps(lot, price.minor) {
        let step = Money { minor: super::step::step_at(&lot.terms, lot.price_minor), currency: lot.currency };
        return Err(Code::NotAStep.with("step", step));
    }
    Ok(())
}

/// The refusal of a price that does not take the lead, with the one that would.
fn not_good_enough(lot: &lot::Model, price: Money, next: Option<i64>) -> Problem {
    let money = |minor| Money { minor, currency: lot.currency };
    match (lot.terms.direction, next) {
        (Direction::Descending, _) if price.minor < LEAST => Code::TooLow.with("at_least", money(LEAST)),
        // Where nothing is so low that it would do, that is nothing at most.
        (Direction::Descending, next) => Code::TooHigh.with("at_most", money(next.unwrap_or(0))),
        (Direction::Ascending, Some(next)) => Code::TooLow.with("at_least", money(next)),
        (Direction::Ascending, None) => Code::TooLow.into(),
    }
}

/// When the lot closes after a bid that arrived at `arrival`: a deadline never moves back.
pub fn extended(lot: &lot::Model, arrival: Timestamp) -> Timestamp {
    let window = TimeDelta::seconds(lot.terms.timed_cycle_seconds);
    let wanted = match (lot.terms.closing_mode, lot.state) {
        (ClosingMode::TimedCycle, LotState::OpenTimed) => arrival + window,
        (ClosingMode::SoftClose, _) if lot.closes_at - arrival <= window => {
            if planted::is(Fault::ExtendedFromTheOldEnd) {
                lot.closes_at + window
            } else {
                arrival + window
            }
        }
        _ => lot.closes_at,
    };
    lot.closes_at.max(clock::capped(lot, wanted))
}
