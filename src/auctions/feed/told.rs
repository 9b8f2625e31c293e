//! What a feed has told, and what comes next for whoever watches.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use entity::Timestamp;
use entity::auctions::lot;
use tokio::time::Instant;

use crate::auctions::views::live::LotDelta;
use crate::platform::http::feed::{Backlog, Kept, Said};

/// How old a step may be that is told to somebody who has just come: it says what time it is, and the price then.
pub(super) const FRESH: Duration = Duration::from_secs(1);

/// A step of a lot's feed, rendered once for all.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Number of the first event it tells of.
    from_seq: i64,
    /// Number of the last.
    pub seq: i64,
    /// When the first of its events happened.
    pub at: Timestamp,
    /// The text as a chunk of an answer (RFC 9112, 7.1).
    chunk: Bytes,
    /// Where in it the text is.
    text: Range<usize>,
    /// Where in it begins what follows the id.
    unnamed: usize,
}

impl Frame {
    /// A step, whose first event happened at an instant.
    pub fn of(delta: &LotDelta, at: Timestamp) -> Self {
        let id = format!("id: {}\n", delta.seq);
        let said = serde_json::to_string(delta).unwrap_or_default();
        let text = format!("{id}event: delta\ndata: {said}\n\n");
        let length = format!("{:X}\r\n", text.len());
        let chunk = Bytes::from(format!("{length}{text}\r\n"));
        let begin = length.len();
        Self { from_seq: delta.from_seq, seq: delta.seq, at, chunk, text: begin..begin + text.len(), unnamed: begin + id.len() }
    }

    /// As it goes over the wire in the feed of its lot.
    pub fn whole(&self) -> Bytes {
        self.chunk.slice(self.text.clone())
    }

    /// The same without its id.
    pub fn unnamed(&self) -> Bytes {
        self.chunk.slice(self.unnamed..self.text.end)
    }

    /// As it is told to many, under its number among the steps.
    pub fn said(&self, number: u64) -> Said {
        Said { after: self.from_seq - 1, seq: self.seq, number, chunk: self.chunk.clone() }
    }

    /// Whether it tells what is after a number, up to another.
    pub fn joins(&self, after: i64, seq: i64) -> bool {
        self.from_seq == after + 1 && self.seq == seq
    }
}

/// What comes next for a watcher.
#[derive(Debug)]
pub enum Step {
    /// Nothing yet; at so many steps, if he has come as far as the feed.
    Wait(Option<u64>),
    /// A step, with its number.
    Take(Frame, u64),
    /// What he has not been told is not kept: it is read for him.
    CatchUp,
    /// He is too far behind.
    Cut,
    /// All is told: the lot has ended.
    Ended,
    /// The feed broke off.
    Broken,
}

/// Why a feed tells no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The lot has ended.
    Ended,
    /// Its task is gone.
    Broken,
}

/// How far a feed has told.
#[derive(Default)]
pub struct Told {
    /// The lot after the last event told; nothing before it was looked at.
    head: Option<Arc<lot::Model>>,
    kept: Backlog<Frame>,
    over: Option<Over>,
}

impl Told {
    /// The lot after the last event told, and how many steps there were.
    pub fn head(&self) -> Option<(Arc<lot::Model>, u64)> {
        self.head.clone().map(|head| (head, self.kept.count()))
    }

    /// The lot stands so, and the step to there; none at first. The step as it is told to many.
    pub fn tell(&mut self, head: Arc<lot::Model>, frame: Option<Frame>, now: Instant) -> Option<Said> {
        self.head = Some(head);
        let frame = frame?;
        let said = frame.said(self.kept.count() + 1);
        self.kept.keep(frame, said.chunk.len(), now);
        Some(said)
    }

    /// Lets go of what is old, and of what is too much; not of the last step.
    pub fn tidy(&mut self, now: Instant) {
        self.kept.tidy(now, 1);
    }

    /// Nothing more is told; whether that is new.
    pub fn end(&mut self, why: Over) -> bool {
        let is_new = self.over.is_none();
        self.over.get_or_insert(why);
        is_new
    }

    /// What comes next for somebody who knows the log up to a number, and was then at so many steps if he has been told something.
    pub fn next(&self, after: i64, joined: Option<u64>) -> Step {
        let seq = self.head.as_ref().map(|head| head.seq);
        if seq.is_none_or(|seq| seq <= after) {
            return match self.over {
                None => Step::Wait(joined.or((seq == Some(after)).then_some(self.kept.count()))),
                Some(Over::Ended) => Step::Ended,
                Some(Over::Broken) => Step::Broken,
            };
        }
        if joined.is_some_and(|joined| self.kept.is_too_far_from(joined)) {
            return Step::Cut;
        }
        let may_take = |kept: &&Kept<Frame>| kept.frame.from_seq == after + 1 && (joined.is_some() || kept.since.elapsed() < FRESH);
        match self.kept.after(|frame| frame.from_seq <= after).next().filter(may_take) {
            Some(kept) => Step::Take(kept.frame.clone(), kept.number),
            None => Step::CatchUp,
        }
    }
}

#[cfg(test)]
mod tests;
