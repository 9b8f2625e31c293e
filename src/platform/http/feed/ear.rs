//! The ear of a watcher. Who waits for the next step of a feed and has all before it is told it beside the HTTP library; everybody else is
//! rung, and looks by himself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::web::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::platform::http::wire::{Outlet, Written};

/// The ear of a watcher.
pub struct Ear {
    rung: Notify,
    outlet: Option<Arc<Outlet>>,
    rest: Mutex<Option<Rest>>,
}

/// How far a watcher is who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Number of the last event he was told.
    pub after: i64,
    /// At how many steps of the feed that was.
    pub joined: u64,
    /// Until when it is known that he may watch; nothing where he always may.
    pub may_until: Option<Instant>,
    /// When he was last told something meanwhile.
    pub told_at: Option<Instant>,
}

/// A step as it is told to many.
pub struct Said {
    /// Number of the event before it.
    pub after: i64,
    /// Number of its last event.
    pub seq: i64,
    /// Its own number among the steps of the feed.
    pub number: u64,
    /// The text, as a chunk of an answer.
    pub chunk: Bytes,
}

impl Ear {
    /// Of somebody whose connection goes out here, where it is known.
    pub fn new(outlet: Option<Arc<Outlet>>) -> Self {
        Self { rung: Notify::new(), outlet, rest: Mutex::new(None) }
    }

    /// There may be something to look at.
    pub fn ring(&self) {
        self.rung.notify_one();
    }

    /// Ends when it was rung, also before.
    pub async fn rung(&self) {
        self.rung.notified().await;
    }

    /// He waits, and may be told what follows.
    pub fn rest(&self, at: Rest) {
        *self.at() = self.outlet.as_ref().map(|_| at);
    }

    /// He waits no more; how far he is, if he did.
    pub fn wake(&self) -> Option<Rest> {
        self.at().take()
    }

    /// Tells a step where he waits for just that, or rings.
    pub fn tell(&self, said: &Said) {
        if self.heard(said) != Written::Wholly {
            self.ring();
        }
    }

    fn heard(&self, said: &Said) -> Written {
        let mut at = self.at();
        let (Some(rest), Some(outlet)) = (at.as_mut(), &self.outlet) else { return Written::NotNow };
        let now = Instant::now();
        if rest.after != said.after || rest.may_until.is_some_and(|until| until <= now) {
            return Written::NotNow;
        }
        let written = outlet.write(&said.chunk);
        if written != Written::NotNow {
            *rest = Rest { after: said.seq, joined: said.number, told_at: Some(now), ..*rest };
        }
        written
    }

    fn at(&self) -> MutexGuard<'_, Option<Rest>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::platform::http::wire::tests::narrow;

    fn said(after: i64, text: &'static str) -> Said {
        Said { after, seq: after + 2, number: 5, chunk: Bytes::from_static(text.as_bytes()) }
    }

    const AT: Rest = Rest { after: 7, joined: 4, may_until: None, told_at: None };

    #[tokio::test]
    async fn who_waits_for_a_step_is_told_it_and_is_not_rung() {
        let (wire, mut client) = narrow().await;
        let ear = Ear::new(Some(wire.outlet().clone()));
        ear.rest(AT);
        ear.tell(&said(7, "one"));
        ear.tell(&said(9, "two"));
        let mut heard = [0; 6];
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"onetwo");
        assert!(ear.rung().now_or_never().is_none());
        let rest = ear.wake().unwrap();
        assert_eq!((rest.after, rest.joined, rest.told_at.is_some()), (11, 5, true));
        assert_eq!(ear.wake(), None);
    }

    #[tokio::test]
    async fn everybody_else_is_rung_and_told_nothing() {
        let behind = Rest { after: 6, ..AT };
        let no_more = Rest { may_until: Some(Instant::now()), ..AT };
        for (who, at, is_awake) in [("is behind", behind, false), ("may no more", no_more, false), ("is awake", AT, true)] {
            let (mut wire, mut client) = narrow().await;
            let ear = Ear::new(Some(wire.outlet().clone()));
            ear.rest(at);
            if is_awake {
                ear.wake();
            }
            ear.tell(&said(7, "one"));
            assert!(ear.rung().now_or_never().is_some(), "{who}");
            wire.write_all(b"library").await.unwrap();
            let mut heard = [0; 7];
            client.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, b"library", "{who}");
        }
        let without = Ear::new(None);
        without.rest(AT);
        assert_eq!(without.wake(), None, "nobody can be told beside whose way out is not known");
    }

    #[tokio::test]
    async fn who_takes_nothing_is_rung_and_stays_where_he_is() {
        let (wire, _client) = narrow().await;
        let ear = Ear::new(Some(wire.outlet().clone()));
        ear.rest(AT);
        wire.outlet().claim();
        ear.tell(&said(7, "one"));
        assert!(ear.rung().now_or_never().is_some());
        assert_eq!(ear.wake(), Some(AT));
    }

    #[tokio::test]
    async fn who_is_allowed_for_a_while_is_told_meanwhile() {
        let (wire, mut client) = narrow().await;
        let ear = Ear::new(Some(wire.outlet().clone()));
        ear.rest(Rest { may_until: Some(Instant::now() + Duration::from_mins(1)), ..AT });
        ear.tell(&said(7, "one"));
        let mut heard = [0; 3];
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"one");
    }
}
