//! One running deed: its transaction, its time, its caller, and what it leaves behind.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::TimeDelta;
use entity::ids::LotId;
use entity::platform::{AuditOutcome, sandbox_clock};
use entity::sealed::Sealed;
use entity::{Timestamp, micros};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::House;
use super::leaving::Leaving;
use crate::planted::{self, Fault};
use crate::platform::access::{Caller, Context};
use crate::platform::audit::{self, Entry};
use crate::platform::data_keys::Cell;
use crate::platform::db::{Answers, Questions, Writes};
use crate::platform::mail::{self, Letter};
use crate::platform::outbox::Event;
use crate::platform::problem::{Code, Problem};
use crate::platform::world::sandbox_time;

/// A running deed.
#[derive(Clone)]
pub struct Tx {
    /// The house it runs in.
    pub house: House,
    /// The call it serves.
    pub by: Arc<Context>,
    /// The market's time of this deed: one instant for all it does.
    pub now: Timestamp,
    conn: Arc<DatabaseTransaction>,
    clock: Option<sandbox_clock::Model>,
    audited: Arc<AtomicUsize>,
    sealing: Arc<OnceCell<i64>>,
    leaving: Arc<Mutex<Leaving>>,
    afterwards: Arc<Mutex<Afterwards>>,
}

/// A reading of the market's clock.
pub struct Reading {
    /// What it showed.
    real: Timestamp,
    /// When it was read, by the monotonic clock.
    at: Instant,
}

/// What a deed was told, and what the market's clock showed then.
pub struct Heard {
    /// The answers.
    pub answers: Answers,
    /// The reading.
    pub clock: Reading,
}

/// What is to be done once a deed is committed.
#[derive(Debug, Default)]
pub(super) struct Afterwards {
    /// Lots with new events, whose watchers are told.
    pub lots: Vec<LotId>,
    /// Something was published or armed that is not to wait until the clockwork next looks by itself.
    pub pressing: bool,
}

/// What a deed returned.
#[derive(Clone, Debug)]
pub struct Done<T> {
    /// The outcome.
    pub value: T,
    /// It had been done before under the same idempotency key.
    pub replayed: bool,
}

impl<T> Done<T> {
    /// The outcome as it is told.
    pub fn try_map<U>(self, told: impl FnOnce(T) -> Result<U, Problem>) -> Result<Done<U>, Problem> {
        Ok(Done { value: told(self.value)?, replayed: self.replayed })
    }
}

impl Tx {
    /// Begins a deed: reads the time it happens at.
    pub(super) async fn begin(
        house: House,
        conn: Arc<DatabaseTransaction>,
        by: Arc<Context>,
        afterwards: Arc<Mutex<Afterwards>>,
    ) -> Result<Self, Problem> {
        let clock = if house.config.sandbox { crate::sandbox::store::clock(&*conn).await? } else { None };
        let now = match &clock {
            None => house.world.now(),
            Some(clock) => {
                house.world.remember_sandbox(clock.clone());
                sandbox_time(clock, house.world.real_now())
            }
        };
        Ok(Self { house, by, now, conn, clock, audited: Arc::default(), sealing: Arc::default(), leaving: Arc::default(), afterwards })
    }

    /// The same deed at another instant: a timer in sandbox sees the time it was due.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        Self { now, ..self.clone() }
    }

    /// The same deed in the name of whoever asked for it earlier, under the name of what he asked for.
    #[must_use]
    pub fn in_the_name_of(&self, caller: Caller, operation: &'static str) -> Self {
        let by = Context { caller, operation, ..Context::clone(&self.by) };
        Self { by: Arc::new(by), ..self.clone() }
    }

    /// The same deed for another call of those it is done for.
    pub(super) fn serving(&self, by: Arc<Context>) -> Self {
        Self { by, audited: Arc::default(), ..self.clone() }
    }

    /// When the call's whole request had been read.
    pub async fn arrived(&self) -> Result<Timestamp, Problem> {
        Ok(self.arrived_by(&self.under_locks().await?))
    }

    /// What the database's clock shows now, under the locks this deed holds.
    async fn under_locks(&self) -> Result<Reading, Problem> {
        let real = if self.house.db.is_sqlite() { None } else { Some(super::database_time(self.conn()).await?) };
        Ok(self.reading(real))
    }

    /// What the database says under the locks this deed holds, and what its clock shows then.
    pub async fn hear(&self, questions: Questions) -> Result<Heard, Problem> {
        let (answers, real) = questions.answered(self.conn()).await?;
        Ok(Heard { answers, clock: self.reading(real) })
    }

    /// A reading made just now of the database's clock; SQLite has none.
    fn reading(&self, real: Option<Timestamp>) -> Reading {
        let real = if planted::is(Fault::OwnClock) { Some(chrono::Utc::now()) } else { real };
        Reading { real: real.unwrap_or_else(|| self.house.world.real_now()), at: self.house.world.instant() }
    }

    /// When the call's whole request had been read, by a reading of the clock: that time less what the call had waited by then
    /// by the monotonic clock.
    pub fn arrived_by(&self, reading: &Reading) -> Timestamp {
        let waited = TimeDelta::from_std(reading.at.saturating_duration_since(self.by.arrived)).unwrap_or_default();
        let arrived = micros(reading.real - waited);
        self.clock.as_ref().map_or(arrived, |clock| sandbox_time(clock, arrived))
    }

    /// Sets how long locks are waited for on PostgreSQL; SQLite's one writer takes deeds in turn.
    pub async fn wait_for_locks(&self, how_long: &'static str) -> Result<(), Problem> {
        if !self.house.db.is_sqlite() {
            self.conn().execute_unprepared(&format!("SET LOCAL lock_timeout = {how_long}")).await?;
        }
        Ok(())
    }

    /// The connection, for stores.
    pub fn conn(&self) -> &DatabaseTransaction {
        &self.conn
    }

    /// A new id.
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.house.world.id()
    }

    /// Text of or about a person, sealed for the cell it is kept in.
    pub async fn sealed(&self, cell: Cell, text: &str) -> Result<Sealed, Problem> {
        let generation = self.sealing.get_or_try_init(|| self.house.hold_sealing_key(self.conn())).await?;
        self.house.sealed(*generation, cell, text)
    }

    /// Tells the world, once this is committed.
    pub fn publish(&self, event: &impl Event) -> Result<(), Problem> {
        self.publish_as(self.id(), event)
    }

    /// The same under a given id.
    pub fn publish_as(&self, id: Uuid, event: &impl Event) -> Result<(), Problem> {
        self.afterwards().pressing = true;
        self.leaving().tell(id, event, self.now).map_err(Into::into)
    }

    /// Writes a letter that goes out once this is committed, where the post is set up.
    pub async fn write_to(&self, reason: &'static str, letter: &Letter) -> Result<(), Problem> {
        if self.house.mailer.is_none() {
            return Ok(());
        }
        let world = &self.house.world;
        mail::write(self.conn(), &self.house.keys, self.id(), world.random(), reason, letter, world.real_now()).await
    }

    /// Arms a timer.
    pub fn arm(&self, kind: &'static str, subject: impl Into<Uuid>, due_at: Timestamp) {
        self.afterwards().pressing = true;
        self.leaving().arm(self.id(), kind, subject.into(), due_at);
    }

    /// Writes down a change: what stood before, what stands after.
    pub fn changed<A: Serialize, B: Serialize>(&self, kind: &'static str, id: impl Into<Uuid>, before: Option<&A>, after: Option<&B>) {
        let entry = self.entry(kind, id.into(), before, after);
        self.leaving().note(&self.by, self.now, entry);
    }

    /// The row of the trail that says of a change what stood before and what stands after, by their
    /// [fingerprints](Self::fingerprint); for whoever writes the rows of several calls at once.
    pub fn noted(&self, kind: &'static str, id: impl Into<Uuid>, before: Option<[u8; 32]>, after: Option<[u8; 32]>) -> audit::Row {
        self.audited.fetch_add(1, Ordering::Relaxed);
        let entry = Entry { object_id: Some(id.into()), ..Entry::of_change(kind, before, after) };
        audit::row(&self.by, self.now, entry)
    }

    /// Writes such rows down, in order.
    pub fn note_all(&self, rows: Vec<audit::Row>) {
        self.leaving().note_all(rows);
    }

    /// What the trail knows a thing by.
    pub fn fingerprint(&self, thing: &impl Serialize) -> Option<[u8; 32]> {
        audit::fingerprint(&self.house.keys, thing)
    }

    fn entry<A: Serialize, B: Serialize>(&self, kind: &'static str, id: Uuid, before: Option<&A>, after: Option<&B>) -> Entry {
        self.audited.fetch_add(1, Ordering::Relaxed);
        Entry {
            object_kind: kind,
            object_id: Some(id),
            outcome: AuditOutcome::Changed,
            before: before.and_then(|thing| audit::fingerprint(&self.house.keys, thing)),
            after: after.and_then(|thing| audit::fingerprint(&self.house.keys, thing)),
            detail: None,
        }
    }

    /// Writes down that something came to be.
    pub fn created<T: Serialize>(&self, kind: &'static str, id: impl Into<Uuid>, thing: &T) {
        self.changed::<T, T>(kind, id, None, Some(thing));
    }

    /// Writes down that something came to be of which nobody is told before something else is [revealed](Self::reveal).
    pub fn created_unseen<T: Serialize>(&self, kind: &'static str, id: impl Into<Uuid>, thing: &T, with: impl Into<Uuid>) {
        let entry = self.entry(kind, id.into(), None::<&T>, Some(thing));
        self.leaving().note_withheld(&self.by, self.now, entry, with.into());
    }

    /// From now on everybody who reads the trail is told of what was [unseen](Self::created_unseen) with this.
    pub async fn reveal(&self, with: impl Into<Uuid>) -> Result<(), Problem> {
        // What this deed itself left unseen is among it.
        self.leave().await?;
        audit::reveal(self.conn(), with.into()).await.map_err(Into::into)
    }

    /// A lot's event was written; watchers are told after the commit.
    pub fn lot_changed(&self, lot: LotId) {
        if planted::is(Fault::ToldBeforeCommit) {
            self.house.live.changed(lot);
            return;
        }
        self.afterwards().lots.push(lot);
    }

    /// Writes something of the deed itself together with what it leaves behind: nothing else of the deed looks for it, nor writes about
    /// the same rows.
    pub fn write_with_the_rest(&self, writes: Writes) {
        self.leaving().write_first(writes);
    }

    /// Writes down what was left so far.
    pub(super) async fn leave(&self) -> Result<(), Problem> {
        self.left().write(self.conn()).await.map_err(Into::into)
    }

    /// What was left so far, which somebody else writes down.
    pub(super) fn left(&self) -> Writes {
        let left = std::mem::take(&mut *self.leaving());
        left.writes(self.conn())
    }

    fn leaving(&self) -> std::sync::MutexGuard<'_, Leaving> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn afterwards(&self) -> std::sync::MutexGuard<'_, Afterwards> {
        self.afterwards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing was changed, so nothing need be written down (a repeated deed without effect).
    pub fn nothing_changed(&self) {
        self.audited.fetch_add(1, Ordering::Relaxed);
    }

    /// A deed that leaves no trace in the audit trail is a fault of ours, and is not done.
    pub(super) fn check_audited(&self) -> Result<(), Problem> {
        if self.audited.load(Ordering::Relaxed) == 0 {
            tracing::error!(operation = %self.by.operation, "a deed wrote no audit row");
            return Err(Code::Internal.into());
        }
        Ok(())
    }
}

/// Reads an outcome back from its record.
pub(super) fn reread<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).inspect_err(|error| tracing::error!(%error, "an idempotency record cannot be read")).ok()
}
