//! Several identical licences of one right: what follows the close, for each buyer by himself.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, Published, instant, sign, text};

use crate::authz::{offer, right};
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{books_balance, cny, granted, is_by_the_rules, through};
use crate::common::{Base, Market};
use crate::on_both;

/// Two licences from 1000.00 on, one for each of the best two, at the price of the best bid that goes empty; announced, with the
/// bidders admitted. They are bid for from in a minute, for an hour.
async fn licences(market: &Market, seller: &Party, title: &str, bidders: &[&Party]) -> Published {
    let mut offer = offer(market, title).await;
    offer["terms"] = json!({"mode": "non_exclusive_licence", "fields": ["all"], "territory": ["all"], "months": 12, "sublicence": false});
    offer["auction"]["closing_mode"] = "hard_close".into();
    offer["auction"]["free_period_seconds"] = 3_600.into();
    offer["auction"]["format"] = json!({"kind": "uniform_price", "units": 2, "cap": 1, "pays": "highest_rejected"});
    let (achievement, asset) = right(seller, title).await;
    let published = play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap();
    for bidder in bidders {
        play::admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    published
}

/// Each seals a bid of so many yuan, in this order.
async fn seal(lot: &str, bids: &[(&Party, &str)]) {
    for (bidder, price) in bids {
        let bid = json!({"price": cny(price), "confirmed": true});
        let answer = bidder.client.post(&format!("/v1/lots/{lot}/sealed-bids"), bid).send().await.unwrap();
        granted(&answer, 201);
    }
}

/// Two seconds after the lot has run out.
async fn runs_out(market: &Market, lot: &str) {
    let end = instant(&market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()["closes_at"]);
    market.staff.move_clock(end + TimeDelta::seconds(2)).await.unwrap();
}

/// The one deal of a lot that a buyer sees.
async fn own_deal(buyer: &Party, lot: &str) -> Value {
    let deals = buyer.client.get(&format!("/v1/deals?lot_id={lot}")).await.unwrap();
    assert_eq!(deals["items"].as_array().unwrap().len(), 1, "{deals}");
    deals["items"][0].clone()
}

/// Where a bidder's admission to a lot stands, and how many refunds he is owed.
async fn stands(bidder: &Party, lot: &str) -> (String, usize) {
    let all = bidder.client.get("/v1/admissions").await.unwrap();
    let own = all["items"].as_array().unwrap().iter().find(|admission| admission["lot_id"] == lot).unwrap();
    (text(&own["state"]), bidder.client.get("/v1/refunds").await.unwrap()["items"].as_array().unwrap().len())
}

fn with(state: &str, owed: usize) -> (String, usize) {
    (state.to_owned(), owed)
}

async fn listing(market: &Market, published: &Published) -> Value {
    market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap()
}

/// The deals that somebody is told of on the lot's timeline, and whether the result is public.
async fn told(client: &Client, lot: &str) -> (Value, bool) {
    let timeline = client.get(&format!("/v1/lots/{lot}/timeline")).await.unwrap();
    let steps = timeline["steps"].as_array().unwrap();
    let public = steps.iter().any(|step| step["step"] == "result_published" && step["state"] == "done");
    let deals = timeline.get("deal_ids").cloned().unwrap_or_else(|| json!([]));
    assert_eq!(timeline["deal_id"], deals[0], "the first stands where it always stood");
    (deals, public)
}

/// Whom the course of a lot names, each with the name under which he bid.
async fn named(market: &Market, lot: &str) -> BTreeSet<(String, String)> {
    let course = market.stranger.get(&format!("/v1/lots/{lot}/course")).await.unwrap();
    let told = course["outcome"]["published"].as_array().cloned().unwrap_or_default();
    told.iter().map(|told| (text(&told["bidder"]), text(&told["buyer"]))).collect()
}

/// Under which name a buyer bid, and his own.
async fn names(buyer: &Party, lot: &str) -> (String, String) {
    (text(&own_deal(buyer, lot).await["pseudonym"]), buyer.name.clone())
}

async fn publish(market: &Market, deal: &str) -> Value {
    let deal = market.staff.publisher.act(&format!("/v1/deals/{deal}/publish-result")).await.unwrap();
    market.stranger.get(&format!("/v1/notices/{}", text(&deal["result_notice_id"]))).await.unwrap()["content"].clone()
}

on_both! {
    /// Two of three have a licence each: two deals, signed at the same time at two servers where there can be two, and published
    /// one after the other.
    async fn each_buyer_has_a_deal_of_his_own(market) {
        let seller = university(&market).await;
        let (one, two, three) = (enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await, enterprise(&market, "three", 3).await);
        let published = licences(&market, &seller, "一种可以多次许可的技术", &[&one, &two, &three]).await;
        let lot = &published.lot;
        market.pass(2).await;
        seal(lot, &[(&three, "4000.00"), (&two, "5000.00"), (&one, "6000.00")]).await;
        runs_out(&market, lot).await;

        let (first, second) = (own_deal(&one, lot).await, own_deal(&two, lot).await);
        for deal in [&first, &second] {
            assert_eq!((&deal["price"], &deal["units"], &deal["unit_price"]), (&cny("4000.00"), &json!(1), &cny("4000.00")));
            assert_eq!((&deal["premium_percent"], &deal["rehearsal"]), (&json!("300.00"), &json!(true)));
        }
        let (first, second) = (text(&first["id"]), text(&second["id"]));
        let confirmation = one.client.get(&format!("/v1/deals/{first}/confirmation")).await.unwrap();
        assert_eq!(confirmation["content"]["format"]["value"]["code"], "uniform_price");
        assert_eq!(confirmation["content"]["units"]["value"]["count"], 1);
        assert_eq!((stands(&one, lot).await, stands(&two, lot).await), (with("won", 0), with("won", 0)));
        assert_eq!((stands(&three, lot).await, &listing(&market, &published).await["state"]), (with("lost", 1), &json!("sold")));
        assert_eq!(told(&seller.client, lot).await.0, json!([first, second]), "whoever bid best first");
        assert_eq!((told(&two.client, lot).await.0, told(&three.client, lot).await.0), (json!([second]), json!([])));

        for party in [&seller, &two] {
            party.client.prove().await.unwrap();
        }
        let other = if market.base() == Base::Postgres { Some(market.second_server().await) } else { None };
        let door = other.as_ref().map_or(&market.stranger, |(_, door)| door);
        let there = (through(door, &seller.client), through(door, &two.client));
        let (here_by, there_by) = ([&one.client, &seller.client], [&there.1, &there.0]);
        let (here, there) = tokio::join!(sign(&first, &here_by), sign(&second, &there_by));
        assert!(here.is_ok() && there.is_ok(), "{here:?} {there:?}");
        if let Some((server, _)) = other {
            server.stop().await;
        }

        let said = publish(&market, &first).await;
        assert_eq!((&said["units"], &said["unit_price"], &said["final_price"]), (&json!(1), &cny("4000.00"), &cny("4000.00")));
        assert_eq!((&said["buyer_name"], &said["number_of_bidders"]), (&json!(one.name), &json!(3)));
        assert!(!told(&market.stranger, lot).await.1 && told(&one.client, lot).await.1 && !told(&two.client, lot).await.1);
        let both = [names(&one, lot).await, names(&two, lot).await];
        assert_eq!(named(&market, lot).await, BTreeSet::from([both[0].clone()]));
        assert_eq!(publish(&market, &second).await["buyer_name"], two.name.as_str());
        assert_eq!(named(&market, lot).await, BTreeSet::from(both));
        for client in [&market.stranger, &two.client, &seller.client] {
            assert!(told(client, lot).await.1);
        }
        market.pass(14 * 24 * 60).await;
        assert_eq!((stands(&one, lot).await, stands(&two, lot).await), (with("won", 0), with("won", 0)));
        assert_eq!(listing(&market, &published).await["state"], "sold");
        books_balance(&market.staff.finance).await;
        is_by_the_rules(&market.stranger, lot).await;
    }
}

on_both! {
    /// Whoever does not sign loses his own licence and nobody else's; the offer fails only where nobody signs.
    async fn one_buyer_defaults_and_the_deal_of_the_other_stands(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await);
        let published = licences(&market, &seller, "一种可以多次许可的技术", &[&one, &two]).await;
        let abandoned = licences(&market, &seller, "一种无人签署的技术", &[&one, &two]).await;
        let lot = &published.lot;
        market.pass(2).await;
        for lot in [lot, &abandoned.lot] {
            seal(lot, &[(&one, "6000.00"), (&two, "5000.00")]).await;
        }
        runs_out(&market, lot).await;
        let (signed, unsigned) = (own_deal(&one, lot).await, own_deal(&two, lot).await);
        assert_eq!(signed["price"], cny("1000.00"), "no bid went empty");
        let kept = text(&signed["id"]);
        sign(&kept, &[&one.client, &seller.client]).await.unwrap();
        sign(&text(&unsigned["id"]), &[&seller.client]).await.unwrap();

        market.staff.move_clock(instant(&unsigned["confirm_by"])).await.unwrap();
        assert_eq!((own_deal(&one, lot).await["state"].clone(), own_deal(&two, lot).await["state"].clone()), (json!("confirmed"), json!("default_buyer")));
        assert_eq!((stands(&one, lot).await, stands(&two, lot).await), (with("won", 0), with("defaulted", 0)));
        let seen = listing(&market, &published).await;
        assert_eq!((&seen["state"], seen.get("state_reason")), (&json!("sold"), None), "the other licence is not offered anew");
        assert_eq!(seller.client.get(&format!("/v1/deals?lot_id={lot}")).await.unwrap()["items"].as_array().unwrap().len(), 2);
        assert_eq!(told(&two.client, lot).await, (json!([unsigned["id"]]), false));
        publish(&market, &kept).await;
        assert!(told(&market.stranger, lot).await.1, "every result there is is public");

        let over = listing(&market, &abandoned).await;
        assert_eq!((&over["state"], &over["state_reason"]), (&json!("failed"), &json!("deal_lapsed")));
        books_balance(&market.staff.finance).await;
    }
}
