//! What keeps the log stops, or is full, while everybody bids: who was acknowledged counts, and who was not is told to ask
//! again.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use entity::money::Money;
use futures_util::future::join_all;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::{Asking, Client, Reply};

use crate::common::Base;
use crate::common::cluster::Cluster;
use crate::common::database;
use crate::common::play::{eventually, is_whole, log, money, prices_rise};
use crate::common::program::{Program, kills};
use crate::durability::heavy::{Bidder, START, STEP, a_running_market, it_closes_once, the_log_holds};

/// How long any answer may take, whatever happens to the database.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it may take to be told to ask again by whoever asks while there is no database.
const PROMPT: Duration = Duration::from_secs(2);
/// How long there is none: longer than that.
const AWAY: Duration = Duration::from_millis(2_500);
/// What whoever writes is told while a disk is full.
const EXHAUSTED: &str = "storage_exhausted";

/// What is known of everybody's bids while they go on.
#[derive(Default)]
struct Bidding {
    over: AtomicBool,
    acknowledged: AtomicUsize,
    /// How often whoever asked was told to ask again, by the code he was told it with.
    told: Mutex<BTreeMap<String, usize>>,
    /// Whether there is no database now.
    is_away: AtomicBool,
    /// What was answered to those who asked meanwhile, and after how long.
    meanwhile: Mutex<Vec<(Duration, String)>>,
}

impl Bidding {
    /// What a call is answered, which is never long in coming.
    async fn answered(&self, asking: Asking<'_>) -> Reply {
        let (asked, was_away) = (Instant::now(), self.is_away.load(Ordering::Acquire));
        let reply = asking.send().await.unwrap();
        let took = asked.elapsed();
        assert!(took < PATIENCE, "{} was answered {} {} after {took:?}", reply.asked, reply.status, reply.code());
        if reply.status == 503 {
            assert!(reply.header("Retry-After").is_some(), "{} is not told when to ask again: {}", reply.asked, reply.body);
            *self.told.lock().unwrap().entry(reply.code().to_owned()).or_default() += 1;
        }
        if was_away {
            self.meanwhile.lock().unwrap().push((took, format!("{}: {} {}", reply.asked, reply.status, reply.code())));
        }
        reply
    }

    /// How often somebody was told to ask again with this code.
    fn times_told(&self, code: &str) -> usize {
        self.told.lock().unwrap().get(code).copied().unwrap_or_default()
    }

    /// How often somebody was told to ask again.
    fn times_told_anything(&self) -> usize {
        self.told.lock().unwrap().values().sum()
    }

    /// Bids until it is over, each bid under one key until it is known what came of it; the receipts.
    async fn of(&self, bidder: &Client, lot: &str) -> Vec<Value> {
        let (path, mut receipts, mut price) = (format!("/v1/lots/{lot}/bids"), Vec::new(), START);
        while !self.over.load(Ordering::Acquire) {
            let key = Uuid::new_v4().to_string();
            let reply = loop {
                let asking = bidder.post(&path, json!({"price": price, "confirmed": true})).key(&key);
                let reply = self.answered(asking).await;
                if reply.status != 503 && reply.code() != "in_flight" {
                    break reply;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            };
            match (reply.status, reply.code()) {
                (201, _) => {
                    receipts.push(reply.body);
                    self.acknowledged.fetch_add(1, Ordering::AcqRel);
                    price = Money::fen(price.minor + STEP);
                }
                (422, "too_low") => price = money(&reply.body["at_least"]),
                (422, "already_leading") => tokio::time::sleep(Duration::from_millis(5)).await,
                _ => panic!("{}: {} {}", reply.asked, reply.status, reply.body),
            }
        }
        receipts
    }

    /// Looks at the lot and does something else than bid until it is over: who does is told to ask again as well.
    async fn beside(&self, stranger: &Client, member: &Client, lot: &str) {
        let path = format!("/v1/lots/{lot}");
        while !self.over.load(Ordering::Acquire) {
            let looked = self.answered(stranger.ask(Method::GET, &path)).await;
            // There is no such event: that it is refused for that is as good as any answer.
            let marked = self.answered(member.post("/v1/inbox/read-all", json!({"up_to": Uuid::new_v4()}))).await;
            for reply in [looked, marked] {
                assert!(reply.status < 500 || reply.status == 503, "{}: {} {}", reply.asked, reply.status, reply.body);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Everybody's receipts.
    async fn of_all(&self, bidders: &[Bidder], lot: &str) -> Vec<Value> {
        join_all(bidders.iter().map(|bidder| self.of(&bidder.client, lot))).await.concat()
    }

    /// Waits until somebody is acknowledged again; how long that took.
    async fn goes_on(&self) -> Duration {
        let (begun, before) = (Instant::now(), self.acknowledged.load(Ordering::Acquire));
        while self.acknowledged.load(Ordering::Acquire) == before {
            assert!(begun.elapsed() < Duration::from_secs(40), "nobody is acknowledged");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        begun.elapsed()
    }
}

/// Whether strace is here and may watch a process that it has not started; says loudly what is skipped if not.
fn may_trace_what_runs() -> bool {
    let may = Command::new("sh").args(["-c", "sleep 0.5 & exec strace -qq -o /dev/null -p $!"]).stderr(Stdio::null()).status();
    let may = may.is_ok_and(|status| status.success());
    if !may {
        eprintln!("SKIPPED: strace is missing or may not watch running processes here: on Debian, apt-get install strace, as root");
    }
    may
}

/// Sees that the log holds what was acknowledged and nothing else, and that the lot closes.
async fn all_is_kept(stranger: &Client, lot: &str, receipts: &[Value]) {
    let events = log(stranger, lot).await;
    is_whole(lot, &events);
    prices_rise(&events);
    the_log_holds(&events, &receipts.iter().collect::<Vec<_>>());
    it_closes_once(stranger, lot).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stops_at_once_and_starts_again_loses_no_bid() {
    let Some(mut cluster) = Cluster::made() else { return };
    cluster.start();
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(&cluster.database(), folder.path(), &[]);
    let stranger = program.client();
    let (lot, bidders) = a_running_market(&stranger, 8).await;
    let bidding = Arc::new(Bidding::default());
    let watched = bidding.clone();
    // In a task of its own: it waits for processes, while the bidders go on.
    let restarts = tokio::spawn(async move {
        for _ in 0..(kills(20) / 10).max(3) {
            watched.goes_on().await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            tokio::task::block_in_place(|| cluster.stop_at_once());
            watched.is_away.store(true, Ordering::Release);
            tokio::time::sleep(AWAY).await;
            watched.is_away.store(false, Ordering::Release);
            tokio::task::block_in_place(|| cluster.start());
            let took = watched.goes_on().await;
            assert!(took < Duration::from_secs(3), "it took {took:?} to go on");
        }
        watched.over.store(true, Ordering::Release);
        cluster
    });
    // It runs until everything was looked at.
    let bids = bidding.of_all(&bidders, &lot);
    let beside = bidding.beside(&stranger, &bidders[0].client, &lot);
    let (receipts, (), _cluster) = tokio::join!(bids, beside, async { restarts.await.unwrap() });
    let mut meanwhile = std::mem::take(&mut *bidding.meanwhile.lock().unwrap());
    meanwhile.sort();
    eprintln!("told to ask again: {:?}; asked while there was no database: {}", bidding.told.lock().unwrap(), meanwhile.len());
    all_is_kept(&stranger, &lot, &receipts).await;
    let Some((slowest, what)) = meanwhile.last() else { panic!("nobody asked while there was no database") };
    let late = meanwhile.iter().filter(|(took, _)| *took > PROMPT).count();
    assert!(late == 0, "{late} of those who asked while there was no database waited long; the slowest {slowest:?}: {what}");
    assert!(bidding.times_told("busy") > 0, "nobody was told that there was no database");
}

/// Lets a disk be full three times while everybody bids; their receipts. Each time it is said that it is, reads go on, and so do
/// bids once there is room.
async fn through_full_disks(stranger: &Client, lot: &str, bidders: &[Bidder], is_full: impl Fn(bool)) -> Vec<Value> {
    let bidding = Bidding::default();
    let fills = async {
        for _ in 0..3 {
            bidding.goes_on().await;
            let before = (bidding.times_told_anything(), bidding.times_told(EXHAUSTED));
            is_full(true);
            eventually(async || bidding.times_told_anything() > before.0 + 20).await;
            for path in [format!("/v1/lots/{lot}"), format!("/v1/lots/{lot}/events?after=0&limit=100"), "/v1/lots".into()] {
                let read = bidding.answered(stranger.ask(Method::GET, &path)).await;
                assert_eq!(read.status, 200, "{path} cannot be read while the disk is full: {}", read.body);
            }
            let told = bidding.times_told(EXHAUSTED) - before.1;
            is_full(false);
            let took = bidding.goes_on().await;
            eprintln!("it was said {told} times that the disk is full, and went on {took:?} after it was no more");
            assert!(told > 0, "it was not said that the disk is full: {:?}", bidding.told.lock().unwrap());
            assert!(took < Duration::from_secs(10), "it took {took:?} to go on");
        }
        bidding.over.store(true, Ordering::Release);
    };
    tokio::join!(bidding.of_all(bidders, lot), fills).0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_for_a_while_loses_no_bid_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Sqlite, folder.path()).await;
    let program = Program::serve_in_limits(&database, folder.path());
    let stranger = program.client();
    let (lot, bidders) = a_running_market(&stranger, 8).await;
    let limit = |is_full| program.limit_files(if is_full { "0" } else { "unlimited" });
    let receipts = through_full_disks(&stranger, &lot, &bidders, limit).await;
    all_is_kept(&stranger, &lot, &receipts).await;
    is_sound(&database).await;
}

/// Looks through every table and index of a file of SQLite.
async fn is_sound(database: &str) {
    let db = Database::connect(database).await.unwrap();
    let checked = Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA integrity_check");
    let row = db.query_one_raw(checked).await.unwrap().unwrap();
    assert_eq!(row.try_get::<String>("", "integrity_check").unwrap(), "ok");
}

/// A commit whose sync failed is none, and whoever asked for it is told to ask again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_syncs_nothing_for_a_while_loses_no_bid_on_sqlite() {
    if !may_trace_what_runs() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Sqlite, folder.path()).await;
    let program = Program::serve(&database, folder.path(), &[]);
    let stranger = program.client();
    let (lot, bidders) = a_running_market(&stranger, 8).await;
    let tracer = Mutex::new(None);
    let fail = |is_broken: bool| {
        let tracing = is_broken.then(|| program.fail_syncs());
        if let Some(mut before) = std::mem::replace(&mut *tracer.lock().unwrap(), tracing) {
            // Asked to end, it lets go of the server first.
            assert!(Command::new("kill").arg(before.id().to_string()).status().unwrap().success());
            before.wait().unwrap();
        }
    };
    let receipts = through_full_disks(&stranger, &lot, &bidders, fail).await;
    all_is_kept(&stranger, &lot, &receipts).await;
    is_sound(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_for_a_while_loses_no_bid_on_postgres() {
    let Some(mut cluster) = Cluster::made_on_a_small_disk() else { return };
    cluster.start();
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(&cluster.database(), folder.path(), &[]);
    let stranger = program.client();
    let (lot, bidders) = a_running_market(&stranger, 8).await;
    let receipts = through_full_disks(&stranger, &lot, &bidders, |is_full| cluster.fill(is_full)).await;
    all_is_kept(&stranger, &lot, &receipts).await;
    cluster.is_sound();
}
