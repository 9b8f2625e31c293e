//! Scores of bidders.

use serde_json::{Value, json};
use zhepai::client::Client;

use super::{Call, cases, try_all};
use crate::common::{Market, fixtures};
use crate::on_both;
use crate::weighted::{admission, announced, scores};

/// A lot judged by indicators whose registration has closed, with a bidder, and one whose registration is open.
pub(super) struct Stage {
    market: Market,
    open: String,
    early: String,
    bidder: String,
    early_bidder: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let bidder = fixtures::enterprise(&market, "bidder", 1).await;
        let open = announced(&market, &seller, "一种正在评审的技术", &[&bidder]).await;
        market.pass(2).await;
        let early = announced(&market, &seller, "一种尚在报名的技术", &[&bidder]).await;
        let (first, second) = (admission(&bidder, &open).await, admission(&bidder, &early).await);
        Self { market, open, early, bidder: first, early_bidder: second }
    }
}

fn score(officer: &Client, lot: &str, admission: &str, scores: &Value) -> Call {
    let body = json!({"admission_id": admission, "scores": scores, "protocol": "评审记录 2026-017"});
    Call::post(officer, format!("/v1/lots/{lot}/scores"), &body)
}

fn sound() -> Value {
    scores("优", ["80.00"; 5])
}

cases! {
    /// Scores of bidders.
    SCORES of Stage;
    record_scores, WrongState, "nobody is scored before registration has closed": |on|
        score(&on.market.staff.host, &on.early, &on.early_bidder, &sound());
    record_scores, SamePerson, "who reviewed the listing scores nobody": |on|
        score(&on.market.staff.reviewer, &on.open, &on.bidder, &sound());
    record_scores, Invalid, "only bidders of the lot are scored": |on|
        score(&on.market.staff.host, &on.open, &on.early_bidder, &sound());
    record_scores, Invalid, "a level is one of the table": |on|
        score(&on.market.staff.host, &on.open, &on.bidder, &scores("特优", ["80.00"; 5]));
    record_scores, Invalid, "points are a hundred at most": |on|
        score(&on.market.staff.host, &on.open, &on.bidder, &scores("优", ["80.00", "80.00", "80.00", "80.00", "100.01"]));
}

on_both! {
    async fn bidders_who_are_not_scored(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, SCORES).await;
        assert_eq!(told.to("a level is one of the table")["errors"][0]["pointer"], "/scores/0");
        assert_eq!(told.to("only bidders of the lot are scored")["errors"][0]["pointer"], "/admission_id");
    }
}
