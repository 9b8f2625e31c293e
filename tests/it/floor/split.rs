//! What the database refuses of one bid it refuses of no other in the batch.

use std::time::Duration;

use entity::money::Money;
use serde_json::json;
use zhepai::client::{Client, Reply};
use zhepai::play::text;

use super::{Held, begin};
use crate::common::Market;
use crate::common::fixtures::{enterprise, open_lot, university};
use crate::common::play::{cny, granted, is_whole, log, of_kind, refused};
use crate::on_both;

/// From now on the database takes no event of a lot that names somebody.
async fn takes_nothing_of(market: &Market, pseudonym: &str) {
    let condition = format!("NEW.body LIKE '%{pseudonym}%'");
    let statement = if market.house().db.is_sqlite() {
        format!("CREATE TRIGGER refuse BEFORE INSERT ON lot_event WHEN {condition} BEGIN SELECT RAISE(ABORT, 'not his'); END")
    } else {
        format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not his'; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON lot_event FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse()"
        )
    };
    market.by_hand(&statement).await;
}

async fn takes_everything_again(market: &Market) {
    market.by_hand(if market.house().db.is_sqlite() { "DROP TRIGGER refuse" } else { "DROP TRIGGER refuse ON lot_event" }).await;
}

/// Bids under a key that is always the same.
async fn bid_under_one_key(bidder: &Client, lot: &str, price: &str) -> Reply {
    let path = format!("/v1/lots/{lot}/bids");
    bidder.post(&path, json!({"price": cny(price), "confirmed": true})).key("always-the-same").send().await.unwrap()
}

on_both! {
    /// The bids beside it are judged again as if it had not been there, and nothing of it is left.
    async fn a_bid_that_the_database_refuses_takes_none_along_that_waits_with_it(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let unlucky = enterprise(&market, "firm-3", 3).await;
        let lot = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&one, &two, &unlucky]).await.lot;
        let admissions = unlucky.client.get("/v1/admissions").await.unwrap();
        takes_nothing_of(&market, &text(&admissions["items"][0]["pseudonym"])).await;

        let held = Held::hold(&market, &lot).await;
        let first = begin(&one.client, &lot, "10000.00").await;
        let second = begin(&two.client, &lot, "10100.00").await;
        let refused_one = tokio::spawn({
            let (bidder, lot) = (unlucky.client.clone(), lot.clone());
            async move { bid_under_one_key(&bidder, &lot, "10400.00").await }
        });
        tokio::time::sleep(Duration::from_millis(60)).await;
        // Too low for whoever is judged after it in one batch, were it to count.
        let third = begin(&one.client, &lot, "10200.00").await;
        let fourth = begin(&two.client, &lot, "10300.00").await;
        // Whoever waits for the lot meanwhile has given up by then, and all are taken together.
        tokio::time::sleep(Duration::from_millis(200)).await;
        held.let_go().await;

        for counted in [first, second, third, fourth] {
            granted(&counted.await.unwrap(), 201);
        }
        refused(&refused_one.await.unwrap(), 500, "internal");
        let prices = async || {
            let events = log(&market.stranger, &lot).await;
            is_whole(&lot, &events);
            of_kind(&events, "bid_placed").iter().map(|event| event["body"]["price"]["amount"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(prices().await, ["10000.00", "10100.00", "10200.00", "10300.00"]);

        takes_everything_again(&market).await;
        let again = bid_under_one_key(&unlucky.client, &lot, "10400.00").await;
        granted(&again, 201);
        assert_eq!(again.header("Idempotency-Replayed"), None);
        assert_eq!(prices().await.last().unwrap(), "10400.00");
    }
}
