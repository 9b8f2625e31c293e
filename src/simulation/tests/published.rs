//! Lots that were held, replayed from what was published of them.

use entity::auctions::{ClosingMode, Format, LotTerms, Reserve, lot, lot_event};
use entity::money::Money;

use super::*;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::log::{Body, Cause, OpenedReserve, TERMINATED, append};
use crate::auctions::rules::receipt::ReceiptKeys;
use crate::auctions::rules::rounds::tests::Play;
use crate::auctions::rules::sealed::tests::{FIRST_PRICE, Story, sealed_terms};
use crate::auctions::rules::tests::{at, bid, lot, terms};
use crate::auctions::rules::verify::Wrong;
use crate::auctions::rules::{Attempt, announce, clock, close, judge, reserve};
use crate::platform::keys::hex;
use crate::simulation::published::replay;

const SALT: [u8; 16] = [7; 16];

/// An English lot with a secret reserve of 120 yuan.
fn english() -> LotTerms {
    LotTerms { reserve: Reserve::Secret { commitment: reserve::commitment(&SALT, Money::fen(12_000)) }, ..terms() }
}

/// A price that falls every minute from 100 yuan by 5 to 60.
fn falling() -> LotTerms {
    let format = Format::Dutch { floor: Money::fen(6_000), decrement: Money::fen(500), tick_seconds: 60 };
    LotTerms { closing_mode: ClosingMode::HardClose, free_period_seconds: 9 * 60, format, ..terms() }
}

fn published(lot: &lot::Model, log: Vec<lot_event::Model>) -> LotCourse {
    LotCourse::of(lot, log, ReceiptKeys { keys: Vec::new() })
}

/// A lot that was announced long before, bid for and sold.
fn held(terms: LotTerms, bids: &[Attempt]) -> LotCourse {
    let is_secret = matches!(terms.reserve, Reserve::Secret { .. });
    let opened = is_secret.then(|| OpenedReserve { amount: Money::fen(12_000), salt: hex(&SALT) });
    let blank = lot::Model { enough_admitted: None, ..lot(terms) };
    let (announced, next) = announce::announced(&blank, at(-1_000_000));
    let (registered, next) = announce::registered(&next, 2, at(-1));
    let judged = judge(&next, bids);
    let over = clock::next_look(&judged.lot).unwrap();
    let closing = close::close(&judged.lot, opened, over);
    published(&closing.lot, [vec![announced, registered], judged.events, vec![closing.event]].concat())
}

fn sealed() -> LotCourse {
    let mut story = Story::open(sealed_terms(FIRST_PRICE));
    story.seals(1, 9_000, 10).unwrap();
    story.seals(2, 10_000, 20).unwrap();
    story.ends();
    story.course()
}

fn by_rounds() -> LotCourse {
    let mut play = Play::opened(&[(1, 10_000), (2, 11_000)]);
    play.bids(1, 12_000, at(310)).unwrap();
    play.ends();
    play.course()
}

/// What happened once registration had closed, each kind once for however often it came in a row.
fn kinds(course: &Course) -> Vec<&str> {
    let mut kinds: Vec<_> = course.lines.iter().skip(2).map(|line| line.what.as_str()).collect();
    kinds.dedup();
    kinds
}

#[test]
fn lots_of_every_way_of_bidding_are_replayed_and_drawn() {
    let bids = [bid(1, 10_000, 100), bid(2, 11_000, 3_400), bid(1, 13_000, 3_650)];
    let told: [(LotCourse, &[&str], &str, usize); 4] = [
        (held(english(), &bids), &["opened", "bid_placed", "sold"], "sold to 竞买人 1 for 130.00 CNY, 3 bids\n", 3),
        (held(falling(), &[bid(1, 8_000, 240)]), &["opened", "bid_placed", "sold"], "sold to 竞买人 1 for 80.00 CNY, 1 bids\n", 5),
        (sealed(), &["opened", "bids_opened", "sold"], "sold to 竞买人 0002 for 100.00 CNY, 2 bids\n", 1),
        (by_rounds(), &["opened", "first_offers_opened", "turn_ended", "sold"], "sold to 竞买人 1 for 120.00 CNY, 3 bids\n", 2),
    ];
    for (published, events, outcome, prices) in told {
        let course = replay(&published).unwrap();
        assert_eq!(kinds(&course), events);
        assert_eq!(course.lines.len(), published.events.len(), "everything in the log is told");
        assert!(text(&course).ends_with(outcome), "{}", text(&course));
        let drawing = Drawing::of(&course);
        assert_eq!(drawing.from, at(0), "it is drawn from its opening on, however long before it was announced");
        let drawn = svg(&drawing);
        well_formed(&drawn);
        assert_eq!(heights(&drawn).len(), prices, "{outcome}");
        assert_eq!(drawn.contains("保留价 120"), course.reserve.is_some());
    }
}

#[test]
fn what_was_changed_is_not_replayed() {
    let mut course = held(terms(), &[bid(1, 10_000, 100)]);
    course.events[3].body_text = course.events[3].body_text.replace("100.00", "110.00");
    let fault = replay(&course).unwrap_err();
    assert_eq!((fault.wrong, fault.seq()), (Wrong::EventChanged, Some(4)));
}

#[test]
fn a_lot_whose_listing_was_terminated_is_replayed_too() {
    let (announced, next) = announce::announced(&lot::Model { enough_admitted: None, ..lot(terms()) }, at(-1_000));
    let (aborted, next) = append(&next, at(-500), &Body::aborted(TERMINATED), Cause::default());
    let course = replay(&published(&next, vec![announced, aborted])).unwrap();
    assert!(text(&course).ends_with("aborted: the listing was terminated\n"), "{}", text(&course));
    well_formed(&svg(&Drawing::of(&course)));
}
