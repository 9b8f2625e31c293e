//! Judges attempts to bid in the order they reached the lot, whatever its format.

use entity::Timestamp;
use entity::auctions::{Format, LotState, lot, lot_event};
use entity::ids::{AdmissionId, PersonId};
use entity::money::Money;

use super::log::{Body, Cause, append};
use super::{clock, english, preemption};
use crate::platform::problem::{Code, Problem};

/// One attempt to bid.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The admission bid under.
    pub admission: AdmissionId,
    /// The bidder's pseudonym in the lot.
    pub pseudonym: String,
    /// Whether the bidder is suspended.
    pub suspended: bool,
    /// The price offered.
    pub price: Money,
    /// When the whole request had been read.
    pub arrival: Timestamp,
    /// Who bids.
    pub person: PersonId,
    /// The request.
    pub request_id: String,
    /// The rank of the bidder's right of pre-emption.
    pub priority: Option<i32>,
}

/// What an accepted attempt did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its event's number in the log.
    pub seq: i64,
    /// The price.
    pub price: Money,
    /// When it counts as arrived.
    pub arrival: Timestamp,
    /// When the lot now closes.
    pub closes_at: Timestamp,
    /// Hash of the log up to it.
    pub hash: Vec<u8>,
}

/// The lot after all attempts, the events to store, and an outcome for each attempt.
pub struct Judgement {
    /// The lot as it stands after them.
    pub lot: lot::Model,
    /// Events, in order.
    pub events: Vec<lot_event::Model>,
    /// One outcome per attempt, in the same order.
    pub outcomes: Vec<Result<Accepted, Problem>>,
}

/// Judges a list of attempts; one attempt is a list of one. The order of the list decides who was
/// first; arrival decides only whether an attempt was in time and how far the lot extends.
pub fn judge(lot: &lot::Model, attempts: &[Attempt]) -> Judgement {
    let mut judgement = Judgement { lot: lot.clone(), events: Vec::new(), outcomes: Vec::new() };
    for attempt in attempts {
        // A lot whose time has come is open, whether or not its timer has been served yet.
        let arrival = attempt.arrival.max(judgement.lot.last_arrival.unwrap_or(attempt.arrival));
        let (due, lot) = clock::advance(&judgement.lot, arrival);
        match judge_one(&lot, attempt, arrival) {
            Ok((event, next, accepted)) => {
                judgement.events.extend(due);
                judgement.events.push(event);
                judgement.lot = next;
                judgement.outcomes.push(Ok(accepted));
            }
            Err(refusal) => judgement.outcomes.push(Err(refusal)),
        }
    }
    judgement
}

fn judge_one(lot: &lot::Model, attempt: &Attempt, arrival: Timestamp) -> Result<(lot_event::Model, lot::Model, Accepted), Problem> {
    after_the_opening(lot, attempt.arrival)?;
    may_bid(lot, attempt.admission, attempt.suspended, arrival)?;
    let priority = preemption::borne(lot, attempt.priority);
    let closes_at = match lot.terms.format {
        Format::English {} => {
            if !preemption::leads_at_par(lot, attempt.price, priority) {
                english::high_enough(lot, attempt.price)?;
            }
            english::extended(lot, arrival)
        }
    };
    let body = Body::BidPlaced { bidder: attempt.pseudonym.clone(), price: attempt.price, closes_at, priority };
    let cause = Cause { person: Some(attempt.person), admission: Some(attempt.admission), request_id: Some(attempt.request_id.clone()) };
    let (event, next) = append(lot, arrival, &body, cause);
    let accepted = Accepted { seq: event.seq, price: attempt.price, arrival, closes_at, hash: event.hash.clone() };
    Ok((event, next, accepted))
}

/// Whether an admitted bidder may bid at an instant, whatever the price.
pub fn may_bid(lot: &lot::Model, admission: AdmissionId, suspended: bool, arrival: Timestamp) -> Result<(), Problem> {
    in_time(lot, arrival)?;
    if suspended {
        return Err(Code::BidderSuspended.into());
    }
    if lot.leader_admission_id == Some(admission) && !lot.terms.allow_self_raise {
        return Err(Code::AlreadyLeading.into());
    }
    Ok(())
}

/// What came before the lot had opened is early, also where it is judged after: waiting for its turn
/// makes a bid no later, and a host who opens late opens to those who bid then.
fn after_the_opening(lot: &lot::Model, arrival: Timestamp) -> Result<(), Problem> {
    let opened = !matches!(clock::underlying(lot), LotState::Scheduled | LotState::Aborted);
    if opened && arrival < lot.opens_at { Err(Code::NotOpen.with("opens_at", lot.opens_at)) } else { Ok(()) }
}

fn in_time(lot: &lot::Model, arrival: Timestamp) -> Result<(), Problem> {
    match lot.state {
        LotState::Scheduled => Err(Code::NotOpen.with("opens_at", lot.opens_at)),
        LotState::OpenFree | LotState::OpenTimed if arrival < lot.closes_at => Ok(()),
        // Also where it arrived before the pause: the log says that the pause was first.
        LotState::Paused => Err(paused(lot)),
        // It arrived in time and was not judged in time: that is our failure, not the bidder's.
        LotState::ClosedSold | LotState::ClosedUnsold if arrival < clock::bidding_end(lot) => Err(Code::Busy.into()),
        _ => Err(Code::Closed.with("closes_at", clock::bidding_end(lot)).with("arrived_at", arrival)),
    }
}

/// The refusal of a bid while the lot is paused: since when, and why.
fn paused(lot: &lot::Model) -> Problem {
    let problem = Problem::from(Code::Paused);
    match &lot.pause {
        Some(pause) => problem.with("paused_at", pause.at).with("reason", &pause.reason),
        None => problem,
    }
}
