//! Courses that name the buyers, as result notices told them.

use entity::auctions::UniformPays;
use entity::ids::{DealId, NoticeId};

use super::super::Fault;
use super::*;
use crate::auctions::rules::published::PublishedBuyer;
use crate::auctions::rules::sealed::tests::{FIRST_PRICE, Story as Sealed, sealed_terms};
use crate::auctions::rules::sealed::weighted::tests::{format, given};

/// Tells of these bidders who they are.
pub(super) fn naming(course: &LotCourse, bidders: &[u128]) -> LotCourse {
    let told = |who: &u128| PublishedBuyer {
        bidder: name(*who),
        buyer: Some(format!("杭州某{who}公司")),
        notice_id: NoticeId(Uuid::from_u128(*who)),
        deal_id: DealId(Uuid::from_u128(*who)),
        published_at: at(90_000),
    };
    let mut course = course.clone();
    course.outcome.published = bidders.iter().map(told).collect();
    course
}

fn checked(course: &LotCourse, bidders: &[u128]) -> Result<(), Fault> {
    verify(&naming(course, bidders), &[], |_| {})
}

/// Whose naming is a fault.
#[track_caller]
fn no_buyer(course: &LotCourse, bidders: &[u128]) -> String {
    let fault = checked(course, bidders).unwrap_err();
    assert_eq!((fault.wrong, fault.seq()), (Wrong::NotABuyer, None));
    fault.why
}

#[test]
fn a_winner_may_be_named_and_nobody_else() {
    let course = sale().course();
    assert_eq!((checked(&course, &[]), checked(&course, &[1])), (Ok(()), Ok(())));
    assert_eq!(no_buyer(&course, &[2]), name(2), "who bid and lost");
    assert_eq!(no_buyer(&course, &[1, 1]), name(1), "twice");
    assert_eq!(no_buyer(&course, &[1, 2]), name(2));
    let mut unsold = Story::open(terms());
    unsold.ends(None);
    assert_eq!((checked(&unsold.course(), &[]), no_buyer(&unsold.course(), &[1])), (Ok(()), name(1)));
    // It is written down and read as it is.
    let named = naming(&course, &[1]);
    assert_eq!(serde_json::from_str::<LotCourse>(&serde_json::to_string(&named).unwrap()).unwrap(), named);
    assert!(!serde_json::to_string(&course).unwrap().contains("published"), "absent before");
}

#[test]
fn a_name_is_told_beside_the_winner_as_the_word_of_the_notice() {
    let mut named = naming(&sale().course(), &[1]);
    let told = |course: &LotCourse| Passed::Outcome(course.outcome.clone()).to_string();
    assert_eq!(
        told(&named),
        "outcome: closed_sold, 竞买人 0001 (\"杭州某1公司\", told by the result notice and not recomputed) for 130.00 CNY"
    );
    named.outcome.published[0].buyer = None;
    assert_eq!(told(&named), told(&sale().course()), "a notice that names nobody");
}

/// The lot is sold to the first of these, and may go to the second after him; the third has lost.
#[track_caller]
fn goes_on_to(course: &LotCourse, [winner, next, loser]: [u128; 3]) {
    assert_eq!((checked(course, &[winner]), checked(course, &[next])), (Ok(()), Ok(())));
    assert_eq!(no_buyer(course, &[loser]), name(loser));
    assert_eq!(no_buyer(course, &[winner, next]), name(next), "one has it, or the other");
    let told = Passed::Outcome(naming(course, &[next]).outcome).to_string();
    assert!(told.contains(&format!(", bought by the next bidder {} (\"杭州某{next}公司\"", name(next))), "{told}");
}

#[test]
fn the_next_bidder_may_be_named_where_the_terms_know_one() {
    let mut story = Story::open(LotTerms { next_bidder_rule: true, ..terms() });
    for (who, fen, second) in [(3, 10_000, 100), (2, 11_000, 200), (1, 13_000, 300)] {
        story.bids(who, fen, second);
    }
    story.ends(None);
    goes_on_to(&story.course(), [1, 2, 3]);

    let mut maxima = Story::open(LotTerms { proxy: true, multiples_only: false, next_bidder_rule: true, ..terms() });
    for (who, fen, second) in [(1, 12_000, 100), (2, 20_000, 200), (3, 15_000, 300)] {
        maxima.bids(who, fen, second);
    }
    maxima.ends(None);
    goes_on_to(&maxima.course(), [2, 3, 1]);

    let mut tied = Sealed::open(LotTerms { next_bidder_rule: true, ..sealed_terms(FIRST_PRICE) });
    for (who, fen, second) in [(1, 10_000, 2), (2, 10_000, 3), (3, 9_000, 4)] {
        tied.seals(who, fen, second).unwrap();
    }
    tied.ends();
    tied.seals(2, 11_000, 3_700).unwrap();
    tied.ends();
    goes_on_to(&tied.course(), [2, 1, 3]);
}

/// Bidder 2 has it with 92.4500 points, then come 3 with 88.0000 for the lowest price of all, and 1 with 83.2500 for the highest.
#[test]
fn of_weighted_quotes_the_next_by_total_may_be_named_where_his_bid_has_effect() {
    let scored = [given(5_000, [60, 70, 70, 75, 99]), given(10_000, [91, 88, 20, 92, 90]), given(10_000, [100; 5])];
    let from = |fen: i64| {
        let reserve = Reserve::Open { amount: Money::fen(fen) };
        let terms = LotTerms { next_bidder_rule: true, reserve, ..sealed_terms(format()) };
        weighted::played(terms, &[100_000, 90_000, 80_000], &scored)
    };
    goes_on_to(&from(80_000), [2, 3, 1]);
    goes_on_to(&from(80_001), [2, 1, 3]);
    let alone = from(90_001);
    assert_eq!((checked(&alone, &[1]), no_buyer(&alone, &[2])), (Ok(()), name(2)), "nobody else reached the reserve");
}

#[test]
fn of_several_units_every_buyer_may_be_named_once() {
    let format = Format::UniformPrice { units: 2, cap: 1, pays: UniformPays::HighestRejected };
    let mut story = Sealed::open(sealed_terms(format));
    for (who, fen) in [(1, 5_000), (2, 4_800), (3, 3_900)] {
        story.seals(who, fen, 1).unwrap();
    }
    story.ends();
    let course = story.course();
    for named in [&[1, 2][..], &[2, 1], &[2]] {
        assert_eq!(checked(&course, named), Ok(()));
    }
    assert_eq!((no_buyer(&course, &[1, 3]), no_buyer(&course, &[2, 2])), (name(3), name(2)));
    let told = Passed::Outcome(naming(&course, &[2]).outcome).to_string();
    assert!(told.contains(&format!("1 units to {} for 39.00 CNY, 1 units to {} (\"杭州某2公司\"", name(1), name(2))), "{told}");
}
