//! Text of or about a person, as it is kept: sealed under a numbered key, so that whoever has the
//! database, or a copy of it, has not the person.

use std::fmt;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// Sealed text: mark, number of the key, full stop, nonce and ciphertext in base 64. Text without the mark
/// was written before anything was sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, DeriveValueType)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Marks sealed text, whatever key it is sealed under. A control character: nothing a person is called has one.
    pub const MARK: char = '\u{1}';

    /// What was sealed under a key of this number.
    pub fn under(key: i64, body: &str) -> Self {
        Self(format!("{}{key}.{body}", Self::MARK))
    }

    /// The number of the key and what is sealed; none if it is plain text or nothing that was sealed.
    pub fn parts(&self) -> Option<(i64, &str)> {
        let (key, body) = self.0.strip_prefix(Self::MARK)?.split_once('.')?;
        Some((key.parse().ok()?, body))
    }

    /// The text, where it was written before anything was sealed.
    pub fn plain(&self) -> Option<&str> {
        (!self.0.starts_with(Self::MARK)).then_some(self.0.as_str())
    }

    /// What all text sealed under this key begins with, for `LIKE`; the key's number is all digits.
    pub fn beginning(key: i64) -> String {
        format!("{}{key}.", Self::MARK)
    }
}

impl From<String> for Sealed {
    /// Text as it stands in a column.
    fn from(kept: String) -> Self {
        Self(kept)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}
