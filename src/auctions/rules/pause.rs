//! What the auction host may do to a running lot (暂停、恢复、延长): always with a public reason, and never
//! to anybody's loss of time.
//!
//! A pause stops every clock of the bidding, a resumption moves them all by exactly its length. Registration is the
//! call's, and is moved by no pause. Order is that of the log: a bid that comes to be
//! judged after the pause is refused, whenever it arrived.

use chrono::{NaiveDate, TimeDelta};
use entity::Timestamp;
use entity::auctions::{LotState, Pause, lot, lot_event};
use entity::ids::{LotSessionId, PersonId};

use super::buy_now::is_bought;
use super::limits::announced;
use super::log::{Body, Cause, append};
use super::preemption::round_of;
use super::rounds::is_by_rounds;
use super::{clock, dutch, sealed};
use crate::notices::rules::second_person;
use crate::platform::problem::{Code, Fault, Faults, Problem};
use crate::rulebook::rules::{Rulebook, Span};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;
/// How long after its end and grace a lot that is still open is overdue.
const OVERDUE: TimeDelta = TimeDelta::minutes(1);

/// What the host says with what he does.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Why; public.
    pub reason: String,
    /// The session it is for as a whole.
    pub session: Option<LotSessionId>,
    /// Who does it.
    pub cause: Cause,
}

impl Order {
    /// The reason, which is always given.
    pub fn reason(&self) -> Result<String, Problem> {
        Faults::new().text("/reason", &self.reason, LONGEST_REASON).done()?;
        Ok(self.reason.clone())
    }
}

/// Pauses a lot that is waiting or being bid for, or one that is overdue, so that another host can end it.
pub fn pause(lot: &lot::Model, order: &Order, now: Timestamp) -> Result<(lot_event::Model, lot::Model), Problem> {
    let reason = order.reason()?;
    let at = moment(lot, now);
    may_pause(lot, at)?;
    Ok(append(lot, at, &Body::Paused { reason, session_id: order.session }, order.cause.clone()))
}

/// Lets a paused lot go on: every clock of the bidding is moved by the length of the pause. What was paused as a whole
/// session is resumed as a whole.
pub fn resume(lot: &lot::Model, order: &Order, now: Timestamp) -> Result<(lot_event::Model, lot::Model), Problem> {
    let reason = order.reason()?;
    let pause = paused_with(lot, order.session)?;
    let at = moment(lot, now);
    let length = at - pause.at;
    let waits = clock::awaits_opening(lot);
    let body = Body::Resumed {
        reason: Some(reason),
        session_id: order.session,
        shifted_us: length.num_microseconds().ok_or(Code::Internal)?,
        opens_at: waits.then(|| lot.opens_at + length),
        opens_by: lot.opens_by.filter(|_| waits).map(|opens_by| opens_by + length),
        closes_at: lot.closes_at + length,
    };
    Ok(append(lot, at, &body, order.cause.clone()))
}

/// Gives a lot more time, at most so much at once. Its latest end moves as far.
pub fn extend(
    lot: &lot::Model,
    seconds: i64,
    most: TimeDelta,
    order: &Order,
    now: Timestamp,
) -> Result<(lot_event::Model, lot::Model), Problem> {
    let reason = order.reason()?;
    if seconds < 1 {
        return Err(Code::Invalid.at("/seconds", "range", "须至少为 1 秒", "must be at least one second"));
    }
    if seconds > most.num_seconds() {
        return Err(outside_limit(most));
    }
    let at = moment(lot, now);
    lasts(lot, at)?;
    let body = Body::Extended { reason, session_id: order.session, seconds, closes_at: lot.closes_at + TimeDelta::seconds(seconds) };
    Ok(append(lot, at, &body, order.cause.clone()))
}

/// By how much a lot may be extended at once: as it was announced, or where nothing was said of it, by the rules of today.
pub fn extend_limit(lot: &lot::Model, today: &Rulebook, on: NaiveDate) -> Result<TimeDelta, Problem> {
    let today = || today.span("extend_limit", None, on).ok().and_then(Span::elapsed);
    announced(lot, lot.terms.extend_limit_seconds, "extend_limit").or_else(today).ok_or_else(|| Code::Internal.into())
}

/// The instant of a deed: nothing in a log happens before what was accepted before it.
pub fn moment(lot: &lot::Model, now: Timestamp) -> Timestamp {
    let paused = lot.pause.as_ref().map_or(now, |pause| pause.at);
    now.max(paused).max(lot.last_arrival.unwrap_or(now))
}

/// Refuses unless the lot is waiting, or being bid for or asked about with time left.
pub fn runs(lot: &lot::Model, at: Timestamp) -> Result<(), Problem> {
    match lot.state {
        LotState::Scheduled => Ok(()),
        LotState::OpenFree | LotState::OpenTimed | LotState::PreemptionAsk if at < lot.closes_at => Ok(()),
        LotState::OpenFree | LotState::OpenTimed | LotState::PreemptionAsk => Err(Code::Closed.with("closes_at", lot.closes_at)),
        LotState::Paused | LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted => Err(wrong_state(lot)),
    }
}

/// Refuses unless the lot runs, or is overdue.
fn may_pause(lot: &lot::Model, at: Timestamp) -> Result<(), Problem> {
    if is_overdue(lot, at) { Ok(()) } else { runs(lot, at) }
}

/// Whether a lot that should have ended is still open: something sealed in it cannot be opened, or is waited for. Nothing hinders the
/// close of what was bought or accepted; and lots from before the second version of the rules are never overdue.
pub fn is_overdue(lot: &lot::Model, at: Timestamp) -> bool {
    let is_open = matches!(lot.state, LotState::OpenFree | LotState::OpenTimed | LotState::PreemptionAsk);
    // Holders who take what was accepted may have sealed one more bid.
    let is_taken = (is_bought(lot) || dutch::is_taken(lot)) && !sealed::awaits_opening(lot);
    is_open && !is_taken && lot.terms.is_bound_to(2) && at > clock::after_grace(&lot.terms, lot.closes_at) + OVERDUE
}

/// The pause a lot is in, if it was paused by itself, or with this session.
fn paused_with(lot: &lot::Model, session: Option<LotSessionId>) -> Result<&Pause, Problem> {
    lot.pause.as_ref().filter(|pause| pause.session_id == session).ok_or_else(|| wrong_state(lot))
}

/// Refuses unless there is an end to be moved: the lot is paused, waiting, or being bid for with time left.
/// What was paused once its end had passed gets no more time: nobody bids in it again.
pub fn lasts(lot: &lot::Model, at: Timestamp) -> Result<(), Problem> {
    match &lot.pause {
        Some(pause) if pause.before != LotState::Scheduled && pause.at >= lot.closes_at => {
            Err(Code::Closed.with("closes_at", lot.closes_at))
        }
        Some(_) => Ok(()),
        None => runs(lot, at),
    }
}

/// What a host may do to a lot now, as operations, if he had no hand in its offer; whether he has the right to is
/// asked elsewhere.
pub fn open_to(lot: &lot::Model, person: PersonId, now: Timestamp) -> Vec<&'static str> {
    if second_person(&lot.barred_persons, person).is_err() {
        return Vec::new();
    }
    // What was due before is done before it.
    let (_, lot) = clock::advance(lot, now);
    let at = moment(&lot, now);
    let deeds = [
        (may_pause(&lot, at).is_ok(), "pause_lot"),
        (paused_with(&lot, None).is_ok(), "resume_lot"),
        (lasts(&lot, at).is_ok(), "extend_lot"),
    ];
    deeds.into_iter().filter(|(open, _)| *open).map(|(_, deed)| deed).collect()
}

/// The refusal of a deed in the lot's state, with what can be done in it.
pub fn wrong_state(lot: &lot::Model) -> Problem {
    let allowed: &[&str] = match (lot.state, &lot.pause) {
        (LotState::Scheduled, _) => &["pause_lot", "extend_lot"],
        (LotState::OpenFree | LotState::OpenTimed, _) if lot.terms.format.is_sealed() => &["place_sealed_bid", "pause_lot", "extend_lot"],
        (LotState::OpenFree | LotState::OpenTimed, _) if is_by_rounds(&lot.terms) => &["place_turn_bid", "pause_lot", "extend_lot"],
        (LotState::OpenFree | LotState::OpenTimed, _) => &["place_bid", "pause_lot", "extend_lot"],
        (LotState::PreemptionAsk, _) if round_of(lot).is_some() => &["place_sealed_bid", "pause_lot", "extend_lot"],
        (LotState::PreemptionAsk, _) => &["answer_preemption", "pause_lot", "extend_lot"],
        (LotState::Paused, Some(pause)) if pause.session_id.is_some() => &["extend_lot", "resume_lot_session", "abort_lot"],
        (LotState::Paused, _) => &["resume_lot", "extend_lot", "abort_lot"],
        (LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted, _) => &[],
    };
    Code::WrongState.with("state", lot.state).with("lot_id", lot.id).with("allowed", allowed)
}

fn outside_limit(most: TimeDelta) -> Problem {
    let fault = Fault::new("/seconds", "outside_rule", "超出一次延长的上限", "more than may be added at once");
    let problem = Code::OutsideRule.with("name", "extend_limit").with("max", most.num_seconds());
    Problem { errors: vec![fault], ..problem }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(in crate::auctions::rules) mod tests;
