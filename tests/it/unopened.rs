//! Before the opening nobody who oversees learns who has sealed a bid, nor that anybody has.

use chrono::TimeDelta;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::platform::audit::retention::verify;
use zhepai::play::{Party, instant, text};

use crate::authz::announced_by_rounds;
use crate::common::Market;
use crate::common::database::at_rest;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{bid_in_turn, granted, seal};
use crate::keys::{calls, key, place_of, program};
use crate::{on_both, sealed};

/// Everything those who oversee are told of what is done and of a key: rows, the end of the chain, calls, last uses.
async fn overseen(market: &Market, key: &Value) -> Vec<String> {
    at_rest(market.house()).await;
    let mut told = Vec::new();
    for officer in [&market.staff.supervisor, &market.staff.auditor, &market.staff.security] {
        let place = place_of(key);
        for path in ["/v1/audit?limit=100", "/v1/audit/head", "/v1/api-keys", &place, &format!("{place}/calls")] {
            told.push(officer.get(path).await.unwrap().to_string());
        }
    }
    told
}

/// The rows of an operation in the trail, as the auditor reads them.
async fn rows(market: &Market, operation: &str) -> Vec<Value> {
    at_rest(market.house()).await;
    let page = market.staff.auditor.get(&format!("/v1/audit?operation={operation}")).await.unwrap();
    page["items"].as_array().unwrap().clone()
}

/// How many sealed bids, first offers and bids of turns somebody is told to have placed, by himself and by an officer.
async fn exported(market: &Market, of: &Party, person: &str) -> [[usize; 3]; 2] {
    let asked = json!({"reason": "本人书面申请"});
    let by_officer = market.staff.security.create(&format!("/v1/persons/{person}/export"), asked).await.unwrap();
    [of.client.get("/v1/me/data").await.unwrap(), by_officer]
        .map(|told| ["sealed_bids", "first_offers", "turn_bids"].map(|kind| told[kind].as_array().unwrap().len()))
}

/// What a deed of a program changes in what is overseen: nothing, although its own organisation sees the calls.
async fn unseen(market: &Market, owner: &Client, made: &Value, many: usize, deed: impl AsyncFnOnce()) {
    let before = overseen(market, made).await;
    deed().await;
    calls(owner, made, many).await;
    assert_eq!(overseen(market, made).await, before);
}

on_both! {
    async fn who_oversees_learns_with_everybody_who_has_sealed_a_bid(market) {
        let (seller, one) = (university(&market).await, enterprise(&market, "one", 1).await);
        let lot = sealed::announced(&market, &seller, "一种密封报价的技术", "first_price", 86_400, &[&one]).await;
        let rounds = announced_by_rounds(&market, &seller, "一种分轮报价的技术", &[&one]).await.lot;
        let made = key(&one.client, &["bids:read", "bids:place"]).await;
        let bot = program(&market, &made);
        let person = text(&one.client.get("/v1/me").await.unwrap()["person"]["id"]);

        unseen(&market, &one.client, &made, 2, async || {
            granted(&seal(&bot, &rounds, "1500.00").await, 200);
            bot.get(&format!("/v1/lots/{rounds}/first-offer")).await.unwrap();
        }).await;
        assert_eq!(exported(&market, &one, &person).await, [[0, 1, 0], [0, 0, 0]]);
        market.pass(2).await;
        assert_eq!(rows(&market, "seal_first_offer").await[0]["person_id"], person.as_str());

        unseen(&market, &one.client, &made, 4, async || {
            granted(&sealed::seal(&bot, &lot, "1500.00").await, 201);
            bot.get(&format!("/v1/lots/{lot}/sealed-bids/mine")).await.unwrap();
        }).await;
        market.pass(5).await;
        unseen(&market, &one.client, &made, 5, async || {
            granted(&bid_in_turn(&bot, &rounds, "1600.00").await, 201);
        }).await;
        assert_eq!(exported(&market, &one, &person).await, [[1, 1, 1], [0, 1, 0]]);
        assert_eq!((rows(&market, "place_turn_bid").await, rows(&market, "place_sealed_bid").await), (vec![], vec![]));
        market.pass(3).await;
        assert_eq!(rows(&market, "place_turn_bid").await.len(), 1);

        let end = instant(&market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()["closes_at"]);
        market.staff.move_clock(end + TimeDelta::seconds(2)).await.unwrap();
        let opened = rows(&market, "place_sealed_bid").await;
        assert_eq!((opened.len(), &opened[0]["person_id"]), (1, &json!(person)));
        assert!(instant(&opened[0]["at"]) < end, "when it was done stays as it was");
        assert_eq!(exported(&market, &one, &person).await, [[1, 1, 1], [1, 1, 1]]);
        at_rest(market.house()).await;
        assert!(verify(market.house().db.read(), |_| {}).await.unwrap().is_ok(), "the chain is whole");

        // Figures everybody may read count none of it.
        let figures = crate::common::http().get(format!("{}/metrics", market.server.url())).send().await.unwrap().text().await.unwrap();
        let counted = |line: &&str| line.contains("status=\"201\"") && ["/sealed-bids\"", "/turn-bids\""].iter().any(|route| line.contains(route));
        assert_eq!(figures.lines().filter(counted).collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
