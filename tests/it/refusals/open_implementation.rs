//! Patents that nobody uses: what is not said of them, and who does not decide.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::Party;

use super::listings::{appoint, insider, reason};
use super::{Call, cases, try_all};
use crate::authz::join;
use crate::common::{Market, fixtures};
use crate::on_both;
use crate::open_implementation::{address, claim, terms, unused};

/// A unit with patents on the list: of which nothing was said, something was, and an officer decided.
pub(super) struct Stage {
    market: Market,
    unit: Party,
    inside: Client,
    /// Said why of one for the unit, left it, and became a reviewer.
    turncoat: Client,
    by_turncoat: String,
    unsaid: String,
    claimed: String,
    excused: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let unit = fixtures::university(&market).await;
        let claimed_by = async |by: &Client, serial: u32| {
            let place = address(&unused(&unit, serial).await);
            by.create(&format!("{place}/claim"), claim(&unit).await).await.unwrap();
            place
        };
        let claimed = claimed_by(&unit.client, 1).await;
        let excused = claimed_by(&unit.client, 2).await;
        market.staff.reviewer.create(&format!("{excused}/decide"), json!({"accepted": true, "reason": "属实"})).await.unwrap();
        let (turncoat, membership) = join(&market, &unit, "t-urncoat", &["operator"]).await;
        let by_turncoat = claimed_by(&turncoat, 3).await;
        unit.client.act(&format!("/v1/memberships/{membership}/remove")).await.unwrap();
        appoint(&market, "t-urncoat", "reviewer").await;
        turncoat.prove().await.unwrap();
        Self {
            inside: insider(&market, &unit, "inside-five", "reviewer").await,
            unsaid: address(&unused(&unit, 4).await),
            market,
            unit,
            turncoat,
            by_turncoat,
            claimed,
            excused,
        }
    }
}

fn sets(by: &Client, place: &str, terms: &Value) -> Call {
    Call::of(by, Method::PUT, place).json(terms)
}

fn decides(by: &Client, place: &str, why: &str) -> Call {
    Call::post(by, format!("{place}/decide"), &json!({"accepted": true, "reason": why}))
}

cases! {
    /// Terms, claims, decisions.
    OPEN_IMPLEMENTATION of Stage;
    set_implementation_terms, WrongState, "of what is excused nothing more is said": |on| sets(&on.unit.client, &on.excused, &terms());
    set_implementation_terms, Invalid, "what is free costs nothing": |on| {
        let mut free = terms();
        free["method"] = json!("free_of_charge");
        sets(&on.unit.client, &on.unsaid, &free)
    };
    set_implementation_terms, Stale, "who says more has seen it as it stands": |on| sets(&on.unit.client, &on.unsaid, &terms()).on_version(77);
    claim_implementation, WrongState, "what waits for a decision is not claimed again": |on|
        Call::post(&on.unit.client, format!("{}/claim", on.claimed), &claim(&on.unit).await);
    claim_implementation, DocumentUnusable, "who claims shows it": |on| {
        let mut new = claim(&on.unit).await;
        new["document_id"] = json!(Uuid::new_v4());
        Call::post(&on.unit.client, format!("{}/claim", on.unsaid), &new)
    };
    claim_implementation, Invalid, "who claims says what": |on| {
        let mut new = claim(&on.unit).await;
        new["statement"] = json!(" ");
        Call::post(&on.unit.client, format!("{}/claim", on.unsaid), &new)
    };
    decide_implementation_claim, WrongState, "nothing was claimed": |on| decides(&on.market.staff.reviewer, &on.unsaid, "属实");
    decide_implementation_claim, SamePerson, "nobody decides on what he claimed": |on| decides(&on.turncoat, &on.by_turncoat, "属实");
    decide_implementation_claim, ConflictOfInterest, "nobody of the unit decides": |on| decides(&on.inside, &on.claimed, "属实");
    decide_implementation_claim, Invalid, "who decides says why": |on| decides(&on.market.staff.reviewer, &on.claimed, " ");
    // From here on the unit is not verified any more.
    set_implementation_terms, OrganisationNotVerified, "who sets terms is verified": |on| {
        on.market.staff.reviewer.create(&format!("/v1/organisations/{}/refuse", on.unit.organisation), reason()).await.unwrap();
        sets(&on.unit.client, &on.unsaid, &terms())
    };
    claim_implementation, OrganisationNotVerified, "who claims is verified": |on|
        Call::post(&on.unit.client, format!("{}/claim", on.unsaid), &json!({
            "claim": "good_reason", "statement": "正在中试", "document_id": Uuid::new_v4()
        }));
}

on_both! {
    async fn open_implementation(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, OPEN_IMPLEMENTATION).await;
        assert_eq!(told.to("what is free costs nothing")["errors"][0]["pointer"], json!("/fee"));
        assert_eq!(told.to("of what is excused nothing more is said")["allowed"], json!([]));
        let open = json!(["set_implementation_terms", "decide_implementation_claim"]);
        assert_eq!(told.to("what waits for a decision is not claimed again")["allowed"], open);
    }
}
