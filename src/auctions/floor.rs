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
    let (answer, told) = oneshot::channel();
    let waiting = Waiting { bid: Asked { by: Arc::new(by.clone()), input: bid }, answer };
    if house.floor.join(waiting)? {
        let house = house.clone();
        house.db.clone().spawn(async move { serve(&house).await });
    }
    told.await.unwrap_or_else(|_| Err(Code::Internal.into()))
}

/// Commits batch after batch until nobody waits.
async fn serve(house: &House) {
    loop {
        let batch = house.floor.take();
        if batch.is_empty() {
            return;
        }
        metrics::histogram!("zhepai_bids_at_once").record(as_figure(batch.len()));
        settle(house, batch).await;
    }
}

/// Commits a batch. One that fails as a whole is split and tried again, so that nobody is refused for another's sake.
async fn settle(house: &House, batch: Vec<Waiting>) {
    let mut batches = vec![batch];
    while let Some(mut batch) = batches.pop() {
        batch.sort_by_key(|waiting| waiting.bid.by.arrived);
        let bids = batch.iter().map(|waiting| waiting.bid.clone()).collect();
        match place_together(house, bids).await {
            Ok(outcomes) => batch.into_iter().zip(outcomes).for_each(|(waiting, outcome)| tell(waiting, outcome)),
            // A commit whose answer was lost is settled by the records, never guessed.
            Err(problem) => {
                let unsettled = if problem.code == Code::Busy { settled(house, batch).await } else { batch };
                match parts(unsettled, &problem) {
                    Ok(parts) => batches.extend(parts),
                    Err(alone) => alone.into_iter().for_each(|waiting| tell(waiting, Err(problem.clone()))),
                }
            }
        }
    }
}

/// Answers those whose bid is stored; the others.
async fn settled(house: &House, batch: Vec<Waiting>) -> Vec<Waiting> {
    let mut unsettled = Vec::new();
    for waiting in batch {
        match house.settled(&waiting.bid.by).await {
            Some(done) => {
                let outcome = super::flows::told(house, done);
                tell(waiting, outcome);
            }
            None => unsettled.push(waiting),
        }
    }
    unsettled
}

/// A batch in smaller ones, the last of which is tried first; or itself, where it has to be refused. What keeps the database busy is
/// the lots, so that a busy batch is split by them and no further.
fn parts(batch: Vec<Waiting>, problem: &Problem) -> Result<Vec<Vec<Waiting>>, Vec<Waiting>> {
    let first = batch.first().map(|waiting| waiting.bid.input.lot);
    let is_one_lot = batch.iter().all(|waiting| Some(waiting.bid.input.lot) == first);
    if batch.len() <= 1 || (problem.code == Code::Busy && is_one_lot) {
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
