//! The keys access tokens are signed with: one signs, those before it still verify until what they signed
//! has run out.

use std::sync::{Arc, RwLock};

use ed25519_dalek::{SigningKey, VerifyingKey};
use entity::Timestamp;
use entity::identity::token_key;

use crate::platform::keys::{Keys, hex, sha256};

/// A key in force.
#[derive(Clone)]
struct Held {
    row: token_key::Model,
    id: String,
    key: SigningKey,
}

/// Every key this server knows, oldest first.
pub struct TokenKeys(RwLock<Arc<Vec<Held>>>);

impl TokenKeys {
    /// None yet. The server reads them before it serves anything, and again every second.
    pub fn empty() -> Self {
        Self(RwLock::default())
    }

    /// Takes what the database has.
    pub fn put(&self, keys: &Keys, rows: Vec<token_key::Model>) {
        let held = rows.into_iter().map(|row| {
            let key = keys.token(row.generation);
            Held { id: key_id(&key.verifying_key()), row, key }
        });
        if let Ok(mut ring) = self.0.write() {
            *ring = Arc::new(held.collect());
        }
    }

    fn ring(&self) -> Arc<Vec<Held>> {
        self.0.read().map(|ring| ring.clone()).unwrap_or_default()
    }

    /// The key that signs now, with its id.
    pub fn signing(&self, now: Timestamp) -> Option<(String, SigningKey)> {
        let ring = self.ring();
        let newest = ring.iter().rev().find(|held| held.row.signs_from <= now && in_force(&held.row, now));
        newest.map(|held| (held.id.clone(), held.key.clone()))
    }

    /// The key of this id, if it still verifies.
    pub fn verifying(&self, id: &str, now: Timestamp) -> Option<VerifyingKey> {
        let ring = self.ring();
        ring.iter().find(|held| held.id == id && in_force(&held.row, now)).map(|held| held.key.verifying_key())
    }

    /// Every key that verifies now or will soon, with its id.
    pub fn public(&self, now: Timestamp) -> Vec<(String, VerifyingKey)> {
        self.ring().iter().filter(|held| in_force(&held.row, now)).map(|held| (held.id.clone(), held.key.verifying_key())).collect()
    }
}

fn in_force(row: &token_key::Model, now: Timestamp) -> bool {
    row.retired_at.is_none_or(|retired| now < retired)
}

/// A key's id, from its public half.
pub fn key_id(key: &VerifyingKey) -> String {
    hex(&sha256(key.as_bytes())[..8])
}
