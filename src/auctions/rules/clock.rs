//! What a lot does when its time comes, whenever somebody looks.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, LotState, lot, lot_event};

use super::log::{Body, Cause, append};

/// Everything due by `now` short of closing: opening, and the start of the timed phase. Events carry
/// the time they were due, not the time they were noticed. Nothing is due in a paused lot.
pub fn advance(lot: &lot::Model, now: Timestamp) -> (Vec<lot_event::Model>, lot::Model) {
    let mut events = Vec::new();
    let mut lot = lot.clone();
    let opens_at = opens_by_itself_at(&lot).filter(|opens_at| now >= *opens_at);
    if lot.state == LotState::Scheduled
        && has_enough(&lot)
        && let Some(opens_at) = opens_at
    {
        let (event, next) = opened(&lot, opens_at, Cause::default());
        events.push(event);
        lot = next;
    }
    if lot.state == LotState::OpenFree && lot.terms.closing_mode == ClosingMode::TimedCycle && now >= lot.closes_at {
        let begins = lot.closes_at;
        let closes_at = begins + TimeDelta::seconds(lot.terms.timed_cycle_seconds);
        let (event, next) = append(&lot, begins, &Body::TimedPhaseStarted { closes_at }, Cause::default());
        events.push(event);
        lot = next;
    }
    (events, lot)
}

/// Bidding opens. Where the host opens late, the end is as much later, so that everybody has the time announced.
pub fn opened(lot: &lot::Model, at: Timestamp, cause: Cause) -> (lot_event::Model, lot::Model) {
    append(lot, at, &Body::Opened { closes_at: lot.closes_at + (at - lot.opens_at) }, cause)
}

/// Whether enough are admitted. Before registration has closed nobody can tell whether bidding opens at all.
pub fn has_enough(lot: &lot::Model) -> bool {
    lot.admitted_count.is_some_and(|admitted| admitted >= i64::from(lot.terms.min_bidders))
}

/// When a lot opens without anybody's doing; nothing while it waits for its turn in a hosted session.
pub fn opens_by_itself_at(lot: &lot::Model) -> Option<Timestamp> {
    if lot.hosted { lot.opens_by } else { Some(lot.opens_at) }
}

/// Whether bidding has not opened yet, be the lot paused or not.
pub fn awaits_opening(lot: &lot::Model) -> bool {
    let state = lot.pause.as_ref().map_or(lot.state, |pause| pause.before);
    state == LotState::Scheduled
}

/// Whether nothing can happen in the lot any more.
pub fn has_ended(lot: &lot::Model) -> bool {
    matches!(lot.state, LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted)
}

/// The latest end, where a longest duration was announced: it is moved by what the host has moved.
pub fn latest_end(lot: &lot::Model) -> Option<Timestamp> {
    let longest = lot.terms.max_duration_seconds?;
    Some(lot.opens_at + TimeDelta::seconds(longest) + TimeDelta::microseconds(lot.shifted_us))
}

/// When somebody must look at the lot next; nothing while it is paused or waits for its turn, and once it has ended.
pub fn next_look(lot: &lot::Model) -> Option<Timestamp> {
    let grace = TimeDelta::milliseconds(lot.terms.close_grace_ms);
    match lot.state {
        LotState::Scheduled => opens_by_itself_at(lot),
        LotState::OpenFree | LotState::OpenTimed => Some(lot.closes_at + grace),
        LotState::Paused | LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted => None,
    }
}

/// Whether the lot has run out and what arrived in time has had its grace.
pub fn is_over(lot: &lot::Model, now: Timestamp) -> bool {
    matches!(lot.state, LotState::OpenFree | LotState::OpenTimed) && next_look(lot).is_some_and(|at| now >= at)
}
