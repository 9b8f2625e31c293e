//! Placing a bid: hold the lot, judge, record, acknowledge after the commit.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use entity::auctions::{lot, lot_event};
use entity::ids::LotId;
use serde::{Deserialize, Serialize};

use super::bids::{Held, Placed, PlacedBid, Waits, hold, place_within};
use super::known::Wanted;
use super::maxima;
use super::outage::after_outages;
use super::read::applicant;
use super::receipt_tree::{Leaf, proved};
use super::record;
use super::rights::AskedRights;
use crate::admissions;
use crate::admissions::flows::bidder_within;
use crate::admissions::store::Bidder;
use crate::auctions::floor;
use crate::auctions::http::PlaceBid;
use crate::auctions::rules::clock::seems_due;
use crate::auctions::rules::receipt::{self, BidStatement, SignedReceipt};
use crate::auctions::rules::{Accepted, Attempt, Judgement, bidder};
use crate::auctions::store;
use crate::auctions::views::NewBid;
use crate::house::{Asked, Done, Heard, House, Tx};
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::db::Questions;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};
use entity::Timestamp;
use entity::money::Money;

/// What a bidder is given for a bid that counts.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The lot.
    pub lot_id: LotId,
    /// The bid's number in the lot's log.
    pub seq: i64,
    /// The bidder's pseudonym.
    pub bidder: String,
    /// The price; where bids are maxima, the one that stands after it.
    pub price: Money,
    /// When the bid arrived.
    pub arrived_at: Timestamp,
    /// When the lot now closes.
    pub closes_at: Timestamp,
    /// Hash of the log up to the bid.
    pub log_hash: Vec<u8>,
    /// The same, signed. A rehearsed bid has none, nor has one from before bids were signed for.
    pub signed: Option<SignedReceipt>,
    /// Where what was signed is kept with that of others.
    pub(super) leaf: Option<Leaf>,
    /// Who leads after it, where bids are maxima.
    pub leader: Option<String>,
    /// The bidder's maximum, where bids are such.
    pub maximum: Option<Money>,
    /// Where bids are maxima: maximum and signed receipt, sealed as long as the outcome is kept.
    pub(super) sealed: Option<Vec<u8>>,
}

/// What is sealed of an outcome. The signature too: it is over what the maximum can be guessed from.
#[derive(Serialize, Deserialize)]
struct Confidential {
    maximum: Option<Money>,
    signed: Option<SignedReceipt>,
}

impl Receipt {
    /// As it is kept: nothing that is hidden before the close stands in it.
    fn closed(self, tx: &Tx) -> Result<Self, Problem> {
        if self.maximum.is_none() {
            return Ok(self);
        }
        let (maximum, signed) = (self.maximum, self.signed);
        let plain = serde_json::to_vec(&Confidential { maximum, signed }).map_err(|_| Problem::from(Code::Internal))?;
        let sealed = maxima::seal_answer(tx, self.lot_id, self.seq, &plain)?;
        Ok(Self { maximum: None, signed: None, sealed: Some(sealed), ..self })
    }

    /// As its bidder is told.
    fn opened(self, house: &House) -> Result<Self, Problem> {
        let Some(sealed) = &self.sealed else { return Ok(self) };
        let plain = maxima::open_answer(house, self.lot_id, self.seq, sealed)?;
        let Confidential { maximum, signed } = serde_json::from_slice(&plain).map_err(|_| Problem::from(Code::Internal))?;
        Ok(Self { maximum, signed, sealed: None, ..self })
    }
}

/// Places bids in one transaction; what became of each, as it is kept. One for a lot that was not waited for is transiently refused.
pub async fn place_together(house: &House, bids: Vec<Asked<PlacedBid>>, waits: Waits) -> Result<Vec<Outcome>, Problem> {
    let hold = move |tx: Tx, bids: Arc<[Asked<PlacedBid>]>| async move {
        let lots = bids.iter().map(|bid| bid.input.lot).collect();
        let held = hold(&tx, lots, waits).await?;
        let mut questions = Questions::to(tx.conn());
        let asked = tx.house.rights.ask(&tx, &mut questions, &bids);
        Ok(((held, asked), questions))
    };
    let stored = Arc::new(Mutex::new(Vec::new()));
    let stands = stored.clone();
    let place = move |(held, asked): (Held, AskedRights), mut heard: Heard, calls: Vec<(Tx, PlacedBid)>| {
        let stands = stands.clone();
        async move {
            let Some((tx, _)) = calls.first() else { return Ok(Vec::new()) };
            let learnt = asked.learn(tx, &mut heard).await?;
            let Placed { outcomes, lots } = Box::pin(place_within(held, &learnt.known, &heard.clock, &calls)).await?;
            tx.house.rights.keep(learnt);
            // Also if it is done again, only what was done last is stored.
            *stands.lock().unwrap_or_else(PoisonError::into_inner) = lots;
            Ok(outcomes)
        }
    };
    let outcomes = house.write_all(bids, hold, place).await?;
    house.lots.keep(std::mem::take(&mut *stored.lock().unwrap_or_else(PoisonError::into_inner)));
    Ok(outcomes)
}

/// What became of a bid.
pub type Outcome = Result<Done<Receipt>, Problem>;

/// Places a bid, together with all that wait.
pub async fn place_bid(house: &House, by: &Context, permit: Permit<PlaceBid>, lot: LotId, new: NewBid) -> Outcome {
    // A rehearsed bid changes nothing, so it need not wait for its turn.
    if by.dry_run {
        return place_bid_alone(house, by, permit, lot, new).await;
    }
    let begun = Instant::now();
    let outcome = floor::enter(house, by, PlacedBid { permit, lot, new }).await;
    counted(begun, &outcome);
    outcome
}

/// Places a bid in a transaction of its own.
pub async fn place_bid_alone(house: &House, by: &Context, permit: Permit<PlaceBid>, lot: LotId, new: NewBid) -> Outcome {
    let begun = Instant::now();
    let done = house
        .write_aside(by, PlacedBid { permit, lot, new }, |tx, bid| async move {
            let held = hold(&tx, vec![bid.lot], Waits::AsDeedsDo).await?;
            let mut questions = Questions::to(tx.conn());
            let asked = Wanted::of([(&*tx.by, bid.lot)]).ask(&mut questions);
            let mut heard = tx.hear(questions).await?;
            let known = asked.found(&mut heard.answers)?;
            let mut outcomes = Box::pin(place_within(held, &known, &heard.clock, &[(tx, bid)])).await?.outcomes;
            outcomes.pop().unwrap_or_else(|| Err(Code::Internal.into()))
        })
        .await;
    let outcome = told(house, done).await;
    counted(begun, &outcome);
    outcome
}

/// An outcome as its bidder is told.
pub async fn told(house: &House, outcome: Outcome) -> Outcome {
    let Done { value, replayed } = outcome?;
    Ok(Done { value: proved(house, value.opened(house)?).await?, replayed })
}

/// Notes in the figures how a bid fared.
pub(super) fn counted(begun: Instant, done: &Result<Done<Receipt>, Problem>) {
    let outcome = done.as_ref().map_or_else(|problem| problem.code.code(), |_| "accepted");
    metrics::counter!("zhepai_bids_total", "outcome" => outcome).increment(1);
    metrics::histogram!("zhepai_bid_seconds").record(begun.elapsed());
}

/// The lot, held, where the caller has seen how it stands.
pub(super) async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: LotId) -> Result<lot::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    seen(tx, permit, &held)?;
    // Whose end seems past may have been given more time by an outage that nobody has seen yet, and what seems to have opened may wait.
    if seems_due(&held, tx.now) { after_outages(tx, held).await } else { Ok(held) }
}

/// Refuses a caller who may not do this to the lot, or has not seen how it stands.
pub(super) fn seen<P: Permission>(tx: &Tx, permit: &Permit<P>, lot: &lot::Model) -> Result<(), Problem> {
    permit.over(lot)?;
    tx.by.expects(lot.seq).map_err(|stale| stale.with("price", price_now(lot)).with("closes_at", lot.closes_at))
}

/// Records what one attempt came to; its receipt.
pub(super) async fn recorded(tx: &Tx, held: &lot::Model, attempt: Attempt, mut judgement: Judgement) -> Result<Receipt, Problem> {
    let accepted: Accepted = match judgement.outcomes.pop() {
        Some(outcome) => outcome?,
        None => return Err(Code::Internal.into()),
    };
    let (events, lot) = with_seals(tx, judgement, &accepted)?;
    record(tx, held, events, &lot).await?;
    let signed = signed(tx, statement(held.id, &attempt.pseudonym, &accepted));
    receipt_of(tx, held.id, attempt.pseudonym, accepted, signed)
}

/// What is signed of a bid that counts.
pub(super) fn statement(lot: LotId, bidder: &str, accepted: &Accepted) -> BidStatement {
    BidStatement {
        arrived_at: accepted.arrival,
        bidder: bidder.into(),
        closes_at: accepted.closes_at,
        commitment: accepted.commitment.clone(),
        log_hash: hex(&accepted.hash),
        lot_id: lot,
        maximum: accepted.maximum.map(|secret| secret.amount),
        price: accepted.price,
        seq: accepted.seq,
    }
}

/// The receipt of a bid that counts, as it is kept.
pub(super) fn receipt_of(
    tx: &Tx,
    lot: LotId,
    bidder: String,
    accepted: Accepted,
    signed: Option<SignedReceipt>,
) -> Result<Receipt, Problem> {
    let receipt = Receipt {
        lot_id: lot,
        seq: accepted.seq,
        bidder,
        price: accepted.price,
        arrived_at: accepted.arrival,
        closes_at: accepted.closes_at,
        log_hash: accepted.hash,
        signed,
        leaf: None,
        leader: accepted.leader,
        maximum: accepted.maximum.map(|secret| secret.amount),
        sealed: None,
    };
    receipt.closed(tx)
}

/// What is told of a rehearsed maximum. How it fares against the leader's is told of one that counts only: rehearsing costs
/// nothing, and would ask his out of him.
pub(super) fn unrevealing(held: &lot::Model, accepted: Accepted) -> Accepted {
    Accepted { price: price_now(held).unwrap_or(held.terms.start_price), leader: None, ..accepted }
}

/// The events and the lot as they are stored: what a maximum hides is sealed beside them.
pub(super) fn with_seals(tx: &Tx, judgement: Judgement, accepted: &Accepted) -> Result<(Vec<lot_event::Model>, lot::Model), Problem> {
    let (mut events, mut lot) = (judgement.events, judgement.lot);
    if let (Some(secret), Some(hidden), Some(event)) = (accepted.maximum, judgement.hidden, events.last_mut()) {
        event.sealed = Some(maxima::seal_maximum(tx, lot.id, event.seq, secret)?);
        lot.hidden_sealed = Some(maxima::seal_hidden(tx, lot.id, hidden)?);
    }
    Ok((events, lot))
}

/// The receipt is made in the deed, so that whoever asks again under the same key is given the very same. A rehearsed bid
/// does not count, so nothing is signed for it.
fn signed(tx: &Tx, statement: BidStatement) -> Option<SignedReceipt> {
    if tx.by.dry_run {
        return None;
    }
    receipt::issue(&[statement], tx.house.keys.receipts(), tx.now).pop()
}

fn price_now(lot: &lot::Model) -> Option<Money> {
    lot.price_minor.map(|minor| Money { minor, currency: lot.currency })
}

/// The admission the caller acts under in a lot, if he may at all.
pub(super) async fn admitted(tx: &Tx, lot: &lot::Model) -> Result<Bidder, Problem> {
    let by = applicant(tx.conn(), tx.by.actor()?, tx.by.seat()?).await?;
    let call = admissions::store::call(tx.conn(), lot.id).await?.ok_or(Code::Internal)?;
    let standing = bidder_within(tx.conn(), lot.id, by.organisation).await?;
    bidder::admitted(&by, &call, standing)
}

/// Whether a bidder may not do anything for now. One who was reinstated may once the log says so, by which anybody verifies it.
pub(super) async fn is_suspended(tx: &Tx, lot: &lot::Model, held: &Bidder) -> Result<bool, Problem> {
    // Of whom no reason is kept, nothing was ever said.
    if held.suspended || held.reason.is_none() {
        return Ok(held.suspended);
    }
    let said = Box::pin(store::suspensions(tx.conn(), lot.id)).await?;
    Ok(bidder::is_suspended(&said, held.pseudonym.as_deref().unwrap_or_default()))
}

/// Who bids, as what, and when it arrived.
pub(super) async fn attempt(tx: &Tx, lot: &lot::Model, price: Money) -> Result<Attempt, Problem> {
    let arrival = tx.arrived().await?;
    let admission = admitted(tx, lot).await?;
    let suspended = is_suspended(tx, lot, &admission).await?;
    attempt_under(tx, admission, suspended, price, arrival)
}

/// The attempt of somebody who bids under an admission.
pub(super) fn attempt_under(tx: &Tx, admission: Bidder, suspended: bool, price: Money, arrival: Timestamp) -> Result<Attempt, Problem> {
    Ok(Attempt {
        admission: admission.id,
        pseudonym: admission.pseudonym.ok_or(Code::Internal)?,
        suspended,
        price,
        arrival,
        person: tx.by.actor()?.person,
        request_id: tx.by.request_id.clone(),
        seed: tx.house.world.random(),
        priority: admission.preemption_rank,
    })
}
