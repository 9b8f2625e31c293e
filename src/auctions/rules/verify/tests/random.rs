//! Whatever was played, recomputed.

use proptest::prelude::*;

use super::*;
use crate::auctions::rules::step::next_price;

/// What somebody does next: what, who, how many steps above the least, how many seconds later.
type Move = (u8, u128, i64, i64);

fn played(terms: LotTerms, moves: &[Move]) -> Story {
    let mut story = Story::open(terms);
    let mut second = 0;
    for &(what, who, steps, later) in moves {
        second += later;
        match what {
            0..=4 => story.bids(who, next_price(&story.lot).unwrap() + steps * 1_000, second),
            5 => story.does(second, |lot| pause::pause(lot, &order(), at(second))),
            6 => story.does(second, |lot| pause::extend(lot, later * 2, TimeDelta::hours(24), &order(), at(second))),
            _ => story.does(second, |lot| pause::resume(lot, &order(), at(second))),
        }
    }
    story.does(second + 1, |lot| pause::resume(lot, &order(), at(second + 1)));
    story.ends(None);
    story
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn whatever_the_rules_took_passes_and_no_bid_can_be_left_out(
        mode in prop::sample::select(vec![ClosingMode::HardClose, ClosingMode::SoftClose, ClosingMode::TimedCycle]),
        longest in prop::option::of(3_600..6_000_i64),
        moves in prop::collection::vec((0..9_u8, 1..4_u128, 0..3_i64, 1..900_i64), 1..25),
    ) {
        let story = played(LotTerms { closing_mode: mode, max_duration_seconds: longest, ..terms() }, &moves);
        let course = story.course();
        prop_assert_eq!(verify(&course, &story.receipts(), |_| {}), Ok(()));
        for said in &story.said {
            let without = reforged(&course, |events| events.retain(|event| event.seq != said.seq));
            let found = verify(&without, &story.receipts(), |_| ());
            prop_assert!(found.is_err());
        }
    }
}
