//! What is sealed, and the commitment to it. Whoever keeps bids closed, and however, keeps these and nothing else.

use entity::ids::LotId;
use entity::money::{Currency, Money};

use crate::platform::keys::sha256;

/// Stands before what is hashed, so that the hash is of nothing but a sealed bid.
const PURPOSE: &[u8] = b"zhepai/sealed-bid/1";

/// What hides a price from whoever tries them all.
pub type Salt = [u8; 16];

/// The commitment to the prices of a bid, that of the first unit and those of any further ones: SHA-256 of the purpose, the lot's
/// id, the salt, and the amounts in their order (eight bytes each, big-endian).
pub fn commitment(lot: LotId, salt: &Salt, price: Money, further: &[Money]) -> [u8; 32] {
    sha256(&[PURPOSE, lot.0.as_bytes().as_slice(), &pack(salt, price, further)].concat())
}

/// What is sealed: salt and amounts.
pub fn pack(salt: &Salt, price: Money, further: &[Money]) -> Vec<u8> {
    let amounts = std::iter::once(&price).chain(further).flat_map(|amount| amount.minor.to_be_bytes());
    salt.iter().copied().chain(amounts).collect()
}

/// Reads what was sealed: the salt, the price of the first unit, and those of any further ones. `None` if it is no bid.
pub fn unpack(plain: &[u8], currency: Currency) -> Option<(Salt, Money, Vec<Money>)> {
    let (salt, amounts) = plain.split_first_chunk::<16>()?;
    let (first, further) = amounts.split_first_chunk::<8>()?;
    let (further, rest) = further.as_chunks::<8>();
    let money = |amount: &[u8; 8]| Money { minor: i64::from_be_bytes(*amount), currency };
    rest.is_empty().then(|| (*salt, money(first), further.iter().map(money).collect()))
}
