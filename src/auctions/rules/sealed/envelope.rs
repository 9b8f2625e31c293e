//! What is sealed, and the commitment to it. Whoever keeps bids closed, and however, keeps these and nothing else.

use entity::ids::LotId;
use entity::money::{Currency, Money};

use crate::platform::keys::sha256;

/// Stands before what is hashed, so that the hash is of nothing but a sealed bid.
const PURPOSE: &[u8] = b"zhepai/sealed-bid/1";

/// What hides a price from whoever tries them all.
pub type Salt = [u8; 16];

/// The commitment to a price: SHA-256 of the purpose, the lot's id, the salt, and the amount (eight bytes, big-endian).
pub fn commitment(lot: LotId, salt: &Salt, price: Money) -> [u8; 32] {
    sha256(&[PURPOSE, lot.0.as_bytes().as_slice(), salt.as_slice(), price.minor.to_be_bytes().as_slice()].concat())
}

/// What is sealed: salt and amount.
pub fn pack(salt: &Salt, price: Money) -> Vec<u8> {
    [salt.as_slice(), price.minor.to_be_bytes().as_slice()].concat()
}

/// Reads what was sealed. `None` if it is no bid.
pub fn unpack(plain: &[u8], currency: Currency) -> Option<(Salt, Money)> {
    let (salt, amount) = plain.split_first_chunk::<16>()?;
    let minor = i64::from_be_bytes(amount.try_into().ok()?);
    Some((*salt, Money { minor, currency }))
}
