//! How much better than the best a bid must be.

use entity::auctions::{LotTerms, Step, StepBase, lot};
use entity::money::Money;

use super::direction::bettered;

/// The step that applies when the best bid stands at `best` (加价幅度、降价幅度), in minor units, at least one.
pub fn step_at(terms: &LotTerms, best: Option<i64>) -> i64 {
    let base = match terms.step_base {
        StepBase::StartPrice => terms.start_price.minor,
        StepBase::BestBid => best.unwrap_or(terms.start_price.minor),
    };
    let step = match &terms.step {
        Step::Fixed { amount } => amount.minor,
        Step::Percent { rate_bp } => Money::fen(base).share_ceil((*rate_bp).into()).map_or(i64::MAX, |share| share.minor),
        Step::Ladder { rungs } => {
            rungs.iter().rev().find(|rung| rung.from.minor <= base).or(rungs.first()).map_or(1, |rung| rung.step.minor)
        }
    };
    step.max(1)
}

/// The least good price the next bid may have: the lowest, in a descending lot the highest. `None` when no amount is
/// good enough any more.
pub fn next_price(lot: &lot::Model) -> Option<i64> {
    let direction = lot.terms.direction;
    match lot.price_minor {
        None => Some(lot.terms.start_price.minor),
        Some(best) if lot.terms.enforce_step => bettered(best, step_at(&lot.terms, Some(best)), direction),
        Some(best) => bettered(best, 1, direction),
    }
}

/// Whether a price lies a whole number of steps from the price that stands (the start price, if none does).
pub fn is_whole_steps(lot: &lot::Model, price: i64) -> bool {
    let from = lot.price_minor.unwrap_or(lot.terms.start_price.minor);
    (price - from) % step_at(&lot.terms, lot.price_minor) == 0
}
