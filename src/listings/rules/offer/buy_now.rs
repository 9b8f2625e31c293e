//! Whether a price at which a lot can be bought at once is well said.

use entity::auctions::Reserve;
use entity::money::Money;

use crate::platform::problem::Faults;

/// Whether it makes sense, wherever it is written, beside a start price and a reserve. `rises` tells whether the lot is bid
/// for upwards, bid after bid.
pub fn buy_now_makes_sense(faults: &mut Faults, place: &str, price: Money, start: Money, reserve: &Reserve, rises: bool) {
    let floor = if let Reserve::Open { amount } = reserve { amount.minor } else { 0 };
    let is_secret = matches!(reserve, Reserve::Secret { .. });
    faults
        .require(
            rises,
            place,
            "contradiction",
            "只有多次增价竞价可以设一口价",
            "only ascending bids, bid after bid, go with a buy-now price",
        )
        .require(price.minor > start.minor, place, "range", "一口价须高于起拍价", "the buy-now price lies above the start price")
        .require(price.minor >= floor, place, "range", "一口价不得低于保留价", "the buy-now price lies at the reserve or above")
        .require(!is_secret, place, "contradiction", "设有保密保留价的不得设一口价", "no buy-now price goes with a secret reserve");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::Direction;
    use entity::money::Money;

    use super::super::super::tests::offer;
    use super::super::{Offer, OfferedReserve, well_formed};

    /// What is wrong with an offer of 200 000 yuan, by place and code.
    fn wrong(change: impl FnOnce(&mut Offer)) -> Vec<(String, String)> {
        let mut changed = offer();
        changed.auction.buy_now = Some(Money::fen(30_000_000));
        change(&mut changed);
        let faults = well_formed(&changed, true).err().map(|problem| problem.errors).unwrap_or_default();
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn it_lies_above_the_start_and_not_below_an_open_reserve() {
        let at = |code: &str| vec![("/auction/buy_now".to_owned(), code.to_owned())];
        let reserve = |fen| OfferedReserve::Open { amount: Money::fen(fen) };
        assert!(wrong(|_| {}).is_empty());
        assert_eq!(wrong(|offer| offer.auction.buy_now = Some(Money::fen(20_000_000))), at("range"));
        assert!(wrong(|offer| offer.auction.buy_now = Some(Money::fen(20_000_001))).is_empty());
        assert!(wrong(|offer| offer.reserve = reserve(30_000_000)).is_empty());
        assert_eq!(wrong(|offer| offer.reserve = reserve(30_000_001)), at("range"));
        assert_eq!(wrong(|offer| offer.reserve = OfferedReserve::Secret { amount: None }), at("contradiction"));
        assert_eq!(wrong(|offer| offer.auction.direction = Some(Direction::Descending)), at("contradiction"));
    }

    #[test]
    fn in_a_descending_lot_a_reserve_lies_at_the_start_or_below() {
        let faults = |fen| {
            wrong(|offer| {
                offer.auction.buy_now = None;
                offer.auction.direction = Some(Direction::Descending);
                offer.reserve = OfferedReserve::Open { amount: Money::fen(fen) };
            })
        };
        assert_eq!((faults(20_000_000), faults(1)), (vec![], vec![]));
        for fen in [20_000_001, 0] {
            assert_eq!(faults(fen), [("/reserve/amount".to_owned(), "range".to_owned())], "{fen}");
        }
    }
}
