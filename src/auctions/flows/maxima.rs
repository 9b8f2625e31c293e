//! Maxima are kept sealed: each beside its event, and what judging needs of them beside the lot.

use entity::auctions::{LotEventKind, lot, lot_event};
use entity::ids::LotId;

use crate::auctions::rules::proxy::{self, Hidden, Placed, Secret};
use crate::auctions::store;
use crate::house::{House, Tx};
use crate::platform::keys::KeyError;
use crate::platform::problem::{Code, Problem};

/// What is hidden of a held lot. Where the row does not say it, the log does.
pub(super) async fn hidden(tx: &Tx, held: &lot::Model) -> Result<Option<Hidden>, Problem> {
    if !held.terms.proxy || held.leader_admission_id.is_none() {
        return Ok(None);
    }
    if let Some(sealed) = &held.hidden_sealed {
        let plain = tx.house.keys.open(held.id.0.as_bytes(), sealed).map_err(|error| broken(&error, held.id))?;
        // One from before raises were counted says too little.
        if let Some(hidden) = Hidden::unpack(&plain) {
            return Ok(Some(hidden));
        }
    }
    let placed = placed(tx, held, &store::all_bids(tx.conn(), held.id).await?)?;
    let standing = proxy::standing(placed.iter().map(|one| (one.admission, one.secret.amount.minor)));
    Ok(standing.map(|(_, hidden)| hidden))
}

/// What is hidden of a lot, sealed.
pub(super) fn seal_hidden(tx: &Tx, lot: LotId, hidden: Hidden) -> Result<Vec<u8>, Problem> {
    let sealed = tx.house.keys.seal(lot.0.as_bytes(), tx.house.world.random(), &hidden.pack());
    sealed.map_err(|error| broken(&error, lot))
}

/// The maximum of an event, sealed.
pub(super) fn seal_maximum(tx: &Tx, lot: LotId, seq: i64, secret: Secret) -> Result<Vec<u8>, Problem> {
    let sealed = tx.house.keys.seal(&place(lot, seq, "maximum"), tx.house.world.random(), &secret.pack());
    sealed.map_err(|error| broken(&error, lot))
}

/// The maxima among the bids of a lot, opened.
pub(super) fn placed(tx: &Tx, held: &lot::Model, bids: &[lot_event::Model]) -> Result<Vec<Placed>, Problem> {
    bids.iter().filter(|bid| bid.kind == LotEventKind::MaximumPlaced).map(|bid| open_maximum(tx, held, bid)).collect()
}

fn open_maximum(tx: &Tx, held: &lot::Model, bid: &lot_event::Model) -> Result<Placed, Problem> {
    let sealed = bid.sealed.as_deref().ok_or(Code::Internal)?;
    let plain = tx.house.keys.open(&place(held.id, bid.seq, "maximum"), sealed).map_err(|error| broken(&error, held.id))?;
    let secret = Secret::unpack(&plain, held.currency).ok_or(Code::Internal)?;
    Ok(Placed { seq: bid.seq, admission: bid.admission_id.ok_or(Code::Internal)?, secret })
}

/// What only the bidder may read of the outcome of his bid, sealed for as long as that is kept.
pub(super) fn seal_answer(tx: &Tx, lot: LotId, seq: i64, answer: &[u8]) -> Result<Vec<u8>, Problem> {
    let sealed = tx.house.keys.seal(&place(lot, seq, "answer"), tx.house.world.random(), answer);
    sealed.map_err(|error| broken(&error, lot))
}

/// Opens what [`seal_answer`] made.
pub(super) fn open_answer(house: &House, lot: LotId, seq: i64, sealed: &[u8]) -> Result<Vec<u8>, Problem> {
    house.keys.open(&place(lot, seq, "answer"), sealed).map_err(|error| broken(&error, lot))
}

/// What belongs to an event of a lot opens nowhere else.
fn place(lot: LotId, seq: i64, what: &str) -> Vec<u8> {
    [lot.0.as_bytes().as_slice(), &seq.to_be_bytes(), what.as_bytes()].concat()
}

fn broken(error: &KeyError, lot: LotId) -> Problem {
    tracing::error!(%error, %lot, "a maximum cannot be sealed or opened; the lot stays as it is until it can");
    Code::Internal.into()
}
