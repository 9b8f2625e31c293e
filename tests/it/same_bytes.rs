//! One described history, played over HTTP on either database and in memory by the rules alone: the same log, byte for byte.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::admission;
use entity::auctions::{LotEventKind, LotState, lot, lot_event};
use entity::ids::{AdmissionId, LotId, PersonId};
use entity::money::Money;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::auctions::rules::log::{Body, Cause, append, hash};
use zhepai::auctions::rules::pause::{self, Order};
use zhepai::auctions::rules::{Attempt, announce, clock, close, judge};
use zhepai::platform::problem::Problem;
use zhepai::play::{self, Party, admit};

use crate::common::database::has_postgres;
use crate::common::fixtures::{enterprise, rehearsal_lot, university};
use crate::common::{Base, Market, monday};

const START: Money = Money::fen(1_000_000);
const REASON: &str = "网络故障";

/// What is done; bidders go by their number.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Bid(usize, i64),
    Pause,
    Resume,
    Extend(i64),
    Suspend(usize),
    Reinstate(usize),
}

/// Each after so many minutes more. The lot opens after the first; its day ends an hour late for the pause, and ten minutes
/// later for the extension, so that the last two bids are late ones.
const HISTORY: [(i64, Deed); 9] = [
    (2, Deed::Bid(0, 1_000_000)),
    (10, Deed::Bid(1, 1_010_000)),
    (5, Deed::Pause),
    (60, Deed::Resume),
    (1, Deed::Suspend(0)),
    (1, Deed::Reinstate(0)),
    (1, Deed::Extend(600)),
    (1_428, Deed::Bid(0, 1_030_000)),
    (3, Deed::Bid(1, 1_050_000)),
];
/// After these it is over.
const REST: i64 = 10;

/// What a market keeps of the history.
struct Kept {
    lot: lot::Model,
    log: Vec<lot_event::Model>,
    /// Under which names the bidders went there.
    names: [String; 2],
}

async fn played(base: Base) -> Kept {
    let market = Market::start(base).await;
    let seller = university(&market).await;
    let bidders = [enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await];
    let lot = rehearsal_lot(&market, &seller, "ZL201610200331.9", START).await.lot;
    for bidder in &bidders {
        admit(bidder, &market.staff, &lot).await.unwrap();
    }
    let admissions = [admission_of(&market, &lot, &bidders[0]).await, admission_of(&market, &lot, &bidders[1]).await];
    for (minutes, deed) in HISTORY {
        market.pass(minutes).await;
        let decide = async |who: usize, deed: &str| {
            let place = format!("/v1/admissions/{}/{deed}", admissions[who].id);
            market.staff.host.create(&place, json!({"reason": REASON})).await.unwrap();
        };
        let order = async |deed: &str, body: Value| {
            market.staff.host.create(&format!("/v1/lots/{lot}/{deed}"), body).await.unwrap();
        };
        match deed {
            Deed::Bid(who, fen) => drop(play::bid(&bidders[who], &lot, Money::fen(fen)).await.unwrap()),
            Deed::Pause => order("pause", json!({"reason": REASON})).await,
            Deed::Resume => order("resume", json!({"reason": REASON})).await,
            Deed::Extend(seconds) => order("extend", json!({"seconds": seconds, "reason": REASON})).await,
            Deed::Suspend(who) => decide(who, "suspend").await,
            Deed::Reinstate(who) => decide(who, "reinstate").await,
        }
    }
    market.pass(REST).await;
    let (id, db): (LotId, _) = (lot.parse().unwrap(), market.house().db.read());
    let log = lot_event::Entity::find().filter(lot_event::Column::LotId.eq(id)).order_by_asc(lot_event::Column::Seq);
    Kept {
        lot: lot::Entity::find_by_id(id).one(db).await.unwrap().unwrap(),
        log: log.all(db).await.unwrap(),
        names: admissions.map(|admission| admission.pseudonym.unwrap()),
    }
}

async fn admission_of(market: &Market, lot: &str, bidder: &Party) -> admission::Model {
    let id: LotId = lot.parse().unwrap();
    let all = admission::Entity::find().filter(admission::Column::LotId.eq(id)).all(market.house().db.read()).await.unwrap();
    all.into_iter().find(|one| one.organisation_id.to_string() == bidder.organisation).unwrap()
}

/// The history as the rules alone play it.
struct Memory {
    lot: lot::Model,
    log: Vec<lot_event::Model>,
    now: Timestamp,
}

impl Memory {
    /// Of a lot with this id, these terms and these bidders.
    fn of(kept: &Kept) -> Self {
        let Kept { lot, names, .. } = kept;
        let blank = announce::blank(lot.id, lot.listing_id, lot.title.clone(), lot.terms.clone());
        let (announced, lot) = announce::announced(&blank, monday());
        let mut memory = Self { lot, log: vec![announced], now: monday() };
        let (closed, lot) = announce::registered(&memory.lot, 2, memory.lot.opens_at - TimeDelta::seconds(1));
        memory.takes(vec![closed], lot);
        for (minutes, deed) in HISTORY {
            memory.passes(minutes);
            let (events, lot) = memory.done(deed, names).unwrap();
            memory.takes(events, lot);
        }
        memory.passes(REST);
        memory
    }

    fn takes(&mut self, events: Vec<lot_event::Model>, lot: lot::Model) {
        self.log.extend(events);
        self.lot = lot;
    }

    /// What comes by itself, each at its own time.
    fn passes(&mut self, minutes: i64) {
        self.now += TimeDelta::minutes(minutes);
        while let Some(at) = clock::next_look(&self.lot).filter(|at| *at <= self.now) {
            let (events, lot) = clock::advance(&self.lot, at);
            self.takes(events, lot);
            if clock::is_over(&self.lot, at) {
                let closing = close::close(&self.lot, None, at);
                self.takes(vec![closing.event], closing.lot);
            }
        }
    }

    fn done(&self, deed: Deed, names: &[String; 2]) -> Result<(Vec<lot_event::Model>, lot::Model), Problem> {
        let (lot, now) = (&self.lot, self.now);
        let order = Order { reason: REASON.into(), ..Order::default() };
        let (event, next) = match deed {
            Deed::Bid(who, fen) => {
                let judged = judge(lot, &[attempt(who, &names[who], fen, now)]);
                for outcome in judged.outcomes {
                    outcome?;
                }
                return Ok((judged.events, judged.lot));
            }
            Deed::Pause => pause::pause(lot, &order, now)?,
            Deed::Resume => pause::resume(lot, &order, now)?,
            Deed::Extend(seconds) => pause::extend(lot, seconds, TimeDelta::hours(1), &order, now)?,
            Deed::Suspend(who) => append(lot, now, &Body::BidderSuspended { bidder: names[who].clone() }, Cause::default()),
            Deed::Reinstate(who) => append(lot, now, &Body::BidderReinstated { bidder: names[who].clone() }, Cause::default()),
        };
        Ok((vec![event], next))
    }
}

fn attempt(who: usize, name: &str, fen: i64, arrival: Timestamp) -> Attempt {
    let number = Uuid::from_u128(who as u128);
    Attempt {
        admission: AdmissionId(number),
        pseudonym: name.into(),
        suspended: false,
        price: Money::fen(fen),
        arrival,
        person: PersonId(number),
        request_id: String::new(),
        seed: [0; 32],
        priority: None,
    }
}

/// All of an event that is public or hashed: whose it is, number, time, kind, text, and both hashes.
type Bytes<'a> = (LotId, i64, i64, LotEventKind, &'a str, &'a [u8], &'a [u8]);

fn bytes(log: &[lot_event::Model]) -> Vec<Bytes<'_>> {
    let each = log.iter().map(|event| {
        let (prev_hash, hash) = (event.prev_hash.as_slice(), event.hash.as_slice());
        (event.lot_id, event.seq, event.at.timestamp_micros(), event.kind, event.body.as_str(), prev_hash, hash)
    });
    each.collect()
}

/// The log as it is where ids and names, which every market draws for itself, are the same.
fn as_of_one_lot(kept: &Kept) -> Vec<lot_event::Model> {
    let mut head = vec![0; 32];
    let each = kept.log.iter().map(|event| {
        let body = event.body.replace(&kept.names[0], "甲").replace(&kept.names[1], "乙");
        let mut same = lot_event::Model { lot_id: LotId(Uuid::nil()), body, prev_hash: head.clone(), ..event.clone() };
        same.hash = hash(&same).to_vec();
        head.clone_from(&same.hash);
        same
    });
    each.collect()
}

/// What a market kept is what the rules make of the history, and was worth playing.
#[track_caller]
fn is_what_the_rules_make_of_it(kept: &Kept) {
    let memory = Memory::of(kept);
    assert_eq!(bytes(&kept.log), bytes(&memory.log));
    assert_eq!((kept.lot.state, kept.lot.price_minor), (LotState::ClosedSold, Some(1_050_000)));
    // Announced, registered, opened, what was done, sold.
    assert_eq!(kept.log.len(), 3 + HISTORY.len() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_history_gives_the_same_bytes_on_both_databases_and_in_memory() {
    let embedded = played(Base::Sqlite).await;
    is_what_the_rules_make_of_it(&embedded);
    if has_postgres() {
        let served = played(Base::Postgres).await;
        is_what_the_rules_make_of_it(&served);
        assert_eq!(bytes(&as_of_one_lot(&embedded)), bytes(&as_of_one_lot(&served)));
    }
}
