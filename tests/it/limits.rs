//! Limits on calls: each caller has his own, is told where he stands, and takes nothing from others.

use std::time::{Duration, Instant};

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use zhepai::client::Client;
use zhepai::platform::config::{Config, PasswordCost};
use zhepai::platform::http::limits::LimitConfig;
use zhepai::server::Server;

use crate::authz::lot;
use crate::common::play::{PASSWORD, Watch, person};
use crate::common::{Base, Market, config, fixtures, monday};

/// A server with these limits and other settings; counting is the server's own, so that one database will do.
async fn server(limits: LimitConfig, change: impl FnOnce(Config) -> Config) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = config(Base::Sqlite, folder.path(), monday()).await;
    (Server::start(change(Config { limits: Some(limits), ..config })).await.unwrap(), folder)
}

fn get(server: &Server, path: &str) -> RequestBuilder {
    reqwest::Client::new().get(format!("{}{path}", server.url()))
}

/// Where a caller stands: how many more calls, and in how many seconds.
fn standing(answer: &Response) -> (String, u32) {
    let said = answer.headers()["ratelimit"].to_str().unwrap();
    let (name, rest) = said.split_once(";r=").unwrap();
    (name.trim_matches('"').to_owned(), rest.split_once(';').unwrap().0.parse().unwrap())
}

async fn too_often(request: RequestBuilder) {
    let answer = request.send().await.unwrap();
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
async fn under_load_a_call_is_sent_away_at_once() {
    let limits = LimitConfig { under_way: 1, ..LimitConfig::NONE };
    let slow = PasswordCost { memory_kib: 65_536, passes: 24, at_once: 1, waiting: 8 };
    let (server, _folder) = server(limits, |config| Config { sandbox: false, sandbox_start: None, passwords: slow, ..config }).await;
    let stranger = Client::new(&server.url()).unwrap();
    let guess = tokio::spawn(async move {
        stranger.post("/v1/sessions", json!({"email": "unknown@people.example", "password": PASSWORD})).send().await.unwrap()
    });
    // The guess comes first, or a look would take the only place from it.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let busy = loop {
        let begun = Instant::now();
        let answer = get(&server, "/v1/lots").send().await.unwrap();
        assert!(!guess.is_finished() && begun.elapsed() < Duration::from_secs(1), "no call was sent away while the only place was taken");
        if answer.status() != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!((busy.status(), &busy.headers()["retry-after"]), (StatusCode::SERVICE_UNAVAILABLE, &"1".parse().unwrap()));
    assert_eq!(guess.await.unwrap().status, 401);
    assert_eq!(get(&server, "/v1/lots").send().await.unwrap().status(), StatusCode::OK, "the place was given back");
    server.stop().await;
}
