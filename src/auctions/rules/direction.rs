//! Which of two prices is the better one: the higher, or in a descending lot the lower. Nothing else compares prices.

use entity::auctions::Direction;

/// The lowest price there is, in minor units.
pub const LEAST: i64 = 1;

/// Whether a price is better than another.
pub fn better(price: i64, other: i64, direction: Direction) -> bool {
    gain(price, other, direction) > 0
}

/// By how much a price is better than another; negative where it is worse.
pub fn gain(price: i64, other: i64, direction: Direction) -> i64 {
    match direction {
        Direction::Ascending => price.saturating_sub(other),
        Direction::Descending => other.saturating_sub(price),
    }
}

/// The price that is so much better than another. `None` where there is no such price.
pub fn bettered(price: i64, by: i64, direction: Direction) -> Option<i64> {
    match direction {
        Direction::Ascending => price.checked_add(by),
        Direction::Descending => price.checked_sub(by).filter(|lower| *lower >= LEAST),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
