//! Prices for the next bid, for whoever would not reckon them himself.

use entity::Timestamp;
use entity::auctions::{Format, lot};
use entity::money::{MAX_MINOR, Money};

use super::clock;
use super::direction::bettered;
use super::judge::{in_time, least};
use super::step::step_at;

/// How many prices are suggested at most.
const MOST: usize = 3;

/// The first prices a bid that arrives at an instant may have, from the least on, step after step. None where nobody may bid then, and
/// where the price is a clock's, bids are sealed, or each bidder raises his own offer in his turn.
pub fn suggested(lot: &lot::Model, arrival: Timestamp) -> Vec<Money> {
    // A lot whose time has come is open, whether or not its timer has been served yet.
    let (_, lot) = clock::advance(lot, arrival);
    if !matches!(lot.terms.format, Format::English {}) || in_time(&lot, arrival).is_err() {
        return Vec::new();
    }
    let (terms, direction) = (&lot.terms, lot.terms.direction);
    let current = step_at(terms, lot.price_minor);
    let first = match lot.price_minor {
        // Where no step is enforced, less would do but for that.
        Some(best) if terms.multiples_only => bettered(best, current, direction),
        _ => least(&lot, arrival).map(|least| least.minor),
    };
    let step = |price: i64| {
        let step = step_at(terms, Some(price));
        // Wherever the ladder leads, a bid lies whole steps from what stands, as they are now.
        if terms.multiples_only { step.saturating_add(current - 1) / current * current } else { step }
    };
    std::iter::successors(first, |price| bettered(*price, step(*price), direction))
        .take_while(|minor| *minor <= MAX_MINOR)
        .take(MOST)
        .map(|minor| Money { minor, currency: lot.currency })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
