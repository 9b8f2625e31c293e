//! What a deed leaves behind for others: rows of the trail, events and timers. Written together when it is done, with whatever else can
//! wait until then.

use entity::Timestamp;
use entity::ids::TimerId;
use entity::platform::{event, timer};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::platform::access::Context;
use crate::platform::audit::{self, Entry};
use crate::platform::db::Writes;
use crate::platform::outbox::{self, Event};
use crate::platform::timers;

/// What is still to be written.
#[derive(Default)]
pub(super) struct Leaving {
    /// What comes before all else.
    first: Option<Writes>,
    trail: Vec<audit::Row>,
    events: Vec<event::ActiveModel>,
    timers: Vec<timer::Model>,
}

impl Leaving {
    /// Something of the deed itself, about rows of which nothing else is written then.
    pub fn write_first(&mut self, writes: Writes) {
        match &mut self.first {
            Some(first) => first.join(writes),
            None => self.first = Some(writes),
        }
    }

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

    /// All of it, each kind in the order in which it came.
    pub fn writes(self, db: &impl ConnectionTrait) -> Writes {
        let mut writes = self.first.unwrap_or_else(|| Writes::to(db));
        audit::write_rows(&mut writes, self.trail);
        writes.insert_new(self.events);
        writes.insert_absent(self.timers, &timers::SAME);
        writes
    }
}
