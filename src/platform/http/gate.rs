//! A gate with so many places. Whoever comes while all are taken waits a moment; while hardly anybody finds a place
//! free, and until again some do, he waits hardly at all before he is sent away, so that waiting never becomes the rule
//! and those who are let in are served as fast as ever (the controlled delay of CoDel, as servers use it against overload: "Fail at Scale",
//! ACM Queue 13(8), 2015).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::platform::problem::{Code, Problem};

/// How long whoever came with a burst may wait until it has passed.
const BURST: Duration = Duration::from_millis(200);
/// How long one may wait while there is a crowd.
const CROWD: Duration = Duration::from_millis(5);
/// All.
const WHOLE: u32 = 1 << 16;
/// A crowd begins when less than this share of those who came lately found a place free.
const CROWDED_BELOW: u32 = WHOLE / 10;
/// It is over when more than this share did: where it began and ended at one share it would do both all the time, and
/// who came in between would wait long.
const OVER_ABOVE: u32 = WHOLE / 4;
/// Over about so many of those who came last the share is taken: some tenths of a second, so that a stall is no crowd.
const LATELY: u32 = 128;

/// The gate.
pub struct Gate {
    places: Arc<Semaphore>,
    /// The share of those who came lately that found a place free.
    free: AtomicU32,
    /// Whether there is a crowd.
    crowded: AtomicBool,
}

impl Gate {
    /// With so many places; none where there is no limit.
    pub fn new(places: usize) -> Option<Self> {
        (places > 0).then(|| Self {
            places: Arc::new(Semaphore::new(places)),
            free: AtomicU32::new(WHOLE),
            crowded: AtomicBool::new(false),
        })
    }

    /// A place, given back when it is dropped.
    pub async fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = self.places.clone().try_acquire_owned().ok();
        // Of two at once one may go uncounted; it is a share.
        let free = share(self.free.load(Ordering::Relaxed), place.is_some());
        self.free.store(free, Ordering::Relaxed);
        let crowded = is_crowded(free, self.crowded.load(Ordering::Relaxed));
        self.crowded.store(crowded, Ordering::Relaxed);
        if let Some(place) = place {
            return Ok(place);
        }
        match timeout(if crowded { CROWD } else { BURST }, self.places.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Code::Busy.into()),
        }
    }
}

/// The share after one more came.
fn share(free: u32, found_free: bool) -> u32 {
    if found_free { free + (WHOLE - free) / LATELY } else { free - free / LATELY }
}

/// Whether there is a crowd, by the share and whether there was one.
fn is_crowded(free: u32, was: bool) -> bool {
    free < if was { OVER_ABOVE } else { CROWDED_BELOW }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn a_burst_waits_until_there_is_a_place() {
        let gate = Gate::new(1).unwrap();
        let place = gate.enter().await.unwrap();
        let begun = Instant::now();
        let leaves = async {
            tokio::time::sleep(MS * 150).await;
            drop(place);
        };
        let (entered, ()) = tokio::join!(gate.enter(), leaves);
        assert!(entered.is_ok());
        assert_eq!(begun.elapsed(), MS * 150);
    }

    #[tokio::test(start_paused = true)]
    async fn in_a_crowd_one_waits_hardly_at_all_until_places_are_free_again() {
        let gate = Gate::new(1).unwrap();
        let place = gate.enter().await.unwrap();
        let waited = async || {
            let begun = Instant::now();
            assert_eq!(gate.enter().await.unwrap_err().code, Code::Busy);
            begun.elapsed()
        };
        assert_eq!(waited().await, BURST);
        let mut turned_away = 1;
        while waited().await == BURST {
            turned_away += 1;
        }
        assert!((270..320).contains(&turned_away), "{turned_away}");
        drop(place);
        for _ in 0..48 {
            drop(gate.enter().await.unwrap());
        }
        let _place = gate.enter().await.unwrap();
        assert_eq!(waited().await, BURST);
    }

    #[test]
    fn a_crowd_ends_later_than_it_begins() {
        let between = u32::midpoint(CROWDED_BELOW, OVER_ABOVE);
        assert!(is_crowded(between, true) && !is_crowded(between, false));
    }

    #[test]
    fn a_share_is_never_more_than_the_whole() {
        let (mut all, mut none) = (0, WHOLE);
        for _ in 0..10_000 {
            (all, none) = (share(all, true), share(none, false));
        }
        assert!(all <= WHOLE && !is_crowded(all, true) && is_crowded(none, false));
    }
}
