//! Bids nobody could follow, on which their bidders defaulted.

use entity::auctions::Direction;
use entity::money::Money;

use super::*;

/// Who has the lot, and for how many yuan.
fn awarded(who: u128, yuan: i64) -> Awarded {
    Awarded { bidder: org(who), price: Money::fen(yuan * 100) }
}

/// What is found where the first defaulted and the second took the lot.
fn after(course: &Course, defaulted: Awarded, taken: Awarded) -> Option<Finding> {
    out_of_reach(course, Direction::Ascending, defaulted, taken, &limits())
}

#[test]
fn a_bid_out_of_reach_that_was_defaulted_on_is_a_signal() {
    let course = bid_for(&[(2, 1), (9, 1)]);
    assert_eq!(after(&course, awarded(9, 1_299), awarded(2, 1_000)), None);
    let found = after(&course, awarded(9, 1_300), awarded(2, 1_000)).unwrap();
    assert_eq!((found.kind, found.organisation, found.other, found.score_bp), (SignalKind::OutOfReach, org(2), Some(org(9)), 3_000));
    let told: Vec<_> = found.reasons.iter().map(|reason| (reason.fact, reason.organisation_id, reason.amount)).collect();
    let due = [(SignalFact::DefaultedBid, 9, 1_300), (SignalFact::TakenBid, 2, 1_000), (SignalFact::BeyondTaken, 9, 300)];
    assert_eq!(told, due.map(|(fact, who, yuan)| (fact, Some(org(who)), Some(Money::fen(yuan * 100)))));
    assert!(found.reasons.iter().all(|reason| reason.object_id == Some(course.lot.0)), "{found:?}");
    // Where the price is one indicator among others, the next bidder may have bid more.
    assert_eq!(after(&course, awarded(9, 1_000), awarded(2, 2_000)), None);
    // The farther the more it says, up to all there is.
    assert_eq!(after(&course, awarded(9, 100_000), awarded(2, 1_000)).unwrap().score_bp, 10_000);
}

#[test]
fn where_the_second_price_is_paid_what_was_sealed_counts() {
    let mut course = bid_for(&[(2, 1), (9, 1)]);
    // The price is the second-best bid itself.
    assert_eq!(after(&course, awarded(9, 1_000), awarded(2, 1_000)), None);
    course.sealed.insert(org(9), Sealed { price: 500_000, at: at(5) });
    let found = after(&course, awarded(9, 1_000), awarded(2, 1_000)).unwrap();
    assert_eq!(found.reasons[0].amount, Some(Money::fen(500_000)));
}

#[test]
fn where_prices_fall_out_of_reach_is_far_below() {
    let mut course = bid_for(&[(2, 1), (9, 1)]);
    let after = |course: &Course, yuan| out_of_reach(course, Direction::Descending, awarded(9, yuan), awarded(2, 1_000), &limits());
    let found = after(&course, 700).unwrap();
    assert_eq!((found.score_bp, found.reasons[2].amount), (3_000, Some(Money::fen(30_000))));
    assert_eq!(after(&course, 701), None);
    // Before the round among equals it had sealed more.
    course.sealed.insert(org(9), Sealed { price: 100_000, at: at(5) });
    assert_eq!(after(&course, 700), Some(found));
}
