//! The secret reserve price: sealed, committed to by its salted hash, opened at the close.

use entity::money::Money;

use super::log::OpenedReserve;
use crate::platform::keys::{hex, sha256};

/// The commitment published with the lot: SHA-256 of salt and amount (eight bytes, big-endian), hexadecimal.
pub fn commitment(salt: &[u8; 16], amount: Money) -> String {
    commitment_of(&pack(salt, amount))
}

/// The commitment to what is sealed as [`pack`] makes it.
pub fn commitment_of(packed: &[u8]) -> String {
    hex(&sha256(packed))
}

/// What is sealed: salt and amount.
pub fn pack(salt: &[u8; 16], amount: Money) -> Vec<u8> {
    [salt.as_slice(), &amount.minor.to_be_bytes()].concat()
}

/// Reads what was sealed. `None` if it is no reserve.
pub fn unpack(plain: &[u8], currency: entity::money::Currency) -> Option<OpenedReserve> {
    let (salt, amount) = plain.split_first_chunk::<16>()?;
    let minor = i64::from_be_bytes(amount.try_into().ok()?);
    Some(OpenedReserve { amount: Money { minor, currency }, salt: hex(salt) })
}
