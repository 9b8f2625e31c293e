//! Uniform price (统一价): several identical units (`units`), and everybody pays the same for each of his.

use entity::auctions::{RankedBid, UniformPays, UnitAward};

/// What a unit costs: the best bid that goes empty, or the worst that wins, as announced. `least` is the worst price with effect,
/// which a unit costs where no bid with effect goes empty.
pub fn unit_price(pays: UniformPays, won: &[&RankedBid], beyond: &[&RankedBid], least: i64) -> i64 {
    let decides = match pays {
        UniformPays::HighestRejected => beyond.first(),
        UniformPays::LowestAccepted => won.last(),
    };
    decides.map_or(least, |bid| bid.price.minor)
}

/// What is told of a lot that is sold: the price of a single unit, minor units.
pub fn told(best: &UnitAward) -> Option<i64> {
    best.price.minor.checked_div(best.units.into())
}
