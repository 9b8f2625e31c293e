//! Who is told that a lot changed: the feeds of this server at once, other servers by notification.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entity::ids::LotId;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::feed::{self, Feed, Seat};
use crate::house::House;
use crate::platform::http::feed::Ear;
use crate::platform::problem::{Code, Problem};

const CHANNEL: &str = "zhepai_lot";

/// How soon other servers are told of what changed again.
const TOLD_AGAIN: Duration = Duration::from_millis(20);

/// The feeds of lots that somebody watches here, and the places to watch anything from.
pub struct Hub {
    feeds: Mutex<HashMap<LotId, Arc<Feed>>>,
    places: Arc<Semaphore>,
    /// What other servers have not been told of.
    untold: Mutex<HashSet<LotId>>,
    untold_rung: Notify,
}

impl Hub {
    /// For at most so many watchers.
    pub fn new(limit: usize) -> Self {
        Self { feeds: Mutex::default(), places: Arc::new(Semaphore::new(limit)), untold: Mutex::default(), untold_rung: Notify::new() }
    }

    /// A place to watch something from, or busy.
    pub fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.places.clone().try_acquire_owned().map_err(|_| Problem::from(Code::Busy))
    }

    /// A seat at the feed of each of these lots. A feed begins with its first watcher.
    pub fn watch(&self, house: &House, watched: &[LotId], ear: &Arc<Ear>) -> Vec<Seat> {
        let mut feeds = self.feeds();
        let seats = watched.iter().map(|lot| {
            if let Some(feed) = feeds.get(lot) {
                return Seat::take(house, feed, ear.clone());
            }
            let feed = Arc::new(Feed::new(*lot));
            let seat = Seat::take(house, &feed, ear.clone());
            feeds.insert(*lot, feed.clone());
            tokio::spawn(feed::conduct(house.clone(), feed));
            seat
        });
        seats.collect()
    }

    /// A lot changed.
    pub fn changed(&self, lot: LotId) {
        let mut feeds = self.feeds();
        let Some(feed) = feeds.get(&lot) else { return };
        if feed.is_over() {
            // Something happened after its end: who comes now is told it by a feed of his own.
            feeds.remove(&lot);
        } else {
            feed.stir();
        }
    }

    /// Other servers are told soon that lots changed.
    pub fn tell_others_of(&self, lots: Vec<LotId>) {
        if !lots.is_empty() {
            self.untold().extend(lots);
            self.untold_rung.notify_one();
        }
    }

    fn untold(&self) -> MutexGuard<'_, HashSet<LotId>> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Any lot may have changed.
    fn all_changed(&self) {
        self.feeds().values().for_each(|feed| feed.stir());
    }

    /// Lets a feed go that nobody watches; whether nobody does.
    pub fn leave(&self, feed: &Arc<Feed>) -> bool {
        let mut feeds = self.feeds();
        let is_idle = feed.is_idle();
        if is_idle {
            remove(&mut feeds, feed);
        }
        is_idle
    }

    /// Lets a feed go, whoever watches it.
    pub fn forget(&self, feed: &Arc<Feed>) {
        remove(&mut self.feeds(), feed);
    }

    fn feeds(&self) -> MutexGuard<'_, HashMap<LotId, Arc<Feed>>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Another may have taken its place.
fn remove(feeds: &mut HashMap<LotId, Arc<Feed>>, feed: &Arc<Feed>) {
    if feeds.get(&feed.lot()).is_some_and(|found| Arc::ptr_eq(found, feed)) {
        feeds.remove(&feed.lot());
    }
}

/// Tells the other servers, until the house closes; after commits and outside them, for notifications inside serialise them.
pub async fn tell_others(house: House) {
    if house.db.is_sqlite() {
        return;
    }
    loop {
        tokio::select! {
            () = house.stop.cancelled() => return,
            () = house.live.untold_rung.notified() => {}
        }
        let lots: Vec<String> = house.live.untold().drain().map(|lot| lot.to_string()).collect();
        let said = Statement::from_sql_and_values(
            DatabaseBackend::Postgres,
            "SELECT pg_notify($1, told) FROM unnest(CAST($2 AS text[])) AS told",
            [CHANNEL.into(), format!("{{{}}}", lots.join(",")).into()],
        );
        if let Err(error) = house.db.read().query_all_raw(said).await {
            // Watchers elsewhere find it at their next look.
            tracing::debug!(%error, "a notification was not sent");
        }
        tokio::time::sleep(TOLD_AGAIN).await;
    }
}

/// Hears what other servers tell, until the house closes.
pub async fn listen(house: House) {
    if house.db.is_sqlite() {
        return;
    }
    while !house.stop.is_cancelled() {
        tokio::select! {
            () = house.stop.cancelled() => return,
            heard = hear(&house) => {
                if let Err(error) = heard {
                    tracing::warn!(%error, "listening broke off");
                }
                house.live.all_changed();
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

async fn hear(house: &House) -> Result<(), sea_orm::SqlxError> {
    let mut listener = PgListener::connect(&house.config.database).await?;
    listener.listen(CHANNEL).await?;
    house.live.all_changed();
    loop {
        let said = listener.recv().await?;
        if let Ok(lot) = said.payload().parse() {
            house.live.changed(lot);
        }
    }
}
