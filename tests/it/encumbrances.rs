//! Burdens on rights: entered, seen, cured, lifted; what one of several owners may do alone.

use chrono::TimeDelta;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhepai::client::Reply;
use zhepai::play::{Party, text};

use crate::authz::offer as listing_offer;
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::refused;
use crate::invariants::by_hand;
use crate::negotiations::paper;
use crate::on_both;
use crate::open_licences::patent;

/// The pledgee.
const BANK: &str = "杭州某银行";

/// A pledge that was registered in January.
pub fn pledge() -> Value {
    json!({
        "kind": "pledge",
        "since": "2026-01-15",
        "holder": BANK,
        "registry_number": "Y2026330000123",
        "source": "registry",
        "as_of": "2026-02-20T01:00:00Z"
    })
}

/// The pledgee's consent to some deeds.
pub async fn consent(owner: &Party, burden: &str, deeds: &[&str]) -> Value {
    json!({
        "kind": "pledgee",
        "burden_id": burden,
        "given_by": BANK,
        "deeds": deeds,
        "valid_from": "2026-02-01",
        "price_goes": "prepays",
        "document_id": paper(owner, "质权人同意书").await
    })
}

/// What the owners agree on: who signs an ordinary licence.
pub async fn agreement(owner: &Party, signed_by: Value) -> Value {
    json!({
        "clauses": [{"deeds": ["non_exclusive_licence"], "signed_by": signed_by}],
        "in_force_from": "2026-02-01",
        "document_id": paper(owner, "共有协议").await
    })
}

/// What lifts a burden.
pub async fn lifting(owner: &Party) -> Value {
    json!({"lifted_on": "2026-03-01", "document_id": paper(owner, "质押注销通知书").await})
}

/// A patent of a party's that another owns with it; its achievement and its id.
pub async fn shared(owner: &Party, serial: u32, other: &str) -> (String, String) {
    let (achievement, asset) = patent(owner, serial).await;
    let place = format!("/v1/assets/{asset}");
    let version = owner.client.get(&place).await.unwrap()["version"].as_i64().unwrap();
    let owners = json!([
        {"name": owner.name, "is_holder": true, "share_bp": 6_000},
        {"name": other, "is_holder": false, "share_bp": 4_000}
    ]);
    let change = owner.client.ask(Method::PATCH, &place).body(json!({"owners": owners})).on_version(version);
    change.send().await.unwrap().ok().unwrap();
    (achievement, asset)
}

/// A patent that two own, with a pledge an officer saw, the pledgee's consent, and what the owners agreed on.
pub struct Entered {
    /// The patent.
    pub asset: String,
    /// The pledge.
    pub burden: String,
    /// The consent.
    pub consent: String,
}

/// Enters all of that.
pub async fn entered(market: &Market, owner: &Party, serial: u32) -> Entered {
    let (_, asset) = shared(owner, serial, "某共有人").await;
    let burden = burdened(owner, &asset, pledge()).await;
    market.staff.reviewer.act(&format!("/v1/encumbrances/{burden}/see")).await.unwrap();
    let given = consent(owner, &burden, &["assignment"]).await;
    let consent = text(&owner.client.create(&format!("/v1/assets/{asset}/encumbrance-consents"), given).await.unwrap()["id"]);
    put(owner, &asset, agreement(owner, json!({"kind": "any_owner"})).await, None).await.ok().unwrap();
    Entered { asset, burden, consent }
}

/// Enters a burden; its id.
pub async fn burdened(owner: &Party, asset: &str, burden: Value) -> String {
    text(&owner.client.create(&format!("/v1/assets/{asset}/encumbrances"), burden).await.unwrap()["id"])
}

/// Puts an agreement in the place of the last, seen at a version if one is named.
pub async fn put(owner: &Party, asset: &str, agreement: Value, version: Option<i64>) -> Reply {
    let asking = owner.client.ask(Method::PUT, &format!("/v1/assets/{asset}/owners-agreement")).body(agreement);
    let asking = match version {
        Some(version) => asking.on_version(version),
        None => asking,
    };
    asking.send().await.unwrap()
}

/// Writes a listing of a right in a mode, with these burdens declared; its address, or why not.
pub async fn drafts(
    market: &Market,
    seller: &Party,
    (achievement, asset): (&str, &str),
    mode: &str,
    declared: Value,
) -> Result<String, Box<Reply>> {
    let mut offer = listing_offer(market, "一种许可的技术").await;
    offer["achievement_id"] = json!(achievement);
    offer["asset_ids"] = json!([asset]);
    offer["terms"] = match mode {
        "assignment" => json!({"mode": mode}),
        _ => json!({"mode": mode, "fields": ["all"], "territory": ["330000"], "months": 12, "sublicence": false}),
    };
    offer["declarations"]["encumbrances"] = declared;
    let made = seller.client.post("/v1/listings", offer).send().await.unwrap();
    if made.status == 201 { Ok(format!("/v1/listings/{}", text(&made.body["id"]))) } else { Err(Box::new(made)) }
}

/// Writes one and hands it in; the answer, whichever step gave it.
pub async fn hands_in(market: &Market, seller: &Party, right: (&str, &str), mode: &str, declared: Value) -> Reply {
    match drafts(market, seller, right, mode, declared).await {
        Ok(place) => seller.client.ask(Method::POST, &format!("{place}/submit")).send().await.unwrap(),
        Err(refusal) => *refusal,
    }
}

/// A pledge as an offer declares it, without a paper of its own.
pub fn declared() -> Value {
    json!([{"kind": "pledge", "description": "质押给杭州某银行"}])
}

/// What is found in the way of a deed.
async fn findings(owner: &Party, asset: &str, deed: &str) -> Value {
    owner.client.get(&format!("/v1/assets/{asset}/deed-findings?deed={deed}")).await.unwrap()
}

on_both! {
    /// A patent is pledged; nobody is licensed before the pledgee consents, and then no second paper is asked for.
    async fn a_pledged_patent_is_licensed_after_the_pledgees_consent(market) {
        let unit = university(&market).await;
        let (achievement, asset) = patent(&unit, 1).await;
        let right = (achievement.as_str(), asset.as_str());
        let burden = burdened(&unit, &asset, pledge()).await;
        let seen = market.staff.reviewer.act(&format!("/v1/encumbrances/{burden}/see")).await.unwrap();
        assert!(seen["seen_at"].is_string() && seen["stands"] == true, "{seen}");

        let problem = hands_in(&market, &unit, right, "non_exclusive_licence", json!([])).await;
        let faults: Vec<_> = refused(&problem, 422, "invalid")["errors"].as_array().unwrap().iter().map(|one| text(&one["code"])).collect();
        assert_eq!(faults, ["contradiction", "pledged"], "what is entered is declared");
        let problem = hands_in(&market, &unit, right, "non_exclusive_licence", declared()).await;
        assert_eq!(refused(&problem, 422, "declaration_missing")["errors"][0]["code"], "cure_missing");
        let found = findings(&unit, &asset, "non_exclusive_licence").await;
        assert_eq!((&found["allowed"], &found["findings"][0]["rule"]), (&json!(false), &json!("CC art. 444")));

        let given = consent(&unit, &burden, &["non_exclusive_licence", "licence_recordal"]).await;
        let place = format!("/v1/assets/{asset}/encumbrance-consents");
        let given = text(&unit.client.create(&place, given).await.unwrap()["id"]);
        let found = findings(&unit, &asset, "non_exclusive_licence").await;
        assert_eq!((&found["allowed"], &found["findings"][0]["code"]), (&json!(true), &json!("price_to_pledgee")));
        let listed = hands_in(&market, &unit, right, "non_exclusive_licence", declared()).await;
        assert_eq!(listed.ok().unwrap()["state"], "submitted");
        let problem = hands_in(&market, &unit, right, "assignment", declared()).await;
        assert_eq!(refused(&problem, 422, "declaration_missing")["errors"][0]["code"], "cure_missing", "it is for licences alone");

        let back = json!({"reason": "贷款提前到期"});
        let back = unit.client.create(&format!("/v1/encumbrance-consents/{given}/withdraw"), back).await.unwrap();
        assert_eq!(back["withdrawal_reason"], "贷款提前到期");
        let problem = hands_in(&market, &unit, right, "non_exclusive_licence", declared()).await;
        refused(&problem, 422, "declaration_missing");
        assert_eq!(unit.client.get(&place).await.unwrap()["items"].as_array().unwrap().len(), 1, "it stays to be read");
    }
}

on_both! {
    /// A burden is lifted with a paper; what stood before is told as of then.
    async fn what_stood_is_told_as_of_any_instant(market) {
        let unit = university(&market).await;
        let (achievement, asset) = patent(&unit, 1).await;
        let before = market.staff.now().await.unwrap() - TimeDelta::minutes(1);
        let burden = burdened(&unit, &asset, pledge()).await;
        market.pass(5).await;
        let between = market.staff.now().await.unwrap();
        market.pass(5).await;
        let lifted = unit.client.create(&format!("/v1/encumbrances/{burden}/lift"), lifting(&unit).await).await.unwrap();
        assert_eq!((&lifted["lifted_on"], &lifted["stands"]), (&json!("2026-03-01"), &json!(false)));
        let listed = hands_in(&market, &unit, (&achievement, &asset), "non_exclusive_licence", json!([])).await;
        assert_eq!(listed.ok().unwrap()["state"], "submitted", "it need not be declared any more");

        let place = format!("/v1/assets/{asset}/encumbrances");
        let at = async |at: Option<String>| {
            let query = at.map(|at| format!("?as_of={at}")).unwrap_or_default();
            unit.client.get(&format!("{place}{query}")).await.unwrap()["items"].clone()
        };
        let written = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        assert_eq!(at(Some(written(before))).await, json!([]), "nothing was entered yet");
        let then = at(Some(written(between))).await;
        assert_eq!((&then[0]["stands"], &then[0]["lifted_on"]), (&json!(true), &Value::Null));
        assert_eq!(at(None).await[0]["stands"], false);
        let stranger = market.stranger.look(&place).await.unwrap();
        refused(&stranger, 401, "not_signed_in");
    }
}

on_both! {
    /// Of a patent that two own one offers an ordinary licence alone, be it the one who did not register it; everything else needs both.
    async fn a_co_owner_alone_grants_non_exclusive_licences_only(market) {
        let (unit, partner) = (university(&market).await, enterprise(&market, "partner", 1).await);
        let rival = enterprise(&market, "rival", 2).await;
        let (achievement, asset) = shared(&unit, 1, &partner.name).await;
        let right = (achievement.as_str(), asset.as_str());

        let place = drafts(&market, &partner, right, "non_exclusive_licence", json!([])).await.map_err(|reply| reply.body).unwrap();
        partner.client.act(&format!("{place}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("{place}/take")).await.unwrap();
        assert_eq!(market.staff.reviewer.act(&format!("{place}/approve")).await.unwrap()["state"], "approved");
        for mode in ["exclusive_licence", "sole_licence", "assignment"] {
            let problem = hands_in(&market, &partner, right, mode, json!([])).await;
            assert_eq!(refused(&problem, 422, "invalid")["errors"][0]["pointer"], "/achievement_id", "{mode}");
            let problem = hands_in(&market, &unit, right, mode, json!([])).await;
            assert_eq!(refused(&problem, 422, "declaration_missing")["errors"][0]["code"], "consent_missing", "{mode}");
        }
        let problem = hands_in(&market, &rival, right, "non_exclusive_licence", json!([])).await;
        assert_eq!(refused(&problem, 422, "invalid")["errors"][0]["pointer"], "/achievement_id", "it owns nothing of it");

        let given = json!({
            "kind": "co_owner",
            "given_by": partner.name,
            "deeds": ["assignment"],
            "valid_from": "2026-02-01",
            "document_id": paper(&unit, "共有人同意书").await
        });
        unit.client.create(&format!("/v1/assets/{asset}/encumbrance-consents"), given).await.unwrap();
        let listed = hands_in(&market, &unit, right, "assignment", json!([])).await;
        assert_eq!(listed.ok().unwrap()["state"], "submitted", "the consent that is entered suffices");
    }
}

on_both! {
    /// What the owners agree on goes before the law, version after version.
    async fn what_owners_agree_on_goes_before_the_law(market) {
        let (unit, partner) = (university(&market).await, enterprise(&market, "partner", 1).await);
        let (achievement, asset) = shared(&unit, 1, &partner.name).await;
        let right = (achievement.as_str(), asset.as_str());
        let place = format!("/v1/assets/{asset}/owners-agreement");
        refused(&unit.client.look(&place).await.unwrap(), 404, "not_found");
        let first = put(&unit, &asset, agreement(&unit, json!({"kind": "all_owners"})).await, None).await;
        assert_eq!(first.ok().unwrap()["version"], 1);
        let problem = hands_in(&market, &partner, right, "non_exclusive_licence", json!([])).await;
        assert_eq!(refused(&problem, 422, "declaration_missing")["errors"][0]["code"], "consent_missing");
        let second = agreement(&unit, json!({"kind": "these", "owners": [partner.name]})).await;
        refused(&put(&unit, &asset, second.clone(), Some(7)).await, 412, "stale");
        assert_eq!(put(&unit, &asset, second, Some(1)).await.ok().unwrap()["version"], 2);
        let listed = hands_in(&market, &partner, right, "non_exclusive_licence", json!([])).await;
        assert_eq!(listed.ok().unwrap()["state"], "submitted");
        let problem = hands_in(&market, &unit, right, "non_exclusive_licence", json!([])).await;
        assert_eq!(refused(&problem, 422, "declaration_missing")["errors"][0]["code"], "consent_missing", "the other signs it");
        assert_eq!(unit.client.get(&place).await.unwrap()["clauses"][0]["signed_by"]["kind"], "these");
    }
}

on_both! {
    /// The walls behind the rules: what each kind needs, what is never kept, what is for whom, each step once.
    async fn the_database_keeps_what_the_rules_of_encumbrances_say(market) {
        let unit = university(&market).await;
        entered(&market, &unit, 1).await;
        let db = by_hand(&market).await;
        let burden = |kind: &str, holder: &str, suspends: &str| {
            format!(
                "INSERT INTO burden (id, asset_id, organisation_id, kind, since, holder, suspends, source, as_of, recorded_by, recorded_at) \
                 SELECT organisation_id, asset_id, organisation_id, '{kind}', since, {holder}, {suspends}, source, as_of, recorded_by, recorded_at \
                 FROM burden"
            )
        };
        let consent = |kind: &str, price: &str| {
            format!(
                "INSERT INTO burden_consent \
                 (id, asset_id, organisation_id, kind, burden_id, given_by, deeds, valid_from, price_goes, document, recorded_by, recorded_at) \
                 SELECT organisation_id, asset_id, organisation_id, '{kind}', burden_id, given_by, deeds, valid_from, {price}, document, \
                 recorded_by, recorded_at FROM burden_consent"
            )
        };
        for (wall, change) in [
            ("ck_burden_pledge", burden("pledge", "NULL", "false")),
            ("ck_burden_suspends", burden("secured", "NULL", "true")),
            ("ck_burden_secret", burden("state_secret", "'某单位'", "false")),
            ("ck_burden_consent_burden", consent("co_owner", "NULL")),
            ("ck_burden_consent_price", consent("pledgee", "NULL")),
        ] {
            let told = db.execute_unprepared(&change).await.unwrap_err().to_string();
            assert!(told.contains(wall), "{change}: {told}");
        }
        // On SQLite what keeps the table speaks first.
        let twice = "INSERT INTO burden_step SELECT * FROM burden_step";
        let told = db.execute_unprepared(twice).await.unwrap_err().to_string().to_lowercase();
        assert!(told.contains("unique") || told.contains("append_only"), "{told}");
    }
}
