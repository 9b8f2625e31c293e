//! How lots stood after this server's last bids for them: of a lot for which nobody has written anything since, it is enough to hold it and
//! read where its log ends.
//!
//! Whatever changes a lot writes into its log, each entry of which is chained to all before. So a lot whose log ends where it is remembered
//! to stands as it is remembered to; one whose log does not is read again.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use entity::auctions::lot;
use entity::ids::LotId;
use sea_orm::{ConnectionTrait, DbErr};

use crate::auctions::store::{self, Head};

/// How many lots are remembered.
const MOST: usize = 20_000;

/// For how long a lot is not remembered that another server has written for: to find that out takes a question more than to read it.
const SHARED: Duration = Duration::from_secs(10);

/// What is remembered. Whoever serves the floor takes it, and puts back what he has stored.
#[derive(Default)]
pub struct Lots(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    lots: HashMap<LotId, lot::Model>,
    /// Since when another server is known to write for them.
    shared: HashMap<LotId, Instant>,
}

impl Lots {
    /// Holds lots that nobody else holds, as bids need them.
    pub(super) async fn hold(&self, db: &impl ConnectionTrait, ids: &[LotId]) -> Result<Vec<lot::Model>, DbErr> {
        match self.take(ids) {
            Some(remembered) => self.held(db, ids, remembered).await,
            None => store::hold_free_to_bid(db, ids).await,
        }
    }

    async fn held(
        &self,
        db: &impl ConnectionTrait,
        ids: &[LotId],
        mut remembered: HashMap<LotId, lot::Model>,
    ) -> Result<Vec<lot::Model>, DbErr> {
        let heads = store::hold_free_heads(db, ids).await?;
        let mut lots: Vec<_> = heads.iter().filter_map(|head| remembered.remove(&head.id).filter(|lot| head.is_of(lot))).collect();
        if lots.len() < heads.len() {
            let known: HashSet<LotId> = lots.iter().map(|lot| lot.id).collect();
            let overtaken: Vec<LotId> = heads.iter().map(|head| head.id).filter(|id| !known.contains(id)).collect();
            self.note_shared(&overtaken);
            lots.extend(store::lots_to_bid(db, &overtaken).await?);
        }
        Ok(lots)
    }

    /// How lots are remembered, all of these or none. They are remembered no more.
    fn take(&self, ids: &[LotId]) -> Option<HashMap<LotId, lot::Model>> {
        let mut memory = self.memory();
        let are_known = ids.iter().all(|id| memory.lots.contains_key(id));
        are_known.then(|| ids.iter().filter_map(|id| memory.lots.remove_entry(id)).collect())
    }

    fn note_shared(&self, ids: &[LotId]) {
        let now = Instant::now();
        let mut memory = self.memory();
        memory.shared.retain(|_, since| now.duration_since(*since) < SHARED);
        memory.shared.extend(ids.iter().map(|id| (*id, now)));
    }

    /// Remembers how lots stand that have been stored for good.
    pub(super) fn keep(&self, lots: Vec<lot::Model>) {
        let mut memory = self.memory();
        if memory.lots.len() > MOST {
            memory.lots.clear();
        }
        for lot in lots {
            if memory.shared.get(&lot.id).is_none_or(|since| since.elapsed() >= SHARED) {
                memory.lots.insert(lot.id, lot);
            } else {
                memory.lots.remove(&lot.id);
            }
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Head {
    /// Whether the log of a lot ends here.
    fn is_of(&self, lot: &lot::Model) -> bool {
        self.seq == lot.seq && self.head_hash == lot.head_hash
    }
}
