//! What the feed of the market has told, and what comes next for whoever watches.

use actix_web::web::Bytes;
use entity::Timestamp;
use entity::platform::event;
use tokio::time::Instant;

use crate::notifications::rules::{Wanted, told_to_all};
use crate::platform::http::feed::{Backlog, Kept};

/// A public event, rendered once for all.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its position.
    pub position: i64,
    /// As which kind it is told.
    pub kind: &'static str,
    /// As it goes over the wire.
    pub text: Bytes,
}

impl Frame {
    /// What everybody is told of an event, if anything.
    pub fn of(event: &event::Model, now: Timestamp) -> Option<Self> {
        let (position, (kind, said)) = (event.position?, told_to_all(event, now)?);
        Some(Self { position, kind: kind.name, text: Bytes::from(format!("id: {position}\nevent: event\ndata: {said}\n\n")) })
    }
}

/// How far a watcher was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Up to this position.
    pub after: i64,
    /// How many events the feed had told then; none before he had come as far as the feed.
    pub joined: Option<u64>,
}

/// What comes next for a watcher.
#[derive(Debug)]
pub enum Step {
    /// Nothing yet; he has been told so far.
    Wait(Heard),
    /// An event, and how far he then was told.
    Take(Frame, Heard),
    /// What he has not been told is not kept: it is read for him.
    CatchUp,
    /// He is too far behind.
    Cut,
}

/// How far the feed has told.
#[derive(Default)]
pub struct Told {
    /// Up to this position; nothing before the outbox was looked at.
    up_to: Option<i64>,
    /// What is public after this position is kept.
    kept_after: i64,
    kept: Backlog<Frame>,
}

impl Told {
    /// Up to which position all is told.
    pub fn up_to(&self) -> Option<i64> {
        self.up_to
    }

    /// The feed begins after a position.
    pub fn begin(&mut self, position: i64) {
        (self.up_to, self.kept_after) = (Some(position), position);
    }

    /// These events are all that is public up to a position.
    pub fn tell(&mut self, frames: Vec<Frame>, up_to: i64, now: Instant) {
        self.up_to = Some(up_to);
        for frame in frames {
            let bytes = frame.text.len();
            self.kept.keep(frame, bytes, now);
        }
    }

    /// Lets go of what is old, and of what is too much.
    pub fn tidy(&mut self, now: Instant) {
        if let Some(frame) = self.kept.tidy(now, 0) {
            self.kept_after = frame.position;
        }
    }

    /// Nobody watches: nothing is known any more but how many events there were.
    pub fn forget(&mut self) {
        self.kept.forget();
        (self.up_to, self.kept_after) = (None, 0);
    }

    /// What comes next for somebody who was told so far and wants some kinds.
    pub fn next(&self, heard: Heard, wanted: &Wanted) -> Step {
        let Some(up_to) = self.up_to else { return Step::Wait(heard) };
        if up_to <= heard.after {
            let joined = heard.joined.or((up_to == heard.after).then_some(self.kept.count()));
            return Step::Wait(Heard { joined, ..heard });
        }
        // Whoever has just come is told nothing that was rendered long ago: it says what time it is.
        let Some(joined) = heard.joined else { return Step::CatchUp };
        if self.kept.is_too_far_from(joined) {
            return Step::Cut;
        }
        if heard.after < self.kept_after {
            return Step::CatchUp;
        }
        match self.kept.after(|frame| frame.position <= heard.after).find(|kept| wanted.has(kept.frame.kind)) {
            Some(Kept { frame, number, .. }) => Step::Take(frame.clone(), Heard { after: frame.position, joined: Some(*number) }),
            None => Step::Wait(Heard { after: up_to, joined: Some(self.kept.count()) }),
        }
    }
}

#[cfg(test)]
mod tests;
