//! The guard against slips (防误操作): no bid is withdrawn, so that one so many times better than the price that stands must be
//! confirmed. It tells of nothing but what everybody sees, and is asked before a bid is recorded: no course knows of it.

use entity::Timestamp;
use entity::auctions::{Direction, Format, lot};
use entity::money::Money;
use serde::Deserialize;

use super::direction::better;
use super::judge::least;
use super::sealed;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// Refuses a price that must be confirmed and is not.
pub fn meant(lot: &lot::Model, price: Money, arrival: Timestamp, confirmed: bool) -> Result<(), Problem> {
    match factor(lot) {
        Some(factor) if !confirmed => near_enough(lot, price, factor, arrival),
        _ => Ok(()),
    }
}

/// How many times the price that stands a bid may be: as its terms say, and for lots from before they did, as the rules it was
/// announced under.
fn factor(lot: &lot::Model) -> Option<i64> {
    let of_rules = || Snapshot::deserialize(&*lot.rules).ok()?.count("bid_jump_factor").ok();
    lot.terms.jump_factor.or_else(of_rules).map(i64::from)
}

/// Whether a price needs no confirmation where a bid may be so many times the price that stands.
fn near_enough(lot: &lot::Model, price: Money, factor: i64, arrival: Timestamp) -> Result<(), Problem> {
    match limit(lot, factor, arrival) {
        Some(limit) if better(price.minor, limit.minor, lot.terms.direction) => {
            Err(Code::UnconfirmedJump.with("jump_limit", limit).with("confirm_with", "confirmed"))
        }
        _ => Ok(()),
    }
}

/// The best price that needs no confirmation; nothing where no price can be so far.
fn limit(lot: &lot::Model, factor: i64, arrival: Timestamp) -> Option<Money> {
    let (direction, factor) = (lot.terms.direction, factor.max(1));
    let next = least(lot, arrival).map(|next| next.minor);
    let stands = stands(lot, next);
    let far = match direction {
        Direction::Ascending => stands.checked_mul(factor)?,
        Direction::Descending => stands.saturating_add(factor - 1) / factor,
    };
    // What has to be bid at least is no slip, however large the step.
    let minor = next.filter(|next| better(*next, far, direction)).unwrap_or(far);
    Some(Money { minor, currency: lot.currency })
}

/// The price that everybody sees a bid is made against, where the next must be at least so much.
fn stands(lot: &lot::Model, next: Option<i64>) -> i64 {
    if sealed::are_sealed(lot) {
        return sealed::limit(lot);
    }
    let clock = next.filter(|_| matches!(lot.terms.format, Format::Dutch { .. }));
    clock.or(lot.price_minor).unwrap_or(lot.terms.start_price.minor)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
