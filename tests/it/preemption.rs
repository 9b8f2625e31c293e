//! Rights of pre-emption, from the listing to the published course.

use chrono::TimeDelta;
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::play::{Party, Published, admit, register, text};

use crate::common::Market;
use crate::common::fixtures::{achievement, enterprise, lot, patent_numbered, rehearsal, university};
use crate::common::play::{bid, cny, first_deal, granted, is_by_the_rules, is_whole, log, of_kind, refused};
use crate::on_both;

const START: Money = Money::fen(1_000_000);
const NUMBER: &str = "ZL201610200331.9";

/// An offer that opens in a minute and names these holders with their ranks.
async fn offer(market: &Market, variant: &str, holders: &[(&str, i64)]) -> Value {
    let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
    let mut offer = rehearsal(START, opens);
    let named: Vec<_> =
        holders.iter().map(|(organisation, rank)| json!({"organisation_id": organisation, "basis": "合作开发者", "rank": rank})).collect();
    offer["auction"]["preemption"] = json!({"variant": variant, "holders": named});
    offer["declarations"]["encumbrances"] = json!([{"kind": "preemption", "description": "合作开发者享有优先受让权"}]);
    offer
}

/// A lot open for bids with everybody admitted, the first of them a holder of the first rank and the second of the second.
async fn opened(market: &Market, variant: &str, bidders: &[&Party]) -> Published {
    let seller = university(market).await;
    let holders = [(bidders[0].organisation.as_str(), 1), (bidders[1].organisation.as_str(), 2)];
    let published = lot(market, &seller, NUMBER, offer(market, variant, &holders).await).await;
    for bidder in bidders {
        admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    market.pass(2).await;
    published
}

async fn lot_of(market: &Market, lot: &str) -> Value {
    market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()
}

/// The admission of a party to its only lot.
async fn admission(party: &Party) -> Value {
    party.client.get("/v1/admissions").await.unwrap()["items"][0].clone()
}

on_both! {
    /// A holder bids the price that stands and has the lot, since nobody goes higher.
    async fn a_holder_wins_at_the_price_another_bid(market) {
        let (first, second) = (enterprise(&market, "first", 1).await, enterprise(&market, "second", 2).await);
        let other = enterprise(&market, "other", 3).await;
        let Published { lot, listing, .. } = opened(&market, "parity", &[&first, &second, &other]).await;
        assert_eq!(admission(&first).await["preemption_rank"], 1);
        assert_eq!(admission(&other).await.get("preemption_rank"), None);

        granted(&bid(&other.client, &lot, "10000.00").await, 201);
        granted(&bid(&second.client, &lot, "10000.00").await, 201);
        refused(&bid(&other.client, &lot, "10000.00").await, 422, "too_low");
        granted(&bid(&first.client, &lot, "10000.00").await, 201);
        refused(&bid(&second.client, &lot, "10000.00").await, 422, "too_low");
        granted(&bid(&other.client, &lot, "10100.00").await, 201);
        granted(&bid(&first.client, &lot, "10100.00").await, 201);
        let seen = lot_of(&market, &lot).await;
        assert_eq!((&seen["price"], &seen["leader_priority"]), (&cny("10100.00"), &json!(1)));
        assert_eq!(seen["bids"][0]["priority"], 1);
        assert_eq!(seen["bids"][1].get("priority"), None);

        market.pass(25 * 60).await;
        assert_eq!(lot_of(&market, &lot).await["state"], "closed_sold");
        let deal = first_deal(&first.client).await;
        assert_eq!((&deal["price"], &deal["buyer_organisation_id"]), (&cny("10100.00"), &json!(first.organisation)));
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        assert_eq!(of_kind(&events, "bid_placed").len(), 5);
        is_by_the_rules(&market.stranger, &lot).await;

        // The public was told of rights and ranks, never of whom they belong to.
        let shown = market.stranger.get(&format!("/v1/listings/{listing}")).await.unwrap();
        assert_eq!(shown["offer"]["auction"]["preemption"]["holders"][0], json!({"basis": "合作开发者", "rank": 1}));
        let notice = market.stranger.get(&format!("/v1/notices/{}", text(&shown["notice_id"]))).await.unwrap();
        assert_eq!(notice["content"]["preemption"]["holders"][1], json!({"basis": "合作开发者", "rank": 2}));
        for said in [shown.to_string(), notice.to_string(), json!(events).to_string()] {
            assert!(!said.contains(&first.organisation) && !said.contains(&second.organisation), "{said}");
        }
    }
}

on_both! {
    /// A wrong id would cost its holder the right.
    async fn only_organisations_that_are_here_are_named(market) {
        let seller = university(&market).await;
        let (achievement, assets) = register(&seller, achievement(), &[patent_numbered(&seller, NUMBER)]).await.unwrap();
        for holder in [seller.organisation.as_str(), "018f0000-0000-7000-8000-000000000000"] {
            let mut offer = offer(&market, "parity", &[(holder, 1)]).await;
            (offer["achievement_id"], offer["asset_ids"]) = (json!(achievement), json!(assets));
            let listing = text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
            let answer = seller.client.ask(reqwest::Method::POST, &format!("/v1/listings/{listing}/submit")).send().await.unwrap();
            let problem = refused(&answer, 422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], "/auction/preemption/holders/0/organisation_id");
        }
    }
}
