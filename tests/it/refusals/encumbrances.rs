//! Burdens on rights: entered, seen, lifted; consents and agreements of owners.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::{Party, text};

use super::listings::{appoint, insider, reason};
use super::{Call, cases, try_all};
use crate::authz::join;
use crate::common::{Market, fixtures};
use crate::encumbrances::{self, Entered, agreement, burdened, consent, declared, drafts, lifting, pledge};
use crate::on_both;
use crate::open_licences::patent;

/// What a unit entered, and what an enterprise did that nobody verifies any more.
pub(super) struct Stage {
    market: Market,
    unit: Party,
    entered: Entered,
    fallen: Party,
    by_fallen: Entered,
    /// A burden nobody saw, and one that was lifted.
    unseen: String,
    lifted: String,
    /// Entered a burden for the unit, left it, and became a reviewer; that burden.
    renegade: Client,
    by_renegade: String,
    /// A reviewer who sits with the unit.
    inside_reviewer: Client,
    /// A listing of what is pledged, which a reviewer took, and the consent it rests on.
    taken: String,
    relied_on: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let unit = fixtures::university(&market).await;
        let fallen = fixtures::enterprise(&market, "fallen", 1).await;
        let by_fallen = encumbrances::entered(&market, &fallen, 1).await;
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, reason()).await.unwrap();
        let entered = encumbrances::entered(&market, &unit, 2).await;
        let secures = json!({"kind": "secured", "since": "2026-01-15", "source": "registry", "as_of": "2026-02-20T01:00:00Z"});
        let unseen = burdened(&unit, &entered.asset, secures).await;
        let lifted = burdened(&unit, &entered.asset, pledge()).await;
        unit.client.create(&format!("/v1/encumbrances/{lifted}/lift"), lifting(&unit).await).await.unwrap();
        let (renegade, by_renegade) = Self::left(&market, &unit, &entered.asset).await;
        let (taken, relied_on) = Self::taken(&market, &unit).await;
        Self {
            inside_reviewer: insider(&market, &unit, "inside-two", "reviewer").await,
            market,
            unit,
            entered,
            fallen,
            by_fallen,
            unseen,
            lifted,
            renegade,
            by_renegade,
            taken,
            relied_on,
        }
    }

    /// Somebody who enters a burden for the unit, leaves it, and becomes a reviewer.
    async fn left(market: &Market, unit: &Party, asset: &str) -> (Client, String) {
        let (client, membership) = join(market, unit, "r-enegade", &["operator"]).await;
        let entered = client.create(&format!("/v1/assets/{asset}/encumbrances"), pledge()).await.unwrap();
        unit.client.act(&format!("/v1/memberships/{membership}/remove")).await.unwrap();
        appoint(market, "r-enegade", "reviewer").await;
        client.prove().await.unwrap();
        (client, text(&entered["id"]))
    }

    /// A listing of a pledged patent that rests on the pledgee's consent and waits for a decision; and that consent.
    async fn taken(market: &Market, unit: &Party) -> (String, String) {
        let (achievement, asset) = patent(unit, 3).await;
        let burden = burdened(unit, &asset, pledge()).await;
        let given = consent(unit, &burden, &["non_exclusive_licence"]).await;
        let given = unit.client.create(&format!("/v1/assets/{asset}/encumbrance-consents"), given).await.unwrap();
        let place = drafts(market, unit, (&achievement, &asset), "non_exclusive_licence", declared()).await;
        let place = place.map_err(|reply| reply.body).unwrap();
        unit.client.act(&format!("{place}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("{place}/take")).await.unwrap();
        (place, text(&given["id"]))
    }

    /// The unit enters a pledge with something changed.
    fn enters(&self, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = pledge();
        change(&mut new);
        Call::post(&self.unit.client, format!("/v1/assets/{}/encumbrances", self.entered.asset), &new)
    }

    /// The unit hands the pledgee's consent in with something changed.
    async fn consents(&self, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = consent(&self.unit, &self.entered.burden, &["assignment"]).await;
        change(&mut new);
        Call::post(&self.unit.client, format!("/v1/assets/{}/encumbrance-consents", self.entered.asset), &new)
    }

    /// The unit lifts the pledge with something changed.
    async fn lifts(&self, burden: &str, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = lifting(&self.unit).await;
        change(&mut new);
        Call::post(&self.unit.client, format!("/v1/encumbrances/{burden}/lift"), &new)
    }

    /// The unit enters what the owners agreed on with something changed.
    async fn agrees(&self, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = agreement(&self.unit, json!({"kind": "all_owners"})).await;
        change(&mut new);
        Call::of(&self.unit.client, Method::PUT, format!("/v1/assets/{}/owners-agreement", self.entered.asset)).json(&new)
    }
}

fn sees(by: &Client, burden: &str) -> Call {
    Call::act(by, format!("/v1/encumbrances/{burden}/see"))
}

fn withdraws(by: &Client, consent: &str, reason: &Value) -> Call {
    Call::post(by, format!("/v1/encumbrance-consents/{consent}/withdraw"), reason)
}

cases! {
    /// Burdens, what cures them, what owners agree on.
    ENCUMBRANCES of Stage;
    record_encumbrance, OrganisationNotVerified, "who enters a burden is verified": |on|
        Call::post(&on.fallen.client, format!("/v1/assets/{}/encumbrances", on.by_fallen.asset), &pledge());
    record_encumbrance, DocumentUnusable, "a burden rests on a document there is": |on|
        on.enters(|new| new["document_id"] = json!(Uuid::new_v4()));
    record_encumbrance, Invalid, "a pledge names its pledgee": |on| on.enters(|new| new["holder"] = Value::Null);
    record_encumbrance, Invalid, "of a secret nothing is told": |on| on.enters(|new| new["kind"] = json!("state_secret"));
    see_encumbrance, WrongState, "a burden is seen once": |on| sees(&on.market.staff.reviewer, &on.entered.burden);
    see_encumbrance, WrongState, "what was lifted is not seen any more": |on| sees(&on.market.staff.reviewer, &on.lifted);
    see_encumbrance, SamePerson, "nobody sees what he entered": |on| sees(&on.renegade, &on.by_renegade);
    see_encumbrance, ConflictOfInterest, "nobody of the owner sees it": |on| sees(&on.inside_reviewer, &on.unseen);
    lift_encumbrance, WrongState, "a burden is lifted once": |on| on.lifts(&on.lifted, |_| {}).await;
    lift_encumbrance, OrganisationNotVerified, "who lifts is still verified": |on|
        Call::post(&on.fallen.client, format!("/v1/encumbrances/{}/lift", on.by_fallen.burden), &lifting(&on.unit).await);
    lift_encumbrance, DocumentUnusable, "a paper lifts it": |on|
        on.lifts(&on.entered.burden, |new| new["document_id"] = json!(Uuid::new_v4())).await;
    lift_encumbrance, Invalid, "nothing is lifted tomorrow": |on|
        on.lifts(&on.entered.burden, |new| new["lifted_on"] = json!("2099-01-01")).await;
    record_encumbrance_consent, OrganisationNotVerified, "who hands a consent in is verified": |on| {
        let given = consent(&on.unit, &on.by_fallen.burden, &["assignment"]).await;
        Call::post(&on.fallen.client, format!("/v1/assets/{}/encumbrance-consents", on.by_fallen.asset), &given)
    };
    record_encumbrance_consent, DocumentUnusable, "a consent is a paper": |on|
        on.consents(|new| new["document_id"] = json!(Uuid::new_v4())).await;
    record_encumbrance_consent, Invalid, "only who has the pledge consents": |on| on.consents(|new| new["given_by"] = json!("另一银行")).await;
    record_encumbrance_consent, Invalid, "another's burden is unknown": |on| {
        let other = on.by_fallen.burden.clone();
        on.consents(|new| new["burden_id"] = json!(other)).await
    };
    withdraw_encumbrance_consent, OrganisationNotVerified, "who takes a consent back is verified": |on|
        withdraws(&on.fallen.client, &on.by_fallen.consent, &reason());
    withdraw_encumbrance_consent, Invalid, "who takes a consent back says why": |on|
        withdraws(&on.unit.client, &on.entered.consent, &json!({"reason": " "}));
    withdraw_encumbrance_consent, WrongState, "a consent is taken back once": |on| {
        let place = format!("/v1/encumbrance-consents/{}/withdraw", on.entered.consent);
        on.unit.client.create(&place, reason()).await.unwrap();
        withdraws(&on.unit.client, &on.entered.consent, &reason())
    };
    put_owners_agreement, OrganisationNotVerified, "whose owners agree is verified": |on| {
        let new = agreement(&on.unit, json!({"kind": "all_owners"})).await;
        Call::of(&on.fallen.client, Method::PUT, format!("/v1/assets/{}/owners-agreement", on.by_fallen.asset)).json(&new)
    };
    put_owners_agreement, DocumentUnusable, "an agreement is a paper": |on|
        on.agrees(|new| new["document_id"] = json!(Uuid::new_v4())).await;
    put_owners_agreement, Stale, "who agrees anew has seen what was agreed on": |on| on.agrees(|_| {}).await.on_version(77);
    put_owners_agreement, Invalid, "only owners sign": |on|
        on.agrees(|new| new["clauses"][0]["signed_by"] = json!({"kind": "these", "owners": ["某人"]})).await;
    // A consent was taken back after the listing had been handed in with it.
    approve_listing, DeclarationMissing, "what is not cured any more is not approved": |on| {
        on.unit.client.create(&format!("/v1/encumbrance-consents/{}/withdraw", on.relied_on), reason()).await.unwrap();
        Call::act(&on.market.staff.reviewer, format!("{}/approve", on.taken))
    };
}

on_both! {
    async fn encumbrances_and_consents(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, ENCUMBRANCES).await;
        assert_eq!(told.to("a pledge names its pledgee")["errors"][0]["pointer"], json!("/holder"));
        assert_eq!(told.to("of a secret nothing is told")["errors"][0]["code"], json!("never_kept"));
        assert_eq!(told.to("only who has the pledge consents")["errors"][0]["pointer"], json!("/given_by"));
        assert_eq!(told.to("another's burden is unknown")["errors"][0]["pointer"], json!("/burden_id"));
        assert_eq!(told.to("a burden is seen once")["allowed"], json!(["lift_encumbrance"]));
        told.say_what_is_allowed("");
    }
}
