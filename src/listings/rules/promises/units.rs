//! The same where several units are sold.

use entity::auctions::UniformPays;
use entity::money::Money;
use proptest::prelude::*;

use super::super::offer::{OfferedFormat, OfferedReserve};
use super::super::tests::licences;
use super::sealed::opened;
use super::{Promises, amount, announced};
use crate::auctions::rules::sealed::{self, units};
use crate::auctions::rules::tests::at;
use crate::auctions::rules::{clock, close};

/// The number at the start of the words after a beginning.
fn number(promises: &Promises, beginning: &str) -> usize {
    promises.after(beginning).unwrap().split_whitespace().next().unwrap().parse().unwrap()
}

proptest! {
    #[test]
    fn units_come_to_what_is_promised(
        which in 0_usize..3,
        (units, cap) in (2_u32..6).prop_flat_map(|units| (Just(units), 1..=units)),
        reserve in prop::option::of(0_i64..6),
        bids in prop::collection::vec(prop::collection::vec(0_i64..8, 1..4), 0..6),
    ) {
        let pays = [UniformPays::HighestRejected, UniformPays::LowestAccepted];
        let mut chosen = licences(match pays.get(which) {
            Some(pays) => OfferedFormat::UniformPrice { units, cap, pays: *pays },
            None => OfferedFormat::PayAsBid { units, cap },
        });
        if let Some(above) = reserve {
            chosen.reserve = OfferedReserve::Open { amount: Money::fen(chosen.starts_at().minor + above) };
        }
        let (promises, lot) = announced(&chosen);
        let (units, cap) = (number(&promises, "licences are granted: "), number(&promises, "One bidder may bid for "));
        let start = amount(promises.after("The start price is ").unwrap());
        let floor = promises.after("The reserve price is ").map_or(start, amount);
        let lot = clock::advance(&lot, at(1)).1;

        let fits = |more: usize| units::may_bid_for(&lot, Money::fen(start), &vec![Money::fen(start); more]).is_ok();
        prop_assert!(fits(cap - 1) && !fits(cap));
        let mut all = Vec::new();
        let mut sealed_bids = Vec::new();
        for (order, above) in (1..).zip(&bids) {
            let mut prices: Vec<_> = above.iter().take(cap).map(|above| start + above).collect();
            prices.sort_unstable_by(|one, other| other.cmp(one));
            all.extend(prices.iter().map(|price| (-price, order)));
            let mut bid = opened(order, prices[0]);
            bid.bid.further_units = prices[1..].iter().map(|price| Money::fen(*price)).collect();
            sealed_bids.push(bid);
        }
        all.sort_unstable();
        let valid: Vec<_> = all.into_iter().map(|(price, order)| (-price, order)).filter(|(price, _)| *price >= floor).collect();
        let (won, beyond) = valid.split_at(valid.len().min(units));
        let each = |own: i64| {
            if promises.say("the best bid with effect that wins none") {
                beyond.first().map_or(floor, |(price, _)| *price)
            } else if promises.say("the lowest bid that wins one") {
                won[won.len() - 1].0
            } else {
                assert!(promises.say("Each unit is sold at the price that was bid for it"));
                own
            }
        };
        let admissions = sealed_bids.iter().map(|bid| (bid.bid.bidder.clone(), bid.admission)).collect();
        let (_, told) = sealed::open(&lot, sealed_bids, lot.closes_at);
        let closing = close::close_among(&told, &admissions, None, lot.closes_at).unwrap();
        for award in &closing.awards {
            let own: Vec<_> = won.iter().filter(|(_, order)| format!("竞买人 {order}") == award.bidder).collect();
            prop_assert_eq!(usize::try_from(award.units).unwrap(), own.len());
            prop_assert_eq!(award.price.minor, own.iter().map(|(price, _)| each(*price)).sum::<i64>());
        }
        let sold: u32 = closing.awards.iter().map(|award| award.units).sum();
        prop_assert_eq!(usize::try_from(sold).unwrap(), won.len());
    }
}
