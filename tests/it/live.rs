//! The live feed is the log: in order, without gap or double, to the end.

mod elsewhere;

use std::time::{Duration, Instant};

use entity::ids::LotId;
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::auctions::rules::log::{Body, Cause, append};
use zhepai::auctions::store;
use zhepai::client::Client;
use zhepai::platform::config::Config;
use zhepai::platform::db::Ending;
use zhepai::platform::keys::{hex, sha256};
use zhepai::server::Server;

use crate::common::feeds::{SlowReader, soon};
use crate::common::fixtures::{enterprise, open_lot, university};
use crate::common::play::{Said, Watch, bid, cny, eventually, granted, is_whole, log, refused, sorted, start, through};
use crate::common::{Base, Market, http, monday};
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
            let answer = http().get(url).header("Last-Event-ID", odd).send().await.unwrap();
            assert_eq!(answer.status(), 400, "{odd:?}");
            assert_eq!(answer.json::<Value>().await.unwrap()["code"], "malformed");
        }
    }
}

on_both! {
    async fn who_knows_nothing_is_told_how_the_lot_stands_and_then_what_follows(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        bid_in_turn(&lot, [&one, &two], 0..2).await;
        let read = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
        let mut watch = Watch::newly(&market.server.url(), &lot).await;
        let first = watch.step().await.unwrap();
        assert_eq!((first.kind.as_str(), json!(first.id)), ("snapshot", read["version"].clone()));
        let (mut told, state) = (first.data["lot"].clone(), &first.data["state"]);
        for (name, value) in state.as_object().unwrap() {
            let is_absent = value.is_null() || *value == json!([]);
            assert!(told.get(name) == Some(value) || is_absent && told.get(name).is_none(), "{name}: {value} is not as it is read");
        }
        assert_eq!(first.data["state_hash"], hex(&sha256(sorted(state).as_bytes())));
        told["allowed_deeds"] = read["allowed_deeds"].clone();
        told["suggested_prices"] = read["suggested_prices"].clone();
        told["server_time"] = read["server_time"].clone();
        assert_eq!(told, read);

        bid_in_turn(&lot, [&one, &two], 2..3).await;
        let next = watch.step().await.unwrap();
        assert_eq!((next.kind.as_str(), &next.data["from_seq"], next.id), ("delta", &json!(first.id + 1), first.id + 1));
        assert_eq!(next.data["state"]["price"], cny("10200.00"));
        assert_eq!(next.data["next_price"], market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()["next_price"]);
        assert!(next.data["server_time"].is_string());
    }
}

/// Sees that steps join from a number on, and returns where they end.
#[track_caller]
fn join(steps: &[Said], after: i64) -> i64 {
    steps.iter().fold(after, |after, step| {
        assert_eq!((step.kind.as_str(), &step.data["from_seq"]), ("delta", &json!(after + 1)));
        assert_eq!(step.data["seq"], json!(step.id));
        step.id
    })
}

on_both! {
    /// However fast it is bid, a lot's watchers are told once in a while, and all of it.
    async fn a_burst_is_told_in_few_steps_that_join(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        let mut watch = Watch::newly(&market.server.url(), &lot).await;
        let known = watch.step().await.unwrap().id;
        let begun = Instant::now();
        let bids = tokio::spawn({
            let lot = lot.clone();
            async move {
                bid_in_turn(&lot, [&one, &two], 0..60).await;
                begun.elapsed()
            }
        });
        let mut steps = vec![watch.step().await.unwrap()];
        while steps.last().unwrap().id < known + 60 {
            steps.push(watch.step().await.unwrap());
        }
        let took = bids.await.unwrap();
        assert_eq!(join(&steps, known), known + 60);
        assert!(steps[0].data["entries"].as_array().unwrap().len() < 10, "the first is not told at once");
        let most = took.as_millis() / 100 + 2;
        assert!(steps.len() as u128 <= most, "{} steps in {took:?}", steps.len());
        let mut told = Vec::new();
        for step in &steps {
            told.extend(watch.told_in(step).await);
        }
        assert_eq!(events(&told)[..], log(&market.stranger, &lot).await[usize::try_from(known).unwrap()..]);
    }
}

on_both! {
    /// Whoever was long away has it all in one: the first events, and the log has the rest.
    async fn who_was_long_away_is_told_in_one_step(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        bid_in_turn(&lot, [&one, &two], 0..40).await;
        let stored = log(&market.stranger, &lot).await;
        for after in [0, 1, 20] {
            let mut watch = Watch::open(&market.server.url(), &lot, Some(after)).await;
            let step = watch.step().await.unwrap();
            assert_eq!(join(std::slice::from_ref(&step), after), i64::try_from(stored.len()).unwrap());
            let begun = usize::try_from(after).unwrap();
            assert_eq!(step.data["entries"].as_array().unwrap()[..], stored[begun..stored.len().min(begun + 32)]);
            let told: Vec<_> = watch.told_in(&step).await.into();
            assert_eq!(events(&told)[..], stored[begun..]);
        }
    }
}

on_both! {
    /// A restart takes nothing from whoever comes back, and gives him nothing twice.
    async fn a_feed_goes_on_after_a_restart(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        let mut watch = Watch::newly(&market.server.url(), &lot).await;
        let known = watch.step().await.unwrap().id;
        bid_in_turn(&lot, [&one, &two], 0..5).await;
        let first = watch.step().await.unwrap();
        let config = market.config.clone();
        market.server.stop().await;
        let server = start(&config).await.unwrap();
        let door = Client::new(&server.url()).unwrap();
        bid_in_turn(&lot, [&through(&door, &one), &through(&door, &two)], 5..9).await;
        let mut watch = Watch::open(&server.url(), &lot, Some(first.id)).await;
        let mut steps = vec![first];
        while steps.last().unwrap().id < known + 9 {
            steps.push(watch.step().await.unwrap());
        }
        assert_eq!(join(&steps, known), known + 9);
        server.stop().await;
    }
}

on_both! {
    /// What a transaction has written is told once it is committed, and never if it is not.
    async fn nothing_is_told_before_its_commit(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        let mut watch = Watch::newly(&market.server.url(), &lot).await;
        let known = watch.step().await.unwrap().id;
        let house = market.house().clone();
        let id: LotId = lot.parse().unwrap();
        let undone = market.house().db.transact(move |tx| {
            let house = house.clone();
            async move {
                let row = store::hold(&*tx, id).await?.unwrap();
                let body = Body::BidderSuspended { bidder: "nobody".into() };
                let (event, next) = append(&row, house.world.now(), &body, Cause::default());
                store::record(&*tx, vec![event], &[(&row, &next)])?.write(&*tx).await?;
                house.live.changed(id);
                tokio::time::sleep(Duration::from_millis(300)).await;
                house.live.changed(id);
                drop(tx);
                Ok(Ending::Rollback(()))
            }
        });
        undone.await.unwrap();
        // Whoever is rung before the commit finds nothing, and does not look again before long.
        let mut told = known;
        for bid in 0..10 {
            bid_in_turn(&lot, [&one, &two], bid..bid + 1).await;
            let step = soon(&mut watch).await;
            assert_eq!(join(std::slice::from_ref(&step), told), told + 1);
            assert_eq!(step.data["entries"][0]["kind"], "bid_placed");
            told = step.id;
        }
    }
}

on_both! {
    async fn a_silent_feed_says_that_it_lives(market) {
        let (lot, _, _) = a_lot_and_two_bidders(&market).await;
        let url = format!("{}/v1/lots/{lot}/stream", market.server.url());
        let mut answer = http().get(url).header("Last-Event-ID", "1000").send().await.unwrap();
        let begun = Instant::now();
        assert_eq!(answer.chunk().await.unwrap().unwrap(), ": still here\n\n");
        assert!((14..20).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_watches_at_an_address_of_its_own_is_told_what_is_bid_at_the_other_and_ends_with_the_server() {
    let apart = |config| Config { listen_feeds: Some("127.0.0.1:0".into()), ..config };
    let market = Market::set_up(Base::Sqlite, monday(), apart).await;
    let (lot, one, two) = a_lot_and_two_bidders(&market).await;
    assert_ne!(market.server.feeds, market.server.address);
    let mut watch = Watch::open(&format!("http://{}", market.server.feeds), &lot, None).await;
    bid_in_turn(&lot, [&one, &two], 0..3).await;
    let stored = log(&market.stranger, &lot).await;
    assert_eq!(events(&watch.take(stored.len()).await), stored);
    market.server.stop().await;
    assert!(watch.rest().await.is_empty());
}

/// How many lots the servers of this process look at for those who watch.
async fn watched_lots(server: &Server) -> i64 {
    let said = http().get(format!("{}/metrics", server.url())).send().await.unwrap().text().await.unwrap();
    said.lines().find_map(|line| line.strip_prefix("zhepai_watched_lots ")?.trim().parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lot_is_looked_at_while_somebody_watches() {
    let market = Market::start(Base::Sqlite).await;
    let (lot, _, _) = a_lot_and_two_bidders(&market).await;
    let before = watched_lots(&market.server).await;
    let mut feeds = Vec::new();
    for _ in 0..3 {
        feeds.push(Watch::newly(&market.server.url(), &lot).await);
    }
    eventually(async || watched_lots(&market.server).await == before + 1).await;
    drop(feeds);
    eventually(async || watched_lots(&market.server).await == before).await;
}

/// How often the lot is paused and resumed while somebody reads nothing: more than he is allowed to be behind, and all that the line between
/// holds for him.
const ROUNDS: usize = 700;

/// A reader who falls too far behind is cut, goes on where he was, and holds nobody up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_cut_and_comes_back_to_where_he_was() {
    let market = Market::set_up(Base::Sqlite, monday(), |config| Config { live_interval_ms: 0, ..config }).await;
    let (lot, _, _) = a_lot_and_two_bidders(&market).await;
    let mut brisk = Watch::newly(&market.server.url(), &lot).await;
    let known = brisk.step().await.unwrap().id;
    let slow = SlowReader::ask(&market, &format!("/v1/lots/{lot}/stream"), known).await;

    let deeds = tokio::spawn({
        let (host, lot) = (market.staff.host.clone(), lot.clone());
        async move {
            let why = "网络故障".repeat(125);
            for _ in 0..ROUNDS {
                for deed in ["pause", "resume"] {
                    let reply = host.post(&format!("/v1/lots/{lot}/{deed}"), json!({"reason": why})).send().await.unwrap();
                    granted(&reply, 200);
                }
            }
        }
    });
    let last = known + 2 * i64::try_from(ROUNDS).unwrap();
    let mut after = known;
    while after < last {
        after = join(&[brisk.step().await.unwrap()], after);
    }
    deeds.await.unwrap();

    let told = slow.reads_on().await;
    assert!(told > known && told < last, "{told} of {last}");
    let step = Watch::open(&market.server.url(), &lot, Some(told)).await.step().await.unwrap();
    assert_eq!(join(&[step], told), last);
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
