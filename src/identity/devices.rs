//! Devices that have signed in to an account before: their failures are counted by themselves, so that
//! nobody who guesses at an account can lock its owner out. A device keeps its name from account to account; each
//! account has a token of its own for it, and sessions keep what stands for the name.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::platform::keys::{Keys, hex};

const PREFIX: &str = "zdv_";
/// What the token of a letter begins with.
const LETTER_PREFIX: &str = "zdl_";

/// A device's token for an account: a name drawn at random, and proof that we gave it.
pub fn token(keys: &Keys, account: &[u8; 32], name: [u8; 16]) -> String {
    let proof = proof(keys, account, &name);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([name.as_slice(), &proof].concat()))
}

/// The name of the device, if the token is one of ours for this account.
pub fn known(keys: &Keys, account: &[u8; 32], token: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    let (name, sent) = bytes.split_first_chunk::<16>()?;
    // Compared as keyed hashes, so that time tells nothing about the proof.
    let same = keys.blind("compare", sent) == keys.blind("compare", &proof(keys, account, name));
    same.then(|| hex(name))
}

/// What a letter brings in the place of a device's token: 256 random bits, of which we keep the hash.
pub fn letter_token(random: [u8; 32]) -> String {
    format!("{LETTER_PREFIX}{}", URL_SAFE_NO_PAD.encode(random))
}

/// Whether a text in the place of a device's token is such as letters bring.
pub fn came_by_letter(token: &str) -> bool {
    token.starts_with(LETTER_PREFIX)
}

/// The name of the device a token speaks of, whichever account it was given to, and whether we gave it or not.
pub fn name(token: &str) -> Option<[u8; 16]> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    bytes.split_first_chunk::<16>().map(|(name, _)| *name)
}

/// What stands for a device where it is kept.
pub fn mark(keys: &Keys, name: &[u8; 16]) -> [u8; 32] {
    keys.blind("device.mark", name)
}

fn proof(keys: &Keys, account: &[u8; 32], name: &[u8; 16]) -> [u8; 32] {
    keys.blind("device", &[account.as_slice(), name].concat())
}
