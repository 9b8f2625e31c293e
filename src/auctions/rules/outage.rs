//! A market that stood still close to the end of a lot: the lot is not closed on those who could not bid, it is extended
//! and says why (as the law has a platform suspend on a fault of its system, SPC-NA art. 28).

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, LotState, lot, lot_event};

use super::buy_now::is_bought;
use super::limits::announced;
use super::log::{Body, Cause, append};
use super::pause::moment;
use super::{clock, dutch, rounds};

/// A time in which the market stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it was last known to run before.
    pub began_at: Timestamp,
    /// When it ran again.
    pub ended_at: Timestamp,
}

/// How long before the end an outage counts, and how long bidding goes on after one at least: as the lot was announced.
/// Nothing for lots from before there was such a rule.
pub fn window(lot: &lot::Model) -> Option<TimeDelta> {
    announced(lot, lot.terms.outage_window_seconds, "outage_window")
}

/// Whether an outage was long enough to count for a lot: as it was announced.
pub fn counts(lot: &lot::Model, outage: &Outage) -> bool {
    let least = announced(lot, lot.terms.outage_least_seconds, "outage_least");
    outage.ended_at - outage.began_at >= least.unwrap_or_default()
}

/// Whether an outage is reckoned by turns, as it is in bidding by rounds until a holder is asked after them.
pub fn is_by_turns(lot: &lot::Model) -> bool {
    rounds::is_by_rounds(&lot.terms) && lot.state != LotState::PreemptionAsk
}

/// The lot after outages that ended one after another, as somebody finds it `now`, with the events they caused. `last` is when the
/// event before them happened.
pub fn extended(
    lot: &lot::Model,
    outages: &[Outage],
    window: TimeDelta,
    now: Timestamp,
    mut last: Timestamp,
) -> (Vec<lot_event::Model>, lot::Model) {
    let (mut events, mut lot) = (Vec::new(), lot.clone());
    for outage in outages {
        // What was due meanwhile came to pass, though nobody served it, and may have brought the end near.
        let until = if is_foreseen(&lot) { outage.ended_at } else { now.max(outage.ended_at) };
        let (due, ahead) = clock::advance(&lot, until);
        if !hinders(&ahead, outage, window) {
            continue;
        }
        let Outage { began_at, ended_at } = *outage;
        last = due.last().map_or(last, |event| event.at);
        let body = Body::ExtendedForOutage { began_at, ended_at, closes_at: ended_at + window - still_to_come(&ahead), opens_at: None };
        let (event, next) = append(&ahead, told_at(&ahead, outage, last), &body, Cause::default());
        last = event.at;
        events.extend(due);
        events.push(event);
        lot = next;
    }
    (events, lot)
}

/// Whether an outage close to the end that a free period leads to is told of as soon as it is over. In lots from before the second
/// version of the rules it is once that end has come.
fn is_foreseen(lot: &lot::Model) -> bool {
    lot.terms.is_bound_to(2)
}

/// How long bidding goes on by itself after the end that stands: a timed cycle after a free period.
pub fn still_to_come(lot: &lot::Model) -> TimeDelta {
    clock::earliest_end(&lot.terms, lot.state, lot.closes_at, clock::latest_end(lot)) - lot.closes_at
}

/// When an outage is told of: as it ends, and not before what happened `last` in the log, which may have been while it lasted. In
/// lots from before the second version of the rules only no bid comes after it.
pub(super) fn told_at(lot: &lot::Model, outage: &Outage, last: Timestamp) -> Timestamp {
    let at = moment(lot, outage.ended_at);
    if lot.terms.is_bound_to(2) { at.max(last) } else { at }
}

/// Whether an outage fell into the last stretch of a lot that is being bid for, or in which a holder is asked. The end of a
/// free period is not the end, for a timed cycle follows it, and a lot that was bought has ended for everybody else.
fn hinders(lot: &lot::Model, outage: &Outage, window: TimeDelta) -> bool {
    // What was accepted or bought is over, though it waits for its close.
    let is_taken = dutch::is_taken(lot) || is_bought(lot);
    let ends = match lot.state {
        LotState::OpenTimed => !is_taken,
        LotState::OpenFree => !is_taken && (lot.terms.closing_mode != ClosingMode::TimedCycle || is_foreseen(lot)),
        // Who is asked could not answer, or seal one more bid. What was over before that kept him from nothing.
        LotState::PreemptionAsk => lot.asking.as_ref().is_some_and(|asking| {
            let is_waited_for = !asking.answered || asking.round.is_some();
            is_waited_for && outage.ended_at > asking.asked_at
        }),
        _ => false,
    };
    let ends_at = lot.closes_at + still_to_come(lot);
    ends && outage.began_at < ends_at && outage.ended_at > lot.opens_at && outage.ended_at + window > ends_at
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::{LotEventKind, LotTerms};
    use proptest::prelude::*;

    use super::*;
    use crate::auctions::rules::log;
    use crate::auctions::rules::tests::{at, lot, terms};

    const WINDOW: TimeDelta = TimeDelta::minutes(5);

    fn open(closing_mode: ClosingMode) -> lot::Model {
        clock::advance(&lot(LotTerms { closing_mode, ..terms() }), at(1)).1
    }

    /// When the lot closes after an outage, if it was extended.
    fn end(lot: &lot::Model, began: i64, ended: i64) -> Option<Timestamp> {
        let (events, next) = extended(lot, &[Outage { began_at: at(began), ended_at: at(ended) }], WINDOW, at(ended), at(0));
        let told = events.iter().any(|event| event.kind == LotEventKind::ExtendedForOutage);
        assert_eq!(told, next.closes_at > lot.closes_at && events.last().is_some_and(|e| e.kind == LotEventKind::ExtendedForOutage));
        told.then_some(next.closes_at)
    }

    #[test]
    fn an_outage_in_the_last_minutes_leaves_five_after_it() {
        for mode in [ClosingMode::HardClose, ClosingMode::SoftClose] {
            let lot = open(mode);
            assert_eq!(end(&lot, 3_000, 3_299), None, "it ended before the last five minutes");
            assert_eq!(end(&lot, 3_000, 3_301), Some(at(3_601)));
            assert_eq!(end(&lot, 3_400, 9_000), Some(at(9_300)), "the end passed meanwhile");
            assert_eq!(end(&lot, 3_599, 3_700), Some(at(4_000)));
            assert_eq!(end(&lot, 3_600, 3_700), None, "it was over before");
        }
    }

    #[test]
    fn the_end_of_a_free_period_is_not_the_end() {
        let lot = open(ClosingMode::TimedCycle);
        assert_eq!(end(&lot, 3_400, 3_500), None);
        // The timed cycle began at 3 600 s and would have ended five minutes later.
        assert_eq!(end(&lot, 3_400, 3_700), Some(at(4_000)));
        assert_eq!(end(&lot, 3_400, 20_000), Some(at(20_300)));
    }

    /// The cycle after the free period is shorter than what an outage leaves: the free period is longer by as much as is missing.
    #[test]
    fn an_outage_before_a_short_cycle_is_told_of_at_once() {
        let of = |rules_version| {
            let short = LotTerms { closing_mode: ClosingMode::TimedCycle, timed_cycle_seconds: 60, rules_version, ..terms() };
            clock::advance(&lot(short), at(1)).1
        };
        assert_eq!(end(&of(Some(2)), 3_300, 3_359), None, "it ended before the last five minutes of all");
        assert_eq!(end(&of(Some(2)), 3_400, 3_500), Some(at(3_740)));
        let next = extended(&of(Some(2)), &[Outage { began_at: at(3_400), ended_at: at(3_500) }], WINDOW, at(3_500), at(0)).1;
        assert_eq!(clock::advance(&next, at(3_740)).1.closes_at, at(3_800));
        // Found late it is the same outage.
        let late = extended(&of(Some(2)), &[Outage { began_at: at(3_400), ended_at: at(3_500) }], WINDOW, at(3_660), at(0)).1;
        assert_eq!(late, next);
        for earlier in [None, Some(1)] {
            assert_eq!(end(&of(earlier), 3_400, 3_500), None, "as it was announced");
        }
    }

    #[test]
    fn what_stood_anyway_is_not_extended() {
        let paused = lot::Model { state: LotState::Paused, ..open(ClosingMode::SoftClose) };
        assert_eq!(end(&paused, 3_400, 3_700), None);
        let closed = lot::Model { state: LotState::ClosedUnsold, ..open(ClosingMode::SoftClose) };
        assert_eq!(end(&closed, 3_400, 3_700), None);
        let later = lot(LotTerms { free_period_seconds: 120, opens_at: at(1_000), ..terms() });
        let later = clock::advance(&lot::Model { closes_at: at(1_120), ..later }, at(1_001)).1;
        assert_eq!(end(&later, 500, 999), None, "it opened after the outage");
    }

    /// What the terms say stands whatever the rules of the lot say beside them.
    #[test]
    fn an_outage_counts_from_the_length_that_was_announced_on() {
        let rules = |least: &str| {
            let named =
                |name: &str, value: &str| serde_json::json!({"name": name, "value": value, "source": "规则", "not_in_force": false});
            let parameters = [named("outage_least", least), named("outage_window", "5min")];
            serde_json::json!({"version": 1, "class": "private", "on": "2026-01-01", "parameters": parameters})
        };
        let before = lot::Model { rules: rules("40s").into(), ..open(ClosingMode::SoftClose) };
        let now = lot::Model { terms: LotTerms { outage_least_seconds: Some(20), ..terms() }, ..before.clone() };
        let counted = |lot: &lot::Model, length: i64| counts(lot, &Outage { began_at: at(3_400), ended_at: at(3_400 + length) });
        assert_eq!([39, 40].map(|length| counted(&before, length)), [false, true]);
        assert_eq!([19, 20].map(|length| counted(&now, length)), [false, true]);
        assert_eq!(window(&now), Some(WINDOW));
    }

    #[test]
    fn the_latest_end_moves_along() {
        let most = LotTerms { max_duration_seconds: Some(3_600), ..terms() };
        let (_, lot) = clock::advance(&lot(most), at(1));
        let (_, next) = extended(&lot, &[Outage { began_at: at(3_500), ended_at: at(4_000) }], WINDOW, at(4_000), at(0));
        assert_eq!((next.closes_at, clock::latest_end(&next)), (at(4_300), Some(at(4_300))));
    }

    /// Where the latest end leaves no room for a timed cycle, the free period's end is the end after all.
    #[test]
    fn a_timed_phase_that_ends_as_it_begins_is_extended_too() {
        let most = LotTerms { closing_mode: ClosingMode::TimedCycle, max_duration_seconds: Some(3_600), ..terms() };
        let (_, lot) = clock::advance(&lot(most), at(1));
        let (_, next) = extended(&lot, &[Outage { began_at: at(3_400), ended_at: at(3_595) }], WINDOW, at(3_600), at(0));
        assert_eq!((next.state, next.closes_at), (LotState::OpenTimed, at(3_895)));
    }

    /// A bidder was suspended between the end of an outage and its discovery; the timed phase began after it.
    #[test]
    fn an_outage_is_told_of_no_earlier_than_what_it_follows() {
        let told = |closing_mode: ClosingMode, rules_version: Option<u32>, last: i64| {
            let most = LotTerms { closing_mode, rules_version, max_duration_seconds: Some(3_600), ..terms() };
            let (_, lot) = clock::advance(&lot(most), at(1));
            let outages = [Outage { began_at: at(3_400), ended_at: at(3_595) }, Outage { began_at: at(3_700), ended_at: at(3_800) }];
            let (events, _) = extended(&lot, &outages, WINDOW, at(3_800), at(last));
            events.iter().map(|event| event.at).collect::<Vec<_>>()
        };
        assert_eq!(told(ClosingMode::TimedCycle, Some(2), 0), [3_595, 3_800].map(at), "at once, be there a cycle to come or not");
        assert_eq!(told(ClosingMode::HardClose, Some(2), 3_598), [3_598, 3_800].map(at));
        for earlier in [None, Some(1)] {
            assert_eq!(told(ClosingMode::TimedCycle, earlier, 0), [3_600, 3_595, 3_800].map(at), "as it was announced");
            assert_eq!(told(ClosingMode::HardClose, earlier, 3_598), [3_595, 3_800].map(at));
        }
    }

    proptest! {
        /// An end never moves back, an outage counts once, and the lot can be rebuilt from its log.
        #[test]
        fn an_outage_counts_once(began in 0_i64..4_000, length in 0_i64..4_000, mode in 0_usize..3) {
            let lot = open(ClosingMode::ALL[mode]);
            let outage = [Outage { began_at: at(began), ended_at: at(began + length) }];
            let (events, once) = extended(&lot, &outage, WINDOW, outage[0].ended_at, at(0));
            prop_assert!(once.closes_at >= lot.closes_at);
            prop_assert_eq!(log::replay(lot, &events).unwrap(), once.clone());
            let (again, twice) = extended(&once, &outage, WINDOW, outage[0].ended_at, outage[0].ended_at);
            prop_assert!(again.is_empty());
            prop_assert_eq!(twice, once);
        }
    }
}
