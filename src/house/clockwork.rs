//! What runs by itself: positions for events and audit rows, internal events, timers, the clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use entity::Timestamp;
use entity::ids::TimerId;
use entity::platform::timer;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::{House, Tx, idempotency, wiring};
use crate::auctions::flows::CLOSE;
use crate::platform::access::Context;
use crate::platform::db::Ending;
use crate::platform::problem::Problem;
use crate::platform::{audit, mail, outbox, timers};
use crate::{notifications, privacy};

/// The reader of events inside the house.
const CONSUMER: &str = "rooms";
/// How many events that concern no room are passed in one transaction.
const PASSED_AT_ONCE: u64 = 500;
/// Longest sleep, so that what other servers leave to do is found.
const POLL: Duration = Duration::from_millis(250);

/// How long whoever tells what happened rests: bids that come one after another are placed some at a time, not each by itself.
const REST: Duration = Duration::from_millis(40);

/// How often it is written down that the market runs.
const BEAT: Duration = Duration::from_secs(5);

/// How soon is looked again for what is waited for.
const SOON: Duration = Duration::from_millis(5);

/// How many timers a server fires at a time on PostgreSQL: each waits for the database for most of it.
const LANES: usize = 3;

/// How many lots that end together are closed in one transaction at most.
const TOGETHER: u64 = 8;

/// How long timers that are late keep everybody else from being told of what happened.
const GIVES_WAY: Duration = Duration::from_secs(2);

/// Starts everything that runs by itself.
pub fn start(house: &House) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    // The embedded database has one writer.
    for _ in 0..if house.db.is_sqlite() { 1 } else { LANES } {
        tasks.spawn(tick(house.clone()));
    }
    tasks.spawn(tell(house.clone()));
    tasks.spawn(keep_time(house.clone()));
    tasks.spawn(beat(house.clone()));
    tasks.spawn(forget(house.clone()));
    tasks.spawn(write_calls_down(house.clone()));
    tasks.spawn(forget_callers(house.clone()));
    tasks.spawn(crate::auctions::live::listen(house.clone()));
    tasks.spawn(crate::auctions::live::tell_others(house.clone()));
    tasks.spawn(notifications::feed::run(house.clone()));
    tasks.spawn(notifications::flows::courier::run(house.clone()));
    tasks.spawn(mail::run(house.clone()));
    tasks.spawn(notifications::flows::letters::run(house.clone()));
    tasks.spawn(privacy::flows::data_keys::run(house.clone()));
    tasks
}

/// Fires one timer after another.
async fn tick(house: House) {
    while !house.stop.is_cancelled() {
        if let Err(problem) = fire_due(&house).await {
            tracing::warn!(%problem, "timers");
            tokio::time::sleep(POLL).await;
        }
        let pause = until_next(&house).await;
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = house.wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Tells the rooms what happened: at once, then what gathered while it rested.
async fn tell(house: House) {
    while !house.stop.is_cancelled() {
        if let Err(problem) = settle_aside(&house).await {
            tracing::warn!(%problem, "what happened is told later");
            tokio::time::sleep(POLL).await;
        }
        tokio::time::sleep(REST).await;
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = house.happened.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// How long nothing is known to be due.
async fn until_next(house: &House) -> Duration {
    let next = timers::next_due(house.db.read(), Some(house.world.real_now())).await.ok().flatten();
    let wait = next.map_or(POLL, |due| (due - house.world.now()).to_std().unwrap_or_default());
    // A floor keeps a failing timer from spinning.
    wait.clamp(Duration::from_millis(1), POLL)
}

async fn keep_time(house: House) {
    let every = if house.config.sandbox { Duration::from_millis(100) } else { Duration::from_secs(1) };
    loop {
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = tokio::time::sleep(every) => {
                if let Err(error) = house.synchronise().await {
                    tracing::warn!(%error, "cannot synchronise the clock");
                }
                if let Err(problem) = crate::identity::flows::token_keys::read(&house).await {
                    tracing::warn!(%problem, "cannot read the token keys");
                }
                if let Err(problem) = privacy::flows::data_keys::read(&house).await {
                    tracing::warn!(%problem, "cannot read the data keys");
                }
            }
        }
    }
}

/// Every few seconds: the market runs.
async fn beat(house: House) {
    loop {
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = tokio::time::sleep(BEAT) => {}
        }
        if let Err(problem) = crate::auctions::flows::beat(&house).await {
            tracing::warn!(%problem, "it cannot be written down that the market runs");
        }
    }
}

/// Every second: the calls made with keys.
async fn write_calls_down(house: House) {
    loop {
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        if let Err(problem) = crate::identity::keys::flows::write_down(&house).await {
            tracing::warn!(%problem, "calls made with keys wait to be written down");
        }
    }
}

/// Every minute: callers who have not called for long are not counted any longer.
async fn forget_callers(house: House) {
    loop {
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = tokio::time::sleep(Duration::from_mins(1)) => house.limits.forget(),
        }
    }
}

/// Hourly: what need not be kept any longer goes, and what will go one day is sealed for it.
async fn forget(house: House) {
    loop {
        match idempotency::forget_old(&house).await {
            Err(problem) => tracing::warn!(%problem, "old idempotency records stay for now"),
            // They point to these.
            Ok(()) => {
                if let Err(problem) = crate::auctions::flows::forget_old_receipt_trees(&house).await {
                    tracing::warn!(%problem, "old trees of receipts stay for now");
                }
            }
        }
        if let Err(problem) = crate::auctions::flows::forget_old_rights_changes(&house).await {
            tracing::warn!(%problem, "old changes of rights stay for now");
        }
        if let Err(problem) = crate::identity::flows::attempts::forget_old(&house).await {
            tracing::warn!(%problem, "old tries to sign in stay for now");
        }
        if let Err(problem) = crate::identity::flows::device_letters::forget_old(&house).await {
            tracing::warn!(%problem, "old letters to new devices stay for now");
        }
        if let Err(problem) = crate::identity::flows::registrations::forget_old(&house).await {
            tracing::warn!(%problem, "registrations that were not completed stay for now");
        }
        if let Err(problem) = crate::identity::keys::flows::forget_old(&house).await {
            tracing::warn!(%problem, "old calls made with keys stay for now");
        }
        if let Err(problem) = notifications::flows::forget_old(&house).await {
            tracing::warn!(%problem, "old deliveries stay for now");
        }
        if let Err(problem) = audit::retention::seal_daily(&house).await {
            tracing::warn!(%problem, "the audit trail is sealed later");
        }
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = tokio::time::sleep(Duration::from_hours(1)) => {}
        }
    }
}

/// Fires timers until none is due that nobody else fires.
async fn fire_due(house: &House) -> Result<(), Problem> {
    let (mut passed, mut apart) = (Vec::new(), 0_usize);
    while is_at_work(house) {
        let most = if apart > 0 { 1 } else { TOGETHER };
        apart = apart.saturating_sub(1);
        match fire_next(house, None, passed.clone(), most).await? {
            Firing::Fired => {}
            Firing::Apart(many) => apart = many,
            Firing::Later(timer) => passed.push(timer),
            Firing::Nothing if passed.is_empty() => break,
            Firing::Nothing => {
                tokio::time::sleep(SOON).await;
                passed.clear();
            }
        }
    }
    Ok(())
}

/// Whether timers may be fired.
fn is_at_work(house: &House) -> bool {
    let knows_time = house.readiness().map_or_else(|why| why == "closing", |()| true);
    !house.stop.is_cancelled() && !house.world.is_moving() && knows_time
}

/// Settles what happened, after lots that are to be closed: while one is late nobody is told of anything, but for a moment at most.
async fn settle_aside(house: &House) -> Result<(), Problem> {
    let begun = Instant::now();
    while !house.stop.is_cancelled() {
        if is_at_work(house) && begun.elapsed() < GIVES_WAY && is_late(house).await? {
            tokio::time::sleep(SOON).await;
            continue;
        }
        let placing = Instant::now();
        let is_more = place(house).await?;
        let took = placing.elapsed();
        if !hear_next(house).await? && !is_more {
            break;
        }
        if is_more {
            // As long as it takes: bids have the processor first.
            tokio::time::sleep(took).await;
        }
    }
    Ok(())
}

/// Whether a lot is not closed yet that is to be.
async fn is_late(house: &House) -> Result<bool, Problem> {
    let next = timers::next_due_of(house.db.read(), Some(CLOSE), Some(house.world.real_now())).await?;
    Ok(next.is_some_and(|due| due <= house.world.now()))
}

/// Gives positions and tells the rooms what happened, until there is nothing left to tell.
pub async fn settle(house: &House) -> Result<(), Problem> {
    loop {
        let is_more = place(house).await?;
        if !hear_next(house).await? && !is_more {
            return Ok(());
        }
    }
}

/// Gives positions to what was committed before; whether there may be more. One placer at a time.
async fn place(house: &House) -> Result<bool, Problem> {
    let placed = house
        .db
        .transact_aside(|tx| async move {
            if tx.get_database_backend() == sea_orm::DatabaseBackend::Postgres {
                tx.execute_unprepared("SELECT pg_advisory_xact_lock(7402002)").await?;
            }
            let placed = [outbox::place(&*tx).await?, audit::place(&*tx).await?];
            Ok(if placed == [0, 0] { Ending::Rollback(placed) } else { Ending::Commit(placed) })
        })
        .await?;
    if placed != [0, 0] {
        house.news.notify_one();
        house.market.stir();
    }
    let all = usize::try_from(outbox::PLACED_AT_ONCE).unwrap_or(1);
    Ok(placed.iter().any(|placed| *placed >= all))
}

/// Tells the rooms of the next event that concerns one of them, in a transaction with how far they have
/// heard. Those that concern none are passed on the way: a large import brings thousands of them.
async fn hear_next(house: &House) -> Result<bool, Problem> {
    let known = outbox::heard(house.db.read(), CONSUMER).await?;
    if outbox::after(house.db.read(), known, 1).await?.is_empty() {
        return Ok(false);
    }
    let by = Context::system("hear_event", format!("event-after-{known}"));
    let done = house
        .write_aside(&by, known, |tx: Tx, known| async move {
            tx.nothing_changed();
            let heard = outbox::hold_heard(tx.conn(), CONSUMER).await?;
            // Somebody else has told of it meanwhile, and may have left more to tell.
            if heard > known {
                return Ok(true);
            }
            let mut next = heard;
            for event in outbox::after(tx.conn(), heard, PASSED_AT_ONCE).await? {
                let at = tx.at(event.occurred_at.max(tx.now));
                let concerned = wiring::hear(&at, &event).await?;
                next = event.position.unwrap_or(next);
                if concerned {
                    break;
                }
            }
            if next == heard {
                return Ok(false);
            }
            outbox::set_heard(tx.conn(), CONSUMER, next).await?;
            Ok(true)
        })
        .await?;
    Ok(done.value)
}

/// What became of the first timer due.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Firing {
    Fired,
    /// So many could not be fired together, and are to be fired one by one.
    Apart(usize),
    /// It waits a moment for bids that came in time.
    Later(TimerId),
    /// Somebody else has it, or there is none.
    Nothing,
}

/// Whether a timer that is due by an instant waits for bids that came before it was.
fn is_waited_for(house: &House, timer: &timer::Model, limit: Timestamp) -> bool {
    let late = (limit - timer.due_at).to_std().ok();
    let due = late.and_then(|late| house.world.instant().checked_sub(late));
    due.is_some_and(|due| house.floor.is_waited_for(timer.subject_id.into(), due))
}

/// Fires the first timer due; whether there was one. In sandbox moves `until` limits how far, and each sees the time it was due.
pub async fn fire_one(house: &House, until: Option<Timestamp>) -> Result<bool, Problem> {
    Ok(fire_next(house, until, Vec::new(), 1).await? != Firing::Nothing)
}

/// Fires the first timer due that is none of those passed over; where it closes a lot, with it others that do, so many at most.
async fn fire_next(house: &House, until: Option<Timestamp>, passed: Vec<TimerId>, most: u64) -> Result<Firing, Problem> {
    let real = house.world.real_now();
    let limit = until.unwrap_or_else(|| house.world.now());
    // A move passes nothing over, also not what failed a moment ago.
    let tried = until.is_none().then_some(real);
    if timers::next_due(house.db.read(), tried).await?.is_none_or(|due| due > limit) {
        return Ok(Firing::Nothing);
    }
    let by = Context::system("fire_timer", format!("timer-{}", limit.timestamp_micros()));
    let claimed = Arc::new(Mutex::new(Vec::new()));
    let kept = claimed.clone();
    let fired = house
        .write(&by, (limit, until.is_some(), passed, most), move |tx: Tx, (limit, moved, passed, most)| {
            let kept = kept.clone();
            async move {
                tx.nothing_changed();
                hold_on(&kept, Vec::new());
                let tried = (!moved).then(|| tx.house.world.real_now());
                let due = timers::claim(tx.conn(), limit, tried, passed, most).await?;
                let Some(first) = due.first() else { return Ok(Firing::Nothing) };
                let waits = |timer: &timer::Model| !moved && is_waited_for(&tx.house, timer, limit);
                if waits(first) {
                    return Ok(Firing::Later(first.id));
                }
                let is_alone = first.kind != CLOSE;
                let others = due[1..].iter().filter(|timer| !is_alone && timer.kind == CLOSE && !waits(timer));
                let firing: Vec<_> = [first].into_iter().chain(others).cloned().collect();
                hold_on(&kept, firing.clone());
                let at = tx.at(if moved { first.due_at } else { firing.iter().fold(tx.now, |now, timer| now.max(timer.due_at)) });
                for timer in &firing {
                    Box::pin(wiring::fire(&at, timer)).await?;
                }
                timers::fired(tx.conn(), &firing, at.now).await?;
                Ok(Firing::Fired)
            }
        })
        .await;
    let problem = match fired {
        Ok(done) => return Ok(done.value),
        Err(problem) => problem,
    };
    let mut failed = hold_on(&claimed, Vec::new());
    let Some(timer) = failed.pop() else { return Err(problem) };
    if !failed.is_empty() {
        tracing::warn!(%problem, "lots cannot be closed together, so one by one");
        return Ok(Firing::Apart(failed.len() + 1));
    }
    fell_through(house, timer, &problem, real).await?;
    // A move must not pass over what it could not do; by itself the next try comes later.
    if until.is_some() { Err(problem) } else { Ok(Firing::Fired) }
}

/// Remembers which timers are being fired; which were before.
fn hold_on(claimed: &Mutex<Vec<timer::Model>>, timers: Vec<timer::Model>) -> Vec<timer::Model> {
    std::mem::replace(&mut *claimed.lock().unwrap_or_else(PoisonError::into_inner), timers)
}

/// A timer failed: the next try comes later.
async fn fell_through(house: &House, timer: timer::Model, problem: &Problem, real: Timestamp) -> Result<(), Problem> {
    tracing::error!(%problem, kind = timer.kind, subject = %timer.subject_id, "a timer failed");
    let text = problem.to_string();
    house
        .db
        .transact(move |tx| {
            let (timer, text) = (timer.clone(), text.clone());
            async move {
                timers::failed(&*tx, &timer, &text, real).await?;
                Ok(Ending::Commit(()))
            }
        })
        .await
}
