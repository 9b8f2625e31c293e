//! What several stories need: people, doors of other servers, bids, a lot's log and its live feed.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::money::{Currency, Money};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::auctions::rules::course::LotCourse;
use zhepai::auctions::rules::verify::verify;
use zhepai::client::{Client, Reply};
use zhepai::platform::config::Config;
use zhepai::platform::keys::{hex, sha256, unhex};
use zhepai::play::parties::{found, invented_uscc};
use zhepai::play::{NewParty, Party, Staff, instant, text};
use zhepai::server::Server;

use super::discreet::inside;

/// The password of everybody who registers here.
pub const PASSWORD: &str = "correct horse battery staple";

/// How long anything may take that should happen by itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// An instant, `2026-03-16T16:00:00Z`.
pub fn at(written: &str) -> DateTime<Utc> {
    written.parse().unwrap()
}

/// Renminbi as the API says it.
pub fn cny(amount: &str) -> Value {
    json!({"amount": amount, "currency": "CNY"})
}

/// Money as the API says it, read.
pub fn money(value: &Value) -> Money {
    Money::parse(value["amount"].as_str().unwrap_or_default(), Currency::Cny).unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// A person with an account, signed in.
pub async fn person(stranger: &Client, email: &str) -> Client {
    let account = json!({"email": email, "name": "张某", "password": PASSWORD});
    stranger.create("/v1/persons", account).await.unwrap();
    stranger.sign_in(email, PASSWORD).await.unwrap()
}

/// A member of an organisation under roles: invited by its owner, accepted by the person.
pub async fn member(stranger: &Client, owner: &Client, organisation: &str, email: &str, roles: &[&str]) -> Client {
    let invitation = json!({"email": email, "roles": roles});
    let invited = owner.create(&format!("/v1/organisations/{organisation}/members"), invitation).await.unwrap();
    assert_eq!(invited["state"], "invited");
    let person = person(stranger, email).await;
    let accepted = person.act(&format!("/v1/memberships/{}/accept", text(&invited["id"]))).await.unwrap();
    assert_eq!(accepted["state"], "active");
    person
}

/// The membership a person holds.
pub async fn membership(person: &Client) -> Value {
    person.get("/v1/me").await.unwrap()["memberships"][0].clone()
}

/// Gives a membership other roles.
pub async fn give_roles(owner: &Client, membership: &Value, roles: &[&str]) {
    let path = format!("/v1/memberships/{}/roles", text(&membership["id"]));
    let version = membership["version"].as_i64().unwrap();
    let reply = owner.ask(reqwest::Method::PUT, &path).body(json!({"roles": roles})).on_version(version).send().await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// A verified party at any server, of the kind and with the code given.
async fn party(stranger: &Client, staff: &Staff, key: &str, kind: &str, ownership: &str, uscc: String) -> Party {
    let new = NewParty {
        email: format!("{key}@play.example"),
        password: PASSWORD.into(),
        kind: kind.into(),
        ownership: ownership.into(),
        name: format!("演示机构 {key}"),
        name_en: None,
        uscc,
    };
    found(stranger, staff, &new).await.unwrap()
}

/// A verified enterprise at any server; its owner's password is [`PASSWORD`].
pub async fn enterprise_at(stranger: &Client, staff: &Staff, key: &str, number: u32) -> Party {
    party(stranger, staff, key, "enterprise", "private", invented_uscc(number)).await
}

/// A verified university at any server.
pub async fn university_at(stranger: &Client, staff: &Staff) -> Party {
    party(stranger, staff, "zju", "university", "state", "12100000470095016Q".into()).await
}

/// The same caller at another server's door.
pub fn through(door: &Client, caller: &Client) -> Client {
    door.with_token(caller.token().unwrap())
}

/// Bids, and means it however far the price; the answer, whatever it is.
pub async fn bid(bidder: &Client, lot: &str, price: &str) -> Reply {
    bidder.post(&format!("/v1/lots/{lot}/bids"), json!({"price": cny(price), "confirmed": true})).send().await.unwrap()
}

/// Seals a first offer, and means it; the answer, whatever it is.
pub async fn seal(bidder: &Client, lot: &str, price: &str) -> Reply {
    bidder
        .ask(reqwest::Method::PUT, &format!("/v1/lots/{lot}/first-offer"))
        .body(json!({"price": cny(price), "confirmed": true}))
        .send()
        .await
        .unwrap()
}

/// Bids in one's turn, and means it; the answer, whatever it is.
pub async fn bid_in_turn(bidder: &Client, lot: &str, price: &str) -> Reply {
    bidder.post(&format!("/v1/lots/{lot}/turn-bids"), json!({"price": cny(price), "confirmed": true})).send().await.unwrap()
}

/// The body of an answer that must be a success with this status.
#[track_caller]
pub fn granted(reply: &Reply, status: u16) -> &Value {
    assert_eq!(reply.status, status, "{}: {}", reply.asked, reply.body);
    &reply.body
}

/// The problem of an answer that must be this refusal.
#[track_caller]
pub fn refused<'a>(reply: &'a Reply, status: u16, code: &str) -> &'a Value {
    assert_eq!((reply.status, reply.code()), (status, code), "{}: {}", reply.asked, reply.body);
    assert_eq!(inside(&reply.body.to_string()), None, "{} is told too much: {}", reply.asked, reply.body);
    assert!(code != "wrong_state" || reply.body["allowed"].is_array(), "{} tells not what is allowed: {}", reply.asked, reply.body);
    &reply.body
}

/// Waits until an import is under way no more; what is said of it then.
pub async fn import_ended(client: &Client, id: &str) -> Value {
    let begun = std::time::Instant::now();
    loop {
        let import = client.get(&format!("/v1/imports/{id}")).await.unwrap();
        if import["state"] != "waiting" && import["state"] != "running" {
            return import;
        }
        assert!(begun.elapsed() < Duration::from_mins(10), "the import does not end: {import}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The first deal a client sees.
pub async fn first_deal(client: &Client) -> Value {
    client.get("/v1/deals").await.unwrap()["items"][0].clone()
}

/// The whole log of a lot, from its beginning.
pub async fn log(reader: &Client, lot: &str) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event["seq"].as_i64().unwrap());
        let page = reader.get(&format!("/v1/lots/{lot}/events?after={after}&limit=100")).await.unwrap();
        let page = page.as_array().unwrap();
        if page.is_empty() {
            return events;
        }
        events.extend(page.iter().cloned());
    }
}

/// Those events of a log that are of a kind.
pub fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["kind"] == kind).collect()
}

/// Recomputes a public log as any reader can: numbers without gap or double, every hash over its
/// predecessor's and what is said.
#[track_caller]
pub fn is_whole(lot: &str, events: &[Value]) {
    let lot: Uuid = lot.parse().unwrap();
    let mut head = "00".repeat(32);
    for (seq, event) in (1_i64..).zip(events) {
        assert_eq!(event["seq"], seq);
        assert_eq!(event["prev_hash"], head.as_str(), "event {seq} does not follow its predecessor");
        let said = event["body_text"].as_str().unwrap();
        let micros = instant(&event["at"]).timestamp_micros();
        let hashed =
            [unhex(&head).unwrap().as_slice(), lot.as_bytes(), &seq.to_be_bytes(), &micros.to_be_bytes(), said.as_bytes()].concat();
        head = hex(&sha256(&hashed));
        assert_eq!(event["hash"], head.as_str(), "event {seq} is not what was hashed");
    }
}

/// The published course of a lot that has ended.
pub async fn course(reader: &Client, lot: &str) -> LotCourse {
    serde_json::from_value(reader.get(&format!("/v1/lots/{lot}/course")).await.unwrap()).unwrap()
}

/// Recomputes the course of a lot by the rules, as anybody can.
pub async fn is_by_the_rules(reader: &Client, lot: &str) {
    let course = course(reader, lot).await;
    assert_eq!(verify(&course, &[], |_| {}), Ok(()), "{course:?}");
}

/// Sees that prices in a log strictly rise.
#[track_caller]
pub fn prices_rise(events: &[Value]) {
    let prices: Vec<_> = of_kind(events, "bid_placed").iter().map(|event| money(&event["body"]["price"]).minor).collect();
    assert!(prices.windows(2).all(|pair| pair[0] < pair[1]), "{prices:?}");
}

/// Sees that the books sum to zero, final and pending.
pub async fn books_balance(finance: &Client) {
    let balance = finance.get("/v1/ledger/trial-balance").await.unwrap();
    for sum in balance["sums"].as_array().unwrap() {
        assert_eq!((&sum["difference"], &sum["pending_difference"]), (&cny("0.00"), &cny("0.00")), "{balance}");
    }
    assert!(!balance["lines"].as_array().unwrap().is_empty(), "there are no books");
}

/// A lot's live feed, read as a browser would.
pub struct Watch {
    answer: reqwest::Response,
    unread: Vec<u8>,
    /// Events told in one step that were not asked for yet.
    entries: VecDeque<Said>,
}

/// An event of a live feed.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its id, where it is a number.
    pub id: i64,
    /// Its id as it is said.
    pub cursor: String,
    /// Its name.
    pub kind: String,
    /// What it says.
    pub data: Value,
}

impl Watch {
    /// Watches a lot at a server, after the event last seen; without one from the beginning of its log.
    pub async fn open(server: &str, lot: &str, last_seen: Option<i64>) -> Self {
        let request = crate::common::http().get(format!("{server}/v1/lots/{lot}/stream"));
        Self::of(request.header("Last-Event-ID", last_seen.unwrap_or_default().to_string())).await
    }

    /// Watches a lot at a server as one does who has seen nothing of it: the first he is told is how it stands.
    pub async fn newly(server: &str, lot: &str) -> Self {
        Self::of(crate::common::http().get(format!("{server}/v1/lots/{lot}/stream"))).await
    }

    /// Watches by a request made elsewhere.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        Self { answer, unread: Vec::new(), entries: VecDeque::new() }
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The next event of the log, or how everything stands, or nothing once the feed has ended. What one step tells comes one by one.
    pub async fn next(&mut self) -> Option<Said> {
        loop {
            if let Some(said) = self.entries.pop_front() {
                return Some(said);
            }
            let step = self.step().await?;
            if step.kind != "delta" {
                return Some(step);
            }
            self.entries = self.told_in(&step).await;
        }
    }

    /// Every event that a step tells of, and the rest of them from the log; its state is what it says, and that of the last.
    pub async fn told_in(&self, step: &Said) -> VecDeque<Said> {
        let delta = &step.data;
        let (from, seq) = (delta["from_seq"].as_i64().unwrap(), delta["seq"].as_i64().unwrap());
        let mut entries = delta["entries"].as_array().unwrap().clone();
        assert!(entries.len() <= 32, "{delta}");
        while entries.last().and_then(|last| last["seq"].as_i64()).unwrap_or(from - 1) < seq {
            let after = entries.last().map_or(from - 1, |last| last["seq"].as_i64().unwrap());
            let server = self.answer.url().origin().ascii_serialization();
            let url = format!("{server}/v1/lots/{}/events?after={after}&limit=100", text(&delta["lot_id"]));
            let rest: Vec<Value> = crate::common::http().get(url).send().await.unwrap().json().await.unwrap();
            entries.extend(rest.into_iter().filter(|event| event["seq"].as_i64().unwrap() <= seq));
        }
        assert_eq!(entries.iter().map(|event| event["seq"].as_i64().unwrap()).collect::<Vec<_>>(), (from..=seq).collect::<Vec<_>>());
        assert_eq!(delta["state_hash"], hex(&sha256(sorted(&delta["state"]).as_bytes())), "{delta}");
        assert_eq!((&delta["state"]["version"], &delta["state"]["log_hash"]), (&delta["seq"], &entries.last().unwrap()["hash"]));
        let said = entries.into_iter().map(|mut data| {
            data["server_time"] = delta["server_time"].clone();
            Said { id: data["seq"].as_i64().unwrap(), cursor: step.cursor.clone(), kind: text(&data["kind"]), data }
        });
        said.collect()
    }

    /// The next event as it is sent, or nothing once the feed has ended.
    pub async fn step(&mut self) -> Option<Said> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = self.unread.drain(..end + 2).collect();
                match Said::read(std::str::from_utf8(&frame).unwrap()) {
                    Some(said) => return Some(said),
                    // A sign of life, or advice on when to come back.
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.answer.chunk()).await.expect("the feed is silent").unwrap();
            self.unread.extend_from_slice(&chunk?);
        }
    }

    /// The next so many events.
    pub async fn take(&mut self, count: usize) -> Vec<Said> {
        let mut taken = Vec::new();
        while taken.len() < count {
            taken.push(self.next().await.expect("the feed ended early"));
        }
        taken
    }

    /// Everything until the feed ends.
    pub async fn rest(&mut self) -> Vec<Said> {
        let mut taken = Vec::new();
        while let Some(said) = self.next().await {
            taken.push(said);
        }
        taken
    }
}

/// JSON with members in the order of their names and no spaces.
pub fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().collect();
            let written: Vec<_> = members.into_iter().map(|(name, value)| format!("{}:{}", json!(name), sorted(value))).collect();
            format!("{{{}}}", written.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

impl Said {
    fn read(frame: &str) -> Option<Self> {
        let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let cursor = field("id:")?.to_owned();
        Some(Self {
            id: cursor.parse().unwrap_or_default(),
            cursor,
            kind: field("event:")?.to_owned(),
            data: serde_json::from_str(field("data:")?).unwrap(),
        })
    }
}

/// Starts a server, waiting for an earlier one of this process to let go of the database; or why it will not start.
pub async fn start(config: &Config) -> Result<Server, String> {
    for _ in 0..100 {
        let why = match Server::start(config.clone()).await {
            Ok(server) => return Ok(server),
            Err(error) => error.to_string(),
        };
        if !why.contains("by another server") {
            return Err(why);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("an earlier server keeps the database".into())
}

/// Asks again until it holds, for a second at most.
pub async fn within_a_second(mut holds: impl AsyncFnMut() -> bool) -> bool {
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(1) {
        if holds().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// Randomness that can be played again: the seed is printed, and taken from `ZHEPAI_TEST_SEED` if that is set.
pub struct Random(u64);

impl Random {
    /// From the environment's seed, or a fresh one.
    pub fn seeded() -> Self {
        let given = std::env::var("ZHEPAI_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0);
        eprintln!("to play this again: ZHEPAI_TEST_SEED={seed}");
        Self(seed)
    }

    /// A number below a bound (splitmix64).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Asks again until it holds.
pub async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(40), "it does not come to pass");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
