//! Who was let in a moment ago: what a token or key stands for is not checked and looked up anew for each of very many calls.
//!
//! What this server changes of anybody's rights ends all that it remembers at once; of what another server changes it hears when
//! it looks again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use entity::ids::ApiKeyId;

use crate::platform::access::Actor;

/// How long it is remembered: what is revoked on another server counts no more within a second.
const LIFE: Duration = Duration::from_millis(500);
/// How many are remembered.
const MOST: usize = 10_000;

/// Whom a bearer's text stands for, and the key it is, if it is one.
#[derive(Clone)]
pub struct Known {
    /// The key.
    pub key: Option<ApiKeyId>,
    /// Who he is.
    pub actor: Actor,
}

struct Entry {
    known: Known,
    /// How many changes there had been when it was looked up.
    changes: u64,
    at: Instant,
}

impl Entry {
    fn holds(&self, changes: u64) -> bool {
        self.changes == changes && self.at.elapsed() < LIFE
    }
}

/// Who was let in a moment ago, by the hash of what he showed.
#[derive(Default)]
pub struct Remembered(Mutex<HashMap<[u8; 32], Entry>>);

impl Remembered {
    /// Whom a text stands for, as long as nothing has changed.
    pub fn find(&self, shown: &[u8; 32], changes: u64) -> Option<Known> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(shown).filter(|entry| entry.holds(changes)).map(|entry| entry.known.clone())
    }

    /// Remembers whom a text stands for, where there had been so many changes before that was looked up.
    pub fn keep(&self, shown: [u8; 32], known: Known, changes: u64) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST {
            entries.retain(|_, entry| entry.holds(changes));
        }
        if entries.len() < MOST {
            entries.insert(shown, Entry { known, changes, at: Instant::now() });
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::ids::{PersonId, SessionId};
    use uuid::Uuid;

    use super::*;
    use crate::platform::access::Credential;

    fn known(person: u128) -> Known {
        let session = Credential::Session(SessionId(Uuid::from_u128(1)));
        Known { key: None, actor: Actor::plain(PersonId(Uuid::from_u128(person)), session) }
    }

    #[test]
    fn whoever_was_let_in_is_known_until_something_changes() {
        let remembered = Remembered::default();
        remembered.keep([1; 32], known(1), 5);
        let found = |shown, changes| remembered.find(&[shown; 32], changes).map(|known| known.actor.person.0.as_u128());
        assert_eq!([found(1, 5), found(1, 6), found(2, 5)], [Some(1), None, None]);
    }

    #[test]
    fn what_was_looked_up_before_a_change_is_not_known_after_it() {
        let remembered = Remembered::default();
        remembered.keep([1; 32], known(1), 5);
        remembered.keep([1; 32], known(1), 6);
        assert!(remembered.find(&[1; 32], 7).is_none());
        std::thread::sleep(LIFE);
        assert!(remembered.find(&[1; 32], 6).is_none(), "nor after its time");
    }
}
