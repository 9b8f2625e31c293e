//! Descending clock (降价式): the price falls tick by tick from the start price to the floor, and the first to accept it has it.
//!
//! The price follows from the terms, the opening and the pauses, all of which the log tells, so that anybody can reckon it
//! for any instant. A pause stops the clock. More time, given by the host or after an outage, does not turn it back: it
//! lengthens the last tick.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Format, lot};
use entity::money::Money;

use super::clock;
use crate::platform::problem::{Code, Problem};

/// How the price on a clock falls, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fall {
    /// Where it starts.
    pub start: i64,
    /// Where it ends.
    pub floor: i64,
    /// By how much it falls with each tick.
    pub decrement: i64,
    /// How long a price stands, seconds.
    pub tick_seconds: i64,
}

impl Fall {
    /// How the price of a format falls; nothing where it does not.
    pub fn of(format: &Format, start: Money) -> Option<Self> {
        match format {
            Format::Dutch { floor, decrement, tick_seconds } => {
                Some(Self { start: start.minor, floor: floor.minor, decrement: decrement.minor, tick_seconds: *tick_seconds })
            }
            Format::English {}
            | Format::FirstPrice { .. }
            | Format::Vickrey {}
            | Format::OneShot { .. }
            | Format::Rounds { .. }
            | Format::Weighted { .. }
            | Format::UniformPrice { .. }
            | Format::PayAsBid { .. } => None,
        }
    }

    /// The price after so many whole ticks.
    pub fn after(self, ticks: i64) -> i64 {
        self.start.saturating_sub(self.decrement.saturating_mul(ticks)).max(self.floor)
    }

    /// How many prices there are, the start and the floor among them. The last step down may be a short one.
    pub fn ticks(self) -> i64 {
        let (fall, step) = (self.start.saturating_sub(self.floor).max(0), self.decrement.max(1));
        (fall / step).saturating_add(i64::from(fall % step > 0)).saturating_add(1)
    }

    /// How long it takes, each price standing for a tick; nothing where that is beyond reckoning.
    pub fn seconds(self) -> Option<i64> {
        self.ticks().checked_mul(self.tick_seconds)
    }

    /// How many whole ticks have passed once the clock has run for so long.
    fn passed(self, ran_us: i64) -> i64 {
        ran_us.max(0) / self.tick_seconds.max(1).saturating_mul(1_000_000)
    }
}

/// The price on the clock of a lot at an instant; nothing where it has none. Before the opening it stands at the start
/// price, and in a pause where it was.
pub fn clock_price(lot: &lot::Model, at: Timestamp) -> Option<Money> {
    let fall = Fall::of(&lot.terms.format, lot.terms.start_price)?;
    let ran = if clock::awaits_opening(lot) { 0 } else { ran_us(lot, at) };
    Some(Money { minor: fall.after(fall.passed(ran)), currency: lot.currency })
}

/// From when on the clock of a lot counts: its opening, moved by the pauses since; nothing where it has none. In a pause it
/// counts up to the beginning of the pause.
pub fn counts_from(lot: &lot::Model) -> Option<Timestamp> {
    Fall::of(&lot.terms.format, lot.terms.start_price)?;
    lot.opens_at.checked_add_signed(TimeDelta::microseconds(lot.shifted_us))
}

/// For how long the clock of a lot that has opened has run at an instant, microseconds.
fn ran_us(lot: &lot::Model, at: Timestamp) -> i64 {
    let until = lot.pause.as_ref().map_or(at, |pause| at.min(pause.at));
    (until - lot.opens_at).num_microseconds().unwrap_or(i64::MAX).saturating_sub(lot.shifted_us)
}

/// What an acceptance comes to: the price on the clock when it arrived. Nobody can hit a tick across a network, so whoever
/// offers more has it for no more; whoever offers less has come too early.
pub fn accepted(lot: &lot::Model, offered: Money, arrival: Timestamp) -> Result<Money, Problem> {
    let price = clock_price(lot, arrival).ok_or(Code::Internal)?;
    if offered.currency == price.currency && offered.minor >= price.minor { Ok(price) } else { Err(Code::TooLow.with("at_least", price)) }
}

/// Whether the price on the clock of a lot was accepted: nothing comes after it but the close.
pub fn is_taken(lot: &lot::Model) -> bool {
    matches!(lot.terms.format, Format::Dutch { .. }) && lot.bid_count > 0
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
