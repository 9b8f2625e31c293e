//! Pauses and extensions, proved.

use chrono::TimeDelta;
use entity::auctions::{ClosingMode, LotState, LotTerms, lot};
use entity::ids::{LotSessionId, PersonId};
use uuid::Uuid;

use super::{self as pause, Order};
use crate::auctions::rules::judge::judge;
use crate::auctions::rules::tests::{at, bid, lot, refusals, terms};
use crate::auctions::rules::{clock, close};
use crate::platform::problem::{Code, Problem};

pub(in crate::auctions::rules) fn order() -> Order {
    Order { reason: "网络故障".into(), ..Order::default() }
}

/// The lot after what is due by a second.
pub(in crate::auctions::rules) fn open_at(terms: LotTerms, second: i64) -> lot::Model {
    clock::advance(&lot(terms), at(second)).1
}

pub(in crate::auctions::rules) fn paused(lot: &lot::Model, second: i64) -> lot::Model {
    pause::pause(lot, &order(), at(second)).unwrap().1
}

pub(in crate::auctions::rules) fn resumed(lot: &lot::Model, second: i64) -> lot::Model {
    pause::resume(lot, &order(), at(second)).unwrap().1
}

fn extended(lot: &lot::Model, seconds: i64, second: i64) -> Result<lot::Model, Problem> {
    pause::extend(lot, seconds, TimeDelta::hours(24), &order(), at(second)).map(|(_, lot)| lot)
}

#[test]
fn a_pause_leaves_the_time_left_as_it_was() {
    let still = paused(&open_at(terms(), 3_500), 3_500);
    assert_eq!((still.state, still.closes_at), (LotState::Paused, at(3_600)));
    assert!(!clock::is_over(&still, at(9_000)) && clock::next_look(&still).is_none());
    let on = resumed(&still, 10_700);
    assert_eq!((on.state, on.closes_at, on.opens_at), (LotState::OpenFree, at(10_800), at(0)));
    assert!(on.pause.is_none());
}

#[test]
fn no_bid_counts_while_a_lot_is_paused_not_even_one_that_arrived_before() {
    let still = paused(&open_at(terms(), 100), 100);
    assert_eq!(refusals(&still, &[bid(1, 10_000, 99), bid(1, 10_000, 200)]), [Some(Code::Paused), Some(Code::Paused)]);
    let problem = judge(&still, &[bid(1, 10_000, 99)]).outcomes.remove(0).unwrap_err();
    assert_eq!((&problem.facts["reason"], &problem.facts["paused_at"]), (&"网络故障".into(), &serde_json::json!(at(100))));
    // What arrived during the pause and is judged after it counts as arrived at its end.
    let judged = judge(&resumed(&still, 300), &[bid(1, 10_000, 250)]);
    assert_eq!(judged.outcomes[0].as_ref().unwrap().arrival, at(300));
}

#[test]
fn only_what_runs_is_paused_and_only_what_is_paused_goes_on() {
    let code = |outcome: Result<(entity::auctions::lot_event::Model, lot::Model), Problem>| outcome.unwrap_err().code;
    let open = open_at(terms(), 100);
    assert_eq!(code(pause::resume(&open, &order(), at(100))), Code::WrongState);
    assert_eq!(code(pause::pause(&open, &order(), at(3_600))), Code::Closed, "it has run out, though nobody has looked yet");
    let still = paused(&open, 100);
    assert_eq!(code(pause::pause(&still, &order(), at(100))), Code::WrongState);
    let over = close::close(&open, None, at(3_601)).lot;
    assert_eq!(code(pause::pause(&over, &order(), at(3_601))), Code::WrongState);
    assert_eq!(extended(&over, 60, 3_601).unwrap_err().code, Code::WrongState);
    for reason in ["", " "] {
        let unsaid = Order { reason: reason.into(), ..Order::default() };
        assert_eq!(code(pause::pause(&open, &unsaid, at(100))), Code::Invalid);
        assert_eq!(code(pause::resume(&still, &unsaid, at(200))), Code::Invalid);
        assert_eq!(code(pause::extend(&open, 60, TimeDelta::hours(24), &unsaid, at(100))), Code::Invalid);
    }
    // Whoever reads the log is told why it goes on.
    let (event, _) = pause::resume(&still, &order(), at(200)).unwrap();
    assert!(event.body.contains("网络故障"), "{}", event.body);
    // What was paused with a session is not resumed without it.
    let session = Some(LotSessionId(Uuid::from_u128(9)));
    let whole = pause::pause(&open, &Order { session, ..order() }, at(100)).unwrap().1;
    assert_eq!(code(pause::resume(&whole, &order(), at(200))), Code::WrongState);
    assert!(pause::resume(&whole, &Order { session, ..order() }, at(200)).is_ok());
}

#[test]
fn a_host_is_told_what_he_may_do_to_a_lot() {
    let told = |lot: &lot::Model| pause::open_to(lot, PersonId(Uuid::from_u128(8)), at(100));
    let open = open_at(terms(), 100);
    assert_eq!(told(&open), ["pause_lot", "extend_lot"]);
    assert_eq!(told(&paused(&open, 100)), ["resume_lot", "extend_lot"]);
    let order = Order { session: Some(LotSessionId(Uuid::from_u128(9))), ..order() };
    let whole = pause::pause(&open, &order, at(100)).unwrap().1;
    assert_eq!(told(&whole), ["extend_lot"], "what was paused with a session goes on with it");
    assert!(told(&close::close(&open, None, at(3_601)).lot).is_empty());
    let decided = lot::Model { barred_persons: serde_json::json!([Uuid::from_u128(8)]), ..open };
    assert!(told(&decided).is_empty(), "he decided about its offer");
}

#[test]
fn a_pause_before_the_opening_moves_the_opening_too() {
    let still = paused(&lot(terms()), -60);
    assert!(clock::awaits_opening(&still) && clock::advance(&still, at(10)).0.is_empty());
    let on = resumed(&still, 140);
    assert_eq!((on.state, on.opens_at, on.closes_at), (LotState::Scheduled, at(200), at(3_800)));
    assert_eq!(clock::next_look(&on), Some(at(200)));
    assert_eq!(clock::advance(&on, at(200)).1.closes_at, at(3_800));
}

#[test]
fn the_latest_end_moves_with_the_clocks() {
    let short = LotTerms { max_duration_seconds: Some(3_700), ..terms() };
    let on = resumed(&paused(&open_at(short.clone(), 3_500), 3_500), 4_500);
    assert_eq!(judge(&on, &[bid(1, 10_000, 4_599)]).lot.closes_at, at(4_700));
    let longer = extended(&open_at(short, 3_500), 1_000, 3_500).unwrap();
    assert_eq!(judge(&longer, &[bid(1, 10_000, 4_599)]).lot.closes_at, at(4_700));
}

#[test]
fn a_timed_cycle_goes_on_in_the_cycle_it_was_in() {
    let cycle = LotTerms { closing_mode: ClosingMode::TimedCycle, ..terms() };
    let on = resumed(&paused(&open_at(cycle, 3_700), 3_700), 5_000);
    assert_eq!((on.state, on.closes_at), (LotState::OpenTimed, at(5_200)));
}

#[test]
fn an_extension_keeps_to_its_limit() {
    let open = open_at(terms(), 100);
    assert_eq!(extended(&open, 60, 100).unwrap().closes_at, at(3_660));
    assert_eq!(extended(&open, 86_400, 100).unwrap().closes_at, at(90_000));
    assert_eq!(extended(&open, 86_401, 100).unwrap_err().code, Code::OutsideRule);
    assert_eq!(extended(&open, 0, 100).unwrap_err().code, Code::Invalid);
    assert_eq!(extended(&open, 60, 3_600).unwrap_err().code, Code::Closed);
    // Also while it is paused, and before it has opened.
    assert_eq!(resumed(&extended(&paused(&open, 100), 60, 150).unwrap(), 200).closes_at, at(3_760));
    let waiting = extended(&lot(terms()), 60, -10).unwrap();
    assert_eq!(clock::advance(&waiting, at(0)).1.closes_at, at(3_660));
}
