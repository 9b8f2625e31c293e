//! The doors of the database: `read` for questions, `read_long` for the few that take long, the write door for changes, and one of
//! its own for what many calls ask for together.
//!
//! A write runs as a task of its own on the runtime that owns the pool, so no dropped request or
//! timeout leaves a pooled connection inside a transaction. It is tried again only when the
//! database asks for it (serialisation failure, deadlock), three times at most.

mod errors;
pub(crate) mod faults;
pub mod open;
mod questions;
pub(crate) mod recordset;
mod rows;
mod writes;

use std::fmt::Display;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseConnection, DatabaseTransaction, TransactionOptions, TransactionTrait};

pub use errors::{constraint, is_duplicate};
pub use open::DbError;
pub use questions::{Answers, Bytes, Question, Questions, is_among};
pub use rows::{insert, insert_all, insert_if_absent, update, update_all};
pub use writes::Writes;

use crate::planted::{self, Fault};
use crate::platform::problem::{Code, Problem};

/// How often a transaction is tried again when the database asks for it.
const RETRIES: u32 = 3;

/// How many connections are kept for what many calls ask for together: while one is put back, which asks a question, the other is used.
const KEPT: u32 = 2;

/// The database.
#[derive(Clone)]
pub struct Db {
    write: DatabaseConnection,
    /// What many calls ask for together, bids, is done by one task; its connections are kept for that, so that deeds which take all the
    /// others keep no bid waiting. SQLite has one writer.
    together: DatabaseConnection,
    read: DatabaseConnection,
    read_long: DatabaseConnection,
    runtime: tokio::runtime::Handle,
    /// How many units of work may have changed what somebody may do.
    changes: Arc<AtomicU64>,
    /// Held as long as the server lives: SQLite has one server.
    _lock: Option<Arc<std::fs::File>>,
    /// What goes wrong at commits, in a simulation.
    faults: Option<Arc<faults::Faults>>,
}

/// How a transaction ended.
pub enum Ending<T> {
    /// Keep what was done.
    Commit(T),
    /// Undo it and answer all the same (dry runs, replays).
    Rollback(T),
}

impl Db {
    /// The reading door: single statements that see what is committed.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// The reading door of the few questions that look at all there is: sums over the books, counts over everybody,
    /// searches through the trail. Few go through it at once and each may take as long as a deed, so that they hold up
    /// neither each other nor those at the usual door.
    pub fn read_long(&self) -> &DatabaseConnection {
        &self.read_long
    }

    /// Which database this is.
    pub fn backend(&self) -> DatabaseBackend {
        self.write.get_database_backend()
    }

    /// Whether this is the embedded database.
    pub fn is_sqlite(&self) -> bool {
        self.backend() == DatabaseBackend::Sqlite
    }

    /// Runs something on the runtime that owns the pool, whatever becomes of who asked for it.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// How often this server has changed anything by which it is decided who may do what.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// The writing door: one unit of work in one transaction that cannot be cancelled from outside.
    pub async fn transact<T, F, Fut>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(Arc<DatabaseTransaction>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Ending<T>, Problem>> + Send + 'static,
    {
        self.unit(self.write.clone(), work, true).await
    }

    /// The same for what happens all the time and changes nobody's rights, such as what is written down of calls.
    pub async fn transact_aside<T, F, Fut>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(Arc<DatabaseTransaction>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Ending<T>, Problem>> + Send + 'static,
    {
        self.unit(self.write.clone(), work, false).await
    }

    /// The same for what many calls ask for together, by the connections that are kept for it. It runs within the task that asks for it,
    /// for waking another thread and being woken by it costs a batch of bids time: that task must be one that nobody breaks off.
    pub async fn transact_together<T, F, Fut>(&self, work: F) -> Result<T, Problem>
    where
        F: Fn(Arc<DatabaseTransaction>) -> Fut,
        Fut: Future<Output = Result<Ending<T>, Problem>>,
    {
        let unit = AssertUnwindSafe(self.tried(&self.together, &work)).catch_unwind();
        unit.await.unwrap_or_else(|_| Err(broken_off(&"it panicked")))
    }

    async fn unit<T, F, Fut>(&self, door: DatabaseConnection, work: F, is_change: bool) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(Arc<DatabaseTransaction>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Ending<T>, Problem>> + Send + 'static,
    {
        let db = self.clone();
        let unit = self.runtime.spawn(async move {
            let done = db.tried(&door, &work).await;
            // Also where it failed, for its commit may have taken effect, and here, for nobody may wait for it any more.
            if is_change {
                db.changes.fetch_add(1, Ordering::AcqRel);
            }
            done
        });
        unit.await.unwrap_or_else(|error| Err(broken_off(&error)))
    }

    async fn tried<T, F, Fut>(&self, door: &DatabaseConnection, work: &F) -> Result<T, Problem>
    where
        F: Fn(Arc<DatabaseTransaction>) -> Fut,
        Fut: Future<Output = Result<Ending<T>, Problem>>,
    {
        let mut tries = 0;
        loop {
            match self.attempt(door, work).await {
                Err(problem) if problem.transient && tries < RETRIES => {
                    tries += 1;
                    tokio::time::sleep(jitter(tries)).await;
                }
                other => return other,
            }
        }
    }

    async fn attempt<T, F, Fut>(&self, door: &DatabaseConnection, work: &F) -> Result<T, Problem>
    where
        F: Fn(Arc<DatabaseTransaction>) -> Fut,
        Fut: Future<Output = Result<Ending<T>, Problem>>,
    {
        if let Some(faults) = &self.faults {
            faults.alive()?;
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(sea_orm::SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        if planted::is(Fault::BegunUnderALimit) {
            Self::leave_one_behind(door).await;
        }
        let mut begun = door.begin_with_options(options).await;
        for _ in 0..KEPT {
            // A connection that had broken is found out so; the next may be a new one.
            if !begun.as_ref().is_err_and(errors::is_broken) {
                break;
            }
            begun = door.begin_with_options(options).await;
        }
        let tx = Arc::new(begun.map_err(|error| Problem { unreached: true, ..error.into() })?);
        let ending = work(tx.clone()).await;
        let Ok(tx) = Arc::try_unwrap(tx) else {
            // Rolled back when the last handle goes; nothing was promised yet.
            tracing::error!("a transaction handle outlived its unit of work");
            return Err(Code::Internal.into());
        };
        match ending {
            // Bids alone: nothing would start without what was written before.
            Ok(Ending::Commit(value)) if planted::is(Fault::AcknowledgedBeforeCommit) && std::ptr::eq(door, &raw const self.together) => {
                self.runtime.spawn(async move {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    let _ = tx.commit().await;
                });
                Ok(value)
            }
            Ok(Ending::Commit(value)) => match &self.faults {
                None => tx.commit().await.map(|()| value).map_err(Into::into),
                Some(faults) => faults.commit(tx, value).await,
            },
            Ok(Ending::Rollback(value)) => tx.rollback().await.map(|()| value).map_err(Into::into),
            Err(problem) => {
                if let Err(error) = tx.rollback().await {
                    tracing::warn!(%error, "rollback failed; the connection is discarded");
                }
                Err(problem)
            }
        }
    }

    /// What a driver that is cut off while it begins leaves in the pool: a connection inside a transaction it does not know of.
    async fn leave_one_behind(door: &DatabaseConnection) {
        let _ = door.execute_unprepared("BEGIN").await;
    }

    /// Closes the pools.
    pub async fn close(self) {
        let _ = self.read.close().await;
        let _ = self.read_long.close().await;
        let _ = self.together.close().await;
        let _ = self.write.close().await;
    }
}

/// What is told of a unit of work that broke off.
fn broken_off(error: &dyn Display) -> Problem {
    tracing::error!(%error, "a unit of work broke off");
    Code::Internal.into()
}

/// 5 to 15 ms, doubled with each try, so that two rivals do not meet again.
fn jitter(tries: u32) -> Duration {
    let random = u64::from(uuid::Uuid::new_v4().as_bytes()[0]) % 10;
    Duration::from_millis((5 + random) << tries)
}
