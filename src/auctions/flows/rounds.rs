//! Bidding by rounds: first offers and bids of turns are sealed as they come, and opened when their time has come.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission};
use entity::auctions::{RoundsBook, first_offer, lot, lot_event, turn_bid};
use entity::ids::{AdmissionId, LotId};
use entity::money::{Currency, Money};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use super::bid::{attempt, held};
use super::outage::after_outages;
use super::{OPEN, record};
use crate::admissions::flows::bidder_within;
use crate::auctions::http::rounds::PlaceTurnBid;
use crate::auctions::http::{ReadFirstOffer, SealFirstOffer};
use crate::auctions::rules::clock::has_ended;
use crate::auctions::rules::jump::meant;
use crate::auctions::rules::log::OpenedReserve;
use crate::auctions::rules::pause::wrong_state;
use crate::auctions::rules::reserve;
use crate::auctions::rules::rounds::first_receipt::{self, FirstOfferReceipt, FirstOfferStatement};
use crate::auctions::rules::rounds::receipt::{self, TurnBidStatement};
use crate::auctions::rules::rounds::{self, Envelopes, OpenedOffer, TurnBid, TurnOffer};
use crate::auctions::store;
use crate::auctions::views::{FirstOffer, NewBid, NewTurnBid, TurnBidView};
use crate::house::{Done, House, Tx};
use crate::platform::access::{Caller, Context, Permit};
use crate::platform::db;
use crate::platform::keys::{Keys, hex};
use crate::platform::problem::{Code, Problem};

/// A first offer as the record of its deed keeps it: still sealed. It is opened only to tell its bidder.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptOffer {
    lot_id: LotId,
    arrived_at: Timestamp,
    commitment: String,
    /// What was signed; nothing for a rehearsal, nor from before first offers were signed for.
    #[serde(default)]
    signed: Option<SignedOffer>,
}

/// What a receipt for a first offer is made of, but for what is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SignedOffer {
    ordinal: i64,
    bidder: String,
    /// Hash of the lot's log as everybody saw it then.
    log_hash: Vec<u8>,
    currency: Currency,
    sealed: Vec<u8>,
    jws: String,
}

/// Seals a bidder's first offer, in the place of an earlier one.
pub async fn seal_first_offer(
    house: &House,
    by: &Context,
    permit: Permit<SealFirstOffer>,
    id: LotId,
    new: NewBid,
) -> Result<Done<FirstOffer>, Problem> {
    let price = new.price;
    let done = house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(seal_within(&tx, &permit, id, &new)).await })
        .await?;
    done.try_map(|kept| sealed_offer(house, kept, price))
}

async fn seal_within(tx: &Tx, permit: &Permit<SealFirstOffer>, id: LotId, new: &NewBid) -> Result<KeptOffer, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    // What seems to have opened may have been given more time by an outage that nobody has seen yet.
    let held = if tx.now < held.opens_at { held } else { after_outages(tx, held).await? };
    let attempt = attempt(tx, &held, new.price).await?;
    let last = store::last_first_offer(tx.conn(), id).await?;
    let own = store::first_offer_of(tx.conn(), attempt.admission).await?;
    let arrived_at = rounds::counts_at(attempt.arrival, last.as_ref().map(|last| last.arrived_at), own.map(|own| own.arrived_at));
    rounds::may_seal(&held, attempt.suspended, attempt.price, arrived_at)?;
    meant(&held, attempt.price, attempt.arrival, new.confirmed)?;
    let ordinal = last.as_ref().map_or(1, |last| last.ordinal + 1);
    let salt: [u8; 16] = tx.house.world.random();
    let envelope = reserve::pack(&salt, attempt.price);
    let row = first_offer::Model {
        lot_id: id,
        ordinal,
        admission_id: attempt.admission,
        sealed: sealed(tx, &place(FIRST_OFFER, id, ordinal), &envelope)?,
        commitment: reserve::commitment_of(&envelope),
        arrived_at,
        person_id: Some(attempt.person),
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created_unseen("first_offer", attempt.admission, &row, id);
    let statement = FirstOfferStatement {
        arrived_at: row.arrived_at,
        bidder: attempt.pseudonym.clone(),
        commitment: row.commitment.clone(),
        log_hash: hex(&held.head_hash),
        lot_id: id,
        price: attempt.price,
        salt: hex(&salt),
    };
    // A rehearsed offer does not count, so nothing is signed for it.
    let signed = (!tx.by.dry_run).then(|| SignedOffer {
        ordinal,
        bidder: attempt.pseudonym,
        log_hash: held.head_hash,
        currency: held.currency,
        sealed: row.sealed,
        jws: first_receipt::sign(&statement, tx.house.keys.receipts(), tx.now),
    });
    Ok(KeptOffer { lot_id: id, arrived_at: row.arrived_at, commitment: row.commitment, signed })
}

/// What its bidder is told of a first offer, with the price he named.
fn sealed_offer(house: &House, kept: KeptOffer, price: Money) -> Result<FirstOffer, Problem> {
    let KeptOffer { lot_id, arrived_at, commitment, signed } = kept;
    let receipt = match signed {
        None => None,
        Some(signed) => {
            let envelope = opened(&house.keys, (lot_id, signed.currency), &place(FIRST_OFFER, lot_id, signed.ordinal), &signed.sealed)?;
            let statement = FirstOfferStatement {
                arrived_at,
                bidder: signed.bidder,
                commitment: commitment.clone(),
                log_hash: hex(&signed.log_hash),
                lot_id,
                price: envelope.amount,
                salt: envelope.salt,
            };
            Some(FirstOfferReceipt::of(statement, signed.jws))
        }
    };
    Ok(FirstOffer { lot_id, price, arrived_at, commitment, receipt })
}

/// Reads the caller's own first offer, with its price.
pub async fn first_offer(house: &House, by: &Context, permit: &Permit<ReadFirstOffer>, id: LotId) -> Result<FirstOffer, Problem> {
    let db = house.db.read();
    let lot = store::lot(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&lot)?;
    if !rounds::is_by_rounds(&lot.terms) {
        return Err(wrong_state(&lot));
    }
    let admission = bidder_within(db, id, by.seat()?.organisation).await?.ok_or(Code::NotFound)?;
    let row = store::first_offer_of(db, admission.id).await?.ok_or(Code::NotFound)?;
    let envelope = opened(&house.keys, (id, lot.currency), &place(FIRST_OFFER, id, row.ordinal), &row.sealed)?;
    let (arrived_at, commitment) = (row.arrived_at, row.commitment);
    Ok(FirstOffer { lot_id: id, price: envelope.amount, arrived_at, commitment, receipt: None })
}

/// A bid of a turn as the record of its deed keeps it: without its price, and without what is signed over it, from which the
/// price could be guessed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptTurnBid {
    lot_id: LotId,
    round: u32,
    turn: u32,
    bidder: String,
    at: Timestamp,
    /// Hash of the lot's log as everybody saw it then.
    log_hash: Vec<u8>,
}

/// Takes a bid of a turn, in the place of an earlier one of the same turn.
pub async fn place_turn_bid(
    house: &House,
    by: &Context,
    permit: Permit<PlaceTurnBid>,
    lot: LotId,
    new: NewTurnBid,
) -> Result<Done<TurnBidView>, Problem> {
    let price = new.price;
    let done = house
        .write(by, (permit, lot, new), |tx, (permit, lot, new)| async move { Box::pin(bid_within(&tx, &permit, lot, &new)).await })
        .await?;
    Ok(Done { value: told(house, by, done.value, price), replayed: done.replayed })
}

async fn bid_within(tx: &Tx, permit: &Permit<PlaceTurnBid>, id: LotId, new: &NewTurnBid) -> Result<KeptTurnBid, Problem> {
    // Not only where its end seems past: an outage gives a whole turn again.
    let held = after_outages(tx, held(tx, permit, id).await?).await?;
    let attempt = attempt(tx, &held, new.price).await?;
    let sealed_so_far = envelopes(tx, &held).await?;
    let (events, lot) = rounds::advance(&held, &sealed_so_far, rounds::heard_until(&held, tx.now));
    let taken = rounds::judge(&lot, &sealed_so_far, &attempt)?;
    meant(&lot, attempt.price, attempt.arrival, new.confirmed)?;
    if !events.is_empty() {
        // It was due by itself, and whose bid came first after it is not to be told yet.
        record(&tx.in_the_name_of(Caller::System, OPEN), &held, events, &lot).await?;
    }
    let ordinal = store::last_turn_bid(tx.conn(), lot.id).await?.map_or(1, |last| last.ordinal + 1);
    let envelope = reserve::pack(&tx.house.world.random(), taken.price);
    let number = |number: u32| i32::try_from(number).map_err(|_| Problem::from(Code::Internal));
    let row = turn_bid::Model {
        lot_id: lot.id,
        ordinal,
        round: number(taken.round)?,
        turn: number(taken.turn)?,
        admission_id: attempt.admission,
        sealed: sealed(tx, &place(TURN_BID, lot.id, ordinal), &envelope)?,
        arrived_at: taken.arrival,
        person_id: Some(attempt.person),
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created_unseen("turn_bid", lot.id, &row, lot.id);
    Ok(KeptTurnBid {
        lot_id: lot.id,
        round: taken.round,
        turn: taken.turn,
        bidder: attempt.pseudonym,
        at: taken.arrival,
        log_hash: lot.head_hash,
    })
}

/// What its bidder is told of a bid of a turn, with the price he named, signed. Nothing in it is drawn, so that whoever asks again
/// under the same key is given the very same.
fn told(house: &House, by: &Context, kept: KeptTurnBid, price: Money) -> TurnBidView {
    let statement = TurnBidStatement {
        arrived_at: kept.at,
        bidder: kept.bidder.clone(),
        log_hash: hex(&kept.log_hash),
        lot_id: kept.lot_id,
        price,
        round: kept.round,
        turn: kept.turn,
    };
    TurnBidView {
        lot_id: kept.lot_id,
        round: kept.round,
        turn: kept.turn,
        bidder: kept.bidder,
        price,
        arrived_at: kept.at,
        log_hash: statement.log_hash.clone(),
        // A rehearsed bid does not count, so nothing is signed for it.
        receipt: (!by.dry_run).then(|| receipt::issue(statement, house.keys.receipts(), kept.at)),
    }
}

/// What is due in a held lot by now and has had its grace, whatever its format, and the lot after it.
pub(super) async fn due(tx: &Tx, held: &lot::Model) -> Result<(Vec<lot_event::Model>, lot::Model), Problem> {
    let until = rounds::heard_until(held, tx.now);
    // Where nothing is due no envelope is opened: one that cannot be must not keep the host from his deeds.
    if rounds::advance(held, &Envelopes::default(), until).0.is_empty() {
        return Ok((Vec::new(), held.clone()));
    }
    Ok(rounds::advance(held, &envelopes(tx, held).await?, until))
}

/// The instant of a deed in a held lot.
pub(super) async fn moment(tx: &Tx, held: &lot::Model) -> Result<Timestamp, Problem> {
    if !rounds::is_by_rounds(&held.terms) {
        return Ok(tx.now);
    }
    let last = store::last_first_offer(tx.conn(), held.id).await?;
    Ok(rounds::moment(held, last.map(|last| last.arrived_at), tx.now))
}

/// What is sealed in a held lot and will be needed next.
pub(super) async fn envelopes(tx: &Tx, held: &lot::Model) -> Result<Envelopes, Problem> {
    let mut envelopes = Envelopes::default();
    if !rounds::is_by_rounds(&held.terms) || has_ended(held) {
        return Ok(envelopes);
    }
    match rounds::book(held) {
        Some(book) => {
            let Some(turn) = &book.turn else { return Ok(envelopes) };
            let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
            let last = store::last_turn_bid(tx.conn(), held.id).await?;
            if let Some(row) = last.filter(|row| (row.round, row.turn) == (number(turn.round), number(turn.number))) {
                let envelope = opened(&tx.house.keys, (held.id, held.currency), &place(TURN_BID, held.id, row.ordinal), &row.sealed)?;
                let offer = TurnOffer { price: envelope.amount, at: row.arrived_at };
                envelopes.turn_bid = Some(TurnBid { round: turn.round, turn: turn.number, admission: row.admission_id, offer });
            }
        }
        None => envelopes.first_offers = first_offers(tx, held).await?,
    }
    Ok(envelopes)
}

/// The last first offer of each bidder, in the order they were sealed.
async fn first_offers(tx: &Tx, held: &lot::Model) -> Result<Vec<(AdmissionId, OpenedOffer)>, Problem> {
    let names = pseudonyms(tx.conn(), held.id).await?;
    let mut last = BTreeMap::new();
    for row in store::first_offers(tx.conn(), held.id).await? {
        last.insert(row.admission_id, row);
    }
    let mut rows: Vec<_> = last.into_values().collect();
    rows.sort_by_key(|row| row.ordinal);
    let mut offers = Vec::new();
    for row in rows {
        let Some(bidder) = names.get(&row.admission_id) else { continue };
        let envelope = opened(&tx.house.keys, (held.id, held.currency), &place(FIRST_OFFER, held.id, row.ordinal), &row.sealed)?;
        let offer = OpenedOffer { bidder: bidder.clone(), price: envelope.amount, at: row.arrived_at, salt: envelope.salt };
        offers.push((row.admission_id, offer));
    }
    Ok(offers)
}

/// The names of those admitted to a lot.
async fn pseudonyms(db: &impl ConnectionTrait, lot: LotId) -> Result<BTreeMap<AdmissionId, String>, Problem> {
    let admitted = |row: &admission::Model| row.state == AdmissionState::Admitted;
    let all = crate::admissions::store::all(db, lot).await?;
    Ok(all.into_iter().filter(admitted).filter_map(|row| Some((row.id, row.pseudonym?))).collect())
}

/// The best offer but that of who leads, and whose it is.
pub(super) async fn next_best(tx: &Tx, lot: &lot::Model, book: &RoundsBook) -> Result<Option<(AdmissionId, Money)>, Problem> {
    let Some(next) = lot.leader_pseudonym.as_deref().and_then(|leader| rounds::best_beside(book, leader)) else { return Ok(None) };
    let names = pseudonyms(tx.conn(), lot.id).await?;
    Ok(names.into_iter().find(|(_, name)| *name == next.bidder).map(|(id, _)| (id, next.price)))
}

const FIRST_OFFER: &str = "first_offer";
const TURN_BID: &str = "turn_bid";

/// What an envelope is bound to: its place.
fn place(table: &str, lot: LotId, ordinal: i64) -> Vec<u8> {
    [table.as_bytes(), lot.0.as_bytes(), &ordinal.to_be_bytes()].concat()
}

fn sealed(tx: &Tx, place: &[u8], envelope: &[u8]) -> Result<Vec<u8>, Problem> {
    tx.house.keys.seal(place, tx.house.world.random(), envelope).map_err(|_| Code::Internal.into())
}

fn opened(keys: &Keys, (lot, currency): (LotId, Currency), place: &[u8], sealed: &[u8]) -> Result<OpenedReserve, Problem> {
    let plain = keys.open(place, sealed).map_err(|error| {
        tracing::error!(%error, %lot, "an offer cannot be opened; the lot stands until it can");
        Problem::from(Code::Internal)
    })?;
    reserve::unpack(&plain, currency).ok_or_else(|| Code::Internal.into())
}
