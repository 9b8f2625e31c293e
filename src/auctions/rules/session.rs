//! A lot in a session of lots: its place, its turn, and its opening by the host.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{LotState, lot, lot_event};
use entity::ids::LotSessionId;

use super::clock;
use super::log::{Body, Cause, append};
use super::pause::{moment, wrong_state};
use super::rounds::is_by_rounds;
use crate::platform::problem::{Code, Fault, Problem};

/// A place in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The session.
    pub session: LotSessionId,
    /// The place, from 1.
    pub ordinal: i32,
    /// When the lot closes there; never earlier than it would have.
    pub closes_at: Timestamp,
    /// Whether the host opens it.
    pub hosted: bool,
    /// When it opens by itself if the host is late, where its turn has come.
    pub opens_by: Option<Timestamp>,
}

/// Whether a lot can still be given a place: announced, in no session, and not yet to be opened.
pub fn may_join(lot: &lot::Model, now: Timestamp) -> Result<(), Problem> {
    let free = lot.state == LotState::Scheduled && lot.session_id.is_none() && now < lot.opens_at;
    if free { Ok(()) } else { Err(wrong_state(lot)) }
}

/// Whether the end of a lot can be set by the end of another. By rounds it follows from how many bidders have turns.
pub fn may_be_staggered(lot: &lot::Model) -> Result<(), Problem> {
    if !is_by_rounds(&lot.terms) {
        return Ok(());
    }
    let zh = "分轮报价的标的何时结束取决于竞买人数，不能错时结束";
    let en = "when a lot by rounds ends depends on how many bidders have turns, so that it cannot be staggered";
    let problem = Code::OutsideRule.with("name", "session_stagger").with("lot_id", lot.id);
    Err(Problem { errors: vec![Fault::new("", "outside_rule", zh, en)], ..problem })
}

/// When a lot closes at a place that asks for this end: not before its own, and within the longest duration that
/// was announced.
pub fn end_there(lot: &lot::Model, asked: Timestamp) -> Result<Timestamp, Problem> {
    let closes_at = asked.max(lot.closes_at);
    match clock::latest_end(lot).filter(|latest| closes_at > *latest) {
        Some(latest) => Err(Code::OutsideRule.with("name", "max_duration").with("lot_id", lot.id).with("max", latest)),
        None => Ok(closes_at),
    }
}

/// Gives a lot its place. The end may move to later.
pub fn join(lot: &lot::Model, place: &Place, cause: Cause, now: Timestamp) -> Result<(lot_event::Model, lot::Model), Problem> {
    may_join(lot, now)?;
    if !place.hosted {
        may_be_staggered(lot)?;
    }
    let closes_at = end_there(lot, place.closes_at)?;
    let Place { session, ordinal, hosted, opens_by, .. } = *place;
    let body = Body::SessionJoined { session_id: session, ordinal, closes_at, hosted, opens_by };
    Ok(append(lot, moment(lot, now), &body, cause))
}

/// How late the host may open a lot: as it was announced, or where nothing was said of it, as its session says.
pub fn lateness(lot: &lot::Model, of_session: TimeDelta) -> TimeDelta {
    lot.terms.host_lateness_seconds.and_then(TimeDelta::try_seconds).unwrap_or(of_session)
}

/// The turn of a lot comes: every lot before it has ended by `now`, and the host has until the time
/// told to open it, by his session so late at most. While the lot is paused that time stands like every other clock.
pub fn turn(lot: &lot::Model, lateness: TimeDelta, now: Timestamp) -> Option<(lot_event::Model, lot::Model)> {
    if !(lot.hosted && lot.opens_by.is_none() && clock::awaits_opening(lot)) {
        return None;
    }
    let since = lot.pause.as_ref().map_or(now, |pause| pause.at);
    let opens_by = since.max(lot.opens_at) + self::lateness(lot, lateness);
    Some(append(lot, moment(lot, now), &Body::TurnCame { opens_by }, Cause::default()))
}

/// When a lot opens if its host opens it now: its opening time has come.
pub fn opening(lot: &lot::Model, now: Timestamp) -> Result<Timestamp, Problem> {
    if !(lot.hosted && lot.state == LotState::Scheduled) {
        return Err(wrong_state(lot));
    }
    let at = moment(lot, now);
    if at < lot.opens_at || !clock::has_enough(lot) {
        return Err(Code::NotOpen.with("opens_at", lot.opens_at).with("lot_id", lot.id));
    }
    Ok(at)
}

/// The host opens a lot.
pub fn open(lot: &lot::Model, cause: Cause, now: Timestamp) -> Result<(lot_event::Model, lot::Model), Problem> {
    Ok(clock::opened(lot, opening(lot, now)?, cause))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
