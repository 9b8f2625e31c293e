//! The floor: bids queue, and one committer of the server takes all that have queued, over all lots, into one transaction.
//!
//! While one batch commits the next gathers, so that the cost of a commit is shared by all who wait for it, and nobody waits for
//! others where nobody else bids. Lots that somebody else holds, another server or whoever closes them, are passed over: those who
//! bid for them stand first in the next batch, and only where they alone are left, or were passed over again and again, it is waited
//! for a moment.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use entity::ids::LotId;
use tokio::sync::oneshot;

use super::flows::{Outcome, PlacedBid, Waits, place_together};
use crate::house::{Asked, House};
use crate::platform::access::Context;
use crate::platform::problem::{Code, Problem};

/// The most bids of one transaction: it holds their lots until it is committed.
const MOST_AT_ONCE: usize = 512;

/// How many batches the database may be too busy for, one after another, before the rest of them is not tried.
const MOST_BUSY: u32 = 3;

/// How often a bid is passed over, because somebody else holds its lot, before all wait a moment for it.
const PASSED_OVER: u32 = 3;

/// How long a bid waits for its lot.
const PATIENCE: Duration = Duration::from_secs(5);

/// After how long that is for long, and the most bids that wait for one lot so: they leave room for those who bid for others.
const LONG: Duration = Duration::from_secs(1);
const MOST_FOR_ONE: usize = 128;

/// By how much a timer may be late for bids that came before it was due.
const LATE: Duration = Duration::from_millis(500);

/// Who is on the floor: when each bid arrived, with a number, and for which lot it is.
type Present = Arc<Mutex<BTreeMap<(Instant, u64), LotId>>>;

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

/// A bid that waits for its outcome, as that is kept.
struct Waiting {
    bid: Asked<PlacedBid>,
    answer: oneshot::Sender<Outcome>,
    /// How often it was passed over since all waited for its lot.
    passed_over: u32,
    _place: Place,
}

/// Where bids queue.
pub struct Floor {
    queue: Mutex<Queue>,
    present: Present,
    most: usize,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    is_served: bool,
    last_number: u64,
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Floor {
    /// For at most so many bids that have no outcome yet.
    pub fn new(most: usize) -> Self {
        Self { queue: Mutex::default(), present: Present::default(), most }
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
        present.insert(name, bid.input.lot);
        drop(present);
        let (answer, told) = oneshot::channel();
        let place = Place { present: self.present.clone(), name };
        queue.waiting.push_back(Waiting { bid, answer, passed_over: 0, _place: place });
        Ok((told, !std::mem::replace(&mut queue.is_served, true)))
    }

    /// All that wait, in the order in which they came, but of each idempotency key one: its twin is answered by its record. When
    /// nobody waits, the queue is served no more.
    fn take(&self) -> Vec<Waiting> {
        let mut queue = locked(&self.queue);
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

    /// Those who were passed over wait again, before whoever came meanwhile.
    fn put_back(&self, bids: Vec<Waiting>) {
        let mut queue = locked(&self.queue);
        for waiting in bids.into_iter().rev() {
            queue.waiting.push_front(waiting);
        }
    }

    /// All that wait: nothing can be done for them.
    fn send_away(&self) -> VecDeque<Waiting> {
        std::mem::take(&mut locked(&self.queue).waiting)
    }

    /// Nobody serves the queue any more: lets all go who wait in it.
    fn abandon(&self) {
        let mut queue = locked(&self.queue);
        queue.is_served = false;
        let left = std::mem::take(&mut queue.waiting);
        drop(queue);
        drop(left);
    }

    /// Whether what is due for a lot waits for a bid that had arrived before: what closes a lot comes after those who bid for it in
    /// time, as far as it may be late for them.
    pub fn is_waited_for(&self, lot: LotId, due: Instant) -> bool {
        due.elapsed() < LATE && locked(&self.present).range(..(due, 0)).any(|(_, present)| *present == lot)
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
    let (told, is_unserved) = house.floor.join(Asked { by: by.clone(), input: bid })?;
    if is_unserved {
        house.db.spawn(Committer { house: house.clone(), is_done: false }.serve());
    }
    let outcome = match told.await {
        Ok(outcome) => outcome,
        // Nobody serves it any more; it may be stored all the same.
        Err(_) => house.settled(&[by]).await.pop().flatten().ok_or_else(|| Code::Busy.into()),
    };
    // Here, where nobody else waits for it.
    super::flows::told(house, outcome).await
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
            let passed_over = settle(&self.house, batch).await;
            self.house.floor.put_back(patient(passed_over));
        }
    }
}

/// Commits a batch; those whose lot somebody else holds. A batch that fails as a whole is split and tried again, so that nobody is refused
/// for another's sake.
async fn settle(house: &House, batch: Vec<Waiting>) -> Vec<Waiting> {
    let (mut batches, mut busy, mut passed_over) = (vec![batch], 0, Vec::new());
    while let Some(batch) = batches.pop() {
        let mut batch = behind(&mut passed_over, batch);
        if batch.is_empty() {
            continue;
        }
        batch.sort_by_key(|waiting| waiting.bid.by.arrived);
        let waits = waits(&batch);
        let bids = batch.iter().map(|waiting| waiting.bid.clone()).collect();
        let problem = match place_together(house, bids, waits).await {
            Ok(outcomes) => {
                busy = 0;
                passed_over.extend(hear(house, batch, outcomes));
                continue;
            }
            Err(problem) => problem,
        };
        if problem.unreached {
            // Nothing was begun, and whoever came meanwhile has waited for the database as well.
            let others = batches.into_iter().flatten().chain(passed_over).chain(house.floor.send_away());
            refuse(batch.into_iter().chain(others).collect(), &problem);
            return Vec::new();
        }
        // A commit whose answer was lost is settled by the records, never guessed.
        let unsettled = if problem.code == Code::Busy { settled(house, batch).await } else { batch };
        if problem.code == Code::Busy && waits == Waits::AMoment {
            // Whoever of them bids for a lot that is free has his turn before all wait again.
            passed_over.extend(unsettled.into_iter().map(|waiting| Waiting { passed_over: 0, ..waiting }));
            continue;
        }
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
    passed_over
}

/// Whether a batch waits for lots that somebody else holds: where nobody else waits with those who were passed over, or they were too often.
fn waits(batch: &[Waiting]) -> Waits {
    let nobody_else = batch.iter().all(|waiting| waiting.passed_over > 0);
    let too_often = batch.iter().any(|waiting| waiting.passed_over >= PASSED_OVER);
    if nobody_else || too_often { Waits::AMoment } else { Waits::Not }
}

/// What is left of a batch where earlier bids for a lot were passed over a moment ago: nobody gets ahead of them.
fn behind(passed_over: &mut Vec<Waiting>, batch: Vec<Waiting>) -> Vec<Waiting> {
    let held: HashSet<LotId> = passed_over.iter().map(|waiting| waiting.bid.input.lot).collect();
    let (late, batch) = batch.into_iter().partition(|waiting| held.contains(&waiting.bid.input.lot));
    passed_over.extend::<Vec<Waiting>>(late);
    batch
}

/// Those who were passed over and wait on: not for ever, and of one lot not so many that nobody else finds room.
fn patient(mut passed_over: Vec<Waiting>) -> Vec<Waiting> {
    let mut counts: HashMap<LotId, usize> = HashMap::new();
    let is_patient = |waiting: &mut Waiting| {
        let since = waiting.bid.by.arrived.elapsed();
        let long = counts.entry(waiting.bid.input.lot).or_default();
        *long += usize::from(since > LONG);
        *long <= MOST_FOR_ONE && since < PATIENCE
    };
    let stays: Vec<Waiting> = passed_over.extract_if(.., is_patient).collect();
    refuse(passed_over, &Code::Busy.into());
    stays
}

/// Tells everybody what became of his bid; those who were passed over.
fn hear(house: &House, batch: Vec<Waiting>, outcomes: Vec<Outcome>) -> Vec<Waiting> {
    let mut passed_over = Vec::new();
    for (waiting, outcome) in batch.into_iter().zip(outcomes) {
        match &outcome {
            Err(problem) if problem.transient => {
                passed_over.push(Waiting { passed_over: waiting.passed_over + 1, ..waiting });
                continue;
            }
            // Whoever watches may not have heard of it when it was stored.
            Ok(done) if done.replayed => house.live.changed(waiting.bid.input.lot),
            _ => {}
        }
        tell(waiting, outcome);
    }
    passed_over
}

/// Answers those whose bid is stored; the others.
async fn settled(house: &House, batch: Vec<Waiting>) -> Vec<Waiting> {
    let calls: Vec<_> = batch.iter().map(|waiting| waiting.bid.by.clone()).collect();
    let mut unsettled = Vec::new();
    for (waiting, done) in batch.into_iter().zip(house.settled(&calls).await) {
        match done {
            Some(done) => {
                house.live.changed(waiting.bid.input.lot);
                tell(waiting, Ok(done));
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
