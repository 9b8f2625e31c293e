//! Sealed bids.

use chrono::TimeDelta;
use serde_json::json;
use zhepai::client::Client;
use zhepai::play::{Party, instant, text};

use super::{Call, cases, try_all};
use crate::authz::lot;
use crate::common::play::{cny, granted};
use crate::common::{Market, fixtures};
use crate::on_both;
use crate::sealed;

/// Lots whose bids are sealed from 1000.00 on, before their opening, open, paused, tied at 2000.00 and over, beside one that the lowest
/// bid wins and one that is bid for in the open; bidders of every kind.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    scheduled: String,
    open: String,
    paused: String,
    tied: String,
    over: String,
    falling: String,
    ascending: String,
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
        let announced = async |title: &str, format: &str, seconds: i64, bidders: &[&Party]| {
            sealed::announced(&market, &seller, title, format, seconds, bidders).await
        };
        let tied = announced("一种并列报价的技术", "first_price", 3_600, &[&leader, &rival, &suspended]).await;
        let over = announced("一种无人报价的技术", "one_shot", 3_600, &[&rival]).await;
        let open = announced("一种正在报价的技术", "vickrey", 86_400, &[&leader, &rival, &suspended]).await;
        let paused = announced("一种暂停报价的技术", "vickrey", 86_400, &[&rival]).await;
        let none = json!({"kind": "none"});
        let falling = sealed::falling(&market, &seller, "一种反向密封报价的技术", &[&rival], none).await;
        let ascending = lot(&market, &seller, "一种公开竞价的技术", &[&rival]).await.lot;
        for party in [&leader, &rival] {
            granted(&sealed::seal(&party.client, &tied, "2000.00").await, 201);
        }
        market.staff.host.create(&format!("/v1/lots/{paused}/pause"), json!({"reason": "系统维护"})).await.unwrap();
        let admissions = suspended.client.get("/v1/admissions").await.unwrap();
        let of_open = admissions["items"].as_array().unwrap().iter().find(|one| one["lot_id"] == open.as_str()).unwrap();
        let suspend = format!("/v1/admissions/{}/suspend", text(&of_open["id"]));
        market.staff.host.create(&suspend, json!({"reason": "涉嫌串通"})).await.unwrap();
        let scheduled = announced("一种尚未报价的技术", "vickrey", 86_400, &[&rival]).await;
        let closes_at = market.stranger.get(&format!("/v1/lots/{tied}")).await.unwrap()["closes_at"].clone();
        // Paused meanwhile, it has not opened when the bids of the tied lot are opened.
        market.staff.host.create(&format!("/v1/lots/{scheduled}/pause"), json!({"reason": "推迟"})).await.unwrap();
        market.staff.move_clock(instant(&closes_at) + TimeDelta::seconds(2)).await.unwrap();
        market.staff.host.create(&format!("/v1/lots/{scheduled}/resume"), json!({"reason": "继续"})).await.unwrap();
        Self { market, seller, scheduled, open, paused, tied, over, falling, ascending, rival, suspended, outsider }
    }
}

fn seal(bidder: &Client, lot: &str, price: &str) -> Call {
    Call::post(bidder, format!("/v1/lots/{lot}/sealed-bids"), &json!({"price": cny(price)}))
}

cases! {
    /// Sealed bids.
    SEALED of Stage;
    place_sealed_bid, TooLow, "a sealed bid is not below the start price": |on| seal(&on.rival.client, &on.open, "999.99");
    place_sealed_bid, TooLow, "a rehearsed one is judged like any other": |on|
        seal(&on.rival.client, &on.open, "999.99").asking("dry_run=true");
    place_sealed_bid, TooHigh, "where the lowest wins no sealed bid is above the start price": |on|
        seal(&on.rival.client, &on.falling, "1000.01");
    place_sealed_bid, TooLow, "equals do not bid below what they are tied at": |on| seal(&on.rival.client, &on.tied, "1999.99");
    place_sealed_bid, Invalid, "a sealed bid is in renminbi": |on|
        Call::post(&on.rival.client, format!("/v1/lots/{}/sealed-bids", on.open), &json!({"price": {"amount": "1000.00", "currency": "USD"}}));
    place_sealed_bid, OwnLot, "a seller seals no bid for its own lot": |on| seal(&on.seller.client, &on.open, "1100.00");
    place_sealed_bid, NotOpen, "nobody seals a bid before the opening": |on| seal(&on.rival.client, &on.scheduled, "1000.00");
    place_sealed_bid, Closed, "nobody seals a bid after the end": |on| seal(&on.rival.client, &on.over, "1000.00");
    place_sealed_bid, Paused, "nobody seals a bid while a lot is paused": |on| seal(&on.rival.client, &on.paused, "1000.00");
    place_sealed_bid, BidderSuspended, "who is suspended seals no bid": |on| seal(&on.suspended.client, &on.open, "1000.00");
    place_sealed_bid, NotAdmitted, "who has paid no deposit seals no bid": |on| seal(&on.outsider.client, &on.open, "1000.00");
    place_sealed_bid, NotInTieRound, "who is not tied at the top does not bid again": |on|
        seal(&on.suspended.client, &on.tied, "9000.00");
    place_sealed_bid, UnconfirmedJump, "no sealed bid is more than ten times the start price by a slip": |on|
        seal(&on.rival.client, &on.open, "10000.01");
    place_sealed_bid, UnconfirmedJump, "where the lowest wins none is less than a tenth of it by a slip": |on|
        seal(&on.rival.client, &on.falling, "99.99");
    place_sealed_bid, UnconfirmedJump, "equals do not bid ten times what they are tied at by a slip": |on|
        seal(&on.rival.client, &on.tied, "20000.01");
    place_sealed_bid, Stale, "a sealed bid on what was seen does not count once something has happened": |on|
        seal(&on.rival.client, &on.open, "1000.00").on_version(1);
    place_sealed_bid, WrongFormat, "open bids are not sealed": |on| seal(&on.rival.client, &on.ascending, "1000.00");
    place_bid, WrongFormat, "sealed bids are not placed in the open": |on|
        Call::post(&on.rival.client, format!("/v1/lots/{}/bids", on.open), &json!({"price": cny("1000.00")}));
}

on_both! {
    async fn bids_that_are_not_sealed(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, SEALED).await;
        assert_eq!(told.to("a sealed bid is not below the start price")["at_least"], cny("1000.00"));
        assert_eq!(told.to("equals do not bid below what they are tied at")["at_least"], cny("2000.00"));
        assert_eq!(told.to("where the lowest wins no sealed bid is above the start price")["at_most"], cny("1000.00"));
        assert_eq!(told.to("open bids are not sealed")["operation"], "place_bid");
        assert_eq!(told.to("no sealed bid is more than ten times the start price by a slip")["jump_limit"], cny("10000.00"));
        assert_eq!(told.to("where the lowest wins none is less than a tenth of it by a slip")["jump_limit"], cny("100.00"));
        // The same, confirmed, counts.
        granted(&sealed::seal(&stage.rival.client, &stage.open, "10000.01").await, 201);
        assert_eq!(told.to("sealed bids are not placed in the open")["operation"], "place_sealed_bid");
    }
}
