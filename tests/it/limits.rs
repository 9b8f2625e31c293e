//! Limits on calls: each caller has his own, is told where he stands, and takes nothing from others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use entity::money::Money;
use futures_util::future::join_all;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::platform::config::{Config, PasswordCost};
use zhepai::platform::http::limits::LimitConfig;
use zhepai::server::Server;

use crate::authz::lot;
use crate::common::database::has_postgres;
use crate::common::play::{PASSWORD, Watch, cny, eventually, person, refused};
use crate::common::{Base, Market, config, fixtures, monday};
use crate::on_both;

/// A server with these limits and other settings; counting is the server's own, so that one database will do.
async fn server(limits: LimitConfig, change: impl FnOnce(Config) -> Config) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = config(Base::Sqlite, folder.path(), monday()).await;
    (Server::start(change(Config { limits: Some(limits), ..config })).await.unwrap(), folder)
}

fn get(server: &Server, path: &str) -> RequestBuilder {
    crate::common::http().get(format!("{}{path}", server.url()))
}

/// Where a caller stands: how many more calls, and in how many seconds.
fn standing(answer: &Response) -> (String, u32) {
    let said = answer.headers()["ratelimit"].to_str().unwrap();
    let (name, rest) = said.split_once(";r=").unwrap();
    (name.trim_matches('"').to_owned(), rest.split_once(';').unwrap().0.parse().unwrap())
}

async fn too_often(request: RequestBuilder) {
    is_too_often(request.send().await.unwrap()).await;
}

async fn is_too_often(answer: Response) {
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!((body["code"].as_str(), body["retry_after"].as_u64()), (Some("rate_limited"), Some(seconds)));
    assert!(seconds >= 1, "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_counted_by_his_address_and_believed_nothing() {
    let (server, _folder) = server(LimitConfig { stranger_per_minute: 4, ..LimitConfig::NONE }, |config| config).await;
    for left in [3, 2, 1, 0] {
        let answer = get(&server, "/v1/lots").send().await.unwrap();
        assert_eq!((answer.status(), standing(&answer)), (StatusCode::OK, ("strangers".into(), left)));
        assert_eq!(answer.headers()["ratelimit-policy"], "\"strangers\";q=4;w=60");
    }
    too_often(get(&server, "/v1/lots")).await;
    too_often(get(&server, "/v1/lots").header("X-Forwarded-For", "203.0.113.9")).await;
    too_often(get(&server, "/v1/me").bearer_auth("rubbish")).await;
    too_often(get(&server, "/v1/me").bearer_auth(format!("zpk_{}", "A".repeat(48)))).await;
    assert_eq!(get(&server, "/livez").send().await.unwrap().status(), StatusCode::OK, "the operator is not counted");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_beside_the_api_are_counted_as_well() {
    const BESIDE: [(&str, u16); 5] =
        [("/v1/openapi.json", 200), ("/v1/asyncapi.json", 200), ("/docs/", 200), ("/docs/problems/too_low", 200), ("/nowhere", 404)];
    let (server, _folder) = server(LimitConfig { stranger_per_minute: 5, ..LimitConfig::NONE }, |config| config).await;
    for ((path, status), left) in BESIDE.into_iter().zip([4, 3, 2, 1, 0]) {
        let answer = get(&server, path).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), standing(&answer)), (status, ("strangers".into(), left)), "{path}");
    }
    for (path, _) in BESIDE {
        too_often(get(&server, path)).await;
    }
    too_often(get(&server, "/v1/lots")).await;
    for path in ["/livez", "/readyz", "/metrics"] {
        let answer = get(&server, path).send().await.unwrap();
        assert!(answer.status() == StatusCode::OK && !answer.headers().contains_key("ratelimit"), "{path}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_known_is_not_sent_again() {
    let (server, _folder) = server(LimitConfig::NONE, |config| config).await;
    for path in ["/v1/openapi.json", "/v1/asyncapi.json"] {
        let tag = get(&server, path).send().await.unwrap().headers()["etag"].clone();
        let known = get(&server, path).header("If-None-Match", tag.clone()).send().await.unwrap();
        assert_eq!((known.status(), &known.headers()["etag"]), (StatusCode::NOT_MODIFIED, &tag), "{path}");
        assert!(known.bytes().await.unwrap().is_empty(), "{path}");
        let another = get(&server, path).header("If-None-Match", "\"another\"").send().await.unwrap();
        assert_eq!((another.status(), &another.headers()["etag"]), (StatusCode::OK, &tag), "{path}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_proxy_each_address_is_counted() {
    let limits = LimitConfig { stranger_per_minute: 2, ..LimitConfig::NONE };
    let (server, _folder) = server(limits, |config| Config { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..config }).await;
    let from = |address: &str| get(&server, "/v1/lots").header("X-Forwarded-For", address.to_owned());
    for _ in 0..2 {
        assert_eq!(from("203.0.113.9").send().await.unwrap().status(), StatusCode::OK);
    }
    too_often(from("203.0.113.9")).await;
    too_often(from("198.51.100.7, 203.0.113.9")).await;
    assert_eq!(from("203.0.113.10").send().await.unwrap().status(), StatusCode::OK);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_signed_in_is_counted_by_himself_wherever_he_calls_from() {
    let limits = LimitConfig { stranger_per_minute: 100, caller_per_minute: 3, ..LimitConfig::NONE };
    let (server, _folder) = server(limits, |config| config).await;
    let stranger = Client::new(&server.url()).unwrap();
    let (one, two) = (person(&stranger, "one@people.example").await, person(&stranger, "two@people.example").await);
    let me = |client: &Client| get(&server, "/v1/me").bearer_auth(client.token().unwrap());
    for left in [2, 1, 0] {
        assert_eq!(standing(&me(&one).send().await.unwrap()), ("callers".into(), left));
    }
    too_often(me(&one)).await;
    assert_eq!(me(&two).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(get(&server, "/v1/lots").send().await.unwrap().status(), StatusCode::OK, "a stranger at the same address is another");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_bids_too_often_is_told_and_no_other_is_hindered() {
    let limits = LimitConfig { bids_per_second: 1, bid_burst: 2, ..LimitConfig::NONE };
    let market = Market::set_up(Base::Sqlite, monday(), |config| Config { limits: Some(limits), ..config }).await;
    let seller = fixtures::university(&market).await;
    let (one, two) = (fixtures::enterprise(&market, "one", 1).await, fixtures::enterprise(&market, "two", 2).await);
    let open = lot(&market, &seller, "一种在竞价的技术", &[&one, &two]).await.lot;
    // As it comes: the client of the market would wait and ask again.
    let bid = |bidder: &Client, key: &str| {
        let asked = crate::common::http().post(format!("{}/v1/lots/{open}/bids", market.server.url()));
        let asked = asked.bearer_auth(bidder.token().unwrap()).header("Idempotency-Key", key);
        asked.json(&json!({"price": cny("1000.00")}))
    };
    let answers = join_all((0..10).map(|n| bid(&one.client, &format!("too-many-{n}")).send())).await;
    let answers = answers.into_iter().map(Result::unwrap);
    let (too_many, judged): (Vec<_>, Vec<_>) = answers.partition(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS);
    assert!(judged.len() >= 2 && !too_many.is_empty(), "{} judged, {} too many", judged.len(), too_many.len());
    assert_eq!(judged.iter().filter(|answer| answer.status() == StatusCode::CREATED).count(), 1);
    for answer in too_many {
        assert_eq!(standing(&answer), ("bids".into(), 0));
        assert_eq!(answer.headers()["ratelimit-policy"], "\"bids\";q=2;w=2");
        is_too_often(answer).await;
    }
    assert_ne!(bid(&two.client, "another-bidder").send().await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    let me = get(&market.server, "/v1/me").bearer_auth(one.client.token().unwrap()).send().await.unwrap();
    assert_eq!(me.status(), StatusCode::OK, "bids are counted by themselves");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_exports_too_often_is_told() {
    let limits = LimitConfig { exports_per_hour: 2, ..LimitConfig::NONE };
    let market = Market::set_up(Base::Sqlite, monday(), |config| Config { limits: Some(limits), ..config }).await;
    let seller = fixtures::university(&market).await;
    let export = |kind: &str| get(&market.server, &format!("/v1/exports/{kind}?format=csv")).bearer_auth(seller.client.token().unwrap());
    for (kind, left) in [("assets", 1), ("listings", 0)] {
        let answer = export(kind).send().await.unwrap();
        assert_eq!((answer.status(), standing(&answer)), (StatusCode::OK, ("exports".into(), left)));
    }
    let refusal = export("assets").send().await.unwrap();
    assert_eq!(standing(&refusal), ("exports".into(), 0));
    assert_eq!(refusal.headers()["ratelimit-policy"], "\"exports\";q=2;w=3600");
    is_too_often(refusal).await;
    assert_eq!(get(&market.server, "/v1/lots").send().await.unwrap().status(), StatusCode::OK);
}

/// The report of an import and a copy of one's data are told in full as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_and_copies_count_as_exports() {
    let limits = LimitConfig { exports_per_hour: 2, ..LimitConfig::NONE };
    let market = Market::set_up(Base::Sqlite, monday(), |config| Config { limits: Some(limits), ..config }).await;
    let seller = fixtures::university(&market).await;
    let report = format!("/v1/imports/{}/report", fixtures::imported(&seller).await);
    let asked = |path: &str| get(&market.server, path).bearer_auth(seller.client.token().unwrap());
    for (path, left) in [(report.as_str(), 1), ("/v1/me/data", 0)] {
        let answer = asked(path).send().await.unwrap();
        assert_eq!((answer.status(), standing(&answer)), (StatusCode::OK, ("exports".into(), left)), "{path}");
    }
    too_often(asked(&report)).await;
    too_often(asked("/v1/me/data")).await;
}

/// What a server counts for itself multiplies with servers; guesses do not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_to_sign_in_are_counted_at_all_servers_together() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let email = "guessed-at@people.example";
    person(&market.stranger, email).await;
    let tries = async |door: &Client, password: &str| {
        door.post("/v1/sessions", json!({"email": email, "password": password})).send().await.unwrap()
    };
    // The rulebook lets five fail.
    for at in [&market.stranger, &door, &market.stranger, &door, &door] {
        refused(&tries(at, "one of many guesses").await, 401, "credentials_wrong");
    }
    for at in [&door, &market.stranger] {
        let reply = tries(at, PASSWORD).await;
        let seconds = refused(&reply, 429, "too_many_attempts")["retry_after"].as_u64().unwrap();
        assert_eq!(reply.header("retry-after"), Some(seconds.to_string().as_str()));
    }
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_has_so_many_feeds_and_of_more_the_oldest_ends() {
    let market = Market::start(Base::Sqlite).await;
    let seller = fixtures::university(&market).await;
    let buyer = fixtures::enterprise(&market, "buyer", 1).await;
    let open = lot(&market, &seller, "一种在竞价的技术", &[&buyer]).await.lot;
    let limits = LimitConfig { feeds_per_stranger: 1, feeds_per_caller: 2, ..LimitConfig::NONE };
    let config = Config { limits: Some(limits), ..market.config.clone() };
    market.server.stop().await;
    let server = Server::start(config).await.unwrap();
    let path = format!("/v1/lots/{open}/stream");
    let first = get(&server, &path).send().await.unwrap();
    too_often(get(&server, &path)).await;
    let signed_in = async || Watch::of(get(&server, &path).bearer_auth(buyer.client.token().unwrap())).await;
    let (mut oldest, _second, _third) = (signed_in().await, signed_in().await, signed_in().await);
    assert!(tokio::time::timeout(Duration::from_secs(5), oldest.rest()).await.is_ok(), "the oldest of too many goes on");
    drop(first);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_a_call_is_soon_sent_away() {
    let limits = LimitConfig { under_way: Some(1), long_under_way: 1, ..LimitConfig::NONE };
    let slow = PasswordCost { memory_kib: 65_536, passes: 24, at_once: 1, waiting: 8 };
    let (server, _folder) = server(limits, |config| Config { sandbox: false, sandbox_start: None, passwords: slow, ..config }).await;
    let stranger = Client::new(&server.url()).unwrap();
    let guess = || {
        let stranger = stranger.clone();
        let sent = json!({"email": "unknown@people.example", "password": PASSWORD});
        async move { stranger.post("/v1/sessions", sent).send().await.unwrap() }
    };
    let guesses = tokio::spawn(futures_util::future::join_all((0..4).map(|_| guess())));
    // What takes long holds up nothing else.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(get(&server, "/v1/lots").send().await.unwrap().status(), StatusCode::OK);
    let (busy, judged): (Vec<_>, Vec<_>) = guesses.await.unwrap().into_iter().partition(|answer| answer.status == 503);
    assert!(!busy.is_empty() && busy.iter().all(|answer| answer.headers["retry-after"] == "1"));
    assert!(!judged.is_empty() && judged.iter().all(|answer| answer.status == 401));
    assert_eq!(guess().await.status, 401, "the place was given back");
    server.stop().await;
}

/// Crawlers read lists as fast as they can, whatever they are answered, until it is over.
struct Crawlers {
    over: Arc<AtomicBool>,
    sent_away: Arc<AtomicU64>,
    tasks: JoinSet<()>,
}

impl Crawlers {
    fn at(server: &Server) -> Self {
        const LISTS: [&str; 5] =
            ["/v1/lots?limit=100", "/v1/listings?limit=100", "/v1/notices?limit=100", "/v1/lot-sessions?limit=100", "/v1/openapi.json"];
        let (over, sent_away) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (http, mut tasks) = (crate::common::http(), JoinSet::new());
        for crawler in 0..96 {
            let (http, url, over, sent_away) = (http.clone(), server.url(), over.clone(), sent_away.clone());
            tasks.spawn(async move {
                for list in LISTS.iter().cycle().skip(crawler) {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let answer = http.get(format!("{url}{list}")).send().await.unwrap();
                    if [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&answer.status()) {
                        sent_away.fetch_add(1, Ordering::Relaxed);
                    } else {
                        assert_eq!(answer.status(), StatusCode::OK);
                    }
                    drop(answer.bytes().await.unwrap());
                }
            });
        }
        Self { over, sent_away, tasks }
    }

    /// Waits until so many more calls of theirs have been sent away.
    async fn are_sent_away(&self, more: u64) {
        let enough = self.sent_away.load(Ordering::Relaxed) + more;
        eventually(async || self.sent_away.load(Ordering::Relaxed) >= enough).await;
    }

    async fn stop(mut self) {
        self.over.store(true, Ordering::Relaxed);
        while let Some(crawler) = self.tasks.join_next().await {
            crawler.unwrap();
        }
    }
}

on_both! {
    /// Whether they are counted by their address (429) or come from everywhere and crowd at the gate (503).
    async fn crawlers_are_sent_away_and_every_bid_is_accepted(market) {
        let seller = fixtures::university(&market).await;
        let bidders = [fixtures::enterprise(&market, "one", 1).await, fixtures::enterprise(&market, "two", 2).await];
        let lot = fixtures::open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &bidders.each_ref()).await.lot;
        let (config, http) = (market.config.clone(), crate::common::http());
        market.server.stop().await;
        let by_address = LimitConfig::default();
        let from_everywhere = LimitConfig { stranger_per_minute: 0, under_way: Some(1), ..by_address };
        let mut price = 10_000;
        for limits in [by_address, from_everywhere] {
            let server = Server::start(Config { limits: Some(limits), ..config.clone() }).await.unwrap();
            let crawlers = Crawlers::at(&server);
            crawlers.are_sent_away(100).await;
            // As many as may come at once: the limit of a bidder is his own.
            for bidder in bidders.iter().cycle().take(2 * limits.bid_burst as usize) {
                let place = http.post(format!("{}/v1/lots/{lot}/bids", server.url()));
                let place = place.bearer_auth(bidder.client.token().unwrap()).header("Idempotency-Key", Uuid::new_v4().to_string());
                let answer = place.json(&json!({"price": cny(&format!("{price}.00"))})).send().await.unwrap();
                let (status, said) = (answer.status(), answer.text().await.unwrap());
                assert_eq!(status, StatusCode::CREATED, "{said}");
                price += 100;
            }
            crawlers.are_sent_away(1).await;
            crawlers.stop().await;
            server.stop().await;
        }
    }
}
