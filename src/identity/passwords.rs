//! Password hashing off the async threads, a few at a time.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::platform::config::PasswordCost;
use crate::platform::problem::{Code, Problem};

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Verified against when the account is unknown, so that both take the same time.
    decoy: Arc<str>,
}

impl Passwords {
    /// With a cost. Parameters Argon2 itself refuses fall back to its recommendation.
    pub fn new(cost: &PasswordCost) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).unwrap_or_default();
        let decoy = hasher(&params).hash_password(b"nobody has this password").map(|hash| hash.to_string()).unwrap_or_default();
        Self {
            params,
            running: Arc::new(Semaphore::new(cost.at_once.max(1))),
            waiting: Arc::new(Semaphore::new(cost.waiting + cost.at_once.max(1))),
            decoy: decoy.into(),
        }
    }

    /// Hashes a password with a fresh salt.
    pub async fn hash(&self, password: &str) -> Result<String, Problem> {
        let (params, password) = (self.params.clone(), password.to_owned());
        self.bounded(move || hasher(&params).hash_password(password.as_bytes()).map(|hash| hash.to_string())).await?.map_err(|error| {
            tracing::error!(%error, "password hashing failed");
            Code::Internal.into()
        })
    }

    /// Whether the password belongs to the hash; without a hash it takes as long and says no.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, Problem> {
        let (params, password, decoy) = (self.params.clone(), password.to_owned(), self.decoy.clone());
        self.bounded(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| decoy.to_string());
            hasher(&params).verify_password(password.as_bytes(), hash.as_str()).is_ok() && known
        })
        .await
    }

    /// Runs the work on a blocking thread, or says busy when too many wait already.
    async fn bounded<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let _place = self.waiting.clone().try_acquire_owned().map_err(|_| Problem::from(Code::Busy))?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| Problem::from(Code::Busy))?;
        tokio::task::spawn_blocking(move || {
            let out = work();
            drop(turn);
            out
        })
        .await
        .map_err(|_| Code::Internal.into())
    }
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

    #[tokio::test]
    async fn a_queue_that_is_full_is_said_so_at_once() {
        let passwords = passwords(0);
        let _running = passwords.waiting.clone().acquire_owned().await.unwrap();
        assert_eq!(passwords.hash("x").await.unwrap_err().code, Code::Busy);
    }
}
