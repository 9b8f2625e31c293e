//! What a lot does when its time comes, whenever somebody looks.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, LotState, LotTerms, lot, lot_event};

use super::log::{Body, Cause, append};

/// Everything due by `now` short of closing: opening, and the start of the timed phase. Events carry
/// the time they were due, not the time they were noticed.
pub fn advance(lot: &lot::Model, now: Timestamp) -> (Vec<lot_event::Model>, lot::Model) {
    let mut events = Vec::new();
    let mut lot = lot.clone();
    // Before registration has closed with enough admitted, nobody can tell whether bidding opens at all.
    if lot.state == LotState::Scheduled && lot.enough_admitted == Some(true) && now >= lot.opens_at {
        let closes_at = free_end(&lot.terms, lot.opens_at);
        let (event, next) = append(&lot, lot.opens_at, &Body::Opened { closes_at }, Cause::default());
        events.push(event);
        lot = next;
    }
    if lot.state == LotState::OpenFree && lot.terms.closing_mode == ClosingMode::TimedCycle && now >= lot.closes_at {
        let begins = lot.closes_at;
        let closes_at = begins.max(capped(&lot, cycle_end(&lot.terms, begins)));
        let (event, next) = append(&lot, begins, &Body::TimedPhaseStarted { closes_at }, Cause::default());
        events.push(event);
        lot = next;
    }
    (events, lot)
}

/// An instant, or the announced latest end if that comes before.
pub fn capped(lot: &lot::Model, wanted: Timestamp) -> Timestamp {
    latest_end(&lot.terms, lot.opens_at).map_or(wanted, |latest| wanted.min(latest))
}

/// The latest end that was announced for a lot that opens at an instant, if one was.
fn latest_end(terms: &LotTerms, opens_at: Timestamp) -> Option<Timestamp> {
    terms.max_duration_seconds.map(|longest| opens_at + TimeDelta::seconds(longest))
}

/// When the free bidding period of a lot that opens at an instant ends.
pub fn free_end(terms: &LotTerms, opens_at: Timestamp) -> Timestamp {
    opens_at + TimeDelta::seconds(terms.free_period_seconds)
}

/// When a timed cycle that begins at an instant ends.
fn cycle_end(terms: &LotTerms, begins: Timestamp) -> Timestamp {
    begins + TimeDelta::seconds(terms.timed_cycle_seconds)
}

/// When bidding ends if nobody bids any more.
pub fn earliest_end(terms: &LotTerms, state: LotState, closes_at: Timestamp) -> Timestamp {
    match (terms.closing_mode, state) {
        (ClosingMode::TimedCycle, LotState::Scheduled | LotState::OpenFree) => {
            let cycle = cycle_end(terms, closes_at);
            latest_end(terms, terms.opens_at).map_or(cycle, |latest| closes_at.max(cycle.min(latest)))
        }
        _ => closes_at,
    }
}

/// When it is decided who has it: what arrived before the end is heard out first.
pub fn decided_at(terms: &LotTerms, ends_at: Timestamp) -> Timestamp {
    ends_at + TimeDelta::milliseconds(terms.close_grace_ms)
}

/// When somebody must look at the lot next; nothing once it has ended.
pub fn next_look(lot: &lot::Model) -> Option<Timestamp> {
    match lot.state {
        LotState::Scheduled => Some(lot.opens_at),
        LotState::OpenFree | LotState::OpenTimed => Some(decided_at(&lot.terms, lot.closes_at)),
        LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted => None,
    }
}

/// Whether the lot has run out and what arrived in time has had its grace.
pub fn is_over(lot: &lot::Model, now: Timestamp) -> bool {
    matches!(lot.state, LotState::OpenFree | LotState::OpenTimed) && next_look(lot).is_some_and(|at| now >= at)
}
