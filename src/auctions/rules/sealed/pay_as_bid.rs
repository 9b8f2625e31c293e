//! Pay as bid (按各自报价成交): several identical units (`units`), and everybody pays what he bid for each of his.

use entity::auctions::{RankedBid, lot};

/// What a unit costs: what was bid for it, minor units.
pub fn unit_price(bid: &RankedBid) -> i64 {
    bid.price.minor
}

/// What is told of a lot that is sold: the best bid for a unit, minor units.
pub fn told(lot: &lot::Model) -> Option<i64> {
    lot.price_minor
}
