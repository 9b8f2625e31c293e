//! Which of two bids stands before the other, whatever the format. Nothing else breaks ties.

use std::cmp::Ordering;

use entity::auctions::Direction;
use entity::scores::Total;

use super::direction::gain;

/// What decides where a bid stands beside the others of its lot. `O` is the order in which they arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim<O> {
    /// What it comes to, where the price is one indicator among others. Without effect it comes to nothing.
    pub total: Option<Total>,
    /// The price, minor units.
    pub price: i64,
    /// The place its bidder has among equals by right, the lowest first: the rank of a right of pre-emption, or where he stood
    /// before a round among equals. Whoever has none is behind all who have.
    pub place: Option<usize>,
    /// When it arrived.
    pub order: O,
}

impl<O: Ord> Claim<O> {
    /// By price, and among equals by arrival.
    pub fn at(price: i64, order: O) -> Self {
        Self { total: None, price, place: None, order }
    }

    /// How it stands to another: before it (`Less`) with the higher total, then the better price, then the better place, then
    /// the earlier arrival.
    pub fn stands_to(&self, other: &Self, direction: Direction) -> Ordering {
        let by_price = || gain(other.price, self.price, direction).cmp(&0);
        let place = |claim: &Self| claim.place.unwrap_or(usize::MAX);
        other
            .total
            .cmp(&self.total)
            .then_with(by_price)
            .then_with(|| place(self).cmp(&place(other)))
            .then_with(|| self.order.cmp(&other.order))
    }

    /// Whether it stands before another.
    pub fn is_before(&self, other: &Self, direction: Direction) -> bool {
        self.stands_to(other, direction) == Ordering::Less
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UP: Direction = Direction::Ascending;

    #[test]
    fn the_total_comes_first_then_the_price_then_the_place_then_the_arrival() {
        let least = Claim { total: None, price: 9, place: None, order: 2 };
        let earlier = Claim { order: 1, ..least };
        let placed = Claim { place: Some(7), ..least };
        let higher = Claim { price: 10, ..least };
        let weighty = Claim { total: Some(Total(1)), price: 1, ..least };
        for pair in [least, earlier, placed, higher, weighty].windows(2) {
            assert!(pair[1].is_before(&pair[0], UP), "{pair:?}");
            assert!(!pair[0].is_before(&pair[1], UP), "{pair:?}");
        }
        assert!(Claim { place: Some(1), ..least }.is_before(&placed, UP));
        assert!(least.is_before(&higher, Direction::Descending), "the lower is the better price there");
    }

    fn claims() -> impl Strategy<Value = Claim<u8>> {
        (prop::option::of(0_i64..3), 0_i64..4, prop::option::of(0_usize..3), 0_u8..4).prop_map(|(total, price, place, order)| Claim {
            total: total.map(Total),
            price,
            place,
            order,
        })
    }

    proptest! {
        /// One order over all bids: whatever is sorted by it comes out the same from any beginning.
        #[test]
        fn it_is_one_order(mut claims in prop::collection::vec(claims(), 0..12), falling in any::<bool>()) {
            let direction = if falling { Direction::Descending } else { UP };
            claims.sort_by(|one, other| one.stands_to(other, direction));
            for (index, one) in claims.iter().enumerate() {
                prop_assert_eq!(one.stands_to(one, direction), Ordering::Equal);
                for other in &claims[index + 1..] {
                    prop_assert_ne!(one.stands_to(other, direction), Ordering::Greater);
                    prop_assert_eq!(one.stands_to(other, direction), other.stands_to(one, direction).reverse());
                }
            }
        }
    }
}
