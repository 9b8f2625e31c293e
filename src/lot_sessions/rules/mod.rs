//! The law of sessions: what can be done when, in which order lots close, and whose turn it is.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, TimeDelta};
use entity::Timestamp;
use entity::auctions::lot;
use entity::ids::{LotId, LotSessionId, OrganisationId, PersonId};
use entity::lot_sessions::{LotSessionMode, LotSessionState, lot_session, lot_session_lot};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auctions::rules::session::{Place, end_there, lateness as allowed_lateness, may_be_staggered, may_join, opening};
use crate::auctions::rules::{clock, pause};
use crate::notices::rules::second_person;
use crate::platform::access::Thing;
use crate::platform::problem::{Code, Fault, Faults, Problem};
use crate::rulebook::rules::{Rulebook, Span, Value, shanghai_date};

/// The longest title, characters.
const LONGEST_TITLE: usize = 200;
/// The most lots of a session.
const MOST_LOTS: usize = 100;

/// A session to put together.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLotSession {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "浙江大学绿色低碳专利专场")]
    pub title: String,
    /// What it is called in English.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, example = "Zhejiang University session of low-carbon patents")]
    pub title_en: Option<String>,
    /// How its lots follow each other.
    pub mode: LotSessionMode,
    /// Least time between two closings, seconds, where they are staggered; a rule says how much unless it is given, and
    /// what may be given.
    #[serde(default)]
    #[schema(minimum = 1, example = 300)]
    pub stagger_seconds: Option<i64>,
    /// The verified organisation whose session it is; the platform's own if none is named.
    #[serde(default)]
    pub organiser_organisation_id: Option<OrganisationId>,
}

impl Thing for lot_session::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        Vec::new()
    }

    fn is_public(&self) -> bool {
        self.state != LotSessionState::Draft
    }
}

/// What officers do to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Say which lots are in it, in which order.
    Arrange,
    /// Publish it.
    Publish,
    /// Open the next lot.
    Advance,
    /// Interrupt it as a whole.
    Pause,
    /// Let it go on as a whole.
    Resume,
    /// Give all of its lots more time.
    Extend,
}

impl Deed {
    const ALL: [Self; 6] = [Self::Arrange, Self::Publish, Self::Advance, Self::Pause, Self::Resume, Self::Extend];

    fn operation(self) -> &'static str {
        match self {
            Self::Arrange => "arrange_lot_session",
            Self::Publish => "publish_lot_session",
            Self::Advance => "advance_lot_session",
            Self::Pause => "pause_lot_session",
            Self::Resume => "resume_lot_session",
            Self::Extend => "extend_lot_session",
        }
    }

    fn is_allowed(self, session: &lot_session::Model) -> bool {
        match self {
            Self::Arrange | Self::Publish => session.state == LotSessionState::Draft,
            Self::Advance => session.state == LotSessionState::Published && session.mode == LotSessionMode::Hosted,
            Self::Pause => session.state == LotSessionState::Published,
            Self::Resume => session.state == LotSessionState::Paused,
            Self::Extend => matches!(session.state, LotSessionState::Published | LotSessionState::Paused),
        }
    }
}

/// What an officer may do to a session with these lots now, as operations; whether he has the right to is asked
/// elsewhere.
pub fn open_to(held: &lot_session::Model, lots: &[lot::Model], person: PersonId, now: Timestamp) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| may(held, *deed, lots, person, now).is_ok()).map(Deed::operation).collect()
}

fn may(held: &lot_session::Model, deed: Deed, lots: &[lot::Model], person: PersonId, now: Timestamp) -> Result<(), Problem> {
    match deed {
        Deed::Arrange => require(held, deed),
        Deed::Publish => {
            starts_at(held, lots)?;
            may_take(lots, person, now)?;
            if held.mode == LotSessionMode::Staggered {
                lots.iter().try_for_each(may_be_staggered)?;
            }
            lots.iter().zip(ends(held, lots)).try_for_each(|(lot, end)| end_there(lot, end).map(|_| ()))
        }
        Deed::Advance => {
            let next = next_up(held, lots, now)?;
            no_hand_in(&[next], person)?;
            // One whose host is late has opened by itself.
            opening(&clock::advance(next, now).1, now).map(|_| ())
        }
        Deed::Pause => no_hand_in(&to_pause(held, lots, instant(lots, now))?, person),
        Deed::Resume => no_hand_in(&to_resume(held, lots)?, person),
        Deed::Extend => no_hand_in(&to_extend(held, lots, now)?, person),
    }
}

/// Refuses a deed in the wrong state.
pub fn require(session: &lot_session::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed(session) { Ok(()) } else { Err(wrong_state(session)) }
}

fn wrong_state(session: &lot_session::Model) -> Problem {
    let allowed: Vec<_> = Deed::ALL.into_iter().filter(|deed| deed.is_allowed(session)).map(Deed::operation).collect();
    Code::WrongState.with("state", session.state).with("allowed", allowed)
}

/// What the rules say of the time between two closings, seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stagger {
    usual: i64,
    least: i64,
    most: i64,
}

/// The time between two closings, by the rules of a day.
pub fn stagger(rules: &Rulebook, on: NaiveDate) -> Result<Stagger, Problem> {
    let found = rules.find("session_stagger", None, on).map_err(|error| Code::Internal.with("reason", error.to_string()))?;
    let seconds = |value: Option<&Value>| match value {
        Some(Value::Span(span)) => span.elapsed().map(|length| length.num_seconds()),
        _ => None,
    };
    let usual = seconds(Some(&found.parameter.value)).ok_or(Code::Internal)?;
    let (least, most) = (seconds(found.parameter.min.as_ref()), seconds(found.parameter.max.as_ref()));
    Ok(Stagger { usual, least: least.unwrap_or(1), most: most.unwrap_or(i64::MAX) })
}

/// How late a host may open a lot, by the rules of a day.
pub fn lateness(rules: &Rulebook, on: NaiveDate) -> Result<TimeDelta, Problem> {
    rules.span("host_lateness", None, on).ok().and_then(Span::elapsed).ok_or_else(|| Code::Internal.into())
}

/// A new draft.
pub fn drafted(
    id: LotSessionId,
    new: NewLotSession,
    stagger: Stagger,
    author: PersonId,
    now: Timestamp,
) -> Result<lot_session::Model, Problem> {
    let staggered = new.mode == LotSessionMode::Staggered;
    Faults::new()
        .text("/title", &new.title, LONGEST_TITLE)
        .optional_text("/title_en", new.title_en.as_ref(), LONGEST_TITLE)
        .require(
            staggered || new.stagger_seconds.is_none(),
            "/stagger_seconds",
            "not_applicable",
            "由主持人推进的专场不设错时间隔",
            "a hosted session has no stagger",
        )
        .done()?;
    let stagger_seconds = if staggered { Some(chosen(new.stagger_seconds, stagger)?) } else { None };
    Ok(lot_session::Model {
        id,
        title: new.title,
        title_en: new.title_en,
        mode: new.mode,
        state: LotSessionState::Draft,
        organiser_organisation_id: new.organiser_organisation_id,
        stagger_seconds,
        lateness_seconds: None,
        starts_at: None,
        published_at: None,
        created_by: author,
        version: 1,
        created_at: now,
    })
}

fn chosen(given: Option<i64>, rule: Stagger) -> Result<i64, Problem> {
    let seconds = given.unwrap_or(rule.usual);
    if (rule.least..=rule.most).contains(&seconds) {
        return Ok(seconds);
    }
    let fault = Fault::new("/stagger_seconds", "outside_rule", "不在规则允许的范围内", "not within what the rule allows");
    let problem = Code::OutsideRule.with("name", "session_stagger").with("min", rule.least).with("max", rule.most);
    Err(Problem { errors: vec![fault], ..problem })
}

/// Refuses a list that names too many lots, or one twice.
pub fn listed(lots: &[LotId]) -> Result<(), Problem> {
    let different: BTreeSet<_> = lots.iter().collect();
    Faults::new()
        .require(lots.len() <= MOST_LOTS, "/lots", "length", "标的不得超过 100 个", "a session has at most 100 lots")
        .require(different.len() == lots.len(), "/lots", "repeated", "标的不得重复", "a lot is named twice")
        .done()
}

/// The lots in the order asked for. Names those there are not.
pub fn in_order(asked: &[LotId], found: Vec<lot::Model>) -> Result<Vec<lot::Model>, Problem> {
    let mut found: HashMap<_, _> = found.into_iter().map(|lot| (lot.id, lot)).collect();
    let mut faults = Faults::new();
    let mut lots = Vec::new();
    for (place, id) in asked.iter().enumerate() {
        let lot = found.remove(id);
        faults.require(lot.is_some(), &format!("/lots/{place}"), "unknown", "没有此标的", "there is no such lot");
        lots.extend(lot);
    }
    faults.done()?;
    Ok(lots)
}

/// Whether an officer may put these lots into a session, or publish them in one: they wait, belong to
/// no published session, and he decided nothing about them.
pub fn may_take(lots: &[lot::Model], person: PersonId, now: Timestamp) -> Result<(), Problem> {
    lots.iter().try_for_each(|lot| {
        second_person(&lot.barred_persons, person)?;
        may_join(lot, now)
    })
}

/// The places of lots in a draft.
pub fn arranged(held: &lot_session::Model, lots: &[LotId]) -> Result<(lot_session::Model, Vec<lot_session_lot::Model>), Problem> {
    require(held, Deed::Arrange)?;
    let places = (1..).zip(lots).map(|(ordinal, lot)| lot_session_lot::Model { session_id: held.id, ordinal, lot_id: *lot });
    Ok((moved(held, LotSessionState::Draft), places.collect()))
}

/// The session published, with the places its lots take.
pub fn published(
    held: &lot_session::Model,
    lots: &[lot::Model],
    lateness: TimeDelta,
    now: Timestamp,
) -> Result<(lot_session::Model, Vec<Place>), Problem> {
    let starts_at = starts_at(held, lots)?;
    let hosted = held.mode == LotSessionMode::Hosted;
    let first = current(lots, now).map(|lot| lot.id);
    let places = (1..).zip(lots).zip(ends(held, lots)).map(|((ordinal, lot), closes_at)| Place {
        session: held.id,
        ordinal,
        closes_at,
        hosted,
        opens_by: (hosted && first == Some(lot.id)).then(|| lot.opens_at + allowed_lateness(lot, lateness)),
    });
    let next = lot_session::Model {
        starts_at: Some(starts_at),
        published_at: Some(now),
        lateness_seconds: hosted.then(|| lateness.num_seconds()),
        ..moved(held, LotSessionState::Published)
    };
    Ok((next, places.collect()))
}

/// When the first lot of a draft opens. Without a lot there is nothing to publish yet.
fn starts_at(held: &lot_session::Model, lots: &[lot::Model]) -> Result<Timestamp, Problem> {
    require(held, Deed::Publish)?;
    let first = lots.iter().map(|lot| lot.opens_at).min();
    first.ok_or_else(|| Code::WrongState.with("state", held.state).with("allowed", [Deed::Arrange.operation()]))
}

/// When the lots of a session close.
fn ends(held: &lot_session::Model, lots: &[lot::Model]) -> Vec<Timestamp> {
    closings(lots, held.stagger_seconds.map(TimeDelta::seconds))
}

/// When the lots close: each at its own time, and not before one step after the lot before it. Extensions
/// by late bids move only the lot they are in.
pub fn closings(lots: &[lot::Model], step: Option<TimeDelta>) -> Vec<Timestamp> {
    let Some(step) = step else { return lots.iter().map(|lot| lot.closes_at).collect() };
    let ends = lots.iter().scan(None, |before: &mut Option<Timestamp>, lot| {
        let end = before.map_or(lot.closes_at, |before| lot.closes_at.max(before + step));
        *before = Some(end);
        Some(end)
    });
    ends.collect()
}

/// The lot whose turn it is: the one that has opened and not ended, or the first in order that waits. One that is to open on a
/// later day than another that waits holds up none of the others until its time has come.
pub fn current(lots: &[lot::Model], now: Timestamp) -> Option<&lot::Model> {
    let left = || lots.iter().filter(|lot| !clock::has_ended(lot));
    let opened = left().find(|lot| !clock::awaits_opening(lot));
    let first = left().map(|lot| lot.opens_at).min()?;
    opened.or_else(|| left().find(|lot| !is_put_off(lot, first, now)))
}

/// Whether a lot that waits does so for a later day than the `first` to open of those that do: where all of a session are moved, none is.
fn is_put_off(lot: &lot::Model, first: Timestamp, now: Timestamp) -> bool {
    now < lot.opens_at && shanghai_date(first) < shanghai_date(lot.opens_at)
}

/// The lot the host opens next: every lot before it has ended, or waits for a later day.
pub fn next_up<'a>(held: &lot_session::Model, lots: &'a [lot::Model], now: Timestamp) -> Result<&'a lot::Model, Problem> {
    require(held, Deed::Advance)?;
    current(lots, now).ok_or_else(|| wrong_state(held))
}

/// The instant at which something is done to all lots at once, so that all are moved equally.
pub fn instant(lots: &[lot::Model], now: Timestamp) -> Timestamp {
    lots.iter().map(|lot| pause::moment(lot, now)).max().unwrap_or(now)
}

/// The lots a session is paused with: all that wait or are being bid for.
pub fn to_pause<'a>(held: &lot_session::Model, lots: &'a [lot::Model], now: Timestamp) -> Result<Vec<&'a lot::Model>, Problem> {
    require(held, Deed::Pause)?;
    let running: Vec<_> = lots.iter().filter(|lot| runs(lot, now)).collect();
    if running.is_empty() { Err(wrong_state(held)) } else { Ok(running) }
}

/// The lots a session is resumed with: those that were paused with it. A lot the host paused by itself
/// stays so until he resumes it.
pub fn to_resume<'a>(held: &lot_session::Model, lots: &'a [lot::Model]) -> Result<Vec<&'a lot::Model>, Problem> {
    require(held, Deed::Resume)?;
    let paused_with_it = |lot: &&lot::Model| lot.pause.as_ref().is_some_and(|pause| pause.session_id == Some(held.id));
    Ok(lots.iter().filter(paused_with_it).collect())
}

/// The lots that get more time with a session: all that are not over, and were not when they were paused.
pub fn to_extend<'a>(held: &lot_session::Model, lots: &'a [lot::Model], now: Timestamp) -> Result<Vec<&'a lot::Model>, Problem> {
    require(held, Deed::Extend)?;
    let lasts = |lot: &&lot::Model| pause::lasts(&clock::advance(lot, now).1, now).is_ok();
    let going: Vec<_> = lots.iter().filter(lasts).collect();
    if going.is_empty() { Err(wrong_state(held)) } else { Ok(going) }
}

fn runs(lot: &lot::Model, now: Timestamp) -> bool {
    pause::runs(&clock::advance(lot, now).1, now).is_ok()
}

/// Refuses an officer who decided about any of the lots.
pub fn no_hand_in(lots: &[&lot::Model], person: PersonId) -> Result<(), Problem> {
    lots.iter().try_for_each(|lot| second_person(&lot.barred_persons, person))
}

/// The session in its next state.
pub fn moved(held: &lot_session::Model, state: LotSessionState) -> lot_session::Model {
    lot_session::Model { state, version: held.version + 1, ..held.clone() }
}

/// The session once every lot has ended; nothing if that is no news.
pub fn ended(held: &lot_session::Model, lots: &[lot::Model]) -> Option<lot_session::Model> {
    let live = matches!(held.state, LotSessionState::Published | LotSessionState::Paused);
    (live && lots.iter().all(clock::has_ended)).then(|| moved(held, LotSessionState::Ended))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
