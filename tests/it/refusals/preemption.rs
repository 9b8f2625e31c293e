//! Holders of a right of pre-emption who are asked, and those who are not.

use chrono::TimeDelta;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{Party, instant, text};

use super::{Call, cases, try_all};
use crate::common::{Market, fixtures};
use crate::on_both;
use crate::preemption::{NUMBER, asked};

/// A lot whose bidding has ended, in which the first holder is asked.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    first: Party,
    second: Party,
    outsider: Party,
    lot: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let first = fixtures::enterprise(&market, "first", 1).await;
        let second = fixtures::enterprise(&market, "second", 2).await;
        let other = fixtures::enterprise(&market, "other", 3).await;
        let outsider = fixtures::enterprise(&market, "outsider", 4).await;
        let seller = fixtures::university(&market).await;
        let lot = asked(&market, &seller, NUMBER, &[&first, &second, &other]).await.lot;
        Self { market, seller, first, second, outsider, lot }
    }

    async fn seen(&self) -> Value {
        self.market.stranger.get(&format!("/v1/lots/{}", self.lot)).await.unwrap()
    }
}

fn answer(bidder: &Client, on: &Stage) -> Call {
    Call::post(bidder, format!("/v1/lots/{}/preemption-answer", on.lot), &json!({"takes": true}))
}

cases! {
    /// Answers.
    ANSWERS of Stage;
    answer_preemption, OwnLot, "a seller is not asked": |on| answer(&on.seller.client, on);
    answer_preemption, NotAdmitted, "who is not admitted is not asked": |on| answer(&on.outsider.client, on);
    answer_preemption, WrongState, "nobody answers before his turn": |on| answer(&on.second.client, on);
    answer_preemption, Stale, "who answers has seen the lot as it stands": |on| answer(&on.first.client, on).on_version(1);
    answer_preemption, BidderSuspended, "who is suspended does not take the lot": |on| {
        let admission = text(&on.first.client.get("/v1/admissions").await.unwrap()["items"][0]["id"]);
        on.market.staff.host.create(&format!("/v1/admissions/{admission}/suspend"), json!({"reason": "涉嫌串通"})).await.unwrap();
        answer(&on.first.client, on)
    };
    answer_preemption, Closed, "who answers too late does not take the lot": |on| {
        on.market.staff.move_clock(instant(&on.seen().await["closes_at"])).await.unwrap();
        answer(&on.first.client, on)
    };
    answer_preemption, WrongState, "who has let his time pass is asked no more": |on| {
        let closes_at = instant(&on.seen().await["closes_at"]);
        on.market.staff.move_clock(closes_at + TimeDelta::seconds(1)).await.unwrap();
        answer(&on.first.client, on)
    };
}

on_both! {
    async fn answers_that_do_not_count(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, ANSWERS).await;
        assert_eq!(told.to("nobody answers before his turn")["state"], "preemption_ask");
        assert!(told.to("who answers too late does not take the lot")["closes_at"].is_string());
    }
}
