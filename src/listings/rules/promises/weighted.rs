//! The same where the price is one indicator among others: its weights, how they are put together, and who is asked after the winner,
//! read back out of the words.

use std::cmp::Reverse;

use entity::ids::AdmissionId;
use entity::money::Money;
use entity::scores::GivenScore;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::weighted::tests::{experts, points, table, weighted};
use super::{amount, announced, length};
use crate::auctions::rules::log::Body;
use crate::auctions::rules::sealed::weighted::open;
use crate::auctions::rules::sealed::{Opened, OpenedBid};
use crate::auctions::rules::tests::{at, sole};
use crate::auctions::rules::{clock, close, next_bidder};

/// A percentage at the start of some words, in ten-thousandths.
fn share(words: &str) -> i64 {
    amount(words.split_once('%').unwrap().0)
}

fn admission(number: usize) -> AdmissionId {
    AdmissionId(Uuid::from_u128(number as u128))
}

proptest! {
    #[test]
    fn weighted_quotes_come_to_what_is_promised(
        price_bp in 1_u32..9_999,
        bids in prop::collection::vec((0_i64..20_000_000, any::<bool>(), 0_u16..=10_000), 1..5),
    ) {
        let one = (10_000 - price_bp).div_ceil(2);
        let criteria = vec![table("方案", one), experts("团队", 10_000 - price_bp - one, 3)];
        let mut offered = weighted(price_bp, criteria);
        offered.auction.next_bidder_rule = Some(true);
        let (promises, lot) = announced(&offered);
        let start = amount(promises.after("The start price is ").unwrap());
        let end = at(0) + length(promises.after("Bids may be sealed for ").unwrap());
        let price_weight = share(promises.after("the price weighs ").unwrap());
        let table_weight = share(promises.after("'方案' ").unwrap());
        let expert_weight = share(promises.after("%, '团队' ").unwrap());
        let levels = promises.after("'方案' is scored by its levels: '优' ").unwrap();
        let (good, fair) = (amount(levels), amount(levels.split_once("'良' ").unwrap().1));
        prop_assert!(promises.say("The highest total wins at its own price; of equal totals the higher bid, of equal bids the earlier"));
        prop_assert!(promises.say("the mean of all counts"));
        prop_assert!(promises.say("the runner-up is asked once to buy at his own last bid"));
        prop_assert!(promises.say("The runner-up is the next in the published order of totals."));

        let name = |number: usize| format!("竞买人 {number}");
        let given = |good: bool, gave: u16| {
            let level = GivenScore::Level { criterion: "方案".into(), level: if good { "优" } else { "良" }.into() };
            let experts = GivenScore::Experts { criterion: "团队".into(), points: vec![points(gave); 3] };
            vec![level, experts]
        };
        let scores = bids.iter().enumerate().map(|(number, (_, good, gave))| (name(number), given(*good, *gave))).collect();
        let opened = bids.iter().enumerate().map(|(number, (above, ..))| {
            let order = i64::try_from(number).unwrap();
            let price = Money::fen(start + above);
            let bid = OpenedBid { bidder: name(number), price, at: at(order), order, salt: String::new(), commitment: String::new(), further_units: Vec::new() };
            Opened { admission: admission(number), bid }
        });
        let (event, told) = open(&clock::advance(&lot, at(1)).1, opened.collect(), &scores, None, end);
        let closing = close::close(&told, None, end);
        let (winner, paid) = sole(&closing).unwrap();
        let Body::BidsOpened { bids: published, .. } = serde_json::from_str(&event.body).unwrap() else { panic!("{}", event.body) };
        let whose = |bid: &OpenedBid| admission((0..bids.len()).find(|number| name(*number) == bid.bidder).unwrap());
        let published: Vec<_> = published.iter().map(|bid| (whose(bid), bid.price)).collect();
        let next = next_bidder::next(&closing.lot, winner, &[], &[], &published, &closing.event);

        // Prices over the highest, scores in hundredths; rounded once.
        let highest = bids.iter().map(|(above, ..)| start + above).max().unwrap();
        let total = |(above, is_good, gave): &(i64, bool, u16)| {
            let level = if *is_good { good } else { fair };
            let beside = i128::from(table_weight * level + expert_weight * i64::from(*gave)) * i128::from(highest);
            let priced = i128::from(price_weight) * 10_000 * i128::from(start + above);
            (priced + beside + i128::from(highest) * 50) / (i128::from(highest) * 100)
        };
        let mut order: Vec<_> = bids.iter().enumerate().collect();
        order.sort_by_key(|&(number, bid)| Reverse((total(bid), bid.0, Reverse(number))));
        let mut order = order.into_iter().map(|(number, bid)| (admission(number), Money::fen(start + bid.0)));
        prop_assert_eq!((Some((winner, paid)), next), (order.next(), order.next()));
    }
}
