//! The seed market, played as the demo plays it: what readers of notices find in it.

use serde_json::{Value, json};
use zhepai::platform::config::SANDBOX_PASSWORD;
use zhepai::play::market::{self as seed_market, Scenario};
use zhepai::play::text;

use crate::common::Market;
use crate::common::post::with_post;
use crate::on_both;

/// Plays what is announced as the demo begins, and nothing that lies in its past; everything that is public then.
async fn notices(market: &Market) -> Vec<Value> {
    let mut seeds = seed_market::seeds().unwrap();
    seeds.offer.retain(|offer| matches!(offer.scenario, Scenario::Published | Scenario::Exhibited));
    let begins = market.staff.now().await.unwrap();
    seed_market::play(&market.stranger, SANDBOX_PASSWORD, &seeds, begins, |_| {}).await.unwrap();
    let listed = market.stranger.get("/v1/notices?limit=100").await.unwrap();
    let mut found = Vec::new();
    for notice in listed["items"].as_array().unwrap() {
        found.push(market.stranger.get(&format!("/v1/notices/{}", text(&notice["id"]))).await.unwrap());
    }
    found
}

/// The notice of a kind of which there is one.
fn only<'a>(notices: &'a [Value], kind: &str) -> &'a Value {
    let of_kind: Vec<_> = notices.iter().filter(|notice| notice["kind"] == kind).collect();
    assert_eq!(of_kind.len(), 1, "{kind}");
    of_kind[0]
}

on_both! {
    /// One of every kind runs, and among them are further versions of both kinds, something withheld, an objection and an answer.
    async fn notices_of_every_kind_run_in_it(market) {
        let found = notices(&market).await;
        assert!(found.iter().all(|notice| notice["state"] == "published"));
        assert!(found.iter().any(|notice| notice["kind"] == "listing"));
        let auction = only(&found, "auction");
        assert!(auction["content"]["exhibition"]["from"].is_string() && auction["content"]["auction_licence"]["enterprise"].is_string());
        assert_eq!(only(&found, "rights_grant")["content"]["team"].as_array().unwrap().len(), 2);
        assert_eq!(only(&found, "open_licence")["ends_at"], Value::Null);

        let sale = only(&found, "negotiated_price");
        assert_eq!((&sale["content"]["withheld"][0]["field"], &sale["version"]), (&json!("buyer_name"), &json!(2)));
        assert_eq!(sale["content"]["title"], sale["content"]["achievement"]["title"], "the slip is set right");
        let objections = market.stranger.get(&format!("/v1/objections?notice_id={}", text(&sale["id"]))).await.unwrap();
        assert_eq!(objections["items"][0]["outcome"], "dismissed");
        let amended: Vec<_> = found.iter().filter(|notice| notice["kind"] == "listing" && notice["version"] == 2).collect();
        assert_eq!((amended.len(), amended[0]["revised_at"].is_string()), (1, true));
        let questions = market.stranger.get("/v1/questions").await.unwrap();
        assert!(questions["items"][0]["answer"].is_string(), "{questions}");
    }
}

on_both! {
    /// Where letters are sent nobody takes a place with a unit, nor objects, before he has read his: all else is played.
    async fn where_letters_are_sent_neither_the_grant_nor_the_objection_is_played(market) {
        let (market, _) = with_post(&market, false).await;
        let found = notices(&market).await;
        assert!(found.iter().all(|notice| notice["kind"] != "rights_grant"));
        only(&found, "open_licence");
        let sale = only(&found, "negotiated_price");
        let objections = market.stranger.get(&format!("/v1/objections?notice_id={}", text(&sale["id"]))).await.unwrap();
        assert_eq!(objections["items"], json!([]));
    }
}
