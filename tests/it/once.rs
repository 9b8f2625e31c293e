//! Exactly once: an `Idempotency-Key` names an effect, not a request.

use entity::money::Money;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::parties::invented_uscc;
use zhepai::play::{register, text};

use crate::common::Market;
use crate::common::database::{at_rest, fingerprint};
use crate::common::fixtures::{achievement, enterprise, open_lot, patent_numbered, rehearsal, university};
use crate::common::play::{bid, cny, granted, log, of_kind, person, refused, through};
use crate::on_both;

const START: Money = Money::fen(1_000_000);

/// A lot open for bids and the clients of its two bidders.
async fn a_lot_and_two_bidders(market: &Market) -> (String, Client, Client) {
    let seller = university(market).await;
    let (one, two) = (enterprise(market, "firm-1", 1).await, enterprise(market, "firm-2", 2).await);
    let lot = open_lot(market, &seller, "ZL201610200331.9", START, &[&one, &two]).await.lot;
    (lot, one.client, two.client)
}

fn bids(lot: &str) -> String {
    format!("/v1/lots/{lot}/bids")
}

/// A call without any `Idempotency-Key`, or with this one.
async fn send(method: &str, url: &str, caller: &Client, key: Option<&str>) -> (u16, Value) {
    let mut request = crate::common::http()
        .request(method.to_uppercase().parse().unwrap(), url)
        .bearer_auth(caller.token().unwrap())
        .header("If-Match", "\"1\"")
        .json(&json!({}));
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let reply = request.send().await.unwrap();
    (reply.status().as_u16(), reply.json().await.unwrap_or_default())
}

/// An address of the document with ids in it.
fn address(base: &str, template: &str) -> String {
    let place = |piece: &str| if piece.starts_with('{') { Uuid::new_v4().to_string() } else { piece.to_owned() };
    format!("{base}{}", template.split('/').map(place).collect::<Vec<_>>().join("/"))
}

on_both! {
    /// X1, for every operation that the document says needs a key, by everybody who may call it.
    async fn no_deed_is_done_without_a_key(market) {
        let party = university(&market).await;
        party.client.prove().await.unwrap();
        let staff = &market.staff;
        let callers = [&party.client, &staff.reviewer, &staff.host, &staff.finance, &staff.publisher, &staff.security];
        let document = market.stranger.get("/v1/openapi.json").await.unwrap();
        let mut deeds = 0;
        for (template, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if operation["x-idempotent"] != "required" {
                    continue;
                }
                deeds += 1;
                let mut entitled = 0;
                for caller in callers {
                    let (status, problem) = send(method, &address(caller.base(), template), caller, None).await;
                    if status != 403 {
                        assert_eq!((status, &problem["code"]), (400, &json!("idempotency_key_missing")), "{method} {template}: {problem}");
                        entitled += 1;
                    }
                }
                assert!(entitled > 0, "nobody may {method} {template}");
            }
        }
        assert!(deeds >= 20, "the document names only {deeds} deeds that need a key");
    }
}

on_both! {
    async fn a_key_has_8_to_255_visible_characters(market) {
        let party = university(&market).await;
        let url = address(party.client.base(), "/v1/lots/{id}/bids");
        for key in ["", "short-1", "with a blank", "x".repeat(256).as_str()] {
            let (status, problem) = send("post", &url, &party.client, Some(key)).await;
            assert_eq!((status, &problem["code"]), (400, &json!("idempotency_key_missing")), "{key}");
        }
        for key in ["eight-ch", "x".repeat(255).as_str()] {
            let (_, problem) = send("post", &url, &party.client, Some(key)).await;
            assert_ne!(problem["code"], "idempotency_key_missing", "{key}");
        }
    }
}

on_both! {
    /// X2: one effect, one answer, and every answer but the first says that it is a repetition.
    async fn fifty_copies_of_one_bid_are_one_bid(market) {
        let (lot, bidder, _) = a_lot_and_two_bidders(&market).await;
        let second = if market.house().db.is_sqlite() { None } else { Some(market.second_server().await) };
        let mut doors = vec![bidder.clone()];
        doors.extend(second.iter().map(|(_, door)| through(door, &bidder)));
        let (path, body) = (bids(&lot), json!({"price": START}));
        let copies = (0..50).map(|copy| doors[copy % doors.len()].post(&path, body.clone()).key("fifty-copies").send());
        let replies: Vec<_> = join_all(copies).await.into_iter().map(Result::unwrap).collect();

        let (done, waiting): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 201);
        for reply in waiting {
            refused(reply, 409, "in_flight");
            assert!(reply.header("Retry-After").is_some());
        }
        assert!(!done.is_empty(), "nobody was told of the effect");
        for reply in &done {
            assert_eq!(reply.body, done[0].body);
        }
        let first = done.iter().filter(|reply| reply.header("Idempotency-Replayed").is_none()).count();
        assert_eq!(first, 1, "exactly one answer is no repetition");
        assert!(done.iter().all(|reply| reply.header("Idempotency-Replayed").is_none_or(|said| said == "true")));
        assert_eq!(of_kind(&log(&bidder, &lot).await, "bid_placed").len(), 1);
        if let Some((server, _)) = second {
            server.stop().await;
        }
    }
}

on_both! {
    /// X3: what a key was used for cannot be changed.
    async fn a_key_with_another_request_is_refused(market) {
        let (lot, bidder, _) = a_lot_and_two_bidders(&market).await;
        let (path, body) = (bids(&lot), json!({"price": START}));
        granted(&bidder.post(&path, body.clone()).key("this-very-bid").send().await.unwrap(), 201);
        let other_price = bidder.post(&path, json!({"price": cny("10100.00")})).key("this-very-bid").send().await.unwrap();
        refused(&other_price, 422, "key_reused");
        let other_lot = bidder.post(&bids(&Uuid::new_v4().to_string()), body.clone()).key("this-very-bid").send().await.unwrap();
        refused(&other_lot, 422, "key_reused");
        let on_version = bidder.post(&path, body.clone()).key("this-very-bid").on_version(2).send().await.unwrap();
        refused(&on_version, 422, "key_reused");
        granted(&bidder.post(&path, body).key("this-very-bid").send().await.unwrap(), 201);
    }
}

on_both! {
    /// X3: another's key is another key.
    async fn the_same_key_of_another_principal_is_independent(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        let mine = one.post(&bids(&lot), json!({"price": START})).key("everybody's-key").send().await.unwrap();
        let theirs = two.post(&bids(&lot), json!({"price": cny("10100.00")})).key("everybody's-key").send().await.unwrap();
        granted(&mine, 201);
        assert_eq!(granted(&theirs, 201)["price"], cny("10100.00"));
        assert_eq!(theirs.header("Idempotency-Replayed"), None);
        assert_ne!(mine.body["bidder"], theirs.body["bidder"]);
    }
}

on_both! {
    /// X5: a refusal leaves no trace, so its key may be used for a better try.
    async fn a_refused_call_does_not_use_its_key_up(market) {
        let (lot, bidder, _) = a_lot_and_two_bidders(&market).await;
        let before = at_rest(market.house()).await;
        let low = bidder.post(&bids(&lot), json!({"price": cny("9999.99")})).key("one-key-two-tries").send().await.unwrap();
        refused(&low, 422, "too_low");
        assert_eq!(changed(&before, &fingerprint(market.house()).await), Vec::<&str>::new());
        let better = bidder.post(&bids(&lot), json!({"price": START})).key("one-key-two-tries").send().await.unwrap();
        granted(&better, 201);
        assert_eq!(better.header("Idempotency-Replayed"), None);
    }
}

/// The tables that differ.
fn changed<'a>(before: &'a [(String, String)], after: &[(String, String)]) -> Vec<&'a str> {
    assert_eq!(before.len(), after.len());
    before.iter().zip(after).filter(|(one, other)| one != other).map(|((table, _), _)| table.as_str()).collect()
}

on_both! {
    async fn a_rehearsed_bid_says_what_would_happen_and_changes_nothing(market) {
        let (lot, bidder, _) = a_lot_and_two_bidders(&market).await;
        let (path, body) = (format!("{}?dry_run=true", bids(&lot)), json!({"price": START}));
        let before = at_rest(market.house()).await;
        let would = bidder.post(&path, body.clone()).key("rehearsed-bid").send().await.unwrap();
        let low = bidder.post(&path, json!({"price": cny("9999.99")})).send().await.unwrap();
        assert_eq!(changed(&before, &fingerprint(market.house()).await), Vec::<&str>::new());

        assert_eq!(refused(&low, 422, "too_low")["at_least"], cny("10000.00"));
        granted(&would, 200);
        assert_eq!(would.header("Location"), None);
        // Not even the key was used: the same one now places the bid, as foretold.
        let placed = bidder.post(&bids(&lot), body).key("rehearsed-bid").send().await.unwrap();
        let mut foretold = granted(&placed, 201).clone();
        // Only what counts is signed.
        assert!(foretold.as_object_mut().unwrap().remove("receipt").is_some());
        assert_eq!(foretold, would.body);
        assert_eq!(placed.header("Idempotency-Replayed"), None);
    }
}

on_both! {
    async fn a_rehearsed_submission_says_what_would_happen_and_changes_nothing(market) {
        let seller = university(&market).await;
        let rights = [patent_numbered(&seller, "ZL201610200331.9")];
        let (registered, assets) = register(&seller, achievement(), &rights).await.unwrap();
        let mut offer = rehearsal(START, market.staff.now().await.unwrap() + chrono::TimeDelta::hours(1));
        offer["achievement_id"] = registered.into();
        offer["asset_ids"] = assets.into();
        let draft = seller.client.create("/v1/listings", offer).await.unwrap();
        let path = format!("/v1/listings/{}", text(&draft["id"]));
        let before = at_rest(market.house()).await;
        let would = seller.client.act(&format!("{path}/submit?dry_run=true")).await.unwrap();
        assert_eq!(changed(&before, &fingerprint(market.house()).await), Vec::<&str>::new());
        assert_eq!(would["state"], "submitted");
        assert_eq!(seller.client.get(&path).await.unwrap()["state"], "draft");
    }
}

on_both! {
    /// The same answer, whatever has happened to the lot since.
    async fn a_repetition_is_answered_as_the_first_time(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        let ask = async || one.post(&bids(&lot), json!({"price": START})).key("asked-again-later").send().await.unwrap();
        let first = ask().await;
        granted(&first, 201);
        granted(&bid(&two, &lot, "10100.00").await, 201);
        market.pass(24 * 60 + 1).await;
        let again = ask().await;
        assert_eq!(granted(&again, 201), &first.body);
        assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
        assert_eq!(again.header("Location"), first.header("Location"));
    }
}

on_both! {
    /// Founding an organisation changes what its founder is; his key is still his.
    async fn a_founder_who_asks_again_is_answered_as_the_first_time(market) {
        let founder = person(&market.stranger, "founder@play.example").await;
        let body = json!({"kind": "enterprise", "ownership": "private", "name": "杭州某某有限公司", "uscc": invented_uscc(1)});
        let ask = async || founder.post("/v1/organisations", body.clone()).key("founded-once").send().await.unwrap();
        let (first, again) = (ask().await, ask().await);
        assert_eq!(granted(&again, 201), granted(&first, 201));
        assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    }
}
