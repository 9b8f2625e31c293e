//! Histories that are possible, and histories that must be refused.

use super::Deed::{Closed, Leads, Log, Lost, Placed, Read, TooLow};
use super::*;
use crate::common::play::Random;

const RULES: Rules = Rules { start: 100, step: 10 };
const OPEN: Seen = Seen { seq: 2, price: None, leader: None, closed: false };

const fn at(seq: i64, price: i64, leader: usize) -> Seen {
    Seen { seq, price: Some(price), leader: Some(leader), closed: false }
}

const fn call(deed: Deed, called: u64, returned: u64) -> Call {
    Call { deed, called, returned: Some(returned) }
}

const fn lost(bidder: usize, price: i64, called: u64) -> Call {
    Call { deed: Lost { bidder, price }, called, returned: None }
}

const fn placed(bidder: usize, price: i64, seq: i64) -> Deed {
    Placed { bidder, price, seq }
}

#[track_caller]
fn holds(calls: &[Call]) {
    assert_eq!(can_have_happened(&RULES, OPEN, calls), Ok(()));
}

#[track_caller]
fn fails(calls: &[Call]) {
    assert!(can_have_happened(&RULES, OPEN, calls).is_err(), "{calls:?} was taken for possible");
}

#[test]
fn what_happened_in_turn_can_have_happened() {
    let sold = Seen { closed: true, ..at(5, 120, 1) };
    holds(&[
        call(Read(OPEN), 0, 1),
        call(TooLow { bidder: 0, price: 99, at_least: 100 }, 2, 3),
        call(placed(0, 100, 3), 4, 5),
        call(Leads { bidder: 0 }, 6, 7),
        call(TooLow { bidder: 1, price: 105, at_least: 110 }, 8, 9),
        call(placed(1, 120, 4), 10, 11),
        call(Read(at(4, 120, 1)), 12, 13),
        call(Log { seq: 4 }, 14, 15),
        call(Closed(sold), 16, 17),
        call(Read(sold), 18, 19),
    ]);
}

#[test]
fn what_overlaps_may_have_happened_in_either_order() {
    holds(&[call(placed(1, 110, 4), 0, 9), call(placed(0, 100, 3), 1, 8), call(Read(OPEN), 2, 7), call(Read(at(3, 100, 0)), 3, 6)]);
    holds(&[call(Read(at(3, 100, 0)), 0, 5), call(placed(0, 100, 3), 4, 9)]);
}

#[test]
fn a_bid_that_was_acknowledged_is_seen_from_then_on() {
    fails(&[call(placed(0, 100, 3), 0, 1), call(Read(OPEN), 2, 3)]);
    fails(&[call(placed(0, 100, 3), 0, 1), call(Log { seq: 2 }, 2, 3)]);
    fails(&[call(placed(0, 100, 3), 0, 1), call(TooLow { bidder: 1, price: 90, at_least: 100 }, 2, 3)]);
}

#[test]
fn no_read_goes_back_behind_another() {
    fails(&[call(placed(0, 100, 3), 0, 9), call(Read(at(3, 100, 0)), 1, 2), call(Read(OPEN), 3, 4)]);
}

#[test]
fn nothing_is_seen_that_nobody_did() {
    fails(&[call(Read(at(3, 100, 0)), 0, 1)]);
    fails(&[call(placed(0, 100, 3), 2, 3), call(Read(at(3, 100, 0)), 0, 1)]);
    fails(&[call(placed(0, 100, 3), 0, 1), call(Read(at(3, 100, 1)), 2, 3)]);
}

#[test]
fn no_two_bids_have_one_number_and_none_is_left_out() {
    fails(&[call(placed(0, 100, 3), 0, 9), call(placed(1, 110, 3), 0, 9)]);
    fails(&[call(placed(0, 100, 4), 0, 9)]);
}

#[test]
fn every_bid_that_counts_raises_the_price() {
    fails(&[call(placed(0, 100, 3), 0, 1), call(placed(1, 109, 4), 2, 3)]);
    fails(&[call(placed(0, 100, 3), 0, 9), call(placed(1, 100, 4), 0, 9)]);
    fails(&[call(placed(0, 100, 3), 0, 1), call(placed(0, 110, 4), 2, 3)]);
    fails(&[call(placed(0, 99, 3), 0, 1)]);
}

#[test]
fn who_is_refused_is_told_what_held_then() {
    fails(&[call(TooLow { bidder: 0, price: 100, at_least: 100 }, 0, 1)]);
    fails(&[call(placed(0, 100, 3), 0, 1), call(TooLow { bidder: 1, price: 105, at_least: 120 }, 2, 3)]);
    fails(&[call(placed(0, 100, 3), 0, 1), call(Leads { bidder: 1 }, 2, 3)]);
}

#[test]
fn a_lot_closes_once_as_it_stood_and_takes_no_bid_after_that() {
    let bid = call(placed(0, 100, 3), 0, 1);
    let sold = Seen { closed: true, ..at(4, 100, 0) };
    let close = |called, returned| call(Closed(sold), called, returned);
    holds(&[bid, close(2, 9)]);
    fails(&[bid, close(2, 9), call(Closed(Seen { seq: 5, ..sold }), 2, 9)]);
    fails(&[bid, close(2, 3), call(placed(1, 110, 5), 4, 5)]);
    fails(&[bid, call(placed(1, 110, 4), 2, 3), close(4, 5)]);
    fails(&[bid, call(Closed(Seen { leader: Some(1), ..sold }), 2, 3)]);
    fails(&[bid, close(2, 3), call(Read(at(3, 100, 0)), 4, 5)]);
}

#[test]
fn a_bid_of_unknown_outcome_counts_from_any_later_instant_or_never() {
    holds(&[lost(0, 100, 0), call(Read(OPEN), 1, 2)]);
    holds(&[lost(0, 100, 0), call(Read(at(3, 100, 0)), 1, 2)]);
    holds(&[lost(0, 100, 0), call(Read(OPEN), 1, 2), call(Read(at(3, 100, 0)), 3, 4), call(placed(1, 110, 4), 5, 6)]);
    fails(&[call(Read(at(3, 100, 0)), 0, 1), lost(0, 100, 2)]);
    fails(&[lost(0, 100, 0), call(Read(at(3, 100, 0)), 1, 2), call(Read(OPEN), 3, 4)]);
    fails(&[lost(0, 100, 0), call(placed(1, 100, 3), 1, 2), call(Read(at(4, 100, 0)), 3, 4)]);
}

/// A lot that is bid for and read by twelve at once so many times, as it can have happened.
fn a_history(random: &mut Random, deeds: u64) -> Vec<Call> {
    let (mut lot, mut calls) = (OPEN, Vec::new());
    for moment in 1..=deeds {
        let bidder = usize::try_from(random.below(12)).unwrap();
        let price = RULES.least(&lot) + i64::try_from(random.below(3)).unwrap() * RULES.step;
        let deed = match random.below(4) {
            0 => Read(lot),
            1 => Log { seq: lot.seq },
            _ if lot.leader == Some(bidder) => Leads { bidder },
            2 => placed(bidder, price, lot.seq + 1),
            _ => TooLow { bidder, price: RULES.least(&lot) - 1, at_least: RULES.least(&lot) },
        };
        lot = RULES.after(lot, &deed).unwrap();
        let instant = moment * 100;
        let (called, returned) = (instant - random.below(600).min(instant), instant + random.below(600));
        match deed {
            Placed { bidder, price, .. } if random.below(20) == 0 => calls.push(lost(bidder, price, called)),
            _ => calls.push(call(deed, called, returned)),
        }
    }
    calls
}

#[test]
fn a_long_history_is_judged_and_a_single_wrong_answer_in_it_found() {
    let mut random = Random::seeded();
    let calls = a_history(&mut random, 2_000);
    holds(&calls);
    let reads: Vec<usize> = (0..calls.len()).filter(|place| matches!(calls[*place].deed, Read(_))).collect();
    let chosen = reads[usize::try_from(random.below(reads.len() as u64)).unwrap()];
    let mut wrong = calls.clone();
    if let Read(seen) = &mut wrong[chosen].deed {
        seen.leader = Some(99);
    }
    fails(&wrong);
    let late = calls.iter().position(|call| matches!(call.deed, Placed { seq, .. } if seq > 300)).unwrap();
    let mut gone = calls;
    gone.remove(late);
    fails(&gone);
}

/// The same verdict, found by trying every order.
fn some_order_is_possible(lot: Seen, left: &[Call]) -> bool {
    let Some(first_answer) = left.iter().filter_map(|call| call.returned).min() else { return true };
    let mut begun = left.iter().enumerate().filter(|(_, call)| call.called <= first_answer);
    begun.any(|(place, call)| {
        let rest = [&left[..place], &left[place + 1..]].concat();
        RULES.after(lot, &call.deed).is_some_and(|after| some_order_is_possible(after, &rest))
    })
}

#[test]
fn short_histories_are_judged_as_by_trying_every_order() {
    let mut random = Random::seeded();
    let mut verdicts = [0, 0];
    for _ in 0..3_000 {
        let mut calls = a_history(&mut random, 7);
        // Two answers are exchanged, which is possible for some.
        let [one, other] = [(); 2].map(|()| usize::try_from(random.below(7)).unwrap());
        let deeds = [one, other].map(|place| calls[place].deed);
        (calls[other].deed, calls[one].deed) = (deeds[0], deeds[1]);
        let possible = some_order_is_possible(OPEN, &calls);
        assert_eq!(can_have_happened(&RULES, OPEN, &calls).is_ok(), possible, "{calls:?}");
        verdicts[usize::from(possible)] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 100), "{verdicts:?}");
}
