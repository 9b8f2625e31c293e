//! Courses of weighted quotes recomputed.

use entity::auctions::{LotTerms, lot};
use entity::scores::GivenScore;

use super::super::{Wrong, verify};
use super::{forged, says};
use crate::auctions::rules::course::{CourseEvent, LotCourse};
use crate::auctions::rules::receipt::ReceiptKeys;
use crate::auctions::rules::sealed::tests::{name, sealed_terms};
use crate::auctions::rules::sealed::weighted::open;
use crate::auctions::rules::sealed::weighted::tests::{format, given, opened, scores};
use crate::auctions::rules::tests::{at, lot as of_terms};
use crate::auctions::rules::{announce, clock, close};

/// Bidder 2 has it with 92.4500 points for 900 yuan, against 83.2500 of bidder 1, who bid 1000: events 4 and 5.
pub(super) fn course() -> LotCourse {
    let scored = [given(5_000, [60, 70, 70, 75, 99]), given(10_000, [91, 88, 20, 92, 90])];
    played(sealed_terms(format()), &[100_000, 90_000], &scored)
}

/// What comes of quotes of so many fen by bidders 1, 2, .., who were given this.
pub(super) fn played(terms: LotTerms, prices: &[i64], scored: &[Vec<GivenScore>]) -> LotCourse {
    let blank = lot::Model { enough_admitted: None, ..of_terms(terms) };
    let (announced, lot) = announce::announced(&blank, at(-1_000));
    let (registered, lot) = announce::registered(&lot, u32::try_from(prices.len()).unwrap(), at(-1));
    let (opening, lot) = clock::advance(&lot, at(0));
    let now = clock::next_look(&lot).unwrap();
    let bids = (1..).zip(prices).map(|(who, fen)| opened(&lot, who, *fen, 10 * i64::try_from(who).unwrap())).collect();
    let (told, lot) = open(&lot, bids, &scores(scored), None, now);
    let closing = close::close(&lot, None, now);
    let log = [vec![announced, registered], opening, vec![told, closing.event]].concat();
    LotCourse::of(&closing.lot, log, ReceiptKeys { keys: Vec::new() })
}

#[test]
fn a_total_or_a_winner_that_does_not_follow_is_named() {
    let whole = course();
    assert_eq!(verify(&whole, &[], |_| {}), Ok(()));
    assert_eq!(whole.outcome.winner, Some(name(2)));
    let named = |change: fn(&mut Vec<CourseEvent>)| forged(&whole, change);
    let (wrong, seq, why) = named(|events| says(&mut events[3], "92.4500", "82.4500"));
    assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(4)));
    assert_eq!(why, format!("the total of {} is 82.4500 instead of 92.4500", name(2)));
    // Another score makes another total, also where all hashes were made anew; where they were not, the chain tells it.
    let (wrong, seq, why) = named(|events| says(&mut events[3], "\"88.00\"", "\"89.00\""));
    assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(4)));
    assert!(why.contains("instead of 92.5000"), "{why}");
    let mut touched = whole.clone();
    says(&mut touched.events[3], "\"88.00\"", "\"89.00\"");
    assert_eq!(verify(&touched, &[], |_| {}).unwrap_err().wrong, Wrong::EventChanged);

    let (wrong, seq, _) = named(|events| says(&mut events[3], "\"level\":\"5000\"", "\"level\":\"7000\""));
    assert_eq!((wrong, seq), (Wrong::AgainstTheRules, Some(4)));
    let (wrong, seq, _) =
        named(|events| says(&mut events[3], "\"highest\":{\"amount\":\"1000.00\"", "\"highest\":{\"amount\":\"2000.00\""));
    assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(4)));
    let (wrong, seq, _) = named(|events| says(&mut events[4], &name(2), &name(1)));
    assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(5)));
}
