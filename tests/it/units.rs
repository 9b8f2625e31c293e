//! Several identical licences of one right, from the announcement to the close.

use chrono::TimeDelta;
use serde_json::{Value, json};
use zhepai::auctions::rules::sealed::receipt::{self, SealedReceipt};
use zhepai::auctions::rules::verify::{Wrong, hold_sealed, verify};
use zhepai::client::{Client, Reply};
use zhepai::play::{self, Party, instant};

use crate::authz::{offer, right};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{cny, course, granted, is_whole, log, of_kind, refused};
use crate::common::rebuilt::row_follows_from_log;
use crate::on_both;

/// Two licences, for which each bidder may bid twice from 1000.00 on, for an hour.
async fn licences(market: &Market, title: &str) -> Value {
    let mut offer = offer(market, title).await;
    offer["terms"] = json!({"mode": "non_exclusive_licence", "fields": ["all"], "territory": ["all"], "months": 12, "sublicence": false});
    offer["auction"]["closing_mode"] = "hard_close".into();
    offer["auction"]["free_period_seconds"] = 3_600.into();
    offer["auction"]["format"] = json!({"kind": "uniform_price", "units": 2, "cap": 2, "pays": "highest_rejected"});
    offer
}

/// Bids so many yuan for a unit each, and means it; the answer, whatever it is.
async fn seal(bidder: &Client, lot: &str, prices: &[&str]) -> Reply {
    let further: Vec<_> = prices[1..].iter().map(|price| cny(price)).collect();
    let body = json!({"price": cny(prices[0]), "further_units": further, "confirmed": true});
    bidder.post(&format!("/v1/lots/{lot}/sealed-bids"), body).send().await.unwrap()
}

/// A bid that counts; its receipt.
async fn sealed(bidder: &Client, lot: &str, prices: &[&str]) -> SealedReceipt {
    let answer = seal(bidder, lot, prices).await;
    receipt::read(&granted(&answer, 201).to_string()).unwrap_or_else(|| panic!("no receipt: {}", answer.body))
}

async fn lot_of(market: &Market, lot: &str) -> Value {
    market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()
}

/// A lot under an offer of the seller, open, with the bidders admitted.
async fn opened(market: &Market, seller: &Party, title: &str, bidders: &[&Party]) -> String {
    let (achievement, asset) = right(seller, title).await;
    let lot = play::publish(seller, &market.staff, licences(market, title).await, &achievement, &[asset]).await.unwrap().lot;
    for bidder in bidders {
        play::admit(bidder, &market.staff, &lot).await.unwrap();
    }
    market.pass(2).await;
    lot
}

on_both! {
    /// Three bid for two licences: the best two bids have one each, at the price of the third.
    async fn the_best_bids_have_a_licence_each_at_the_price_of_the_first_that_goes_empty(market) {
        let seller = university(&market).await;
        let (one, two, three) = (enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await, enterprise(&market, "three", 3).await);
        let (achievement, asset) = right(&seller, "一种只能转让一次的技术").await;
        let mut whole = licences(&market, "一种只能转让一次的技术").await;
        (whole["achievement_id"], whole["asset_ids"]) = (json!(achievement), json!([asset]));
        whole["terms"] = json!({"mode": "assignment"});
        let never = seller.client.post("/v1/listings", whole).send().await.unwrap();
        assert_eq!(refused(&never, 422, "invalid")["errors"][0]["pointer"], "/auction/format");

        let lot = opened(&market, &seller, "一种可以多次许可的技术", &[&one, &two, &three]).await;
        let before = lot_of(&market, &lot).await;
        let too_many = seal(&one.client, &lot, &["6000.00", "5500.00", "5400.00"]).await;
        assert_eq!(refused(&too_many, 422, "invalid")["errors"][0]["pointer"], "/further_units");
        refused(&seal(&one.client, &lot, &["6000.00", "6000.01"]).await, 422, "invalid");
        assert_eq!(refused(&seal(&one.client, &lot, &["6000.00", "999.99"]).await, 422, "too_low")["at_least"], cny("1000.00"));
        let mut receipts = vec![sealed(&one.client, &lot, &["6000.00", "5500.00"]).await, sealed(&one.client, &lot, &["5000.00", "4000.00"]).await];
        receipts.push(sealed(&two.client, &lot, &["4800.00"]).await);
        receipts.push(sealed(&three.client, &lot, &["3900.00"]).await);
        let own = one.client.get(&format!("/v1/lots/{lot}/sealed-bids/mine")).await.unwrap();
        assert_eq!((&own["price"], &own["further_units"]), (&cny("5000.00"), &json!([cny("4000.00")])), "replaced as a whole");
        let now = lot_of(&market, &lot).await;
        assert_eq!((&now["version"], &now["log_hash"], now.get("awards")), (&before["version"], &before["log_hash"], None));

        market.staff.move_clock(instant(&now["closes_at"]) + TimeDelta::seconds(2)).await.unwrap();
        let seen = lot_of(&market, &lot).await;
        let names: Vec<_> = receipts.iter().skip(1).map(|receipt| receipt.statement.bidder.clone()).collect();
        let awards = json!([
            {"bidder": names[0], "units": 1, "price": cny("4000.00")},
            {"bidder": names[1], "units": 1, "price": cny("4000.00")},
        ]);
        assert_eq!((&seen["state"], &seen["price"], &seen["leader"]), (&json!("closed_sold"), &cny("4000.00"), &json!(names[0])));
        assert_eq!((&seen["awards"], &seen["bid_count"]), (&awards, &json!(3)));
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        assert_eq!(of_kind(&events, "sold")[0]["body"]["awards"], awards);
        assert!(of_kind(&events, "tie_round").is_empty());

        let course = course(&market.stranger, &lot).await;
        assert_eq!((verify(&course, &[], |_| {}), hold_sealed(&course, &receipts, |_| {})), (Ok(()), Ok(())));
        assert_eq!(json!(course.outcome.awards), awards);
        let mut other = course.clone();
        other.outcome.awards[1].bidder.clone_from(&names[2]);
        assert_eq!(verify(&other, &[], |_| {}).unwrap_err().wrong, Wrong::OutcomeDiffers);
        row_follows_from_log(&market, &lot).await;
    }
}
