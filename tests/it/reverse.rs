//! A lot that is bid for downwards (反向竞价), from its listing to its result.

use chrono::TimeDelta;
use entity::auctions::LotState;
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::auctions::rules::receipt;
use zhepai::auctions::rules::verify::verify;
use zhepai::play::{Party, admit, register, sign, text};

use crate::common::Market;
use crate::common::fixtures::{achievement, enterprise, lot, patent, rehearsal, university};
use crate::common::play::{bid, cny, course, first_deal, granted, is_whole, log, refused};
use crate::on_both;
use crate::sealed::{self, runs_out, seal};

/// A descending lot from 10 000.00 in steps of 100.00, open for bids, under an offer with one thing more.
async fn falling(market: &Market, seller: &Party, bidders: &[&Party], change: impl FnOnce(&mut Value)) -> (String, String) {
    let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
    let mut offer = rehearsal(Money::fen(1_000_000), opens);
    offer["auction"]["direction"] = json!("descending");
    change(&mut offer);
    let published = lot(market, seller, "ZL201610200331.9", offer).await;
    for bidder in bidders {
        admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    market.pass(2).await;
    (published.lot, published.listing)
}

/// What bidders are told in the notice of a listing, in English.
async fn rule_text(market: &Market, listing: &str) -> String {
    let listing = market.stranger.get(&format!("/v1/listings/{listing}")).await.unwrap();
    let notice = market.stranger.get(&format!("/v1/notices/{}", text(&listing["notice_id"]))).await.unwrap();
    assert_eq!(notice["content"]["bidding"]["direction"], "descending");
    notice["content"]["rule_text"]["en"].to_string()
}

on_both! {
    /// The lowest bid wins at its own amount, and everything that is said of it says so.
    async fn a_descending_lot_goes_to_the_lowest_bidder(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let ceiling = |offer: &mut Value| offer["reserve"] = json!({"kind": "open", "amount": cny("9500.00")});
        let (lot, listing) = falling(&market, &seller, &[&one, &two], ceiling).await;
        let said = rule_text(&market, &listing).await;
        assert!(said.contains("the lowest valid bid wins") && said.contains("a lowest bid above it has no effect"), "{said}");
        assert!(!said.contains("highest bid") && !said.contains("adds"), "{said}");

        let next = async || market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()["next_price"].clone();
        assert_eq!(next().await, cny("10000.00"));
        assert_eq!(refused(&bid(&one.client, &lot, "10000.01").await, 422, "too_high")["at_most"], cny("10000.00"));
        let mut receipts = vec![bid(&one.client, &lot, "10000.00").await];
        assert_eq!(next().await, cny("9900.00"));
        let suggested = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()["suggested_prices"].clone();
        assert_eq!(suggested, json!([cny("9900.00"), cny("9800.00"), cny("9700.00")]));
        assert_eq!(refused(&bid(&two.client, &lot, "9950.00").await, 422, "too_high")["at_most"], cny("9900.00"));
        assert_eq!(refused(&bid(&two.client, &lot, "0.00").await, 422, "too_low")["at_least"], cny("0.01"));
        refused(&bid(&two.client, &lot, "9850.00").await, 422, "not_a_step");
        refused(&bid(&one.client, &lot, "9900.00").await, 422, "already_leading");
        receipts.push(bid(&two.client, &lot, "9700.00").await);
        receipts.push(bid(&one.client, &lot, "9400.00").await);
        market.pass(25 * 60).await;

        let receipts: Vec<_> = receipts.iter().map(|answer| receipt::read(&granted(answer, 201).to_string()).unwrap()).collect();
        is_whole(&lot, &log(&market.stranger, &lot).await);
        let course = course(&market.stranger, &lot).await;
        assert_eq!(verify(&course, &receipts, |_| {}), Ok(()));
        assert_eq!((course.outcome.state, course.outcome.price), (LotState::ClosedSold, Some(Money::fen(940_000))));
        assert_eq!(course.outcome.winner.as_ref(), Some(&receipts[0].statement.bidder));
        it_is_told_as_a_saving(&market, &seller, &one).await;
    }
}

/// The deal and the notice of its result speak of what was saved, and of no premium.
async fn it_is_told_as_a_saving(market: &Market, seller: &Party, winner: &Party) {
    let deal = first_deal(&winner.client).await;
    assert_eq!((&deal["price"], &deal["saving_percent"], deal.get("premium_percent")), (&cny("9400.00"), &json!("6.00"), None));
    let id = text(&deal["id"]);
    let confirmation = winner.client.get(&format!("/v1/deals/{id}/confirmation")).await.unwrap().to_string();
    assert!(confirmation.contains("english_descending") && confirmation.contains("descending bids"), "{confirmation}");
    sign(&id, &[&winner.client, &seller.client]).await.unwrap();
    let published = market.staff.publisher.act(&format!("/v1/deals/{id}/publish-result")).await.unwrap();
    let notice = market.stranger.get(&format!("/v1/notices/{}", text(&published["result_notice_id"]))).await.unwrap();
    let content = &notice["content"];
    assert_eq!((&content["saving_percent"], content.get("premium_percent")), (&json!("6.00"), None));
    assert_eq!((&content["final_price"], &content["number_of_bids"]), (&cny("9400.00"), &json!(3)));
}

on_both! {
    /// A secret ceiling is opened at the close, and a lowest bid above it has no effect, be bids open or sealed.
    async fn a_lowest_bid_above_a_secret_reserve_sells_nothing(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let secret = |offer: &mut Value| offer["reserve"] = json!({"kind": "secret", "amount": cny("9000.00")});
        let (lot, _) = falling(&market, &seller, &[&one], secret).await;
        granted(&bid(&one.client, &lot, "9100.00").await, 201);
        market.pass(25 * 60).await;
        let events = log(&market.stranger, &lot).await;
        let last = &events.last().unwrap()["body"];
        assert_eq!((&last["reason"], &last["reserve"]["amount"]), (&json!("above_reserve"), &cny("9000.00")));
        assert_eq!(verify(&course(&market.stranger, &lot).await, &[], |_| {}), Ok(()));

        let secret = json!({"kind": "secret", "amount": cny("900.00")});
        let lot = sealed::falling(&market, &seller, "一种反向密封报价的技术", &[&one, &two], secret).await;
        market.pass(2).await;
        for bidder in [&one, &two] {
            granted(&seal(&bidder.client, &lot, "900.00").await, 201);
        }
        runs_out(&market, &lot).await;
        assert_eq!(refused(&seal(&one.client, &lot, "900.01").await, 422, "too_high")["at_most"], cny("900.00"));
        granted(&seal(&two.client, &lot, "899.00").await, 201);
        runs_out(&market, &lot).await;
        let course = course(&market.stranger, &lot).await;
        assert_eq!(verify(&course, &[], |_| {}), Ok(()));
        assert_eq!((course.outcome.state, course.outcome.price), (LotState::ClosedSold, Some(Money::fen(89_900))));
        let deal = first_deal(&two.client).await;
        assert_eq!((&deal["price"], &deal["saving_percent"]), (&cny("899.00"), &json!("10.10")));
    }
}

on_both! {
    /// What somebody sells is not bid for downwards.
    async fn only_a_rehearsal_descends(market) {
        let seller = university(&market).await;
        let opens = market.staff.now().await.unwrap() + TimeDelta::days(40);
        let mut offer = rehearsal(Money::fen(1_000_000), opens);
        offer["auction"]["direction"] = json!("descending");
        offer["rehearsal"] = json!(false);
        let (achievement, assets) = register(&seller, achievement(), &[patent(&seller)]).await.unwrap();
        offer["achievement_id"] = json!(achievement);
        offer["asset_ids"] = json!(assets);
        let listing = text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
        let submitted = seller.client.ask(reqwest::Method::POST, &format!("/v1/listings/{listing}/submit")).send().await.unwrap();
        let faults = submitted.body["errors"].as_array().unwrap();
        assert!(faults.iter().any(|fault| fault["pointer"] == "/auction/direction"), "{}", submitted.body);
    }
}
