//! Holders asked after whatever was hidden was opened: when, and about which price, is recomputed.

use chrono::TimeDelta;
use entity::money::Money;

use super::super::{Wrong, verify};
use super::{forged, says};
use crate::auctions::rules::course::CourseEvent;
use crate::auctions::rules::preemption::formats::cases;

#[test]
fn holders_are_asked_about_the_price_found_once_all_is_opened_and_not_later() {
    for case in cases() {
        let (what, course) = (case.what, case.taken().course());
        assert_eq!(verify(&course, &[], |_| {}), Ok(()), "{what}");
        let place = course.events.iter().position(|event| event.body_text.contains("\"preemption_asked\"")).unwrap();
        let asked = i64::try_from(place).unwrap() + 1;
        let found = |change: &dyn Fn(&mut Vec<CourseEvent>)| {
            let (wrong, seq, _) = forged(&course, change);
            (wrong, seq)
        };
        let price = |fen: i64| format!("\"price\":{{\"amount\":\"{}\"", Money::fen(fen).decimal());
        let (due, less) = (price(case.price), price(case.price - 100));
        assert_eq!(found(&|events| says(&mut events[place], &due, &less)), (Wrong::NotWhatFollows, Some(asked)), "{what}");
        assert_eq!(found(&|events| says(&mut events[place + 2], &due, &less)), (Wrong::NotWhatFollows, Some(asked + 2)), "{what}");
        assert_eq!(found(&|events| events[place].at += TimeDelta::seconds(1)).1, Some(asked), "{what}");
        // Sold to him who was never asked.
        assert_eq!(found(&|events| drop(events.drain(place..place + 2))).1, Some(asked), "{what}");
        // Asked before the last word of the bidding.
        let too_soon = if what.starts_with("maxima") { Wrong::MaximumNotOpened } else { Wrong::AgainstTheRules };
        assert_eq!(found(&|events| events.swap(place - 1, place)), (too_soon, Some(asked - 1)), "{what}");
    }
}

/// The leader lost the lot as well, so that his maximum is no secret any more: events 6 (proven), 9 (opened) and 10 (sold).
#[test]
fn every_maximum_of_whoever_lost_the_lot_to_a_holder_is_opened() {
    let case = cases().into_iter().find(|case| case.what.starts_with("maxima")).unwrap();
    let course = case.taken().course();
    let text = |seq: usize| course.events[seq - 1].body_text.clone();
    assert!(text(6).contains("\"winner\":[{") && text(9).contains("\"losing\":[{") && text(9).contains("150.00"), "{}", text(9));
    assert!(text(9).contains("\"winner\":[]") && text(10).contains("\"sold\""));
    let found = |change: &dyn Fn(&mut Vec<CourseEvent>)| {
        let (wrong, seq, _) = forged(&course, change);
        (wrong, seq)
    };
    assert_eq!(found(&|events| drop(events.remove(8))), (Wrong::MaximumNotOpened, Some(9)));
    assert_eq!(found(&|events| says(&mut events[8], "150.00", "151.00")), (Wrong::MaximumNotCommitted, Some(9)));
    assert_eq!(found(&|events| events.swap(7, 8)).1, Some(8), "he has not lost it before the answer");
}
