//! Bidders at many doors who note what they did and were told.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use entity::money::Money;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::{Asking, Client, Reply};
use zhepai::play::Party;

use crate::common::play::{Random, money};
use crate::linear::checker::{Call, Deed, Seen};
use crate::linear::market::STEP;

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What everybody here knows.
pub struct Ground {
    /// The lots.
    pub lots: Vec<String>,
    /// Whose name in a lot is whose.
    pub names: Vec<BTreeMap<String, usize>>,
    /// Since when time is counted.
    pub begun: Instant,
    /// What was done to each lot.
    pub calls: Vec<Mutex<Vec<Call>>>,
    /// Whether everybody stops.
    pub over: AtomicBool,
    /// What is left to chance.
    pub random: Mutex<Random>,
}

impl Ground {
    /// The time now, microseconds.
    pub fn now(&self) -> u64 {
        self.begun.elapsed().as_micros().try_into().unwrap()
    }

    /// A number below a bound.
    pub fn below(&self, bound: usize) -> usize {
        let chosen = self.random.lock().unwrap().below(bound.try_into().unwrap());
        chosen.try_into().unwrap()
    }

    /// Waits a while, milliseconds: so many at least, and up to so many more.
    pub async fn pause(&self, least: u64, span: u64) {
        let pause = least + self.random.lock().unwrap().below(span);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }

    /// Notes what was done to a lot.
    pub fn note(&self, lot: usize, deed: Deed, called: u64, returned: Option<u64>) {
        self.calls[lot].lock().unwrap().push(Call { deed, called, returned });
    }

    /// A lot as an answer shows it.
    pub fn seen(&self, lot: usize, shown: &Value) -> Seen {
        let leader = shown["leader"].as_str().map(|name| self.names[lot][name]);
        Seen {
            seq: shown["version"].as_i64().unwrap(),
            price: (!shown["price"].is_null()).then(|| money(&shown["price"]).minor),
            leader,
            closed: shown["state"].as_str().unwrap().starts_with("closed"),
        }
    }
}

/// A bid that may or may not have counted.
pub struct Open {
    lot: usize,
    key: String,
    price: i64,
}

/// A bidder in every lot, at the door of every server.
pub struct Bidder {
    /// Which of them he is.
    pub number: usize,
    /// The organisation he bids for.
    pub party: Party,
    /// He, at every server.
    pub doors: Vec<Client>,
    /// The least that would do, as far as he knows.
    pub least: Vec<i64>,
    /// What was acknowledged, by lot.
    pub receipts: Vec<Vec<Value>>,
    /// What he gave up.
    pub open: Vec<Open>,
}

/// The answer to a call, if one comes.
async fn answered(asking: Asking<'_>) -> Option<Reply> {
    tokio::time::timeout(PATIENCE, asking.send()).await.ok()?.ok()
}

/// Whether an answer says to ask again: never is a deed that may have been done answered in another way.
fn says_again(reply: &Reply) -> bool {
    let again = matches!((reply.status, reply.code()), (503, "busy") | (409, "in_flight"));
    assert!(!again || reply.header("Retry-After").is_some(), "{} does not say when: {}", reply.asked, reply.body);
    again
}

impl Bidder {
    /// Bids, reads and looks into logs until it is over.
    pub async fn go_on(&mut self, ground: &Ground) {
        while !ground.over.load(Ordering::Acquire) {
            let (lot, door) = (ground.below(ground.lots.len()), ground.below(self.doors.len()));
            match ground.below(10) {
                0..3 => self.read(ground, lot, door).await,
                3 => self.read_log(ground, lot, door).await,
                _ => self.bid(ground, lot).await,
            }
            ground.pause(10, 40).await;
        }
    }

    /// What a question is answered, and when it was asked.
    async fn asked(&self, ground: &Ground, door: usize, path: &str) -> Option<(Value, u64)> {
        let called = ground.now();
        let reply = answered(self.doors[door].ask(reqwest::Method::GET, path)).await?;
        assert!(reply.status == 200 || says_again(&reply), "{}: {} {}", reply.asked, reply.status, reply.body);
        (reply.status == 200).then_some((reply.body, called))
    }

    async fn read(&self, ground: &Ground, lot: usize, door: usize) {
        let path = format!("/v1/lots/{}", ground.lots[lot]);
        if let Some((shown, called)) = self.asked(ground, door, &path).await {
            ground.note(lot, Deed::Read(ground.seen(lot, &shown)), called, Some(ground.now()));
        }
    }

    /// Looks for what is new since the last own bid; says nothing of the end where that is further than a page.
    async fn read_log(&self, ground: &Ground, lot: usize, door: usize) {
        let after = self.receipts[lot].last().map_or(0, |receipt| receipt["seq"].as_i64().unwrap());
        let path = format!("/v1/lots/{}/events?after={after}&limit=100", ground.lots[lot]);
        let Some((page, called)) = self.asked(ground, door, &path).await else { return };
        let returned = ground.now();
        let events = page.as_array().unwrap();
        for (event, seq) in events.iter().zip(after + 1..) {
            assert_eq!(event["seq"], seq, "the log has a gap");
        }
        if events.len() < 100 {
            let seq = after + i64::try_from(events.len()).unwrap();
            ground.note(lot, Deed::Log { seq }, called, Some(returned));
        }
    }

    /// Bids, and asks again under the same key until it is known what came of it, or gives up.
    async fn bid(&mut self, ground: &Ground, lot: usize) {
        let bidder = self.number;
        let price = self.least[lot] + [0, 0, STEP][ground.below(3)];
        let (path, key) = (format!("/v1/lots/{}/bids", ground.lots[lot]), Uuid::new_v4().to_string());
        let first = ground.now();
        let mut unsure = false;
        loop {
            let called = ground.now();
            let door = &self.doors[ground.below(self.doors.len())];
            let body = json!({"price": Money::fen(price), "confirmed": true});
            let reply = answered(door.post(&path, body).key(&key)).await;
            let returned = Some(ground.now());
            match reply.filter(|reply| !says_again(reply)) {
                Some(reply) if reply.status == 201 => {
                    let seq = reply.body["seq"].as_i64().unwrap();
                    ground.note(lot, Deed::Placed { bidder, price, seq }, first, returned);
                    self.least[lot] = price + STEP;
                    self.receipts[lot].push(reply.body);
                    return;
                }
                Some(reply) => {
                    match reply.code() {
                        "too_low" => {
                            let at_least = money(&reply.body["at_least"]).minor;
                            self.least[lot] = at_least;
                            ground.note(lot, Deed::TooLow { bidder, price, at_least }, called, returned);
                        }
                        "already_leading" => ground.note(lot, Deed::Leads { bidder }, called, returned),
                        // In time is what arrived in time; when the lot was closed it does not say.
                        "closed" => {}
                        _ => panic!("{}: {} {}", reply.asked, reply.status, reply.body),
                    }
                    // An earlier try that was not answered may be judged yet.
                    if unsure {
                        self.gives_up(ground, Open { lot, key, price }, first);
                    }
                    return;
                }
                None => unsure = true,
            }
            if ground.below(4) == 0 {
                return self.gives_up(ground, Open { lot, key, price }, first);
            }
            ground.pause(10, 60).await;
        }
    }

    fn gives_up(&mut self, ground: &Ground, open: Open, first: u64) {
        ground.note(open.lot, Deed::Lost { bidder: self.number, price: open.price }, first, None);
        self.open.push(open);
    }

    /// Asks once more under the keys of what was given up: it counted and is answered so, or it never will.
    pub async fn settle(&mut self, ground: &Ground) {
        for open in std::mem::take(&mut self.open) {
            let body = json!({"price": Money::fen(open.price), "confirmed": true});
            let path = format!("/v1/lots/{}/bids", ground.lots[open.lot]);
            let reply = self.doors[0].post(&path, body).key(&open.key).send().await.unwrap();
            if reply.status == 201 {
                assert_eq!(reply.header("Idempotency-Replayed"), Some("true"), "a bid was taken after the end: {}", reply.body);
                self.receipts[open.lot].push(reply.body);
            } else {
                assert_eq!((reply.status, reply.code()), (409, "closed"), "{}", reply.body);
            }
        }
    }
}
