//! A gate with so many places. Whoever comes while all are taken waits a moment; while more come than can be served he
//! waits hardly at all before he is sent away, so that waiting never becomes the rule and those who are let in are served
//! as fast as ever (the controlled delay of CoDel, as servers use it against overload: "Fail at Scale", ACM Queue 13(8), 2015).

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::platform::problem::{Code, Problem};

/// How long whoever came with a burst may wait until it has passed.
const BURST: Duration = Duration::from_millis(50);
/// How long one may wait while more come than can be served.
const CROWD: Duration = Duration::from_millis(5);
/// All.
const WHOLE: u32 = 1 << 16;
/// How much of what can be served at all may be asked for before it is too much, in hundredths.
const FULL: u32 = 97;
/// Over about so many of those who came last the shares are taken: some tenths of a second, so that a stall is no crowd.
const LATELY: u32 = 64;

/// The gate.
pub struct Gate {
    places: Arc<Semaphore>,
    all: usize,
    /// The share of the places that those who came lately found taken.
    taken: Share,
    /// The share of those who came lately that got a place.
    served: Share,
}

impl Gate {
    /// With so many places; none where there is no limit.
    pub fn new(places: usize) -> Option<Self> {
        (places > 0).then(|| Self {
            places: Arc::new(Semaphore::new(places)),
            all: places,
            taken: Share::new(0),
            served: Share::new(WHOLE),
        })
    }

    /// A place, given back when it is dropped.
    pub async fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.taken.note(part(self.all.saturating_sub(self.places.available_permits()), self.all));
        let place = match self.places.clone().try_acquire_owned() {
            Ok(place) => Some(place),
            Err(_) => self.wait().await,
        };
        self.served.note(if place.is_some() { WHOLE } else { 0 });
        place.ok_or_else(|| Code::Busy.into())
    }

    async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        timeout(self.patience(), self.places.clone().acquire_owned()).await.ok()?.ok()
    }

    /// How long whoever comes now waits at most.
    fn patience(&self) -> Duration {
        if is_too_much(self.taken.lately(), self.served.lately()) { CROWD } else { BURST }
    }
}

/// Whether more is asked for than can be served. Had all got a place who came, so many times more places would have been
/// taken as there came more than got one: that tells a crowd by itself, whether or not those sent away had waited.
fn is_too_much(taken: u32, served: u32) -> bool {
    u64::from(taken) * 100 > u64::from(served) * u64::from(FULL)
}

/// Of so many the part that counts `some`, in fractions of the whole.
fn part(some: usize, all: usize) -> u32 {
    u32::try_from(WHOLE as usize * some / all.max(1)).unwrap_or(WHOLE).min(WHOLE)
}

/// A share among those who came lately.
struct Share(AtomicU32);

impl Share {
    fn new(whole_or_part: u32) -> Self {
        Self(AtomicU32::new(whole_or_part))
    }

    fn lately(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// One more came. Of two at once one may go uncounted; it is a share.
    fn note(&self, new: u32) {
        self.0.store(moved(self.lately(), new), Ordering::Relaxed);
    }
}

/// A share after one more came.
fn moved(share: u32, new: u32) -> u32 {
    if new > share { share + (new - share) / LATELY } else { share - (share - new) / LATELY }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_waits_until_there_is_a_place() {
        let gate = Gate::new(1).unwrap();
        let place = gate.enter().await.unwrap();
        let leaves = async {
            tokio::task::yield_now().await;
            drop(place);
        };
        let (entered, ()) = tokio::join!(gate.enter(), leaves);
        assert!(entered.is_ok());
    }

    #[tokio::test]
    async fn in_a_crowd_one_waits_hardly_at_all_until_fewer_come_again() {
        let gate = Gate::new(1).unwrap();
        let place = gate.enter().await.unwrap();
        let mut turned_away = 0;
        while gate.patience() == BURST {
            assert_eq!(gate.enter().await.unwrap_err().code, Code::Busy);
            turned_away += 1;
        }
        assert!((40..50).contains(&turned_away), "{turned_away}");
        assert_eq!(gate.patience(), CROWD);
        drop(place);
        for _ in 0..48 {
            drop(gate.enter().await.unwrap());
        }
        assert_eq!(gate.patience(), BURST);
    }

    /// Two come for each one that can be served, and none of them waits: half are sent away, and still it is a crowd.
    #[test]
    fn a_crowd_is_told_whether_or_not_anybody_waits() {
        assert!(is_too_much(WHOLE * 8 / 10, WHOLE / 2));
        assert!(is_too_much(WHOLE, WHOLE));
        assert!(!is_too_much(WHOLE * 9 / 10, WHOLE));
        assert!(!is_too_much(WHOLE * 5 / 10, WHOLE * 8 / 10));
    }

    #[test]
    fn a_share_is_never_more_than_the_whole() {
        let (mut all, mut none) = (0, WHOLE);
        for _ in 0..10_000 {
            (all, none) = (moved(all, WHOLE), moved(none, 0));
        }
        assert!(all <= WHOLE && is_too_much(all, WHOLE) && !is_too_much(none, WHOLE));
        assert_eq!((part(3, 3), part(0, 3), part(4, 3)), (WHOLE, 0, WHOLE));
    }
}
