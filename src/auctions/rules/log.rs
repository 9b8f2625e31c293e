//! The log of a lot: how an event follows from the last, and what the lot is after it.

mod body;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Format, LotState, Pause, lot, lot_event};
use entity::ids::{AdmissionId, PersonId};
use entity::money::Money;

use super::effects::{self, Effect};
use super::{preemption, rounds, sealed};
use crate::platform::keys::sha256;
pub use body::{Body, OpenedReserve};

/// Why a lot is aborted whose registration closed with fewer admitted than its terms ask for.
pub const TOO_FEW: &str = "too_few_bidders";
/// Why a lot is aborted whose listing is terminated.
pub const TERMINATED: &str = "listing_terminated";
/// Why a lot is aborted whose listing is offered under other terms: another is announced in its place.
pub const ANNOUNCED_ANEW: &str = "announced_anew";
/// Why a lot is aborted that was paused because of a fault that cannot be cured.
pub const NOT_CURABLE: &str = "not_curable";

/// Who caused an event; kept beside the public body.
#[derive(Clone, Debug, Default)]
pub struct Cause {
    /// The person.
    pub person: Option<PersonId>,
    /// The admission bid under.
    pub admission: Option<AdmissionId>,
    /// The request.
    pub request_id: Option<String>,
}

/// The hash of an event: over its predecessor's hash and everything public about it.
pub fn hash(event: &lot_event::Model) -> [u8; 32] {
    sha256(
        &[
            event.prev_hash.as_slice(),
            event.lot_id.0.as_bytes(),
            &event.seq.to_be_bytes(),
            &event.at.timestamp_micros().to_be_bytes(),
            event.body.as_bytes(),
        ]
        .concat(),
    )
}

/// Adds an event to a lot: the event as it will be stored, and the lot after it.
pub fn append(lot: &lot::Model, at: Timestamp, body: &Body, cause: Cause) -> (lot_event::Model, lot::Model) {
    let mut event = lot_event::Model {
        lot_id: lot.id,
        seq: lot.seq + 1,
        at,
        kind: body.kind(),
        body: serde_json::to_string(body).unwrap_or_default(),
        person_id: cause.person,
        admission_id: cause.admission,
        request_id: cause.request_id,
        prev_hash: lot.head_hash.clone(),
        hash: Vec::new(),
        sealed: None,
    };
    event.hash = hash(&event).to_vec();
    let next = after(lot, &event, body);
    (event, next)
}

/// What the lot is after an event, and what follows outside it. The row can be rebuilt from the log by this alone.
pub fn apply(lot: &lot::Model, event: &lot_event::Model, body: &Body) -> (lot::Model, Vec<Effect>) {
    let next = after(lot, event, body);
    let effects = effects::of(event.kind, lot, &next);
    (next, effects)
}

fn after(lot: &lot::Model, event: &lot_event::Model, body: &Body) -> lot::Model {
    let mut next = lot.clone();
    next.seq = event.seq;
    next.head_hash.clone_from(&event.hash);
    match body {
        Body::Scheduled { opens_at, closes_at, .. } => {
            next.state = LotState::Scheduled;
            (next.opens_at, next.closes_at) = (*opens_at, *closes_at);
        }
        Body::RegistrationClosed { enough_admitted } => next.enough_admitted = Some(*enough_admitted),
        Body::Opened { closes_at } => {
            next.state = LotState::OpenFree;
            next.closes_at = *closes_at;
            // Later than announced where the host of a session was late.
            next.opens_at = lot.opens_at.max(event.at);
        }
        Body::BidPlaced { bidder, price, closes_at, priority } => {
            leads(&mut next, event, bidder);
            next.leader_priority = *priority;
            bid(&mut next, event, *price, *closes_at);
        }
        Body::TimedPhaseStarted { closes_at } => {
            next.state = LotState::OpenTimed;
            next.closes_at = *closes_at;
        }
        Body::BidderSuspended { bidder } | Body::BidderReinstated { bidder } => {
            if let Some(asking) = &mut next.asking {
                preemption::suspended(asking, bidder, matches!(body, Body::BidderSuspended { .. }));
            }
        }
        Body::Sold { price, awards, .. } => {
            next.state = LotState::ClosedSold;
            // What is paid is not always what was bid.
            next.price_minor = sealed::units::price_told(lot, *price, awards);
            if let Some(opened) = &mut next.opened {
                opened.awards.clone_from(awards);
            }
        }
        Body::Unsold { .. } => next.state = LotState::ClosedUnsold,
        Body::Aborted { .. } => {
            next.state = LotState::Aborted;
            next.pause = None;
            // Nobody asks any more how far its leader would have gone.
            next.hidden_sealed = None;
        }
        Body::Paused { reason, session_id } => {
            next.pause = Some(Pause { before: lot.state, at: event.at, reason: reason.clone(), session_id: *session_id });
            next.state = LotState::Paused;
        }
        Body::Resumed { shifted_us, opens_at, opens_by, closes_at, .. } => {
            let since = lot.pause.as_ref().map_or(event.at, |pause| pause.at);
            rounds::moved(&mut next, since, TimeDelta::microseconds(*shifted_us));
            next.state = lot.pause.as_ref().map_or(lot.state, |pause| pause.before);
            next.pause = None;
            next.closes_at = *closes_at;
            // What arrived while it was paused counts as arrived now.
            next.last_arrival = Some(event.at);
            match opens_at {
                Some(opens_at) => (next.opens_at, next.opens_by) = (*opens_at, *opens_by),
                // It has opened, and that stays: its latest end is moved instead.
                None => next.shifted_us += shifted_us,
            }
        }
        Body::Extended { seconds, closes_at, .. } => {
            let since = lot.pause.as_ref().map_or(event.at, |pause| pause.at);
            rounds::moved(&mut next, since, TimeDelta::seconds(*seconds));
            next.closes_at = *closes_at;
            next.shifted_us += moved_by(lot, TimeDelta::seconds(*seconds));
        }
        Body::ExtendedForOutage { began_at, closes_at, opens_at, .. } => stood_still(&mut next, *began_at, *closes_at, *opens_at),
        Body::Postponed { opens_at, opens_by, closes_at, .. } => {
            (next.opens_at, next.opens_by, next.closes_at) = (*opens_at, *opens_by, *closes_at);
        }
        Body::SessionJoined { session_id, closes_at, hosted, opens_by, .. } => {
            next.session_id = Some(*session_id);
            (next.closes_at, next.hosted, next.opens_by) = (*closes_at, *hosted, *opens_by);
        }
        Body::TurnCame { opens_by } => next.opens_by = Some(*opens_by),
        Body::BoughtNow { bidder, price } => {
            leads(&mut next, event, bidder);
            // It counts as the one bid there was.
            bid(&mut next, event, *price, event.at);
        }
        Body::MaximumPlaced { bidder, leader, price, closes_at, .. } => {
            if leader == bidder {
                leads(&mut next, event, bidder);
            }
            bid(&mut next, event, *price, *closes_at);
        }
        // Those of whoever lost the lot to holders are opened late: where one of these offered more, that is the price.
        Body::MaximaOpened { price, .. } if preemption::round_of(lot).is_none() => next.price_minor = Some(price.minor),
        Body::MaximaOpened { .. } => {}
        Body::BidsOpened { round, bids, .. } => sealed::apply(&mut next, event, *round, bids),
        Body::TieRound { bidders, at_least, closes_at } => sealed::tie(&mut next, bidders, *at_least, *closes_at),
        Body::FirstOffersOpened { offers, closes_at } => rounds::put_offers(&mut next, event, offers, *closes_at),
        Body::TurnEnded { offer, .. } => rounds::end_turn(&mut next, event, offer.as_ref()),
        Body::PreemptionAsked { holders, price, answers_by } => {
            // What is paid is not always what was bid.
            next.price_minor = Some(price.minor);
            preemption::asks(&mut next, event, holders, *answers_by);
        }
        Body::PreemptionAnswered { bidder, takes } => {
            if preemption::answered(&mut next, event, bidder, *takes) {
                leads(&mut next, event, bidder);
            }
        }
        Body::PreemptionRound { bidders, at_least, closes_at } => preemption::seals(&mut next, event, bidders, *at_least, *closes_at),
    }
    next
}

/// A bid stands: its price, and when the lot closes after it.
fn bid(next: &mut lot::Model, event: &lot_event::Model, price: Money, closes_at: Timestamp) {
    next.price_minor = Some(price.minor);
    next.bid_count += 1;
    next.closes_at = closes_at;
    next.last_arrival = Some(event.at);
}

/// The bidder of an event has the lead.
fn leads(next: &mut lot::Model, event: &lot_event::Model, bidder: &str) {
    next.leader_admission_id = event.admission_id;
    next.leader_pseudonym = Some(bidder.to_owned());
}

/// There is more time after an outage. The latest end of a lot that opens later for it goes with its opening.
fn stood_still(next: &mut lot::Model, began_at: Timestamp, closes_at: Timestamp, opens_at: Option<Timestamp>) {
    let more = closes_at - next.closes_at;
    rounds::moved(next, began_at, more);
    next.closes_at = closes_at;
    match opens_at {
        Some(opens_at) => next.opens_at = opens_at,
        None => next.shifted_us += moved_by(next, more),
    }
}

/// How far more time moves the latest end, microseconds. A falling clock has none, and must not go back: more time lengthens
/// its last tick alone.
fn moved_by(lot: &lot::Model, more: TimeDelta) -> i64 {
    if matches!(lot.terms.format, Format::Dutch { .. }) { 0 } else { more.num_microseconds().unwrap_or(0) }
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogFault {
    /// A number is missing or doubled.
    Gap {
        /// The number expected.
        expected: i64,
    },
    /// A hash does not follow from what stands.
    BrokenChain {
        /// At which event.
        seq: i64,
    },
    /// A body cannot be read.
    Unreadable {
        /// At which event.
        seq: i64,
    },
}

/// Rebuilds a lot from its log, checking number, chain and content of every event.
pub fn replay(blank: lot::Model, events: &[lot_event::Model]) -> Result<lot::Model, LogFault> {
    let mut lot = blank;
    for event in events {
        if event.seq != lot.seq + 1 {
            return Err(LogFault::Gap { expected: lot.seq + 1 });
        }
        if event.prev_hash != lot.head_hash || event.hash != hash(event) {
            return Err(LogFault::BrokenChain { seq: event.seq });
        }
        let body: Body = serde_json::from_str(&event.body).map_err(|_| LogFault::Unreadable { seq: event.seq })?;
        (lot, _) = apply(&lot, event, &body);
    }
    Ok(lot)
}
