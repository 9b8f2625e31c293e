//! A course of every format, and every way to touch one: each is named, also where whoever keeps the log made all numbers and hashes
//! good again.

use chrono::TimeDelta;
use entity::auctions::{ClosingMode, Format, LotTerms, UniformPays};
use entity::ids::LotId;
use entity::money::Money;
use uuid::Uuid;

use super::{Story, found, key, reforged, sale, says, weighted};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::receipt::{BidStatement, ReceiptKey, ReceiptKeys, SignedReceipt, issue};
use crate::auctions::rules::rounds::receipt::{self as turns, TurnBidStatement, TurnReceipt};
use crate::auctions::rules::rounds::tests::{Play, key as turn_key};
use crate::auctions::rules::sealed;
use crate::auctions::rules::sealed::receipt::{SealedBidStatement, SealedReceipt, sign};
use crate::auctions::rules::sealed::tests::sealed_terms;
use crate::auctions::rules::tests::{at, terms};
use crate::auctions::rules::verify::{Wrong, hold_sealed, hold_turns, verify};
use crate::platform::keys::{hex, sha256};

/// A receipt of the kind a format has.
enum Receipt {
    Bid(SignedReceipt),
    Sealed(SealedReceipt),
    Turn(TurnReceipt),
}

/// A course and what is expected of it.
struct Case {
    format: &'static str,
    course: LotCourse,
    /// Its event with an amount, the amount and another, and what that is.
    amount: (usize, &'static str, &'static str, Wrong),
    /// What it is when the last event comes before the one it follows from, or without it.
    too_soon: Wrong,
    /// A good receipt of another lot.
    foreign: Receipt,
}

const OTHER: LotId = LotId(Uuid::from_u128(9));

fn of_bids(format: &'static str, story: &Story, amount: (usize, &'static str, &'static str, Wrong), too_soon: Wrong) -> Case {
    let foreign = issue(&[BidStatement { lot_id: OTHER, ..story.said[0].clone() }], &key(1), at(2)).remove(0);
    Case { format, course: story.course(), amount, too_soon, foreign: Receipt::Bid(foreign) }
}

/// From 100.00 by 5.00 to 60.00, a minute each: taken at 80.00.
fn falling() -> Case {
    let format = Format::Dutch { floor: Money::fen(6_000), decrement: Money::fen(500), tick_seconds: 60 };
    let mut story = Story::open(LotTerms { closing_mode: ClosingMode::HardClose, free_period_seconds: 540, format, ..terms() });
    story.bids(1, 8_100, 240);
    story.ends(None);
    of_bids("dutch", &story, (3, "80.00", "85.00", Wrong::NotWhatFollows), Wrong::AgainstTheRules)
}

/// Bids of bidders 1, 2, 3, .., for one unit or several, sealed and opened.
fn of_sealed(format: Format, bids: &[&[i64]]) -> Case {
    let code = format.code();
    let mut story = sealed::tests::Story::open(sealed_terms(format));
    for (who, prices) in (1..).zip(bids) {
        story.seals_units(who, prices, 1).unwrap();
    }
    story.ends();
    let statement = SealedBidStatement { lot_id: OTHER, ..story.receipts[0].statement.clone() };
    let jws = sign(&statement, &key(1), at(1));
    Case {
        format: code,
        course: story.course(),
        amount: (3, "\"90.00\"", "\"95.00\"", Wrong::BidNotCommitted),
        too_soon: Wrong::AgainstTheRules,
        foreign: Receipt::Sealed(SealedReceipt::of(statement, jws)),
    }
}

fn of_weighted(one_price: Case) -> Case {
    let keys = vec![ReceiptKey::of(key(1).verifying_key().as_bytes())];
    Case {
        format: "weighted",
        course: LotCourse { receipt_keys: ReceiptKeys { keys }, ..weighted::course() },
        amount: (3, "\"900.00\"", "\"950.00\"", Wrong::BidNotCommitted),
        ..one_price
    }
}

/// Two bidders over three rounds, of whom the first raises to 120.00 in his first turn.
fn by_rounds() -> Case {
    let mut play = Play::opened(&[(1, 10_000), (2, 11_000)]);
    play.bids(1, 12_000, at(310)).unwrap();
    play.ends();
    let foreign = turns::issue(TurnBidStatement { lot_id: OTHER, ..play.receipts[0].statement.clone() }, &turn_key(), at(310));
    Case {
        format: "rounds",
        course: play.course(),
        amount: (4, "120.00", "105.00", Wrong::AgainstTheRules),
        too_soon: Wrong::AgainstTheRules,
        foreign: Receipt::Turn(foreign),
    }
}

fn cases() -> Vec<Case> {
    let singly: &[&[i64]] = &[&[8_000], &[10_000], &[9_000]];
    let several: &[&[i64]] = &[&[10_000, 9_000], &[9_500], &[8_000]];
    vec![
        of_bids("english", &sale(), (4, "110.00", "105.00", Wrong::AgainstTheRules), Wrong::NotWhatFollows),
        falling(),
        of_sealed(Format::FirstPrice { tie_round_seconds: 300 }, singly),
        of_sealed(Format::Vickrey {}, singly),
        of_sealed(Format::OneShot { tie_round_seconds: 300 }, singly),
        by_rounds(),
        of_weighted(of_sealed(Format::Vickrey {}, singly)),
        of_sealed(Format::UniformPrice { units: 2, cap: 2, pays: UniformPays::HighestRejected }, several),
        of_sealed(Format::PayAsBid { units: 2, cap: 2 }, several),
    ]
}

/// A change to a course: what it is where the hashes stay, and where they are made anew; and in which event.
type Touch = (&'static str, Box<dyn Fn(&mut LotCourse)>, [(Wrong, i64); 2]);

fn touches(case: &Case) -> [Touch; 8] {
    let count = case.course.events.len();
    let last = i64::try_from(count).unwrap();
    let (place, from, to, wrong) = case.amount;
    let amount = i64::try_from(place).unwrap() + 1;
    let (changed, broken) = (Wrong::EventChanged, Wrong::SequenceBroken);
    [
        (
            "an amount",
            Box::new(move |course: &mut LotCourse| says(&mut course.events[place], from, to)),
            [(changed, amount), (wrong, amount)],
        ),
        (
            "the opening, later",
            Box::new(|course: &mut LotCourse| course.events[2].at += TimeDelta::seconds(1)),
            [(changed, 3), (Wrong::NotWhatFollows, 3)],
        ),
        (
            "the end, sooner",
            Box::new(move |course: &mut LotCourse| course.events[count - 1].at -= TimeDelta::seconds(1)),
            [(changed, last), (Wrong::AgainstTheRules, last)],
        ),
        ("the first two, swapped", Box::new(|course: &mut LotCourse| course.events.swap(1, 2)), [(broken, 2), (Wrong::AgainstTheRules, 2)]),
        (
            "the last two, swapped",
            Box::new(move |course: &mut LotCourse| course.events.swap(count - 2, count - 1)),
            [(broken, last - 1), (case.too_soon, last - 1)],
        ),
        (
            "one left out",
            Box::new(move |course: &mut LotCourse| drop(course.events.remove(count - 2))),
            [(broken, last - 1), (case.too_soon, last - 1)],
        ),
        (
            "one twice",
            Box::new(move |course: &mut LotCourse| course.events.insert(count - 1, course.events[count - 2].clone())),
            [(broken, last), (Wrong::AgainstTheRules, last)],
        ),
        (
            "one after the end",
            Box::new(move |course: &mut LotCourse| course.events.push(course.events[count - 1].clone())),
            [(broken, last + 1), (Wrong::AfterTheEnd, last + 1)],
        ),
    ]
}

#[test]
fn whatever_is_touched_in_a_course_of_any_format_is_named() {
    for case in cases() {
        let format = case.format;
        assert_eq!(verify(&case.course, &[], |_| {}), Ok(()), "{format}");
        for (what, touch, [kept, anew]) in touches(&case) {
            let mut touched = case.course.clone();
            touch(&mut touched);
            assert_eq!(found(&touched, &[]), (kept.0, Some(kept.1)), "{format}: {what}");
            let forged = reforged(&touched, |_| {});
            assert_eq!(found(&forged, &[]), (anew.0, Some(anew.1)), "{format}: {what}, all hashes made anew");
        }
        let mut other_terms = case.course.clone();
        other_terms.terms_text = other_terms.terms_text.replace("\"rulebook_version\":1", "\"rulebook_version\":2");
        assert_eq!(found(&other_terms, &[]), (Wrong::TermsChanged, None), "{format}");
        other_terms.terms_sha256 = hex(&sha256(other_terms.terms_text.as_bytes()));
        assert_eq!(found(&other_terms, &[]), (Wrong::TermsChanged, Some(1)), "{format}: they were announced");
        let held = match case.foreign {
            Receipt::Bid(receipt) => verify(&case.course, &[receipt], |_| {}),
            Receipt::Sealed(receipt) => hold_sealed(&case.course, &[receipt], |_| {}),
            Receipt::Turn(receipt) => hold_turns(&case.course, &[receipt], |_| {}),
        };
        assert_eq!(held.map_err(|fault| fault.wrong), Err(Wrong::ReceiptOfAnotherLot), "{format}");
    }
}
