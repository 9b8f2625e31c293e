//! Password hashing off the async threads, a few at a time.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, PasswordHash, Version};

use crate::platform::bounded::Bounded;
use crate::platform::config::PasswordCost;
use crate::platform::problem::{Code, Problem};

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    bounded: Bounded,
    /// Verified against when the account is unknown, so that both take the same time.
    decoy: Arc<str>,
}

impl Passwords {
    /// With a cost. Parameters Argon2 itself refuses fall back to its recommendation.
    pub fn new(cost: &PasswordCost) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).unwrap_or_default();
        let decoy = hasher(&params).hash_password(b"nobody has this password").map(|hash| hash.to_string()).unwrap_or_default();
        Self { params, bounded: Bounded::new(cost.at_once, cost.waiting), decoy: decoy.into() }
    }

    /// Hashes a password with a fresh salt.
    pub async fn hash(&self, password: &str) -> Result<String, Problem> {
        let (params, password) = (self.params.clone(), password.to_owned());
        self.bounded.run(move || hasher(&params).hash_password(password.as_bytes()).map(|hash| hash.to_string())).await?.map_err(|error| {
            tracing::error!(%error, "password hashing failed");
            Code::Internal.into()
        })
    }

    /// A new hash of a password that was found right, where the one kept was made at less cost than hashes are now. Where there is
    /// no room for one more, it is left to the next time.
    pub async fn hash_anew(&self, password: &str, stored: &str) -> Option<String> {
        if !needs_rehash(stored, &self.params) {
            return None;
        }
        self.hash(password).await.ok()
    }

    /// Whether the password belongs to the hash; without a hash it takes as long and says no.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, Problem> {
        let (params, password, decoy) = (self.params.clone(), password.to_owned(), self.decoy.clone());
        self.bounded
            .run(move || {
                let known = hash.is_some();
                let hash = hash.unwrap_or_else(|| decoy.to_string());
                let right = hasher(&params).verify_password(password.as_bytes(), hash.as_str()).is_ok();
                if let Some(lacking) = lacking(&hash, &params) {
                    // Or an account whose hash was made at less cost would be told by the time from one there is not.
                    let _ = hasher(&lacking).hash_password(password.as_bytes());
                }
                right && known
            })
            .await
    }
}

/// Whether a hash was made in another way than hashes are now, or at less cost in anything. One that cost more stays.
pub fn needs_rehash(stored: &str, params: &Params) -> bool {
    let Some((hash, made)) = read(stored) else { return true };
    let same_way = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
    !same_way || made.m_cost() < params.m_cost() || made.t_cost() < params.t_cost() || made.p_cost() < params.p_cost()
}

/// What a hash cost less than hashes do now, as the cost of a hash of its own.
fn lacking(stored: &str, params: &Params) -> Option<Params> {
    let (_, made) = read(stored)?;
    let cost = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
    let memory = cost(params).saturating_sub(cost(&made)) / u64::from(params.t_cost().max(1));
    Params::new(u32::try_from(memory).ok()?, params.t_cost(), 1, None).ok()
}

fn read(stored: &str) -> Option<(PasswordHash, Params)> {
    let hash = PasswordHash::new(stored).ok()?;
    let made = Params::try_from(&hash).ok()?;
    Some((hash, made))
}

fn hasher(params: &Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn passwords(waiting: usize) -> Passwords {
        Passwords::new(&PasswordCost { memory_kib: 8, passes: 1, at_once: 1, waiting })
    }

    #[tokio::test]
    async fn the_right_password_opens_and_nothing_else_does() {
        let passwords = passwords(8);
        let hash = passwords.hash("口令 pass phrase").await.unwrap();
        assert!(passwords.verify("口令 pass phrase", Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("口令 pass phrasE", Some(hash)).await.unwrap());
        assert!(!passwords.verify("nobody has this password", None).await.unwrap());
    }

    fn cost(memory_kib: u32, passes: u32) -> Params {
        Params::new(memory_kib, passes, 1, None).unwrap()
    }

    fn made(algorithm: Algorithm, version: Version, params: Params) -> String {
        Argon2::new(algorithm, version, params).hash_password(b"x").unwrap().to_string()
    }

    fn made_at(memory_kib: u32, passes: u32) -> String {
        made(Algorithm::Argon2id, Version::V0x13, cost(memory_kib, passes))
    }

    #[test]
    fn a_hash_is_made_anew_where_anything_costs_more_by_now() {
        let now = cost(16, 2);
        for (memory, passes) in [(8, 2), (16, 1), (8, 1), (64, 1), (8, 9)] {
            assert!(needs_rehash(&made_at(memory, passes), &now), "{memory} {passes}");
        }
        for (memory, passes) in [(16, 2), (16, 3), (32, 2), (32, 3)] {
            assert!(!needs_rehash(&made_at(memory, passes), &now), "{memory} {passes}");
        }
    }

    #[test]
    fn a_hash_made_in_another_way_is_made_anew() {
        assert!(needs_rehash(&made(Algorithm::Argon2i, Version::V0x13, cost(16, 2)), &cost(16, 2)));
        assert!(needs_rehash(&made(Algorithm::Argon2id, Version::V0x10, cost(16, 2)), &cost(16, 2)));
        assert!(needs_rehash("rubbish", &cost(16, 2)));
    }

    #[test]
    fn what_a_hash_cost_less_is_made_up_for() {
        let lacks = |stored: String| lacking(&stored, &cost(64, 3)).map(|rest| (rest.m_cost(), rest.t_cost()));
        assert_eq!(lacks(made_at(16, 3)), Some((48, 3)));
        assert_eq!(lacks(made_at(64, 1)), Some((42, 3)));
        assert_eq!([lacks(made_at(64, 3)), lacks(made_at(64, 4)), lacks("rubbish".into())], [None, None, None]);
    }

    #[tokio::test]
    async fn a_password_is_hashed_anew_at_the_cost_of_now() {
        let (before, now) = (passwords(8), Passwords::new(&PasswordCost { memory_kib: 16, passes: 2, at_once: 1, waiting: 8 }));
        let old = before.hash("口令 pass phrase").await.unwrap();
        assert_eq!(before.hash_anew("口令 pass phrase", &old).await, None);
        let new = now.hash_anew("口令 pass phrase", &old).await.unwrap();
        assert!(new.contains("m=16,t=2") && now.verify("口令 pass phrase", Some(new)).await.unwrap());
        assert!(now.verify("口令 pass phrase", Some(old)).await.unwrap());
    }
}
