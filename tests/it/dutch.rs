//! A lot whose price falls on a clock, from its listing to its end.

use chrono::{DateTime, TimeDelta, Utc};
use entity::auctions::LotState;
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::auctions::rules::receipt;
use zhepai::auctions::rules::verify::verify;
use zhepai::play::{Party, admit, instant, text};

use crate::common::Market;
use crate::common::fixtures::{enterprise, lot, rehearsal, university};
use crate::common::play::{bid, cny, course, first_deal, granted, is_by_the_rules, is_whole, log, of_kind, refused};
use crate::common::rebuilt::row_follows_from_log;
use crate::on_both;

/// A lot that opens now, of which the price falls every minute from 100 by 5 to 60; and when it opened.
async fn falling(market: &Market, seller: &Party, bidders: &[&Party]) -> (String, DateTime<Utc>) {
    let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
    let mut offer = rehearsal(Money::fen(10_000), opens);
    offer["auction"] = json!({
        "closing_mode": "hard_close",
        "min_bidders": 1,
        "format": {"kind": "dutch", "floor": cny("60.00"), "decrement": cny("5.00")}
    });
    let published = lot(market, seller, "ZL201610200331.9", offer).await;
    for bidder in bidders {
        admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    market.staff.move_clock(opens).await.unwrap();
    (published.lot, opens)
}

async fn seen(market: &Market, lot: &str) -> Value {
    market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()
}

/// Moves time to so many seconds after the opening; what the lot then says of its price.
async fn after(market: &Market, lot: &str, opened: DateTime<Utc>, seconds: i64) -> Value {
    market.staff.move_clock(opened + TimeDelta::seconds(seconds)).await.unwrap();
    seen(market, lot).await["next_price"].clone()
}

on_both! {
    /// At eighty somebody accepts: he has it for eighty, at once, and nobody after him.
    async fn the_first_to_accept_has_it_at_the_price_on_the_clock(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let (lot, opened) = falling(&market, &seller, &[&one, &two]).await;
        let begun = seen(&market, &lot).await;
        assert_eq!((&begun["price"], &begun["next_price"]), (&Value::Null, &cny("100.00")));
        assert_eq!(begun.get("suggested_prices"), None, "the clock is the price");
        assert_eq!((instant(&begun["counts_from"]), instant(&begun["closes_at"])), (opened, opened + TimeDelta::minutes(9)));
        assert_eq!(begun["terms"]["format"]["tick_seconds"], 60, "by the rule");

        assert_eq!(after(&market, &lot, opened, 239).await, cny("85.00"));
        assert_eq!(refused(&bid(&one.client, &lot, "80.00").await, 422, "too_low")["at_least"], cny("85.00"));
        assert_eq!(after(&market, &lot, opened, 240).await, cny("80.00"));
        let accepted = bid(&one.client, &lot, "85.00").await;
        let signed = receipt::read(&granted(&accepted, 201).to_string()).unwrap();
        assert_eq!((signed.statement.price, signed.statement.closes_at), (Money::fen(8_000), opened + TimeDelta::minutes(4)));
        refused(&bid(&two.client, &lot, "80.00").await, 409, "closed");
        let more = json!({"seconds": 60, "reason": "网络故障"});
        refused(&market.staff.host.post(&format!("/v1/lots/{lot}/extend"), more).send().await.unwrap(), 409, "closed");
        let taken = seen(&market, &lot).await;
        assert_eq!((&taken["price"], &taken["next_price"]), (&cny("80.00"), &Value::Null));

        // It closes after its grace, not when the clock would have run down.
        market.staff.move_clock(opened + TimeDelta::seconds(241)).await.unwrap();
        let closed = course(&market.stranger, &lot).await;
        assert_eq!(verify(&closed, &[signed], |_| {}), Ok(()));
        assert_eq!((closed.outcome.state, closed.outcome.price), (LotState::ClosedSold, Some(Money::fen(8_000))));
        let deal = first_deal(&one.client).await;
        assert_eq!(deal["price"], cny("80.00"));
        let confirmation = one.client.get(&format!("/v1/deals/{}/confirmation", text(&deal["id"]))).await.unwrap();
        assert_eq!(confirmation["content"]["format"]["value"]["code"], "dutch");
        market.pass(60).await;
        assert_eq!(of_kind(&log(&market.stranger, &lot).await, "sold").len(), 1, "the clock's own end changes nothing");
        row_follows_from_log(&market, &lot).await;
    }
}

on_both! {
    /// A pause stops the clock, more time does not turn it back; at the floor nobody wants it.
    async fn a_clock_that_nobody_stops_runs_down_to_the_floor(market) {
        let (seller, one) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let (lot, opened) = falling(&market, &seller, &[&one]).await;
        let host = &market.staff.host;
        assert_eq!(after(&market, &lot, opened, 100).await, cny("95.00"));
        host.create(&format!("/v1/lots/{lot}/pause"), json!({"reason": "网络故障"})).await.unwrap();
        assert_eq!(after(&market, &lot, opened, 700).await, cny("95.00"));
        refused(&bid(&one.client, &lot, "95.00").await, 409, "paused");
        host.create(&format!("/v1/lots/{lot}/resume"), json!({"reason": "网络已恢复"})).await.unwrap();
        assert_eq!(after(&market, &lot, opened, 719).await, cny("95.00"));
        assert_eq!(after(&market, &lot, opened, 720).await, cny("90.00"));
        assert_eq!(instant(&seen(&market, &lot).await["counts_from"]), opened + TimeDelta::minutes(10));
        host.create(&format!("/v1/lots/{lot}/extend"), json!({"seconds": 300, "reason": "网络故障"})).await.unwrap();
        assert_eq!(seen(&market, &lot).await["next_price"], cny("90.00"));
        assert_eq!(after(&market, &lot, opened, 1_080).await, cny("60.00"));
        assert_eq!(after(&market, &lot, opened, 1_439).await, cny("60.00"));
        assert_eq!(instant(&seen(&market, &lot).await["closes_at"]), opened + TimeDelta::minutes(24));

        let timeline = one.client.get(&format!("/v1/lots/{lot}/timeline")).await.unwrap();
        let ending = timeline["steps"].as_array().unwrap().iter().find(|step| step["step"] == "bidding_ends").unwrap();
        assert_eq!(ending["rule"]["name"], "dutch_tick");

        market.staff.move_clock(opened + TimeDelta::seconds(1_441)).await.unwrap();
        assert_eq!(seen(&market, &lot).await["state"], "closed_unsold");
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        assert_eq!(of_kind(&events, "unsold")[0]["body"]["reason"], "no_bid");
        is_by_the_rules(&market.stranger, &lot).await;
        row_follows_from_log(&market, &lot).await;
    }
}
