//! What a lot does when its time comes, whenever somebody looks.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, LotState, lot, lot_event};

use super::log::{Body, Cause, append};

/// Everything due by `now` short of closing: opening, and the start of the timed phase. Events carry
/// the time they were due, not the time they were noticed.
pub fn advance(lot: &lot::Model, now: Timestamp) -> (Vec<lot_event::Model>, lot::Model) {
    let mut events = Vec::new();
    let mut lot = lot.clone();
    // Before registration has closed with enough admitted, nobody can tell whether bidding opens at all.
    if lot.state == LotState::Scheduled && lot.enough_admitted == Some(true) && now >= lot.opens_at {
        let closes_at = lot.opens_at + TimeDelta::seconds(lot.terms.free_period_seconds);
        let (event, next) = append(&lot, lot.opens_at, &Body::Opened { closes_at }, Cause::default());
        events.push(event);
        lot = next;
    }
    if lot.state == LotState::OpenFree && lot.terms.closing_mode == ClosingMode::TimedCycle && now >= lot.closes_at {
        let begins = lot.closes_at;
        let closes_at = begins.max(capped(&lot, begins + TimeDelta::seconds(lot.terms.timed_cycle_seconds)));
        let (event, next) = append(&lot, begins, &Body::TimedPhaseStarted { closes_at }, Cause::default());
        events.push(event);
        lot = next;
    }
    (events, lot)
}

/// An instant, or the announced latest end if that comes before.
pub fn capped(lot: &lot::Model, wanted: Timestamp) -> Timestamp {
    lot.terms.max_duration_seconds.map_or(wanted, |longest| wanted.min(lot.terms.opens_at + TimeDelta::seconds(longest)))
}

/// When somebody must look at the lot next; nothing once it has ended.
pub fn next_look(lot: &lot::Model) -> Option<Timestamp> {
    let grace = TimeDelta::milliseconds(lot.terms.close_grace_ms);
    match lot.state {
        LotState::Scheduled => Some(lot.opens_at),
        LotState::OpenFree | LotState::OpenTimed => Some(lot.closes_at + grace),
        LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted => None,
    }
}

/// Whether the lot has run out and what arrived in time has had its grace.
pub fn is_over(lot: &lot::Model, now: Timestamp) -> bool {
    matches!(lot.state, LotState::OpenFree | LotState::OpenTimed) && next_look(lot).is_some_and(|at| now >= at)
}
