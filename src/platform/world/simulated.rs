//! Time and randomness of a simulation: the same seed gives the same of both.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use entity::Timestamp;
use uuid::{Builder, Uuid};

use crate::platform::keys::sha256;

/// How far before its beginning an instant of a simulation may lie: a monotonic clock may know none before its own.
const BEFORE: Duration = Duration::from_mins(1);

/// A clock that is moved by hand, and draws that follow from a seed.
pub(super) struct Simulated {
    seed: u64,
    /// How many blocks were drawn.
    drawn: AtomicU64,
    /// How many ids were made.
    made: AtomicU64,
    /// Microseconds since the epoch.
    now: AtomicI64,
    /// What the monotonic clock showed when it began, and the clock.
    begun: (Instant, Timestamp),
}

impl Simulated {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        Self {
            seed,
            drawn: AtomicU64::new(0),
            made: AtomicU64::new(0),
            now: AtomicI64::new(now.timestamp_micros()),
            begun: (Instant::now() + BEFORE, now),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        DateTime::from_timestamp_micros(self.now.load(Ordering::Acquire)).unwrap_or_default()
    }

    pub(super) fn pass(&self, time: TimeDelta) {
        self.now.fetch_add(time.num_microseconds().unwrap_or_default().max(0), Ordering::AcqRel);
    }

    /// Only how far apart two of them are follows from the seed, and only that is ever asked.
    pub(super) fn instant(&self) -> Instant {
        let (at, real) = self.begun;
        at + (self.now() - real).to_std().unwrap_or_default()
    }

    /// Ids sort by when they were made, as those of a server do.
    pub(super) fn id(&self) -> Uuid {
        let number = self.made.fetch_add(1, Ordering::AcqRel);
        let mut rest = [0_u8; 10];
        rest[2..].copy_from_slice(&number.to_be_bytes());
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }

    pub(super) fn secret_id(&self) -> Uuid {
        let mut bytes = [0_u8; 16];
        self.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    pub(super) fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let number = self.drawn.fetch_add(1, Ordering::AcqRel);
            let block = sha256(&[self.seed.to_be_bytes(), number.to_be_bytes()].concat());
            part.copy_from_slice(&block[..part.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simulated(seed: u64) -> Simulated {
        Simulated::new(seed, DateTime::UNIX_EPOCH + TimeDelta::days(20_000))
    }

    fn drawn(seed: u64) -> [u8; 70] {
        let mut bytes = [0; 70];
        simulated(seed).fill(&mut bytes);
        bytes
    }

    #[test]
    fn a_seed_draws_the_same_again_and_another_something_else() {
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }

    #[test]
    fn time_stands_until_it_is_moved_on_and_never_goes_back() {
        let world = simulated(1);
        let (before, at) = (world.now(), world.instant());
        world.pass(TimeDelta::milliseconds(1_500));
        world.pass(TimeDelta::seconds(-1));
        assert_eq!(world.now() - before, TimeDelta::milliseconds(1_500));
        assert_eq!(world.instant() - at, Duration::from_millis(1_500));
    }

    #[test]
    fn ids_sort_by_when_they_were_made() {
        let world = simulated(1);
        let ids: Vec<_> = (0..1_000)
            .map(|number: i64| {
                world.pass(TimeDelta::microseconds(number % 3));
                world.id()
            })
            .collect();
        assert!(ids.is_sorted() && ids.first() != ids.last());
    }
}
