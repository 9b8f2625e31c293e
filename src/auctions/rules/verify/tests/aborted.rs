//! Courses of lots that were paused for a fault that could not be cured.

use super::super::hold_sealed;
use super::*;
use crate::auctions::rules::abort::abort;
use crate::auctions::rules::sealed::tests::{FIRST_PRICE, Story as Sealed, sealed_terms};
use crate::platform::problem::Code;

impl Story {
    /// Paused, and given up ten minutes later.
    pub(super) fn is_given_up(&mut self, second: i64) {
        self.does(second, |lot| pause::pause(lot, &order(), at(second)));
        self.does(second + 600, |lot| abort(lot, &order(), None, at(second + 600)));
        assert_eq!(self.lot.state, LotState::Aborted);
    }
}

/// Two bids, or maxima, and given up: events 4 to 7.
fn given_up(terms: LotTerms) -> Story {
    let mut story = Story::open(terms);
    story.bids(1, 15_000, 100);
    story.bids(2, 18_000, 200);
    story.is_given_up(300);
    assert_eq!((story.said.len(), story.lot.seq), (2, 7));
    story
}

fn maxima() -> LotTerms {
    LotTerms { proxy: true, multiples_only: false, ..terms() }
}

fn against(course: &LotCourse, seq: i64, change: impl FnOnce(&mut Vec<CourseEvent>)) {
    let (wrong, at, why) = forged(course, change);
    assert_eq!((wrong, at), (Wrong::AgainstTheRules, Some(seq)), "{why}");
}

#[test]
fn a_lot_that_was_given_up_passes_with_its_receipts() {
    for terms in [terms(), maxima()] {
        let story = given_up(terms);
        let course = story.course();
        assert_eq!(verify(&course, &story.receipts(), |_| {}), Ok(()));
        assert_eq!((course.outcome.state, course.outcome.winner), (LotState::Aborted, None));
    }
}

#[test]
fn only_a_paused_lot_is_given_up_and_never_without_a_word() {
    let course = given_up(terms()).course();
    against(&course, 6, |events| drop(events.remove(5)));
    against(&course, 7, |events| says(&mut events[6], ",\"note\":\"网络故障\"", ""));
    against(&course, 7, |events| says(&mut events[6], "not_curable", "listing_terminated"));
    against(&course, 7, |events| says(&mut events[6], "\"not_curable\",\"note\":\"网络故障\"", "\"listing_terminated\""));
}

/// Events 6 and 7: paused a minute after its end and grace, and given up.
#[test]
fn a_lot_that_could_not_be_closed_is_given_up_a_minute_after_its_end() {
    let mut story = Story::open(LotTerms { rules_version: Some(2), closing_mode: ClosingMode::HardClose, ..maxima() });
    story.bids(1, 15_000, 100);
    story.bids(2, 18_000, 200);
    story.is_given_up(3_661);
    let course = story.course();
    assert_eq!(verify(&course, &story.receipts(), |_| {}), Ok(()));
    against(&course, 6, |events| events[5].at = at(3_660));
}

#[test]
fn maxima_that_nobody_opens_are_taken_as_far_as_they_could_be_so() {
    let course = given_up(maxima()).course();
    against(&course, 5, |events| says(&mut events[4], "\"leader\":\"竞买人 0002\"", "\"leader\":\"竞买人 0003\""));
    against(&course, 5, |events| says(&mut events[4], "\"160.00\"", "\"90.00\""));
    let (wrong, seq, why) = forged(&course, |events| says(&mut events[4], "23:13:20", "23:59:59"));
    assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(5)), "{why}");
}

#[test]
fn holders_who_were_asked_about_a_secret_reserve_are_taken_as_asked() {
    let (salt, amount) = ([5; 16], Money::fen(12_000));
    let opened = OpenedReserve { amount, salt: hex(&salt) };
    let reserve = Reserve::Secret { commitment: reserve::commitment(&salt, amount) };
    let preemption = Some(Preemption::AskAfter { answer_seconds: 300, round_seconds: None });
    let mut story = Story::open(LotTerms { reserve, preemption, ..terms() });
    story.bids(1, 15_000, 100);
    let holders = [PreemptionHolder { bidder: name(2), rank: 1 }];
    story.does(3_601, |lot| preemption::ask(lot, Some(&opened), &holders, at(3_601)).ok_or_else(|| Code::Internal.into()));
    story.is_given_up(3_650);
    let course = story.course();
    assert_eq!((verify(&course, &[], |_| {}), course.events.len()), (Ok(()), 7));
    against(&course, 5, |events| events[4].at = at(3_599));
}

#[test]
fn a_receipt_of_what_stays_sealed_need_only_be_sound() {
    let mut story = Sealed::open(sealed_terms(FIRST_PRICE));
    story.seals(1, 5_000, 1).unwrap();
    let (paused, still) = pause::pause(&story.lot, &order(), at(10)).unwrap();
    let (aborted, over) = abort(&still, &order(), None, at(20)).unwrap();
    story.log.extend([paused, aborted]);
    story.lot = over;
    let course = story.course();
    assert_eq!(verify(&course, &[], |_| {}), Ok(()));
    assert_eq!(hold_sealed(&course, &story.receipts, |_| {}), Ok(()));
    // The log it was given by is another.
    let other = reforged(&course, |events| events[0].at -= TimeDelta::seconds(1));
    assert!(hold_sealed(&other, &story.receipts, |_| {}).is_err());
}
