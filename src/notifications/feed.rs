//! The feed of the market at this server: one task reads the outbox for all who watch, and renders once what everybody may know.
//! It reads what has a position, so it tells every event once and in the order in which they were committed, as every other server does.

mod told;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use told::Told;
pub use told::{Frame, Heard, Step};

use super::rules::Wanted;
use super::store;
use crate::house::House;
use crate::platform::outbox;
use crate::platform::problem::Problem;

/// Most events that are told at once: a fourth of what a watcher may be behind, so that whoever reads on is never cut.
const PORTION: u64 = 64;
/// Least time between two portions.
const REST: Duration = Duration::from_millis(50);
/// How often it is looked for what another server gave a position. On SQLite there is none.
const LOOK: Duration = Duration::from_millis(250);
/// How often a feed without news lets go of what it keeps.
const TIDY: Duration = Duration::from_secs(2);
/// How long it waits where the database gives no answer.
const AGAIN: Duration = Duration::from_millis(500);
/// Most events of a page that is read for somebody who comes back.
const PAGE: u64 = 256;
/// How many positions such a page looks at: most of an import is told to nobody.
const REACH: i64 = 8_192;
/// How old a page may be that is told to somebody who comes to the same place: it says what time it is.
const FRESH: Duration = Duration::from_secs(1);

/// What the outbox has for everybody after a position.
#[derive(Clone)]
pub struct Page {
    after: i64,
    /// Up to which position.
    pub up_to: i64,
    /// All that is public up to there.
    pub frames: Arc<[Frame]>,
}

/// The feed of the market.
pub struct Feed {
    /// Rung when events were given positions here, and when somebody begins to watch.
    stirred: Notify,
    /// Rung when there is something to tell.
    news: watch::Sender<()>,
    told: Mutex<Told>,
    /// What was last read for those who come back.
    page: tokio::sync::Mutex<Option<(Page, Instant)>>,
    /// Up to where the last public event was looked for, and which it was.
    open: tokio::sync::Mutex<(i64, i64)>,
    watchers: AtomicUsize,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            stirred: Notify::new(),
            news: watch::Sender::new(()),
            told: Mutex::default(),
            page: tokio::sync::Mutex::default(),
            open: tokio::sync::Mutex::default(),
            watchers: AtomicUsize::new(0),
        }
    }
}

impl Feed {
    /// Events may have been given positions.
    pub fn stir(&self) {
        self.stirred.notify_one();
    }

    /// Tells when there is news.
    pub fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// What comes next for somebody who was told so far.
    pub fn next(&self, heard: Heard, wanted: &Wanted) -> Step {
        self.told().next(heard, wanted)
    }

    /// A page of what somebody has not been told, and no more than the feed has; nothing where it has not looked yet. Those who come back
    /// to the same place share it, and they are served one after another, so that many cost the database no more at a time than one.
    pub async fn page(&self, house: &House, after: i64) -> Result<Option<Page>, Problem> {
        let mut kept = self.page.lock().await;
        let up_to = self.told().up_to();
        let Some(up_to) = up_to else { return Ok(None) };
        if let Some((page, since)) = kept.as_ref()
            && page.after == after
            && since.elapsed() < FRESH
        {
            return Ok(Some(page.clone()));
        }
        let (frames, up_to) = read(house, after, up_to.min(after.saturating_add(REACH)), PAGE).await?;
        let page = Page { after, up_to, frames: frames.into() };
        *kept = Some((page.clone(), Instant::now()));
        Ok(Some(page))
    }

    /// The position of the last event up to another that is public; 0 where there is none. Looked for from where it was last known, for
    /// most of a large import is public to nobody.
    pub async fn last_open(&self, house: &House, up_to: i64) -> Result<i64, Problem> {
        let mut known = self.open.lock().await;
        let (looked, last) = *known;
        if up_to < looked {
            return Ok(last.min(up_to));
        }
        let last = store::last_open(house.db.read(), looked, up_to).await?.unwrap_or(last);
        *known = (up_to, last);
        Ok(last)
    }

    fn is_idle(&self) -> bool {
        self.watchers.load(Ordering::Acquire) == 0
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the outbox; whether something was found.
    async fn look(&self, house: &House) -> Result<bool, Problem> {
        // The last position first: what is before it was committed with it or earlier.
        let last = outbox::last_position(house.db.read()).await?;
        let known = self.told().up_to();
        let Some(known) = known else {
            self.told().begin(last);
            self.news.send_replace(());
            return Ok(false);
        };
        let (frames, up_to) = if last > known { read(house, known, last, PORTION).await? } else { (Vec::new(), known) };
        let is_new = !frames.is_empty();
        let mut told = self.told();
        told.tell(frames, up_to, Instant::now());
        told.tidy(Instant::now());
        drop(told);
        if is_new {
            self.news.send_replace(());
        }
        Ok(up_to > known)
    }
}

/// So many events that everybody may know of after a position and up to another, and up to where these are all.
async fn read(house: &House, after: i64, up_to: i64, most: u64) -> Result<(Vec<Frame>, i64), Problem> {
    let rows = store::open_between(house.db.read(), after, up_to, most).await?;
    let is_all = (rows.len() as u64) < most;
    let reached = rows.last().and_then(|row| row.position).filter(|_| !is_all).unwrap_or(up_to);
    let now = house.world.now();
    Ok((rows.iter().filter_map(|row| Frame::of(row, now)).collect(), reached))
}

/// A place at the feed, given back when it is dropped.
pub struct Seat(House);

impl Seat {
    /// One more.
    pub fn take(house: &House) -> Self {
        house.market.watchers.fetch_add(1, Ordering::AcqRel);
        house.market.stir();
        Self(house.clone())
    }

    /// The feed.
    pub fn feed(&self) -> &Feed {
        &self.0.market
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.market.watchers.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Tells the feed while somebody watches, until the house closes: the first news at once, then a portion at a time.
pub async fn run(house: House) {
    let feed = &house.market;
    let patience = if house.db.is_sqlite() { TIDY } else { LOOK };
    let mut not_before = Instant::now();
    loop {
        tokio::select! {
            () = house.stop.cancelled() => return,
            () = tokio::time::sleep_until(not_before) => {}
        }
        if feed.is_idle() {
            feed.told().forget();
            *feed.page.lock().await = None;
        } else {
            match feed.look(&house).await {
                Ok(false) => {}
                Ok(true) => {
                    not_before = Instant::now() + REST;
                    feed.stir();
                }
                Err(problem) => {
                    tracing::warn!(%problem, "the outbox cannot be looked at for those who watch the market");
                    not_before = Instant::now() + AGAIN;
                    feed.stir();
                }
            }
        }
        tokio::select! {
            () = house.stop.cancelled() => return,
            () = feed.stirred.notified() => {}
            () = tokio::time::sleep(patience), if !feed.is_idle() => {}
        }
    }
}
