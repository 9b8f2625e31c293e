//! Faults at the moment of a commit, for simulation. No server has any.

use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(test)]
use entity::platform::idempotency;
use sea_orm::DatabaseTransaction;
#[cfg(test)]
use sea_orm::EntityTrait;

use crate::platform::problem::{Code, Problem};

/// What goes wrong when a transaction is to be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server dies before: nothing took effect.
    BeforeCommit,
    /// The server dies after: it took effect, and nobody hears of it.
    AfterCommit,
    /// It took effect, and the database's answer is lost; the server lives on.
    AnswerLost,
    /// Nothing took effect, and it is told that it did: planted, to see that it is found.
    #[cfg(test)]
    Lie,
    /// It takes effect, and what had been done under any key is forgotten: planted as well.
    #[cfg(test)]
    Forgets,
}

impl Fault {
    /// What may go wrong under honest code.
    pub const HONEST: &'static [Self] = &[Self::BeforeCommit, Self::AfterCommit, Self::AnswerLost];
}

/// What is going to go wrong at one server.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Coming>);

#[derive(Debug, Default)]
struct Coming {
    /// The fault, and how many commits go well before it.
    armed: Option<(u32, Fault)>,
    dead: bool,
}

impl Faults {
    /// After so many commits that go well one goes wrong.
    pub fn arm(&self, well: u32, fault: Fault) {
        self.coming().armed = Some((well, fault));
    }

    /// Nothing goes wrong any more.
    pub fn disarm(&self) {
        self.coming().armed = None;
    }

    /// Whether the server has died.
    pub fn is_dead(&self) -> bool {
        self.coming().dead
    }

    /// Refuses whatever a dead server would still begin.
    pub(super) fn alive(&self) -> Result<(), Problem> {
        if self.is_dead() { Err(Code::Internal.into()) } else { Ok(()) }
    }

    /// Commits, unless something goes wrong.
    pub(super) async fn commit<T>(&self, tx: DatabaseTransaction, value: T) -> Result<T, Problem> {
        let Some(fault) = self.next() else {
            tx.commit().await?;
            return Ok(value);
        };
        match fault {
            Fault::BeforeCommit => {
                tx.rollback().await?;
                Err(Code::Internal.into())
            }
            Fault::AfterCommit => {
                tx.commit().await?;
                Err(Code::Internal.into())
            }
            Fault::AnswerLost => {
                tx.commit().await?;
                Err(Code::Busy.into())
            }
            #[cfg(test)]
            Fault::Lie => {
                tx.rollback().await?;
                Ok(value)
            }
            #[cfg(test)]
            Fault::Forgets => {
                idempotency::Entity::delete_many().exec(&tx).await?;
                tx.commit().await?;
                Ok(value)
            }
        }
    }

    /// What goes wrong with this commit; a fault that kills has killed from now on.
    fn next(&self) -> Option<Fault> {
        let mut coming = self.coming();
        let (well, fault) = coming.armed?;
        if well > 0 {
            coming.armed = Some((well - 1, fault));
            return None;
        }
        coming.armed = None;
        coming.dead = matches!(fault, Fault::BeforeCommit | Fault::AfterCommit);
        Some(fault)
    }

    fn coming(&self) -> MutexGuard<'_, Coming> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_once_after_the_commits_that_go_well() {
        let faults = Faults::default();
        faults.arm(1, Fault::AnswerLost);
        assert_eq!([faults.next(), faults.next(), faults.next()], [None, Some(Fault::AnswerLost), None]);
        assert!(faults.alive().is_ok(), "a lost answer kills nobody");
        faults.arm(0, Fault::AfterCommit);
        faults.disarm();
        assert_eq!(faults.next(), None);
    }

    #[test]
    fn whoever_died_at_a_commit_begins_nothing_any_more() {
        for fault in [Fault::BeforeCommit, Fault::AfterCommit] {
            let faults = Faults::default();
            faults.arm(0, fault);
            assert!(faults.alive().is_ok());
            assert_eq!(faults.next(), Some(fault));
            assert!(faults.is_dead() && faults.alive().is_err());
        }
    }
}
