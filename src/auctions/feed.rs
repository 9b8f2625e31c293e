//! The feed of one lot at this server: one task reads its log for all who watch, renders once what is new, and tells it in steps.
//! It takes no part in bids: it looks at what is committed, once for each step however many watch, and ends when nobody does.

mod told;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entity::Timestamp;
use entity::auctions::{LotState, lot};
use entity::ids::LotId;
use entity::kept::Kept;
use sea_orm::JsonValue;
use tokio::sync::Notify;
use tokio::time::Instant;

use told::{FRESH, Over, Told};
pub use told::{Frame, Step};

use super::rules::judge::least;
use super::store;
use super::views::LotEventView;
use super::views::live::{LotDelta, LotStanding};
use crate::house::House;
use crate::platform::http::feed::{Ear, Said};
use crate::platform::problem::Problem;

/// Most events that are told themselves at once.
const ENTRIES: u64 = 32;
/// By how many watchers the first to hear a step comes after the first to hear the one before; prime, so that it is everybody's turn.
const SHIFT: usize = 7_919;
/// How often other servers' changes are looked for even if no notification came. On SQLite there are no others.
const LOOK: Duration = Duration::from_secs(2);
/// How often a feed without news lets go of what it keeps.
const TIDY: Duration = Duration::from_secs(15);
/// How long it waits where the database gives no answer.
const AGAIN: Duration = Duration::from_millis(500);

/// Who hears a feed, in the order in which they came.
#[derive(Default)]
struct Ears {
    last: u64,
    all: BTreeMap<u64, Arc<Ear>>,
}

/// The feed of a lot.
pub struct Feed {
    lot: LotId,
    /// Rung when the lot may have changed, and when the last watcher leaves.
    stirred: Notify,
    told: Mutex<Told>,
    /// What was last rendered for those who come back.
    caught_up: tokio::sync::Mutex<Option<(Frame, Instant)>>,
    ears: Mutex<Ears>,
    /// Beside `told`, since whoever commits asks it, and waits for no watcher.
    over: AtomicBool,
}

impl Feed {
    /// Of a lot, before anything is known of it.
    pub fn new(lot: LotId) -> Self {
        Self {
            lot,
            stirred: Notify::new(),
            told: Mutex::default(),
            caught_up: tokio::sync::Mutex::default(),
            ears: Mutex::default(),
            over: AtomicBool::new(false),
        }
    }

    /// Of which lot.
    pub fn lot(&self) -> LotId {
        self.lot
    }

    /// The lot may have changed.
    pub fn stir(&self) {
        self.stirred.notify_one();
    }

    /// Whether nobody watches.
    pub fn is_idle(&self) -> bool {
        self.ears().all.is_empty()
    }

    /// Whether all was told, or the feed broke off.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// What comes next for somebody who knows the log up to a number; and who, if he has been told something by this feed, was then at
    /// so many steps.
    pub fn next(&self, after: i64, joined: Option<u64>) -> Step {
        self.told().next(after, joined)
    }

    /// All that somebody has not been told, in one step to where the feed is; and the number of that step. Those who come back to the
    /// same place share it, and they are served one after another, so that many cost the database no more at a time than one.
    pub async fn catch_up(&self, house: &House, after: i64) -> Result<Option<(Frame, u64)>, Problem> {
        let mut kept = self.caught_up.lock().await;
        let Some((head, count)) = self.told().head() else { return Ok(None) };
        let is_good = |(frame, since): &&(Frame, Instant)| frame.joins(after, head.seq) && since.elapsed() < FRESH;
        if let Some((frame, _)) = kept.as_ref().filter(is_good) {
            return Ok(Some((frame.clone(), count)));
        }
        let frame = rendered(house, &head, after).await?;
        *kept = Some((frame.clone(), Instant::now()));
        Ok(Some((frame, count)))
    }

    fn ears(&self) -> MutexGuard<'_, Ears> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rung and told when nothing is held: whoever comes or commits waits for no watcher.
    fn listening(&self) -> Vec<Arc<Ear>> {
        self.ears().all.values().cloned().collect()
    }

    fn ring(&self) {
        self.listening().iter().for_each(|ear| ear.ring());
    }

    /// Tells a step to all. Whoever was the first to hear the last one is not the first to hear this one.
    fn spread(&self, said: &Said) {
        let mut ears = self.listening();
        let shift = usize::try_from(said.number).unwrap_or_default().wrapping_mul(SHIFT);
        let begin = shift.checked_rem(ears.len()).unwrap_or_default();
        ears.rotate_left(begin);
        for ear in &ears {
            ear.tell(said);
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing more is told; whether that is new.
    fn end(&self, why: Over) -> bool {
        let is_new = self.told().end(why);
        self.over.store(true, Ordering::Release);
        self.ring();
        is_new
    }

    /// Keeps a step, or where the lot stands at first, and lets go of what is old.
    fn keep(&self, row: lot::Model, frame: Option<Frame>, is_first: bool) -> Option<Said> {
        let (mut told, now) = (self.told(), Instant::now());
        let mut said = None;
        if frame.is_some() || is_first {
            // As long as somebody watches it is kept; what no state is made of is not.
            let head = lot::Model { rules: Kept::default(), facts: Kept::default(), barred_persons: JsonValue::Null, ..row };
            said = told.tell(Arc::new(head), frame, now);
        }
        told.tidy(now);
        said
    }

    /// Looks at the log; whether something was told.
    async fn look(self: &Arc<Self>, house: &House) -> Result<bool, Problem> {
        // The row first: what the log has beyond it is told the next time.
        let Some(row) = store::lot(house.db.read(), self.lot).await? else {
            self.end(Over::Ended);
            return Ok(false);
        };
        let known = self.told().head().map(|(head, _)| head.seq);
        let ended = matches!(row.state, LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted);
        let frame = match known {
            Some(seq) if row.seq > seq => Some(rendered(house, &row, seq).await?),
            _ => None,
        };
        let (is_new, is_first) = (frame.is_some(), known.is_none());
        let said = self.keep(row, frame, is_first);
        if let Some(said) = said {
            // Of many, long enough to be in the way of others.
            let feed = self.clone();
            if let Err(error) = tokio::task::spawn_blocking(move || feed.spread(&said)).await {
                tracing::error!(%error, lot = %self.lot, "a step was not told to all who wait for it: they look for it themselves");
                self.ring();
            }
        } else if is_first {
            self.ring();
        }
        if ended {
            self.end(Over::Ended);
        }
        Ok(is_new)
    }
}

/// A place at a feed, given back when it is dropped.
pub struct Seat {
    house: House,
    feed: Arc<Feed>,
    number: u64,
}

impl Seat {
    /// Taken while the hub is held, so that the feed does not end meanwhile.
    pub fn take(house: &House, feed: &Arc<Feed>, ear: Arc<Ear>) -> Self {
        let mut ears = feed.ears();
        ears.last += 1;
        let number = ears.last;
        ears.all.insert(number, ear);
        Self { house: house.clone(), feed: feed.clone(), number }
    }

    /// The feed.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let (left, is_idle) = {
            let mut ears = self.feed.ears();
            (ears.all.remove(&self.number), ears.all.is_empty())
        };
        // Whoever is being told a step is told it before he is gone.
        if let Some(ear) = left {
            ear.wake();
        }
        if is_idle {
            self.house.live.leave(&self.feed);
            self.feed.stir();
        }
    }
}

/// What a task leaves behind however it ends: whoever still watches is not left waiting.
struct Conducted {
    house: House,
    feed: Arc<Feed>,
}

impl Drop for Conducted {
    fn drop(&mut self) {
        metrics::gauge!("zhepai_watched_lots").decrement(1.0);
        if self.feed.end(Over::Broken) {
            self.house.live.forget(&self.feed);
        }
    }
}

/// Tells the feed of a lot: the first news at once, then at most once in the set time, until the lot has ended or nobody watches.
pub async fn conduct(house: House, feed: Arc<Feed>) {
    metrics::gauge!("zhepai_watched_lots").increment(1.0);
    let conducted = Conducted { house, feed };
    let (house, feed) = (&conducted.house, &conducted.feed);
    let every = Duration::from_millis(house.config.live_interval_ms);
    let patience = if house.db.is_sqlite() { TIDY } else { LOOK };
    let mut not_before = Instant::now();
    loop {
        tokio::time::sleep_until(not_before).await;
        let begun = Instant::now();
        match feed.look(house).await {
            Ok(is_new) => {
                if is_new {
                    not_before = begun + every;
                }
            }
            Err(problem) => {
                tracing::warn!(%problem, lot = %feed.lot, "a lot cannot be looked at for those who watch it");
                not_before = Instant::now() + AGAIN;
                feed.stir();
            }
        }
        if feed.is_over() || house.live.leave(feed) {
            return;
        }
        tokio::select! {
            () = house.stop.cancelled() => return,
            () = feed.stirred.notified() => {}
            () = tokio::time::sleep(patience) => {}
        }
    }
}

/// What a lot's log says after a number, up to where its row stands.
async fn rendered(house: &House, row: &lot::Model, after: i64) -> Result<Frame, Problem> {
    let events = store::events_after(house.db.read(), row.id, after, ENTRIES).await?;
    let entries: Vec<_> = events.into_iter().filter(|event| event.seq <= row.seq).map(|event| LotEventView::at(event, None)).collect();
    let now: Timestamp = house.world.now();
    let at = entries.first().map_or(now, |event| event.at);
    let state = LotStanding::of(row);
    let delta = LotDelta {
        lot_id: row.id,
        from_seq: after + 1,
        seq: row.seq,
        entries,
        state_hash: state.hash(),
        state,
        next_price: least(row, now),
        server_time: now,
    };
    Ok(Frame::of(&delta, at))
}
