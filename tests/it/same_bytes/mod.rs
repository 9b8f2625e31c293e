//! Described histories, of every way to find a price and of whatever else may come of a lot, played over HTTP on either database and
//! in memory by the rules alone: the same log and the same published course, byte for byte.

mod histories;
mod memory;

use std::iter::zip;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::admission;
use entity::auctions::{LotEventKind, LotState, lot, lot_event};
use entity::ids::LotId;
use entity::money::Money;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use zhepai::auctions::rules::course::LotCourse;
use zhepai::auctions::rules::log::Body;
use zhepai::auctions::rules::proxy::Secret;
use zhepai::auctions::rules::verify::verify;
use zhepai::auctions::store;
use zhepai::client::Reply;
use zhepai::play::{self, Party, admit};

use crate::authz::{offer, right};
use crate::common::database::has_postgres;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::seal;
use crate::common::{Base, Market, http};
use crate::outages::{beats, was_silent};
use crate::weighted::scores;
use histories::{Deed, HISTORIES, History};
use memory::{Drawn, Memory};

const REASON: &str = "网络故障";

/// What a bidder is given who is of this level.
fn scorecard(level: &str) -> Value {
    scores(level, ["91.00", "88.00", "20.00", "92.00", "90.00"])
}

/// What a market keeps of a history, and tells of it.
struct Kept {
    /// When the lot was announced.
    begun: Timestamp,
    lot: lot::Model,
    log: Vec<lot_event::Model>,
    drawn: Drawn,
    /// The course, exactly as it was sent.
    course: String,
}

/// Plays all histories, one after another, on one market.
async fn all_played(base: Base) -> Vec<Kept> {
    let market = Market::start(base).await;
    let seller = university(&market).await;
    let bidders = [enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await, enterprise(&market, "firm-3", 3).await];
    let mut all = Vec::new();
    for history in &HISTORIES {
        let kept = played(&market, &seller, &bidders, history).await;
        is_what_the_rules_make_of_it(history, &kept);
        all.push(kept);
    }
    all
}

async fn played(market: &Market, seller: &Party, bidders: &[Party; 3], history: &History) -> Kept {
    let mut offer = offer(market, history.title).await;
    (history.offer)(&mut offer, bidders);
    let (achievement, asset) = right(seller, history.title).await;
    let begun = market.staff.now().await.unwrap();
    let lot = play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap().lot;
    for bidder in bidders {
        admit(bidder, &market.staff, &lot).await.unwrap();
    }
    let admissions = admissions_of(market, &lot, bidders).await;
    for (seconds, deed) in history.deeds {
        waits(market, *seconds).await;
        let reply = does(market, &lot, bidders, &admissions, *deed).await;
        assert!(reply.status < 300, "{}: {deed:?}: {} {}", history.title, reply.status, reply.body);
    }
    waits(market, history.rest).await;
    let (id, db): (LotId, _) = (lot.parse().unwrap(), market.house().db.read());
    let row = store::lot(db, id).await.unwrap().unwrap();
    let log = store::events_after(db, id, 0, 1_000).await.unwrap();
    let place = format!("{}/v1/lots/{lot}/course", market.server.url());
    let course = http().get(place).send().await.unwrap().text().await.unwrap();
    Kept { begun, drawn: drawn(market, &row, &log, admissions), lot: row, log, course }
}

async fn waits(market: &Market, seconds: i64) {
    let now = market.staff.now().await.unwrap();
    market.staff.move_clock(now + TimeDelta::seconds(seconds)).await.unwrap();
}

/// The market has stood still for so long until now.
async fn stands_still(market: &Market, seconds: i64) {
    let now = market.staff.now().await.unwrap();
    was_silent(market, seconds, now - TimeDelta::seconds(seconds)).await;
    beats(market).await;
}

async fn does(market: &Market, lot: &str, bidders: &[Party; 3], admissions: &[admission::Model], deed: Deed) -> Reply {
    let host = &market.staff.host;
    let place = |part: &str| format!("/v1/lots/{lot}/{part}");
    let decision = |who: usize, part: &str| format!("/v1/admissions/{}/{part}", admissions[who].id);
    let reason = || json!({"reason": REASON});
    let price = |fen: i64| json!({"price": Money::fen(fen), "confirmed": true});
    let (client, place, body) = match deed {
        Deed::Offer(who, fen) => return seal(&bidders[who].client, lot, &Money::fen(fen).decimal()).await,
        Deed::Bid(who, fen) => (&bidders[who].client, place("bids"), price(fen)),
        Deed::Turn(who, fen) => (&bidders[who].client, place("turn-bids"), price(fen)),
        Deed::Seal(who, prices) => {
            let further: Vec<_> = prices[1..].iter().map(|fen| Money::fen(*fen)).collect();
            let bid = json!({"price": Money::fen(prices[0]), "further_units": further, "confirmed": true});
            (&bidders[who].client, place("sealed-bids"), bid)
        }
        Deed::Score(who, level) => {
            let body = json!({"admission_id": admissions[who].id, "scores": scorecard(level), "protocol": "评审记录 2026-017"});
            (host, place("scores"), body)
        }
        Deed::Buy(who) => return bidders[who].client.ask(Method::POST, &place("buy-now")).send().await.unwrap(),
        // Nobody does it: whoever looks finds the lot after it.
        Deed::Outage(seconds) => {
            stands_still(market, seconds).await;
            return host.look(&format!("/v1/lots/{lot}")).await.unwrap();
        }
        Deed::Answer(who, takes) => (&bidders[who].client, place("preemption-answer"), json!({"takes": takes})),
        Deed::Pause => (host, place("pause"), reason()),
        Deed::Resume => (host, place("resume"), reason()),
        Deed::Extend(seconds) => (host, place("extend"), json!({"seconds": seconds, "reason": REASON})),
        Deed::Suspend(who) => (host, decision(who, "suspend"), reason()),
        Deed::Reinstate(who) => (host, decision(who, "reinstate"), reason()),
    };
    client.post(&place, body).send().await.unwrap()
}

/// The admissions to a lot, in the order of the bidders.
async fn admissions_of(market: &Market, lot: &str, bidders: &[Party; 3]) -> Vec<admission::Model> {
    let id: LotId = lot.parse().unwrap();
    let all = admission::Entity::find().filter(admission::Column::LotId.eq(id)).all(market.house().db.read()).await.unwrap();
    let of = |bidder: &Party| all.iter().find(|one| one.organisation_id.to_string() == bidder.organisation).unwrap().clone();
    bidders.iter().map(of).collect()
}

/// What was drawn, from the kept log.
fn drawn(market: &Market, lot: &lot::Model, log: &[lot_event::Model], admissions: Vec<admission::Model>) -> Drawn {
    let mut drawn = Drawn { admissions, ..Drawn::default() };
    for event in log {
        match serde_json::from_str::<Body>(&event.body).unwrap() {
            Body::BidsOpened { round, bids, .. } => drawn.salts.extend(bids.into_iter().map(|bid| ((round, bid.bidder), bid.salt))),
            Body::FirstOffersOpened { offers, .. } => {
                drawn.salts.extend(offers.into_iter().map(|offer| ((0, offer.bidder), offer.salt)));
            }
            Body::MaximumPlaced { .. } => {
                let place = [lot.id.0.as_bytes().as_slice(), &event.seq.to_be_bytes(), "maximum".as_bytes()].concat();
                let plain = market.house().keys.open(&place, event.sealed.as_ref().unwrap()).unwrap();
                drawn.seeds.insert(event.seq, Secret::unpack(&plain, lot.currency).unwrap().seed);
            }
            Body::Sold { reserve, .. } | Body::Unsold { reserve, .. } => drawn.reserve = reserve,
            _ => {}
        }
    }
    drawn
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

/// What a market kept and told is what the rules make of the history, and was worth playing.
#[track_caller]
fn is_what_the_rules_make_of_it(history: &History, kept: &Kept) {
    let memory = Memory::of(history, &kept.lot, &kept.drawn, kept.begun);
    assert_eq!(bytes(&kept.log), bytes(&memory.log), "{}", history.title);
    let told: LotCourse = serde_json::from_str(&kept.course).unwrap_or_else(|error| panic!("{error}: {}", kept.course));
    assert_eq!(verify(&told, &[], |_| {}), Ok(()), "{}", history.title);
    let made = LotCourse::of(&memory.lot, memory.log, told.receipt_keys);
    assert_eq!(kept.course, serde_json::to_string(&made).unwrap(), "{}", history.title);
    assert!(matches!(kept.lot.state, LotState::ClosedSold | LotState::ClosedUnsold), "{}: {:?}", history.title, kept.lot.state);
    for kind in history.tells {
        assert!(kept.log.iter().any(|event| event.kind == *kind), "{}: nothing tells {kind:?}", history.title);
    }
}

/// A course without what every market draws for itself: keys, ids, names, and all that is hashed with these or with salts.
fn without_draws(kept: &Kept) -> String {
    let mut course: LotCourse = serde_json::from_str(&kept.course).unwrap();
    course.receipt_keys.keys.clear();
    let mut text = serde_json::to_string(&course).unwrap();
    let ids = [kept.lot.id.to_string(), kept.lot.listing_id.to_string()];
    let names = kept.drawn.admissions.iter().map(|admission| admission.pseudonym.clone().unwrap());
    for (place, drawn) in ids.into_iter().chain(names).enumerate() {
        text = text.replace(&drawn, &format!("<{place}>"));
    }
    let without_hashes = text.split_inclusive(|letter: char| !letter.is_ascii_hexdigit()).map(|run| {
        let rest = run.trim_start_matches(|letter: char| letter.is_ascii_hexdigit());
        if run.len() - rest.len() < 32 { run.to_owned() } else { format!("<hash>{rest}") }
    });
    without_hashes.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_history_gives_the_same_bytes_on_both_databases_and_in_memory() {
    let embedded = all_played(Base::Sqlite).await;
    if has_postgres() {
        let served = all_played(Base::Postgres).await;
        for (history, (one, other)) in zip(&HISTORIES, zip(&embedded, &served)) {
            assert_eq!(without_draws(one), without_draws(other), "{}", history.title);
        }
    }
}
