//! Bids, and what is told of them.

use entity::money::Money;
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::{Call, cases, try_all};
use crate::authz::{announced_by_rounds, lot, newest, offer, right};
use crate::common::play::{cny, granted, seal};
use crate::common::{Market, fixtures};
use crate::on_both;

/// A lot before bidding, one during, one after, and bidders of every kind. The open lot starts at
/// 1000.00 with steps of 100.00 and stands at 1000.00.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    scheduled: String,
    open: String,
    over: String,
    quick: String,
    falling: String,
    proxied: String,
    leader: Party,
    rival: Party,
    suspended: Party,
    outsider: Party,
    /// By rounds, from 1000.00 on, before bidding; the suspended bidder is suspended here too.
    sealing: String,
    /// By rounds, before its first turn.
    rounds: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let leader = fixtures::enterprise(&market, "leader", 1).await;
        let rival = fixtures::enterprise(&market, "rival", 2).await;
        let suspended = fixtures::enterprise(&market, "suspended", 3).await;
        let outsider = fixtures::enterprise(&market, "outsider", 4).await;

        let over = lot(&market, &seller, "一种已成交的技术", &[&leader, &rival]).await.lot;
        play::bid(&leader, &over, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;

        let open = lot(&market, &seller, "一种正在竞价的技术", &[&leader, &rival, &suspended]).await.lot;
        play::bid(&leader, &open, Money::fen(100_000)).await.unwrap();
        let admissions = suspended.client.get("/v1/admissions").await.unwrap();
        let suspend = format!("/v1/admissions/{}/suspend", text(&admissions["items"][0]["id"]));
        market.staff.host.create(&suspend, json!({"reason": "涉嫌串通"})).await.unwrap();

        let mut waits = offer(&market, "一种可直接购买的技术").await;
        waits["auction"]["buy_now"] = cny("2000.00");
        let quick = opened(&market, &seller, waits, &[&rival, &suspended]).await;
        let mut lower = offer(&market, "一种反向竞价的技术").await;
        lower["auction"]["direction"] = json!("descending");
        let falling = opened(&market, &seller, lower, &[&rival]).await;
        let mut maxima = offer(&market, "一种代理出价的技术").await;
        maxima["auction"]["proxy"] = json!(true);
        let proxied = opened(&market, &seller, maxima, &[&leader]).await;
        for more in 0..=20 {
            play::bid(&leader, &proxied, Money::fen(200_000 + more)).await.unwrap();
        }
        let again = format!("/v1/admissions/{}/suspend", newest(&suspended.client, "/v1/admissions").await);
        market.staff.host.create(&again, json!({"reason": "涉嫌串通"})).await.unwrap();

        let rounds = announced_by_rounds(&market, &seller, "一种分轮竞价的技术", &[&rival]).await.lot;
        granted(&seal(&rival.client, &rounds, "1000.00").await, 200);
        market.pass(2).await;
        let sealing = announced_by_rounds(&market, &seller, "一种将分轮竞价的技术", &[&rival]).await.lot;
        play::admit(&suspended, &market.staff, &sealing).await.unwrap();
        let suspend = format!("/v1/admissions/{}/suspend", newest(&suspended.client, "/v1/admissions").await);
        market.staff.host.create(&suspend, json!({"reason": "涉嫌串通"})).await.unwrap();

        let (achievement, asset) = right(&seller, "一种尚未开始竞价的技术").await;
        let scheduled = offer(&market, "一种尚未开始竞价的技术").await;
        let scheduled = play::publish(&seller, &market.staff, scheduled, &achievement, &[asset]).await.unwrap().lot;
        play::admit(&rival, &market.staff, &scheduled).await.unwrap();
        Self { market, seller, scheduled, open, over, quick, falling, proxied, leader, rival, suspended, outsider, sealing, rounds }
    }
}

/// A lot of an offer that is open for bids, with the bidders admitted.
async fn opened(market: &Market, seller: &Party, offer: Value, bidders: &[&Party]) -> String {
    let (achievement, asset) = right(seller, &text(&offer["title"])).await;
    let lot = play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap().lot;
    for bidder in bidders {
        play::admit(bidder, &market.staff, &lot).await.unwrap();
    }
    market.pass(2).await;
    lot
}

fn buy(bidder: &Client, lot: &str) -> Call {
    Call::act(bidder, format!("/v1/lots/{lot}/buy-now"))
}

fn first_offer(bidder: &Client, lot: &str, price: &str) -> Call {
    Call::of(bidder, Method::PUT, format!("/v1/lots/{lot}/first-offer")).json(&json!({"price": cny(price)}))
}

fn bid(bidder: &Client, lot: &str, price: &str) -> Call {
    Call::post(bidder, format!("/v1/lots/{lot}/bids"), &json!({"price": cny(price)}))
}

fn next(bidder: &Client, lot: &str) -> Call {
    Call::post(bidder, format!("/v1/lots/{lot}/next-bidder-answer"), &json!({"takes": true}))
}

cases! {
    /// Bids.
    BIDS of Stage;
    place_bid, TooLow, "a bid rises by a step at least": |on| bid(&on.rival.client, &on.open, "1099.99");
    place_bid, TooLow, "a bid is not what stands already": |on| bid(&on.rival.client, &on.open, "1000.00");
    place_bid, TooLow, "a bid is not nothing": |on| bid(&on.rival.client, &on.open, "0.00");
    place_bid, NotAStep, "a bid rises by whole steps": |on| bid(&on.rival.client, &on.open, "1150.00");
    place_bid, NotAStep, "a bid rises by whole steps, however far": |on| bid(&on.rival.client, &on.open, "9000000000000.01");
    place_bid, Invalid, "a bid is in renminbi": |on|
        Call::post(&on.rival.client, format!("/v1/lots/{}/bids", on.open), &json!({"price": {"amount": "1100.00", "currency": "USD"}}));
    place_bid, Invalid, "a bid has two decimals": |on| bid(&on.rival.client, &on.open, "1100.001");
    place_bid, Invalid, "a bid is text and no number": |on|
        Call::post(&on.rival.client, format!("/v1/lots/{}/bids", on.open), &json!({"price": {"amount": 1100, "currency": "CNY"}}));
    place_bid, Invalid, "a bid is within what can be counted": |on| bid(&on.rival.client, &on.open, "99999999999999999999999.00");
    place_bid, OwnLot, "a seller does not bid for its own lot": |on| bid(&on.seller.client, &on.open, "1100.00");
    place_bid, TooManyRaises, "who leads raises his own maximum so often and no more": |on|
        bid(&on.leader.client, &on.proxied, "9000.00");
    place_bid, AlreadyLeading, "nobody outbids himself": |on| bid(&on.leader.client, &on.open, "1100.00");
    place_bid, NotOpen, "nobody bids before bidding has opened": |on| bid(&on.rival.client, &on.scheduled, "1000.00");
    place_bid, Closed, "nobody bids after bidding has closed": |on| bid(&on.rival.client, &on.over, "1100.00");
    place_bid, BidderSuspended, "who is suspended does not bid": |on| bid(&on.suspended.client, &on.open, "1100.00");
    place_bid, NotAdmitted, "who has paid no deposit does not bid": |on| bid(&on.outsider.client, &on.open, "1100.00");
    place_bid, Stale, "a bid on what was seen does not count once something has happened": |on|
        bid(&on.rival.client, &on.open, "1100.00").on_version(1);
    place_bid, TooLow, "a rehearsed bid is judged like any other": |on| bid(&on.rival.client, &on.open, "1.00").asking("dry_run=true");
    answer_next_bidder_offer, OwnLot, "a seller is offered nothing of its own": |on| next(&on.seller.client, &on.open);
    answer_next_bidder_offer, NotAdmitted, "who did not bid is offered nothing": |on| next(&on.outsider.client, &on.open);
    answer_next_bidder_offer, WrongState, "nobody is offered a lot that is still bid for": |on| next(&on.rival.client, &on.open);
    answer_next_bidder_offer, WrongState, "nobody is offered a lot whose winner may still sign": |on| next(&on.rival.client, &on.over);
    place_bid, TooHigh, "in a descending lot a bid is no higher than the start price": |on|
        bid(&on.rival.client, &on.falling, "1000.01");
    place_bid, UnconfirmedJump, "nobody bids more than ten times the price by a slip": |on|
        bid(&on.rival.client, &on.open, "10100.00");
    place_bid, UnconfirmedJump, "a rehearsed slip is one": |on|
        bid(&on.rival.client, &on.open, "110000.00").asking("dry_run=true");
    seal_first_offer, UnconfirmedJump, "no first offer is more than ten times the start price by a slip": |on|
        first_offer(&on.rival.client, &on.sealing, "10000.01");
    buy_lot_now, BuyNowOver, "nobody buys at once what was bid for": |on| buy(&on.rival.client, &on.open);
    buy_lot_now, BuyNowOver, "nobody buys at once what was not announced so": |on| buy(&on.rival.client, &on.falling);
    buy_lot_now, OwnLot, "a seller does not buy its own lot": |on| buy(&on.seller.client, &on.quick);
    buy_lot_now, NotOpen, "nobody buys before bidding has opened": |on| buy(&on.rival.client, &on.scheduled);
    buy_lot_now, Closed, "nobody buys after bidding has closed": |on| buy(&on.rival.client, &on.over);
    buy_lot_now, BidderSuspended, "who is suspended does not buy": |on| buy(&on.suspended.client, &on.quick);
    buy_lot_now, NotAdmitted, "who has paid no deposit does not buy": |on| buy(&on.outsider.client, &on.quick);
    buy_lot_now, Stale, "a purchase of what was seen does not count once something has happened": |on|
        buy(&on.rival.client, &on.quick).on_version(1);
    buy_lot_now, Paused, "nobody buys while a lot is paused": |on| {
        let pause = format!("/v1/lots/{}/pause", on.quick);
        on.market.staff.host.create(&pause, json!({"reason": "网络故障"})).await.unwrap();
        buy(&on.rival.client, &on.quick)
    };
    seal_first_offer, TooLow, "a first offer is the start price at least": |on| first_offer(&on.rival.client, &on.sealing, "999.99");
    seal_first_offer, OwnLot, "a seller seals no offer for its own lot": |on| first_offer(&on.seller.client, &on.sealing, "1000.00");
    seal_first_offer, NotAdmitted, "who has paid no deposit seals nothing": |on| first_offer(&on.outsider.client, &on.sealing, "1000.00");
    seal_first_offer, BidderSuspended, "who is suspended seals nothing": |on| first_offer(&on.suspended.client, &on.sealing, "1000.00");
    seal_first_offer, WrongState, "nothing is sealed once bidding has opened": |on| first_offer(&on.rival.client, &on.rounds, "1000.00");
    seal_first_offer, WrongState, "there are first offers only by rounds": |on| first_offer(&on.rival.client, &on.scheduled, "1000.00");
    read_first_offer, WrongState, "none is read where there is none": |on|
        Call::get(&on.rival.client, format!("/v1/lots/{}/first-offer", on.open));
    read_lot_course, WrongState, "a course is published once its lot has ended": |on|
        Call::get(&on.rival.client, format!("/v1/lots/{}/course", on.open));
    place_bid, NotAdmitted, "who is verified no more does not bid": |on| {
        let refuse = format!("/v1/organisations/{}/refuse", on.rival.organisation);
        on.market.staff.reviewer.create(&refuse, json!({"reason": "证照失效"})).await.unwrap();
        bid(&on.rival.client, &on.open, "1100.00")
    };
}

on_both! {
    async fn bids_that_do_not_count(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, BIDS).await;
        assert_eq!(told.to("a bid rises by a step at least")["at_least"], cny("1100.00"));
        assert_eq!(told.to("in a descending lot a bid is no higher than the start price")["at_most"], cny("1000.00"));
        assert_eq!(told.to("a bid rises by whole steps")["step"], cny("100.00"));
        let slip = told.to("nobody bids more than ten times the price by a slip");
        assert_eq!((&slip["jump_limit"], &slip["confirm_with"]), (&cny("10000.00"), &json!("confirmed")));
        assert_eq!(told.to("a bid on what was seen does not count once something has happened")["price"], cny("1000.00"));
        for (rule, fact) in [("nobody bids before bidding has opened", "opens_at"), ("nobody bids after bidding has closed", "closes_at")] {
            assert!(told.to(rule)[fact].is_string(), "{rule}: {}", told.to(rule));
        }
    }
}
