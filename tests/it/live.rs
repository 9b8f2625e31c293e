//! The live feed is the log: in order, without gap or double, to the end.

use entity::money::Money;
use serde_json::{Value, json};
use zhepai::client::Client;

use crate::common::Market;
use crate::common::fixtures::{enterprise, open_lot, university};
use crate::common::play::{Said, Watch, bid, cny, granted, is_whole, log, refused};
use crate::on_both;

/// A lot open for bids and the clients of its two bidders.
async fn a_lot_and_two_bidders(market: &Market) -> (String, Client, Client) {
    let seller = university(market).await;
    let (one, two) = (enterprise(market, "firm-1", 1).await, enterprise(market, "firm-2", 2).await);
    let lot = open_lot(market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&one, &two]).await.lot;
    (lot, one.client, two.client)
}

/// Bids in turn, one step each.
async fn bid_in_turn(lot: &str, bidders: [&Client; 2], rounds: std::ops::Range<usize>) {
    for round in rounds {
        granted(&bid(bidders[round % 2], lot, &format!("{}.00", 10_000 + 100 * round)).await, 201);
    }
}

/// What a feed said, without the time at which it was said.
fn events(said: &[Said]) -> Vec<Value> {
    let mut events: Vec<Value> = said.iter().map(|said| said.data.clone()).collect();
    for event in &mut events {
        assert!(event.as_object_mut().unwrap().remove("server_time").is_some());
    }
    events
}

on_both! {
    async fn the_feed_says_the_log_and_ends_when_the_lot_has_ended(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        let mut watch = Watch::open(&market.server.url(), &lot, None).await;
        assert!(watch.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")));
        bid_in_turn(&lot, [&one, &two], 0..6).await;
        market.pass(24 * 60 + 1).await;
        let said = watch.rest().await;

        let stored = log(&market.stranger, &lot).await;
        is_whole(&lot, &stored);
        assert_eq!(events(&said), stored);
        for event in &said {
            assert_eq!((json!(event.id), json!(event.kind)), (event.data["seq"].clone(), event.data["kind"].clone()));
        }
        assert_eq!(said.last().unwrap().kind, "sold");
    }
}

on_both! {
    async fn a_watcher_who_comes_back_has_lost_nothing(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        let url = market.server.url();
        let mut watch = Watch::open(&url, &lot, None).await;
        bid_in_turn(&lot, [&one, &two], 0..4).await;
        let mut said = watch.take(4).await;
        drop(watch);
        bid_in_turn(&lot, [&one, &two], 4..8).await;
        let mut watch = Watch::open(&url, &lot, said.last().map(|event| event.id)).await;
        said.extend(watch.take(3).await);
        drop(watch);
        market.pass(24 * 60 + 1).await;
        let mut watch = Watch::open(&url, &lot, said.last().map(|event| event.id)).await;
        said.extend(watch.rest().await);
        assert_eq!(events(&said), log(&market.stranger, &lot).await);
    }
}

on_both! {
    async fn the_feed_of_a_lot_that_has_ended_tells_it_all_and_ends(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        bid_in_turn(&lot, [&one, &two], 0..2).await;
        market.pass(24 * 60 + 1).await;
        let stored = log(&market.stranger, &lot).await;
        let url = market.server.url();
        assert_eq!(events(&Watch::open(&url, &lot, None).await.rest().await), stored);
        let last = stored.last().unwrap()["seq"].as_i64();
        assert!(Watch::open(&url, &lot, last).await.rest().await.is_empty());
    }
}

on_both! {
    async fn a_last_event_id_that_is_no_number_is_refused(market) {
        let (lot, _, _) = a_lot_and_two_bidders(&market).await;
        for odd in ["x", "-1", "1.5", ""] {
            let url = format!("{}/v1/lots/{lot}/stream", market.server.url());
            let answer = crate::common::http().get(url).header("Last-Event-ID", odd).send().await.unwrap();
            assert_eq!(answer.status(), 400, "{odd:?}");
            assert_eq!(answer.json::<Value>().await.unwrap()["code"], "malformed");
        }
    }
}

on_both! {
    /// Compression would hold small pieces back.
    async fn the_feed_is_never_compressed(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        let url = format!("{}/v1/lots/{lot}/stream", market.server.url());
        let mut watch = Watch::of(crate::common::http().get(url).header("Accept-Encoding", "gzip, zstd")).await;
        assert!(watch.header("content-encoding").is_none_or(|how| how == "identity"));
        watch.take(3).await;
        for round in 0..3 {
            bid_in_turn(&lot, [&one, &two], round..round + 1).await;
            assert_eq!(watch.next().await.unwrap().kind, "bid_placed");
        }
    }
}

on_both! {
    /// A bid on a version counts only if nothing has happened since.
    async fn a_conditional_bid_on_an_old_version_is_refused_with_the_new_one(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        let path = format!("/v1/lots/{lot}/bids");
        let seen = market.stranger.look(&format!("/v1/lots/{lot}")).await.unwrap();
        let version = seen.body["version"].as_i64().unwrap();
        assert_eq!(seen.header("ETag"), Some(format!("\"{version}\"").as_str()));
        granted(&one.post(&path, json!({"price": cny("10000.00")})).on_version(version).send().await.unwrap(), 201);

        let stale = two.post(&path, json!({"price": cny("10100.00")})).on_version(version).send().await.unwrap();
        let problem = refused(&stale, 412, "stale");
        assert_eq!((&problem["version"], &problem["price"]), (&json!(version + 1), &cny("10000.00")));
        granted(&two.post(&path, json!({"price": cny("10100.00")})).on_version(version + 1).send().await.unwrap(), 201);
    }
}
