//! The steps of a feed join.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::auctions::rules::tests::{at, lot as a_lot, terms};
use crate::auctions::views::live::LotStanding;
use crate::platform::http::feed::KEPT_FOR;

/// A lot whose log has so many events.
fn lot_at(seq: i64) -> Arc<lot::Model> {
    Arc::new(lot::Model { seq, ..a_lot(terms()) })
}

/// The step that tells these events.
fn frame(from_seq: i64, seq: i64) -> Frame {
    let row = lot_at(seq);
    let state = LotStanding::of(&row);
    let delta = LotDelta {
        lot_id: row.id,
        from_seq,
        seq,
        entries: Vec::new(),
        state_hash: state.hash(),
        state,
        next_price: None,
        server_time: at(0),
    };
    Frame::of(&delta, at(seq))
}

/// A feed that began at a number and told steps of these lengths.
fn told(first: i64, lengths: &[i64]) -> Told {
    let (mut told, now, mut seq) = (Told::default(), Instant::now(), first);
    told.tell(lot_at(first), None, now);
    for length in lengths {
        let from = seq + 1;
        seq += length;
        told.tell(lot_at(seq), Some(frame(from, seq)), now);
    }
    told
}

fn takes(step: &Step, from_seq: i64, seq: i64) -> bool {
    matches!(step, Step::Take(frame, _) if (frame.from_seq, frame.seq) == (from_seq, seq))
}

#[test]
fn nothing_is_told_before_the_lot_was_looked_at() {
    assert!(matches!(Told::default().next(0, None), Step::Wait(None)));
}

#[test]
fn who_is_where_a_step_begins_takes_it() {
    let told = told(3, &[1, 4]);
    assert!(takes(&told.next(3, None), 4, 4));
    assert!(takes(&told.next(4, Some(1)), 5, 8));
    assert!(matches!(told.next(8, Some(2)), Step::Wait(Some(2))));
}

#[test]
fn who_is_elsewhere_has_all_he_missed_in_one() {
    let told = told(3, &[1, 4]);
    for after in [0, 2, 5, 7] {
        assert!(matches!(told.next(after, None), Step::CatchUp), "{after}");
    }
}

#[test]
fn who_just_came_is_not_told_what_time_it_was_long_ago() {
    let (mut told, long_ago) = (Told::default(), Instant::now().checked_sub(FRESH).unwrap());
    told.tell(lot_at(0), None, long_ago);
    told.tell(lot_at(1), Some(frame(1, 1)), long_ago);
    assert!(matches!(told.next(0, None), Step::CatchUp));
    assert!(takes(&told.next(0, Some(0)), 1, 1), "who was here all the time is told what happened");
}

#[test]
fn who_knows_more_than_the_feed_waits_until_it_does() {
    assert!(matches!(told(3, &[]).next(5, None), Step::Wait(None)));
}

#[test]
fn who_is_256_steps_behind_is_cut_and_comes_back_in_one_step() {
    let told = told(0, &[1; 256]);
    assert!(matches!(told.next(0, Some(0)), Step::Cut));
    assert!(!matches!(told.next(1, Some(1)), Step::Cut));
    assert!(!matches!(told.next(0, None), Step::Cut), "who just came is not behind");
}

#[test]
fn a_lot_that_has_ended_is_told_to_its_end() {
    let mut told = told(3, &[1]);
    assert!(told.end(Over::Ended));
    assert!(!told.end(Over::Broken));
    assert!(takes(&told.next(3, None), 4, 4));
    assert!(matches!(told.next(4, Some(1)), Step::Ended));
}

#[test]
fn what_is_old_is_not_kept_but_for_the_last() {
    let mut old = told(0, &[1, 1]);
    old.tidy(Instant::now() + KEPT_FOR * 2);
    assert!(matches!(old.next(0, Some(0)), Step::CatchUp));
    assert!(takes(&old.next(1, Some(1)), 2, 2));
}

#[test]
fn a_step_has_its_last_number_as_id_and_can_be_told_under_another() {
    let frame = frame(4, 7);
    let whole = String::from_utf8(frame.whole().to_vec()).unwrap();
    assert!(whole.starts_with("id: 7\nevent: delta\ndata: {") && whole.ends_with("}\n\n"), "{whole}");
    assert_eq!(format!("id: 7\n{}", String::from_utf8(frame.unnamed().to_vec()).unwrap()), whole);
}

proptest! {
    /// Whoever follows is told ranges that join, up to where the feed is, wherever he begins and whatever is let go meanwhile.
    #[test]
    fn ranges_join(first in 0_i64..5, lengths in prop::collection::vec(1_i64..40, 0..60), begins in 0_i64..100, tidied in any::<bool>()) {
        let mut told = told(first, &lengths);
        if tidied {
            told.tidy(Instant::now() + KEPT_FOR * 2);
        }
        let last = first + lengths.iter().sum::<i64>();
        let (mut after, mut joined) = (begins.min(last), None);
        for _ in 0..=lengths.len() + 1 {
            match told.next(after, joined) {
                Step::Take(frame, number) => {
                    prop_assert_eq!(frame.from_seq, after + 1);
                    (after, joined) = (frame.seq, Some(number));
                }
                // As it is read for him, to where the feed is.
                Step::CatchUp => {
                    let (head, count) = told.head().unwrap();
                    prop_assert!(joined.is_none() || tidied);
                    (after, joined) = (head.seq, Some(count));
                }
                Step::Wait(_) => break,
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            }
        }
        prop_assert_eq!(after, last);
    }
}
