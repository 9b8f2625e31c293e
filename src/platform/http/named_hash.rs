//! The hash of a text, as a caller names it who has read the text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::keys::unhex;
use crate::platform::problem::{Code, Problem};

/// SHA-256 of a text as it was read, hexadecimal: whoever names it means this very text.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(
    min_length = 64,
    max_length = 64,
    pattern = "^[0-9a-fA-F]{64}$",
    example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
)]
pub struct NamedHash(pub String);

impl NamedHash {
    /// Refuses any other than that of a text.
    pub fn means(&self, sha256: &[u8], pointer: &str) -> Result<(), Problem> {
        let named = self.bytes();
        if sha256 == named && !named.is_empty() {
            return Ok(());
        }
        Err(Code::Invalid.at(pointer, "another_text", "与现行文本的哈希值不符", "is not the hash of the text that is there"))
    }

    /// The hash; nothing, which is the hash of no text, where it cannot be read.
    pub fn bytes(&self) -> Vec<u8> {
        unhex(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::keys::{hex, sha256};

    #[test]
    fn a_hash_means_the_text_that_was_read() {
        let named = |text: &str| NamedHash(text.to_owned());
        let read = sha256(b"text");
        assert!(named(&hex(&read)).means(&read, "/sha256").is_ok());
        for other in [named(&hex(&sha256(b"another"))), named(""), named("no hash")] {
            assert_eq!(other.means(&read, "/sha256").unwrap_err().code, Code::Invalid);
            assert_eq!(other.means(&[], "/sha256").unwrap_err().code, Code::Invalid, "of no text");
        }
    }
}
