//! The same where bids are sealed.

use entity::auctions::ClosingMode;
use entity::ids::AdmissionId;
use entity::money::Money;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::offer::OfferedFormat;
use super::super::tests::offer;
use super::{MICROSECOND, amount, announced, attempt, length};
use crate::auctions::rules::sealed::{self, Opened, OpenedBid};
use crate::auctions::rules::tests::at;
use crate::auctions::rules::{clock, close};
use crate::platform::problem::Code;

/// A bid as it is opened, the n-th of those sealed.
pub(super) fn opened(number: i64, fen: i64) -> Opened {
    let bid = OpenedBid {
        bidder: format!("竞买人 {number}"),
        price: Money::fen(fen),
        at: at(number),
        order: number,
        salt: String::new(),
        commitment: String::new(),
        further_units: Vec::new(),
    };
    Opened { admission: AdmissionId(Uuid::from_u128(number.unsigned_abs().into())), bid }
}

proptest! {
    #[test]
    fn sealed_bids_come_to_what_is_promised(
        which in 0_usize..3,
        free in 3_600_i64..=864_000,
        above in prop::collection::vec(0_i64..4, 1..6),
    ) {
        let mut chosen = offer();
        chosen.auction.format = [OfferedFormat::FirstPrice {}, OfferedFormat::Vickrey {}, OfferedFormat::OneShot {}][which].clone();
        chosen.auction.closing_mode = ClosingMode::HardClose;
        chosen.auction.free_period_seconds = Some(free);
        let (promises, lot) = announced(&chosen);
        let start = amount(promises.after("The start price is ").unwrap());
        let end = at(0) + length(promises.after("Bids may be sealed for ").unwrap());
        let seal = |fen, arrival| sealed::judge(&lot, &attempt(1, fen, arrival), None).map_err(|problem| problem.code);
        prop_assert_eq!(seal(start - 1, at(1)), Err(Code::TooLow));
        prop_assert_eq!(seal(start, end), Err(Code::Closed));
        prop_assert_eq!(seal(start, end - MICROSECOND), Ok((1, end - MICROSECOND)));

        let bids: Vec<_> = (1..).zip(&above).map(|(number, above)| opened(number, start + above)).collect();
        let (_, told) = sealed::open(&clock::advance(&lot, at(1)).1, bids, end);
        let mut prices: Vec<_> = above.iter().map(|above| start + above).collect();
        prices.sort_unstable_by(|one, other| other.cmp(one));
        let is_tied = prices.get(1) == prices.first();
        let more = sealed::tie_round(&told, 0, end).map(|(_, lot)| lot.closes_at);
        if let Some(words) = promises.after("may seal one more within ") {
            prop_assert_eq!(more, is_tied.then(|| end + length(words)));
        } else {
            prop_assert!(promises.say("pays the second-highest") && more.is_none());
        }
        if more.is_none() {
            let paid = close::close(&told, None, end).awards[0].price.minor;
            let own = promises.say("The highest bid wins at its own price");
            prop_assert_eq!(paid, if own { prices[0] } else { prices.get(1).copied().unwrap_or(start) });
        }
    }
}
