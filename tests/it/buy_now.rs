//! A lot that can be bought at once until the first bid (一口价).

use chrono::TimeDelta;
use entity::money::Money;
use serde_json::json;
use zhepai::auctions::rules::receipt;
use zhepai::auctions::rules::verify::verify;
use zhepai::client::{Client, Reply};
use zhepai::play::{Party, admit, instant, register, text};

use crate::common::Market;
use crate::common::fixtures::{achievement, enterprise, lot, patent, rehearsal, university};
use crate::common::play::{bid, cny, course, first_deal, granted, is_whole, log, of_kind, refused};
use crate::common::rebuilt::row_follows_from_log;
use crate::on_both;

/// A lot from 10 000.00 up, or at once for 15 000.00, open for bids.
async fn quick(market: &Market, bidders: &[&Party]) -> String {
    let seller = university(market).await;
    let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
    let mut offer = rehearsal(Money::fen(1_000_000), opens);
    offer["auction"]["closing_mode"] = json!("timed_cycle");
    offer["auction"]["buy_now"] = cny("15000.00");
    let published = lot(market, &seller, "ZL201610200331.9", offer).await;
    for bidder in bidders {
        admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    market.pass(2).await;
    published.lot
}

async fn buy(bidder: &Client, lot: &str, key: &str) -> Reply {
    bidder.ask(reqwest::Method::POST, &format!("/v1/lots/{lot}/buy-now")).key(key).send().await.unwrap()
}

/// Whether somebody is told that he may buy it now.
async fn may_buy(client: &Client, lot: &str) -> bool {
    let seen = client.get(&format!("/v1/lots/{lot}")).await.unwrap();
    seen["allowed_deeds"].as_array().unwrap().contains(&json!("buy_lot_now"))
}

on_both! {
    /// Whoever takes the price has the lot at once, with a receipt that holds against the published course.
    async fn a_purchase_before_the_first_bid_ends_the_bidding(market) {
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let lot = quick(&market, &[&one, &two]).await;
        let place = format!("/v1/lots/{lot}");
        assert_eq!(market.stranger.get(&place).await.unwrap()["buy_now"], cny("15000.00"));
        assert!(may_buy(&one.client, &lot).await && !may_buy(&market.stranger, &lot).await);
        let rehearsed = one.client.ask(reqwest::Method::POST, &format!("{place}/buy-now?dry_run=true")).send().await.unwrap();
        assert_eq!(granted(&rehearsed, 200).get("receipt"), None);

        let answer = buy(&one.client, &lot, "bought-at-once").await;
        let receipt = receipt::read(&granted(&answer, 201).to_string()).unwrap();
        assert_eq!((receipt.statement.price, receipt.statement.closes_at), (Money::fen(1_500_000), receipt.statement.arrived_at));
        let again = buy(&one.client, &lot, "bought-at-once").await;
        assert_eq!((again.header("Idempotency-Replayed"), &again.body), (Some("true"), &answer.body));
        refused(&buy(&two.client, &lot, "too-late").await, 409, "closed");
        refused(&bid(&two.client, &lot, "20000.00").await, 409, "closed");
        let seen = market.stranger.get(&place).await.unwrap();
        assert_eq!((seen.get("buy_now"), &seen["price"], &seen["bid_count"]), (None, &cny("15000.00"), &json!(1)));
        assert_eq!(instant(&seen["closes_at"]), receipt.statement.arrived_at);

        market.pass(1).await;
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        let bought = of_kind(&events, "bought_now");
        assert_eq!((bought.len(), of_kind(&events, "sold").len(), of_kind(&events, "timed_phase_started").len()), (1, 1, 0));
        assert_eq!(verify(&course(&market.stranger, &lot).await, &[receipt], |_| {}), Ok(()));
        it_is_sold(&market, &lot, &one, &two).await;
        row_follows_from_log(&market, &lot).await;
    }
}

/// There is a deal at that price, and the other's deposit goes back; the timeline says what ended it.
async fn it_is_sold(market: &Market, lot: &str, winner: &Party, other: &Party) {
    assert_eq!(market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()["state"], "closed_sold");
    let deal = first_deal(&winner.client).await;
    assert_eq!((&deal["price"], &deal["premium_percent"]), (&cny("15000.00"), &json!("50.00")));
    assert_eq!(other.client.get("/v1/refunds").await.unwrap()["items"].as_array().unwrap().len(), 1);
    let bids = market.stranger.get(&format!("/v1/lots/{lot}/bids")).await.unwrap();
    assert_eq!((bids["items"].as_array().unwrap().len(), &bids["items"][0]["price"]), (1, &cny("15000.00")));
    let confirmation = winner.client.get(&format!("/v1/deals/{}/confirmation", text(&deal["id"]))).await.unwrap();
    let said = confirmation.to_string();
    assert!(said.contains("number_of_bidders") && said.contains("15000.00"), "{said}");
    let timeline = market.stranger.get(&format!("/v1/lots/{lot}/timeline")).await.unwrap();
    let step = |code: &str| timeline["steps"].as_array().unwrap().iter().find(|step| step["step"] == code).unwrap().clone();
    assert_eq!(
        (&step("bidding_ends")["rule"]["name"], &step("timed_phase_begins")["state"]),
        (&json!("buy_now_allowed"), &json!("skipped"))
    );
}

on_both! {
    /// The first bid takes the offer away, whoever made it and however high it is.
    async fn once_a_bid_stands_nobody_buys_at_once(market) {
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let lot = quick(&market, &[&one, &two]).await;
        granted(&bid(&one.client, &lot, "15000.00").await, 201);
        for party in [&one, &two] {
            assert!(!may_buy(&party.client, &lot).await);
            refused(&buy(&party.client, &lot, "late-by-a-bid").await, 409, "buy_now_over");
        }
        assert_eq!(market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap().get("buy_now"), None);
        granted(&bid(&two.client, &lot, "15100.00").await, 201);
        market.pass(25 * 60).await;
        let course = course(&market.stranger, &lot).await;
        assert_eq!((verify(&course, &[], |_| {}), course.outcome.price), (Ok(()), Some(Money::fen(1_510_000))));
    }
}

on_both! {
    /// Public sellers let the price be found by bids.
    async fn a_university_offers_nothing_at_once_in_earnest(market) {
        let seller = university(&market).await;
        let mut offer = rehearsal(Money::fen(1_000_000), market.staff.now().await.unwrap() + TimeDelta::days(40));
        offer["rehearsal"] = json!(false);
        offer["auction"]["buy_now"] = cny("15000.00");
        let (achievement, assets) = register(&seller, achievement(), &[patent(&seller)]).await.unwrap();
        offer["achievement_id"] = json!(achievement);
        offer["asset_ids"] = json!(assets);
        let listing = text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
        let submitted = seller.client.ask(reqwest::Method::POST, &format!("/v1/listings/{listing}/submit")).send().await.unwrap();
        let faults = submitted.body["errors"].as_array().unwrap();
        assert!(faults.iter().any(|fault| fault["pointer"] == "/auction/buy_now"), "{}", submitted.body);
    }
}
