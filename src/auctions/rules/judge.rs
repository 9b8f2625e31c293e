//! Judges attempts to bid in the order they reached the lot, whatever its format.

use entity::Timestamp;
use entity::auctions::{Format, LotState, lot, lot_event};
use entity::ids::{AdmissionId, PersonId};
use entity::money::Money;

use super::log::{Body, Cause, append};
use super::maximum::Seed;
use super::proxy::{self, Hidden, Secret};
use super::{clock, dutch, english, preemption, step};
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
    /// The price offered; where bids are maxima, the most the bidder would pay.
    pub price: Money,
    /// When the whole request had been read.
    pub arrival: Timestamp,
    /// Who bids.
    pub person: PersonId,
    /// The request.
    pub request_id: String,
    /// Random: what hides the price where bids are maxima.
    pub seed: Seed,
    /// The rank of the bidder's right of pre-emption.
    pub priority: Option<i32>,
}

impl Attempt {
    /// Who caused what comes of it.
    pub(super) fn cause(&self) -> Cause {
        Cause { person: Some(self.person), admission: Some(self.admission), request_id: Some(self.request_id.clone()) }
    }
}

/// What an accepted attempt did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its event's number in the log.
    pub seq: i64,
    /// The price; where bids are maxima, the one that stands after it.
    pub price: Money,
    /// When it counts as arrived.
    pub arrival: Timestamp,
    /// When the lot now closes.
    pub closes_at: Timestamp,
    /// Hash of the log up to it.
    pub hash: Vec<u8>,
    /// Who leads after it, where that may be somebody else.
    pub leader: Option<String>,
    /// What it hides, where bids are maxima.
    pub maximum: Option<Secret>,
    /// The public commitment to that.
    pub commitment: Option<String>,
}

/// The lot after all attempts, the events to store, and an outcome for each attempt.
pub struct Judgement {
    /// The lot as it stands after them.
    pub lot: lot::Model,
    /// What is hidden of it then.
    pub hidden: Option<Hidden>,
    /// Events, in order.
    pub events: Vec<lot_event::Model>,
    /// One outcome per attempt, in the same order.
    pub outcomes: Vec<Result<Accepted, Problem>>,
}

/// Judges a list of attempts; one attempt is a list of one. The order of the list decides who was
/// first; arrival decides only whether an attempt was in time and how far the lot extends.
pub fn judge(lot: &lot::Model, attempts: &[Attempt]) -> Judgement {
    judge_knowing(lot, None, attempts)
}

/// The same, where something is hidden that decides.
pub fn judge_knowing(lot: &lot::Model, hidden: Option<Hidden>, attempts: &[Attempt]) -> Judgement {
    each(lot, hidden, attempts, judge_one)
}

/// An attempt that was accepted, and the lot after it.
pub(super) struct Judged {
    pub(super) event: lot_event::Model,
    pub(super) lot: lot::Model,
    pub(super) hidden: Option<Hidden>,
    pub(super) accepted: Accepted,
}

/// A rule for one attempt: it is given the lot, what is hidden of it, and the instant the attempt counts as arrived.
type Rule = fn(&lot::Model, Option<Hidden>, &Attempt, Timestamp) -> Result<Judged, Problem>;

/// Judges each attempt by a rule, at the instant it counts as arrived.
pub(super) fn each(lot: &lot::Model, hidden: Option<Hidden>, attempts: &[Attempt], rule: Rule) -> Judgement {
    let mut judgement = Judgement { lot: lot.clone(), hidden, events: Vec::new(), outcomes: Vec::new() };
    for attempt in attempts {
        // A lot whose time has come is open, whether or not its timer has been served yet.
        let arrival = attempt.arrival.max(judgement.lot.last_arrival.unwrap_or(attempt.arrival));
        let (due, lot) = clock::advance(&judgement.lot, arrival);
        match rule(&lot, judgement.hidden, attempt, arrival) {
            Ok(judged) => {
                judgement.events.extend(due);
                judgement.events.push(judged.event);
                judgement.lot = judged.lot;
                judgement.hidden = judged.hidden;
                judgement.outcomes.push(Ok(judged.accepted));
            }
            Err(refusal) => judgement.outcomes.push(Err(refusal)),
        }
    }
    judgement
}

fn judge_one(lot: &lot::Model, hidden: Option<Hidden>, attempt: &Attempt, arrival: Timestamp) -> Result<Judged, Problem> {
    after_the_opening(lot, attempt.arrival)?;
    may_bid(lot, attempt.admission, attempt.suspended, arrival)?;
    if lot.terms.proxy {
        return proxy::judged(lot, hidden, attempt, arrival);
    }
    let priority = preemption::borne(lot, attempt.priority);
    let (price, closes_at) = match lot.terms.format {
        Format::English {} => {
            if !preemption::leads_at_par(lot, attempt.price, priority) {
                english::good_enough(lot, attempt.price)?;
            }
            (attempt.price, english::extended(lot, arrival))
        }
        // The first to accept ends it.
        Format::Dutch { .. } => (dutch::accepted(lot, attempt.price, arrival)?, arrival),
        // A bid of a turn is no event: it is judged apart, and shown when the turn ends.
        Format::FirstPrice { .. }
        | Format::Vickrey {}
        | Format::OneShot { .. }
        | Format::Rounds { .. }
        | Format::Weighted { .. }
        | Format::UniformPrice { .. }
        | Format::PayAsBid { .. } => return Err(wrong_format(lot)),
    };
    let body = Body::BidPlaced { bidder: attempt.pseudonym.clone(), price, closes_at, priority };
    Ok(accept(lot, hidden, attempt, arrival, &body, price))
}

/// Writes down what was accepted of an attempt at a price that everybody sees.
pub(super) fn accept(lot: &lot::Model, hidden: Option<Hidden>, attempt: &Attempt, arrival: Timestamp, body: &Body, price: Money) -> Judged {
    let (event, lot) = append(lot, arrival, body, attempt.cause());
    let (closes_at, hash) = (lot.closes_at, event.hash.clone());
    let accepted = Accepted { seq: event.seq, price, arrival, closes_at, hash, leader: None, maximum: None, commitment: None };
    Judged { event, lot, hidden, accepted }
}

/// The least that a bid arriving at an instant must offer; nothing where none would be accepted any more, or bids are sealed.
pub fn least(lot: &lot::Model, arrival: Timestamp) -> Option<Money> {
    let is_asked = clock::underlying(lot) == LotState::PreemptionAsk;
    if is_asked || clock::has_ended(lot) || dutch::is_taken(lot) {
        return None;
    }
    match lot.terms.format {
        Format::English {} | Format::Rounds { .. } => step::next_price(lot).map(|minor| Money { minor, currency: lot.currency }),
        // A lot whose time has come is open, whether or not its timer has been served yet.
        Format::Dutch { .. } => dutch::clock_price(&clock::advance(lot, arrival).1, arrival),
        // What may be sealed is in the terms and in the round among equals: nothing of it moves with the bids.
        Format::FirstPrice { .. }
        | Format::Vickrey {}
        | Format::OneShot { .. }
        | Format::Weighted { .. }
        | Format::UniformPrice { .. }
        | Format::PayAsBid { .. } => None,
    }
}

/// Whether an admitted bidder may bid at an instant, whatever the price.
pub fn may_bid(lot: &lot::Model, admission: AdmissionId, suspended: bool, arrival: Timestamp) -> Result<(), Problem> {
    if operation(&lot.terms.format) != "place_bid" {
        return Err(wrong_format(lot));
    }
    in_time(lot, arrival)?;
    if suspended {
        return Err(Code::BidderSuspended.into());
    }
    // A maximum may always be raised: its bidder bids against nobody by that.
    if lot.leader_admission_id == Some(admission) && !lot.terms.allow_self_raise && !lot.terms.proxy {
        return Err(Code::AlreadyLeading.into());
    }
    Ok(())
}

/// The operation by which a lot of a format is bid for.
pub fn operation(format: &Format) -> &'static str {
    match format {
        Format::English {} | Format::Dutch { .. } => "place_bid",
        Format::FirstPrice { .. }
        | Format::Vickrey {}
        | Format::OneShot { .. }
        | Format::Weighted { .. }
        | Format::UniformPrice { .. }
        | Format::PayAsBid { .. } => "place_sealed_bid",
        Format::Rounds { .. } => "place_turn_bid",
    }
}

/// The refusal of a bid in a way the lot is not bid for, with the operation that is.
pub(super) fn wrong_format(lot: &lot::Model) -> Problem {
    Code::WrongFormat.with("operation", operation(&lot.terms.format))
}

/// What came before the lot had opened is early, also where it is judged after: waiting for its turn
/// makes a bid no later, and a host who opens late opens to those who bid then.
pub(super) fn after_the_opening(lot: &lot::Model, arrival: Timestamp) -> Result<(), Problem> {
    let opened = !matches!(clock::underlying(lot), LotState::Scheduled | LotState::Aborted);
    if opened && arrival < lot.opens_at { Err(Code::NotOpen.with("opens_at", lot.opens_at)) } else { Ok(()) }
}

/// Whether what arrived at an instant is in time.
pub(super) fn in_time(lot: &lot::Model, arrival: Timestamp) -> Result<(), Problem> {
    match lot.state {
        LotState::Scheduled => Err(Code::NotOpen.with("opens_at", lot.opens_at)),
        LotState::OpenFree | LotState::OpenTimed if arrival < lot.closes_at => Ok(()),
        // Also where it arrived before the pause: the log says that the pause was first.
        LotState::Paused => Err(paused(lot)),
        // It arrived in time and was not judged in time: that is our failure, not the bidder's.
        LotState::ClosedSold | LotState::ClosedUnsold | LotState::PreemptionAsk if arrival < clock::bidding_end(lot) => {
            Err(Code::Busy.into())
        }
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
