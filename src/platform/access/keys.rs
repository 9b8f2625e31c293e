//! Keys that programs call with: what one may be used for, and what an operation asks of one.

use entity::ids::{ApiKeyId, LotId, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::problem::{Code, Problem};

/// What a key may be used for (密钥权限). It never gives more than its owner may do himself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum KeyScope {
    /// Read what the organisation registers and offers.
    #[serde(rename = "listings:read")]
    ListingsRead,
    /// Register rights and results, draft and submit listings.
    #[serde(rename = "listings:write")]
    ListingsWrite,
    /// Read lots, the organisation's admissions, and its money.
    #[serde(rename = "bids:read")]
    BidsRead,
    /// Place bids.
    #[serde(rename = "bids:place")]
    BidsPlace,
    /// Apply for lots, and withdraw.
    #[serde(rename = "admissions:write")]
    AdmissionsWrite,
    /// Read the organisation's deals.
    #[serde(rename = "deals:read")]
    DealsRead,
}

/// What an operation asks of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyNeed {
    /// It is not for keys.
    Refused,
    /// Any key will do.
    Any,
    /// A key with this scope.
    With(KeyScope),
}

/// What a key that a call was made with may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyGrant {
    /// The key.
    pub id: ApiKeyId,
    /// What its text begins with.
    pub prefix: String,
    /// Its scopes.
    pub scopes: Vec<KeyScope>,
    /// The lots it is for; all if none is named.
    pub lots: Vec<LotId>,
}

impl KeyGrant {
    /// Whether the key may be used for an operation that asks this of keys, on the lot its address names.
    pub fn covers(&self, keys: KeyNeed, lot: Option<LotId>) -> bool {
        let is_there = self.lots.is_empty() || lot.is_some_and(|lot| self.lots.contains(&lot));
        self.names(keys) && (keys == KeyNeed::Any || is_there)
    }

    /// Whether the key names what an operation asks of keys.
    pub fn names(&self, keys: KeyNeed) -> bool {
        match keys {
            KeyNeed::Refused => false,
            KeyNeed::Any => true,
            KeyNeed::With(scope) => self.scopes.contains(&scope),
        }
    }
}

/// What an actor is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The session his access token belongs to.
    Session(SessionId),
    /// A key.
    Key(KeyGrant),
}

impl Credential {
    /// The session; what is done in one is not for keys.
    pub fn session(&self) -> Result<SessionId, Problem> {
        match self {
            Self::Session(id) => Ok(*id),
            Self::Key(_) => Err(Code::KeyScope.into()),
        }
    }

    /// What the session or the key is known by.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Session(id) => id.0,
            Self::Key(key) => key.id.0,
        }
    }

    /// The key.
    pub fn key(&self) -> Option<&KeyGrant> {
        match self {
            Self::Key(key) => Some(key),
            Self::Session(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_for_what_it_says_and_where_it_says() {
        let (one, two) = (LotId(Uuid::from_u128(1)), LotId(Uuid::from_u128(2)));
        let key = |lots: &[LotId]| KeyGrant {
            id: ApiKeyId(Uuid::nil()),
            prefix: "zpk_x".into(),
            scopes: vec![KeyScope::BidsPlace],
            lots: lots.to_vec(),
        };
        let bid = KeyNeed::With(KeyScope::BidsPlace);
        assert!(key(&[]).covers(bid, Some(one)) && key(&[]).covers(bid, None));
        assert!(key(&[one]).covers(bid, Some(one)));
        assert!(!key(&[one]).covers(bid, Some(two)) && !key(&[one]).covers(bid, None));
        assert!(!key(&[]).covers(KeyNeed::With(KeyScope::BidsRead), Some(one)));
        assert!(key(&[one]).covers(KeyNeed::Any, None) && !key(&[]).covers(KeyNeed::Refused, None));
    }
}
