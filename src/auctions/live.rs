//! Who is told that a lot changed: watchers of this server at once, other servers by notification.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use entity::ids::LotId;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::house::House;
use crate::platform::problem::{Code, Problem};

const CHANNEL: &str = "zhepai_lot";

/// Wakes the watchers of lots.
pub struct Hub {
    lots: Mutex<HashMap<LotId, watch::Sender<u64>>>,
    places: std::sync::Arc<Semaphore>,
}

impl Hub {
    /// For at most so many watchers.
    pub fn new(limit: usize) -> Self {
        Self { lots: Mutex::default(), places: std::sync::Arc::new(Semaphore::new(limit)) }
    }

    /// A place to watch lots from, with a signal for each, or busy.
    pub fn watch(&self, watched: &[LotId]) -> Result<(Vec<watch::Receiver<u64>>, OwnedSemaphorePermit), Problem> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Problem::from(Code::Busy))?;
        let mut lots = self.lots.lock().map_err(|_| Problem::from(Code::Internal))?;
        lots.retain(|_, sender| sender.receiver_count() > 0);
        let signals = watched.iter().map(|lot| lots.entry(*lot).or_insert_with(|| watch::channel(0).0).subscribe());
        Ok((signals.collect(), place))
    }

    /// A lot changed.
    pub fn changed(&self, lot: LotId) {
        if let Ok(lots) = self.lots.lock()
            && let Some(sender) = lots.get(&lot)
        {
            sender.send_modify(|count| *count += 1);
        }
    }

    /// Any lot may have changed.
    fn all_changed(&self) {
        if let Ok(lots) = self.lots.lock() {
            lots.values().for_each(|sender| sender.send_modify(|count| *count += 1));
        }
    }
}

/// Tells the other servers, after the commit and outside it: notifications inside serialise commits.
pub fn tell_others(house: House, lot: LotId) {
    tokio::spawn(async move {
        let said = Statement::from_sql_and_values(
            sea_orm::DatabaseBackend::Postgres,
            "SELECT pg_notify($1, $2)",
            [CHANNEL.into(), lot.to_string().into()],
        );
        if let Err(error) = house.db.read().query_one_raw(said).await {
            // Watchers elsewhere find it at their next look.
            tracing::debug!(%error, "a notification was not sent");
        }
    });
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
