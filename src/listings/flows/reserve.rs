//! The secret reserve: sealed as soon as it is given, opened here only to reckon its commitment and
//! to hold a new start price against it.

use entity::ids::ListingId;
use entity::listings::listing;
use entity::money::{Currency, Money};

use super::super::rules::offer::{Offer, OfferedReserve, sealed_reserve_fits};
use crate::auctions::rules::reserve;
use crate::house::Tx;
use crate::platform::keys::KeyError;
use crate::platform::problem::{Code, Problem};

/// Seals an amount for a listing, with a salt of its own.
fn seal(tx: &Tx, id: ListingId, amount: Money) -> Result<Vec<u8>, Problem> {
    let salt = tx.house.world.random::<16>();
    let nonce = tx.house.world.random::<24>();
    let sealed = tx.house.keys.seal(id.0.as_bytes(), nonce, &reserve::pack(&salt, amount));
    sealed.map_err(|error| broken(&error, id))
}

/// The salt and the amount that were sealed.
fn open(tx: &Tx, id: ListingId, sealed: &[u8], currency: Currency) -> Result<([u8; 16], Money), Problem> {
    let plain = tx.house.keys.open(id.0.as_bytes(), sealed).map_err(|error| broken(&error, id))?;
    let salt = plain.first_chunk::<16>().copied();
    let opened = reserve::unpack(&plain, currency);
    salt.zip(opened.map(|opened| opened.amount)).ok_or_else(|| Code::Internal.into())
}

fn broken(error: &KeyError, id: ListingId) -> Problem {
    tracing::error!(%error, listing = %id, "a secret reserve cannot be sealed or opened");
    Code::Internal.into()
}

/// What is kept sealed beside an offer: the new secret, or the one from before if it still fits.
pub fn sealed(tx: &Tx, id: ListingId, offer: &Offer, given: Option<Money>, before: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Problem> {
    match (&offer.reserve, given, before) {
        (OfferedReserve::Secret { .. }, Some(amount), _) => seal(tx, id, amount).map(Some),
        (OfferedReserve::Secret { .. }, None, Some(before)) => {
            let start = offer.starts_at();
            let (_, amount) = open(tx, id, &before, start.currency)?;
            sealed_reserve_fits(amount, offer)?;
            Ok(Some(before))
        }
        _ => Ok(None),
    }
}

/// Whether a listing's sealed reserve is this amount; where none is given, whatever is sealed will do.
pub fn is_sealed_in(tx: &Tx, listing: &listing::Model, currency: Currency, given: Option<Money>) -> Result<bool, Problem> {
    match (given, listing.reserve_sealed.as_deref()) {
        (None, _) => Ok(true),
        (Some(_), None) => Ok(false),
        (Some(amount), Some(sealed)) => Ok(open(tx, listing.id, sealed, currency)?.1 == amount),
    }
}

/// The public commitment to a listing's secret reserve, if it has one.
pub fn commitment(tx: &Tx, listing: &listing::Model, offer: &Offer) -> Result<Option<String>, Problem> {
    let OfferedReserve::Secret { .. } = offer.reserve else { return Ok(None) };
    let sealed = listing.reserve_sealed.as_deref().ok_or(Code::Internal)?;
    let (salt, amount) = open(tx, listing.id, sealed, offer.starts_at().currency)?;
    Ok(Some(reserve::commitment(&salt, amount)))
}
