//! What waits for the grace, and when a first offer is in time.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::lot;
use entity::money::Money;

use super::{Play, attempt, name, order};
use crate::auctions::rules::log::Cause;
use crate::auctions::rules::rounds::{Envelopes, advance, book, heard_until, hears, judge, may_seal, moment};
use crate::auctions::rules::tests::at;
use crate::auctions::rules::{clock, pause, session};
use crate::platform::problem::Code;

fn millis_after(second: i64, millis: i64) -> Timestamp {
    at(second) + TimeDelta::milliseconds(millis)
}

/// Why a first offer at the start price is refused, if it is.
fn refused(lot: &lot::Model, arrival: Timestamp) -> Option<Code> {
    may_seal(lot, false, Money::fen(10_000), arrival).err().map(|problem| problem.code)
}

/// The first turn runs until 420 s. Somebody whose turn is next bids before what arrived in it has been heard out.
#[test]
fn a_bid_in_time_counts_though_the_next_bidder_was_quicker() {
    let mut play = Play::opened(&[(1, 10_000), (2, 11_000)]);
    let soon = millis_after(420, 100);
    let bids = |play: &Play, who: u128| judge(&play.lot, &play.envelopes, &attempt(who, 12_000, soon)).map_err(|problem| problem.code);
    assert!(advance(&play.lot, &play.envelopes, heard_until(&play.lot, soon)).0.is_empty(), "the turn has not had its grace");
    assert!(hears(&play.lot, soon));
    assert_eq!(bids(&play, 2), Err(Code::Busy), "he is to bid again");
    assert_eq!(bids(&play, 1), Err(Code::NotYourTurn), "he is late");
    assert_eq!(play.refusal(1, 13_000, 419), None, "it had arrived in time");

    let after = clock::next_look(&play.lot).unwrap();
    assert_eq!(after, millis_after(420, 300));
    let (events, ended) = advance(&play.lot, &play.envelopes, heard_until(&play.lot, after));
    assert_eq!((events.len(), events[0].at, hears(&ended, after)), (1, at(420), false));
    assert_eq!((ended.price_minor, ended.leader_pseudonym.clone()), (Some(13_000), Some(name(1))));
    assert!(judge(&ended, &play.envelopes, &attempt(2, 12_000, soon)).is_ok());
}

#[test]
fn a_first_offer_in_time_counts_though_bidding_opens() {
    let lot = Play::announced().lot;
    let soon = millis_after(0, 100);
    assert!(advance(&lot, &Envelopes::default(), heard_until(&lot, soon)).0.is_empty() && hears(&lot, soon));
    assert_eq!(clock::next_look(&lot), Some(millis_after(0, 300)));
    assert_eq!((refused(&lot, at(-1)), refused(&lot, soon)), (None, Some(Code::WrongState)));

    let hosted = lot::Model { hosted: true, opens_by: Some(at(1_800)), ..lot };
    let (_, opened) = session::open(&hosted, Cause::default(), at(100)).unwrap();
    assert_eq!((refused(&opened, at(99)), refused(&opened, at(100))), (None, Some(Code::WrongState)));
    let (_, known) = advance(&opened, &Envelopes::default(), at(100));
    assert!(book(&known).is_some());
    assert_eq!(refused(&known, at(99)), Some(Code::WrongState));
}

#[test]
fn a_pause_stops_the_clock_of_first_offers() {
    let lot = Play::announced().lot;
    let early = pause::pause(&lot, &order(), at(-5)).unwrap().1;
    assert_eq!(refused(&early, at(60)), None);
    // Registration closes late: the time to open had come when it was paused, and comes with the resumption.
    let late = lot::Model { enough_admitted: None, ..lot };
    let late = pause::pause(&late, &order(), at(5)).unwrap().1;
    assert_eq!(refused(&late, at(60)), Some(Code::WrongState));
}

/// A deed takes its time before it has the lot, so an offer sealed just before it may have come later.
#[test]
fn nobody_opens_before_a_first_offer() {
    let lot = lot::Model { hosted: true, opens_by: Some(at(1_800)), ..Play::announced().lot };
    let sealed = millis_after(100, 5);
    assert_eq!(refused(&lot, sealed), None);
    let (event, opened) = session::open(&lot, Cause::default(), moment(&lot, Some(sealed), at(100))).unwrap();
    assert!(sealed < event.at && sealed < opened.opens_at);
    assert_eq!((moment(&opened, Some(sealed), at(100)), moment(&lot, None, at(100))), (at(100), at(100)));
}
