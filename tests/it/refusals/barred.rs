//! Whoever is barred from a lot bids for nobody, whichever way there is, even where he joined a bidder after it was admitted.

use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::{Call, cases, try_all};
use crate::authz::{address, invite, join, offer, right};
use crate::common::play::{bid, cny, first_deal, granted};
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
