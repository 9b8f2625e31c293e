//! A lot's log as server-sent events: the sequence is the id, so a watcher resumes without gap or double.

use std::collections::VecDeque;
use std::time::Duration;

use actix_web::web::Bytes;
use entity::auctions::{LotState, lot_event};
use entity::ids::LotId;
use futures_util::Stream;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::store;
use super::views::LotEventView;
use crate::house::House;
use crate::platform::problem::Problem;

/// How often a silent stream says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often other servers' changes are looked for even if no notification came. On SQLite there are no others.
const LOOK: Duration = Duration::from_secs(2);
const BATCH: u64 = 200;

struct Watcher {
    house: House,
    lot: LotId,
    after: i64,
    waiting: VecDeque<lot_event::Model>,
    signal: watch::Receiver<u64>,
    silent_since: tokio::time::Instant,
    ended: bool,
    _place: OwnedSemaphorePermit,
}

/// The events of a lot after a number, and all that follow, until it has ended.
pub fn events(house: House, lot: LotId, after: i64) -> Result<impl Stream<Item = Result<Bytes, Problem>>, Problem> {
    let (signal, place) = house.live.watch(lot)?;
    let watcher = Watcher {
        house,
        lot,
        after,
        waiting: VecDeque::new(),
        signal,
        silent_since: tokio::time::Instant::now(),
        ended: false,
        _place: place,
    };
    Ok(futures_util::stream::unfold(watcher, |mut watcher| async move {
        let chunk = watcher.next().await?;
        Some((chunk, watcher))
    }))
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                self.after = event.seq;
                self.silent_since = tokio::time::Instant::now();
                return Some(Ok(self.render(event)));
            }
            if self.ended {
                return None;
            }
            // Mark before looking, so that a change in between is not missed.
            self.signal.borrow_and_update();
            match store::events_after(self.house.db.read(), self.lot, self.after, BATCH).await {
                Ok(events) => self.waiting = events.into(),
                Err(error) => return Some(Err(error.into())),
            }
            if self.waiting.is_empty() {
                if self.has_ended().await {
                    self.ended = true;
                    continue;
                }
                if let Some(silence) = self.wait().await {
                    return silence;
                }
            }
        }
    }

    /// Whether the lot has ended and everything of it was said.
    async fn has_ended(&self) -> bool {
        let lot = store::lot(self.house.db.read(), self.lot).await.ok().flatten();
        lot.is_some_and(|lot| {
            matches!(lot.state, LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted) && lot.seq <= self.after
        })
    }

    /// Waits for a change. Returns a heartbeat when it is time for one, or the end when the house closes.
    async fn wait(&mut self) -> Option<Option<Result<Bytes, Problem>>> {
        let beat = self.silent_since + HEARTBEAT;
        tokio::select! {
            biased;
            () = self.house.stop.cancelled() => {
                // Spread the reconnections.
                let retry = 1000 + u64::from(self.house.world.random::<1>()[0]) * 35;
                self.ended = true;
                Some(Some(Ok(Bytes::from(format!("retry: {retry}\n\n")))))
            }
            changed = self.signal.changed() => {
                if changed.is_err() { self.ended = true; }
                None
            }
            () = tokio::time::sleep(if self.house.db.is_sqlite() { HEARTBEAT } else { LOOK }) => None,
            () = tokio::time::sleep_until(beat) => {
                self.silent_since = tokio::time::Instant::now();
                Some(Some(Ok(Bytes::from_static(b": still here\n\n"))))
            }
        }
    }

    fn render(&self, event: lot_event::Model) -> Bytes {
        let (seq, kind) = (event.seq, event.kind.code());
        let view = LotEventView::at(event, Some(self.house.world.now()));
        let data = serde_json::to_string(&view).unwrap_or_default();
        Bytes::from(format!("id: {seq}\nevent: {kind}\ndata: {data}\n\n"))
    }
}
