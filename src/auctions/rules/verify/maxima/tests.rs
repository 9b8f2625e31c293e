//! What was hidden is recomputed once it is opened, and whoever opens something else is found out.

use entity::auctions::{ClosingMode, LotState, LotTerms, Reserve, Rung, Step, StepBase};
use entity::money::Money;
use proptest::prelude::*;

use super::super::tests::{Story, forged, found, key, name, reforged, says};
use super::super::{Wrong, verify};
use crate::auctions::rules::course::{CourseEvent, LotCourse};
use crate::auctions::rules::log::Body;
use crate::auctions::rules::proxy::{OpenedMaximum, ProvenMaximum};
use crate::auctions::rules::receipt::{BidStatement, issue};
use crate::auctions::rules::tests::terms;

fn maxima() -> LotTerms {
    LotTerms { proxy: true, multiples_only: false, ..terms() }
}

/// Five maxima, the third taking the lead and raised by the fourth; sold to the third bidder for 190.00. Its events are 4 to 8,
/// what opens them is the ninth.
fn sale() -> Story {
    let mut story = Story::open(maxima());
    for (who, fen, second) in [(1, 15_000, 100), (2, 13_000, 200), (3, 20_000, 300), (3, 30_000, 400), (1, 18_000, 500)] {
        story.bids(who, fen, second);
    }
    story.ends(None);
    assert_eq!((story.said.len(), story.lot.seq, story.lot.state), (5, 10, LotState::ClosedSold));
    story
}

/// Changes what the close opens.
fn opens(events: &mut [CourseEvent], change: impl FnOnce(&mut Money, &mut Vec<OpenedMaximum>, &mut Vec<ProvenMaximum>)) {
    let mut body: Body = serde_json::from_str(&events[8].body_text).unwrap();
    let Body::MaximaOpened { price, losing, winner } = &mut body else { panic!("{body:?}") };
    change(price, losing, winner);
    events[8].body_text = serde_json::to_string(&body).unwrap();
}

fn wrong(course: &LotCourse, change: impl FnOnce(&mut Vec<CourseEvent>)) -> (Wrong, Option<i64>) {
    let (wrong, seq, _) = forged(course, change);
    (wrong, seq)
}

#[test]
fn prices_follow_from_what_is_opened_and_the_winners_maximum_is_not() {
    let story = sale();
    assert_eq!(verify(&story.course(), &story.receipts(), |_| {}), Ok(()));
    let prices: Vec<_> = story.said.iter().map(|said| said.price.minor).collect();
    assert_eq!(prices, [10_000, 14_000, 16_000, 16_000, 19_000]);
    assert_eq!((story.course().outcome.winner, story.course().outcome.price), (Some(name(3)), Some(Money::fen(19_000))));
    let course = serde_json::to_string(&story.course()).unwrap();
    for (amount, told) in [("150.00", true), ("130.00", true), ("180.00", true), ("200.00", false), ("300.00", false)] {
        assert_eq!(course.contains(amount), told, "{amount}");
    }
}

#[test]
fn whoever_opens_something_else_is_found_out() {
    let whole = sale().course();
    assert_eq!(wrong(&whole, |events| opens(events, |_, losing, _| losing[1].amount.minor -= 1)), (Wrong::MaximumNotCommitted, Some(5)));
    assert_eq!(
        wrong(&whole, |events| opens(events, |_, losing, _| losing[0].seed = "00".repeat(32))),
        (Wrong::MaximumNotCommitted, Some(4))
    );
    assert_eq!(wrong(&whole, |events| opens(events, |_, losing, _| drop(losing.remove(2)))), (Wrong::MaximumNotOpened, Some(8)));
    assert_eq!(wrong(&whole, |events| opens(events, |_, _, winner| drop(winner.remove(0)))), (Wrong::MaximumNotOpened, Some(6)));
    assert_eq!(
        wrong(&whole, |events| opens(events, |_, _, winner| winner[0].proof = winner[1].proof.clone())),
        (Wrong::MaximumNotCommitted, Some(6))
    );
    assert_eq!(wrong(&whole, |events| opens(events, |price, _, _| price.minor += 1)), (Wrong::MaximumNotCommitted, Some(6)));
    assert_eq!(wrong(&whole, |events| opens(events, |_, losing, _| losing.swap(0, 1))), (Wrong::NotWhatFollows, Some(9)));
    assert_eq!(wrong(&whole, |events| drop(events.remove(8))), (Wrong::MaximumNotOpened, Some(4)));
    assert_eq!(wrong(&whole, |events| events.swap(8, 9)), (Wrong::MaximumNotOpened, Some(9)));
}

#[test]
fn a_price_or_leader_the_maxima_do_not_make_is_named() {
    let whole = sale().course();
    let otherwise = |seq: i64, member: &str, change: fn(&mut Vec<CourseEvent>)| {
        let (wrong, at, why) = forged(&whole, change);
        assert_eq!((wrong, at), (Wrong::NotWhatFollows, Some(seq)), "{why}");
        assert!(why.starts_with(member), "{why}");
    };
    otherwise(5, "price", |events| says(&mut events[4], "140.00", "145.00"));
    otherwise(8, "price", |events| says(&mut events[7], "190.00", "191.00"));
    otherwise(5, "leader", |events| says(&mut events[4], &format!("\"leader\":\"{}\"", name(1)), &format!("\"leader\":\"{}\"", name(2))));
    // Where bids are maxima nothing else is a bid, and elsewhere no bid is one.
    let price = Money::fen(10_000);
    let plain = forged(&whole, |events| {
        let body = Body::BidPlaced { bidder: name(1), price, closes_at: whole.events[2].at, priority: None };
        events[3].body_text = serde_json::to_string(&body).unwrap();
    });
    assert_eq!((plain.0, plain.1), (Wrong::NotWhatFollows, Some(4)));
    let mut english = Story::open(terms());
    english.bids(1, 10_000, 100);
    english.ends(None);
    let hidden = wrong(&english.course(), |events| events[3].body_text.clone_from(&whole.events[3].body_text));
    assert_eq!(hidden, (Wrong::AgainstTheRules, Some(4)));
}

#[test]
fn a_receipt_says_what_its_bidder_would_have_paid() {
    let story = sale();
    let course = story.course();
    let with = |bid: usize, fen: i64| {
        issue(&[BidStatement { maximum: Some(Money::fen(fen)), ..story.said[bid].clone() }], &key(1), story.said[bid].arrived_at)
    };
    assert_eq!(found(&course, &with(0, 15_001)), (Wrong::ReceiptDiffers, Some(4)));
    // How high the winner would have gone stands in his receipt alone; that it was less than he pays would be seen.
    assert_eq!(verify(&course, &with(3, 29_999), |_| {}), Ok(()));
    assert_eq!(found(&course, &with(3, 18_999)), (Wrong::ReceiptDiffers, Some(7)));
    let without = issue(&[BidStatement { maximum: None, ..story.said[3].clone() }], &key(1), story.said[3].arrived_at);
    assert_eq!(found(&course, &without), (Wrong::ReceiptDiffers, Some(7)));
}

#[test]
fn where_nobody_wins_all_is_opened() {
    let mut story = Story::open(LotTerms { reserve: Reserve::Open { amount: Money::fen(40_000) }, ..maxima() });
    story.bids(1, 15_000, 100);
    story.bids(2, 39_999, 200);
    story.ends(None);
    let course = story.course();
    assert_eq!((course.outcome.state, verify(&course, &story.receipts(), |_| {})), (LotState::ClosedUnsold, Ok(())));
    assert!(serde_json::to_string(&course).unwrap().contains("399.99"));
    assert_eq!(forged(&course, |events| says(&mut events[5], "160.00", "400.00")).0, Wrong::NotWhatFollows);
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_i64..5_000).prop_map(|fen| Step::Fixed { amount: Money::fen(fen) }),
        (1_u32..3_000).prop_map(|rate_bp| Step::Percent { rate_bp }),
        prop::collection::vec(1_i64..2_000, 1..4).prop_map(|mut steps| {
            steps.sort_unstable();
            let rungs = steps.iter().zip(0..).map(|(step, place)| Rung { from: Money::fen(place * 15_000), step: Money::fen(*step) });
            Step::Ladder { rungs: rungs.collect() }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_the_rules_took_passes_and_no_maximum_can_be_left_out(
        step in any_step(),
        step_base in prop::sample::select(StepBase::ALL.to_vec()),
        enforce_step in any::<bool>(),
        reserve in prop::option::of(10_000_i64..60_000),
        bids in prop::collection::vec((1..4_u128, 10_000_i64..60_000), 1..9),
        which in any::<prop::sample::Index>(),
    ) {
        let reserve = reserve.map_or(Reserve::None {}, |fen| Reserve::Open { amount: Money::fen(fen) });
        let mut story = Story::open(LotTerms { closing_mode: ClosingMode::HardClose, step, step_base, enforce_step, reserve, ..maxima() });
        for ((who, fen), second) in bids.into_iter().zip(1..) {
            story.bids(who, fen, second);
        }
        story.ends(None);
        let course = story.course();
        prop_assert_eq!(verify(&course, &story.receipts(), |_| {}), Ok(()));
        let left_out = which.get(&story.said).seq;
        let without = reforged(&course, |events| events.retain(|event| event.seq != left_out));
        let refused = verify(&without, &[], |_| {}).is_err();
        prop_assert!(refused);
    }
}
