//! The floor: bids that wait together are stored together, each judged, refused, repeated and signed for as if it were alone.

mod heavy;
mod rights;
mod split;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use entity::auctions::receipt_tree;
use entity::ids::LotId;
use entity::money::Money;
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use zhepai::auctions::flows::forget_old_receipt_trees;
use zhepai::auctions::rules::receipt::{self, SignedReceipt};
use zhepai::auctions::store;
use zhepai::client::{Client, Reply};
use zhepai::platform::config::Config;
use zhepai::platform::db::Ending;

use crate::common::database::has_postgres;
use crate::common::fixtures::{enterprise, open_lot, university};
use crate::common::play::{bid, cny, give_roles, granted, is_whole, log, membership, refused, through};
use crate::common::{Base, Market, monday};
use crate::{on_both, proxies};

/// A lot that is held, so that whoever bids for it waits, until it is let go.
struct Held {
    letting_go: Arc<Notify>,
    holder: JoinHandle<()>,
}

impl Held {
    async fn hold(market: &Market, lot: &str) -> Self {
        let id: LotId = lot.parse().unwrap();
        let (held, letting_go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (is_held, wait) = (held.clone(), letting_go.clone());
        let db = market.house().db.clone();
        let holder = tokio::spawn(async move {
            let holding = db.transact(move |tx| {
                let (is_held, wait) = (is_held.clone(), wait.clone());
                async move {
                    store::hold(&*tx, id).await?.unwrap();
                    is_held.notify_one();
                    wait.notified().await;
                    Ok(Ending::Rollback(()))
                }
            });
            holding.await.unwrap();
        });
        held.notified().await;
        Self { letting_go, holder }
    }

    async fn let_go(self) {
        self.letting_go.notify_one();
        self.holder.await.unwrap();
    }
}

/// Bids without waiting for the answer, but long enough to have come before whoever bids next.
async fn begin(bidder: &Client, lot: &str, price: &str) -> JoinHandle<Reply> {
    let (bidder, lot, price) = (bidder.clone(), lot.to_owned(), price.to_owned());
    let begun = tokio::spawn(async move { bid(&bidder, &lot, &price).await });
    tokio::time::sleep(Duration::from_millis(60)).await;
    begun
}

fn receipt_of(reply: &Reply) -> SignedReceipt {
    receipt::read(&granted(reply, 201).to_string()).unwrap()
}

async fn a_lot_and_two_bidders(market: &Market, number: &str) -> (String, Client, Client) {
    let seller = university(market).await;
    let (one, two) = (enterprise(market, "firm-1", 1).await, enterprise(market, "firm-2", 2).await);
    let lot = open_lot(market, &seller, number, Money::fen(1_000_000), &[&one, &two]).await.lot;
    (lot, one.client, two.client)
}

on_both! {
    async fn bids_that_wait_together_are_judged_one_by_one_and_signed_once(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market, "ZL201610200331.9").await;
        let held = Held::hold(&market, &lot).await;
        // It is being stored already when the others come.
        let first = begin(&one, &lot, "10000.00").await;
        let second = begin(&two, &lot, "10100.00").await;
        let too_low = begin(&one, &lot, "10100.00").await;
        let third = begin(&one, &lot, "10200.00").await;
        held.let_go().await;

        assert_eq!(refused(&too_low.await.unwrap(), 422, "too_low")["at_least"]["amount"], "10200.00");
        let receipts = [receipt_of(&first.await.unwrap()), receipt_of(&second.await.unwrap()), receipt_of(&third.await.unwrap())];
        let seqs: Vec<_> = receipts.iter().map(|receipt| receipt.statement.seq - receipts[0].statement.seq).collect();
        assert_eq!(seqs, [0, 1, 2]);
        // Who was passed over may have been joined by who came next.
        let signed_with = |one: &SignedReceipt| receipts.iter().filter(|receipt| receipt.jws == one.jws).count();
        assert!(receipts.iter().all(|receipt| signed_with(receipt) as u64 == receipt.tree_size), "{receipts:?}");
        assert!(receipts.iter().any(|receipt| receipt.tree_size > 1), "one signature over what one transaction took");
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        let hashes: Vec<&Value> = events[events.len() - 3..].iter().map(|event| &event["hash"]).collect();
        assert_eq!(hashes, receipts.each_ref().map(|receipt| Value::from(receipt.statement.log_hash.clone())).each_ref());
    }
}

/// How many trees of receipts are kept.
async fn trees(market: &Market) -> u64 {
    receipt_tree::Entity::find().count(market.house().db.read()).await.unwrap()
}

on_both! {
    /// What the receipts of one transaction share is kept once, and each is given again to the byte, by another server too.
    async fn what_was_signed_with_others_is_told_again_as_it_was(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market, "ZL201610200331.9").await;
        let path = format!("/v1/lots/{lot}/bids");
        let bid = async |bidder: &Client, key: &str, price: &str| {
            bidder.post(&path, json!({"price": cny(price)})).key(key).send().await.unwrap()
        };
        granted(&bid(&one, "bid-alone", "10000.00").await, 201);
        assert_eq!(trees(&market).await, 0, "one alone is kept with its outcome");

        let held = Held::hold(&market, &lot).await;
        let calls = [(&two, "bid-first", "10100.00"), (&one, "bid-second", "10200.00"), (&two, "bid-third", "10300.00")];
        let let_go = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            held.let_go().await;
        };
        // Each a little later than the one before.
        let later = async |millis: u64, (bidder, key, price): (&Client, &'static str, &'static str)| {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            bid(bidder, key, price).await
        };
        let (first, second, third, ()) = tokio::join!(later(0, calls[0]), later(60, calls[1]), later(120, calls[2]), let_go);

        let receipts = [&first, &second, &third].map(receipt_of);
        let shared: BTreeSet<_> = receipts.iter().filter(|receipt| receipt.tree_size > 1).map(|receipt| &receipt.jws).collect();
        assert!(!shared.is_empty(), "{receipts:?}");
        assert_eq!(trees(&market).await, shared.len() as u64);
        let elsewhere = if market.house().db.is_sqlite() { None } else { Some(market.second_server().await) };
        for ((bidder, key, price), told) in calls.into_iter().zip([&first, &second, &third]) {
            for again in [bidder.clone(), elsewhere.as_ref().map_or_else(|| bidder.clone(), |(_, door)| through(door, bidder))] {
                let again = bid(&again, key, price).await;
                assert_eq!((granted(&again, 201), again.header("idempotency-replayed")), (&told.body, Some("true")));
            }
        }
        if let Some((second, _)) = elsewhere {
            second.stop().await;
        }

        // It goes after the records that point to it.
        let kept = trees(&market).await;
        forget_old_receipt_trees(market.house()).await.unwrap();
        assert_eq!(trees(&market).await, kept);
        let made_before = async |age: TimeDelta| {
            let made = receipt_tree::Entity::update_many().col_expr(receipt_tree::Column::MadeAt, Expr::value(Utc::now() - age));
            let db = market.house().db.clone();
            db.transact(move |tx| {
                let made = made.clone();
                async move {
                    made.exec(&*tx).await?;
                    Ok(Ending::Commit(()))
                }
            })
            .await
            .unwrap();
            forget_old_receipt_trees(market.house()).await.unwrap();
            trees(&market).await
        };
        assert_eq!(made_before(TimeDelta::days(30)).await, kept, "for an hour longer than the records");
        assert_eq!(made_before(TimeDelta::days(31)).await, 0);
    }
}

on_both! {
    async fn a_bid_that_comes_twice_in_one_batch_counts_once(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market, "ZL201610200331.9").await;
        let held = Held::hold(&market, &lot).await;
        let first = begin(&one, &lot, "10000.00").await;
        let path = format!("/v1/lots/{lot}/bids");
        let again = |price: &'static str| {
            let (two, path) = (two.clone(), path.clone());
            tokio::spawn(async move { two.post(&path, json!({"price": cny(price)})).key("the-same").send().await.unwrap() })
        };
        let twins = [again("10100.00"), again("10100.00"), again("10100.00")];
        tokio::time::sleep(Duration::from_millis(60)).await;
        let other = again("10200.00");
        tokio::time::sleep(Duration::from_millis(60)).await;
        held.let_go().await;

        granted(&first.await.unwrap(), 201);
        let mut seqs = Vec::new();
        for twin in twins {
            seqs.push(receipt_of(&twin.await.unwrap()).statement.seq);
        }
        assert!(seqs.iter().all(|seq| *seq == seqs[0]), "{seqs:?}");
        refused(&other.await.unwrap(), 422, "key_reused");
        assert_eq!(log(&market.stranger, &lot).await.iter().filter(|event| event["kind"] == "bid_placed").count(), 2);
    }
}

on_both! {
    async fn a_bid_is_held_to_what_it_saw_as_the_one_before_it_left_the_lot(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market, "ZL201610200331.9").await;
        let seen = log(&market.stranger, &lot).await.last().unwrap()["seq"].as_i64().unwrap();
        let held = Held::hold(&market, &lot).await;
        let first = begin(&one, &lot, "10000.00").await;
        let mut others = Vec::new();
        for (bidder, price) in [(&two, "10100.00"), (&one, "10200.00")] {
            let (bidder, path) = (bidder.clone(), format!("/v1/lots/{lot}/bids"));
            others.push(tokio::spawn(async move {
                bidder.post(&path, json!({"price": cny(price)})).on_version(seen + 1).send().await.unwrap()
            }));
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        held.let_go().await;

        granted(&first.await.unwrap(), 201);
        let (stale, fresh) = (others.pop().unwrap().await.unwrap(), others.pop().unwrap().await.unwrap());
        granted(&fresh, 201);
        assert_eq!(refused(&stale, 412, "stale")["version"], seen + 2);
    }
}

on_both! {
    async fn a_floor_that_is_full_sends_away_at_once(market) {
        let full = Market::set_up(market.base(), monday(), |config| Config { bid_queue: 2, ..config }).await;
        let (lot, one, two) = a_lot_and_two_bidders(&full, "ZL201610200331.9").await;
        let held = Held::hold(&full, &lot).await;
        let first = begin(&one, &lot, "10000.00").await;
        let second = begin(&two, &lot, "10100.00").await;
        let begun = Instant::now();
        let third = bid(&one, &lot, "10200.00").await;
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        refused(&third, 503, "busy");
        assert_eq!(third.headers["retry-after"], "1");
        held.let_go().await;
        granted(&first.await.unwrap(), 201);
        granted(&second.await.unwrap(), 201);
        granted(&bid(&one, &lot, "10200.00").await, 201);
    }
}

on_both! {
    /// What is beside a receipt's leaf in its tree is shown to another bidder, who could try which maximum it hides.
    async fn a_maximum_is_signed_for_alone(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let lot = proxies::opened(&market, &seller, &[&one, &two]).await;
        let held = Held::hold(&market, &lot).await;
        let first = begin(&one.client, &lot, "20000.00").await;
        let second = begin(&two.client, &lot, "30000.00").await;
        held.let_go().await;
        for reply in [first, second] {
            let receipt = receipt_of(&reply.await.unwrap());
            assert_eq!((receipt.tree_size, receipt.path.len()), (1, 0), "{receipt:?}");
            assert!(receipt.statement.maximum.is_some());
        }
    }
}

on_both! {
    /// A lot that was announced before its terms told how far a bid may jump unasked goes on as its rules say.
    async fn a_lot_from_before_its_terms_told_the_jump_still_asks(market) {
        let (lot, one, _) = a_lot_and_two_bidders(&market, "ZL201610200331.9").await;
        let terms = if market.house().db.is_sqlite() { "json_remove(terms, '$.jump_factor')" } else { "terms - 'jump_factor'" };
        market.by_hand(&format!("UPDATE lot SET terms = {terms} WHERE id = '{lot}'")).await;
        let slip = one.post(&format!("/v1/lots/{lot}/bids"), json!({"price": cny("999900.00")})).send().await.unwrap();
        refused(&slip, 409, "unconfirmed_jump");
        granted(&bid(&one, &lot, "10000.00").await, 201);
    }
}

/// Somebody else may hold a lot for long, such as who closes it at another server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lot_that_is_held_keeps_nobody_waiting_who_bids_for_another() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let seller = university(&market).await;
    let (firm, other) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
    let mut lots = Vec::new();
    for number in ["ZL201610200331.9", "ZL201510958772.0", "ZL202010566088.9"] {
        lots.push(open_lot(&market, &seller, number, Money::fen(1_000_000), &[&firm, &other]).await.lot);
    }
    let (held, freed) = (Held::hold(&market, &lots[0]).await, Held::hold(&market, &lots[2]).await);
    let waits = begin(&firm.client, &lots[0], "10000.00").await;
    let again = begin(&firm.client, &lots[0], "10100.00").await;
    // As often as one that waits is passed over, and more.
    for number in 0..8 {
        let (begun, bidder) = (Instant::now(), [&firm, &other][number % 2]);
        granted(&bid(&bidder.client, &lots[1], &format!("{}.00", 10_000 + 100 * number)).await, 201);
        assert!(begun.elapsed() < Duration::from_secs(1), "{number}: {:?}", begun.elapsed());
    }
    let freed_soon = begin(&firm.client, &lots[2], "10000.00").await;
    freed.let_go().await;
    let begun = Instant::now();
    granted(&freed_soon.await.unwrap(), 201);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(!waits.is_finished() && !again.is_finished());
    held.let_go().await;
    granted(&waits.await.unwrap(), 201);
    refused(&again.await.unwrap(), 422, "already_leading");
}

/// What lets several servers judge bids for one lot: whoever holds it judges alone, and others pass it over meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lot_that_is_held_is_taken_by_nobody_else() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let seller = university(&market).await;
    let firm = enterprise(&market, "firm-1", 1).await;
    let mut lots: Vec<LotId> = Vec::new();
    for number in ["ZL201610200331.9", "ZL201510958772.0"] {
        lots.push(open_lot(&market, &seller, number, Money::fen(1_000_000), &[&firm]).await.lot.parse().unwrap());
    }
    assert_eq!(taken(&market, lots.clone()).await, [2, 2]);
    let held = Held::hold(&market, &lots[0].to_string()).await;
    assert_eq!(taken(&market, vec![lots[0]]).await, [0, 0]);
    assert_eq!(taken(&market, lots.clone()).await, [1, 1]);
    held.let_go().await;
    assert_eq!(taken(&market, lots).await, [2, 2]);
}

/// How many of these lots another transaction takes to bid in, whole and by where their logs end.
async fn taken(market: &Market, lots: Vec<LotId>) -> [usize; 2] {
    let taking = market.house().db.transact(move |tx| {
        let lots = lots.clone();
        async move {
            let whole = store::hold_free_to_bid(&*tx, &lots).await?.len();
            let heads = store::hold_free_heads(&*tx, &lots).await?.len();
            Ok(Ending::Rollback([whole, heads]))
        }
    });
    taking.await.unwrap()
}

/// A role that is taken away while a bid waits counts no more, however lately its bearer was let in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_the_role_while_his_bid_waits_bids_no_more() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (lot, one, _) = a_lot_and_two_bidders(&market, "ZL201610200331.9").await;
    let held = Held::hold(&market, &lot).await;
    let begun = begin(&one, &lot, "10000.00").await;
    give_roles(&one, &membership(&one).await, &["owner"]).await;
    held.let_go().await;
    refused(&begun.await.unwrap(), 403, "forbidden");
}

/// Who asks again at another server, because the first does not answer, is told what became of his bid there, though that had been
/// judged by then and he was refused now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_that_wait_at_two_servers_are_one_bid() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let (lot, one, _) = a_lot_and_two_bidders(&market, "ZL201610200331.9").await;
    let held = Held::hold(&market, &lot).await;
    let path = format!("/v1/lots/{lot}/bids");
    let twins = [one.clone(), through(&door, &one)].map(|bidder| {
        let path = path.clone();
        tokio::spawn(async move { bidder.post(&path, json!({"price": cny("10000.00")})).key("at-two-doors").send().await.unwrap() })
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    held.let_go().await;

    let mut receipts = Vec::new();
    for twin in twins {
        receipts.push(receipt_of(&twin.await.unwrap()));
    }
    assert_eq!(receipts[0], receipts[1]);
    assert_eq!(log(&market.stranger, &lot).await.iter().filter(|event| event["kind"] == "bid_placed").count(), 1);
    second.stop().await;
}

/// One key for two lots at two servers: neither sees the other's record before it is in its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_used_for_two_lots_at_two_servers_counts_for_one() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let seller = university(&market).await;
    let firm = enterprise(&market, "firm-1", 1).await;
    let mut lots = Vec::new();
    for number in ["ZL201610200331.9", "ZL201510958772.0"] {
        lots.push(open_lot(&market, &seller, number, Money::fen(1_000_000), &[&firm]).await.lot);
    }
    let doors = [firm.client.clone(), through(&door, &firm.client)];
    let asked = doors.iter().zip(&lots).map(|(bidder, lot)| {
        let (bidder, path) = (bidder.clone(), format!("/v1/lots/{lot}/bids"));
        tokio::spawn(async move { bidder.post(&path, json!({"price": cny("10000.00")})).key("for-two-lots").send().await.unwrap() })
    });
    let asked: Vec<_> = asked.collect();
    let mut replies = Vec::new();
    for reply in asked {
        replies.push(reply.await.unwrap());
    }
    replies.sort_by_key(|reply| reply.status);
    granted(&replies[0], 201);
    refused(&replies[1], 422, "key_reused");
    second.stop().await;
}

/// A right that is taken away while a bid waits counts no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_while_its_bid_waits_bids_no_more() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (lot, one, two) = a_lot_and_two_bidders(&market, "ZL201610200331.9").await;
    let held = Held::hold(&market, &lot).await;
    let of_the_other = begin(&two, &lot, "10000.00").await;
    let begun = begin(&one, &lot, "10100.00").await;
    granted(&one.ask(Method::DELETE, "/v1/sessions/current").send().await.unwrap(), 204);
    held.let_go().await;
    granted(&of_the_other.await.unwrap(), 201);
    refused(&begun.await.unwrap(), 401, "token_invalid");
}
