//! No bid is acknowledged before the log it stands in was synced.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use entity::money::Money;
use serde_json::json;

use crate::common::Base;
use crate::common::cluster::Cluster;
use crate::common::database;
use crate::common::program::Program;
use crate::durability::heavy::{START, STEP, a_running_market};
use crate::linear::trace::{Exchange, exchanges, steps, unsynced};

/// How many bids are looked at.
const BIDS: usize = 10;

/// Whether strace is here and may watch a process; says loudly what is skipped if not.
fn has_strace() -> bool {
    let may = Command::new("strace").args(["-D", "-o", "/dev/null", "true"]).output().is_ok_and(|output| output.status.success());
    if !may {
        eprintln!("SKIPPED: strace is missing or may not watch processes here: on Debian, apt-get install strace (tests/run does)");
    }
    may
}

/// Bids one after another at a server that is traced; when each was asked for and acknowledged.
async fn bids_in_turn(database: &str, folder: &Path) -> (Vec<Exchange>, String) {
    let trace = folder.join("server.trace");
    let program = Program::serve_traced(database, folder, &trace);
    let (lot, bidders) = a_running_market(&program.client(), 2).await;
    let path = format!("/v1/lots/{lot}/bids");
    for number in 0..BIDS {
        // Apart, so that none is acknowledged with what was synced for another.
        tokio::time::sleep(Duration::from_millis(150)).await;
        let price = Money::fen(START.minor + STEP * i64::try_from(number).unwrap());
        let reply = bidders[number % 2].client.post(&path, json!({"price": price})).send().await.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.body);
    }
    // What was seen last is written down a little later.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let traced = fs::read_to_string(trace).unwrap();
    let found = exchanges(&steps(&traced), &format!("POST {path}"), "HTTP/1.1 201");
    assert_eq!(found.len(), BIDS, "the trace does not show the bids");
    (found, traced)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_bid_is_acknowledged_before_its_log_is_synced_on_sqlite() {
    if !has_strace() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Sqlite, folder.path()).await;
    let (bids, traced) = bids_in_turn(&database, folder.path()).await;
    assert_eq!(unsynced(&bids, &steps(&traced), "market.db-wal"), None, "acknowledged before it was synced");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_bid_is_acknowledged_before_its_log_is_synced_on_postgres() {
    if !has_strace() {
        return;
    }
    let Some(mut cluster) = Cluster::made() else { return };
    let trace = cluster.start_traced();
    let folder = tempfile::tempdir().unwrap();
    let (bids, _) = bids_in_turn(&cluster.database(), folder.path()).await;
    let traced = fs::read_to_string(trace).unwrap();
    assert_eq!(unsynced(&bids, &steps(&traced), "/pg_wal/"), None, "acknowledged before it was synced");
}
