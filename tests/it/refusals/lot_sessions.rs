//! Pausing, resuming and extending lots, and sessions of them.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{Party, instant, text};

use super::{Call, cases, try_all};
use crate::authz::{address, announced, arrange, draft_session, offer, officer, right, session};
use crate::common::play::cny;
use crate::common::{Market, fixtures};
use crate::on_both;

/// Lots and sessions in every state a host may find them in.
pub(super) struct Stage {
    market: Market,
    bidder: Party,
    /// Reviewed the listing of the barred lot; an auction host now.
    turncoat: Client,
    /// Ended before bidding.
    over: String,
    open: String,
    paused: String,
    /// Waits; its listing was reviewed by the turncoat.
    barred: String,
    /// Waits; must end a day after its opening.
    tight: String,
    /// Without lots.
    empty: String,
    /// Hosted, with the barred lot.
    draft: String,
    /// Staggered, with a lot that waits and the tight one.
    narrow: String,
    /// Staggered, with a lot that waits.
    published: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let bidder = fixtures::enterprise(&market, "bidder", 1).await;
        let (turncoat, person) = officer(&market, "turncoat", "reviewer").await;
        let host = market.staff.host.clone();

        let over = announced(&market, &seller, "一种无人报名的技术", &[]).await.lot;
        let open = announced(&market, &seller, "一种正在竞价的技术", &[&bidder]).await.lot;
        let paused = announced(&market, &seller, "一种暂停竞价的技术", &[&bidder]).await.lot;
        market.pass(2).await;
        host.create(&format!("/v1/lots/{paused}/pause"), json!({"reason": "系统维护"})).await.unwrap();

        let reviewer = market.staff.reviewer.clone();
        let barred = waiting(&market, &seller, &turncoat, "一种经手的技术").await;
        let tight = waiting(&market, &seller, &reviewer, "一种限时的技术").await;
        let [first, second] =
            [waiting(&market, &seller, &reviewer, "第一种技术").await, waiting(&market, &seller, &reviewer, "第二种技术").await];
        market.staff.security.ask(Method::DELETE, &format!("/v1/staff/{person}")).send().await.unwrap().ok().unwrap();
        market.staff.security.create("/v1/staff", json!({"email": address("turncoat"), "role": "auction_host"})).await.unwrap();

        let empty = draft_session(&host, "staggered").await;
        let draft = draft_session(&host, "hosted").await;
        arrange(&host, &draft, &[&barred]).await;
        let narrow = draft_session(&host, "staggered").await;
        arrange(&host, &narrow, &[&first, &tight]).await;
        let published = session(&host, "staggered", &[&second]).await;
        Self { market, bidder, turncoat, over, open, paused, barred, tight, empty, draft, narrow, published }
    }

    fn host(&self) -> &Client {
        &self.market.staff.host
    }

    /// Publishes the session with the barred lot, by somebody who may.
    async fn publish(&self) {
        self.host().act(&format!("/v1/lot-sessions/{}/publish", self.draft)).await.unwrap();
    }

    /// Pauses it, by somebody who may.
    async fn pause(&self) {
        self.host().create(&format!("/v1/lot-sessions/{}/pause", self.draft), reason()).await.unwrap();
    }

    /// Moves time on to the very end of the open lot, which nobody closes for a moment.
    async fn to_the_end(&self) {
        let lot = self.market.stranger.get(&format!("/v1/lots/{}", self.open)).await.unwrap();
        self.market.staff.move_clock(instant(&lot["closes_at"])).await.unwrap();
    }
}

/// A lot that opens in twenty days, its listing reviewed by somebody. It must end a day after its opening.
async fn waiting(market: &Market, seller: &Party, reviewer: &Client, title: &str) -> String {
    let (achievement, asset) = right(seller, title).await;
    let mut offer = offer(market, title).await;
    offer["achievement_id"] = achievement.into();
    offer["asset_ids"] = json!([asset]);
    offer["schedule"]["auction_opens_at"] = json!(market.staff.now().await.unwrap() + TimeDelta::days(20));
    offer["schedule"]["registration_closes_at"] = json!(market.staff.now().await.unwrap() + TimeDelta::days(19));
    offer["auction"]["max_duration_seconds"] = json!(86_400);
    let listing = text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
    seller.client.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();
    for step in ["take", "approve"] {
        reviewer.act(&format!("/v1/listings/{listing}/{step}")).await.unwrap();
    }
    text(&market.staff.publisher.act(&format!("/v1/listings/{listing}/publish")).await.unwrap()["lot_id"])
}

fn reason() -> Value {
    json!({"reason": "网络故障"})
}

fn more(seconds: i64) -> Value {
    json!({"seconds": seconds, "reason": "网络故障"})
}

fn lot(host: &Client, lot: &str, deed: &str, body: &Value) -> Call {
    Call::post(host, format!("/v1/lots/{lot}/{deed}"), body)
}

fn whole(host: &Client, session: &str, deed: &str, body: &Value) -> Call {
    Call::post(host, format!("/v1/lot-sessions/{session}/{deed}"), body)
}

fn act(host: &Client, session: &str, deed: &str) -> Call {
    Call::act(host, format!("/v1/lot-sessions/{session}/{deed}"))
}

fn put(host: &Client, session: &str, version: i64, lots: &[&str]) -> Call {
    Call::of(host, Method::PUT, format!("/v1/lot-sessions/{session}/lots")).json(&json!({"lots": lots})).on_version(version)
}

fn begin(host: &Client, body: &Value) -> Call {
    Call::post(host, "/v1/lot-sessions", body)
}

cases! {
    /// Sessions of lots.
    SESSIONS of Stage;
    create_lot_session, OutsideRule, "lots do not close at a stroke": |on|
        begin(on.host(), &json!({"title": "某专场", "mode": "staggered", "stagger_seconds": 59}));
    create_lot_session, Invalid, "a session with a host has no stagger": |on|
        begin(on.host(), &json!({"title": "某专场", "mode": "hosted", "stagger_seconds": 300}));
    create_lot_session, Invalid, "an organiser is an organisation": |on|
        begin(on.host(), &json!({"title": "某专场", "mode": "hosted", "organiser_organisation_id": uuid::Uuid::nil()}));
    arrange_lot_session, Invalid, "a lot has one place": |on| put(on.host(), &on.empty, 1, &[&on.tight, &on.tight]);
    arrange_lot_session, Invalid, "a place is for a lot there is": |on|
        put(on.host(), &on.empty, 1, &["00000000-0000-0000-0000-000000000000"]);
    arrange_lot_session, WrongState, "a lot that is open joins no session": |on| put(on.host(), &on.empty, 1, &[&on.open]);
    arrange_lot_session, LotTaken, "a lot is in one session": |on| put(on.host(), &on.empty, 1, &[&on.barred]);
    arrange_lot_session, SamePerson, "who reviewed the listing does not place its lot": |on|
        put(&on.turncoat, &on.empty, 1, &[&on.barred]);
    arrange_lot_session, WrongState, "the order of a published session is frozen": |on| put(on.host(), &on.published, 3, &[]);
    publish_lot_session, WrongState, "a session without lots is not published": |on| act(on.host(), &on.empty, "publish");
    publish_lot_session, WrongState, "a session is published once": |on| act(on.host(), &on.published, "publish");
    publish_lot_session, OutsideRule, "no lot lasts longer than was announced": |on| act(on.host(), &on.narrow, "publish");
    publish_lot_session, SamePerson, "who reviewed a listing does not publish its session": |on| act(&on.turncoat, &on.draft, "publish");
    advance_lot_session, WrongState, "lots that close by themselves need no host": |on| act(on.host(), &on.published, "advance");
    advance_lot_session, WrongState, "no lot of a draft is opened": |on| act(on.host(), &on.draft, "advance");
    pause_lot_session, WrongState, "a draft is not paused": |on| whole(on.host(), &on.draft, "pause", &reason());
    pause_lot_session, Invalid, "a pause has a reason": |on| whole(on.host(), &on.published, "pause", &json!({"reason": " "}));
    resume_lot_session, WrongState, "what was not paused does not go on": |on| whole(on.host(), &on.published, "resume", &reason());
    extend_lot_session, WrongState, "a draft is not extended": |on| whole(on.host(), &on.draft, "extend", &more(60));
    extend_lot_session, OutsideRule, "a session is extended by a day at most": |on| whole(on.host(), &on.published, "extend", &more(86_401));
    advance_lot_session, NotOpen, "no lot opens before its time": |on| {
        on.publish().await;
        act(on.host(), &on.draft, "advance")
    };
    advance_lot_session, SamePerson, "who reviewed the listing does not open its lot": |on| act(&on.turncoat, &on.draft, "advance");
    pause_lot_session, SamePerson, "who reviewed a listing does not pause its session": |on|
        whole(&on.turncoat, &on.draft, "pause", &reason());
    extend_lot_session, SamePerson, "who reviewed a listing does not extend its session": |on|
        whole(&on.turncoat, &on.draft, "extend", &more(60));
    resume_lot_session, SamePerson, "who reviewed a listing does not resume its session": |on| {
        on.pause().await;
        whole(&on.turncoat, &on.draft, "resume", &reason())
    };
    resume_lot_session, Invalid, "who lets a session go on says why": |on|
        whole(on.host(), &on.draft, "resume", &json!({"reason": " "}));
    resume_lot, WrongState, "a lot that was paused with its session goes on with it": |on|
        lot(on.host(), &on.barred, "resume", &reason());
    pause_lot_session, WrongState, "a session is paused once": |on| whole(on.host(), &on.draft, "pause", &reason());
    advance_lot_session, WrongState, "no lot of a paused session is opened": |on| act(on.host(), &on.draft, "advance");
}

cases! {
    /// Lots.
    HOSTING of Stage;
    place_bid, Paused, "nobody bids while a lot is paused": |on|
        Call::post(&on.bidder.client, format!("/v1/lots/{}/bids", on.paused), &json!({"price": cny("1000.00")}));
    pause_lot, WrongState, "a lot is paused once": |on| lot(on.host(), &on.paused, "pause", &reason());
    pause_lot, WrongState, "a lot that has ended is not paused": |on| lot(on.host(), &on.over, "pause", &reason());
    pause_lot, Invalid, "a pause of a lot has a reason": |on| lot(on.host(), &on.open, "pause", &json!({"reason": "\n"}));
    pause_lot, SamePerson, "who reviewed the listing does not pause its lot": |on| lot(&on.turncoat, &on.barred, "pause", &reason());
    resume_lot, Invalid, "who lets a lot go on says why": |on| lot(on.host(), &on.paused, "resume", &json!({"reason": ""}));
    resume_lot, WrongState, "a lot that is open does not go on": |on| lot(on.host(), &on.open, "resume", &reason());
    resume_lot, SamePerson, "who reviewed the listing does not resume its lot": |on| lot(&on.turncoat, &on.barred, "resume", &reason());
    extend_lot, WrongState, "a lot that has ended is not extended": |on| lot(on.host(), &on.over, "extend", &more(60));
    extend_lot, OutsideRule, "a lot is extended by a day at most": |on| lot(on.host(), &on.open, "extend", &more(86_401));
    extend_lot, Invalid, "more time is more than none": |on| lot(on.host(), &on.open, "extend", &more(0));
    extend_lot, SamePerson, "who reviewed the listing does not extend its lot": |on| lot(&on.turncoat, &on.barred, "extend", &more(60));
    abort_lot, WrongState, "a lot that is not paused is not aborted": |on| lot(on.host(), &on.open, "abort", &reason());
    abort_lot, Invalid, "who aborts a lot says why": |on| lot(on.host(), &on.paused, "abort", &json!({"reason": " "}));
    abort_lot, SamePerson, "who paused a lot does not abort it": |on| lot(on.host(), &on.paused, "abort", &reason());
    pause_lot, Closed, "a lot that has run out is not paused": |on| {
        on.to_the_end().await;
        lot(on.host(), &on.open, "pause", &reason())
    };
    extend_lot, Closed, "a lot that has run out is not extended": |on| lot(on.host(), &on.open, "extend", &more(60));
}

on_both! {
    async fn what_a_host_may_not_do(market) {
        let stage = Stage::set(market).await;
        let house = stage.market.house();
        let told = try_all(house, &stage, SESSIONS).await;
        assert_eq!(told.to("lots do not close at a stroke")["min"], 60);
        assert_eq!(told.to("no lot lasts longer than was announced")["lot_id"], stage.tight.as_str());
        assert_eq!(told.to("a session without lots is not published")["allowed"], json!(["arrange_lot_session"]));
        let allowed = &told.to("a lot that was paused with its session goes on with it")["allowed"];
        assert_eq!(*allowed, json!(["extend_lot", "resume_lot_session", "abort_lot"]));
        assert!(told.to("no lot opens before its time")["opens_at"].is_string());

        let told = try_all(house, &stage, HOSTING).await;
        assert_eq!(told.to("nobody bids while a lot is paused")["reason"], "系统维护");
        assert_eq!(told.to("a lot is extended by a day at most")["max"], 86_400);
        assert_eq!(told.to("a lot that is open does not go on")["allowed"], json!(["place_bid", "pause_lot", "extend_lot"]));
        assert!(told.to("a lot that has run out is not paused")["closes_at"].is_string());
    }
}
