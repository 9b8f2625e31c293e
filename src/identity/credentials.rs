//! Which sessions and keys are still in force: whoever was let in may have waited since.

use std::collections::{BTreeSet, HashSet};

use entity::Timestamp;
use sea_orm::DbErr;
use uuid::Uuid;

use super::keys::rules::{KeyState, state_of};
use super::keys::store::{KeyLife, ask_keys};
use super::store::{SessionLife, ask_sessions};
use crate::platform::access::{Actor, Credential};
use crate::platform::db::{Answers, Question, Questions};

/// That some people's sessions and keys were asked for.
pub struct AskedCredentials {
    sessions: Question<SessionLife>,
    /// Few bid by keys.
    keys: Option<Question<KeyLife>>,
}

/// Asks for the sessions and keys by which some people were let in.
pub fn ask(questions: &mut Questions, actors: &[&Actor]) -> AskedCredentials {
    let (mut sessions, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for actor in actors {
        match &actor.credential {
            Credential::Session(id) => _ = sessions.insert(*id),
            Credential::Key(key) => _ = keys.insert(key.id),
        }
    }
    AskedCredentials { sessions: ask_sessions(questions, sessions), keys: (!keys.is_empty()).then(|| ask_keys(questions, keys)) }
}

impl AskedCredentials {
    /// The ids of those that are in force at an instant.
    pub fn in_force(self, answers: &mut Answers, now: Timestamp) -> Result<HashSet<Uuid>, DbErr> {
        let sessions = answers.take(self.sessions)?.into_iter().filter(|session| session.is_live(now));
        let mut live: HashSet<Uuid> = sessions.map(|session| session.id.0).collect();
        if let Some(keys) = self.keys {
            let keys = answers.take(keys)?.into_iter().filter(|key| state_of(key.revoked_at, key.expires_at, now) == KeyState::Live);
            live.extend(keys.map(|key| key.id.0));
        }
        Ok(live)
    }
}
