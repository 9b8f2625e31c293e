//! The feed of the market tells what everybody may know, in order, without gap or double, and nothing else.

use std::time::{Duration, Instant};

use entity::Timestamp;
use entity::money::Money;
use entity::platform::event;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::house::House;
use zhepai::notifications::catalogue;
use zhepai::notifications::rules::payload;
use zhepai::platform::config::Config;
use zhepai::platform::db::{Ending, Writes};
use zhepai::platform::http::limits::LimitConfig;
use zhepai::platform::outbox::{self, Event};

use crate::common::feeds::{SlowReader, soon, to_and_fro, watch_by_way_of};
use crate::common::fixtures::{enterprise, open_lot, university};
use crate::common::play::{Said, Watch, bid, eventually, granted, refused, start, through};
use crate::common::proxy::Proxy;
use crate::common::{Base, Market, database::has_postgres, http, monday};
use crate::on_both;

/// Watches the market at a server, after the event last seen; without one from now on.
async fn watch(server: &str, query: &str, last_seen: Option<i64>) -> Watch {
    let mut request = http().get(format!("{server}/v1/events/stream{query}"));
    if let Some(last_seen) = last_seen {
        request = request.header("Last-Event-ID", last_seen.to_string());
    }
    Watch::of(request).await
}

/// Watches from now on, and where that is.
async fn watch_newly(server: &str) -> (Watch, i64) {
    let mut watch = watch(server, "", None).await;
    let first = watch.step().await.unwrap();
    assert_eq!(first.kind, "begin");
    assert!(first.data["server_time"].is_string() && first.data.as_object().unwrap().len() == 1, "{first:?}");
    (watch, first.id)
}

/// The next so many events.
async fn take(watch: &mut Watch, count: usize) -> Vec<Said> {
    let mut taken = Vec::new();
    while taken.len() < count {
        taken.push(watch.step().await.expect("the feed ended"));
    }
    taken
}

/// Whether a feed says nothing for a while.
async fn is_silent(watch: &mut Watch) -> bool {
    tokio::time::timeout(Duration::from_millis(600), watch.step()).await.is_err()
}

/// Lets an event happen that everybody may know of, though it did not.
async fn trigger(officer: &Client, kind: &str) {
    officer.create("/v1/sandbox/events", json!({"kind": kind})).await.unwrap();
}

/// Whether everybody may know of an event.
fn is_public(event: &event::Model) -> bool {
    let body: Value = serde_json::from_str(&event.body).unwrap();
    let (kind, is_for_all) = if event.kind == "sandbox.triggered" {
        (body["kind"].as_str().unwrap(), body.get("organisation_id").is_none())
    } else {
        (event.kind.as_str(), true)
    };
    is_for_all && catalogue::find(kind).is_some_and(|kind| kind.public)
}

/// The public events after a position, once all have one.
async fn public_after(house: &House, position: i64) -> Vec<event::Model> {
    let waiting = || event::Entity::find().filter(event::Column::Position.is_null()).count(house.db.read());
    eventually(async || waiting().await.unwrap() == 0).await;
    let events = outbox::after(house.db.read(), position, 100_000).await.unwrap();
    events.into_iter().filter(is_public).collect()
}

/// Sees that these events were told, each once and in order, as webhooks of the market are sent them.
#[track_caller]
fn are(said: &[Said], events: &[event::Model]) {
    assert_eq!(said.iter().map(|said| Some(said.id)).collect::<Vec<_>>(), events.iter().map(|event| event.position).collect::<Vec<_>>());
    for (said, event) in said.iter().zip(events) {
        assert_eq!(said.kind, "event");
        let mut told = said.data.clone();
        let members = told.as_object_mut().unwrap();
        assert_eq!((members.remove("id"), members.remove("position")), (Some(json!(event.id)), Some(json!(event.position))));
        assert!(members.remove("server_time").is_some_and(|time| time.is_string()), "{said:?}");
        assert_eq!(told, serde_json::from_str::<Value>(&payload(event, true).unwrap()).unwrap());
    }
}

/// Writes an event, which has no position before it is committed.
async fn write_one(db: &impl ConnectionTrait, event: &Filled, at: Timestamp) -> Result<(), DbErr> {
    let mut writes = Writes::to(db);
    writes.insert_new(vec![outbox::row(event.notice_id, event, at)?]);
    writes.write(db).await
}

on_both! {
    /// A whole sale: whoever watches and whoever reads it all afterwards is told the same, and of nobody who took part.
    async fn everything_public_is_told_in_order_and_nothing_else(market) {
        let url = market.server.url();
        let mut live = watch(&url, "", Some(0)).await;
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let lot = open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&one, &two]).await.lot;
        granted(&bid(&one.client, &lot, "10000.00").await, 201);
        granted(&bid(&two.client, &lot, "10100.00").await, 201);
        market.pass(24 * 60 + 1).await;
        // For one organisation alone.
        let own = json!({"kind": "lot.closed", "organisation_id": one.organisation});
        market.staff.security.create("/v1/sandbox/events", own).await.unwrap();
        trigger(&market.staff.security, "lot.paused").await;

        let events = public_after(market.house(), 0).await;
        let said = take(&mut live, events.len()).await;
        are(&said, &events);
        let kinds: Vec<_> = said.iter().map(|said| said.data["type"].as_str().unwrap()).collect();
        for kind in ["listing.published", "notice.published", "lot.opened", "lot.closed", "lot.paused"] {
            assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
        }
        assert!(is_silent(&mut live).await);
        let mut late = watch(&url, "", Some(0)).await;
        are(&take(&mut late, events.len()).await, &events);
        assert!(is_silent(&mut late).await);

        for said in &said {
            let text = said.data.to_string();
            for hidden in [&one.organisation, &two.organisation] {
                assert!(!text.contains(hidden.as_str()), "{text}");
            }
            assert!(!text.contains("admission"), "{text}");
        }
        let closed = said.iter().find(|said| said.data["type"] == "lot.closed").unwrap();
        assert!(closed.data["data"].get("deal_id").is_none() && closed.data["data"]["lot_id"] == lot.as_str(), "{closed:?}");
    }
}

on_both! {
    async fn a_watcher_who_comes_back_has_lost_nothing(market) {
        let (url, officer) = (market.server.url(), &market.staff.security);
        trigger(officer, "lot.opened").await;
        public_after(market.house(), 0).await;
        let (mut live, begun) = watch_newly(&url).await;
        let mut said = Vec::new();
        for round in 0..3 {
            for kind in ["lot.opened", "notice.ended", "lot.closed"] {
                trigger(officer, kind).await;
            }
            // Whoever went before he was told anything comes back to where he began.
            if round > 0 {
                let last = said.last().map_or(begun, |said: &Said| said.id);
                live = watch(&url, "", Some(last)).await;
                said.extend(take(&mut live, if round == 1 { 6 } else { 3 }).await);
            }
            drop(live);
            live = watch(&url, "", said.last().map_or(Some(begun), |said| Some(said.id))).await;
        }
        are(&said, &public_after(market.house(), begun).await);
        assert!(is_silent(&mut live).await);
    }
}

on_both! {
    /// Whoever was away for long is read it from the table, a page at a time.
    async fn who_was_long_away_is_told_it_all(market) {
        let begun = watch_newly(&market.server.url()).await.1;
        for _ in 0..4 {
            write(market.house(), 150, 10).await;
        }
        let events = public_after(market.house(), begun).await;
        assert_eq!(events.len(), 600);
        for after in [begun, events[299].position.unwrap()] {
            let mut watch = watch(&market.server.url(), "", Some(after)).await;
            let due: Vec<_> = events.iter().filter(|event| event.position > Some(after)).cloned().collect();
            are(&take(&mut watch, due.len()).await, &due);
            trigger(&market.staff.security, "lot.paused").await;
            assert_eq!(watch.step().await.unwrap().data["type"], "lot.paused");
        }
    }
}

on_both! {
    /// A server that goes says when to come back, and the next one tells the rest.
    async fn a_feed_goes_on_after_a_restart(market) {
        let (mut live, begun) = watch_newly(&market.server.url()).await;
        for kind in ["lot.opened", "lot.closed"] {
            trigger(&market.staff.security, kind).await;
        }
        let mut said = take(&mut live, 2).await;
        let last = said[1].id;
        let mut parting = http().get(format!("{}/v1/events/stream", market.server.url())).send().await.unwrap();
        assert!(parting.chunk().await.unwrap().is_some());
        let heard = tokio::spawn(parting.text());
        let config = market.config.clone();
        market.server.stop().await;
        assert!(live.step().await.is_none(), "the feed goes on");
        assert!(heard.await.unwrap().unwrap().starts_with("retry: "));

        let server = start(&config).await.unwrap();
        let door = Client::new(&server.url()).unwrap();
        trigger(&through(&door, &market.staff.security), "lot.paused").await;
        let mut live = watch(&server.url(), "", Some(last)).await;
        said.extend(take(&mut live, 1).await);
        are(&said, &public_after(&server.house, begun).await);
        server.stop().await;
    }
}

/// A watcher goes from one server to the other and back while things happen at both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_goes_on_at_another_server() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let begun = watch_newly(&second.url()).await.1;
    let mut stays = watch(&second.url(), "", Some(begun)).await;
    let officers = [market.staff.security.clone(), through(&door, &market.staff.security)];
    let deeds = tokio::spawn(async move {
        for round in 0..40 {
            trigger(&officers[round % 2], "lot.opened").await;
        }
    });
    let urls = [second.url(), market.server.url()];
    let open = async |server: &str, after: i64| watch(server, "", Some(after)).await;
    let said = to_and_fro([&urls[0], &urls[1]], begun, open, |said| said.len() == 40).await;
    deeds.await.unwrap();
    let events = public_after(market.house(), begun).await;
    are(&said, &events);
    are(&take(&mut stays, events.len()).await, &events);
    second.stop().await;
}

on_both! {
    async fn who_wants_some_types_is_told_no_others(market) {
        let (url, officer) = (market.server.url(), &market.staff.security);
        let mut wanted = watch(&url, "?types=lot.closed,lot.opened", None).await;
        let begun = wanted.step().await.unwrap();
        assert_eq!(begun.kind, "begin");
        for kind in ["lot.opened", "notice.ended", "lot.paused", "lot.closed", "deal.result_published"] {
            trigger(officer, kind).await;
        }
        let said = take(&mut wanted, 2).await;
        let types = |said: &[Said]| said.iter().map(|said| said.data["type"].clone()).collect::<Vec<_>>();
        assert_eq!(types(&said), ["lot.opened", "lot.closed"]);
        assert!(is_silent(&mut wanted).await);
        let mut late = watch(&url, "?types=lot.closed", Some(begun.id)).await;
        assert_eq!(types(&take(&mut late, 1).await), ["lot.closed"]);
        assert!(is_silent(&mut late).await);

        for odd in ["", "lot.painted", "refund.paid", "lot.closed,admission.applied", "lot.closed;lot.opened"] {
            let reply = market.stranger.look(&format!("/v1/events/stream?types={odd}")).await.unwrap();
            assert_eq!(refused(&reply, 422, "invalid")["errors"][0]["pointer"], "#query/types", "{odd}");
        }
        for odd in ["x", "-1", "1.5", ""] {
            let answer = http().get(format!("{url}/v1/events/stream")).header("Last-Event-ID", odd).send().await.unwrap();
            assert_eq!(answer.status(), 400, "{odd:?}");
        }
    }
}

on_both! {
    /// What a transaction has written is told once it is committed and has its place, and never if it is not.
    async fn nothing_is_told_before_its_commit(market) {
        let (mut live, begun) = watch_newly(&market.server.url()).await;
        let house = market.house().clone();
        let undone = market.house().db.transact(move |tx| {
            let house = house.clone();
            async move {
                let event = Filled::with(1);
                write_one(&*tx, &event, house.world.now()).await?;
                house.market.stir();
                tokio::time::sleep(Duration::from_millis(300)).await;
                drop(tx);
                Ok(Ending::Rollback(()))
            }
        });
        undone.await.unwrap();
        trigger(&market.staff.security, "lot.paused").await;
        let said = take(&mut live, 1).await;
        assert_eq!(said[0].data["type"], "lot.paused");
        are(&said, &public_after(market.house(), begun).await);
    }
}

on_both! {
    async fn the_feed_is_never_compressed_nor_held_back_by_a_proxy(market) {
        let proxy = Proxy::before_server(&market.server.url()).await;
        let mut watch = watch_by_way_of(&proxy, "/v1/events/stream", None).await;
        assert_eq!(soon(&mut watch).await.kind, "begin");
        for _ in 0..3 {
            trigger(&market.staff.security, "lot.paused").await;
            assert_eq!(soon(&mut watch).await.data["type"], "lot.paused");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_feed_says_that_it_lives() {
    let market = Market::start(Base::Sqlite).await;
    let url = format!("{}/v1/events/stream", market.server.url());
    let mut answer = http().get(url).header("Last-Event-ID", "1000000").send().await.unwrap();
    let begun = Instant::now();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), ": still here\n\n");
    assert!((14..20).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_of_the_market_counts_as_one_of_its_callers() {
    let limits = LimitConfig { feeds_per_stranger: 1, ..LimitConfig::NONE };
    let market = Market::set_up(Base::Sqlite, monday(), |config| Config { limits: Some(limits), ..config }).await;
    let (live, _) = watch_newly(&market.server.url()).await;
    let another = async || http().get(format!("{}/v1/events/stream", market.server.url())).send().await.unwrap().status();
    assert_eq!(another().await, 429);
    drop(live);
    eventually(async || another().await == 200).await;
}

/// A public event of any length.
#[derive(Serialize)]
struct Filled {
    notice_id: Uuid,
    filler: String,
}

impl Filled {
    fn with(bytes: usize) -> Self {
        Self { notice_id: Uuid::new_v4(), filler: "x".repeat(bytes) }
    }
}

impl Event for Filled {
    fn kind(&self) -> &'static str {
        "notice.ended"
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("notice", self.notice_id)
    }
}

/// Writes so many public events of a length in one transaction.
async fn write(house: &House, count: usize, bytes: usize) {
    let at = house.world.now();
    let written = house.db.transact(move |tx| async move {
        for _ in 0..count {
            let event = Filled::with(bytes);
            write_one(&*tx, &event, at).await?;
        }
        Ok(Ending::Commit(()))
    });
    written.await.unwrap();
    house.happened.notify_one();
}

/// How often events are written while somebody reads nothing, and how many each time: more than he is allowed to be behind, and all that
/// the line between holds for him.
const ROUNDS: usize = 35;
const EACH: usize = 20;

/// A reader who falls too far behind is cut, goes on where he was, and holds nobody up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_cut_and_comes_back_to_where_he_was() {
    let market = Market::start(Base::Sqlite).await;
    let url = market.server.url();
    let (mut brisk, begun) = watch_newly(&url).await;
    let slow = SlowReader::ask(&market, "/v1/events/stream", begun).await;
    // He has come as far as the feed.
    tokio::time::sleep(Duration::from_millis(500)).await;

    let house = market.house().clone();
    let deeds = tokio::spawn(async move {
        for _ in 0..ROUNDS {
            write(&house, EACH, 12 << 10).await;
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    });
    let mut told: Vec<Said> = Vec::new();
    while told.len() < ROUNDS * EACH {
        match brisk.step().await {
            Some(said) => told.push(said),
            // On a busy machine he may be slow too.
            None => brisk = watch(&url, "", told.last().map_or(Some(begun), |said| Some(said.id))).await,
        }
    }
    deeds.await.unwrap();
    let events = public_after(market.house(), begun).await;
    are(&told, &events);

    let known = slow.reads_on().await;
    let rest: Vec<_> = events.iter().filter(|event| event.position > Some(known)).cloned().collect();
    assert!(!rest.is_empty() && rest.len() < events.len(), "{} of {} are left", rest.len(), events.len());
    let mut again = watch(&url, "", Some(known)).await;
    are(&take(&mut again, rest.len()).await, &rest);
}
