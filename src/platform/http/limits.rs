//! How often a caller may call, by class of what he calls; told in `RateLimit` fields, refused with 429 and
//! `Retry-After`. Counted by each server for itself. What must not multiply with servers, guesses of passwords and codes and
//! letters that are asked for, is counted in the database. Money needs no count: a deed is done once under its key, and
//! moves what the books say there is, however often it is asked for.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entity::ids::PersonId;
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::gate::Gate;
use crate::platform::access::{Actor, Class};
use crate::platform::problem::{Code, Problem};
use crate::platform::world::World;

/// How much one caller, and all together, may ask of one server; 0 sets no limit.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitConfig {
    /// Calls of a stranger's address a minute.
    pub stranger_per_minute: u32,
    /// Calls of somebody signed in, his keys included, a minute; bids aside.
    pub caller_per_minute: u32,
    /// Bids of one caller a second.
    pub bids_per_second: u32,
    /// Bids of one caller at once.
    pub bid_burst: u32,
    /// Exports of one caller an hour.
    pub exports_per_hour: u32,
    /// Live feeds of one caller.
    pub feeds_per_caller: u32,
    /// Live feeds of a stranger's address: several people may be behind one.
    pub feeds_per_stranger: u32,
    /// Questions under way at once, and deeds, apart from the next two; more are soon sent away. Unless set, as many as keep
    /// the processors busy ([`under_way`](Self::under_way)).
    pub under_way: Option<usize>,
    /// Bids under way at once, which no other call takes a place from; many, for they wait together for one commit.
    pub bids_under_way: usize,
    /// Calls under way at once that take long by themselves: passwords, exports, a sandbox's time.
    pub long_under_way: usize,
    /// How long the head of a request may take to arrive, seconds; of a later one on a connection that long after the
    /// connection might have been silent.
    pub head_seconds: u32,
    /// How long a body may take to arrive, or each piece of an upload, seconds.
    pub body_seconds: u32,
    /// How long a client may take nothing of what is sent to him, seconds; then his connection ends.
    pub unread_seconds: u32,
    /// How long a connection may be silent on which nothing is under way, seconds; then it ends.
    pub idle_seconds: u32,
}

/// How long anybody is waited for: the head and the body of a request, that an answer is taken, and the next request;
/// seconds.
const HEAD_SECONDS: u32 = 5;
const BODY_SECONDS: u32 = 10;
const UNREAD_SECONDS: u32 = 30;
/// How many that wait for a PostgreSQL keep a processor busy.
const WAIT_FOR_POSTGRES: usize = 4;
/// With the head less than ten in all, since a later head has as long after the silence.
const IDLE_SECONDS: u32 = 4;

impl Default for LimitConfig {
    fn default() -> Self {
        Self {
            stranger_per_minute: 120,
            caller_per_minute: 600,
            bids_per_second: 10,
            bid_burst: 20,
            exports_per_hour: 5,
            feeds_per_caller: 5,
            feeds_per_stranger: 20,
            under_way: None,
            bids_under_way: 512,
            long_under_way: 64,
            head_seconds: HEAD_SECONDS,
            body_seconds: BODY_SECONDS,
            unread_seconds: UNREAD_SECONDS,
            idle_seconds: IDLE_SECONDS,
        }
    }
}

impl LimitConfig {
    /// Of a sandbox, unless others are set: whoever tries things out, replays or measures is in a hurry.
    pub const SANDBOX: Self = Self {
        stranger_per_minute: 60_000,
        caller_per_minute: 60_000,
        bids_per_second: 1_000,
        bid_burst: 1_000,
        exports_per_hour: 1_000,
        feeds_per_caller: 100,
        feeds_per_stranger: 1_000,
        under_way: Some(256),
        bids_under_way: 1_024,
        long_under_way: 256,
        head_seconds: HEAD_SECONDS,
        body_seconds: BODY_SECONDS,
        unread_seconds: UNREAD_SECONDS,
        idle_seconds: IDLE_SECONDS,
    };

    /// No limits.
    pub const NONE: Self = Self {
        stranger_per_minute: 0,
        caller_per_minute: 0,
        bids_per_second: 0,
        bid_burst: 0,
        exports_per_hour: 0,
        feeds_per_caller: 0,
        feeds_per_stranger: 0,
        under_way: Some(0),
        bids_under_way: 0,
        long_under_way: 0,
        head_seconds: 0,
        body_seconds: 0,
        unread_seconds: 0,
        idle_seconds: 0,
    };

    /// How many questions may be under way at once, and deeds. Within SQLite as many as there are processors keep these busy, and
    /// more only make each other slow; of those that wait for a PostgreSQL, by so many connections, several do.
    pub fn under_way(&self, connections: Option<u32>) -> usize {
        let processors = || std::thread::available_parallelism().map_or(2, usize::from).max(2);
        let usual = || match connections {
            Some(connections) => (WAIT_FOR_POSTGRES * processors()).min(connections as usize).max(processors()),
            None => processors(),
        };
        self.under_way.unwrap_or_else(usual)
    }

    /// So many seconds; nothing where there is no limit.
    pub fn patience(seconds: u32) -> Option<Duration> {
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }
}

/// By which gate a call comes, so that none waits for what it does not need itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Questions, which no writer holds up.
    Questions,
    /// Deeds.
    Deeds,
    /// Bids.
    Bids,
    /// What takes long by itself.
    Long,
}

/// Whose calls are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// A stranger's address; of IPv6 the network one line gets.
    Address(IpAddr),
    /// Somebody, in all his sessions and with all his keys.
    Person(PersonId),
    /// Whoever comes from nowhere: a call inside the process.
    Nowhere,
}

impl Name {
    /// The name of a caller.
    pub fn of(actor: Option<&Actor>, address: Option<IpAddr>) -> Self {
        match (actor, address) {
            (Some(actor), _) => Self::Person(actor.person),
            (None, Some(IpAddr::V6(v6))) => {
                let [a, b, c, d, ..] = v6.segments();
                Self::Address(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
            (None, Some(v4)) => Self::Address(v4),
            (None, None) => Self::Nowhere,
        }
    }

    fn is_stranger(self) -> bool {
        matches!(self, Self::Address(_) | Self::Nowhere)
    }
}

/// Where a caller stands after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    name: &'static str,
    quota: u32,
    window: u64,
    /// How many more calls may come at once.
    pub remaining: u32,
    /// Seconds until there is room for more.
    pub reset: u64,
}

impl Standing {
    /// The limit, as `RateLimit-Policy` says it.
    pub fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.quota, self.window)
    }

    /// What is left of it, as `RateLimit` says it.
    pub fn left(&self) -> String {
        format!("\"{}\";r={};t={}", self.name, self.remaining, self.reset)
    }
}

/// Real time as limits count it.
#[derive(Clone)]
struct RealTime(World);

impl Clock for RealTime {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let micros = u64::try_from(self.0.real_now().timestamp_micros()).unwrap_or_default();
        Duration::from_micros(micros).into()
    }
}

type Limiter = RateLimiter<Name, DashMapStateStore<Name>, RealTime, StateInformationMiddleware>;

/// One limit.
struct Bucket {
    name: &'static str,
    quota: Quota,
    clock: RealTime,
    limiter: Limiter,
}

impl Bucket {
    /// So many at once, all of which come back over a window.
    fn new(name: &'static str, burst: u32, window: Duration, world: &World) -> Option<Self> {
        let burst = NonZeroU32::new(burst)?;
        let quota = Quota::with_period(window / burst.get())?.allow_burst(burst);
        let clock = RealTime(world.clone());
        let limiter = RateLimiter::new(quota, DashMapStateStore::default(), clock.clone());
        Some(Self { name, quota, clock, limiter })
    }

    fn count(&self, who: Name) -> (Standing, bool) {
        let (remaining, reset, allowed) = match self.limiter.check_key(&who) {
            Ok(left) => {
                let remaining = left.remaining_burst_capacity();
                let missing = self.quota.burst_size().get().saturating_sub(remaining);
                (remaining, self.quota.replenish_interval() * missing, true)
            }
            Err(refused) => (0, refused.wait_time_from(self.clock.now()), false),
        };
        let standing = Standing {
            name: self.name,
            quota: self.quota.burst_size().get(),
            window: whole_seconds(self.quota.burst_size_replenished_in()),
            remaining,
            reset: whole_seconds(reset),
        };
        (standing, allowed)
    }
}

/// The limits of one server.
pub struct Limits {
    strangers: Option<Bucket>,
    callers: Option<Bucket>,
    bids: Option<Bucket>,
    exports: Option<Bucket>,
    questions: Option<Gate>,
    deeds: Option<Gate>,
    bids_under_way: Option<Gate>,
    long: Option<Gate>,
    feeds: Arc<Mutex<HashMap<Name, VecDeque<Arc<CancellationToken>>>>>,
    config: LimitConfig,
}

impl Limits {
    /// As configured; beside it how many connections there are to a PostgreSQL for questions.
    pub fn new(config: &LimitConfig, connections: Option<u32>, world: &World) -> Self {
        let under_way = config.under_way(connections);
        let minute = Duration::from_mins(1);
        // A burst comes back in the time its rate says.
        let burst = config.bid_burst.max(config.bids_per_second);
        let back = Duration::from_secs(1) * burst / config.bids_per_second.max(1);
        Self {
            strangers: Bucket::new("strangers", config.stranger_per_minute, minute, world),
            callers: Bucket::new("callers", config.caller_per_minute, minute, world),
            bids: Bucket::new("bids", if config.bids_per_second == 0 { 0 } else { burst }, back, world),
            exports: Bucket::new("exports", config.exports_per_hour, Duration::from_hours(1), world),
            questions: Gate::new(under_way),
            deeds: Gate::new(under_way),
            bids_under_way: Gate::new(config.bids_under_way),
            long: Gate::new(config.long_under_way),
            feeds: Arc::default(),
            config: *config,
        }
    }

    /// As they are set.
    pub fn config(&self) -> &LimitConfig {
        &self.config
    }

    /// Counts a call; where the caller stands then, and the refusal if it was one too many.
    pub fn count(&self, class: Class, who: Name) -> (Option<Standing>, Result<(), Problem>) {
        let usual = if who.is_stranger() { &self.strangers } else { &self.callers };
        let bucket = match class {
            _ if who.is_stranger() => usual,
            Class::Bid => &self.bids,
            Class::Export => &self.exports,
            Class::Usual | Class::Long => usual,
        };
        let Some(bucket) = bucket else { return (None, Ok(())) };
        let (standing, allowed) = bucket.count(who);
        (Some(standing), if allowed { Ok(()) } else { Err(too_often(standing.reset)) })
    }

    /// A place among the calls under way of a lane; without one the call is sent away.
    pub async fn place(&self, lane: Lane) -> Result<Option<OwnedSemaphorePermit>, Problem> {
        let gate = match lane {
            Lane::Questions => &self.questions,
            Lane::Deeds => &self.deeds,
            Lane::Bids => &self.bids_under_way,
            Lane::Long => &self.long,
        };
        match gate {
            Some(gate) => gate.enter().await.map(Some),
            None => Ok(None),
        }
    }

    /// A place for one more live feed of a caller. One too many of somebody signed in ends his oldest, of which he
    /// may have gone without a word; a stranger's is refused, since others may be behind his address.
    pub fn feed(&self, who: Name) -> Result<FeedPlace, Problem> {
        let most = if who.is_stranger() { self.config.feeds_per_stranger } else { self.config.feeds_per_caller };
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        let open = feeds.entry(who).or_default();
        if most > 0 && open.len() >= most as usize {
            if who.is_stranger() {
                return Err(too_often(1));
            }
            if let Some(oldest) = open.pop_front() {
                oldest.cancel();
            }
        }
        let ended = Arc::new(CancellationToken::new());
        open.push_back(ended.clone());
        metrics::gauge!("zhepai_live_feeds").increment(1.0);
        Ok(FeedPlace { who, ended, feeds: self.feeds.clone() })
    }

    /// Forgets callers who have not called for as long as they are counted.
    pub fn forget(&self) {
        for bucket in [&self.strangers, &self.callers, &self.bids, &self.exports].into_iter().flatten() {
            bucket.limiter.retain_recent();
        }
    }
}

/// Seconds, a begun one counted whole.
fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

fn too_often(seconds: u64) -> Problem {
    Problem { retry_after: Some(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)), ..Code::RateLimited.into() }
}

/// A place for a live feed, given back when it is dropped.
pub struct FeedPlace {
    who: Name,
    ended: Arc<CancellationToken>,
    feeds: Arc<Mutex<HashMap<Name, VecDeque<Arc<CancellationToken>>>>>,
}

impl FeedPlace {
    /// Ends when the place has gone to a later feed; a stranger's never does.
    pub async fn lost(&self) {
        if self.who.is_stranger() {
            std::future::pending::<()>().await;
        }
        self.ended.cancelled().await;
    }
}

impl Drop for FeedPlace {
    fn drop(&mut self) {
        metrics::gauge!("zhepai_live_feeds").decrement(1.0);
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = feeds.get_mut(&self.who) {
            open.retain(|ended| !Arc::ptr_eq(ended, &self.ended));
            if open.is_empty() {
                feeds.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};
    use std::time::Instant;

    use super::*;

    fn world() -> World {
        World::starting_at(Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap())
    }

    fn somebody(number: u8) -> Name {
        Name::Address(IpAddr::from([203, 0, 113, number]))
    }

    #[test]
    fn each_caller_has_his_own_and_gets_it_back_in_time() {
        let world = world();
        let limits = Limits::new(&LimitConfig { stranger_per_minute: 3, ..LimitConfig::NONE }, None, &world);
        let call = |who| limits.count(Class::Usual, who);
        for left in [2, 1, 0] {
            let (standing, allowed) = call(somebody(1));
            assert_eq!((standing.unwrap().remaining, allowed), (left, Ok(())));
        }
        let (standing, refused) = call(somebody(1));
        let refused = refused.unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (Code::RateLimited, Some(20)));
        assert_eq!(standing.unwrap().policy(), "\"strangers\";q=3;w=60");
        assert_eq!(standing.unwrap().left(), "\"strangers\";r=0;t=20");
        assert!(call(somebody(2)).1.is_ok(), "another is counted by himself");
        world.synchronise(world.real_now() + TimeDelta::seconds(21), Instant::now());
        assert!(call(somebody(1)).1.is_ok() && call(somebody(1)).1.is_err());
    }

    #[test]
    fn more_may_wait_for_postgresql_than_work_in_sqlite_but_none_for_a_connection() {
        let limits = LimitConfig::default();
        let processors = limits.under_way(None);
        assert!(processors >= 2);
        assert_eq!(limits.under_way(Some(u32::MAX)), 4 * processors);
        assert_eq!(limits.under_way(Some(1)), processors);
        assert_eq!(LimitConfig { under_way: Some(7), ..limits }.under_way(Some(8)), 7);
    }

    #[test]
    fn bids_are_counted_by_themselves() {
        let limits =
            Limits::new(&LimitConfig { caller_per_minute: 1, bids_per_second: 2, bid_burst: 4, ..LimitConfig::NONE }, None, &world());
        let bidder = Name::Person(PersonId(uuid::Uuid::nil()));
        assert!(limits.count(Class::Usual, bidder).1.is_ok() && limits.count(Class::Usual, bidder).1.is_err());
        let accepted = (0..9).filter(|_| limits.count(Class::Bid, bidder).1.is_ok()).count();
        assert_eq!(accepted, 4);
    }

    #[tokio::test]
    async fn each_lane_has_places_of_its_own() {
        let config = LimitConfig { under_way: Some(1), bids_under_way: 1, long_under_way: 1, ..LimitConfig::NONE };
        let limits = Limits::new(&config, None, &world());
        let mut held = Vec::new();
        for lane in [Lane::Questions, Lane::Deeds, Lane::Bids, Lane::Long] {
            held.push(limits.place(lane).await.unwrap());
            assert_eq!(limits.place(lane).await.unwrap_err().code, Code::Busy);
        }
        held.clear();
        assert!(limits.place(Lane::Bids).await.unwrap().is_some());
        let open = Limits::new(&LimitConfig::NONE, None, &world());
        assert!(open.place(Lane::Deeds).await.unwrap().is_none());
    }

    #[test]
    fn a_feed_that_ended_makes_room_for_another() {
        let limits = Limits::new(&LimitConfig { feeds_per_stranger: 2, ..LimitConfig::NONE }, None, &world());
        let (first, _second) = (limits.feed(somebody(1)).unwrap(), limits.feed(somebody(1)).unwrap());
        assert!(limits.feed(somebody(1)).is_err() && limits.feed(somebody(2)).is_ok());
        drop(first);
        assert!(limits.feed(somebody(1)).is_ok());
    }

    #[test]
    fn of_somebody_signed_in_the_oldest_feed_ends() {
        let limits = Limits::new(&LimitConfig { feeds_per_caller: 2, ..LimitConfig::NONE }, None, &world());
        let me = Name::Person(PersonId(uuid::Uuid::nil()));
        let feeds: Vec<_> = (0..3).map(|_| limits.feed(me).unwrap()).collect();
        assert_eq!(feeds.iter().map(|feed| feed.ended.is_cancelled()).collect::<Vec<_>>(), [true, false, false]);
        drop(feeds);
        assert!(limits.feeds.lock().unwrap().is_empty());
    }

    #[test]
    fn an_ipv6_line_is_one_caller() {
        let of = |text: &str| Name::of(None, Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2:3::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
