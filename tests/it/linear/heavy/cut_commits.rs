//! A commit whose answer was lost is looked up, never guessed: the bidder is told what came of it, or to ask again.

use std::time::Duration;

use entity::money::Money;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::{Client, Reply};

use crate::common::Base;
use crate::common::database::{self, has_postgres};
use crate::common::play::{is_whole, log, of_kind};
use crate::common::program::kills;
use crate::common::proxy::Cut;
use crate::durability::heavy::{START, STEP, a_running_market, it_closes_once, the_log_holds};
use crate::linear::servers::Standing;

/// Bids under a key; the answer, whatever it is.
async fn bid(bidder: &Client, lot: &str, price: Money, key: &str) -> Reply {
    bidder.post(&format!("/v1/lots/{lot}/bids"), json!({"price": price})).key(key).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_was_cut_is_settled_by_its_key() {
    if !has_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Postgres, folder.path()).await;
    let server = Standing::start(&database, folder.path(), Vec::new()).await;
    let stranger = server.client();
    let (lot, bidders) = a_running_market(&stranger, 2).await;
    let mut receipts: Vec<Value> = Vec::new();
    for number in 0..kills(20) {
        let (place, cut) = if number.is_multiple_of(2) { (1, Cut::Unanswered) } else { (0, Cut::Unsent) };
        // In turn, or the second bid would be refused as the leader's own.
        let bidder = &bidders[receipts.len() % 2].client;
        let price = Money::fen(START.minor + STEP * i64::from(number));
        let key = Uuid::new_v4().to_string();
        let before = server.to_database.were_cut()[place];
        server.to_database.set(cut);
        let mut reply = bid(bidder, &lot, price, &key).await;
        server.to_database.set(Cut::Never);
        assert!(server.to_database.were_cut()[place] > before, "no commit was cut");
        while matches!(reply.code(), "busy" | "in_flight") {
            assert!(reply.header("Retry-After").is_some(), "{}", reply.body);
            tokio::time::sleep(Duration::from_millis(50)).await;
            reply = bid(bidder, &lot, price, &key).await;
        }
        assert_eq!(reply.status, 201, "{cut:?}: {}", reply.body);
        receipts.push(reply.body);
        let events = log(&stranger, &lot).await;
        assert_eq!(of_kind(&events, "bid_placed").len(), receipts.len(), "{cut:?}");
    }
    let events = log(&stranger, &lot).await;
    is_whole(&lot, &events);
    the_log_holds(&events, &receipts.iter().collect::<Vec<_>>());
    it_closes_once(&stranger, &lot).await;
}
