//! What comes of a described auction: every event judged in its order, with what happens by itself between them.

mod outage;
mod stage;
mod told;

use entity::Timestamp;
use entity::admissions::{admission, admission_call};
use entity::auctions::{LotState, PreemptionHolder, Reserve, lot, lot_event};
use entity::ids::{ListingId, LotId, OrganisationId};
use entity::money::Money;
use uuid::Uuid;

use super::description::{Deed, Description, Event};
use crate::admissions::rules::{reinstate, suspend};
use crate::auctions::rules::buy_now::buy;
use crate::auctions::rules::jump::meant;
use crate::auctions::rules::log::{Body, Cause, OpenedReserve, TOO_FEW, append, apply};
use crate::auctions::rules::outage::Outage;
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::proxy::{self, Hidden, Placed};
use crate::auctions::rules::rounds::{self, Envelopes, OpenedOffer, TurnBid, TurnOffer};
use crate::auctions::rules::sealed::envelope::{self, Salt};
use crate::auctions::rules::sealed::scores::{Scores, is_weighted};
use crate::auctions::rules::sealed::{self, Opened, OpenedBid, weighted};
use crate::auctions::rules::{Attempt, abort, announce, clock, close, judge_knowing, preemption};
use crate::platform::keys::{hex, sha256};
use crate::platform::problem::{Code, Language, Problem};
use crate::rulebook::rules::{Rulebook, shanghai_date};
use stage::{admitted, blank, call};
pub use told::{Course, Line, Refused, line};

/// Runs a described auction to its end. `rules` say what the lot's own terms leave open.
pub fn run(described: &Description, rules: &Rulebook) -> Result<Course, Problem> {
    let mut run = Run::announced(described, rules)?;
    for (event, number) in described.events.iter().zip(1_u32..) {
        run.pass(Some(event.at))?;
        match run.judged(event, number) {
            Ok(events) => run.record(&events)?,
            Err(refusal) => run.refuse(event, &refusal),
        }
    }
    run.pass(None)?;
    let reserve = match &run.lot.terms.reserve {
        Reserve::Open { amount } => Some(*amount),
        Reserve::Secret { .. } if matches!(run.lot.state, LotState::ClosedSold | LotState::ClosedUnsold) => {
            described.reserve.as_ref().map(|opened| opened.amount)
        }
        Reserve::Secret { .. } | Reserve::None {} => None,
    };
    Ok(Course { title: described.title.clone(), lines: run.lines, lot: run.lot, reserve, outages: run.outages })
}

/// An auction under way.
struct Run<'a> {
    rules: &'a Rulebook,
    reserve: Option<OpenedReserve>,
    call: admission_call::Model,
    bidders: Vec<admission::Model>,
    lot: lot::Model,
    hidden: Option<Hidden>,
    placed: Vec<Placed>,
    /// The bids that are sealed, with their round.
    sealed: Vec<(i32, Opened)>,
    /// What is sealed and not shown yet.
    envelopes: Envelopes,
    scores: &'a Scores,
    /// When the market stood still, one after another.
    outages: Vec<Outage>,
    lines: Vec<Line>,
}

/// A decision about a bidder.
type Decision = fn(&admission::Model, &admission_call::Model, &str, Timestamp) -> Result<admission::Model, Problem>;

/// Ids are counted up, so that the same description gives the same log.
const LOT: LotId = LotId(Uuid::from_u128(1));
const LISTING: ListingId = ListingId(Uuid::from_u128(2));
const SELLER: OrganisationId = OrganisationId(Uuid::from_u128(3));
const FIRST_BIDDER: u128 = 1_000;

impl<'a> Run<'a> {
    /// The lot is announced, and registration has closed with the bidders admitted.
    fn announced(described: &'a Description, rules: &'a Rulebook) -> Result<Self, Problem> {
        let opens_at = described.terms.opens_at;
        let at = described.events.first().map_or(opens_at, |first| first.at.min(opens_at));
        let bidders = described.bidders.iter().zip(FIRST_BIDDER..);
        let bidders: Vec<_> = bidders.map(|(name, id)| admitted(name, id, described.holders.get(name).copied(), at)).collect();
        let lot = blank(described, at);
        let call = call(&lot, at);
        let (reserve, hidden, placed, sealed) = (described.reserve.clone(), None, Vec::new(), Vec::new());
        let (envelopes, scores, outages, lines) = (Envelopes::default(), &described.scores, Vec::new(), Vec::new());
        let mut run = Self { rules, reserve, call, bidders, lot, hidden, placed, sealed, envelopes, scores, outages, lines };
        run.record(&[announce::announced(&run.lot, at).0])?;
        let count = u32::try_from(run.bidders.len()).unwrap_or(u32::MAX);
        let (closed, after) = announce::registered(&run.lot, count, at);
        // A lot with too few is aborted instead.
        let next = if clock::has_enough(&after) { closed } else { append(&run.lot, at, &aborted(), Cause::default()).0 };
        run.record(&[next])?;
        Ok(run)
    }

    /// What happens by itself until an instant, or to the end: each at its own time, as its timer would have it while the market runs.
    fn pass(&mut self, until: Option<Timestamp>) -> Result<(), Problem> {
        let runs_since = self.outages.last().map(|outage| outage.ended_at);
        let look = |lot: &lot::Model| clock::next_look(lot).map(|at| runs_since.map_or(at, |since| at.max(since)));
        while let Some(at) = look(&self.lot).filter(|at| until.is_none_or(|until| *at <= until)) {
            let given = self.after_outages(at);
            if !given.is_empty() {
                self.record(&given)?;
                continue;
            }
            self.record(&rounds::advance(&self.lot, &self.envelopes, at).0)?;
            if clock::is_over(&self.lot, at) {
                self.end(at)?;
            }
        }
        // What is due is so for whoever looks, whether or not its timer has been served.
        until.map_or(Ok(()), |until| self.record(&rounds::advance(&self.lot, &self.envelopes, until).0))
    }

    /// What happens in a lot that is over: what is hidden is opened, sealed bids may be tied, the next holders of a right of
    /// pre-emption are asked, several of them bid once more, or it closes.
    fn end(&mut self, at: Timestamp) -> Result<(), Problem> {
        if sealed::awaits_opening(&self.lot) {
            let round = sealed::round(&self.lot);
            let bids = self.sealed.iter().filter(|(of, _)| *of == round).map(|(_, bid)| bid.clone()).collect();
            let opened = if is_weighted(&self.lot.terms.format) {
                weighted::open(&self.lot, bids, self.scores, self.reserve.as_ref(), at)
            } else {
                sealed::open(&self.lot, bids, at)
            };
            self.record(&[opened.0])?;
        }
        if let Some((round, _)) = sealed::tie_round(&self.lot, close::floor(&self.lot.terms, self.reserve.as_ref()), at) {
            return self.record(&[round]);
        }
        if let Some((round, _)) = preemption::round(&self.lot, at) {
            return self.record(&[round]);
        }
        if let Some((opened, _)) = proxy::opened(&self.lot, &self.placed, self.reserve.as_ref(), at) {
            self.record(&[opened])?;
        }
        // Whoever leads keeps his rank, also where he is suspended.
        let counts = |held: &&admission::Model| !held.suspended || held.pseudonym == self.lot.leader_pseudonym;
        let holders = self.bidders.iter().filter(counts);
        let holders = holders.filter_map(|held| Some(PreemptionHolder { bidder: held.pseudonym.clone()?, rank: held.preemption_rank? }));
        if let Some((asked, _)) = preemption::ask(&self.lot, self.reserve.as_ref(), &holders.collect::<Vec<_>>(), at) {
            return self.record(&[asked]);
        }
        self.record(&[close::close(&self.lot, self.reserve.clone(), at).event])
    }

    /// Seals a bid in place of the bidder's earlier one. It is no event of the log, but stands in the course that is shown.
    fn seal(&mut self, attempt: &Attempt, further: &[Money], confirmed: bool, number: u32) -> Result<(), Problem> {
        let is_own = |(_, before): &&(i32, Opened)| before.admission == attempt.admission;
        let last = self.sealed.iter().rfind(is_own).map(|(_, before)| before.bid.at);
        let (round, at) = sealed::judge(&self.lot, attempt, last)?;
        sealed::units::may_bid_for(&self.lot, attempt.price, further)?;
        meant(&self.lot, attempt.price, attempt.arrival, confirmed)?;
        let salt = salt(number);
        let bid = OpenedBid {
            bidder: attempt.pseudonym.clone(),
            price: attempt.price,
            at,
            order: number.into(),
            salt: hex(&salt),
            commitment: hex(&envelope::commitment(self.lot.id, &salt, attempt.price, further)),
            further_units: further.to_vec(),
        };
        self.sealed.retain(|(of, before)| (*of, before.admission) != (round, attempt.admission));
        self.lines.push(Line {
            seq: None,
            at,
            what: "bid_sealed".into(),
            bidder: Some(bid.bidder.clone()),
            price: Some(bid.price),
            reason: None,
            state: self.lot.state,
            closes_at: self.lot.closes_at,
            refused: None,
        });
        self.sealed.push((round, Opened { admission: attempt.admission, bid }));
        Ok(())
    }

    /// What an event adds to the log, or why it is refused.
    fn judged(&mut self, event: &Event, number: u32) -> Result<Vec<lot_event::Model>, Problem> {
        let (lot, at) = (&self.lot, event.at);
        let (event, _) = match &event.deed {
            Deed::Bid { bidder, price, further_units, confirmed } if sealed::are_sealed(lot) => {
                let attempt = self.attempt(*bidder, *price, at, number);
                return self.seal(&attempt, further_units, *confirmed, number).map(|()| Vec::new());
            }
            Deed::Bid { bidder, price, confirmed, .. } if rounds::is_by_rounds(&lot.terms) => {
                let attempt = self.attempt(*bidder, *price, at, number);
                return self.bid_in_turn(&attempt, *confirmed);
            }
            Deed::FirstOffer { bidder, price, confirmed } => {
                let attempt = self.attempt(*bidder, *price, at, number);
                return self.first_offer(attempt, *confirmed);
            }
            Deed::Bid { bidder, price, confirmed, .. } => {
                let attempt = self.attempt(*bidder, *price, at, number);
                let mut judgement = judge_knowing(lot, self.hidden, std::slice::from_ref(&attempt));
                let accepted = judgement.outcomes.pop().ok_or(Code::Internal)??;
                meant(lot, *price, at, *confirmed)?;
                let placed = accepted.maximum.map(|secret| Placed { seq: accepted.seq, admission: attempt.admission, secret });
                self.placed.extend(placed);
                self.hidden = judgement.hidden;
                return Ok(judgement.events);
            }
            Deed::BuyNow { bidder } => {
                let judgement = buy(lot, &self.attempt(*bidder, lot.terms.start_price, at, number));
                judgement.outcomes.into_iter().next().ok_or(Code::Internal)??;
                return Ok(judgement.events);
            }
            Deed::Outage { .. } => return Ok(self.stands_still(Outage { began_at: at, ended_at: event.is_over_at() })),
            Deed::Suspend { bidder, reason } => return self.turn(*bidder, suspend, reason, at),
            Deed::Reinstate { bidder, reason } => return self.turn(*bidder, reinstate, reason, at),
            Deed::Pause { reason } => pause::pause(lot, &order(reason), at)?,
            Deed::Resume { reason } => pause::resume(lot, &order(reason), at)?,
            Deed::Extend { seconds, reason } => {
                let most = pause::extend_limit(lot, self.rules, shanghai_date(at))?;
                pause::extend(lot, *seconds, most, &order(reason), at)?
            }
            // Who does what to the lot is not described, so that nobody is asked whether it was he who paused it.
            Deed::Abort { reason } => abort::abort(lot, &order(reason), None, at)?,
            Deed::Answer { bidder, takes } => {
                let held = &self.bidders[*bidder];
                let name = held.pseudonym.as_deref().unwrap_or_default();
                let cause = Cause { admission: Some(held.id), ..Cause::default() };
                preemption::answer(lot, name, held.suspended, *takes, at, cause)?
            }
        };
        Ok(vec![event])
    }

    /// A bid of a turn goes into its envelope: what it is comes to light at the end of the turn.
    fn bid_in_turn(&mut self, attempt: &Attempt, confirmed: bool) -> Result<Vec<lot_event::Model>, Problem> {
        let taken = rounds::judge(&self.lot, &self.envelopes, attempt)?;
        meant(&self.lot, attempt.price, attempt.arrival, confirmed)?;
        let offer = TurnOffer { price: attempt.price, at: taken.arrival };
        self.envelopes.turn_bid = Some(TurnBid { round: taken.round, turn: taken.turn, admission: attempt.admission, offer });
        Ok(Vec::new())
    }

    /// A first offer goes into its envelope, in the place of an earlier one. Here nothing is drawn, so that its salt is zero.
    fn first_offer(&mut self, attempt: Attempt, confirmed: bool) -> Result<Vec<lot_event::Model>, Problem> {
        let so_far = &self.envelopes.first_offers;
        let own = so_far.iter().find(|(admission, _)| *admission == attempt.admission).map(|(_, offer)| offer.at);
        let at = rounds::counts_at(attempt.arrival, so_far.last().map(|(_, offer)| offer.at), own);
        rounds::may_seal(&self.lot, attempt.suspended, attempt.price, at)?;
        meant(&self.lot, attempt.price, attempt.arrival, confirmed)?;
        let offer = OpenedOffer { bidder: attempt.pseudonym, price: attempt.price, at, salt: hex(&[0; 16]) };
        self.envelopes.first_offers.retain(|(admission, _)| *admission != attempt.admission);
        self.envelopes.first_offers.push((attempt.admission, offer));
        Ok(Vec::new())
    }

    fn attempt(&self, bidder: usize, price: Money, arrival: Timestamp, number: u32) -> Attempt {
        let admission = &self.bidders[bidder];
        Attempt {
            admission: admission.id,
            pseudonym: admission.pseudonym.clone().unwrap_or_default(),
            suspended: admission.suspended,
            price,
            arrival,
            person: admission.applied_by,
            request_id: format!("event-{number}"),
            // Counted up like the ids, and as hard to guess as the description.
            seed: sha256(format!("event-{number}").as_bytes()),
            priority: admission.preemption_rank,
        }
    }

    /// A bidder is suspended or reinstated, and the lot's log says so while the lot goes on.
    fn turn(&mut self, bidder: usize, decide: Decision, reason: &str, at: Timestamp) -> Result<Vec<lot_event::Model>, Problem> {
        if clock::has_ended(&self.lot) {
            return Err(pause::wrong_state(&self.lot));
        }
        let next = decide(&self.bidders[bidder], &self.call, reason, at)?;
        let name = next.pseudonym.clone().unwrap_or_default();
        let said = if next.suspended { Body::BidderSuspended { bidder: name } } else { Body::BidderReinstated { bidder: name } };
        self.bidders[bidder] = next;
        Ok(vec![append(&self.lot, at, &said, Cause::default()).0])
    }

    /// Writes events down. The lot is only ever what its log makes of it.
    fn record(&mut self, events: &[lot_event::Model]) -> Result<(), Problem> {
        for event in events {
            let body: Body = serde_json::from_str(&event.body).map_err(|_| Code::Internal)?;
            (self.lot, _) = apply(&self.lot, event, &body);
            self.lines.push(line(event, body, &self.lot));
        }
        Ok(())
    }

    /// Notes a refusal; the lot stays as it was.
    fn refuse(&mut self, event: &Event, refusal: &Problem) {
        let name = |bidder: &usize| self.bidders[*bidder].pseudonym.clone();
        let (what, bidder, price) = match &event.deed {
            Deed::Bid { bidder, price, .. } => ("bid", name(bidder), Some(*price)),
            Deed::BuyNow { bidder } => ("buy_now", name(bidder), None),
            Deed::FirstOffer { bidder, price, .. } => ("first_offer", name(bidder), Some(*price)),
            Deed::Pause { .. } => ("pause", None, None),
            Deed::Resume { .. } => ("resume", None, None),
            Deed::Extend { .. } => ("extend", None, None),
            Deed::Suspend { bidder, .. } => ("suspend", name(bidder), None),
            Deed::Reinstate { bidder, .. } => ("reinstate", name(bidder), None),
            Deed::Answer { bidder, .. } => ("answer", name(bidder), None),
            Deed::Outage { .. } => ("outage", None, None),
            Deed::Abort { .. } => ("abort", None, None),
        };
        let told: Vec<_> = std::iter::once(refusal.detail(Language::English))
            .chain(refusal.errors.iter().map(|fault| format!("{} {}", fault.pointer, fault.en)))
            .collect();
        let refused = Refused { code: refusal.code.code(), detail: told.join("; "), facts: refusal.facts.clone() };
        self.lines.push(Line {
            seq: None,
            at: event.at,
            what: what.into(),
            bidder,
            price,
            reason: None,
            state: self.lot.state,
            closes_at: self.lot.closes_at,
            refused: Some(refused),
        });
    }
}

/// The salt of a sealed bid: nothing is drawn, so that the same description gives the same log.
fn salt(number: u32) -> Salt {
    sha256(&number.to_be_bytes()).first_chunk::<16>().copied().unwrap_or_default()
}

fn order(reason: &str) -> Order {
    Order { reason: reason.into(), ..Order::default() }
}

fn aborted() -> Body {
    Body::aborted(TOO_FEW)
}
