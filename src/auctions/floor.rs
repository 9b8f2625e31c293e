//! The floor: bids queue, and one committer of the server takes all that have queued, over all lots, into one transaction.
//!
//! While one batch commits the next gathers, so that the cost of a commit is shared by all who wait for it, and nobody waits for
//! others where nobody else bids.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::ids::LotId;
use tokio::sync::oneshot;

use super::flows::{Outcome, PlacedBid, place_together};
use crate::house::{Asked, House};
use crate::platform::access::Context;
use crate::platform::problem::{Code, Problem};

/// The most bids of one transaction: it holds their lots until it is committed.
const MOST_AT_ONCE: usize = 512;

/// How many batches the database may be too busy for, one after another, before the rest of them is not tried.
const MOST_BUSY: u32 = 3;

/// A bid that waits for its outcome.
struct Waiting {
    bid: Asked<PlacedBid>,
    answer: oneshot::Sender<Outcome>,
}

/// Where bids queue.
pub struct Floor {
    queue: Mutex<Queue>,
    most: usize,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    is_served: bool,
}

impl Floor {
    /// For at most so many bids that wait.
    pub fn new(most: usize) -> Self {
        Self { queue: Mutex::default(), most }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a bid in; whether nobody serves the queue yet.
    fn join(&self, waiting: Waiting) -> Result<bool, Problem> {
        let mut queue = self.queue();
        if queue.waiting.len() >= self.most {
            return Err(Code::Busy.into());
        }
        queue.waiting.push_back(waiting);
        Ok(!std::mem::replace(&mut queue.is_served, true))
    }

    /// All that wait, in the order in which they came, but of each idempotency key one: its twin is answered by its record. When
    /// nobody waits, the queue is served no more.
    fn take(&self) -> Vec<Waiting> {
        let mut queue = self.queue();
        let (mut taken, mut twins, mut keys) = (Vec::new(), VecDeque::new(), HashSet::new());
        while taken.len() < MOST_AT_ONCE
            && let Some(next) = queue.waiting.pop_front()
        {
            if is_first(&next.bid.by, &mut keys) { taken.push(next) } else { twins.push_back(next) }
        }
        twins.append(&mut queue.waiting);
        queue.waiting = twins;
        queue.is_served = !taken.is_empty();
        metrics::gauge!("zhepai_bids_waiting").set(as_figure(queue.waiting.len()));
        taken
    }

    /// Nobody serves the queue any more: lets all go who wait in it.
    fn abandon(&self) {
        let left = std::mem::take(&mut *self.queue());
        drop(left);
    }
}

fn as_figure(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// Whether no call before had the same key.
fn is_first(by: &Context, keys: &mut HashSet<(String, String)>) -> bool {
    by.idempotency.as_ref().is_none_or(|sent| keys.insert((by.principal(), sent.key.clone())))
}

/// Brings a bid to the floor; what became of it, once that is stored for good.
pub async fn enter(house: &House, by: &Context, bid: PlacedBid) -> Outcome {
    let by = Arc::new(by.clone());
    let (answer, told) = oneshot::channel();
    let waiting = Waiting { bid: Asked { by: by.clone(), input: bid }, answer };
    if house.floor.join(waiting)? {
        house.db.spawn(Committer { house: house.clone(), is_done: false }.serve());
    }
    match told.await {
        Ok(outcome) => outcome,
        // Nobody serves it any more; it may be stored all the same.
        Err(_) => match house.settled(&[by]).await.pop().flatten() {
            Some(done) => super::flows::told(house, done),
            None => Err(Code::Busy.into()),
        },
    }
}

/// Whoever serves the queue. Where he breaks off, those who wait are sent away, and the next who comes finds it unserved.
struct Committer {
    house: House,
    is_done: bool,
}

impl Drop for Committer {
    fn drop(&mut self) {
        if !self.is_done {
            tracing::error!("bids are not committed any more: whoever waits is sent away");
            self.house.floor.abandon();
        }
    }
}

impl Committer {
    /// Commits batch after batch until nobody waits.
    async fn serve(mut self) {
        loop {
            let batch = self.house.floor.take();
            if batch.is_empty() {
                self.is_done = true;
                return;
            }
            metrics::histogram!("zhepai_bids_at_once").record(as_figure(batch.len()));
            settle(&self.house, batch).await;
        }
    }
}

/// Commits a batch. One that fails as a whole is split and tried again, so that nobody is refused for another's sake.
async fn settle(house: &House, batch: Vec<Waiting>) {
    let (mut batches, mut busy) = (vec![batch], 0);
    while let Some(mut batch) = batches.pop() {
        batch.sort_by_key(|waiting| waiting.bid.by.arrived);
        let bids = batch.iter().map(|waiting| waiting.bid.clone()).collect();
        let problem = match place_together(house, bids).await {
            Ok(outcomes) => {
                busy = 0;
                batch.into_iter().zip(outcomes).for_each(|(waiting, outcome)| tell(waiting, outcome));
                continue;
            }
            Err(problem) => problem,
        };
        // A commit whose answer was lost is settled by the records, never guessed.
        let unsettled = if problem.code == Code::Busy { settled(house, batch).await } else { batch };
        busy = if problem.code == Code::Busy { busy + 1 } else { 0 };
        match parts(unsettled, &problem) {
            Ok(parts) => batches.extend(parts),
            Err(refused) => refuse(refused, &problem),
        }
        // The database is away, not a lot: nobody is kept waiting for it.
        if busy >= MOST_BUSY {
            batches.drain(..).for_each(|batch| refuse(batch, &problem));
        }
    }
}

/// Answers those whose bid is stored; the others.
async fn settled(house: &House, batch: Vec<Waiting>) -> Vec<Waiting> {
    let calls: Vec<_> = batch.iter().map(|waiting| waiting.bid.by.clone()).collect();
    let mut unsettled = Vec::new();
    for (waiting, done) in batch.into_iter().zip(house.settled(&calls).await) {
        match done {
            Some(done) => {
                house.live.changed(waiting.bid.input.lot);
                tell(waiting, super::flows::told(house, done));
            }
            None => unsettled.push(waiting),
        }
    }
    unsettled
}

fn refuse(batch: Vec<Waiting>, problem: &Problem) {
    for waiting in batch {
        tell(waiting, Err(problem.clone()));
    }
}

/// A batch in smaller ones, the last of which is tried first; or itself, where it has to be refused. What keeps the database busy is
/// the lots, so that a busy batch is split by them and no further; one that there is no room for is not split.
fn parts(batch: Vec<Waiting>, problem: &Problem) -> Result<Vec<Vec<Waiting>>, Vec<Waiting>> {
    let first = batch.first().map(|waiting| waiting.bid.input.lot);
    let is_one_lot = batch.iter().all(|waiting| Some(waiting.bid.input.lot) == first);
    let is_by_no_bid = problem.code == Code::StorageExhausted || (problem.code == Code::Busy && is_one_lot);
    if batch.len() <= 1 || is_by_no_bid {
        return Err(batch);
    }
    if is_one_lot {
        let mut batch = batch;
        let second = batch.split_off(batch.len() / 2);
        return Ok(vec![second, batch]);
    }
    let mut by_lot: Vec<(LotId, Vec<Waiting>)> = Vec::new();
    for waiting in batch {
        let lot = waiting.bid.input.lot;
        match by_lot.iter_mut().find(|(known, _)| *known == lot) {
            Some((_, bids)) => bids.push(waiting),
            None => by_lot.push((lot, vec![waiting])),
        }
    }
    Ok(by_lot.into_iter().rev().map(|(_, bids)| bids).collect())
}

/// Whoever has gone away is answered when he asks again.
fn tell(waiting: Waiting, outcome: Outcome) {
    let _ = waiting.answer.send(outcome);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
