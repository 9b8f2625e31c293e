//! What a deed leaves behind for others: rows of the trail, events and timers. Written when it is done, each kind in one statement.

use entity::Timestamp;
use entity::ids::TimerId;
use entity::platform::{event, timer};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::platform::access::Context;
use crate::platform::audit::{self, Entry};
use crate::platform::outbox::{self, Event};
use crate::platform::timers;

/// What is still to be written.
#[derive(Default)]
pub(super) struct Leaving {
    trail: Vec<audit::Row>,
    events: Vec<event::ActiveModel>,
    timers: Vec<timer::Model>,
}

impl Leaving {
    /// A row of the trail.
    pub fn note(&mut self, by: &Context, at: Timestamp, entry: Entry) {
        self.trail.push(audit::row(by, at, entry));
    }

    /// Rows of the trail that were made before.
    pub fn note_all(&mut self, rows: Vec<audit::Row>) {
        self.trail.extend(rows);
    }

    /// A row of the trail that is told to nobody before something is revealed.
    pub fn note_withheld(&mut self, by: &Context, at: Timestamp, entry: Entry, with: Uuid) {
        self.trail.push(audit::withheld_row(by, at, entry, with));
    }

    /// An event for the world.
    pub fn tell(&mut self, id: Uuid, event: &impl Event, at: Timestamp) -> Result<(), DbErr> {
        self.events.push(outbox::row(id, event, at)?);
        Ok(())
    }

    /// A timer.
    pub fn arm(&mut self, id: TimerId, kind: &str, subject: Uuid, due_at: Timestamp) {
        self.timers.push(timers::armed(id, kind, subject, due_at));
    }

    /// Writes it all, in the order in which it came.
    pub async fn write(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        audit::write_rows(db, self.trail).await?;
        outbox::write_rows(db, self.events).await?;
        timers::arm(db, self.timers).await
    }
}
