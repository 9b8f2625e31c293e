//! Whoever asks and goes away before he is answered leaves nothing behind: no transaction that is never ended, no bid that is half done.

use std::time::Duration;

use entity::money::Money;
use futures_util::future::join_all;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};
use zhepai::client::{Client, Reply};

use crate::common::Market;
use crate::common::fixtures::{enterprise, open_lot, university};
use crate::common::play::{is_whole, log};
use crate::common::program::leaves;
use crate::on_both;

/// How many bidders go away at once, each of whom comes back under the same name.
const BIDDERS: u32 = 8;
/// The longest that anybody waits before he goes, microseconds.
const PATIENCE_MICROS: u64 = 12_000;
/// For how long a transaction may stand that nobody goes on with.
const LONGEST_IDLE: Duration = Duration::from_secs(5);

/// A bid of one of the bidders, by its number: which price under which key.
async fn bid_number(bidder: &Client, lot: &str, number: u32) -> Reply {
    let price = Money::fen(1_000_000 + i64::from(number) * 10_000);
    let bid = json!({"price": price, "confirmed": true});
    bidder.post(&format!("/v1/lots/{lot}/bids"), bid).key(&format!("leaving-{number}")).send().await.unwrap()
}

/// Asks under the same key until the market is no longer busy with it.
async fn settled(bidder: &Client, lot: &str, number: u32) -> Reply {
    loop {
        let reply = bid_number(bidder, lot, number).await;
        if !matches!(reply.code(), "busy" | "in_flight") {
            return reply;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// How many transactions of this market's database stand open while nobody asks anything of them.
async fn idle_in_transaction(market: &Market) -> i64 {
    let db = Database::connect(market.config.database.as_str()).await.unwrap();
    let counted = "SELECT count(*) AS idle FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let row = db.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, counted)).await.unwrap().unwrap();
    row.try_get("", "idle").unwrap()
}

on_both! {
    async fn who_goes_away_before_the_answer_leaves_nothing_behind(market) {
        let seller = university(&market).await;
        let mut firms = Vec::new();
        for number in 1..=BIDDERS {
            firms.push(enterprise(&market, &format!("firm-{number}"), number).await);
        }
        let invited: Vec<_> = firms.iter().collect();
        let lot = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &invited).await.lot;
        let count = leaves(800);
        let numbers: Vec<u32> = (0..count).collect();
        let mut unanswered = 0;
        for together in numbers.chunks(BIDDERS as usize) {
            let gone = together.iter().zip(&firms).map(|(&number, firm)| {
                // Some are gone before they are read, some while they are judged, some just before they are told.
                let patience = Duration::from_micros(u64::from(number) * 7_919 % PATIENCE_MICROS);
                timeout(patience, bid_number(&firm.client, &lot, number))
            });
            unanswered += join_all(gone).await.into_iter().filter(Result::is_err).count();
        }
        assert!(unanswered * 4 > numbers.len(), "only {unanswered} of {count} went away");

        if !market.house().db.is_sqlite() {
            let begun = Instant::now();
            while idle_in_transaction(&market).await > 0 {
                assert!(begun.elapsed() < LONGEST_IDLE, "a transaction is left open");
                sleep(Duration::from_millis(100)).await;
            }
        }
        for number in 0..100 {
            let reader = &firms[number % firms.len()].client;
            let read = reader.ask(Method::GET, &format!("/v1/lots/{lot}")).send().await.unwrap();
            assert_eq!(read.status, 200, "{}", read.body);
        }
        // What became of each is told under its key, and what was told is what counts.
        let mut counted = 0;
        for &number in &numbers {
            let reply = settled(&firms[number as usize % firms.len()].client, &lot, number).await;
            match (reply.status, reply.code()) {
                (201, _) => counted += 1,
                (422, "too_low" | "already_leading") => {}
                _ => panic!("{}: {} {}", reply.asked, reply.status, reply.body),
            }
        }
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        assert_eq!(events.iter().filter(|event| event["kind"] == "bid_placed").count(), counted);
        assert!(counted > 0);
    }
}
