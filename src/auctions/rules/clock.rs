//! What a lot does when its time comes, whenever somebody looks.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, LotState, LotTerms, lot, lot_event};

use super::buy_now::is_bought;
use super::log::{Body, Cause, append};
use super::rounds;

/// Everything due by `now` short of closing: opening, and the start of the timed phase. Events carry
/// the time they were due, not the time they were noticed. Nothing is due in a paused lot. What is due in
/// rounds needs what was sealed before: see `rounds::advance`.
pub fn advance(lot: &lot::Model, now: Timestamp) -> (Vec<lot_event::Model>, lot::Model) {
    let mut events = Vec::new();
    let mut lot = lot.clone();
    if let Some(opens_at) = opened_by_itself_at(&lot, now) {
        let (event, next) = opened(&lot, opens_at, Cause::default());
        events.push(event);
        lot = next;
    }
    let ends_free_period = lot.terms.closing_mode == ClosingMode::TimedCycle && !is_bought(&lot);
    if lot.state == LotState::OpenFree && ends_free_period && now >= lot.closes_at {
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
    latest_end(lot).map_or(wanted, |latest| wanted.min(latest))
}

/// Bidding opens. Where the host opens late, the end is as much later, so that everybody has the time announced.
pub fn opened(lot: &lot::Model, at: Timestamp, cause: Cause) -> (lot_event::Model, lot::Model) {
    append(lot, at, &Body::Opened { closes_at: lot.closes_at + (at - lot.opens_at) }, cause)
}

/// Whether enough are admitted. Before registration has closed nobody can tell whether bidding opens at all.
pub fn has_enough(lot: &lot::Model) -> bool {
    lot.enough_admitted == Some(true)
}

/// When a lot opens without anybody's doing; nothing while it waits for its turn in a hosted session.
pub fn opens_by_itself_at(lot: &lot::Model) -> Option<Timestamp> {
    if lot.hosted { lot.opens_by } else { Some(lot.opens_at) }
}

/// When a lot that waits has opened without anybody's doing, if it has by now and nobody wrote it down.
pub fn opened_by_itself_at(lot: &lot::Model, now: Timestamp) -> Option<Timestamp> {
    opens_by_itself_at(lot).filter(|opens_at| now >= *opens_at && lot.state == LotState::Scheduled && has_enough(lot))
}

/// Whether the time has come for a lot that waits, be it that its host opens it.
pub fn may_open(lot: &lot::Model, now: Timestamp) -> bool {
    lot.state == LotState::Scheduled && has_enough(lot) && now >= lot.opens_at
}

/// Whether the time of a lot has come to open or to end, as it stands: what that was told to be may have moved since.
pub fn seems_due(lot: &lot::Model, now: Timestamp) -> bool {
    now >= lot.closes_at || opened_by_itself_at(lot, now).is_some()
}

/// Whether bidding has not opened yet, be the lot paused or not.
pub fn awaits_opening(lot: &lot::Model) -> bool {
    underlying(lot) == LotState::Scheduled
}

/// Where a lot stands but for a pause.
pub fn underlying(lot: &lot::Model) -> LotState {
    lot.pause.as_ref().map_or(lot.state, |pause| pause.before)
}

/// Whether nothing can happen in the lot any more.
pub fn has_ended(lot: &lot::Model) -> bool {
    matches!(lot.state, LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted)
}

/// The latest end, where a longest duration was announced: it is moved by what the host has moved.
pub fn latest_end(lot: &lot::Model) -> Option<Timestamp> {
    let announced = announced_end(&lot.terms, lot.opens_at)?;
    Some(announced + TimeDelta::microseconds(lot.shifted_us))
}

/// The latest end that was announced for a lot that opens at an instant, if one was.
pub fn announced_end(terms: &LotTerms, opens_at: Timestamp) -> Option<Timestamp> {
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

/// When bidding ends if nobody bids any more, and not after the latest end.
pub fn earliest_end(terms: &LotTerms, state: LotState, closes_at: Timestamp, latest: Option<Timestamp>) -> Timestamp {
    match (terms.closing_mode, state) {
        (ClosingMode::TimedCycle, LotState::Scheduled | LotState::OpenFree) => {
            let cycle = cycle_end(terms, closes_at);
            latest.map_or(cycle, |latest| closes_at.max(cycle.min(latest)))
        }
        _ => closes_at,
    }
}

/// When it is decided who has it: what arrived before the end is heard out first. Of rounds the last turn was heard out
/// long before the result.
pub fn decided_at(terms: &LotTerms, ends_at: Timestamp) -> Timestamp {
    if rounds::is_by_rounds(terms) { ends_at } else { after_grace(terms, ends_at) }
}

/// When what arrived before an instant has had its grace.
pub fn after_grace(terms: &LotTerms, at: Timestamp) -> Timestamp {
    at + TimeDelta::milliseconds(terms.close_grace_ms)
}

/// When bidding ends or has ended: before the time to answer, where holders of a right of pre-emption are asked after it.
pub fn bidding_end(lot: &lot::Model) -> Timestamp {
    lot.asking.as_ref().map_or(lot.closes_at, |asking| asking.bidding_ended_at)
}

/// When somebody must look at the lot next; nothing while it is paused or waits for its turn, and once it has ended.
pub fn next_look(lot: &lot::Model) -> Option<Timestamp> {
    match lot.state {
        // By rounds the opening opens the first offers too.
        LotState::Scheduled if rounds::is_by_rounds(&lot.terms) => opens_by_itself_at(lot).map(|at| after_grace(&lot.terms, at)),
        LotState::Scheduled => opens_by_itself_at(lot),
        LotState::OpenFree | LotState::OpenTimed => Some(rounds::next_look(lot).unwrap_or_else(|| decided_at(&lot.terms, lot.closes_at))),
        // Whoever is asked is heard out, whatever the format.
        LotState::PreemptionAsk => Some(after_grace(&lot.terms, lot.closes_at)),
        LotState::Paused | LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted => None,
    }
}

/// When somebody must look at the lot: then, and at its opening time also where its host opens it, for it may have to wait longer.
pub fn looks(lot: &lot::Model) -> impl Iterator<Item = Timestamp> {
    let opening = (lot.hosted && lot.state == LotState::Scheduled).then_some(lot.opens_at);
    next_look(lot).into_iter().chain(opening)
}

/// Whether the lot has run out, or the time of a holder who is asked, and what arrived in time has had its grace.
pub fn is_over(lot: &lot::Model, now: Timestamp) -> bool {
    let has_end = matches!(lot.state, LotState::OpenFree | LotState::OpenTimed | LotState::PreemptionAsk);
    has_end && !rounds::is_under_way(lot) && next_look(lot).is_some_and(|at| now >= at)
}
