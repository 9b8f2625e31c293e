//! Bidding by rounds, from the sealed first offers to the result.

use chrono::{DateTime, TimeDelta, Utc};
use entity::auctions::LotState;
use entity::money::Money;
use entity::platform::timer;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use zhepai::auctions::rules::rounds::first_receipt;
use zhepai::auctions::rules::rounds::receipt::{self, TurnReceipt};
use zhepai::auctions::rules::verify::{hold_first_offers, hold_turns, verify};
use zhepai::client::Client;
use zhepai::platform::db::{self, Ending};
use zhepai::play::{Party, instant, text};

use crate::authz::announced_by_rounds;
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{bid, bid_in_turn, cny, course, granted, is_whole, log, of_kind, refused, seal};
use crate::common::rebuilt::row_follows_from_log;
use crate::on_both;
use crate::outages::was_silent;

async fn seen(market: &Market, lot: &str) -> Value {
    market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()
}

/// The turn that runs or comes next: of whom, by pseudonym, and from when.
async fn turn(market: &Market, lot: &str) -> (String, DateTime<Utc>) {
    let turn = &seen(market, lot).await["book"]["turn"];
    (text(&turn["bidder"]), instant(&turn["starts_at"]))
}

/// Moves time to the turn of a bidder in this round.
async fn to_the_turn_of(market: &Market, lot: &str, bidder: &str) {
    for _ in 0..3 {
        let (whose, starts_at) = turn(market, lot).await;
        if whose == bidder {
            if market.staff.now().await.unwrap() < starts_at {
                market.staff.move_clock(starts_at).await.unwrap();
            }
            return;
        }
        market.staff.move_clock(starts_at + TimeDelta::seconds(121)).await.unwrap();
    }
    panic!("{bidder} has no turn: {}", seen(market, lot).await);
}

async fn counts(bidder: &Client, lot: &str, price: &str) -> TurnReceipt {
    let answer = bid_in_turn(bidder, lot, price).await;
    receipt::read(&granted(&answer, 201).to_string()).unwrap_or_else(|| panic!("no receipt: {}", answer.body))
}

/// The pseudonym of a bidder in the only lot it is admitted to.
async fn name_of(bidder: &Party) -> String {
    text(&bidder.client.get("/v1/admissions").await.unwrap()["items"][0]["pseudonym"])
}

/// What everybody is told of a lot.
async fn public(market: &Market, lot: &str) -> String {
    let mut told = seen(market, lot).await.to_string();
    for place in ["bids", "events", "timeline"] {
        told += &market.stranger.get(&format!("/v1/lots/{lot}/{place}")).await.unwrap().to_string();
    }
    told
}

on_both! {
    async fn three_rounds_lead_to_the_best_offer(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let idle = enterprise(&market, "firm-3", 3).await;
        let lot = announced_by_rounds(&market, &seller, "一种分轮报价的技术", &[&one, &two, &idle]).await.lot;
        let place = format!("/v1/lots/{lot}/first-offer");
        refused(&one.client.look(&place).await.unwrap(), 404, "not_found");
        refused(&seal(&one.client, &lot, "999.99").await, 422, "too_low");
        granted(&seal(&one.client, &lot, "1500.00").await, 200);
        let mut kept = granted(&seal(&one.client, &lot, "1234.56").await, 200).clone();
        let first = first_receipt::read(&kept.to_string()).unwrap();
        kept.as_object_mut().unwrap().remove("receipt");
        assert_eq!(one.client.get(&place).await.unwrap(), kept);
        let second = granted(&seal(&two.client, &lot, "1234.56").await, 200).clone();
        // Time starts after it again, although it changed nothing in the lot.
        let last = zhepai::auctions::store::last_instant(market.house().db.read()).await.unwrap();
        assert_eq!(last, Some(instant(&second["arrived_at"])));
        refused(&market.stranger.look(&place).await.unwrap(), 401, "not_signed_in");
        let told = public(&market, &lot).await;
        assert!(!told.contains("1234.56") && !told.contains(kept["commitment"].as_str().unwrap()), "{told}");
        assert_eq!(seen(&market, &lot).await["bid_count"], 0);

        // Opened together: of equal offers the one made later has the first turn, the earlier one leads.
        market.pass(2).await;
        let names = [name_of(&one).await, name_of(&two).await];
        let lot_seen = seen(&market, &lot).await;
        assert_eq!((&lot_seen["price"], &lot_seen["leader"]), (&cny("1234.56"), &json!(names[0])));
        assert_eq!(lot_seen["book"]["order"], json!([names[1], names[0]]));
        let opens_at = instant(&lot_seen["opens_at"]);
        assert_eq!(turn(&market, &lot).await, (names[1].clone(), opens_at + TimeDelta::minutes(5)));
        assert_eq!(instant(&lot_seen["closes_at"]), opens_at + TimeDelta::minutes(5 + 2 * 2 * 3 + 2 * 2 + 2));
        refused(&seal(&two.client, &lot, "2000.00").await, 409, "wrong_state");
        let other_way = bid(&two.client, &lot, "2000.00").await;
        assert_eq!(refused(&other_way, 409, "wrong_format")["operation"], "place_turn_bid");
        let early = bid_in_turn(&two.client, &lot, "2000.00").await;
        assert_eq!(instant(&refused(&early, 409, "not_your_turn")["your_turn_at"]), opens_at + TimeDelta::minutes(5));

        let receipts = the_rounds(&market, &lot, &one, &two, &names).await;
        refused(&bid_in_turn(&idle.client, &lot, "9000.00").await, 409, "not_your_turn");
        let before = seen(&market, &lot).await;
        assert!(text(&before["state"]).starts_with("open_") && before["book"].get("turn").is_none(), "{before}");
        market.pass(2).await;

        let course = course(&market.stranger, &lot).await;
        assert_eq!((course.outcome.state, course.outcome.price), (LotState::ClosedSold, Some(Money::fen(200_000))));
        assert_eq!(course.outcome.winner.as_ref(), Some(&names[0]));
        assert_eq!((verify(&course, &[], |_| {}), hold_turns(&course, &receipts, |_| {})), (Ok(()), Ok(())));
        assert_eq!(first.statement.commitment, kept["commitment"].as_str().unwrap());
        assert_eq!(hold_first_offers(&course, &[first], |_| {}), Ok(()));
        for (bidder, offers, bids) in [(&one, 2, 1), (&two, 1, 3)] {
            let told = bidder.client.get("/v1/me/data").await.unwrap();
            let of = |kind: &str| told[kind].as_array().unwrap().iter().filter(|own| own["lot_id"] == lot.as_str()).count();
            assert_eq!((of("first_offers"), of("turn_bids")), (offers, bids), "{told}");
        }
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        assert_eq!(of_kind(&events, "turn_ended").len(), 6);
        let end = events.last().unwrap();
        assert_eq!((&end["kind"], instant(&end["at"])), (&json!("sold"), instant(&before["closes_at"])));
        let opened = &of_kind(&events, "first_offers_opened")[0]["body"]["offers"][0];
        assert_eq!((&opened["bidder"], &opened["price"]), (&json!(names[0]), &cny("1234.56")));
        let said = [zhepai::platform::keys::unhex(opened["salt"].as_str().unwrap()).unwrap(), 123_456_i64.to_be_bytes().to_vec()].concat();
        assert_eq!(zhepai::platform::keys::hex(&zhepai::platform::keys::sha256(&said)), kept["commitment"].as_str().unwrap());
        row_follows_from_log(&market, &lot).await;
    }
}

/// Two bidders over three rounds; the receipts. The first comes to 2000.00, the second draws level later.
async fn the_rounds(market: &Market, lot: &str, one: &Party, two: &Party, names: &[String; 2]) -> Vec<TurnReceipt> {
    let mut receipts = Vec::new();
    to_the_turn_of(market, lot, &names[1]).await;
    let too_low = bid_in_turn(&two.client, lot, "1300.00").await;
    assert_eq!(refused(&too_low, 422, "too_low")["at_least"], cny("1334.56"));
    refused(&bid_in_turn(&one.client, lot, "2000.00").await, 409, "not_your_turn");
    let version = seen(market, lot).await["version"].clone();
    receipts.push(counts(&two.client, lot, "1777.77").await);
    // Changed, and nothing of it is told before the turn has ended.
    receipts.push(counts(&two.client, lot, "1400.00").await);
    let last = zhepai::auctions::store::last_instant(market.house().db.read()).await.unwrap();
    assert_eq!(last, receipts.last().map(|receipt| receipt.statement.arrived_at));
    assert_eq!(seen(market, lot).await["version"], version);
    assert!(!public(market, lot).await.contains("1400.00"));

    // What arrived in the turn may still be on its way: whoever is quicker is to come again, and nothing is lost.
    let (_, starts_at) = turn(market, lot).await;
    market.staff.move_clock(starts_at + TimeDelta::milliseconds(120_100)).await.unwrap();
    let quick = bid_in_turn(&one.client, lot, "2000.00").await;
    assert_eq!(refused(&quick, 503, "busy")["retry_after"], 1);
    let pause = market.staff.host.post(&format!("/v1/lots/{lot}/pause"), json!({"reason": "网络故障"}));
    refused(&pause.send().await.unwrap(), 503, "busy");
    assert_eq!(seen(market, lot).await["version"], version, "the turn has not ended");

    to_the_turn_of(market, lot, &names[0]).await;
    assert_eq!(seen(market, lot).await["price"], cny("1400.00"));
    assert!(!public(market, lot).await.contains("1777.77"), "what was changed is told to nobody");
    receipts.push(counts(&one.client, lot, "2000.00").await);
    market.pass(3).await;
    row_follows_from_log(market, lot).await;

    // The second round: the worse offer first. A pause in a turn costs nobody any of it.
    let (whose, starts_at) = turn(market, lot).await;
    assert_eq!(whose, names[1]);
    to_the_turn_of(market, lot, &names[1]).await;
    let host = &market.staff.host;
    host.create(&format!("/v1/lots/{lot}/pause"), json!({"reason": "网络故障"})).await.unwrap();
    refused(&bid_in_turn(&two.client, lot, "2000.00").await, 409, "paused");
    market.pass(30).await;
    host.create(&format!("/v1/lots/{lot}/resume"), json!({"reason": "网络已恢复"})).await.unwrap();
    assert_eq!(instant(&seen(market, lot).await["book"]["turn"]["ends_at"]), starts_at + TimeDelta::minutes(32));
    receipts.push(counts(&two.client, lot, "2000.00").await);
    market.pass(3).await;
    assert_eq!(seen(market, lot).await["leader"], json!(names[0]), "who draws level is behind whoever was there before");

    // Nobody raises any more.
    to_the_turn_of(market, lot, &names[0]).await;
    market.pass(3).await;
    for _ in 0..2 {
        let (_, starts_at) = turn(market, lot).await;
        market.staff.move_clock(starts_at + TimeDelta::seconds(121)).await.unwrap();
    }
    receipts
}

on_both! {
    async fn a_lot_nobody_makes_a_first_offer_for_is_not_sold(market) {
        let (seller, one) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let lot = announced_by_rounds(&market, &seller, "一种无人报价的技术", &[&one]).await.lot;
        market.pass(2).await;
        assert_eq!(seen(&market, &lot).await["state"], "closed_unsold");
        assert_eq!(verify(&course(&market.stranger, &lot).await, &[], |_| {}), Ok(()));
        row_follows_from_log(&market, &lot).await;
    }
}

on_both! {
    /// Once is once: the same words, the same signature, although what is kept of it says no price.
    async fn a_turn_s_bid_told_again_has_the_very_same_receipt(market) {
        let (seller, one) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let lot = announced_by_rounds(&market, &seller, "一种分轮报价的技术", &[&one]).await.lot;
        granted(&seal(&one.client, &lot, "1000.00").await, 200);
        market.pass(7).await;
        let ask = async || {
            let call = one.client.post(&format!("/v1/lots/{lot}/turn-bids"), json!({"price": cny("1100.00")}));
            call.key("the-same-bid").send().await.unwrap()
        };
        let first = ask().await;
        assert!(granted(&first, 201)["receipt"]["jws"].is_string());
        let again = ask().await;
        assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
        assert_eq!(granted(&again, 201).to_string(), first.body.to_string());
    }
}

/// What closes registration is served late.
async fn registration_closes(market: &Market, listing: &str, due_at: DateTime<Utc>) {
    let listing: uuid::Uuid = listing.parse().unwrap();
    let of = timer::Entity::find().filter(timer::Column::Kind.eq("listings.registration_close"));
    let waits = of.filter(timer::Column::SubjectId.eq(listing)).one(market.house().db.read()).await.unwrap().unwrap();
    let put_off = market.house().db.transact(move |tx| {
        let waits = timer::Model { due_at, ..waits.clone() };
        async move {
            db::update(&*tx, waits).await?;
            Ok(Ending::Commit(()))
        }
    });
    put_off.await.unwrap();
}

on_both! {
    /// Registration closes after an outage that the first turn fell into: whoever could not bid in it has it again.
    async fn a_turn_that_passed_before_registration_closed_is_had_again(market) {
        let (seller, one) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let published = announced_by_rounds(&market, &seller, "一种分轮报价的技术", &[&one]).await;
        granted(&seal(&one.client, &published.lot, "1000.00").await, 200);
        let opens_at = instant(&seen(&market, &published.lot).await["opens_at"]);
        registration_closes(&market, &published.listing, opens_at + TimeDelta::seconds(450)).await;
        market.staff.move_clock(opens_at + TimeDelta::minutes(1)).await.unwrap();
        was_silent(&market, 40, opens_at + TimeDelta::minutes(1)).await;
        market.staff.move_clock(opens_at + TimeDelta::seconds(460)).await.unwrap();
        assert_eq!(turn(&market, &published.lot).await.1, opens_at + TimeDelta::seconds(450));
        counts(&one.client, &published.lot, "1100.00").await;
    }
}
