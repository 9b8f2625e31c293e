//! The floor: bids queue, and one committer of the server takes all that have queued, over all lots, into one transaction.
//!
//! While one batch commits the next gathers, so that the cost of a commit is shared by all who wait for it, and nobody waits for
//! others where nobody else bids. Lots that somebody else holds, another server or whoever closes them, are passed over: those who
//! bid for one of them wait for it aside, and nobody else does.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use entity::ids::LotId;
use tokio::sync::{Semaphore, oneshot};

use super::flows::{Outcome, PlacedBid, Waits, place_together};
use crate::house::{Asked, House};
use crate::platform::access::Context;
use crate::platform::problem::{Code, Problem};

/// The most bids of one transaction: it holds their lots until it is committed.
const MOST_AT_ONCE: usize = 512;

/// How many batches the database may be too busy for, one after another, before the rest of them is not tried.
const MOST_BUSY: u32 = 3;

/// How many lots that somebody else holds are waited for at once: each takes a connection.
const MOST_ASIDE: usize = 3;

/// By how much a timer may be late for bids that came before it was due.
const LATE: Duration = Duration::from_millis(500);

/// How often it is asked whether they are through.
const LOOK: Duration = Duration::from_millis(2);

/// When those who are on the floor arrived there, each with a number.
type Present = Arc<Mutex<BTreeSet<(Instant, u64)>>>;

/// A place on the floor, from when a bid arrived until it is told what became of it.
struct Place {
    present: Present,
    name: (Instant, u64),
}

impl Drop for Place {
    fn drop(&mut self) {
        locked(&self.present).remove(&self.name);
    }
}

/// A bid that waits for its outcome.
struct Waiting {
    bid: Asked<PlacedBid>,
    answer: oneshot::Sender<Outcome>,
    _place: Place,
}

/// Where bids queue.
pub struct Floor {
    queue: Mutex<Queue>,
    present: Present,
    most: usize,
    /// Leave to wait for a lot that somebody else holds.
    aside: Semaphore,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Those who bid for lots that somebody else holds. Each such lot has a committer of its own, so that nobody else waits for it.
    aside: HashMap<LotId, VecDeque<Waiting>>,
    is_served: bool,
    last_number: u64,
}

/// Which of those who queue a committer serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    /// All but those for whom somebody else does.
    Common,
    /// Those who bid for a lot that somebody else held.
    Aside(LotId),
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Floor {
    /// For at most so many bids that have no outcome yet.
    pub fn new(most: usize) -> Self {
        Self { queue: Mutex::default(), present: Present::default(), most, aside: Semaphore::new(MOST_ASIDE) }
    }

    /// Takes a bid in; where its outcome is told, and whether nobody serves the queue yet.
    fn join(&self, bid: Asked<PlacedBid>) -> Result<(oneshot::Receiver<Outcome>, bool), Problem> {
        let mut queue = locked(&self.queue);
        let mut present = locked(&self.present);
        if present.len() >= self.most {
            return Err(Code::Busy.into());
        }
        queue.last_number += 1;
        let name = (bid.by.arrived, queue.last_number);
        present.insert(name);
        drop(present);
        let (answer, told) = oneshot::channel();
        queue.waiting.push_back(Waiting { bid, answer, _place: Place { present: self.present.clone(), name } });
        Ok((told, !std::mem::replace(&mut queue.is_served, true)))
    }

    /// All that wait in a lane, in the order in which they came, but of each idempotency key one: its twin is answered by its record. When
    /// nobody waits, the lane is served no more.
    fn take(&self, lane: Lane) -> Vec<Waiting> {
        let mut queue = locked(&self.queue);
        let Queue { waiting, aside, is_served, .. } = &mut *queue;
        match lane {
            Lane::Common => {
                let taken = first_of(waiting, Some(aside));
                *is_served = !taken.is_empty();
                metrics::gauge!("zhepai_bids_waiting").set(as_figure(waiting.len()));
                taken
            }
            Lane::Aside(lot) => {
                let taken = aside.get_mut(&lot).map(|waiting| first_of(waiting, None)).unwrap_or_default();
                if taken.is_empty() {
                    aside.remove(&lot);
                }
                taken
            }
        }
    }

    /// Sets those aside who bid for a lot that somebody else holds; whether nobody serves them yet.
    fn set_aside(&self, lot: LotId, bids: Vec<Waiting>) -> bool {
        let mut queue = locked(&self.queue);
        let is_new = !queue.aside.contains_key(&lot);
        queue.aside.entry(lot).or_default().extend(bids);
        is_new
    }

    /// Nobody serves a lane any more: lets all go who wait in it.
    fn abandon(&self, lane: Lane) {
        let mut queue = locked(&self.queue);
        let left = match lane {
            Lane::Common => {
                queue.is_served = false;
                std::mem::take(&mut queue.waiting)
            }
            Lane::Aside(lot) => queue.aside.remove(&lot).unwrap_or_default(),
        };
        drop(queue);
        drop(left);
    }

    /// Waits until all bids that had arrived before an instant have their outcome, for as long as something due then may be late: what
    /// closes a lot comes after those who bid for it in time.
    pub async fn settled_before(&self, due: Instant) {
        while due.elapsed() < LATE && locked(&self.present).first().is_some_and(|(arrived, _)| *arrived < due) {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// The first that wait, of each idempotency key one. Whoever bids for a lot that is served aside waits there.
fn first_of(waiting: &mut VecDeque<Waiting>, mut aside: Option<&mut HashMap<LotId, VecDeque<Waiting>>>) -> Vec<Waiting> {
    let (mut taken, mut twins, mut keys) = (Vec::new(), VecDeque::new(), HashSet::new());
    while taken.len() < MOST_AT_ONCE
        && let Some(next) = waiting.pop_front()
    {
        if let Some(others) = aside.as_mut().and_then(|aside| aside.get_mut(&next.bid.input.lot)) {
            others.push_back(next);
        } else if is_first(&next.bid.by, &mut keys) {
            taken.push(next);
        } else {
            twins.push_back(next);
        }
    }
    twins.append(waiting);
    *waiting = twins;
    taken
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
    let (told, is_unserved) = house.floor.join(Asked { by: by.clone(), input: bid })?;
    if is_unserved {
        serve(house, Lane::Common);
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

/// Serves a lane from now on.
fn serve(house: &House, lane: Lane) {
    house.db.spawn(Committer { house: house.clone(), lane, is_done: false }.serve());
}

/// Whoever serves a lane. Where he breaks off, those who wait are sent away, and the next who comes finds it unserved.
struct Committer {
    house: House,
    lane: Lane,
    is_done: bool,
}

impl Drop for Committer {
    fn drop(&mut self) {
        if !self.is_done {
            tracing::error!("bids are not committed any more: whoever waits is sent away");
            self.house.floor.abandon(self.lane);
        }
    }
}

impl Committer {
    /// Commits batch after batch until nobody waits.
    async fn serve(mut self) {
        loop {
            let batch = self.house.floor.take(self.lane);
            if batch.is_empty() {
                self.is_done = true;
                return;
            }
            metrics::histogram!("zhepai_bids_at_once").record(as_figure(batch.len()));
            match self.lane {
                Lane::Common => settle(&self.house, batch, Waits::ForNone).await,
                Lane::Aside(_) => {
                    let _leave = self.house.floor.aside.acquire().await;
                    settle(&self.house, batch, Waits::ForAll).await;
                }
            }
        }
    }
}

/// Commits a batch. One that fails as a whole is split and tried again, so that nobody is refused for another's sake.
async fn settle(house: &House, batch: Vec<Waiting>, waits: Waits) {
    let (mut batches, mut busy) = (vec![batch], 0);
    while let Some(mut batch) = batches.pop() {
        batch.sort_by_key(|waiting| waiting.bid.by.arrived);
        let bids = batch.iter().map(|waiting| waiting.bid.clone()).collect();
        let problem = match place_together(house, bids, waits).await {
            Ok(outcomes) => {
                busy = 0;
                hear(house, batch, outcomes, waits);
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

/// Tells everybody what became of his bid. Those whose lot was not waited for wait for it aside.
fn hear(house: &House, batch: Vec<Waiting>, outcomes: Vec<Outcome>, waits: Waits) {
    let mut elsewhere = Vec::new();
    for (waiting, outcome) in batch.into_iter().zip(outcomes) {
        match &outcome {
            Err(problem) if problem.transient && waits == Waits::ForNone => {
                elsewhere.push(waiting);
                continue;
            }
            // Whoever watches may not have heard of it when it was stored.
            Ok(done) if done.replayed => house.live.changed(waiting.bid.input.lot),
            _ => {}
        }
        tell(waiting, outcome);
    }
    for (lot, bids) in by_lot(elsewhere) {
        if house.floor.set_aside(lot, bids) {
            serve(house, Lane::Aside(lot));
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
    Ok(by_lot(batch).into_iter().rev().map(|(_, bids)| bids).collect())
}

/// A batch by its lots, in the order in which the first bid for each came.
fn by_lot(batch: Vec<Waiting>) -> Vec<(LotId, Vec<Waiting>)> {
    let mut by_lot: Vec<(LotId, Vec<Waiting>)> = Vec::new();
    for waiting in batch {
        let lot = waiting.bid.input.lot;
        match by_lot.iter_mut().find(|(known, _)| *known == lot) {
            Some((_, bids)) => bids.push(waiting),
            None => by_lot.push((lot, vec![waiting])),
        }
    }
    by_lot
}

/// Whoever has gone away is answered when he asks again.
fn tell(waiting: Waiting, outcome: Outcome) {
    let _ = waiting.answer.send(outcome);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
