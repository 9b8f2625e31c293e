//! Who was let in a moment ago: what a token or key stands for is not checked and looked up anew for each of very many calls.
//!
//! What this server changes of anybody's rights ends all that it remembers at once; of what another server changes it hears when
//! it looks again.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use entity::ids::{ApiKeyId, TokenId};

use crate::platform::access::Actor;

/// How long it is remembered: what is revoked on another server counts no more within a second.
const LIFE: Duration = Duration::from_millis(500);
/// When it is looked at again ahead of that, so that whoever calls all the time never waits for it.
const AHEAD: Duration = Duration::from_millis(250);
/// How long somebody may be looked up together with others before he is looked up by himself again, with what time alone changes.
const TOGETHER: Duration = Duration::from_mins(1);
/// How many are remembered.
const MOST: usize = 10_000;
/// How many are looked up together.
const MOST_TOGETHER: usize = 1_000;

/// The hash of what somebody showed.
pub type Name = [u8; 32];

/// Whom a bearer's text stands for, and the key it is, if it is one.
#[derive(Clone)]
pub struct Known {
    /// The key.
    pub key: Option<ApiKeyId>,
    /// Who he is.
    pub actor: Actor,
    /// What his token is known by, where he may be looked up together with others.
    pub ticket: Option<Ticket>,
}

/// A token whose signature was verified: what it says needs no second look.
#[derive(Clone)]
pub struct Ticket {
    /// The refresh token it was issued with.
    pub token: TokenId,
    /// Until when it says it lives, seconds.
    pub until: i64,
    /// The id of the key it is signed with.
    pub key: String,
}

/// What is remembered of a text.
pub enum Found {
    /// Whom it stands for.
    Known(Box<Known>),
    /// The same; that he is to be looked up again soon, with others.
    Aging(Box<Known>),
    /// Whom it stood for a moment ago; that he may be looked up together with others.
    Stale,
    /// Nothing.
    Nothing,
}

struct Entry {
    known: Known,
    /// How many changes there had been when it was looked up.
    changes: u64,
    at: Instant,
    /// When he was last looked up by himself.
    alone_at: Instant,
    /// Whether he called since he was last looked up together with others.
    has_called: bool,
}

impl Entry {
    fn holds(&self, changes: u64) -> bool {
        self.is_younger(LIFE, changes)
    }

    fn is_younger(&self, age: Duration, changes: u64) -> bool {
        self.changes == changes && self.at.elapsed() < age
    }

    fn is_renewable(&self) -> bool {
        self.known.ticket.is_some() && self.alone_at.elapsed() < TOGETHER
    }
}

/// Who was let in a moment ago, by the hash of what he showed.
#[derive(Default)]
pub struct Remembered {
    entries: Mutex<HashMap<Name, Entry>>,
    turn: tokio::sync::Mutex<()>,
}

impl Remembered {
    /// Whom a text stands for, as long as nothing has changed.
    pub fn find(&self, shown: &Name, changes: u64) -> Found {
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(shown) else { return Found::Nothing };
        entry.has_called = true;
        match entry {
            entry if entry.holds(changes) && !entry.is_younger(AHEAD, changes) && entry.is_renewable() => {
                Found::Aging(Box::new(entry.known.clone()))
            }
            entry if entry.holds(changes) => Found::Known(Box::new(entry.known.clone())),
            entry if entry.is_renewable() => Found::Stale,
            _ => Found::Nothing,
        }
    }

    /// Remembers whom a text stands for, which was looked up after an instant at which there had been so many changes.
    pub fn keep(&self, shown: Name, known: Known, changes: u64, at: Instant) {
        let mut entries = self.entries();
        if entries.len() >= MOST {
            entries.retain(|_, entry| entry.holds(changes));
        }
        if entries.len() < MOST {
            entries.insert(shown, Entry { known, changes, at, alone_at: at, has_called: false });
        }
    }

    /// The turn to look many up together.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The same, if nobody has it.
    pub fn free_turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        self.turn.try_lock().ok()
    }

    /// Those who have called and are to be looked up together.
    pub fn stale(&self, changes: u64) -> Vec<(Name, Actor, Ticket)> {
        let mut entries = self.entries();
        // Who is due soon comes along, so that all are due together from then on.
        let is_due = |entry: &Entry| entry.has_called && !entry.is_younger(AHEAD / 2, changes) && entry.is_renewable();
        let asked = entries.iter_mut().filter(|(_, entry)| is_due(entry));
        let taken = asked.take(MOST_TOGETHER).filter_map(|(name, entry)| {
            entry.has_called = false;
            Some((*name, entry.known.actor.clone(), entry.known.ticket.clone()?))
        });
        taken.collect()
    }

    /// Those of them for whom all stands are remembered on, by a look after an instant at which there had been so many changes; the others
    /// no more.
    pub fn renew(&self, stale: &[(Name, Actor, Ticket)], stands: &HashSet<Name>, changes: u64, at: Instant) {
        let mut entries = self.entries();
        for (name, _, _) in stale {
            if !stands.contains(name) {
                entries.remove(name);
            } else if let Some(entry) = entries.get_mut(name) {
                (entry.changes, entry.at) = (changes, at);
            }
        }
    }

    /// Nothing is known of those who were to be looked up: whoever does not hold any longer is remembered no more.
    pub fn give_up(&self, stale: &[(Name, Actor, Ticket)], changes: u64) {
        let mut entries = self.entries();
        for (name, _, _) in stale {
            if entries.get(name).is_some_and(|entry| !entry.holds(changes)) {
                entries.remove(name);
            }
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Name, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::ids::{PersonId, SessionId};
    use uuid::Uuid;

    use super::*;
    use crate::platform::access::Credential;

    fn known(person: u128) -> Known {
        let session = Credential::Session(SessionId(Uuid::from_u128(1)));
        Known { key: None, actor: Actor::plain(PersonId(Uuid::from_u128(person)), session), ticket: None }
    }

    fn with_ticket(person: u128) -> Known {
        let ticket = Ticket { token: TokenId(Uuid::from_u128(1)), until: 0, key: String::new() };
        Known { ticket: Some(ticket), ..known(person) }
    }

    fn found(remembered: &Remembered, shown: u8, changes: u64) -> Option<u128> {
        match remembered.find(&[shown; 32], changes) {
            Found::Known(known) | Found::Aging(known) => Some(known.actor.person.0.as_u128()),
            Found::Stale => Some(0),
            Found::Nothing => None,
        }
    }

    #[test]
    fn whoever_was_let_in_is_known_until_something_changes() {
        let remembered = Remembered::default();
        remembered.keep([1; 32], known(1), 5, Instant::now());
        assert_eq!([(1, 5), (1, 6), (2, 5)].map(|(shown, changes)| found(&remembered, shown, changes)), [Some(1), None, None]);
    }

    #[test]
    fn what_was_looked_up_before_a_change_is_not_known_after_it() {
        let remembered = Remembered::default();
        remembered.keep([1; 32], known(1), 5, Instant::now());
        remembered.keep([1; 32], known(1), 6, Instant::now());
        assert_eq!(found(&remembered, 1, 7), None);
        let long_ago = Instant::now().checked_sub(LIFE).unwrap();
        remembered.keep([1; 32], known(1), 6, long_ago);
        assert_eq!(found(&remembered, 1, 6), None, "nor after its time");
    }

    #[test]
    fn those_who_call_are_looked_up_together_and_those_for_whom_something_fell_are_forgotten() {
        let remembered = Remembered::default();
        for person in 1..=4 {
            remembered.keep([person; 32], with_ticket(person.into()), 5, Instant::now());
        }
        // Three call after a change; the fourth does not.
        assert_eq!([1, 2, 3].map(|shown| found(&remembered, shown, 6)), [Some(0); 3], "they are to be looked up");
        let mut stale = remembered.stale(6);
        stale.sort_unstable_by_key(|(name, _, _)| *name);
        assert_eq!(stale.iter().map(|(name, _, _)| name[0]).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(remembered.stale(6).is_empty(), "once");
        remembered.renew(&stale, &HashSet::from([[1; 32], [3; 32]]), 6, Instant::now());
        assert_eq!([1, 2, 3].map(|shown| found(&remembered, shown, 6)), [Some(1), None, Some(3)]);
    }

    #[test]
    fn who_calls_all_the_time_is_looked_up_ahead() {
        let remembered = Remembered::default();
        let before = |span| Instant::now().checked_sub(span).unwrap();
        remembered.keep([1; 32], with_ticket(1), 5, before(AHEAD));
        remembered.keep([2; 32], with_ticket(2), 5, Instant::now());
        remembered.keep([3; 32], known(3), 5, before(AHEAD));
        let is_aging = [1, 2, 3].map(|shown| matches!(remembered.find(&[shown; 32], 5), Found::Aging(_)));
        assert_eq!(is_aging, [true, false, false], "the second is known well enough, the third is looked up by himself");
        let due = remembered.stale(5);
        assert_eq!(due.iter().map(|(name, _, _)| name[0]).collect::<Vec<_>>(), [1]);
        remembered.give_up(&due, 5);
        assert!(matches!(remembered.find(&[1; 32], 5), Found::Aging(_)), "what could not be looked up holds as long as it would have");
        remembered.give_up(&due, 6);
        assert!(matches!(remembered.find(&[1; 32], 5), Found::Nothing), "and no longer");
    }

    #[test]
    fn who_is_due_soon_is_looked_up_with_who_is_due() {
        let remembered = Remembered::default();
        let before = |span| Instant::now().checked_sub(span).unwrap();
        for (shown, age) in [(1, AHEAD), (2, AHEAD / 2), (3, AHEAD / 4)] {
            remembered.keep([shown; 32], with_ticket(shown.into()), 5, before(age));
            remembered.find(&[shown; 32], 5);
        }
        let mut due: Vec<u8> = remembered.stale(5).iter().map(|(name, _, _)| name[0]).collect();
        due.sort_unstable();
        assert_eq!(due, [1, 2]);
        assert!(remembered.stale(5).is_empty(), "nobody calls since");
    }

    #[test]
    fn what_time_alone_changes_is_looked_at_again_after_a_minute() {
        let remembered = Remembered::default();
        remembered.keep([1; 32], with_ticket(1), 5, Instant::now().checked_sub(TOGETHER).unwrap());
        assert_eq!(found(&remembered, 1, 5), None);
    }
}
