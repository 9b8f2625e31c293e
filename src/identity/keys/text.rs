//! What a key looks like: `zpk_`, then 32 random bytes and their CRC-32 in base64url.
//!
//! The checksum lets a scanner of sources know a key for one, and a server refuse a mistyped one unasked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What every key begins with.
pub const MARK: &str = "zpk_";
/// How many random bytes a key holds.
pub const SECRET_BYTES: usize = 32;
/// How long what follows the mark is, characters.
const WRITTEN: usize = (SECRET_BYTES + 4) * 4 / 3;
/// How much of a key is shown to tell it from others, characters.
const SHOWN: usize = MARK.len() + 8;

/// The text of a key.
pub fn written(secret: &[u8; SECRET_BYTES]) -> String {
    let sum = crc32fast::hash(secret).to_be_bytes();
    format!("{MARK}{}", URL_SAFE_NO_PAD.encode([secret.as_slice(), &sum].concat()))
}

/// Whether a text is written as a key is.
pub fn is_sound(text: &str) -> bool {
    let bytes = text.strip_prefix(MARK).and_then(|rest| URL_SAFE_NO_PAD.decode(rest).ok());
    let parts = bytes.as_deref().and_then(|bytes| bytes.split_last_chunk::<4>());
    parts.is_some_and(|(secret, sum)| secret.len() == SECRET_BYTES && crc32fast::hash(secret).to_be_bytes() == *sum)
}

/// Whether bytes begin with what could be a key.
pub fn looks_like_one(bytes: &[u8]) -> bool {
    let rest = bytes.strip_prefix(MARK.as_bytes()).and_then(|rest| rest.get(..WRITTEN));
    rest.is_some_and(|rest| rest.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'_'))
}

/// What of a key is shown.
pub fn prefix(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_is_sound_and_a_mistyped_one_is_not(secret in any::<[u8; SECRET_BYTES]>(), at in 4_usize..52, other in "[A-Za-z0-9_-]") {
            let text = written(&secret);
            prop_assert_eq!(text.len(), 52);
            prop_assert!(is_sound(&text) && text.starts_with(&prefix(&text)));
            prop_assert!(looks_like_one(text.as_bytes()) && !looks_like_one(&text.as_bytes()[..51]));
            let mut mistyped = text.clone();
            mistyped.replace_range(at..=at, &other);
            prop_assert_eq!(is_sound(&mistyped), mistyped == text);
        }
    }

    #[test]
    fn what_is_no_key_is_not_sound() {
        for text in ["", "zpk_", "zpk_AAAA", "xyz_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(!is_sound(text), "{text}");
        }
    }
}
