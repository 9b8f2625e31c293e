//! Vickrey (次高价): the best bid wins at the price of the second.

use entity::auctions::lot;

/// What the best bid pays, where it reaches the reserve (`floor`): the second-best bid, and never less than the reserve or
/// the start price. Of equals the second pays for the first.
pub fn price(lot: &lot::Model, floor: i64) -> i64 {
    let second = lot.opened.as_ref().and_then(|opened| opened.ranking.get(1)).map_or(0, |bid| bid.price.minor);
    second.max(floor).max(lot.terms.start_price.minor)
}
