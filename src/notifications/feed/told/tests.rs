//! Everything public is told once and in order.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::platform::http::feed::KEPT_FOR;

const OPENED: &str = "lot.opened";
const CLOSED: &str = "lot.closed";

fn frame(position: i64) -> Frame {
    let kind = if position % 2 == 0 { OPENED } else { CLOSED };
    Frame { position, kind, text: Bytes::from("x".repeat(512)) }
}

/// A feed that began after a position and has told the public ones of so many positions after it.
fn told(begun: i64, public: &[bool]) -> Told {
    let (mut told, now) = (Told::default(), Instant::now());
    told.begin(begun);
    for (position, is_public) in (begun + 1..).zip(public) {
        told.tell(if *is_public { vec![frame(position)] } else { Vec::new() }, position, now);
    }
    told
}

fn all() -> Wanted {
    Wanted::default()
}

fn at(after: i64, joined: Option<u64>) -> Heard {
    Heard { after, joined }
}

fn takes(step: &Step, position: i64) -> bool {
    matches!(step, Step::Take(frame, heard) if frame.position == position && heard.after == position)
}

fn waits(step: &Step, heard: Heard) -> bool {
    matches!(step, Step::Wait(waited) if *waited == heard)
}

#[test]
fn nothing_is_told_before_the_outbox_was_looked_at() {
    assert!(waits(&Told::default().next(at(3, None), &all()), at(3, None)));
}

#[test]
fn who_came_as_far_as_the_feed_is_told_what_follows() {
    let told = told(4, &[true, false, true]);
    assert!(takes(&told.next(at(4, Some(0)), &all()), 5));
    assert!(takes(&told.next(at(5, Some(1)), &all()), 7));
    assert!(waits(&told.next(at(7, Some(2)), &all()), at(7, Some(2))));
    assert!(waits(&told.next(at(7, None), &all()), at(7, Some(2))), "who is there has come as far");
}

#[test]
fn who_comes_from_before_is_read_it_from_the_table() {
    let told = told(4, &[true, false, true]);
    for after in [0, 3, 4, 6] {
        assert!(matches!(told.next(at(after, None), &all()), Step::CatchUp), "{after}");
    }
    assert!(matches!(told.next(at(3, Some(0)), &all()), Step::CatchUp), "the feed began anew after he had come");
}

#[test]
fn who_knows_more_than_the_feed_waits_until_it_does() {
    assert!(waits(&told(4, &[true]).next(at(9, None), &all()), at(9, None)));
}

#[test]
fn who_wants_some_kinds_is_told_no_others_and_has_passed_them() {
    let told = told(0, &[true, true, true]);
    let opened = Wanted::of(Some(OPENED)).unwrap();
    assert!(takes(&told.next(at(0, Some(0)), &opened), 2));
    assert!(waits(&told.next(at(2, Some(2)), &opened), at(3, Some(3))));
}

#[test]
fn who_is_256_events_behind_is_cut() {
    let told = told(0, &[true; 256]);
    assert!(matches!(told.next(at(0, Some(0)), &all()), Step::Cut));
    assert!(takes(&told.next(at(1, Some(1)), &all()), 2));
    assert!(matches!(told.next(at(0, None), &all()), Step::CatchUp), "who just came is not behind");
}

#[test]
fn what_is_old_is_not_kept() {
    let mut old = told(0, &[true, true]);
    old.tidy(Instant::now() + KEPT_FOR * 2);
    assert!(matches!(old.next(at(1, Some(1)), &all()), Step::CatchUp));
    assert!(waits(&old.next(at(2, Some(2)), &all()), at(2, Some(2))));
}

#[test]
fn a_feed_that_was_forgotten_begins_anew_and_counts_on() {
    let mut told = told(0, &[true, true]);
    told.forget();
    assert_eq!((told.up_to(), told.kept.count()), (None, 2));
    told.begin(9);
    assert!(matches!(told.next(at(2, Some(2)), &all()), Step::CatchUp));
}

proptest! {
    /// Whoever follows is told everything public that he wants, once and in order, wherever he begins and whatever is let go meanwhile.
    #[test]
    fn nothing_is_lost_or_doubled(
        begun in 0_i64..5,
        public in prop::collection::vec(any::<bool>(), 0..200),
        from in 0_usize..200,
        joins in any::<bool>(),
        tidied in any::<bool>(),
        picky in any::<bool>(),
    ) {
        let mut told = told(begun, &public);
        let last = told.up_to().unwrap();
        let first = (begun + i64::try_from(from).unwrap()).min(last);
        let is_public = |position: i64| public[usize::try_from(position - begun - 1).unwrap()];
        let passed = (begun + 1..=first).filter(|position| is_public(*position)).count();
        if tidied {
            told.tidy(Instant::now() + KEPT_FOR * 2);
        }
        let wanted = if picky { Wanted::of(Some(CLOSED)).unwrap() } else { all() };
        let due: Vec<i64> = (first + 1..=last).filter(|position| is_public(*position) && wanted.has(frame(*position).kind)).collect();
        let (mut heard, mut said) = (at(first, joins.then_some(passed as u64)), Vec::new());
        loop {
            match told.next(heard, &wanted) {
                Step::Take(frame, then) => {
                    said.push(frame.position);
                    heard = then;
                }
                // As it is read for him, one position at a time.
                Step::CatchUp => {
                    heard.after += 1;
                    said.extend(due.contains(&heard.after).then_some(heard.after));
                }
                Step::Wait(then) => {
                    prop_assert_eq!(then.after, last);
                    break;
                }
                Step::Cut => return Err(TestCaseError::fail("cut")),
            }
        }
        prop_assert_eq!(said, due);
    }
}
