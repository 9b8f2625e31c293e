//! Courses of sealed lots recomputed.

use chrono::TimeDelta;
use entity::auctions::{Direction, Format, LotTerms, Reserve, UniformPays};
use entity::money::Money;

use super::super::{Passed, Wrong, hold_sealed, verify};
use super::{forged, reforged, says};
use crate::auctions::rules::course::{CourseEvent, LotCourse};
use crate::auctions::rules::receipt::ReceiptKeys;
use crate::auctions::rules::sealed::receipt::SealedReceipt;
use crate::auctions::rules::sealed::tests::{FIRST_PRICE, Story, name, sealed_terms};

/// Three bids, of which the first is replaced; 1 and 2 are tied at 100 yuan, and 2 has it for 110: events 4 to 7.
fn tied() -> Story {
    let mut story = Story::open(sealed_terms(FIRST_PRICE));
    for (who, fen, second) in [(1, 5_000, 1), (1, 10_000, 2), (2, 10_000, 3), (3, 9_000, 4)] {
        story.seals(who, fen, second).unwrap();
    }
    story.ends();
    story.seals(2, 11_000, 3_700).unwrap();
    story.ends();
    assert_eq!((story.lot.seq, story.lot.price_minor), (7, Some(11_000)));
    story
}

fn second_price() -> Story {
    let mut story = Story::open(LotTerms { reserve: Reserve::Open { amount: Money::fen(6_000) }, ..sealed_terms(Format::Vickrey {}) });
    for (who, fen) in [(1, 8_000), (2, 10_000), (3, 7_000)] {
        story.seals(who, fen, 1).unwrap();
    }
    story.ends();
    story
}

#[test]
fn sealed_lots_pass_with_every_receipt_that_was_given() {
    for (story, replaced) in [(tied(), 1), (second_price(), 0)] {
        let course = story.course();
        assert_eq!(verify(&course, &[], |_| {}), Ok(()));
        let mut passed = Vec::new();
        assert_eq!(hold_sealed(&course, &story.receipts, |one| passed.push(one)), Ok(()));
        assert_eq!(passed.len(), story.receipts.len(), "one that was replaced passes too");
        assert!(matches!(&passed[0], Passed::SealedReceipt { bidder, round: 1, .. } if *bidder == name(1)));
        let told = passed.iter().filter(|one| one.to_string().contains("; replaced by a later one of "));
        assert_eq!(told.count(), replaced);
    }
    assert_eq!(second_price().course().outcome.price, Some(Money::fen(8_000)));
}

/// The lowest wins: 1 and 2 are tied at 80 yuan, and 2 has it for 70: events 4 to 7.
#[test]
fn a_sealed_lot_that_the_lowest_wins_passes_and_a_bid_too_high_in_it_is_named() {
    let start_price = Money::fen(10_000);
    let mut story = Story::open(LotTerms { direction: Direction::Descending, start_price, ..sealed_terms(FIRST_PRICE) });
    for (who, fen) in [(1, 8_000), (2, 8_000), (3, 9_000)] {
        story.seals(who, fen, 1).unwrap();
    }
    story.ends();
    story.seals(2, 7_000, 3_700).unwrap();
    story.ends();
    let course = story.course();
    assert_eq!(verify(&course, &[], |_| {}), Ok(()));
    assert_eq!(hold_sealed(&course, &story.receipts, |_| {}), Ok(()));
    assert_eq!((course.outcome.winner.as_ref(), course.outcome.price), (Some(&name(2)), Some(Money::fen(7_000))));
    for (event, before, after) in [(3, "90.00", "100.01"), (5, "70.00", "80.01")] {
        let (wrong, _, why) = forged(&course, |events| says(&mut events[event], before, after));
        assert_eq!((wrong, why.as_str()), (Wrong::AgainstTheRules, "too_high"));
    }
}

/// Two units of three bidders, of whom 1 would have two: events 4 and 5.
fn units() -> Story {
    let format = Format::UniformPrice { units: 2, cap: 2, pays: UniformPays::HighestRejected };
    let mut story = Story::open(LotTerms { reserve: Reserve::Open { amount: Money::fen(3_000) }, ..sealed_terms(format) });
    for (who, prices) in [(1, vec![5_000, 4_000]), (2, vec![4_800]), (3, vec![3_900])] {
        story.seals_units(who, &prices, 1).unwrap();
    }
    story.ends();
    story
}

#[test]
fn who_has_how_many_units_for_how_much_is_recomputed() {
    let story = units();
    let course = story.course();
    let mut outcome = String::new();
    let told = |passed: Passed| outcome = passed.to_string();
    assert_eq!((verify(&course, &[], told), hold_sealed(&course, &story.receipts, |_| {})), (Ok(()), Ok(())));
    let (one, two) = (name(1), name(2));
    assert_eq!(outcome, format!("outcome: closed_sold, 1 units to {one} for 40.00 CNY, 1 units to {two} for 40.00 CNY"));
    let (loser, winner) = (name(3), name(2));
    let other_winner = |events: &mut Vec<CourseEvent>| {
        let (awarded, other) = (format!("{{\"bidder\":\"{winner}\",\"units\""), format!("{{\"bidder\":\"{loser}\",\"units\""));
        says(&mut events[4], &awarded, &other);
    };
    let (wrong, seq, why) = forged(&course, other_winner);
    assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(5)));
    assert!(why.starts_with("awards") && why.contains(&loser) && why.contains("instead of"), "{why}");
    let named_as = |change: fn(&mut Vec<CourseEvent>), wrong: Wrong, seq: i64| {
        let (found, at, why) = forged(&course, change);
        assert_eq!((found, at), (wrong, Some(seq)), "{why}");
    };
    named_as(|events| says(&mut events[4], "\"units\":1", "\"units\":2"), Wrong::NotWhatFollows, 5);
    named_as(|events| says(&mut events[4], "\"40.00\"", "\"39.00\""), Wrong::NotWhatFollows, 5);
    named_as(|events| says(&mut events[3], "\"40.00\"", "\"41.00\""), Wrong::BidNotCommitted, 4);
    named_as(|events| says(&mut events[3], "\"40.00\"", "\"51.00\""), Wrong::AgainstTheRules, 4);
}

#[test]
fn bids_that_are_opened_otherwise_are_named() {
    let whole = tied().course();
    let named_as = |change: fn(&mut Vec<CourseEvent>), wrong: Wrong, seq: i64| {
        let (found, at, why) = forged(&whole, change);
        assert_eq!((found, at), (wrong, Some(seq)), "{why}");
    };
    named_as(|events| says(&mut events[3], "\"90.00\"", "\"95.00\""), Wrong::BidNotCommitted, 4);
    named_as(|events| says(&mut events[3], &name(3), &name(2)), Wrong::AgainstTheRules, 4);
    named_as(|events| says(&mut events[3], "\"round\":1", "\"round\":2"), Wrong::NotWhatFollows, 4);
    named_as(|events| events[3].at -= TimeDelta::seconds(1), Wrong::AgainstTheRules, 4);
    named_as(
        |events| says(&mut events[4], "\"at_least\":{\"amount\":\"100.00\"", "\"at_least\":{\"amount\":\"90.00\""),
        Wrong::NotWhatFollows,
        5,
    );
    named_as(|events| events[4].at += TimeDelta::seconds(1), Wrong::NotWhatFollows, 5);
    named_as(|events| says(&mut events[6], "110.00", "100.00"), Wrong::NotWhatFollows, 7);
    named_as(|events| drop(events.remove(3)), Wrong::AgainstTheRules, 4);
    // Without the round among equals: sold at once, or bids opened that nobody was asked for.
    named_as(|events| drop(events.drain(4..6)), Wrong::AgainstTheRules, 5);
    named_as(|events| drop(events.remove(4)), Wrong::AgainstTheRules, 5);
}

#[test]
fn whoever_has_a_receipt_sees_that_his_bid_was_left_out() {
    let story = tied();
    let faults = |course: &LotCourse, receipts: &[SealedReceipt]| hold_sealed(course, receipts, |_| {}).unwrap_err().wrong;
    // The replaced bid of 50 yuan opened in place of the last: its own receipt passes, the later one does not.
    let mut earlier = Story::open(sealed_terms(FIRST_PRICE));
    for (who, fen, second) in [(1, 5_000, 1), (2, 10_000, 3), (3, 9_000, 4)] {
        earlier.seals(who, fen, second).unwrap();
    }
    earlier.ends();
    let course = earlier.course();
    assert_eq!((verify(&course, &[], |_| {}), hold_sealed(&course, &story.receipts[..1], |_| {})), (Ok(()), Ok(())));
    assert_eq!(faults(&course, &story.receipts[1..2]), Wrong::ReceiptWithoutBid);
    assert_eq!(faults(&course, &story.receipts[4..]), Wrong::ReceiptWithoutBid, "there was no second round");

    let whole = story.course();
    let other_price = |receipt: &SealedReceipt| {
        let mut touched = receipt.clone();
        touched.statement.price = Money::fen(10_001);
        touched
    };
    assert_eq!(faults(&whole, &[other_price(&story.receipts[1])]), Wrong::ReceiptPath);
    let strangers = LotCourse { receipt_keys: ReceiptKeys { keys: Vec::new() }, ..whole.clone() };
    assert_eq!(faults(&strangers, &story.receipts), Wrong::ReceiptKeyUnknown);
    // A log that was another when the bid was sealed.
    let later = reforged(&whole, |events| events[1].at -= TimeDelta::seconds(1));
    assert_eq!(faults(&later, &story.receipts[1..2]), Wrong::ReceiptDiffers);
}
