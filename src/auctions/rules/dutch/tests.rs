//! A falling clock, proved.

use entity::auctions::{ClosingMode, LotEventKind, LotState, LotTerms, lot_event};
use entity::ids::AdmissionId;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::tests::{at, attempt as accepts, lot, sole, terms};
use crate::auctions::rules::{close, judge, log};

/// A clock that falls from one price to another, in yuan, its bidding as long as it takes.
fn falling(start: i64, decrement: i64, floor: i64, tick_seconds: i64) -> LotTerms {
    let yuan = |amount: i64| Money::fen(amount * 100);
    let start_price = yuan(start);
    let format = Format::Dutch { floor: yuan(floor), decrement: yuan(decrement), tick_seconds };
    let free_period_seconds = Fall::of(&format, start_price).unwrap().seconds().unwrap();
    LotTerms { closing_mode: ClosingMode::HardClose, start_price, format, free_period_seconds, ..terms() }
}

/// The vector of the domain: from 100 by 5 to 60, a minute each.
fn vector() -> lot::Model {
    lot(falling(100, 5, 60, 60))
}

fn order() -> Order {
    Order { reason: "网络故障".into(), ..Order::default() }
}

/// The price on the clock in yuan, as somebody finds it who looks then.
fn shown(lot: &lot::Model, second: i64) -> i64 {
    judge::least(lot, at(second)).unwrap().minor / 100
}

fn code(outcome: &Result<judge::Accepted, Problem>) -> Option<Code> {
    outcome.as_ref().err().map(|refusal| refusal.code)
}

#[test]
fn accepted_at_eighty_it_is_sold_for_eighty() {
    let lot = vector();
    assert_eq!(lot.terms.free_period_seconds, 9 * 60, "100, 95, .. 65, 60");
    let judged = judge(&lot, &[accepts(1, 8_000, at(239)), accepts(1, 8_000, at(240))]);
    assert_eq!(code(&judged.outcomes[0]), Some(Code::TooLow));
    assert_eq!(judged.outcomes[0].as_ref().unwrap_err().facts["at_least"]["amount"], "85.00");
    let accepted = judged.outcomes[1].as_ref().unwrap();
    assert_eq!((accepted.price, accepted.closes_at), (Money::fen(8_000), at(240)));
    let over = clock::next_look(&judged.lot).unwrap();
    assert_eq!(over, at(240) + TimeDelta::milliseconds(300));
    let closing = close::close(&judged.lot, None, over);
    assert_eq!(closing.lot.state, LotState::ClosedSold);
    assert_eq!(sole(&closing), Some((AdmissionId(Uuid::from_u128(1)), Money::fen(8_000))));
}

#[test]
fn each_price_stands_for_a_tick_and_the_last_at_the_floor() {
    let lot = vector();
    for (second, price) in [(-10, 100), (0, 100), (59, 100), (60, 95), (240, 80), (479, 65), (480, 60), (539, 60)] {
        assert_eq!(shown(&lot, second), price, "{second}");
    }
    // The last step down is as short as it must be.
    let uneven = falling(100, 15, 60, 60);
    assert_eq!(uneven.free_period_seconds, 4 * 60);
    assert_eq!([0, 60, 120, 180].map(|second| shown(&self::lot(uneven.clone()), second)), [100, 85, 70, 60]);
    assert_eq!(falling(60, 5, 60, 60).free_period_seconds, 60, "a clock that cannot fall stands for a tick");
}

#[test]
fn who_offers_more_has_it_for_no_more() {
    let judged = judge(&vector(), &[accepts(1, 9_999, at(130))]);
    assert_eq!(judged.outcomes[0].as_ref().unwrap().price, Money::fen(9_000));
    assert_eq!(judged.lot.price_minor, Some(9_000));
}

#[test]
fn of_two_in_one_tick_the_one_judged_first_has_it() {
    // The other was even there before him, but came to his turn after.
    let judged = judge(&vector(), &[accepts(1, 8_000, at(250)), accepts(2, 8_000, at(245))]);
    assert_eq!(judged.outcomes[0].as_ref().unwrap().seq, judged.lot.seq);
    assert_eq!(code(&judged.outcomes[1]), Some(Code::Closed));
    assert_eq!((judged.lot.leader_pseudonym.as_deref(), judged.lot.closes_at), (Some("竞买人 1"), at(250)));
    assert_eq!(judge::least(&judged.lot, at(250)), None, "nothing is to be had any more");
}

#[test]
fn nobody_at_the_floor_and_it_is_not_sold() {
    let (_, lot) = clock::advance(&vector(), at(1));
    assert_eq!(code(&judge(&lot, &[accepts(1, 6_000, at(540))]).outcomes[0]), Some(Code::Closed));
    let closing = close::close(&lot, None, clock::next_look(&lot).unwrap());
    assert_eq!((closing.lot.state, closing.awards), (LotState::ClosedUnsold, Vec::new()));
}

#[test]
fn a_pause_stops_the_clock_and_the_rest_of_the_tick_is_left() {
    let (_, lot) = clock::advance(&vector(), at(1));
    let (_, paused) = pause::pause(&lot, &order(), at(100)).unwrap();
    assert_eq!(shown(&paused, 100), 95);
    assert_eq!(shown(&paused, 9_000), 95);
    let (_, resumed) = pause::resume(&paused, &order(), at(1_100)).unwrap();
    assert_eq!((resumed.closes_at, counts_from(&resumed)), (at(1_540), Some(at(1_000))));
    assert_eq!([1_100, 1_119, 1_120, 1_239, 1_240].map(|second| shown(&resumed, second)), [95, 95, 90, 85, 80]);
}

#[test]
fn a_pause_before_the_opening_moves_the_whole_clock() {
    let (_, paused) = pause::pause(&vector(), &order(), at(-100)).unwrap();
    assert_eq!(shown(&paused, 500), 100);
    let (_, resumed) = pause::resume(&paused, &order(), at(900)).unwrap();
    assert_eq!([900, 1_059, 1_060].map(|second| shown(&resumed, second)), [100, 100, 95]);
}

#[test]
fn more_time_lengthens_the_last_tick_alone() {
    let (_, lot) = clock::advance(&vector(), at(1));
    let (_, longer) = pause::extend(&lot, 600, TimeDelta::hours(24), &order(), at(130)).unwrap();
    assert_eq!((longer.closes_at, counts_from(&longer)), (at(1_140), Some(at(0))));
    assert_eq!([130, 240, 480, 1_139].map(|second| shown(&longer, second)), [90, 80, 60, 60]);
    let outage = Outage { began_at: at(300), ended_at: at(500) };
    let (events, longer) = outage::extended(&lot, &[outage], TimeDelta::minutes(5), at(500), at(0));
    assert_eq!((events.len(), longer.closes_at, shown(&longer, 500)), (1, at(800), 60));
    assert_eq!(judge(&longer, &[accepts(1, 6_000, at(799))]).outcomes[0].as_ref().unwrap().price, Money::fen(6_000));
}

#[test]
fn what_was_accepted_is_moved_by_nothing() {
    let taken = judge(&vector(), &[accepts(1, 8_000, at(240))]).lot;
    let outage = Outage { began_at: at(238), ended_at: at(400) };
    assert!(outage::extended(&taken, &[outage], TimeDelta::minutes(5), at(400), at(240)).0.is_empty());
    assert_eq!(pause::extend(&taken, 60, TimeDelta::hours(1), &order(), at(240)).unwrap_err().code, Code::Closed);
    assert_eq!(pause::pause(&taken, &order(), at(240)).unwrap_err().code, Code::Closed);
}

#[test]
fn a_host_who_opens_late_opens_at_the_start_price() {
    let waiting = lot::Model { hosted: true, ..vector() };
    assert_eq!(shown(&waiting, 300), 100);
    let (_, open) = clock::opened(&waiting, at(300), log::Cause::default());
    assert_eq!((shown(&open, 359), shown(&open, 360), open.closes_at), (100, 95, at(840)));
}

/// What is tried with a clock.
#[derive(Clone, Debug)]
enum Try {
    Accept(u128, i64),
    Pause,
    Resume,
    Extend(i64),
    Outage(i64),
}

fn any_try() -> impl Strategy<Value = Try> {
    prop_oneof![
        2 => (1_u128..4, 0_i64..12_000).prop_map(|(who, fen)| Try::Accept(who, fen)),
        1 => Just(Try::Pause),
        2 => Just(Try::Resume),
        1 => (1_i64..900).prop_map(Try::Extend),
        1 => (1_i64..300).prop_map(Try::Outage),
    ]
}

fn done(what: &Try, ready: &lot::Model, now: Timestamp) -> Option<(Vec<lot_event::Model>, lot::Model)> {
    let one = |(event, lot)| (vec![event], lot);
    match what {
        Try::Accept(who, fen) => {
            let judged = judge(ready, &[accepts(*who, *fen, now)]);
            judged.outcomes[0].is_ok().then_some((judged.events, judged.lot))
        }
        Try::Pause => pause::pause(ready, &order(), now).ok().map(one),
        Try::Resume => pause::resume(ready, &order(), now).ok().map(one),
        Try::Extend(seconds) => pause::extend(ready, *seconds, TimeDelta::hours(24), &order(), now).ok().map(one),
        Try::Outage(seconds) => {
            let outage = Outage { began_at: now - TimeDelta::seconds(*seconds), ended_at: now };
            Some(outage::extended(ready, &[outage], TimeDelta::minutes(5), now, now))
        }
    }
}

proptest! {
    /// Whatever happens, the price never rises and never lies below the floor, the first acceptance is at the price that
    /// was shown and the last, and the lot can be rebuilt from its log.
    #[test]
    fn the_price_never_rises_and_is_had_once(
        (start, decrement, floor, tick) in (1_i64..120, 1_i64..50, 1_i64..120, 1_i64..200),
        tries in prop::collection::vec((any_try(), 0_i64..120), 1..40),
    ) {
        let begun = lot(falling(start.max(floor), decrement, floor, tick));
        let (mut lot, mut events, mut now) = (begun.clone(), Vec::new(), -200);
        let mut lowest = begun.terms.start_price;
        for (what, wait) in tries {
            now += wait;
            if is_run_out(&lot, at(now)) {
                break;
            }
            let (due, ready) = clock::advance(&lot, at(now));
            events.extend(due);
            let price = clock_price(&ready, at(now)).unwrap();
            prop_assert!(price.minor <= lowest.minor && price.minor >= floor * 100, "{} after {}", price, lowest);
            lowest = price;
            let Some((new, next)) = done(&what, &ready, at(now)) else {
                lot = ready;
                continue;
            };
            if matches!(what, Try::Accept(..)) {
                let first = new.last().is_some_and(|event| event.kind == LotEventKind::BidPlaced) && !is_taken(&ready);
                prop_assert!(first, "it is had twice");
                prop_assert_eq!((next.price_minor, next.closes_at), (Some(price.minor), at(now)));
            } else {
                prop_assert_eq!(clock_price(&next, at(now)), Some(price), "{:?} changes the price", what);
            }
            events.extend(new);
            lot = next;
        }
        prop_assert_eq!(log::replay(begun, &events), Ok(lot));
    }

    /// Reckoned from the terms alone, tick by tick.
    #[test]
    fn a_clock_shows_every_price_for_one_tick((start, decrement, floor, tick) in (1_i64..500, 1_i64..60, 1_i64..500, 1_i64..50)) {
        let terms = falling(start.max(floor), decrement, floor, tick);
        let (_, open) = clock::advance(&lot(terms.clone()), at(0));
        let (mut expected, mut second) = (start.max(floor), 0);
        loop {
            prop_assert_eq!((shown(&open, second), shown(&open, second + tick - 1)), (expected, expected));
            second += tick;
            if expected == floor {
                break;
            }
            expected = (expected - decrement).max(floor);
        }
        prop_assert_eq!(terms.free_period_seconds, second);
    }

    /// A course that somebody made up may say anything.
    #[test]
    fn no_terms_upset_it(numbers in any::<(i64, i64, i64, i64, i64)>(), second in -4_000_000_000_i64..4_000_000_000) {
        let (start, floor, decrement, tick_seconds, shifted_us) = numbers;
        let format = Format::Dutch { floor: Money::fen(floor), decrement: Money::fen(decrement), tick_seconds };
        let _ = Fall::of(&format, Money::fen(start)).and_then(Fall::seconds);
        let wild = LotTerms { start_price: Money::fen(start), format, ..terms() };
        let open = lot::Model { state: LotState::OpenFree, shifted_us, ..lot(wild) };
        prop_assert!(clock_price(&open, at(second)).unwrap().minor >= floor);
    }
}

/// Whether nothing is to be had of a clock any more.
fn is_run_out(lot: &lot::Model, now: Timestamp) -> bool {
    clock::is_over(lot, now) && lot.pause.is_none()
}
