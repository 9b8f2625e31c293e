//! What a feed keeps of what it has told, for watchers who are slower than others.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// So many steps behind a watcher is cut.
const MOST_BEHIND: u64 = 256;
/// How long a step is kept; whoever is slower still is read what he missed.
pub const KEPT_FOR: Duration = Duration::from_secs(10);
/// How much is kept, bytes.
const KEPT_BYTES: usize = 1 << 20;

/// A step that is kept.
pub struct Kept<F> {
    /// As it was told.
    pub frame: F,
    /// Its number.
    pub number: u64,
    /// When it was told.
    pub since: Instant,
    bytes: usize,
}

/// The last steps of a feed.
pub struct Backlog<F> {
    kept: VecDeque<Kept<F>>,
    bytes: usize,
    count: u64,
}

impl<F> Default for Backlog<F> {
    fn default() -> Self {
        Self { kept: VecDeque::new(), bytes: 0, count: 0 }
    }
}

impl<F> Backlog<F> {
    /// How many steps there were, with those that are kept no more.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// A step of so many bytes was told.
    pub fn keep(&mut self, frame: F, bytes: usize, now: Instant) {
        self.count += 1;
        self.bytes += bytes;
        self.kept.push_back(Kept { frame, number: self.count, since: now, bytes });
    }

    /// Lets go of what is old, and of what is too much, but never of so many that were told last; the last that goes.
    pub fn tidy(&mut self, now: Instant, but: usize) -> Option<F> {
        let mut gone = None;
        let is_over = |kept: &Kept<F>, bytes: usize| bytes > KEPT_BYTES || now.duration_since(kept.since) > KEPT_FOR;
        while self.kept.len() > but && self.kept.front().is_some_and(|kept| is_over(kept, self.bytes)) {
            if let Some(kept) = self.kept.pop_front() {
                self.bytes -= kept.bytes;
                gone = Some(kept.frame);
            }
        }
        gone
    }

    /// Nothing is kept any more; it is counted on.
    pub fn forget(&mut self) {
        *self = Self { count: self.count, ..Self::default() };
    }

    /// Whether somebody who was there when so many steps had been told is too far behind.
    pub fn is_too_far_from(&self, joined: u64) -> bool {
        self.count - joined >= MOST_BEHIND
    }

    /// What is kept after the steps that somebody has passed.
    pub fn after(&self, is_passed: impl Fn(&F) -> bool) -> impl Iterator<Item = &Kept<F>> {
        self.kept.range(self.kept.partition_point(|kept| is_passed(&kept.frame))..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(backlog: &Backlog<u64>) -> Vec<u64> {
        backlog.after(|_| false).map(|kept| kept.number).collect()
    }

    #[test]
    fn what_is_too_much_goes_and_then_what_is_old_but_for_the_last() {
        let (mut backlog, told) = (Backlog::default(), Instant::now());
        for number in 1..=10 {
            backlog.keep(number, KEPT_BYTES / 4, told);
        }
        assert_eq!((backlog.tidy(told, 0), numbers(&backlog)), (Some(6), vec![7, 8, 9, 10]));
        assert_eq!(backlog.tidy(told + KEPT_FOR, 0), None);
        let later = told + KEPT_FOR * 2;
        assert_eq!((backlog.tidy(later, 1), numbers(&backlog)), (Some(9), vec![10]));
        assert_eq!((backlog.tidy(later, 0), backlog.bytes, backlog.count()), (Some(10), 0, 10));
    }

    #[test]
    fn what_follows_is_found_and_what_was_forgotten_is_counted() {
        let mut backlog = Backlog::default();
        for number in 1..=3 {
            backlog.keep(number, 1, Instant::now());
        }
        assert_eq!(backlog.after(|frame| *frame <= 1).map(|kept| kept.frame).collect::<Vec<u64>>(), [2, 3]);
        backlog.forget();
        assert_eq!((numbers(&backlog), backlog.bytes, backlog.count()), (Vec::new(), 0, 3));
        backlog.keep(4, 1, Instant::now());
        assert_eq!(numbers(&backlog), [4]);
    }
}
