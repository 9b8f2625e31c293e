//! Whoever is barred from a lot bids for nobody, whichever way there is, even where he joined a bidder after it was admitted.

use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::{Call, cases, try_all};
use crate::authz::{address, invite, join, offer, right};
use crate::common::play::{PASSWORD, bid, cny, first_deal, granted, refused};
use crate::common::{Market, fixtures};
use crate::on_both;

/// A lot that is open, its bidder, and the inventor who offered it and has joined the bidder since.
pub(super) struct Stage {
    market: Market,
    bidder: Party,
    inventor: Client,
    /// The inventor's place in the bidder.
    place: String,
    lot: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let bidder = fixtures::enterprise(&market, "bidder", 1).await;
        let (inventor, post) = join(&market, &seller, "i-nventor", &["operator"]).await;
        let (achievement, asset) = right(&seller, "一种发明人转投的技术").await;
        let pen = Party { client: inventor.clone(), ..seller.clone() };
        let offered = offer(&market, "一种发明人转投的技术").await;
        let lot = play::publish(&pen, &market.staff, offered, &achievement, &[asset]).await.unwrap().lot;
        play::admit(&bidder, &market.staff, &lot).await.unwrap();
        market.pass(2).await;
        seller.client.act(&format!("/v1/memberships/{post}/remove")).await.unwrap();
        let place = invite(&bidder, &address("i-nventor"), &["bidder"]).await;
        inventor.act(&format!("/v1/memberships/{place}/accept")).await.unwrap();
        Self { market, bidder, inventor, place, lot }
    }

    async fn deeds(&self, client: &Client) -> Value {
        client.get(&format!("/v1/lots/{}", self.lot)).await.unwrap()["allowed_deeds"].clone()
    }
}

/// The inventor does this to the lot.
fn tries(on: &Stage, deed: &str, body: &Value) -> Call {
    Call::post(&on.inventor, format!("/v1/lots/{}/{deed}", on.lot), body)
}

fn price() -> Value {
    json!({"price": cny("1000.00")})
}

cases! {
    /// Every way to bid.
    BARRED of Stage;
    place_bid, ConflictOfInterest, "who is barred does not bid": |on| tries(on, "bids", &price());
    place_sealed_bid, ConflictOfInterest, "who is barred seals no bid": |on| tries(on, "sealed-bids", &price());
    seal_first_offer, ConflictOfInterest, "who is barred seals no first offer": |on|
        Call::of(&on.inventor, Method::PUT, format!("/v1/lots/{}/first-offer", on.lot)).json(&price());
    place_turn_bid, ConflictOfInterest, "who is barred has no turn": |on| tries(on, "turn-bids", &price());
    buy_lot_now, ConflictOfInterest, "who is barred buys nothing at once": |on|
        Call::act(&on.inventor, format!("/v1/lots/{}/buy-now", on.lot));
    answer_preemption, ConflictOfInterest, "who is barred uses nobody's right": |on|
        tries(on, "preemption-answer", &json!({"takes": true}));
    answer_next_bidder_offer, ConflictOfInterest, "who is barred takes nothing as the next": |on|
        tries(on, "next-bidder-answer", &json!({"takes": true}));
}

on_both! {
    /// He bids in no way, the others of the bidder do; when the lot is theirs it is recorded that he is one of them, and nothing
    /// else comes of it.
    async fn the_inventor_who_joins_a_bidder_does_not_bid(market) {
        let stage = Stage::set(market).await;
        try_all(stage.market.house(), &stage, BARRED).await;
        assert_eq!(stage.deeds(&stage.inventor).await, json!([]));
        assert!(stage.deeds(&stage.bidder.client).await.as_array().unwrap().contains(&json!("place_bid")));

        granted(&bid(&stage.bidder.client, &stage.lot, "1000.00").await, 201);
        stage.market.pass(24 * 60 + 5).await;
        let query = format!("/v1/integrity-signals?lot_id={}&kind=barred_member", stage.lot);
        let found = stage.market.staff.supervisor.get(&query).await.unwrap()["items"].clone();
        assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
        assert_eq!((text(&found[0]["organisation_id"]), &found[0]["score_bp"]), (stage.bidder.organisation.clone(), &json!(10_000)));
        let reason = &found[0]["reasons"][0];
        assert_eq!((&reason["object_kind"], &reason["object_id"]), (&json!("membership"), &json!(stage.place)));
        assert_eq!(first_deal(&stage.bidder.client).await["state"], "confirmation_generated");
    }
}

on_both! {
    /// An organisation that appraised what is sold or brokers for the seller neither applies nor bids, and its people do it for nobody
    /// else, even where they joined it after the other was admitted; once they have left it they may.
    async fn whoever_stands_aside_by_the_declaration_does_not_buy(market) {
        let seller = fixtures::university(&market).await;
        let (broker, buyer) = (fixtures::enterprise(&market, "broker", 1).await, fixtures::enterprise(&market, "buyer", 2).await);
        let (agent, _) = join(&market, &buyer, "agent", &["bidder"]).await;
        let (achievement, asset) = right(&seller, "一种经纪人回避的技术").await;
        let mut offered = offer(&market, "一种经纪人回避的技术").await;
        (offered["achievement_id"], offered["asset_ids"]) = (json!(achievement), json!([asset]));
        for named in [seller.organisation.as_str(), "018f0000-0000-7000-8000-000000000000"] {
            offered["declarations"]["standing_aside"] = json!([named]);
            let listing = text(&seller.client.create("/v1/listings", offered.clone()).await.unwrap()["id"]);
            let answer = seller.client.ask(Method::POST, &format!("/v1/listings/{listing}/submit")).send().await.unwrap();
            assert_eq!(refused(&answer, 422, "invalid")["errors"][0]["pointer"], "/declarations/standing_aside/0");
        }

        offered["declarations"]["standing_aside"] = json!([broker.organisation]);
        let published = play::publish(&seller, &market.staff, offered, &achievement, &[asset]).await.unwrap();
        let lot = published.lot;
        let shown = market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        assert_eq!(shown["offer"]["declarations"]["standing_aside"], json!([broker.organisation]));
        let notice = market.stranger.get(&format!("/v1/notices/{}", text(&shown["notice_id"]))).await.unwrap();
        assert_eq!(notice["content"]["standing_aside"], json!([broker.organisation]));

        let apply = broker.client.post(&format!("/v1/lots/{lot}/admissions"), json!({})).send().await.unwrap();
        refused(&apply, 403, "conflict_of_interest");
        play::admit(&buyer, &market.staff, &lot).await.unwrap();
        market.pass(2).await;
        refused(&bid(&broker.client, &lot, "1000.00").await, 403, "conflict_of_interest");
        granted(&bid(&agent, &lot, "1000.00").await, 201);

        let place = invite(&broker, &address("agent"), &["viewer"]).await;
        agent.act(&format!("/v1/memberships/{place}/accept")).await.unwrap();
        let credentials = json!({"email": address("agent"), "password": PASSWORD, "organisation_id": buyer.organisation});
        let tokens = market.stranger.create("/v1/sessions", credentials).await.unwrap();
        let agent = market.stranger.with_token(&text(&tokens["access_token"]));
        refused(&bid(&agent, &lot, "1100.00").await, 403, "conflict_of_interest");
        broker.client.act(&format!("/v1/memberships/{place}/remove")).await.unwrap();
        assert_eq!(bid(&agent, &lot, "1100.00").await.code(), "already_leading", "he is let to the rules again");
    }
}
