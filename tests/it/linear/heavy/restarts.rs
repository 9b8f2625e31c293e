//! What keeps the log stops, or is full, while everybody bids: who was acknowledged counts, and who was not is told to ask
//! again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use entity::money::Money;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;

use crate::common::Base;
use crate::common::cluster::Cluster;
use crate::common::database;
use crate::common::play::{eventually, is_whole, log, money, prices_rise};
use crate::common::program::{Program, kills};
use crate::durability::heavy::{Bidder, START, STEP, a_running_market, it_closes_once, the_log_holds};

/// How long any answer may take, whatever happens to the database.
const PATIENCE: Duration = Duration::from_secs(6);

/// What is known of everybody's bids while they go on.
#[derive(Default)]
struct Bidding {
    over: AtomicBool,
    acknowledged: AtomicUsize,
    told_to_wait: AtomicUsize,
}

impl Bidding {
    /// Bids until it is over, each bid under one key until it is known what came of it; the receipts.
    async fn of(&self, bidder: &Client, lot: &str) -> Vec<Value> {
        let (path, mut receipts, mut price) = (format!("/v1/lots/{lot}/bids"), Vec::new(), START);
        while !self.over.load(Ordering::Acquire) {
            let key = Uuid::new_v4().to_string();
            let reply = loop {
                let asked = Instant::now();
                let reply = bidder.post(&path, json!({"price": price, "confirmed": true})).key(&key).send().await.unwrap();
                assert!(asked.elapsed() < PATIENCE, "{} {} took {:?}", reply.status, reply.code(), asked.elapsed());
                if reply.status != 503 && reply.code() != "in_flight" {
                    break reply;
                }
                assert!(reply.header("Retry-After").is_some(), "{}", reply.body);
                self.told_to_wait.fetch_add(1, Ordering::AcqRel);
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
            tokio::time::sleep(Duration::from_millis(300)).await;
            tokio::task::block_in_place(|| cluster.start());
            let took = watched.goes_on().await;
            assert!(took < Duration::from_secs(3), "it took {took:?} to go on");
        }
        watched.over.store(true, Ordering::Release);
        cluster
    });
    // It runs until everything was looked at.
    let (receipts, _cluster) = tokio::join!(bidding.of_all(&bidders, &lot), async { restarts.await.unwrap() });
    eprintln!("bidders were told to wait {} times", bidding.told_to_wait.load(Ordering::Acquire));
    all_is_kept(&stranger, &lot, &receipts).await;
}

/// Lets a disk be full three times while everybody bids; their receipts.
async fn through_full_disks(stranger: &Client, lot: &str, bidders: &[Bidder], is_full: impl Fn(bool)) -> Vec<Value> {
    let bidding = Bidding::default();
    let fills = async {
        for _ in 0..3 {
            bidding.goes_on().await;
            is_full(true);
            let before = bidding.told_to_wait.load(Ordering::Acquire);
            eventually(async || bidding.told_to_wait.load(Ordering::Acquire) > before + 20).await;
            stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
            is_full(false);
            let took = bidding.goes_on().await;
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
}
