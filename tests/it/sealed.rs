//! Lots whose bids stay sealed until all are opened at once.

use chrono::TimeDelta;
use serde_json::{Value, json};
use zhepai::auctions::rules::sealed::receipt::{self, SealedReceipt};
use zhepai::auctions::rules::verify::{Wrong, hold_sealed, verify};
use zhepai::client::{Client, Reply};
use zhepai::play::{self, Party, instant, text};

use crate::authz::{offer, right};
use crate::common::Market;
use crate::common::database::{Dump, at_rest};
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{Watch, bid, cny, course, first_deal, granted, is_whole, log, of_kind, refused};
use crate::common::rebuilt::row_follows_from_log;
use crate::on_both;

/// A lot whose bids are sealed for so many seconds from 1000.00 on, announced, with the bidders admitted. It opens in a minute.
pub async fn announced(market: &Market, seller: &Party, title: &str, format: &str, seconds: i64, bidders: &[&Party]) -> String {
    let bid_for = |offer: &mut Value| {
        offer["auction"]["free_period_seconds"] = seconds.into();
        offer["auction"]["format"] = json!({"kind": format});
    };
    published(market, seller, title, bidders, bid_for).await
}

/// The same for a day, where the lowest bid wins: from 1000.00 down, with such a reserve.
pub async fn falling(market: &Market, seller: &Party, title: &str, bidders: &[&Party], reserve: Value) -> String {
    let bid_for = |offer: &mut Value| {
        offer["auction"]["free_period_seconds"] = 86_400.into();
        offer["auction"]["format"] = json!({"kind": "first_price"});
        offer["auction"]["direction"] = "descending".into();
        offer["reserve"] = reserve;
    };
    published(market, seller, title, bidders, bid_for).await
}

async fn published(market: &Market, seller: &Party, title: &str, bidders: &[&Party], bid_for: impl FnOnce(&mut Value)) -> String {
    let mut offer = offer(market, title).await;
    offer["auction"]["closing_mode"] = "hard_close".into();
    bid_for(&mut offer);
    let (achievement, asset) = right(seller, title).await;
    let lot = play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap().lot;
    for bidder in bidders {
        play::admit(bidder, &market.staff, &lot).await.unwrap();
    }
    lot
}

/// The same, open for a day.
pub async fn opened(market: &Market, seller: &Party, title: &str, format: &str, bidders: &[&Party]) -> String {
    let lot = announced(market, seller, title, format, 86_400, bidders).await;
    market.pass(2).await;
    lot
}

/// Seals a bid, and means it however far the price; the answer, whatever it is.
pub async fn seal(bidder: &Client, lot: &str, price: &str) -> Reply {
    bidder.post(&format!("/v1/lots/{lot}/sealed-bids"), json!({"price": cny(price), "confirmed": true})).send().await.unwrap()
}

/// A sealed bid that counts; its receipt.
pub async fn sealed(bidder: &Client, lot: &str, price: &str) -> SealedReceipt {
    let answer = seal(bidder, lot, price).await;
    receipt::read(&granted(&answer, 201).to_string()).unwrap_or_else(|| panic!("no receipt: {}", answer.body))
}

async fn lot_of(market: &Market, lot: &str) -> Value {
    market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()
}

/// Two seconds after the lot has run out.
pub async fn runs_out(market: &Market, lot: &str) {
    let end = instant(&lot_of(market, lot).await["closes_at"]);
    market.staff.move_clock(end + TimeDelta::seconds(2)).await.unwrap();
}

/// Everything somebody is told of a lot, with the entity tags.
async fn told(client: &Client, lot: &str) -> Vec<(String, Option<String>)> {
    let mut told = Vec::new();
    for place in ["", "/bids", "/events", "/timeline"].map(|part| format!("/v1/lots/{lot}{part}")).into_iter().chain(["/v1/lots".into()]) {
        let reply = client.look(&place).await.unwrap();
        granted(&reply, 200);
        told.push((reply.body.to_string(), reply.header("etag").map(str::to_owned)));
    }
    told
}

/// What everybody is told, and the inboxes of those who have one.
pub async fn told_to_all(market: &Market, lot: &str, parties: &[&Party]) -> Vec<(String, Option<String>)> {
    let staff = &market.staff;
    let mut all = Vec::new();
    for client in [&market.stranger, &staff.host, &staff.reviewer, &staff.supervisor, &staff.auditor, &staff.security] {
        all.extend(told(client, lot).await);
    }
    for party in parties {
        all.extend(told(&party.client, lot).await);
        all.push((party.client.get("/v1/inbox").await.unwrap().to_string(), None));
    }
    all
}

on_both! {
    /// Of what is sealed nobody learns anything, not even that it is; then all is opened at once, and equals bid once more.
    async fn sealed_bids_are_seen_by_nobody_and_equals_bid_once_more(market) {
        let seller = university(&market).await;
        let (one, two, three) = (enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await, enterprise(&market, "three", 3).await);
        let lot = opened(&market, &seller, "一种密封报价的技术", "first_price", &[&one, &two, &three]).await;
        assert_eq!(lot_of(&market, &lot).await["terms"]["format"], json!({"kind": "first_price", "tie_round_seconds": 300}));
        at_rest(market.house()).await;
        let before = told_to_all(&market, &lot, &[&seller, &two, &three]).await;
        let mut receipts = vec![sealed(&one.client, &lot, "9876543210.98").await, sealed(&one.client, &lot, "8765432109.87").await];
        at_rest(market.house()).await;
        assert_eq!(told_to_all(&market, &lot, &[&seller, &two, &three]).await, before, "something tells that somebody has bid");
        let dump = Dump::of(market.house().db.read_long()).await;
        for word in ["9876543210.98", "8765432109.87", "987654321098", "876543210987", receipts[0].statement.salt.as_str()] {
            assert_eq!(dump.with(word.as_bytes()), Vec::<&str>::new(), "{word} lies open");
        }

        market.pass(1).await;
        receipts.push(sealed(&two.client, &lot, "8765432109.87").await);
        receipts.push(sealed(&three.client, &lot, "70000.00").await);
        // Time starts after it again, although it changed nothing in the lot.
        let last = zhepai::auctions::store::last_instant(market.house().db.read()).await.unwrap();
        assert_eq!(last, Some(receipts[3].statement.arrived_at));
        let own = one.client.get(&format!("/v1/lots/{lot}/sealed-bids/mine")).await.unwrap();
        assert_eq!((&own["price"], text(&own["commitment"])), (&cny("8765432109.87"), receipts[1].statement.commitment.clone()));
        refused(&market.staff.supervisor.look(&format!("/v1/lots/{lot}/sealed-bids/mine")).await.unwrap(), 403, "forbidden");
        refused(&seller.client.look(&format!("/v1/lots/{lot}/sealed-bids/mine")).await.unwrap(), 404, "not_found");

        runs_out(&market, &lot).await;
        let seen = lot_of(&market, &lot).await;
        let tied = json!([receipts[1].statement.bidder, receipts[2].statement.bidder]);
        assert_eq!((&seen["state"], &seen["tie_round"]["bidders"]), (&json!("open_free"), &tied), "who was earlier stands before");
        assert_eq!((&seen["tie_round"]["at_least"], &seen["bid_count"]), (&cny("8765432109.87"), &json!(3)));
        refused(&seal(&three.client, &lot, "9999999999.99").await, 409, "not_in_tie_round");
        assert_eq!(refused(&seal(&one.client, &lot, "8765432109.86").await, 422, "too_low")["at_least"], cny("8765432109.87"));
        receipts.push(sealed(&two.client, &lot, "8888888888.88").await);
        assert_eq!(lot_of(&market, &lot).await["version"], seen["version"]);

        runs_out(&market, &lot).await;
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        assert_eq!((of_kind(&events, "bids_opened").len(), of_kind(&events, "tie_round").len(), of_kind(&events, "sold").len()), (2, 1, 1));
        let course = course(&market.stranger, &lot).await;
        assert_eq!((verify(&course, &[], |_| {}), hold_sealed(&course, &receipts, |_| {})), (Ok(()), Ok(())));
        assert_eq!(course.outcome.winner.as_ref(), Some(&receipts[2].statement.bidder));
        assert_eq!(first_deal(&two.client).await["price"], cny("8888888888.88"));
        let said = Watch::open(&market.server.url(), &lot, None).await.rest().await;
        assert_eq!(said.len(), events.len(), "the feed tells the log and ends");
        row_follows_from_log(&market, &lot).await;
    }
}

on_both! {
    /// The winner pays what the second bid; what was sealed before a suspension counts, and of each bidder the last.
    async fn a_vickrey_winner_pays_the_second_price(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await);
        let lot = opened(&market, &seller, "一种密封报价的技术", "vickrey", &[&one, &two]).await;
        let place = format!("/v1/lots/{lot}/sealed-bids");
        let rehearsed = two.client.post(&format!("{place}?dry_run=true"), json!({"price": cny("5000.00")})).send().await.unwrap();
        assert_eq!(granted(&rehearsed, 200).get("receipt"), None);
        refused(&two.client.look(&format!("{place}/mine")).await.unwrap(), 404, "not_found");

        let mut receipts = vec![sealed(&two.client, &lot, "9000.00").await, sealed(&one.client, &lot, "8000.00").await];
        let ask = async || one.client.post(&place, json!({"price": cny("3000.00")})).key("the-same-bid").send().await.unwrap();
        let first = ask().await;
        let again = ask().await;
        assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
        assert_eq!(granted(&again, 201).to_string(), granted(&first, 201).to_string(), "once is once: the very same receipt");
        receipts.extend(receipt::read(&first.body.to_string()));

        let deeds = two.client.get(&format!("/v1/lots/{lot}")).await.unwrap()["allowed_deeds"].clone();
        assert_eq!(deeds, json!(["place_sealed_bid"]));
        let admission = text(&two.client.get("/v1/admissions").await.unwrap()["items"][0]["id"]);
        market.staff.host.create(&format!("/v1/admissions/{admission}/suspend"), json!({"reason": "涉嫌串通"})).await.unwrap();
        at_rest(market.house()).await;
        refused(&seal(&two.client, &lot, "9500.00").await, 409, "bidder_suspended");
        let other_way = bid(&one.client, &lot, "9000.00").await;
        assert_eq!(refused(&other_way, 409, "wrong_format")["operation"], "place_sealed_bid");

        runs_out(&market, &lot).await;
        let course = course(&market.stranger, &lot).await;
        assert_eq!((verify(&course, &[], |_| {}), hold_sealed(&course, &receipts, |_| {})), (Ok(()), Ok(())));
        let seen = lot_of(&market, &lot).await;
        assert_eq!((&seen["state"], &seen["price"]), (&json!("closed_sold"), &cny("3000.00")));
        assert_eq!((&seen["leader"], &first_deal(&two.client).await["price"]), (&json!(receipts[0].statement.bidder), &cny("3000.00")));

        // Whoever was shown another course sees it by what was signed for him.
        let mut shorter = course.clone();
        shorter.receipt_keys.keys.clear();
        assert_eq!(hold_sealed(&shorter, &receipts, |_| {}).unwrap_err().wrong, Wrong::ReceiptKeyUnknown);
        row_follows_from_log(&market, &lot).await;
    }
}

on_both! {
    /// A pause stops the time in which bids may be sealed, and bids stand over it.
    async fn a_pause_moves_the_opening_of_the_bids(market) {
        let (seller, one) = (university(&market).await, enterprise(&market, "one", 1).await);
        let lot = opened(&market, &seller, "一种密封报价的技术", "one_shot", &[&one]).await;
        let receipt = sealed(&one.client, &lot, "1500.00").await;
        let end = instant(&lot_of(&market, &lot).await["closes_at"]);
        let host = &market.staff.host;
        host.create(&format!("/v1/lots/{lot}/pause"), json!({"reason": "网络故障"})).await.unwrap();
        refused(&seal(&one.client, &lot, "1600.00").await, 409, "paused");
        market.pass(60).await;
        host.create(&format!("/v1/lots/{lot}/resume"), json!({"reason": "网络已恢复"})).await.unwrap();
        assert_eq!(instant(&lot_of(&market, &lot).await["closes_at"]), end + TimeDelta::minutes(60));
        runs_out(&market, &lot).await;
        let course = course(&market.stranger, &lot).await;
        assert_eq!((verify(&course, &[], |_| {}), hold_sealed(&course, &[receipt], |_| {})), (Ok(()), Ok(())));
        assert_eq!(lot_of(&market, &lot).await["price"], cny("1500.00"));
        row_follows_from_log(&market, &lot).await;
    }
}
