//! Three servers on one database are one market, whoever is killed and whatever is cut meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::money::Money;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::{Asking, Client, Reply};
use zhepai::platform::config::SANDBOX_PASSWORD;
use zhepai::play::{Party, Staff, admit, instant, text};

use crate::common::Base;
use crate::common::database::{self, has_postgres};
use crate::common::play::{PASSWORD, Random, books_balance, enterprise_at, is_whole, log, money, prices_rise, university_at};
use crate::durability::heavy::the_log_holds;
use crate::floor::checker::{Call, Deed, Rules, Seen, can_have_happened};
use crate::floor::market::{START, STEP, each, hard_lot, is_sold_once};
use crate::floor::proxy::Cut;
use crate::floor::servers::{Standing, kills, three};

const BIDDERS: usize = 12;
const LOTS: usize = 4;
/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What everybody here knows.
struct Ground {
    lots: Vec<String>,
    /// Whose name in a lot is whose.
    names: Vec<BTreeMap<String, usize>>,
    begun: Instant,
    /// What was done to each lot.
    calls: Vec<Mutex<Vec<Call>>>,
    over: AtomicBool,
    random: Mutex<Random>,
}

impl Ground {
    fn now(&self) -> u64 {
        self.begun.elapsed().as_micros().try_into().unwrap()
    }

    fn below(&self, bound: usize) -> usize {
        let chosen = self.random.lock().unwrap().below(bound.try_into().unwrap());
        chosen.try_into().unwrap()
    }

    async fn pause(&self, least: u64, span: u64) {
        let pause = least + self.random.lock().unwrap().below(span);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }

    fn note(&self, lot: usize, deed: Deed, called: u64, returned: Option<u64>) {
        self.calls[lot].lock().unwrap().push(Call { deed, called, returned });
    }

    /// A lot as an answer shows it.
    fn seen(&self, lot: usize, shown: &Value) -> Seen {
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
struct Open {
    lot: usize,
    key: String,
    price: i64,
}

/// A bidder in every lot, at the door of every server.
struct Bidder {
    number: usize,
    party: Party,
    doors: Vec<Client>,
    /// The least that would do, as far as he knows.
    least: Vec<i64>,
    receipts: Vec<Vec<Value>>,
    open: Vec<Open>,
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
    async fn go_on(&mut self, ground: &Ground) {
        while !ground.over.load(Ordering::Acquire) {
            let (lot, door) = (ground.below(LOTS), ground.below(self.doors.len()));
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
    async fn settle(&mut self, ground: &Ground) {
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

/// Cuts lines, and kills a server each round.
async fn nemesis(mut servers: Vec<Standing>, ground: Arc<Ground>) -> Vec<Standing> {
    for round in 0..kills() {
        ground.pause(150, 250).await;
        let line = &servers[ground.below(servers.len())];
        match round % 4 {
            0 => line.to_database.set(Cut::Unanswered),
            1 => line.to_database.set(Cut::Unsent),
            2 => line.door.set(Cut::Unanswered),
            _ => line.to_database.cut_all(),
        }
        ground.pause(60, 120).await;
        line.to_database.set(Cut::Never);
        line.door.set(Cut::Never);
        line.door.cut_all();
        ground.pause(50, 200).await;
        let victim = ground.below(servers.len());
        servers[victim].kill();
        ground.pause(1, 150).await;
        servers[victim].come_back();
    }
    servers
}

/// Twelve bidders with accounts at all doors, admitted to lots that are open.
async fn set_up(servers: &[Standing], staff: &Staff) -> (Ground, Vec<Bidder>) {
    let stranger = servers[0].client();
    let seller = university_at(&stranger, staff).await;
    let opens = staff.now().await.unwrap() + TimeDelta::minutes(30);
    let lots = each(LOTS, async |serial| hard_lot(&seller, staff, serial, opens).await).await;
    let bidders = each(BIDDERS, async |number| {
        let party = enterprise_at(&stranger, staff, &format!("firm-{number}"), u32::try_from(number + 1).unwrap()).await;
        for lot in &lots {
            admit(&party, staff, lot).await.unwrap();
        }
        let mut doors = Vec::new();
        for server in servers {
            doors.push(server.client().sign_in(&party.email, PASSWORD).await.unwrap());
        }
        Bidder { number, party, doors, least: vec![START; LOTS], receipts: vec![Vec::new(); LOTS], open: Vec::new() }
    })
    .await;
    let mut names = vec![BTreeMap::new(); LOTS];
    for bidder in &bidders {
        let admissions = bidder.party.client.get("/v1/admissions?limit=100").await.unwrap();
        for admission in admissions["items"].as_array().unwrap() {
            let lot = lots.iter().position(|lot| admission["lot_id"] == lot.as_str()).unwrap();
            names[lot].insert(text(&admission["pseudonym"]), bidder.number);
        }
    }
    staff.move_clock(opens + TimeDelta::seconds(1)).await.unwrap();
    let calls = lots.iter().map(|_| Mutex::default()).collect();
    let random = Mutex::new(Random::seeded());
    (Ground { lots, names, begun: Instant::now(), calls, over: AtomicBool::new(false), random }, bidders)
}

/// Lets the lots run out while everybody goes on.
async fn close(ground: &Ground, reader: &Client, staff: &Staff) {
    let path = |lot: usize| format!("/v1/lots/{}", ground.lots[lot]);
    let end = instant(&reader.get(&path(0)).await.unwrap()["closes_at"]);
    let called = ground.now();
    staff.move_clock(end + TimeDelta::seconds(1)).await.unwrap();
    let returned = ground.now();
    for lot in 0..LOTS {
        let closed = ground.seen(lot, &reader.get(&path(lot)).await.unwrap());
        assert!(closed.closed, "{closed:?}");
        ground.note(lot, Deed::Closed(closed), called, Some(returned));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_are_one_market_through_kills_and_cuts() {
    if !has_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Postgres, folder.path()).await;
    let servers = three(&database, folder.path()).await;
    let reader = servers[0].client();
    let staff = Staff::of_sandbox(&reader, SANDBOX_PASSWORD).await.unwrap();
    let (ground, mut bidders) = set_up(&servers, &staff).await;
    let ground = Arc::new(ground);
    let mut firsts = Vec::new();
    for (lot, id) in ground.lots.iter().enumerate() {
        firsts.push(ground.seen(lot, &reader.get(&format!("/v1/lots/{id}")).await.unwrap()));
    }

    let nemesis = tokio::spawn(nemesis(servers, ground.clone()));
    let end = async {
        let servers = nemesis.await.unwrap();
        close(&ground, &reader, &staff).await;
        ground.over.store(true, Ordering::Release);
        servers
    };
    let (servers, _) = tokio::join!(end, join_all(bidders.iter_mut().map(|bidder| bidder.go_on(&ground))));
    for bidder in &mut bidders {
        bidder.settle(&ground).await;
    }

    let cut = servers.iter().map(|server| server.to_database.were_cut()).fold([0, 0], |all, one| [all[0] + one[0], all[1] + one[1]]);
    eprintln!("commits cut before they were sent, and before they were answered: {cut:?}");
    assert!(cut[0] > 0 && cut[1] > 0, "no commit was cut: {cut:?}");
    for (lot, id) in ground.lots.iter().enumerate() {
        let calls = ground.calls[lot].lock().unwrap().clone();
        let of = |kind: fn(&Deed) -> bool| calls.iter().filter(|call| kind(&call.deed)).count();
        let (counted, lost) = (of(|deed| matches!(deed, Deed::Placed { .. })), of(|deed| matches!(deed, Deed::Lost { .. })));
        eprintln!("lot {lot}: {} deeds, {counted} bids acknowledged, of {lost} the outcome stayed unknown", calls.len());
        assert!(counted > 10, "hardly anybody bid");
        let verdict = can_have_happened(&Rules { start: START, step: STEP }, firsts[lot], &calls);
        assert_eq!(verdict, Ok(()), "lot {lot} is no one lot");
        let events = log(&reader, id).await;
        is_whole(id, &events);
        prices_rise(&events);
        let receipts: Vec<&Value> = bidders.iter().flat_map(|bidder| &bidder.receipts[lot]).collect();
        the_log_holds(&events, &receipts);
        is_sold_once(&reader, &staff.supervisor, id).await;
    }
    books_balance(&staff.finance).await;
}
