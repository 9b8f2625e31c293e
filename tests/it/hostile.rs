//! Slow, silent and overbearing clients, and a server that runs out of something: each is told what it is, as far as it
//! listens, and nobody holds what others need.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use zhepai::client::{Client, Reply};
use zhepai::platform::config::{Config, SANDBOX_PASSWORD};
use zhepai::platform::db::Ending;
use zhepai::platform::http::limits::LimitConfig;
use zhepai::play::{Staff, text};
use zhepai::server::Server;

use crate::authz::lot;
use crate::common::discreet::inside;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{PASSWORD, Watch, bid, eventually, granted, person, refused};
use crate::common::program::Program;
use crate::common::{Base, Market, config, database, monday};
use crate::on_both;

/// How long anything here may take to be ended.
const PATIENCE: Duration = Duration::from_secs(10);
/// What servers here wait for, where they are made to wait.
const SECOND: Duration = Duration::from_secs(1);

/// A server with these limits and nobody at it; waiting is the server's own, so that one database will do.
async fn server(limits: LimitConfig) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = config(Base::Sqlite, folder.path(), monday()).await;
    (Server::start(Config { limits: Some(limits), ..config }).await.unwrap(), folder)
}

/// A market with these limits.
async fn market(limits: LimitConfig) -> Market {
    Market::set_up(Base::Sqlite, monday(), |config| Config { limits: Some(limits), ..config }).await
}

/// Sends a request as far as it goes, and waits for what is said until the line is closed.
async fn said_to(address: SocketAddr, begun: &str) -> String {
    let mut line = TcpStream::connect(address).await.unwrap();
    line.write_all(begun.as_bytes()).await.unwrap();
    rest(&mut line).await
}

/// Everything that is said until the line is closed, or torn.
async fn rest(line: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut said = Vec::new();
    let _ = timeout(PATIENCE, line.read_to_end(&mut said)).await.expect("the line is not closed");
    String::from_utf8(said).unwrap()
}

/// A question, so far that one byte more would make it whole.
const ASKING: &str = "GET /v1/time HTTP/1.1\r\nHost: market\r\n\r";

/// Asks on a line that is kept, and reads the answer and no more.
async fn asks(line: &mut TcpStream, asked: &str) -> String {
    line.write_all(asked.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&said).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|field| field.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or_default() {
                return text;
            }
        }
        let count = timeout(PATIENCE, line.read_buf(&mut said)).await.expect("nothing is said").unwrap();
        assert!(count > 0, "the line is closed after {text}");
    }
}

/// Sees that an answer is this problem.
#[track_caller]
fn is_problem(said: &str, status: u16, code: &str) {
    let (head, body) = said.split_once("\r\n\r\n").unwrap_or_default();
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{said}");
    let problem: Value = serde_json::from_str(body).unwrap_or_default();
    assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{said}");
    assert_eq!(inside(said), None, "{said}");
}

// ---- Who sends slowly ----

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_drips_in_is_not_waited_for() {
    let (server, _folder) = server(LimitConfig { head_seconds: 1, ..LimitConfig::NONE }).await;
    let begun = Instant::now();
    let (mut from, mut to) = TcpStream::connect(server.address).await.unwrap().into_split();
    to.write_all(b"GET /v1/lots HTTP/1.1\r\nHost: market\r\nX-Slow: ").await.unwrap();
    let drips = tokio::spawn(async move {
        while to.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let said = rest(&mut from).await;
    drips.abort();
    // Before the head is there nobody knows whom to tell more.
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 408 "), "{said}");
    assert!(begun.elapsed() >= SECOND, "it was ended for another reason");
    server.stop().await;
}

/// A second for a head, and a second of silence.
const BRIEF: LimitConfig = LimitConfig { head_seconds: 1, idle_seconds: 1, ..LimitConfig::NONE };

/// One who has been answered is no more waited for than one who comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_is_a_later_head_on_the_same_connection() {
    for shipped in [LimitConfig::default(), LimitConfig::SANDBOX] {
        assert!(
            Duration::from_secs((shipped.idle_seconds + shipped.head_seconds).into()) < PATIENCE,
            "as shipped, it is waited for too long"
        );
    }
    let (server, _folder) = server(BRIEF).await;
    let mut line = TcpStream::connect(server.address).await.unwrap();
    assert!(asks(&mut line, &format!("{ASKING}\n")).await.starts_with("HTTP/1.1 200 "));
    let begun = Instant::now();
    let (mut from, mut to) = line.into_split();
    let drips = tokio::spawn(async move {
        for byte in ASKING.bytes().take(30) {
            tokio::time::sleep(Duration::from_millis(300)).await;
            if to.write_all(&[byte]).await.is_err() {
                return;
            }
        }
    });
    assert_eq!(rest(&mut from).await, "");
    drips.abort();
    assert!(begun.elapsed() >= SECOND && begun.elapsed() < PATIENCE / 2, "it was ended after {:?}", begun.elapsed());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_as_one_should_may_ask_again() {
    let (server, _folder) = server(BRIEF).await;
    let mut line = TcpStream::connect(server.address).await.unwrap();
    // Longer in all than a silence and a head may be.
    for _ in 0..10 {
        line.write_all(ASKING.as_bytes()).await.unwrap();
        tokio::time::sleep(SECOND / 4).await;
        assert!(asks(&mut line, "\n").await.starts_with("HTTP/1.1 200 "));
    }
    server.stop().await;
}

/// A feed is an answer that goes on, be nothing said in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_feed_on_a_kept_connection_is_not_cut() {
    let market = Market::start(Base::Sqlite).await;
    let (seller, buyer) = (university(&market).await, enterprise(&market, "one", 1).await);
    let open = lot(&market, &seller, "一种在竞价的技术", &[&buyer]).await.lot;
    let config = Config { limits: Some(BRIEF), ..market.config.clone() };
    market.server.stop().await;
    let server = Server::start(config).await.unwrap();
    let mut line = TcpStream::connect(server.address).await.unwrap();
    assert!(asks(&mut line, &format!("{ASKING}\n")).await.starts_with("HTTP/1.1 200 "));
    let watch = format!("GET /v1/lots/{open}/stream HTTP/1.1\r\nHost: market\r\n\r\n");
    assert!(asks(&mut line, &watch).await.starts_with("HTTP/1.1 200 "));
    let mut said = Vec::new();
    assert!(timeout(PATIENCE / 2, line.read_to_end(&mut said)).await.is_err(), "the feed has ended");
    drop(line);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_come_is_too_slow() {
    let (server, _folder) = server(LimitConfig { body_seconds: 1, ..LimitConfig::NONE }).await;
    let begun = Instant::now();
    let head = "POST /v1/sessions HTTP/1.1\r\nHost: market\r\nContent-Type: application/json\r\nContent-Length: 64\r\n\r\n";
    let said = said_to(server.address, &format!("{head}{{\"email\":")).await;
    is_problem(&said, 408, "too_slow");
    assert!(begun.elapsed() >= SECOND, "it was ended for another reason");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_stops_is_too_slow_and_leaves_nothing() {
    let market = market(LimitConfig { body_seconds: 1, ..LimitConfig::NONE }).await;
    let seller = university(&market).await;
    let head = format!(
        "POST /v1/documents?title=x&file_name=x.txt&confidentiality=private HTTP/1.1\r\nHost: market\r\nAuthorization: Bearer {}\r\n\
         Idempotency-Key: slow-upload\r\nContent-Type: text/plain\r\nContent-Length: 64\r\n\r\n",
        seller.client.token().unwrap()
    );
    is_problem(&said_to(market.server.address, &format!("{head}some of it")).await, 408, "too_slow");
    assert_eq!(std::fs::read_dir(&market.config.documents).unwrap().count(), 0, "half a document was kept");
}

// ---- Who hides a request in another ----

/// A request that nobody makes: it is part of another, or comes after one that has no end.
const HIDDEN: &str = "GET /v1/time HTTP/1.1\r\nHost: market\r\n\r\n";

/// Requests that two readers might read in two ways, each in front of [`HIDDEN`].
fn ambiguous() -> Vec<(&'static str, String)> {
    let get = |fields: &str| format!("GET /v1/time HTTP/1.1\r\nHost: market\r\n{fields}\r\n");
    let post = |version: &str, fields: &str, body: &str| {
        format!("POST /v1/sessions HTTP/{version}\r\nHost: market\r\nContent-Type: application/json\r\n{fields}\r\n{body}")
    };
    let sized = |fields: &str| post("1.1", fields, "{}");
    let coded = |fields: &str| post("1.1", fields, "2\r\n{}\r\n0\r\n\r\n");
    let chunked = |body: &str| post("1.1", "Transfer-Encoding: chunked\r\n", body);
    vec![
        ("a length and chunks", coded("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n")),
        ("chunks and a length", coded("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n")),
        ("two lengths", sized("Content-Length: 2\r\nContent-Length: 40\r\n")),
        ("two lengths in one", sized("Content-Length: 2, 40\r\n")),
        ("a length with a sign", sized("Content-Length: +2\r\n")),
        ("a length below nought", sized("Content-Length: -2\r\n")),
        ("a length that is too much", sized("Content-Length: 99999999999999999999\r\n")),
        ("two codings", coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
        ("a coding nobody knows", coded("Transfer-Encoding: xchunked\r\n")),
        ("a coding that ends otherwise", coded("Transfer-Encoding: chunked, identity\r\n")),
        ("a coding that is none, and a length", sized("Content-Length: 2\r\nTransfer-Encoding: identity\r\n")),
        ("chunks of an old version", post("1.0", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n")),
        ("a folded field", get("X-Folded: a\r\n b\r\n")),
        ("a folded coding", coded("Transfer-Encoding:\r\n chunked\r\n")),
        ("a space before the colon", sized("Content-Length : 2\r\n")),
        ("a space before the first field", "GET /v1/time HTTP/1.1\r\n Host: market\r\n\r\n".into()),
        ("a field without a colon", get("Content-Length\r\n")),
        ("a field without a name", get(": 2\r\n")),
        ("NUL in a value", get("X-Nul: a\0b\r\n")),
        ("NUL in a name", get("X\0Nul: a\r\n")),
        ("NUL in the address", "GET /v1/time\0 HTTP/1.1\r\nHost: market\r\n\r\n".into()),
        ("a bare CR in a value", get("X-Bare: a\rContent-Length: 40\r\n")),
        ("two hosts", get("Host: elsewhere\r\n")),
        ("no host", "GET /v1/time HTTP/1.1\r\n\r\n".into()),
        ("a chunk of no size", chunked("\r\n{}\r\n0\r\n\r\n")),
        ("a chunk of a size that is none", chunked("xyz\r\n{}\r\n0\r\n\r\n")),
        ("a chunk of a size with a sign", chunked("-2\r\n{}\r\n0\r\n\r\n")),
        ("a chunk of a size with a mark", chunked("0x2\r\n{}\r\n0\r\n\r\n")),
        ("a chunk of two sizes", chunked("2 2\r\n{}\r\n0\r\n\r\n")),
        ("a chunk of a size that is too much", chunked("10000000000000002\r\n{}\r\n0\r\n\r\n")),
        ("a chunk longer than it says", chunked("1\r\n{}\r\n0\r\n\r\n")),
        ("a chunk whose size ends in a bare LF", chunked("2\n{}\r\n0\r\n\r\n")),
        ("a chunk that ends in a bare LF", chunked("2\r\n{}\n0\r\n\r\n")),
        ("a bare LF in a chunk's extension", chunked("2;a\n{}\r\n0\r\n\r\n")),
        ("a chunk with an extension without end", chunked(&format!("2;{}", "x".repeat(200_000)))),
        ("a request behind the last chunk", chunked("2\r\n{}\r\n0\r\n")),
    ]
}

/// What the answers say that were given on a line.
fn statuses(said: &str) -> Vec<u16> {
    said.split("HTTP/1.").skip(1).filter_map(|answer| answer.get(2..5)?.parse().ok()).collect()
}

/// Sends what may be refused before it is all there; the answers until the line is closed.
async fn answered(address: SocketAddr, sent: &str) -> Vec<u16> {
    let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
    let _ = to.write_all(sent.as_bytes()).await;
    statuses(&rest(&mut from).await)
}

/// A server whose connections end by themselves.
async fn brief_server() -> (Server, TempDir) {
    server(LimitConfig { body_seconds: 1, ..BRIEF }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_be_read_in_two_ways_is_refused_with_all_that_follows() {
    let (server, _folder) = brief_server().await;
    for (what, request) in ambiguous() {
        let answers = answered(server.address, &format!("{request}{HIDDEN}")).await;
        assert!(answers.iter().all(|status| (400..500).contains(status)), "{what}: {answers:?}");
        let mut line = TcpStream::connect(server.address).await.unwrap();
        assert!(asks(&mut line, HIDDEN).await.starts_with("HTTP/1.1 200 "), "after {what}");
    }
    server.stop().await;
}

/// A line may end in a bare LF (RFC 9112, 2.2); whoever takes that takes it everywhere in a head, and what it says for true.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bare_lf_hides_no_request() {
    let (server, _folder) = brief_server().await;
    let length = HIDDEN.len();
    for request in [
        format!("GET /v1/time HTTP/1.1\nHost: market\nContent-Length: {length}\n\n{HIDDEN}"),
        format!("GET /v1/time HTTP/1.1\r\nHost: market\r\nX-Bare: a\nContent-Length: {length}\r\n\r\n{HIDDEN}"),
        format!("POST /v1/sessions HTTP/1.1\nHost: market\nContent-Type: application/json\nContent-Length: {length}\n\n{HIDDEN}"),
    ] {
        let answers = answered(server.address, &request).await;
        assert!(answers.len() <= 1 && answers.iter().all(|status| *status < 500), "{request}: {answers:?}");
    }
    server.stop().await;
}

// ---- Who takes nothing ----

/// A figure of the server's.
async fn figure(address: SocketAddr, name: &str) -> i64 {
    let said = said_to(address, "GET /metrics HTTP/1.1\r\nHost: market\r\nConnection: close\r\n\r\n").await;
    said.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or_default()
}

/// Waits until a figure is so many.
async fn comes_to(address: SocketAddr, name: &str, wanted: i64) {
    let begun = Instant::now();
    loop {
        let found = figure(address, name).await;
        if found == wanted {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{name} stays at {found}, {wanted} is due");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Asks for something over a line with hardly any room for what is not read, and reads nothing.
async fn deaf(address: SocketAddr, path: &str, token: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1_024).unwrap();
    let mut line = socket.connect(address).await.unwrap();
    let asked = format!("GET {path} HTTP/1.1\r\nHost: market\r\nAuthorization: Bearer {token}\r\n\r\n");
    line.write_all(asked.as_bytes()).await.unwrap();
    line
}

const FEEDS: &str = "zhepai_live_feeds ";
const CONNECTIONS: &str = "zhepai_http_connections ";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_who_reads_nothing_loses_his_feed_and_others_do_not() {
    let market = market(LimitConfig { unread_seconds: 3, ..LimitConfig::NONE }).await;
    let (seller, one, two) = (university(&market).await, enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await);
    let lot = lot(&market, &seller, "一种在竞价的技术", &[&one, &two]).await.lot;
    for round in 0..24_usize {
        let bidder = if round.is_multiple_of(2) { &one } else { &two };
        granted(&bid(&bidder.client, &lot, &format!("{}.00", 1_000 + 100 * round)).await, 201);
    }
    let address = market.server.address;
    let mut reads = Watch::open(&market.server.url(), &lot, None).await;
    reads.take(26).await;
    comes_to(address, FEEDS, 1).await;
    let held = deaf(address, &format!("/v1/lots/{lot}/stream"), one.client.token().unwrap()).await;
    comes_to(address, FEEDS, 2).await;
    comes_to(address, FEEDS, 1).await;
    granted(&bid(&one.client, &lot, "3400.00").await, 201);
    assert_eq!(reads.next().await.unwrap().kind, "bid_placed");
    drop(held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_nobody_reads_is_let_go() {
    let market = market(LimitConfig { unread_seconds: 3, ..LimitConfig::NONE }).await;
    let seller = university(&market).await;
    let content = vec![b'x'; 8 << 20];
    let document = seller.client.upload("x", "x.txt", "private", "text/plain", content).await.unwrap();
    let (address, path) = (market.server.address, format!("/v1/documents/{}/content", text(&document["id"])));
    let before = figure(address, CONNECTIONS).await;
    let held = deaf(address, &path, seller.client.token().unwrap()).await;
    comes_to(address, CONNECTIONS, before + 1).await;
    comes_to(address, CONNECTIONS, before).await;
    drop(held);
    assert_eq!(seller.client.download(&path).await.unwrap().len(), 8 << 20, "who reads has it all");
}

// ---- What is too much, and what runs out ----

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn header_fields_have_a_limit() {
    let (server, _folder) = server(LimitConfig::NONE).await;
    let sent = async |size: usize| {
        let long = HeaderValue::from_str(&"x".repeat(size)).unwrap();
        let answer = crate::common::http().get(format!("{}/v1/time", server.url())).header("X-Long", long).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let limit = server.house.config.head_limit;
    assert_eq!(sent(limit / 2).await.0, 200);
    let (status, problem) = sent(limit).await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (431, &json!("headers_too_large"), &json!(limit)));
    server.stop().await;
}

on_both! {
    /// What is stored and cannot be read is our fault, is said so, and nothing of it is told.
    async fn what_cannot_be_read_is_an_internal_error(market) {
        let caller = person(&market.stranger, "somebody@play.example").await;
        granted(&caller.look("/v1/me").await.unwrap(), 200);
        let spoiled = market.house().db.transact(|tx| async move {
            // Sealed for another cell, it opens in no other.
            tx.execute_unprepared("UPDATE person SET name = email").await?;
            Ok(Ending::Commit(()))
        });
        spoiled.await.unwrap();
        let reply = caller.look("/v1/me").await.unwrap();
        let mut members: Vec<_> = refused(&reply, 500, "internal").as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["code", "detail", "request_id", "status", "title", "type"]);
    }
}

/// Registers somebody.
async fn registered(stranger: &Client, number: u32) -> Reply {
    let account = json!({"email": format!("person-{number}@play.example"), "name": "张某", "password": PASSWORD});
    stranger.post("/v1/persons", account).send().await.unwrap()
}

/// Where nothing can be written any more, that is said; nothing is half done, and all goes on once there is room.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_got_over() {
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Sqlite, folder.path()).await;
    let program = Program::serve_in_limits(&database, folder.path());
    let stranger = program.client();
    let publisher = Staff::of_sandbox(&stranger, SANDBOX_PASSWORD).await.unwrap().publisher;
    let upload = async || {
        let place = "/v1/documents?title=x&file_name=x.txt&confidentiality=private";
        publisher.send_file(place, "text/plain", b"some text".to_vec()).await.unwrap()
    };
    granted(&upload().await, 201);
    granted(&registered(&stranger, 1).await, 201);

    program.limit_files("0");
    for number in 2..5 {
        let reply = registered(&stranger, number).await;
        refused(&reply, 503, "storage_exhausted");
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
    refused(&upload().await, 503, "storage_exhausted");
    granted(&stranger.look("/v1/lots").await.unwrap(), 200);

    program.limit_files("unlimited");
    eventually(async || registered(&stranger, 2).await.status == 201).await;
    refused(&registered(&stranger, 1).await, 409, "email_taken");
    granted(&upload().await, 201);
    assert_eq!(std::fs::read_dir(folder.path().join("documents")).unwrap().count(), 2, "half a document was kept");
}
