//! Open licences: drafted, written anew, handed in, sent back, published, entered, withdrawn.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::listings::{appoint, insider, licensed_alone, reason};
use super::{Call, cases, try_all};
use crate::authz::{join, right};
use crate::common::play::cny;
use crate::common::{Market, fixtures};
use crate::on_both;
use crate::open_licences::{announced, declaration, drafted, entry, listed, patent, submitted, utility_model};

/// Declarations in each state, and some of an enterprise that nobody verifies any more.
pub(super) struct Stage {
    market: Market,
    unit: Party,
    fallen: Party,
    /// Wrote one and handed it in for the unit, left it, and became a publisher; what he handed in.
    turncoat: Client,
    by_turncoat: String,
    /// The same of a reviewer.
    renegade: Client,
    by_renegade: String,
    /// A publisher and a reviewer who sit with the unit.
    inside_publisher: Client,
    inside_reviewer: Client,
    drafted: String,
    submitted: String,
    announced: String,
    withdrawn: String,
    fallen_drafted: String,
    fallen_submitted: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let unit = fixtures::university(&market).await;
        let fallen = fixtures::enterprise(&market, "fallen", 1).await;
        let fallen_drafted = drafted(&fallen.client, declaration(&patent(&fallen, 1).await.1)).await;
        let fallen_submitted = submitted(&fallen, 2).await;
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, reason()).await.unwrap();
        let (turncoat, by_turncoat) = left(&market, &unit, ("t-urncoat", "publisher"), 3).await;
        let (renegade, by_renegade) = left(&market, &unit, ("r-enegade", "reviewer"), 4).await;
        let withdrawn = drafted(&unit.client, declaration(&patent(&unit, 5).await.1)).await;
        unit.client.create(&format!("{withdrawn}/withdraw"), reason()).await.unwrap();
        Self {
            inside_publisher: insider(&market, &unit, "inside-one", "publisher").await,
            inside_reviewer: insider(&market, &unit, "inside-two", "reviewer").await,
            drafted: drafted(&unit.client, declaration(&patent(&unit, 6).await.1)).await,
            submitted: submitted(&unit, 7).await,
            announced: announced(&market, &unit, 8).await,
            market,
            unit,
            fallen,
            turncoat,
            by_turncoat,
            renegade,
            by_renegade,
            withdrawn,
            fallen_drafted,
            fallen_submitted,
        }
    }

    /// The patent of a declaration.
    async fn patent_of(&self, place: &str) -> String {
        text(&self.market.staff.supervisor.get(place).await.unwrap()["asset_id"])
    }

    /// The unit declares the drafted one once more, with something changed.
    async fn declares(&self, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = declaration(&self.patent_of(&self.drafted).await);
        change(&mut new);
        Call::post(&self.unit.client, "/v1/open-licences", &new)
    }

    /// The unit writes one anew, with something changed.
    async fn replaces(&self, place: &str, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = declaration(&self.patent_of(place).await);
        change(&mut new);
        let version = self.unit.client.get(place).await.unwrap()["version"].as_i64().unwrap();
        Call::of(&self.unit.client, Method::PUT, place).json(&new).on_version(version)
    }

    /// Somebody publishes what was frozen.
    async fn publishes(&self, by: &Client, place: &str) -> Call {
        let frozen = self.market.staff.supervisor.get(place).await.unwrap()["drafted_sha256"].as_str().map(ToOwned::to_owned);
        post(by, place, "publish", &json!({"drafted_sha256": frozen.unwrap_or_else(|| "0".repeat(64))}))
    }

    /// The market's own publisher does.
    async fn published(&self, place: &str) -> Call {
        self.publishes(&self.market.staff.publisher, place).await
    }

    /// The unit hands the draft of another patent in, whose status was read as this.
    async fn hands_in(&self, serial: u32, status: &str) -> Call {
        let (_, asset) = patent(&self.unit, serial).await;
        self.reads(&asset, status).await;
        Call::act(&self.unit.client, format!("{}/submit", drafted(&self.unit.client, declaration(&asset)).await))
    }

    /// The legal status of a patent is read again, a minute later.
    async fn reads(&self, asset: &str, status: &str) {
        self.market.pass(1).await;
        play::read_status(&self.unit, asset, status).await.unwrap();
    }
}

/// Somebody who hands a declaration in for the unit, leaves it, and gets an office; its address.
async fn left(market: &Market, unit: &Party, (key, office): (&str, &str), serial: u32) -> (Client, String) {
    let (client, membership) = join(market, unit, key, &["operator"]).await;
    let place = drafted(&client, declaration(&patent(unit, serial).await.1)).await;
    client.act(&format!("{place}/submit")).await.unwrap();
    unit.client.act(&format!("/v1/memberships/{membership}/remove")).await.unwrap();
    appoint(market, key, office).await;
    client.prove().await.unwrap();
    (client, place)
}

fn post(by: &Client, place: &str, step: &str, body: &Value) -> Call {
    Call::post(by, format!("{place}/{step}"), body)
}

fn act(by: &Client, place: &str, step: &str) -> Call {
    Call::act(by, format!("{place}/{step}"))
}

cases! {
    /// From the draft to the withdrawal.
    OPEN_LICENCES of Stage;
    draft_open_licence, OrganisationNotVerified, "who declares was verified": |on| {
        let new = declaration(&on.patent_of(&on.fallen_drafted).await);
        Call::post(&on.fallen.client, "/v1/open-licences", &new)
    };
    draft_open_licence, DeclarationMissing, "fees are paid": |on| on.declares(|new| new["declarations"]["annuities_paid"] = json!(false)).await;
    draft_open_licence, DocumentUnusable, "a report is the patentee's own": |on|
        on.declares(|new| new["evaluation_document_id"] = json!(Uuid::new_v4())).await;
    draft_open_licence, Invalid, "no declaration praises itself": |on| on.declares(|new| new["payment"] = json!("首创技术，价格面议")).await;
    draft_open_licence, Invalid, "a licence costs something": |on| on.declares(|new| new["fee"]["amount"] = cny("0.00")).await;
    draft_open_licence, Invalid, "a royalty is a part": |on|
        on.declares(|new| new["fee"] = json!({"kind": "royalty", "rate_bp": 10_001, "base": "净销售额"})).await;
    draft_open_licence, Invalid, "licences end after they begin": |on| on.declares(|new| new["term_until"] = json!("2026-04-01")).await;
    draft_open_licence, Invalid, "no licence outlasts its patent": |on| on.declares(|new| new["term_until"] = json!("2038-06-02")).await;
    draft_open_licence, Invalid, "only what is one's own is licensed": |on| {
        let other = on.patent_of(&on.fallen_drafted).await;
        on.declares(|new| new["asset_id"] = json!(other)).await
    };
    draft_open_licence, Invalid, "only a patent is licensed so": |on| {
        let (_, asset) = right(&on.unit, "一种工艺").await;
        on.declares(|new| new["asset_id"] = json!(asset)).await
    };
    replace_open_licence, WrongState, "what is announced is not written anew": |on| on.replaces(&on.announced, |_| {}).await;
    replace_open_licence, OrganisationNotVerified, "who writes anew is still verified": |on| {
        let new = declaration(&on.patent_of(&on.fallen_drafted).await);
        Call::of(&on.fallen.client, Method::PUT, on.fallen_drafted.clone()).json(&new).on_version(1)
    };
    replace_open_licence, DeclarationMissing, "a declaration is not taken out again": |on|
        on.replaces(&on.drafted, |new| new["declarations"]["not_suspended"] = json!(false)).await;
    replace_open_licence, DocumentUnusable, "a consent is the patentee's own": |on|
        on.replaces(&on.drafted, |new| new["pledgee_consent_document_id"] = json!(Uuid::new_v4())).await;
    replace_open_licence, Stale, "who writes anew has seen it as it stands": |on| on.replaces(&on.drafted, |_| {}).await.on_version(77);
    submit_open_licence, WrongState, "what is handed in is not handed in again": |on| act(&on.unit.client, &on.submitted, "submit");
    submit_open_licence, OrganisationNotVerified, "who hands in is still verified": |on| act(&on.fallen.client, &on.fallen_drafted, "submit");
    submit_open_licence, StatusForbids, "what is suspended is not licensed": |on| on.hands_in(20, "suspended").await;
    submit_open_licence, StatusForbids, "nor is what is overdue": |on| on.hands_in(21, "annuity_grace").await;
    submit_open_licence, StatusForbids, "nor is what is not granted": |on| on.hands_in(22, "in_exam").await;
    submit_open_licence, DeclarationMissing, "a utility model has its report": |on| {
        let mut new = declaration(&utility_model(&on.unit, 23).await);
        new["term_until"] = json!("2028-04-01");
        act(&on.unit.client, &drafted(&on.unit.client, new).await, "submit")
    };
    submit_open_licence, DeclarationMissing, "all declare what they own together": |on| {
        let (_, asset) = patent(&on.unit, 24).await;
        let owners = json!([
            {"name": on.unit.name, "is_holder": true, "share_bp": 6_000},
            {"name": "某共有人", "is_holder": false, "share_bp": 4_000}
        ]);
        let place = format!("/v1/assets/{asset}");
        let version = on.unit.client.get(&place).await.unwrap()["version"].as_i64().unwrap();
        let change = on.unit.client.ask(Method::PATCH, &place).body(json!({"owners": owners})).on_version(version);
        change.send().await.unwrap().ok().unwrap();
        act(&on.unit.client, &drafted(&on.unit.client, declaration(&asset)).await, "submit")
    };
    submit_open_licence, AssetHeld, "a patent is declared once": |on| {
        let new = declaration(&on.patent_of(&on.announced).await);
        act(&on.unit.client, &drafted(&on.unit.client, new).await, "submit")
    };
    submit_open_licence, LicenceConflict, "what one is licensed alone is not declared to all": |on| {
        let (_, asset) = patent(&on.unit, 27).await;
        licensed_alone(&on.unit, &asset).await;
        act(&on.unit.client, &drafted(&on.unit.client, declaration(&asset)).await, "submit")
    };
    return_open_licence, WrongState, "what is not handed in is not sent back": |on|
        post(&on.market.staff.reviewer, &on.drafted, "return", &reason());
    return_open_licence, SamePerson, "nobody looks at what he handed in": |on| post(&on.renegade, &on.by_renegade, "return", &reason());
    return_open_licence, ConflictOfInterest, "nobody of the unit looks at it": |on| post(&on.inside_reviewer, &on.submitted, "return", &reason());
    return_open_licence, Invalid, "who sends back says why": |on|
        post(&on.market.staff.reviewer, &on.submitted, "return", &json!({"reason": " "}));
    publish_open_licence, WrongState, "what is not handed in is not published": |on| on.published(&on.drafted).await;
    publish_open_licence, SamePerson, "nobody publishes what he handed in": |on| on.publishes(&on.turncoat, &on.by_turncoat).await;
    publish_open_licence, ConflictOfInterest, "nobody of the unit publishes": |on| on.publishes(&on.inside_publisher, &on.submitted).await;
    publish_open_licence, OrganisationNotVerified, "who announces is still verified": |on| on.published(&on.fallen_submitted).await;
    publish_open_licence, Invalid, "who publishes has read the text": |on|
        post(&on.market.staff.publisher, &on.submitted, "publish", &json!({"drafted_sha256": "0".repeat(64)}));
    publish_open_licence, StatusForbids, "what ended meanwhile is not announced": |on| {
        let place = submitted(&on.unit, 25).await;
        on.reads(&on.patent_of(&place).await, "ceased_nonpayment").await;
        on.published(&place).await
    };
    publish_open_licence, AssetHeld, "what was offered to one alone meanwhile is not announced": |on| {
        let place = submitted(&on.unit, 26).await;
        let seen = on.unit.client.get(&place).await.unwrap();
        let (achievement, asset) = (text(&seen["achievement_id"]), text(&seen["asset_id"]));
        listed(&on.market, &on.unit, (&achievement, &asset), "exclusive_licence").await.ok().unwrap();
        on.published(&place).await
    };
    record_cnipa_announcement, WrongState, "the office announces what is announced": |on|
        post(&on.unit.client, &on.submitted, "cnipa", &entry());
    record_cnipa_announcement, Invalid, "the office announced it by today": |on|
        post(&on.unit.client, &on.announced, "cnipa", &json!({"number": "1", "announced_on": "2026-12-31"}));
    read_open_licence_evidence, WrongState, "there is evidence of a licence that was announced": |on|
        Call::get(&on.unit.client, format!("{}/evidence", on.submitted));
    withdraw_open_licence, WrongState, "what is withdrawn is not withdrawn again": |on| post(&on.unit.client, &on.withdrawn, "withdraw", &reason());
    withdraw_open_licence, ConflictOfInterest, "no officer of the unit ends it": |on|
        post(&on.inside_publisher, &on.announced, "withdraw", &reason());
    withdraw_open_licence, Invalid, "who withdraws says why": |on|
        post(&on.unit.client, &on.announced, "withdraw", &json!({"reason": " "}));
    // From here on every status is old.
    submit_open_licence, ListingNotReady, "a status is read lately": |on| {
        let now = on.market.staff.now().await.unwrap();
        on.market.staff.move_clock(now + TimeDelta::days(8)).await.unwrap();
        act(&on.unit.client, &on.drafted, "submit")
    };
    publish_open_licence, ListingNotReady, "a status that grew old is read again": |on| on.published(&on.submitted).await;
}

on_both! {
    async fn open_licences(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, OPEN_LICENCES).await;
        assert_eq!(told.to("no declaration praises itself")["errors"][0]["pointer"], json!("/payment"));
        assert_eq!(told.to("fees are paid")["errors"][0]["pointer"], json!("/declarations/annuities_paid"));
        assert_eq!(told.to("a utility model has its report")["errors"][0]["pointer"], json!("/evaluation_document_id"));
        assert_eq!(told.to("nor is what is overdue")["legal_status"], json!("annuity_grace"));
        let allowed = json!(["replace_open_licence", "submit_open_licence", "withdraw_open_licence"]);
        assert_eq!(told.to("what is not handed in is not published")["allowed"], allowed);
        assert!(told.to("a patent is declared once")["open_licence_id"].is_string());
    }
}
