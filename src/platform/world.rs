//! The only place that asks the clock or the random source.
//!
//! Real time is the database's clock at the last synchronisation plus monotonic time since, so a
//! wrong wall clock changes nothing. In sandbox the market's time is kept in the database and may
//! stand, run at a factor, or be moved. In a simulation both time and randomness come from a seed.

mod simulated;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use entity::platform::sandbox_clock;
use entity::{Timestamp, micros};
use uuid::timestamp::context::ContextV7;
use uuid::{NoContext, Uuid};

use simulated::Simulated;

/// How long the server may go without synchronising before it calls itself unready.
pub const SYNC_LIMIT: Duration = Duration::from_secs(5);

/// In how long the monotonic clock is off by one at most: 500 millionths is the most by which Linux slews it.
const DRIFT: u32 = 2_000;

/// Time and randomness.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    anchor: RwLock<Anchor>,
    /// Microseconds of the latest real time given out: time never goes back.
    latest: AtomicI64,
    sandbox: RwLock<Option<sandbox_clock::Model>>,
    order: Mutex<ContextV7>,
    simulated: Option<Simulated>,
}

#[derive(Clone, Copy)]
struct Anchor {
    at: Instant,
    real: Timestamp,
    /// For how long after `at` the clock may have shown it: it was asked for so long.
    within: Duration,
}

impl World {
    /// A world whose clock showed `real` just now.
    pub fn starting_at(real: Timestamp) -> Self {
        Self::of(real, None)
    }

    /// A world of a simulation: its clock stands until it is [moved on](Self::pass), and what it draws follows from the seed.
    pub(crate) fn simulated(seed: u64, real: Timestamp) -> Self {
        Self::of(real, Some(Simulated::new(seed, real)))
    }

    fn of(real: Timestamp, simulated: Option<Simulated>) -> Self {
        Self(Arc::new(Inner {
            anchor: RwLock::new(Anchor { at: Instant::now(), real: micros(real), within: Duration::ZERO }),
            latest: AtomicI64::new(real.timestamp_micros()),
            sandbox: RwLock::new(None),
            order: Mutex::new(ContextV7::new()),
            simulated,
        }))
    }

    /// Moves the clock of a simulation on; any other goes by itself.
    pub(crate) fn pass(&self, time: TimeDelta) {
        if let Some(simulated) = &self.0.simulated {
            simulated.pass(time);
        }
    }

    /// An instant of the monotonic clock, by which it is told how long something took.
    pub fn instant(&self) -> Instant {
        self.0.simulated.as_ref().map_or_else(Instant::now, Simulated::instant)
    }

    /// The machine's own clock; used where the database is in this process.
    pub fn machine_time() -> Timestamp {
        micros(Utc::now())
    }

    /// Tells what the database's clock showed when it was asked at `asked`.
    pub fn synchronise(&self, real: Timestamp, asked: Instant) {
        let within = asked.elapsed();
        if let Ok(mut anchor) = self.0.anchor.write() {
            *anchor = Anchor { at: asked, real: micros(real), within };
        }
    }

    /// By how much real time may differ from what the database's clock shows: by the whole time in which that was asked, for it is
    /// taken as shown at the beginning of it, by what the monotonic clock may have drifted since, and by what is not taken back of
    /// time that was given out.
    pub fn uncertainty(&self) -> Duration {
        // The clock of a simulation is the database's.
        if self.0.simulated.is_some() {
            return Duration::ZERO;
        }
        let Ok(anchor) = self.0.anchor.read() else { return Duration::MAX };
        let since = anchor.at.elapsed();
        let reckoned = anchor.real + TimeDelta::from_std(since).unwrap_or_default();
        let ahead = self.0.latest.load(Ordering::Acquire).saturating_sub(reckoned.timestamp_micros());
        anchor.within + since / DRIFT + Duration::from_micros(u64::try_from(ahead).unwrap_or_default())
    }

    /// How long ago the clock was last synchronised.
    pub fn sync_age(&self) -> Duration {
        // The clock of a simulation is the database's.
        if self.0.simulated.is_some() {
            return Duration::ZERO;
        }
        self.0.anchor.read().map_or(Duration::MAX, |anchor| anchor.at.elapsed())
    }

    /// Real time now: for tokens, limits and retention.
    pub fn real_now(&self) -> Timestamp {
        if let Some(simulated) = &self.0.simulated {
            return simulated.now();
        }
        let reckoned = self
            .0
            .anchor
            .read()
            .map_or_else(|_| Self::machine_time(), |anchor| anchor.real + TimeDelta::from_std(anchor.at.elapsed()).unwrap_or_default());
        let mine = reckoned.timestamp_micros();
        let before = self.0.latest.fetch_max(mine, Ordering::AcqRel);
        DateTime::from_timestamp_micros(before.max(mine)).unwrap_or(reckoned)
    }

    /// The market's time now.
    pub fn now(&self) -> Timestamp {
        let real = self.real_now();
        match self.0.sandbox.read().ok().and_then(|clock| clock.clone()) {
            Some(clock) => sandbox_time(&clock, real),
            None => real,
        }
    }

    /// Remembers the sandbox clock as last read.
    pub fn remember_sandbox(&self, clock: sandbox_clock::Model) {
        if let Ok(mut kept) = self.0.sandbox.write() {
            *kept = Some(clock);
        }
    }

    /// Whether somebody is moving the sandbox clock, so that nobody else fires timers.
    pub fn is_moving(&self) -> bool {
        let real = self.real_now();
        self.0.sandbox.read().is_ok_and(|c| c.as_ref().is_some_and(|c| c.moving_until.is_some_and(|until| until > real)))
    }

    /// A new id that sorts by when it was made.
    pub fn id<T: From<Uuid>>(&self) -> T {
        if let Some(simulated) = &self.0.simulated {
            return T::from(simulated.id());
        }
        let at = self.real_now();
        let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
        let stamp = match self.0.order.lock() {
            Ok(order) => uuid::Timestamp::from_unix(&*order, seconds, at.timestamp_subsec_nanos()),
            Err(_) => uuid::Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos()),
        };
        T::from(Uuid::new_v7(stamp))
    }

    /// A new id that tells nothing about when it was made.
    pub fn secret_id<T: From<Uuid>>(&self) -> T {
        match &self.0.simulated {
            Some(simulated) => T::from(simulated.secret_id()),
            None => T::from(Uuid::new_v4()),
        }
    }

    /// Random bytes from the operating system; in a simulation from its seed.
    ///
    /// # Panics
    ///
    /// A server without randomness must not go on.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        if let Some(simulated) = &self.0.simulated {
            simulated.fill(&mut bytes);
            return bytes;
        }
        assert!(getrandom::fill(&mut bytes).is_ok(), "the operating system gives no randomness");
        bytes
    }
}

/// The real instant an id was made at, to the millisecond, if it is one that sorts by that.
pub fn made_at(id: Uuid) -> Option<Timestamp> {
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

/// What a sandbox clock shows at a real instant.
pub fn sandbox_time(clock: &sandbox_clock::Model, real: Timestamp) -> Timestamp {
    if clock.moving_until.is_some_and(|until| until > real) {
        return clock.base_sandbox;
    }
    let elapsed = (real - clock.base_real).num_microseconds().unwrap_or_default().max(0);
    let scaled = elapsed.saturating_mul(clock.factor);
    micros(clock.base_sandbox + TimeDelta::microseconds(scaled))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn clock(factor: i64) -> sandbox_clock::Model {
        let at = Utc.with_ymd_and_hms(2023, 10, 1, 0, 0, 0).unwrap();
        sandbox_clock::Model { id: 1, base_sandbox: at, base_real: at, factor, moving_until: None }
    }

    #[test]
    fn sandbox_time_stands_runs_and_stands_again_while_it_is_moved() {
        let start = clock(0).base_real;
        let later = start + TimeDelta::seconds(10);
        assert_eq!(sandbox_time(&clock(0), later), start);
        assert_eq!(sandbox_time(&clock(60), later), start + TimeDelta::minutes(10));
        let moving = sandbox_clock::Model { moving_until: Some(later + TimeDelta::seconds(1)), ..clock(60) };
        assert_eq!(sandbox_time(&moving, later), start);
    }

    #[test]
    fn real_time_never_goes_back_when_the_database_clock_does() {
        let world = World::starting_at(World::machine_time());
        let before = world.real_now();
        world.synchronise(before - TimeDelta::hours(1), Instant::now());
        assert!(world.real_now() >= before);
    }

    #[test]
    fn real_time_is_as_uncertain_as_asking_for_it_took_and_as_what_is_not_taken_back() {
        let world = World::starting_at(World::machine_time());
        let Some(asked) = Instant::now().checked_sub(Duration::from_millis(40)) else { return };
        world.synchronise(World::machine_time(), asked);
        let usual = world.uncertainty();
        assert!(usual >= Duration::from_millis(40) && usual < Duration::from_secs(30), "{usual:?}");
        let before = world.real_now();
        world.synchronise(before - TimeDelta::hours(1), Instant::now());
        assert!(world.uncertainty() > Duration::from_mins(59));
    }

    #[test]
    fn ids_sort_by_when_they_were_made() {
        let world = World::starting_at(World::machine_time());
        let ids: Vec<Uuid> = (0..1000).map(|_| world.id()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn an_id_tells_when_it_was_made_unless_it_must_not() {
        let world = World::starting_at(World::machine_time());
        let before = world.real_now();
        let made = made_at(world.id()).unwrap();
        assert!(made > before - TimeDelta::milliseconds(2) && made <= world.real_now(), "{before} {made}");
        assert_eq!(made_at(world.secret_id()), None);
    }
}
