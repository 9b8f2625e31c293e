//! Sealing a bid: hold the lot, judge, keep the envelope. Neither the lot nor its log changes, and nobody is told, so that before
//! the opening there is nothing to be seen of it. Opening: every envelope at once, at the close.

use std::collections::{BTreeMap, HashMap};

use entity::Timestamp;
use entity::auctions::{lot, lot_event, sealed_bid};
use entity::ids::{AdmissionId, LotId, SealedBidId};
use entity::money::{Currency, Money};
use serde::{Deserialize, Serialize};

use super::bid::attempt;
use super::outage::after_outages;
use super::scores::of_bidders;
use crate::admissions;
use crate::auctions::http::sealed::{PlaceSealedBid, ReadOwnSealedBid};
use crate::auctions::rules::clock::seems_due;
use crate::auctions::rules::close::Admissions;
use crate::auctions::rules::jump::meant;
use crate::auctions::rules::log::{Body, OpenedReserve};
use crate::auctions::rules::preemption;
use crate::auctions::rules::sealed::envelope::{self, Salt};
use crate::auctions::rules::sealed::receipt::{self, SealedBidStatement, SealedReceipt};
use crate::auctions::rules::sealed::scores::is_weighted;
use crate::auctions::rules::sealed::{self as rules, Opened, OpenedBid, units, weighted};
use crate::auctions::store;
use crate::auctions::views::{NewSealedBid, SealedBidView};
use crate::house::{Done, House, Tx};
use crate::planted::{self, Fault};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

/// A sealed bid as the record of its deed keeps it: still sealed. It is opened only to tell its bidder.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SealedBid {
    /// What the envelope is bound to.
    id: SealedBidId,
    lot_id: LotId,
    round: i32,
    bidder: String,
    at: Timestamp,
    /// Hash of the lot's log as everybody saw it then.
    log_hash: Vec<u8>,
    currency: Currency,
    commitment: Vec<u8>,
    envelope: Vec<u8>,
    /// What was signed; nothing for a rehearsal.
    jws: Option<String>,
}

/// Seals a bid.
pub async fn place_sealed_bid(
    house: &House,
    by: &Context,
    permit: Permit<PlaceSealedBid>,
    lot: LotId,
    new: NewSealedBid,
) -> Result<Done<SealedBidView>, Problem> {
    let done =
        house.write(by, (permit, lot, new), |tx, (permit, lot, new)| async move { seal_within(&tx, &permit, lot, &new).await }).await?;
    done.try_map(|sealed| told(house, sealed))
}

async fn seal_within(tx: &Tx, permit: &Permit<PlaceSealedBid>, id: LotId, new: &NewSealedBid) -> Result<SealedBid, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.seq).map_err(|stale| stale.with("closes_at", held.closes_at))?;
    // Whose end seems past may have been given more time by an outage that nobody has seen yet, and what seems to have opened may wait.
    let held = if seems_due(&held, tx.now) { after_outages(tx, held).await? } else { held };
    let attempt = attempt(tx, &held, new.price).await?;
    let last = store::last_sealed_of(tx.conn(), attempt.admission).await?;
    let (round, at) = rules::judge(&held, &attempt, last.map(|last| last.at))?;
    units::may_bid_for(&held, new.price, &new.further_units)?;
    meant(&held, attempt.price, attempt.arrival, new.confirmed)?;
    let (id, salt): (SealedBidId, Salt) = (tx.id(), tx.house.world.random());
    let row = sealed_bid::Model {
        id,
        lot_id: held.id,
        round,
        seq: store::last_sealed_number(tx.conn(), held.id).await? + 1,
        admission_id: attempt.admission,
        person_id: attempt.person,
        request_id: attempt.request_id,
        at,
        commitment: envelope::commitment(held.id, &salt, new.price, &new.further_units).to_vec(),
        envelope: enveloped(tx, id, &salt, new)?,
    };
    db::insert(tx.conn(), row.clone()).await?;
    if planted::is(Fault::SealedCounted) {
        let counted = lot::Model { bid_count: held.bid_count + 1, ..held.clone() };
        store::record(tx.conn(), Vec::new(), &[(&held, &counted)])?.write(tx.conn()).await?;
    }
    tx.created_unseen("sealed_bid", held.id, &row, held.id);
    let sealed = SealedBid {
        id,
        lot_id: row.lot_id,
        round,
        bidder: attempt.pseudonym,
        at,
        log_hash: held.head_hash,
        currency: held.currency,
        commitment: row.commitment,
        envelope: row.envelope,
        jws: None,
    };
    // A rehearsed bid does not count, so nothing is signed for it.
    let jws = (!tx.by.dry_run).then(|| {
        let statement = statement(&sealed, &salt, new.price, new.further_units.clone());
        receipt::sign(&statement, tx.house.keys.receipts(), tx.now)
    });
    Ok(SealedBid { jws, ..sealed })
}

fn enveloped(tx: &Tx, id: SealedBidId, salt: &Salt, new: &NewSealedBid) -> Result<Vec<u8>, Problem> {
    let nonce = tx.house.world.random::<24>();
    tx.house.keys.seal(id.0.as_bytes(), nonce, &envelope::pack(salt, new.price, &new.further_units)).map_err(|error| {
        tracing::error!(%error, "a bid cannot be sealed");
        Code::Internal.into()
    })
}

fn statement(sealed: &SealedBid, salt: &Salt, price: Money, further_units: Vec<Money>) -> SealedBidStatement {
    SealedBidStatement {
        arrived_at: sealed.at,
        bidder: sealed.bidder.clone(),
        commitment: hex(&sealed.commitment),
        further_units,
        log_hash: hex(&sealed.log_hash),
        lot_id: sealed.lot_id,
        price,
        round: sealed.round,
        salt: hex(salt),
    }
}

/// Opens an envelope: the salt, the price of the first unit, and those of any further ones. Whoever asks tells nobody but the
/// bidder, or everybody at the opening.
fn unsealed(house: &House, id: SealedBidId, sealed: &[u8], currency: Currency) -> Result<(Salt, Money, Vec<Money>), Problem> {
    let plain = house.keys.open(id.0.as_bytes(), sealed).map_err(|error| {
        tracing::error!(%error, bid = %id, "a sealed bid cannot be opened; a lot that is over stays open until it can");
        Problem::from(Code::Internal)
    })?;
    envelope::unpack(&plain, currency).ok_or_else(|| Code::Internal.into())
}

/// What its bidder is told of a sealed bid.
fn told(house: &House, sealed: SealedBid) -> Result<SealedBidView, Problem> {
    let (salt, price, further_units) = unsealed(house, sealed.id, &sealed.envelope, sealed.currency)?;
    let statement = statement(&sealed, &salt, price, further_units);
    Ok(SealedBidView {
        lot_id: statement.lot_id,
        round: statement.round,
        bidder: statement.bidder.clone(),
        price,
        further_units: statement.further_units.clone(),
        salt: statement.salt.clone(),
        commitment: statement.commitment.clone(),
        arrived_at: statement.arrived_at,
        log_hash: Some(statement.log_hash.clone()),
        receipt: sealed.jws.map(|jws| SealedReceipt::of(statement, jws)),
    })
}

/// The bid of the caller's organisation that stands in a lot, for nobody else to read.
pub async fn own_sealed_bid(house: &House, by: &Context, permit: &Permit<ReadOwnSealedBid>, id: LotId) -> Result<SealedBidView, Problem> {
    let db = house.db.read();
    let lot = store::lot(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&lot)?;
    let admission = admissions::store::bidder(db, id, by.seat()?.organisation).await?.ok_or(Code::NotFound)?;
    let row = store::last_sealed_of(db, admission.id).await?.ok_or(Code::NotFound)?;
    let (salt, price, further_units) = unsealed(house, row.id, &row.envelope, lot.currency)?;
    Ok(SealedBidView {
        lot_id: id,
        round: row.round,
        bidder: admission.pseudonym.ok_or(Code::Internal)?,
        price,
        further_units,
        salt: hex(&salt),
        commitment: hex(&row.commitment),
        arrived_at: row.at,
        log_hash: None,
        receipt: None,
    })
}

/// The lot after its sealed bids were opened, with the event that tells them; the lot itself where none are sealed. `secret` is the
/// reserve, opened, where it was secret.
pub(super) async fn opened(
    tx: &Tx,
    lot: &lot::Model,
    secret: Option<&OpenedReserve>,
) -> Result<(Vec<lot_event::Model>, lot::Model), Problem> {
    if !rules::awaits_opening(lot) {
        return Ok((Vec::new(), lot.clone()));
    }
    let admissions = admissions::store::all(tx.conn(), lot.id).await?;
    let names: HashMap<_, _> = admissions.into_iter().filter_map(|admission| Some((admission.id, admission.pseudonym?))).collect();
    // The last of each bidder counts.
    let rows = store::sealed_bids(tx.conn(), lot.id, rules::round(lot)).await?;
    let standing: BTreeMap<_, _> = rows.into_iter().map(|row| (row.admission_id, row)).collect();
    let bids: Result<Vec<_>, Problem> = standing.values().map(|row| public(&tx.house, lot, &names, row)).collect();
    let (event, next) = if is_weighted(&lot.terms.format) {
        weighted::open(lot, bids?, &of_bidders(tx.conn(), lot).await?, secret, tx.now)
    } else {
        rules::open(lot, bids?, tx.now)
    };
    Ok((vec![event], next))
}

fn public(house: &House, lot: &lot::Model, names: &HashMap<AdmissionId, String>, row: &sealed_bid::Model) -> Result<Opened, Problem> {
    let (salt, price, further_units) = unsealed(house, row.id, &row.envelope, lot.currency)?;
    let bidder = names.get(&row.admission_id).cloned().ok_or(Code::Internal)?;
    let (salt, commitment) = (hex(&salt), hex(&row.commitment));
    let bid = OpenedBid { bidder, price, at: row.at, order: row.seq, salt, commitment, further_units };
    Ok(Opened { admission: row.admission_id, bid })
}

/// Under which admission each bidder of a lot bids, by pseudonym.
pub(super) async fn admissions_by_name(tx: &Tx, lot: LotId) -> Result<Admissions, Problem> {
    let admissions = admissions::store::all(tx.conn(), lot).await?;
    Ok(admissions.into_iter().filter_map(|admission| Some((admission.pseudonym?, admission.id))).collect())
}

/// Everybody whose bid was opened with his last, best first: those of the round among equals before the others. What holders of a right
/// of pre-emption bid among themselves found no price for others.
pub(super) async fn ranking(tx: &Tx, lot: LotId) -> Result<Vec<(AdmissionId, Money)>, Problem> {
    opened_in(tx, lot, |round| round != preemption::ROUND).await
}

/// The holders of a right of pre-emption who bid among themselves.
pub(super) async fn once_more(tx: &Tx, lot: LotId) -> Result<Vec<AdmissionId>, Problem> {
    let bids = opened_in(tx, lot, |round| round == preemption::ROUND).await?;
    Ok(bids.into_iter().map(|(id, _)| id).collect())
}

/// Everybody whose bid was opened in such rounds with his last, best first.
async fn opened_in(tx: &Tx, lot: LotId, counts: fn(i32) -> bool) -> Result<Vec<(AdmissionId, Money)>, Problem> {
    let ids = admissions_by_name(tx, lot).await?;
    let mut ranking: Vec<(AdmissionId, Money)> = Vec::new();
    for event in store::openings(tx.conn(), lot).await? {
        let Ok(Body::BidsOpened { round, bids, .. }) = serde_json::from_str(&event.body) else { continue };
        if !counts(round) {
            continue;
        }
        for (id, price) in bids.iter().filter_map(|bid| Some((*ids.get(&bid.bidder)?, bid.price))) {
            if ranking.iter().all(|(before, _)| *before != id) {
                ranking.push((id, price));
            }
        }
    }
    Ok(ranking)
}
