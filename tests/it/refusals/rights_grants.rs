//! Grants of rights: proposed, decided, announced, agreed on, registered, withdrawn.

use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::parties::{NewParty, found, invented_public_uscc};
use zhepai::play::{Party, text};

use super::listings::{appoint, insider, licensed_alone, reason};
use super::{Call, cases, try_all};
use crate::authz::{join, right};
use crate::common::play::PASSWORD;
use crate::common::{Market, fixtures};
use crate::negotiations::{accept, beginning, ends_at};
use crate::on_both;
use crate::rights_grants::{agreement, decision, entry, noticed, proposed, share, use_right};

/// Grants in each state, and some of a university that nobody verifies any more.
pub(super) struct Stage {
    market: Market,
    unit: Party,
    enterprise: Party,
    fallen: Party,
    decider: Client,
    fallen_decider: Client,
    /// Decided for the unit, left it, and became a publisher.
    turncoat: Client,
    /// A publisher who sits with the unit.
    insider: Client,
    proposed: String,
    /// Whose right a sale at a negotiated price holds.
    taken: String,
    decided: String,
    decided_by_turncoat: String,
    /// Announced here alone.
    unshown: String,
    /// Announced in both places for long enough.
    over: String,
    agreed: String,
    effective: String,
    fallen_proposed: String,
    fallen_decided: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let unit = fixtures::university(&market).await;
        let enterprise = fixtures::enterprise(&market, "buyer", 1).await;
        let fallen = fallen(&market).await;
        let (decider, _) = join(&market, &unit, "d-ecides", &["signatory"]).await;
        let (fallen_decider, _) = join(&market, &fallen, "f-alls", &["signatory"]).await;
        let (turncoat, place_of_turncoat) = join(&market, &unit, "t-urncoat", &["signatory"]).await;
        turncoat.prove().await.unwrap();
        let insider = insider(&market, &unit, "i-nsider", "publisher").await;

        let decided = async |of: &Party, by: &Client| {
            let place = proposed(of, "一种技术", use_right).await;
            by.create(&format!("{place}/decide"), decision(of).await).await.unwrap();
            place
        };
        let shown = async |new: fn((&str, &str)) -> Value| {
            let place = proposed(&unit, "一种技术", new).await;
            let notice = noticed(&market, &unit, &decider, &place).await;
            (place, notice)
        };
        let unshown = decided(&unit, &decider).await;
        crate::negotiations::publish(&market.staff.publisher, &unshown).await;
        let ((over, notice), (agreed, _), (effective, _)) = (shown(use_right).await, shown(share).await, shown(use_right).await);
        let stage = Self {
            proposed: proposed(&unit, "一种技术", use_right).await,
            taken: taken(&unit, &enterprise).await,
            decided: decided(&unit, &decider).await,
            decided_by_turncoat: decided(&unit, &turncoat).await,
            unshown,
            over,
            agreed,
            effective,
            fallen_proposed: proposed(&fallen, "一种技术", use_right).await,
            fallen_decided: decided(&fallen, &fallen_decider).await,
            market,
            unit,
            enterprise,
            fallen,
            decider,
            fallen_decider,
            turncoat,
            insider,
        };
        let end = ends_at(&stage.market, &notice).await;
        stage.market.staff.move_clock(end).await.unwrap();
        for place in [&stage.agreed, &stage.effective] {
            stage.decider.create(&format!("{place}/agree"), agreement(&stage.unit).await).await.unwrap();
        }
        stage.unit.client.act(&format!("/v1/memberships/{place_of_turncoat}/remove")).await.unwrap();
        appoint(&stage.market, "t-urncoat", "publisher").await;
        stage.turncoat.prove().await.unwrap();
        let refuse = format!("/v1/organisations/{}/refuse", stage.fallen.organisation);
        stage.market.staff.reviewer.create(&refuse, reason()).await.unwrap();
        stage
    }

    /// What a proposal takes, about the rights of one that is there.
    async fn like_proposed(&self) -> Value {
        let seen = self.unit.client.get(&self.proposed).await.unwrap();
        use_right((&text(&seen["achievement_id"]), &text(&seen["asset_ids"][0])))
    }

    /// The unit proposes another one with something changed.
    async fn proposes(&self, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = self.like_proposed().await;
        change(&mut new);
        Call::post(&self.unit.client, "/v1/rights-grants", &new)
    }

    async fn decides(&self, by: &Client, place: &str) -> Call {
        post(by, place, "decide", &decision(&self.unit).await)
    }

    /// Somebody publishes what was frozen.
    async fn publishes(&self, by: &Client, place: &str) -> Call {
        let drafted = self.market.staff.supervisor.get(place).await.unwrap()["drafted_sha256"].as_str().map(ToOwned::to_owned);
        post(by, place, "publish", &json!({"drafted_sha256": drafted.unwrap_or_else(|| "0".repeat(64))}))
    }

    fn shows(&self, place: &str, document: &str, on: &str) -> Call {
        post(&self.unit.client, place, "unit-notice", &json!({"document_id": document, "published_on": on, "place": "公告栏"}))
    }

    async fn agrees(&self, place: &str) -> Call {
        post(&self.decider, place, "agree", &agreement(&self.unit).await)
    }

    /// Reads the legal status of the right of a grant.
    async fn reads(&self, place: &str, status: &str) {
        let asset = text(&self.unit.client.get(place).await.unwrap()["asset_ids"][0]);
        zhepai::play::read_status(&self.unit, &asset, status).await.unwrap();
    }

    async fn paper(&self) -> String {
        crate::negotiations::paper(&self.unit, "文件").await
    }
}

/// A university that will not be verified for long.
async fn fallen(market: &Market) -> Party {
    let new = NewParty {
        email: "fallen@test.example".into(),
        password: PASSWORD.into(),
        kind: "university".into(),
        ownership: "state".into(),
        name: "另一所高校".into(),
        name_en: None,
        uscc: invented_public_uscc(2),
    };
    found(&market.stranger, &market.staff, &new).await.unwrap()
}

/// A grant of a right that was agreed to be sold.
async fn taken(unit: &Party, buyer: &Party) -> String {
    let (achievement, asset) = right(unit, "一种抢手的技术").await;
    let sale = beginning(unit, buyer, (&achievement, &asset), "100000.00").await;
    let sale = text(&unit.client.create("/v1/negotiations", sale).await.unwrap()["id"]);
    accept(&buyer.client, &format!("/v1/negotiations/{sale}")).await;
    let made = unit.client.create("/v1/rights-grants", use_right((&achievement, &asset))).await.unwrap();
    format!("/v1/rights-grants/{}", text(&made["id"]))
}

fn post(by: &Client, place: &str, step: &str, body: &Value) -> Call {
    Call::post(by, format!("{place}/{step}"), body)
}

fn nothing() -> Value {
    json!({"decision_document_id": Uuid::new_v4()})
}

cases! {
    /// From the proposal to the right.
    RIGHTS_GRANTS of Stage;
    propose_rights_grant, OrganisationNotVerified, "who grants was verified": |on|
        Call::post(&on.fallen.client, "/v1/rights-grants", &on.like_proposed().await);
    propose_rights_grant, MechanismNotAllowed, "who owns what he has gives it as he likes": |on|
        Call::post(&on.enterprise.client, "/v1/rights-grants", &on.like_proposed().await);
    propose_rights_grant, DeclarationMissing, "nothing in dispute is granted": |on|
        on.proposes(|new| new["declarations"]["no_dispute"] = json!(false)).await;
    propose_rights_grant, OutsideRule, "nine years are too few": |on| on.proposes(|new| new["use_months"] = json!(108)).await;
    propose_rights_grant, Invalid, "a team is of the completers": |on| on.proposes(|new| new["team"][0]["name"] = json!("旁人")).await;
    propose_rights_grant, Invalid, "the parts are the whole": |on| on.proposes(|new| new["team"][0]["share_bp"] = json!(9_999)).await;
    propose_rights_grant, Invalid, "a right to use has no share": |on| on.proposes(|new| new["share_bp"] = json!(1)).await;
    propose_rights_grant, Invalid, "a right is of the achievement": |on| on.proposes(|new| new["asset_ids"] = json!([Uuid::new_v4()])).await;
    decide_rights_grant, WrongState, "what is decided is not decided again": |on| on.decides(&on.decider, &on.decided).await;
    decide_rights_grant, SamePerson, "nobody decides what he proposed": |on| on.decides(&on.unit.client, &on.proposed).await;
    decide_rights_grant, OrganisationNotVerified, "who decides is still verified": |on|
        post(&on.fallen_decider, &on.fallen_proposed, "decide", &nothing());
    decide_rights_grant, DocumentUnusable, "a decision is the unit's own": |on| post(&on.decider, &on.proposed, "decide", &nothing());
    decide_rights_grant, AssetHeld, "what was agreed to be sold is not granted": |on| on.decides(&on.decider, &on.taken).await;
    decide_rights_grant, LicenceConflict, "what one is licensed alone is not granted to who made it": |on| {
        let place = proposed(&on.unit, "一种已独占许可的技术", use_right).await;
        let asset = text(&on.unit.client.get(&place).await.unwrap()["asset_ids"][0]);
        licensed_alone(&on.unit, &asset).await;
        on.decides(&on.decider, &place).await
    };
    decide_rights_grant, DeclarationMissing, "what others own too is not granted alone": |on| {
        let achievement = text(&on.unit.client.create("/v1/achievements", fixtures::achievement()).await.unwrap()["id"]);
        let body = json!({
            "title": "一种共有的技术",
            "details": {"kind": "other_tech", "public_abstract": "工艺"},
            "owners": [
                {"name": on.unit.name, "is_holder": true, "share_bp": 5_000},
                {"name": "某共有企业", "is_holder": false, "share_bp": 5_000}
            ]
        });
        let asset = text(&on.unit.client.create(&format!("/v1/achievements/{achievement}/assets"), body).await.unwrap()["id"]);
        let made = on.unit.client.create("/v1/rights-grants", use_right((&achievement, &asset))).await.unwrap();
        on.decides(&on.decider, &format!("/v1/rights-grants/{}", text(&made["id"]))).await
    };
    decide_rights_grant, ListingNotReady, "a legal status read too long ago is read again": |on| on.decides(&on.decider, &on.proposed).await;
    decide_rights_grant, StatusForbids, "a suspended right is not granted": |on| {
        let place = proposed(&on.unit, "一种中止的技术", use_right).await;
        on.reads(&place, "suspended").await;
        on.decides(&on.decider, &place).await
    };
    decide_rights_grant, Stale, "who decides has seen it as it stands": |on| on.decides(&on.decider, &on.proposed).await.on_version(77);
    publish_rights_grant, WrongState, "what is not decided is not published": |on| on.publishes(&on.market.staff.publisher, &on.proposed).await;
    publish_rights_grant, SamePerson, "nobody publishes what he decided": |on| on.publishes(&on.turncoat, &on.decided_by_turncoat).await;
    publish_rights_grant, ConflictOfInterest, "nobody of the unit publishes": |on| on.publishes(&on.insider, &on.decided).await;
    publish_rights_grant, OrganisationNotVerified, "who announces is still verified": |on|
        on.publishes(&on.market.staff.publisher, &on.fallen_decided).await;
    publish_rights_grant, ListingNotReady, "a legal status has become too old meanwhile": |on|
        on.publishes(&on.market.staff.publisher, &on.decided).await;
    publish_rights_grant, StatusForbids, "a right suspended meanwhile is not announced": |on| {
        on.reads(&on.decided, "suspended").await;
        on.publishes(&on.market.staff.publisher, &on.decided).await
    };
    publish_rights_grant, Invalid, "who publishes has read the text": |on|
        post(&on.market.staff.publisher, &on.decided, "publish", &json!({"drafted_sha256": "0".repeat(64)}));
    show_rights_grant_notice, WrongState, "a notice that is not public stands nowhere": |on|
        on.shows(&on.decided, &on.paper().await, "2026-03-02");
    show_rights_grant_notice, DocumentUnusable, "what shows it is the unit's own": |on|
        on.shows(&on.unshown, &Uuid::new_v4().to_string(), "2026-03-02");
    show_rights_grant_notice, Invalid, "it was not put up before it was decided": |on|
        on.shows(&on.unshown, &on.paper().await, "2026-03-01");
    agree_rights_grant, WrongState, "what is not announced is not agreed on": |on| on.agrees(&on.decided).await;
    agree_rights_grant, NoticeNotOver, "a unit shows that its own notice stood": |on| on.agrees(&on.unshown).await;
    agree_rights_grant, DocumentUnusable, "an agreement is the unit's own": |on|
        post(&on.decider, &on.over, "agree", &json!({"agreement_document_id": Uuid::new_v4()}));
    register_rights_grant, WrongState, "a right to use stands in no register": |on|
        post(&on.unit.client, &on.effective, "register", &entry(&on.market).await);
    register_rights_grant, Invalid, "the register shows what was agreed on before": |on|
        post(&on.unit.client, &on.agreed, "register", &json!({"registry_date": "2026-03-02", "registry_document": "1"}));
    read_rights_grant_evidence, WrongState, "there is evidence of a grant that was announced": |on|
        Call::get(&on.unit.client, format!("{}/evidence", on.proposed));
    withdraw_rights_grant, WrongState, "what they have is not withdrawn": |on| post(&on.unit.client, &on.effective, "withdraw", &reason());
    withdraw_rights_grant, ConflictOfInterest, "no officer of the unit ends it": |on| post(&on.insider, &on.proposed, "withdraw", &reason());
    withdraw_rights_grant, Invalid, "who withdraws says why": |on| post(&on.unit.client, &on.proposed, "withdraw", &json!({"reason": " "}));
}

on_both! {
    async fn grants_of_rights(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, RIGHTS_GRANTS).await;
        assert_eq!(told.to("nine years are too few")["name"], json!("rights_grant_least_use"));
        assert_eq!(told.to("nothing in dispute is granted")["errors"][0]["pointer"], json!("/declarations/no_dispute"));
        assert_eq!(told.to("a unit shows that its own notice stood")["waits_for"][0]["what"], json!("unit_notice"));
        assert_eq!(told.to("what is not decided is not published")["allowed"], json!(["decide_rights_grant", "withdraw_rights_grant"]));
    }
}
