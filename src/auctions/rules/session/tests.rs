//! Places in sessions, proved.

use chrono::TimeDelta;
use entity::auctions::{LotState, LotTerms, lot};
use entity::ids::LotSessionId;
use uuid::Uuid;

use super::{self as session, Place};
use crate::auctions::rules::pause::tests::{open_at, paused, resumed};
use crate::auctions::rules::tests::{at, bid, lot, refusals, terms};
use crate::auctions::rules::{clock, log};
use crate::platform::problem::{Code, Problem};

fn place(hosted: bool, closes: i64, opens_by: Option<i64>) -> Place {
    let session = LotSessionId(Uuid::from_u128(9));
    Place { session, ordinal: 2, closes_at: at(closes), hosted, opens_by: opens_by.map(at) }
}

fn joined(terms: LotTerms, place: &Place) -> Result<lot::Model, Problem> {
    session::join(&lot(terms), place, log::Cause::default(), at(-100)).map(|(_, lot)| lot)
}

#[test]
fn a_place_in_a_session_moves_the_end_only_to_later() {
    assert_eq!(joined(terms(), &place(false, 3_900, None)).unwrap().closes_at, at(3_900));
    assert_eq!(joined(terms(), &place(false, 3_000, None)).unwrap().closes_at, at(3_600));
    let short = LotTerms { max_duration_seconds: Some(3_700), ..terms() };
    assert_eq!(joined(short, &place(false, 3_900, None)).unwrap_err().code, Code::OutsideRule);
    let staggered = joined(terms(), &place(false, 3_900, None)).unwrap();
    assert_eq!(clock::advance(&staggered, at(0)).1.closes_at, at(3_900));
    let late = session::join(&open_at(terms(), 0), &place(false, 3_900, None), log::Cause::default(), at(0));
    assert_eq!(late.unwrap_err().code, Code::WrongState);
}

#[test]
fn a_hosted_lot_opens_when_the_host_says_so_or_by_itself_when_he_is_late() {
    let hosted = joined(terms(), &place(true, 3_600, Some(1_800))).unwrap();
    assert!(clock::advance(&hosted, at(1_799)).0.is_empty());
    assert_eq!(session::open(&hosted, log::Cause::default(), at(-1)).unwrap_err().code, Code::NotOpen);
    let open = session::open(&hosted, log::Cause::default(), at(600)).unwrap().1;
    assert_eq!((open.state, open.opens_at, open.closes_at), (LotState::OpenFree, at(600), at(4_200)), "nobody loses time");
    assert_eq!(refusals(&open, &[bid(1, 10_000, 599)]), [Some(Code::NotOpen)], "he opens to those who bid then");
    assert_eq!(refusals(&open, &[bid(1, 10_000, 600)]), [None]);
    let by_itself = clock::advance(&hosted, at(2_000)).1;
    assert_eq!((by_itself.state, by_itself.opens_at, by_itself.closes_at), (LotState::OpenFree, at(1_800), at(5_400)));
}

#[test]
fn a_hosted_lot_waits_for_its_turn() {
    let later = joined(terms(), &place(true, 3_600, None)).unwrap();
    assert!(clock::next_look(&later).is_none() && clock::advance(&later, at(90_000)).0.is_empty());
    let turn = |lot: &lot::Model, second| session::turn(lot, TimeDelta::minutes(30), at(second)).map(|(_, lot)| lot);
    let up = turn(&later, 5_000).unwrap();
    assert_eq!(clock::next_look(&up), Some(at(6_800)));
    assert!(turn(&up, 5_001).is_none(), "a turn comes once");
    // A turn that comes during a pause begins with its end.
    let on = resumed(&turn(&paused(&later, 4_000), 5_000).unwrap(), 6_000);
    assert_eq!(clock::next_look(&on), Some(at(7_800)));
}
