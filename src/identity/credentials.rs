//! Which sessions and keys are still in force: whoever was let in may have waited since.

use std::collections::{BTreeSet, HashMap};

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

/// How long each of some sessions and keys is in force, by its id.
#[derive(Default)]
pub struct Credentials(HashMap<Uuid, Life>);

enum Life {
    Session(SessionLife),
    Key(KeyLife),
}

/// Asks for the sessions and keys by which some people were let in.
pub fn ask(questions: &mut Questions, actors: &[Actor]) -> AskedCredentials {
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
    /// What was found.
    pub fn found(self, answers: &mut Answers) -> Result<Credentials, DbErr> {
        let sessions = answers.take(self.sessions)?.into_iter().map(|session| (session.id.0, Life::Session(session)));
        let mut found: HashMap<Uuid, Life> = sessions.collect();
        if let Some(keys) = self.keys {
            found.extend(answers.take(keys)?.into_iter().map(|key| (key.id.0, Life::Key(key))));
        }
        Ok(Credentials(found))
    }
}

impl Credentials {
    /// Whether a session or key is among them.
    pub fn knows(&self, id: Uuid) -> bool {
        self.0.contains_key(&id)
    }

    /// Whether it is, and is in force at an instant.
    pub fn are_in_force(&self, id: Uuid, now: Timestamp) -> bool {
        self.0.get(&id).is_some_and(|life| match life {
            Life::Session(session) => session.is_live(now),
            Life::Key(key) => state_of(key.revoked_at, key.expires_at, now) == KeyState::Live,
        })
    }

    /// These and more.
    pub fn learn(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// How many they are.
    pub fn size(&self) -> usize {
        self.0.len()
    }
}
