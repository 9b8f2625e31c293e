//! Whether an event is what the rules make of the lot before it: each is recomputed by the very rule that made it.

use std::collections::BTreeSet;

use chrono::{Datelike, TimeDelta};
use entity::Timestamp;
use entity::auctions::{Format, LotTerms, Preemption, PreemptionHolder, Reserve, lot, lot_event};
use entity::ids::{AdmissionId, LotSessionId, PersonId};
use entity::money::Money;
use uuid::Uuid;

use super::fault::{Wrong, difference};
use super::maxima::Maxima;
use super::{aborted, outage, rounds as by_rounds, weighted};
use crate::auctions::rules::direction::better;
use crate::auctions::rules::judge::{Attempt, Judgement, judge};
use crate::auctions::rules::log::{Body, Cause, NOT_CURABLE, OpenedReserve, TOO_FEW, apply};
use crate::auctions::rules::maximum::Seed;
use crate::auctions::rules::outage::Outage;
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::sealed::scores::is_weighted;
use crate::auctions::rules::sealed::weighted::Weighing;
use crate::auctions::rules::sealed::{self, Opened, OpenedBid};
use crate::auctions::rules::session::{self, Place};
use crate::auctions::rules::{buy_now, clock, close, postpone, preemption, reserve, rounds};
use crate::platform::keys::{sha256, unhex};
use crate::platform::problem::Problem;

/// The longest length of time in a course that is reckoned with, seconds: a hundred years.
const LONGEST: i64 = 100 * 366 * 24 * 60 * 60;

/// Why a lot does not open so late by itself.
const TOO_LATE: &str = "later than its host may be";
/// Why what was decided was not decided then.
const DATED_BACK: &str = "before the event it follows";

/// What is wrong with an event.
pub(super) struct Finding {
    pub(super) wrong: Wrong,
    pub(super) why: String,
}

impl From<Problem> for Finding {
    fn from(problem: Problem) -> Self {
        refused(problem.code.code())
    }
}

pub(super) fn refused(why: &str) -> Finding {
    Finding { wrong: Wrong::AgainstTheRules, why: why.into() }
}

/// When something is due, and what.
pub(super) type Due = (Timestamp, Body);

/// The lot after an event, if the event is what follows on what happened `last`.
pub(super) fn follows(
    lot: &lot::Model,
    maxima: &Maxima,
    last: Timestamp,
    event: &lot_event::Model,
    body: &Body,
) -> Result<lot::Model, Finding> {
    if clock::has_ended(lot) {
        return Err(Finding { wrong: Wrong::AfterTheEnd, why: String::new() });
    }
    let (at, due) = due(lot, maxima, last, event.at, body)?;
    if *body != due {
        return Err(Finding { wrong: Wrong::NotWhatFollows, why: difference(body, &due) });
    }
    if event.at != at {
        return Err(Finding { wrong: Wrong::NotWhatFollows, why: format!("at {} instead of {at}", event.at) });
    }
    let (next, _) = apply(lot, event, body);
    let instants = [Some(next.opens_at), Some(next.closes_at), next.opens_by];
    if instants.into_iter().flatten().all(is_in_range) { Ok(next) } else { Err(Finding { wrong: Wrong::OutOfRange, why: String::new() }) }
}

/// What the rules make of a lot where an event says this of an instant, after what happened `last`.
fn due(lot: &lot::Model, maxima: &Maxima, last: Timestamp, at: Timestamp, body: &Body) -> Result<Due, Finding> {
    // Whoever orders something of a lot finds it as it stands then, and nothing that was due is left out.
    if matches!(body, Body::Paused { .. } | Body::Extended { .. } | Body::Aborted { .. })
        && let Some(first) = clock::advance(lot, at).0.first()
    {
        return told(first);
    }
    match body {
        Body::Scheduled { terms_sha256, .. } => announcement(lot, at, terms_sha256),
        Body::RegistrationClosed { .. } if lot.enough_admitted.is_some() => Err(refused("registration has closed before")),
        Body::Aborted { reason, note } if reason == NOT_CURABLE || note.is_some() => aborted::given_up(lot, at, reason, note.as_deref()),
        Body::Aborted { reason, .. } if reason == TOO_FEW && clock::has_enough(lot) => Err(refused("enough were admitted")),
        Body::RegistrationClosed { .. } | Body::Aborted { .. } if !clock::awaits_opening(lot) => Err(refused("bidding has opened")),
        // Somebody decided it, and whoever writes it down does not date it back.
        Body::RegistrationClosed { .. } | Body::Aborted { .. } | Body::BidderSuspended { .. } | Body::BidderReinstated { .. } => {
            if lot.terms.is_bound_to(2) && at < last { Err(refused(DATED_BACK)) } else { Ok((at, body.clone())) }
        }
        Body::Opened { .. } => opening(lot, at),
        Body::TimedPhaseStarted { .. } => by_itself(lot, at),
        Body::BidPlaced { bidder, price, priority, .. } => {
            first_of(judge(lot, &[Attempt { priority: *priority, ..attempt(bidder, *price, [0; 32], at) }]))
        }
        Body::Sold { reserve, .. } | Body::Unsold { reserve, .. } => {
            maxima.are_opened(lot)?;
            closing(lot, at, reserve.as_ref())
        }
        Body::Paused { reason, session_id } => told(&pause::pause(lot, &order(reason, *session_id), at)?.0),
        Body::Resumed { reason, session_id, .. } => resumption(lot, at, reason.as_deref(), *session_id),
        Body::Extended { reason, session_id, seconds, .. } => {
            // Of lots from before their terms said so, how much at once is not known.
            let most = TimeDelta::seconds(lot.terms.extend_limit_seconds.unwrap_or(LONGEST));
            told(&pause::extend(lot, *seconds, most, &order(reason, *session_id), at)?.0)
        }
        Body::ExtendedForOutage { began_at, ended_at, closes_at, opens_at } => {
            outage::after(lot, Outage { began_at: *began_at, ended_at: *ended_at }, *closes_at, *opens_at, last)
        }
        Body::Postponed { reason, opens_at, opens_by, .. } => later_opening(lot, at, reason, (*opens_at, *opens_by), last),
        Body::SessionJoined { session_id, ordinal, closes_at, hosted, opens_by } => {
            let place = Place { session: *session_id, ordinal: *ordinal, closes_at: *closes_at, hosted: *hosted, opens_by: *opens_by };
            joining(lot, at, &place)
        }
        Body::TurnCame { opens_by } => {
            // Of lots from before their terms said so, how late the host may be is not known.
            let (event, _) = session::turn(lot, TimeDelta::zero(), at).ok_or_else(|| refused("it has no turn"))?;
            if *opens_by < lot.opens_at {
                return Err(refused("before its opening time"));
            }
            if is_too_late(lot, at, *opens_by) { Err(refused(TOO_LATE)) } else { Ok((event.at, body.clone())) }
        }
        Body::BoughtNow { bidder, price } => first_of(buy_now::buy(lot, &attempt(bidder, *price, [0; 32], at))),
        Body::MaximumPlaced { .. } if maxima.stay_hidden() => aborted::maximum(lot, at, body),
        Body::MaximaOpened { .. } | Body::PreemptionAsked { .. } if maxima.hide_the_reserve(lot) => aborted::untold(lot, at, body),
        Body::MaximumPlaced { bidder, commitment, .. } => maxima.placed(lot, at, bidder, commitment),
        Body::MaximaOpened { .. } => maxima.opening(lot, at),
        Body::BidsOpened { bids, weighing, .. } => opened_bids(lot, at, bids, weighing.as_ref()),
        Body::TieRound { .. } => tie_round(lot),
        Body::FirstOffersOpened { offers, .. } => by_rounds::opening(lot, at, offers),
        Body::TurnEnded { offer, .. } => by_rounds::turn_over(lot, at, offer.as_ref()),
        Body::PreemptionAsked { holders, .. } => asking(lot, maxima, at, holders),
        Body::PreemptionRound { .. } => among_holders(lot, at),
        Body::PreemptionAnswered { bidder, takes } => {
            let cause = Cause { admission: Some(bidder_id(bidder)), ..Cause::default() };
            told(&preemption::answer(lot, bidder, false, *takes, at, cause)?.0)
        }
    }
}

/// When an event of a rule happened, and what it says.
pub(super) fn told(event: &lot_event::Model) -> Result<Due, Finding> {
    let body = serde_json::from_str(&event.body).map_err(|_| Finding { wrong: Wrong::EventUnreadable, why: String::new() })?;
    Ok((event.at, body))
}

fn order(reason: &str, session: Option<LotSessionId>) -> Order {
    Order { reason: reason.into(), session, cause: Cause::default() }
}

fn announcement(lot: &lot::Model, at: Timestamp, terms_sha256: &str) -> Result<Due, Finding> {
    if lot.seq > 0 {
        return Err(refused("a lot is announced once"));
    }
    let opens_at = lot.terms.opens_at;
    let closes_at = clock::free_end(&lot.terms, opens_at);
    Ok((at, Body::Scheduled { terms_sha256: terms_sha256.into(), opens_at, closes_at }))
}

/// Bidding opens at the host's word where he was in time, else by itself.
fn opening(lot: &lot::Model, at: Timestamp) -> Result<Due, Finding> {
    if lot.hosted && lot.opens_by.is_none_or(|by| at < by) {
        return told(&session::open(lot, Cause::default(), at)?.0);
    }
    by_itself(lot, at)
}

/// What is due first by an instant without anybody's doing.
fn by_itself(lot: &lot::Model, at: Timestamp) -> Result<Due, Finding> {
    told(clock::advance(lot, at).0.first().ok_or_else(|| refused("it was not due"))?)
}

/// Whether its bidder was suspended is asked of the whole log before it; of which rank a bidder's right is, is taken as it is said.
pub(super) fn attempt(bidder: &str, price: Money, seed: Seed, at: Timestamp) -> Attempt {
    Attempt {
        admission: bidder_id(bidder),
        pseudonym: bidder.into(),
        suspended: false,
        price,
        arrival: at,
        person: PersonId(Uuid::nil()),
        request_id: String::new(),
        seed,
        priority: None,
    }
}

/// What comes of an attempt. Where the log left out what was due before the bid, that comes first.
pub(super) fn first_of(judgement: Judgement) -> Result<Due, Finding> {
    for outcome in judgement.outcomes {
        outcome?;
    }
    told(judgement.events.first().ok_or_else(|| refused("no bid"))?)
}

/// Stands for a bidder, of whom only the pseudonym is known.
pub(super) fn bidder_id(pseudonym: &str) -> AdmissionId {
    AdmissionId(Uuid::from_slice(&sha256(pseudonym.as_bytes())[..16]).unwrap_or_default())
}

fn resumption(lot: &lot::Model, at: Timestamp, reason: Option<&str>, session: Option<LotSessionId>) -> Result<Due, Finding> {
    // Logs from before a reason was asked for have none.
    let (at, mut due) = told(&pause::resume(lot, &order(reason.unwrap_or("-"), session), at)?.0)?;
    if let Body::Resumed { reason: told, .. } = &mut due {
        *told = reason.map(Into::into);
    }
    Ok((at, due))
}

/// How much longer registration runs no log of a lot tells: when the lot now opens is taken as it is said.
fn later_opening(
    lot: &lot::Model,
    at: Timestamp,
    reason: &str,
    (opens_at, opens_by): (Timestamp, Option<Timestamp>),
    last: Timestamp,
) -> Result<Due, Finding> {
    if !is_in_range(opens_at) {
        return Err(Finding { wrong: Wrong::OutOfRange, why: String::new() });
    }
    if at < last {
        return Err(refused(DATED_BACK));
    }
    let (event, _) = postpone::postponed(lot, opens_at, reason, at).ok_or_else(|| refused("it does not open later"))?;
    let (at, mut due) = told(&event)?;
    // Logs from before a lot gave its turn back have moved that along.
    if let Body::Postponed { opens_by: turn, .. } = &mut due {
        *turn = lot.opens_by.map(|by| by + (opens_at - lot.opens_at)).filter(|by| opens_by == Some(*by));
    }
    Ok((at, due))
}

fn joining(lot: &lot::Model, at: Timestamp, place: &Place) -> Result<Due, Finding> {
    if place.opens_by.is_some_and(|by| !place.hosted || by < lot.opens_at) {
        return Err(refused("opens_by"));
    }
    if place.opens_by.is_some_and(|by| is_too_late(lot, at, by)) {
        return Err(refused(TOO_LATE));
    }
    told(&session::join(lot, place, Cause::default(), at)?.0)
}

/// Whether this is later than the host may open a lot whose turn has come by an instant.
fn is_too_late(lot: &lot::Model, at: Timestamp, opens_by: Timestamp) -> bool {
    let since = lot.pause.as_ref().map_or(at, |pause| pause.at).max(lot.opens_at);
    lot.terms.host_lateness_seconds.is_some_and(|most| opens_by - since > TimeDelta::seconds(most))
}

/// What comes before a lot can close, if it can close at all.
pub(super) fn before_the_end(lot: &lot::Model, at: Timestamp) -> Result<Option<Due>, Finding> {
    if let Some(first) = clock::advance(lot, at).0.first() {
        return told(first).map(Some);
    }
    if clock::is_over(lot, at) { Ok(None) } else { Err(refused("its time has not come")) }
}

/// Who holds a right of pre-emption the log does not tell before; of a secret reserve only its last event says what it was. The
/// first is asked with the opening of what was hidden.
fn asking(lot: &lot::Model, maxima: &Maxima, at: Timestamp, holders: &[PreemptionHolder]) -> Result<Due, Finding> {
    if let Some(first) = before_the_end(lot, at)? {
        return Ok(first);
    }
    maxima.are_opened(lot)?;
    if let Some(due) = unsettled(lot, at, maxima.reserve())? {
        return Ok(due);
    }
    let different: BTreeSet<_> = holders.iter().map(|holder| &holder.bidder).collect();
    if different.len() < holders.len() {
        return Err(refused("nobody is asked twice"));
    }
    let (event, _) = preemption::ask(lot, maxima.reserve(), holders, at).ok_or_else(|| refused("nobody is to be asked"))?;
    told(&event)
}

/// The round among holders who take the lot.
fn among_holders(lot: &lot::Model, at: Timestamp) -> Result<Due, Finding> {
    if let Some(first) = before_the_end(lot, at)? {
        return Ok(first);
    }
    told(&preemption::round(lot, at).ok_or_else(|| refused("there are not several who take it"))?.0)
}

fn closing(lot: &lot::Model, at: Timestamp, opened: Option<&OpenedReserve>) -> Result<Due, Finding> {
    if let Some(first) = before_the_end(lot, at)? {
        return Ok(first);
    }
    // Several who take it have a round, and as long as the log knows of holders who are left to be asked, they are.
    if let Some((event, _)) = preemption::round(lot, at).or_else(|| preemption::ask(lot, opened, &[], at)) {
        return told(&event);
    }
    if !is_committed(&lot.terms.reserve, opened) {
        return Err(Finding { wrong: Wrong::ReserveNotCommitted, why: String::new() });
    }
    if let Some(due) = unsettled(lot, at, opened)? {
        return Ok(due);
    }
    told(&close::close(lot, opened.cloned(), at).event)
}

/// The opening of sealed bids. Which of a bidder's was the last, his receipt tells.
fn opened_bids(lot: &lot::Model, at: Timestamp, bids: &[OpenedBid], weighing: Option<&Weighing>) -> Result<Due, Finding> {
    if let Some(first) = clock::advance(lot, at).0.first() {
        return told(first);
    }
    if !sealed::awaits_opening(lot) {
        return Err(refused("no bids are sealed"));
    }
    if !clock::is_over(lot, at) {
        return Err(refused("its time has not come"));
    }
    sealed::stands(lot, bids).map_err(refused)?;
    if let Some(bid) = bids.iter().find(|bid| !bid.is_committed(lot)) {
        return Err(Finding { wrong: Wrong::BidNotCommitted, why: bid.bidder.clone() });
    }
    let opened = bids.iter().map(|bid| Opened { admission: bidder_id(&bid.bidder), bid: bid.clone() }).collect();
    if is_weighted(&lot.terms.format) { weighted::opening(lot, at, opened, weighing) } else { told(&sealed::open(lot, opened, at).0) }
}

/// The round among equals. Whether they reach a secret reserve is seen at the close.
fn tie_round(lot: &lot::Model) -> Result<Due, Finding> {
    let is_secret = matches!(lot.terms.reserve, Reserve::Secret { .. });
    let floor = if is_secret { close::any_price(lot.terms.direction) } else { close::floor(&lot.terms, None) };
    let round = lot.opened.as_ref().and_then(|opened| sealed::tie_round(lot, floor, opened.at));
    told(&round.ok_or_else(|| refused("no bids are tied at the top"))?.0)
}

/// What follows from opened bids instead of a close or of asking holders, or what is wrong with doing that on them now.
fn unsettled(lot: &lot::Model, at: Timestamp, secret: Option<&OpenedReserve>) -> Result<Option<Due>, Finding> {
    if sealed::awaits_opening(lot) {
        return Err(refused("bids are still sealed"));
    }
    let Some(opened) = &lot.opened else { return Ok(None) };
    // Holders may have been asked since, before they had a round.
    let is_last = lot.asking.is_none() || preemption::round_of(lot).is_some();
    if is_last && opened.at != at {
        return Err(refused("what follows from the bids comes with their opening"));
    }
    let floor = close::floor(&lot.terms, secret);
    if opened.tie.as_ref().is_some_and(|tie| better(floor, tie.at_least.minor, lot.terms.direction)) {
        return Err(refused("those tied at the top were below the reserve"));
    }
    sealed::tie_round(lot, floor, at).map(|(event, _)| told(&event)).transpose()
}

/// Whether what was opened is what was committed to: a secret reserve, and nothing where there is none.
pub(super) fn is_committed(reserve: &Reserve, opened: Option<&OpenedReserve>) -> bool {
    match (reserve, opened) {
        (Reserve::Secret { commitment }, Some(opened)) => {
            let salt = unhex(&opened.salt).and_then(|salt| <[u8; 16]>::try_from(salt).ok());
            salt.is_some_and(|salt| reserve::commitment(&salt, opened.amount) == *commitment)
        }
        (Reserve::Secret { .. }, None) | (_, Some(_)) => false,
        (_, None) => true,
    }
}

/// Whether an instant is near enough that reckoning with it cannot fail.
pub(super) fn is_in_range(at: Timestamp) -> bool {
    (1970..=9999).contains(&at.year())
}

/// Whether all terms are such that reckoning with them cannot fail.
pub(super) fn are_in_range(terms: &LotTerms) -> bool {
    let (longest, tie_round) = (terms.max_duration_seconds.unwrap_or_default(), terms.format.tie_round_seconds().unwrap_or_default());
    let tick = if let Format::Dutch { tick_seconds, .. } = terms.format { tick_seconds } else { 0 };
    let asked = |length: fn(&Preemption) -> Option<i64>| terms.preemption.as_ref().and_then(length);
    let holders = [asked(Preemption::answer_seconds), asked(Preemption::round_seconds)];
    let lengths = [terms.free_period_seconds, terms.timed_cycle_seconds, terms.close_grace_ms, longest, tick, tie_round];
    let limits = [terms.extend_limit_seconds, terms.outage_least_seconds, terms.outage_window_seconds, terms.host_lateness_seconds];
    is_in_range(terms.opens_at)
        && rounds::can_be_reckoned(&terms.format)
        && sealed::weighted::can_be_reckoned(&terms.format)
        && sealed::units::can_be_reckoned(&terms.format)
        && lengths.into_iter().chain(limits.into_iter().chain(holders).flatten()).all(|length| (0..=LONGEST).contains(&length))
}
