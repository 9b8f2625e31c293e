//! Tokens whose signature was verified: what they say needs no second look until they expire or their key is retired. Whether what they
//! stand for has been revoked is asked elsewhere.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use entity::Timestamp;

use super::token_keys::TokenKeys;
use super::tokens::{self, Verified};
use crate::platform::keys::sha256;

/// How many are remembered. Where there are more, all are verified once again.
const MOST: usize = 50_000;

/// What is known of tokens, by their hash.
#[derive(Default)]
pub struct VerifiedTokens(Mutex<HashMap<[u8; 32], Verified>>);

impl VerifiedTokens {
    /// What a token is that is ours and in force, else nothing.
    pub fn verify(&self, keys: &TokenKeys, issuer: &str, token: &str, now: Timestamp) -> Option<Verified> {
        let name = sha256(token.as_bytes());
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        if let Some(known) = known {
            return known.is_in_force(keys, now).then_some(known);
        }
        let verified = tokens::verify(keys, issuer, token, now)?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, known| known.is_in_force(keys, now));
        }
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(name, verified.clone());
        Some(verified)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::TimeDelta;
    use entity::identity::token_key;
    use entity::ids::{PersonId, SessionId, TokenId};
    use uuid::Uuid;

    use super::*;
    use crate::platform::config::Config;
    use crate::platform::keys::Keys;

    #[test]
    fn what_was_verified_holds_until_it_expires_or_its_key_is_retired() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::load(&Config { master_key_file: folder.path().join("k"), ..Config::default() }).unwrap();
        let (ring, known) = (TokenKeys::empty(), VerifiedTokens::default());
        let noon: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let retire = |retired_at| {
            let row = token_key::Model { generation: 1, signs_from: noon, retired_at, made_by: None, created_at: noon };
            ring.put(&keys, vec![row]);
        };
        retire(None);
        let life = TimeDelta::minutes(15);
        let claims = tokens::claims("us", PersonId(Uuid::nil()), SessionId(Uuid::nil()), TokenId(Uuid::nil()), noon, life);
        let token = tokens::sign(&ring, &claims, noon).unwrap();
        let said = |at| known.verify(&ring, "us", &token, at).map(|verified| verified.claims);
        let last = noon + life - TimeDelta::seconds(1);
        assert_eq!([noon, last, noon + life].map(said), [Some(claims.clone()), Some(claims.clone()), None]);
        assert_eq!(known.verify(&ring, "us", &format!("{token}A"), noon), None);
        assert_eq!(known.0.lock().unwrap().len(), 1, "what is not ours is not remembered");
        retire(Some(last));
        assert_eq!([noon, last].map(said), [Some(claims), None]);
    }
}
