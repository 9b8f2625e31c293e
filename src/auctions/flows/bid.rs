//! Placing a bid: hold the lot, judge, record, acknowledge after the commit.

use entity::auctions::lot;
use entity::ids::LotId;
use serde::{Deserialize, Serialize};

use super::outage::after_outages;
use super::read::applicant;
use super::record;
use crate::admissions::flows::bidder_within;
use crate::auctions::http::PlaceBid;
use crate::auctions::rules::receipt::{self, BidStatement, SignedReceipt};
use crate::auctions::rules::{Accepted, Attempt, bidder, judge};
use crate::auctions::store;
use crate::auctions::views::NewBid;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};
use entity::Timestamp;
use entity::money::Money;

/// What a bidder is given for a bid that counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The lot.
    pub lot_id: LotId,
    /// The bid's number in the lot's log.
    pub seq: i64,
    /// The bidder's pseudonym.
    pub bidder: String,
    /// The price.
    pub price: Money,
    /// When the bid arrived.
    pub arrived_at: Timestamp,
    /// When the lot now closes.
    pub closes_at: Timestamp,
    /// Hash of the log up to the bid.
    pub log_hash: Vec<u8>,
    /// The same, signed. A rehearsed bid has none, nor has one from before bids were signed for.
    #[serde(default)]
    pub signed: Option<SignedReceipt>,
}

/// Places a bid.
pub async fn place_bid(house: &House, by: &Context, permit: Permit<PlaceBid>, lot: LotId, new: NewBid) -> Result<Done<Receipt>, Problem> {
    let begun = std::time::Instant::now();
    let done =
        house.write(by, (permit, lot, new), |tx, (permit, lot, new)| async move { place_within(&tx, &permit, lot, &new).await }).await;
    let outcome = done.as_ref().map_or_else(|problem| problem.code.code(), |_| "accepted");
    metrics::counter!("zhepai_bids_total", "outcome" => outcome).increment(1);
    metrics::histogram!("zhepai_bid_seconds").record(begun.elapsed());
    done
}

async fn place_within(tx: &Tx, permit: &Permit<PlaceBid>, id: LotId, new: &NewBid) -> Result<Receipt, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.seq).map_err(|stale| stale.with("price", price_now(&held)).with("closes_at", held.closes_at))?;
    // Whose end seems past may have been given more time by an outage that nobody has seen yet.
    let held = if tx.now < held.closes_at { held } else { after_outages(tx, held).await? };
    let attempt = attempt(tx, &held, new).await?;
    let judgement = judge(&held, std::slice::from_ref(&attempt));
    let accepted: Accepted = match judgement.outcomes.into_iter().next() {
        Some(outcome) => outcome?,
        None => return Err(Code::Internal.into()),
    };
    record(tx, &held, judgement.events, &judgement.lot).await?;
    let statement = BidStatement {
        arrived_at: accepted.arrival,
        bidder: attempt.pseudonym.clone(),
        closes_at: accepted.closes_at,
        log_hash: hex(&accepted.hash),
        lot_id: id,
        price: accepted.price,
        seq: accepted.seq,
    };
    Ok(Receipt {
        lot_id: id,
        seq: accepted.seq,
        bidder: attempt.pseudonym,
        price: accepted.price,
        arrived_at: accepted.arrival,
        closes_at: accepted.closes_at,
        log_hash: accepted.hash,
        signed: signed(tx, statement),
    })
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

/// Who bids, as what, and when it arrived.
async fn attempt(tx: &Tx, lot: &lot::Model, new: &NewBid) -> Result<Attempt, Problem> {
    let actor = tx.by.actor()?;
    let seat = tx.by.seat()?;
    let arrival = tx.arrived().await?;
    let by = applicant(tx.conn(), actor, seat).await?;
    let standing = bidder_within(tx.conn(), lot.id, by.organisation).await?;
    let admission = bidder::admitted(&by, lot.seller_organisation_id, standing)?;
    Ok(Attempt {
        admission: admission.id,
        pseudonym: admission.pseudonym.ok_or(Code::Internal)?,
        suspended: admission.suspended,
        price: new.price,
        arrival,
        person: actor.person,
        request_id: tx.by.request_id.clone(),
        priority: admission.preemption_rank,
    })
}
