//! The winner does not sign, and where it was announced the lot is offered to the runner-up.

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::client::Reply;
use zhepai::play::{Party, Published, admit, instant, read_status, sign, text};

use crate::common::Market;
use crate::common::fixtures::{enterprise, lot, rehearsal, university};
use crate::common::play::{bid, books_balance, cny, course, first_deal, granted, is_by_the_rules, refused};
use crate::common::rebuilt::row_follows_from_log;
use crate::on_both;

/// A lot that was sold for the best bid, whose winner has not signed yet; the runner-up bid 10000.00.
async fn sold(market: &Market, seller: &Party, winner: &Party, next: &Party, best: &str) -> Published {
    let mut offer = rehearsal(Money::fen(1_000_000), market.staff.now().await.unwrap() + TimeDelta::minutes(1));
    offer["auction"]["next_bidder_rule"] = true.into();
    let published = lot(market, seller, "ZL201610200331.9", offer).await;
    for bidder in [winner, next] {
        admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    market.pass(2).await;
    granted(&bid(&next.client, &published.lot, "10000.00").await, 201);
    granted(&bid(&winner.client, &published.lot, best).await, 201);
    market.pass(24 * 60 + 1).await;
    published
}

/// A lot of which the winner did not sign: it is offered to the runner-up at 10000.00.
pub async fn offered(market: &Market, seller: &Party, winner: &Party, next: &Party) -> Published {
    let published = sold(market, seller, winner, next, "10100.00").await;
    does_not_sign(market, winner).await;
    published
}

/// The winner lets the time to sign pass.
async fn does_not_sign(market: &Market, winner: &Party) {
    let due = instant(&first_deal(&winner.client).await["confirm_by"]);
    market.staff.move_clock(due).await.unwrap();
}

/// What those who oversee are told of bids out of reach in a lot.
async fn out_of_reach(market: &Market, lot: &str) -> Value {
    let place = format!("/v1/integrity-signals?lot_id={lot}&kind=out_of_reach");
    market.staff.supervisor.get(&place).await.unwrap()["items"].clone()
}

/// Says whether a party takes a lot that is offered to it.
pub async fn answers(party: &Party, lot: &str, takes: bool) -> Reply {
    party.client.post(&format!("/v1/lots/{lot}/next-bidder-answer"), json!({"takes": takes})).send().await.unwrap()
}

/// The seller, the winner and the runner-up, and the lot that is offered to the last.
async fn stage(market: &Market) -> (Party, Party, Party, Published) {
    let seller = university(market).await;
    let (winner, next) = (enterprise(market, "winner", 1).await, enterprise(market, "next", 2).await);
    let published = offered(market, &seller, &winner, &next).await;
    (seller, winner, next, published)
}

async fn admission(party: &Party) -> Value {
    party.client.get("/v1/admissions").await.unwrap()["items"][0].clone()
}

async fn refunds(party: &Party) -> usize {
    party.client.get("/v1/refunds").await.unwrap()["items"].as_array().unwrap().len()
}

async fn listing(market: &Market, published: &Published) -> (String, String) {
    let listing = market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
    (text(&listing["state"]), text(&listing["state_reason"]))
}

fn answer_by(admission: &Value) -> DateTime<Utc> {
    instant(&admission["next_bidder_offer"]["answer_by"])
}

on_both! {
    /// The winner bid twice as much as the next one before he defaulted: that is told to those who oversee, and nothing comes of it.
    async fn the_runner_up_takes_the_lot_at_his_own_last_bid(market) {
        let seller = university(&market).await;
        let (winner, next) = (enterprise(&market, "winner", 1).await, enterprise(&market, "next", 2).await);
        let published = sold(&market, &seller, &winner, &next, "20000.00").await;
        does_not_sign(&market, &winner).await;
        let lot = &published.lot;
        let asked = admission(&next).await;
        assert_eq!((&asked["state"], &asked["next_bidder_offer"]["price"]), (&json!("admitted"), &cny("10000.00")));
        assert_eq!(admission(&winner).await["state"], "defaulted");
        assert_eq!((listing(&market, &published).await.0.as_str(), refunds(&next).await), ("sold", 0));
        let seen = next.client.get(&format!("/v1/lots/{lot}")).await.unwrap();
        assert_eq!(seen["allowed_deeds"], json!(["answer_next_bidder_offer"]));
        refused(&answers(&winner, lot, true).await, 403, "not_admitted");
        refused(&answers(&seller, lot, true).await, 403, "own_lot");

        assert_eq!(out_of_reach(&market, lot).await, json!([]), "nobody has taken it yet");
        let answer = answers(&next, lot, true).await;
        assert_eq!(granted(&answer, 200)["state"], "won");
        refused(&answers(&next, lot, false).await, 409, "wrong_state");
        let deal = first_deal(&next.client).await;
        assert_eq!((&deal["state"], &deal["price"]), (&json!("confirmation_generated"), &cny("10000.00")));
        assert_eq!((&deal["pseudonym"], &deal["deposit"]), (&asked["pseudonym"], &cny("1000.00")));
        sign(&text(&deal["id"]), &[&next.client, &seller.client]).await.unwrap();
        assert_eq!(first_deal(&next.client).await["state"], "confirmed");

        market.pass(24 * 60).await;
        assert_eq!((admission(&next).await["state"].clone(), refunds(&next).await), (json!("won"), 0));
        assert_eq!(listing(&market, &published).await.0, "sold");
        let found = out_of_reach(&market, lot).await;
        let signal = &found[0];
        let reasons = signal["reasons"].as_array().unwrap();
        let told: Vec<_> = reasons.iter().map(|reason| (&reason["fact"], &reason["organisation_id"], &reason["amount"])).collect();
        let (first, second) = (json!(winner.organisation), json!(next.organisation));
        assert_eq!(told, [
            (&json!("defaulted_bid"), &first, &cny("20000.00")),
            (&json!("taken_bid"), &second, &cny("10000.00")),
            (&json!("beyond_taken"), &first, &cny("10000.00")),
        ]);
        assert_eq!((&signal["score_bp"], &reasons[0]["object_id"]), (&json!(10_000), &json!(lot)));
        books_balance(&market.staff.finance).await;
        // The log ends with the close: what follows is between the parties, and only that he bought is told in the end.
        market.staff.publisher.act(&format!("/v1/deals/{}/publish-result", text(&deal["id"]))).await.unwrap();
        let told = course(&market.stranger, lot).await.outcome;
        let named: Vec<_> = told.published.iter().map(|told| (told.bidder.clone(), told.buyer.clone())).collect();
        assert_eq!(named, [(text(&asked["pseudonym"]), Some(next.name.clone()))]);
        assert!(told.winner.is_some_and(|first| first != named[0].0));
        is_by_the_rules(&market.stranger, lot).await;
        row_follows_from_log(&market, lot).await;
    }
}

on_both! {
    async fn who_declines_has_the_deposit_back_and_the_listing_fails(market) {
        let (seller, _, next, published) = stage(&market).await;
        let answer = answers(&next, &published.lot, false).await;
        assert_eq!(granted(&answer, 200)["state"], "lost");
        market.pass(0).await;
        assert_eq!((refunds(&next).await, listing(&market, &published).await), (1, ("failed".to_owned(), "deal_lapsed".to_owned())));
        assert_eq!(seller.client.get("/v1/deals").await.unwrap()["items"].as_array().unwrap().len(), 1);
        books_balance(&market.staff.finance).await;
    }
}

on_both! {
    async fn who_lets_the_time_pass_does_not_take_it(market) {
        let (_, _, next, published) = stage(&market).await;
        let due = answer_by(&admission(&next).await);
        market.staff.move_clock(due - TimeDelta::seconds(1)).await.unwrap();
        assert_eq!((admission(&next).await["state"].clone(), listing(&market, &published).await.0), (json!("admitted"), "sold".to_owned()));
        market.staff.move_clock(due).await.unwrap();
        refused(&answers(&next, &published.lot, true).await, 409, "wrong_state");
        assert_eq!((admission(&next).await["state"].clone(), refunds(&next).await), (json!("lost"), 1));
        assert_eq!(listing(&market, &published).await, ("failed".to_owned(), "deal_lapsed".to_owned()));
    }
}

on_both! {
    /// A runner-up who takes the lot and does not sign is in default like any winner, and nobody follows him.
    async fn nobody_follows_the_runner_up(market) {
        let (seller, _, next, published) = stage(&market).await;
        granted(&answers(&next, &published.lot, true).await, 200);
        let deal = first_deal(&next.client).await;
        sign(&text(&deal["id"]), &[&seller.client]).await.unwrap();
        // Nobody is at fault for not signing for a right whose status is stale.
        let asset = text(&seller.client.get(&format!("/v1/listings/{}", published.listing)).await.unwrap()["assets"][0]["asset_id"]);
        read_status(&seller, &asset, "granted").await.unwrap();
        market.staff.move_clock(instant(&deal["confirm_by"])).await.unwrap();
        assert_eq!((admission(&next).await["state"].clone(), refunds(&next).await), (json!("defaulted"), 0));
        assert_eq!(listing(&market, &published).await.0, "failed");
    }
}

on_both! {
    /// Who does not want to wait says so beforehand: his deposit is free at once, and should the winner default nobody is asked.
    async fn who_declines_in_advance_waits_no_longer(market) {
        let seller = university(&market).await;
        let (winner, next) = (enterprise(&market, "winner", 1).await, enterprise(&market, "next", 2).await);
        let published = sold(&market, &seller, &winner, &next, "10100.00").await;
        let lot = &published.lot;
        let seen = next.client.get(&format!("/v1/lots/{lot}")).await.unwrap();
        assert_eq!(seen["allowed_deeds"], json!(["answer_next_bidder_offer"]));
        refused(&answers(&next, lot, true).await, 409, "wrong_state");
        refused(&answers(&winner, lot, false).await, 409, "wrong_state");

        assert_eq!(granted(&answers(&next, lot, false).await, 200)["state"], "lost");
        refused(&answers(&next, lot, false).await, 409, "wrong_state");
        market.pass(0).await;
        assert_eq!((refunds(&next).await, listing(&market, &published).await.0), (1, "sold".to_owned()));

        let due = instant(&first_deal(&winner.client).await["confirm_by"]);
        market.staff.move_clock(due).await.unwrap();
        assert_eq!(listing(&market, &published).await, ("failed".to_owned(), "deal_lapsed".to_owned()));
        let left = admission(&next).await;
        assert_eq!((&left["state"], &left["next_bidder_offer"]), (&json!("lost"), &Value::Null));
        books_balance(&market.staff.finance).await;
    }
}
