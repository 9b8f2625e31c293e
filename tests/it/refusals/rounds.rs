//! Bids of turns.

use serde_json::json;
use zhepai::client::Client;
use zhepai::play::{Party, instant, text};

use super::{Call, cases, try_all};
use crate::authz::{announced_by_rounds, lot};
use crate::common::play::{bid_in_turn, cny, granted, seal};
use crate::common::{Market, fixtures};
use crate::on_both;

/// Lots by rounds: before their opening, in the turn of the rival, whose own offer is 1000.00, paused and over; beside one that is bid
/// for in the open; bidders of every kind.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    scheduled: String,
    turning: String,
    paused: String,
    over: String,
    ascending: String,
    leader: Party,
    rival: Party,
    suspended: Party,
    outsider: Party,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let leader = fixtures::enterprise(&market, "leader", 1).await;
        let rival = fixtures::enterprise(&market, "rival", 2).await;
        let suspended = fixtures::enterprise(&market, "suspended", 3).await;
        let outsider = fixtures::enterprise(&market, "outsider", 4).await;
        let over = announced_by_rounds(&market, &seller, "一种无人报价的技术", &[&rival]).await.lot;
        let paused = announced_by_rounds(&market, &seller, "一种暂停报价的技术", &[&rival]).await.lot;
        market.staff.host.create(&format!("/v1/lots/{paused}/pause"), json!({"reason": "系统维护"})).await.unwrap();
        let ascending = lot(&market, &seller, "一种公开竞价的技术", &[&rival]).await.lot;

        let turning = announced_by_rounds(&market, &seller, "一种正在轮流报价的技术", &[&leader, &rival, &suspended]).await.lot;
        granted(&seal(&rival.client, &turning, "1000.00").await, 200);
        granted(&seal(&leader.client, &turning, "1100.00").await, 200);
        let admissions = suspended.client.get("/v1/admissions").await.unwrap();
        let suspend = format!("/v1/admissions/{}/suspend", text(&admissions["items"][0]["id"]));
        market.staff.host.create(&suspend, json!({"reason": "涉嫌串通"})).await.unwrap();
        market.pass(2).await;
        let opened = market.stranger.get(&format!("/v1/lots/{turning}")).await.unwrap();
        market.staff.move_clock(instant(&opened["book"]["turn"]["starts_at"])).await.unwrap();
        let scheduled = announced_by_rounds(&market, &seller, "一种尚未轮流报价的技术", &[&rival]).await.lot;
        Self { market, seller, scheduled, turning, paused, over, ascending, leader, rival, suspended, outsider }
    }
}

fn bid(bidder: &Client, lot: &str, price: &str) -> Call {
    Call::post(bidder, format!("/v1/lots/{lot}/turn-bids"), &json!({"price": cny(price)}))
}

cases! {
    /// Bids of turns.
    TURNS of Stage;
    place_turn_bid, TooLow, "an offer is raised by a step at least": |on| bid(&on.rival.client, &on.turning, "1099.99");
    place_turn_bid, TooLow, "a rehearsed raise is judged like any other": |on|
        bid(&on.rival.client, &on.turning, "1099.99").asking("dry_run=true");
    place_turn_bid, Invalid, "a bid of a turn is in renminbi": |on|
        Call::post(&on.rival.client, format!("/v1/lots/{}/turn-bids", on.turning), &json!({"price": {"amount": "1100.00", "currency": "USD"}}));
    place_turn_bid, NotYourTurn, "nobody bids out of turn": |on| bid(&on.leader.client, &on.turning, "1200.00");
    place_turn_bid, OwnLot, "a seller has no turn in its own lot": |on| bid(&on.seller.client, &on.turning, "1100.00");
    place_turn_bid, NotOpen, "nobody has a turn before the opening": |on| bid(&on.rival.client, &on.scheduled, "1000.00");
    place_turn_bid, Closed, "nobody has a turn after the end": |on| bid(&on.rival.client, &on.over, "1000.00");
    place_turn_bid, Paused, "nobody bids in his turn while a lot is paused": |on| bid(&on.rival.client, &on.paused, "1100.00");
    place_turn_bid, BidderSuspended, "who is suspended bids in no turn": |on| bid(&on.suspended.client, &on.turning, "1100.00");
    place_turn_bid, NotAdmitted, "who has paid no deposit has no turn": |on| bid(&on.outsider.client, &on.turning, "1100.00");
    place_turn_bid, UnconfirmedJump, "nobody raises his offer to more than ten times the price by a slip": |on|
        bid(&on.rival.client, &on.turning, "11000.01");
    place_turn_bid, Stale, "a bid of a turn on what was seen does not count once something has happened": |on|
        bid(&on.rival.client, &on.turning, "1100.00").on_version(1);
    place_turn_bid, WrongFormat, "there are turns only by rounds": |on| bid(&on.rival.client, &on.ascending, "1000.00");
    place_bid, WrongFormat, "by rounds nobody bids but in a turn": |on|
        Call::post(&on.rival.client, format!("/v1/lots/{}/bids", on.turning), &json!({"price": cny("1100.00")}));
    place_sealed_bid, WrongFormat, "a bid of a turn is not sealed until the end": |on|
        Call::post(&on.rival.client, format!("/v1/lots/{}/sealed-bids", on.turning), &json!({"price": cny("1100.00")}));
}

on_both! {
    async fn bids_out_of_turn(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, TURNS).await;
        assert_eq!(told.to("an offer is raised by a step at least")["at_least"], cny("1100.00"));
        assert!(told.to("nobody bids out of turn")["your_turn_at"].is_string());
        let slip = "nobody raises his offer to more than ten times the price by a slip";
        assert_eq!(told.to(slip)["jump_limit"], cny("11000.00"));
        // The same, confirmed, counts.
        granted(&bid_in_turn(&stage.rival.client, &stage.turning, "11000.01").await, 201);
        assert_eq!(told.to("there are turns only by rounds")["operation"], "place_bid");
        for rule in ["by rounds nobody bids but in a turn", "a bid of a turn is not sealed until the end"] {
            assert_eq!(told.to(rule)["operation"], "place_turn_bid");
        }
    }
}
