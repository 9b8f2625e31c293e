//! What is filed with registries: what is not drafted, not handed in, not entered and not confirmed; what does not become a patent.

use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::{self, Party};

use super::listings::{insider, reason};
use super::{Call, cases, try_all};
use crate::common::{Market, fixtures};
use crate::negotiations::paper;
use crate::on_both;
use crate::open_licences::{listed, patent};
use crate::recordals::{application, defect, drafted, entry, grant, pledge, registered, sold, submitted, today, transfer};

/// Transfers of a unit's patents to a firm in several states, and an enterprise that nobody verifies any more.
pub(super) struct Stage {
    market: Market,
    unit: Party,
    firm: Party,
    fallen: Party,
    fallen_application: String,
    /// A reviewer who sits with the unit.
    inside_reviewer: Client,
    contract: String,
    patent: String,
    drafted: String,
    submitted: String,
    /// The unit entered what the register shows.
    entered: String,
    defective: String,
    registered: String,
    withdrawn: String,
    application: String,
    of_application: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let unit = fixtures::university(&market).await;
        let (firm, fallen) = (fixtures::enterprise(&market, "firm", 1).await, fixtures::enterprise(&market, "fallen", 2).await);
        let fallen_application = application(&fallen, 1).await.1;
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, reason()).await.unwrap();
        let of = async |serial: u32| {
            let (_, asset) = patent(&unit, serial).await;
            (drafted(&unit.client, transfer(&unit, &firm, &asset).await).await, asset)
        };
        let (drafted_one, patent) = of(2).await;
        let [(submitted_one, _), (entered, _), (defective, _), (registered_one, _), (withdrawn, _)] =
            [of(3).await, of(4).await, of(5).await, of(6).await, of(7).await];
        for place in [&submitted_one, &entered, &defective, &registered_one] {
            submitted(&market, &unit.client, place).await;
        }
        let shown = entry(today(&market).await, &paper(&unit, "手续合格通知书").await);
        unit.client.create(&format!("{entered}/registration"), shown).await.unwrap();
        defect(&market, &unit, &defective, 10).await;
        registered(&market, &unit, &firm.client, &registered_one).await;
        unit.client.create(&format!("{withdrawn}/withdraw"), reason()).await.unwrap();
        let (_, application) = application(&unit, 8).await;
        let of_application = drafted(&unit.client, transfer(&unit, &firm, &application).await).await;
        Self {
            inside_reviewer: insider(&market, &unit, "inside-one", "reviewer").await,
            contract: paper(&unit, "合同").await,
            market,
            unit,
            firm,
            fallen,
            fallen_application,
            patent,
            drafted: drafted_one,
            submitted: submitted_one,
            entered,
            defective,
            registered: registered_one,
            withdrawn,
            application,
            of_application,
        }
    }

    /// The unit sells another patent by a contract made elsewhere, with something changed.
    async fn sells(&self, serial: u32, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = sold(&self.firm, &patent(&self.unit, serial).await.1, &self.contract);
        change(&mut new);
        Call::post(&self.unit.client, "/v1/recordals", &new)
    }

    /// The unit hands in the transfer of another patent, of which something else is declared.
    async fn hands_in(&self, serial: u32, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = sold(&self.firm, &patent(&self.unit, serial).await.1, &self.contract);
        change(&mut new["declarations"]);
        let place = drafted(&self.unit.client, new).await;
        self.files(&place).await
    }

    async fn files(&self, place: &str) -> Call {
        post(&self.unit.client, place, "submit", &json!({"submitted_on": today(&self.market).await}))
    }

    /// Somebody enters what the register shows, by a paper.
    async fn enters(&self, by: &Client, place: &str, document: &str) -> Call {
        post(by, place, "registration", &entry(today(&self.market).await, document))
    }

    fn wants_mended(&self, place: &str, document: &str) -> Call {
        post(&self.unit.client, place, "defect", &json!({"defect": "签章", "reply_by": "2026-12-31", "document_id": document}))
    }

    /// An application of the unit's is granted under a number, by a paper.
    async fn grants(&self, number: &str, document: &str) -> Call {
        let new = grant(today(&self.market).await, number, document);
        Call::post(&self.unit.client, format!("/v1/assets/{}/grant", self.application), &new)
    }
}

fn post(by: &Client, place: &str, step: &str, body: &Value) -> Call {
    Call::post(by, format!("{place}/{step}"), body)
}

fn ended((by, place, step): (&Client, &str, &str), document: &str) -> Call {
    post(by, place, step, &json!({"reason": "理由", "document_id": document}))
}

/// A document that there is not.
fn nothing() -> String {
    Uuid::new_v4().to_string()
}

cases! {
    /// Drafted, handed in, mended, entered, confirmed; refused, taken back, rescinded; granted.
    RECORDALS of Stage;
    draft_recordal, OrganisationNotVerified, "who files was verified": |on| {
        Call::post(&on.fallen.client, "/v1/recordals", &sold(&on.firm, &on.fallen_application, &on.contract))
    };
    draft_recordal, RecordalOpen, "a right is transferred once at a time": |on|
        Call::post(&on.unit.client, "/v1/recordals", &sold(&on.firm, &on.patent, &on.contract));
    draft_recordal, AssetHeld, "what is on offer to one alone is not sold elsewhere": |on| {
        let (achievement, asset) = patent(&on.unit, 20).await;
        listed(&on.market, &on.unit, (&achievement, &asset), "exclusive_licence").await.ok().unwrap();
        Call::post(&on.unit.client, "/v1/recordals", &sold(&on.firm, &asset, &on.contract))
    };
    draft_recordal, DeclarationMissing, "all owners agree to what is pledged": |on| {
        let mut right = fixtures::patent_numbered(&on.unit, "ZL201610200331.9");
        right.body["owners"] = json!([
            {"name": on.unit.name, "is_holder": true, "share_bp": 6_000}, {"name": "某共有人", "is_holder": false, "share_bp": 4_000}
        ]);
        let (_, assets) = play::register(&on.unit, fixtures::achievement(), &[right]).await.unwrap();
        Call::post(&on.unit.client, "/v1/recordals", &pledge(&on.unit, &assets[0]).await)
    };
    draft_recordal, DocumentUnusable, "there is a contract": |on| on.sells(21, |new| new["document_id"] = json!(nothing())).await;
    draft_recordal, Invalid, "nobody sells what is another's": |on| on.sells(22, |new| new["asset_ids"] = json!([on.fallen_application])).await;
    draft_recordal, Invalid, "nobody sells to himself": |on|
        on.sells(23, |new| new["counterparty"] = json!({"organisation_id": on.unit.organisation})).await;
    draft_recordal, Invalid, "a contract has taken effect": |on| on.sells(24, |new| new["effective_on"] = json!("2099-01-01")).await;
    draft_recordal, Invalid, "a deal is the caller's": |on| on.sells(25, |new| {
        new.as_object_mut().unwrap().retain(|name, _| !matches!(name.as_str(), "counterparty" | "effective_on"));
        new["deal_id"] = json!(nothing());
    }).await;
    submit_recordal, WrongState, "what was taken back is not handed in": |on| on.files(&on.withdrawn).await;
    submit_recordal, NotRecordable, "what a court preserves stands still": |on|
        on.hands_in(26, |declared| declared["no_preservation"] = json!(false)).await;
    submit_recordal, NotRecordable, "what is pledged passes with the pledgee's consent": |on|
        on.hands_in(27, |declared| declared["pledged"] = json!(true)).await;
    submit_recordal, Invalid, "nothing is handed in before its contract": |on|
        post(&on.unit.client, &on.drafted, "submit", &json!({"submitted_on": "2026-03-01"}));
    record_recordal_defect, WrongState, "a registry wants nothing of a draft": |on| on.wants_mended(&on.drafted, &on.contract);
    record_recordal_defect, DocumentUnusable, "the registry says so in writing": |on| on.wants_mended(&on.submitted, &nothing());
    resubmit_recordal, WrongState, "nothing is mended that nobody asked for": |on|
        post(&on.unit.client, &on.submitted, "resubmit", &json!({"resubmitted_on": "2026-03-02"}));
    resubmit_recordal, Invalid, "nothing is mended tomorrow": |on|
        post(&on.unit.client, &on.defective, "resubmit", &json!({"resubmitted_on": "2099-01-01"}));
    enter_registration, WrongState, "a draft is in no register": |on| on.enters(&on.unit.client, &on.drafted, &on.contract).await;
    enter_registration, ConflictOfInterest, "an officer with a place there enters nothing": |on|
        on.enters(&on.inside_reviewer, &on.submitted, &on.contract).await;
    enter_registration, DocumentUnusable, "the register says so in writing": |on|
        on.enters(&on.unit.client, &on.submitted, &nothing()).await;
    confirm_registration, WrongState, "what nobody entered is not confirmed": |on| Call::act(&on.firm.client, format!("{}/confirm", on.submitted));
    confirm_registration, SamePerson, "nobody confirms what he entered": |on| Call::act(&on.unit.client, format!("{}/confirm", on.entered));
    confirm_registration, ConflictOfInterest, "an officer with a place there confirms nothing": |on|
        Call::act(&on.inside_reviewer, format!("{}/confirm", on.entered));
    record_recordal_refusal, WrongState, "a registry refuses no draft": |on|
        ended((&on.unit.client, &on.drafted, "refuse"), &on.contract);
    record_recordal_refusal, DocumentUnusable, "the registry refuses in writing": |on|
        ended((&on.unit.client, &on.submitted, "refuse"), &nothing());
    withdraw_recordal, WrongState, "what is in the register is not taken back": |on| post(&on.unit.client, &on.registered, "withdraw", &reason());
    withdraw_recordal, Invalid, "who takes it back says why": |on|
        post(&on.unit.client, &on.drafted, "withdraw", &json!({"reason": " "}));
    rescind_transfer, WrongState, "what was taken back is not rescinded": |on| {
        let shown = paper(&on.firm, "驳回决定").await;
        ended((&on.firm.client, &on.withdrawn, "rescind"), &shown)
    };
    rescind_transfer, StatusForbids, "what was not lost is not rescinded": |on| {
        let shown = paper(&on.firm, "驳回决定").await;
        ended((&on.firm.client, &on.drafted, "rescind"), &shown)
    };
    record_patent_grant, WrongState, "a patent is not granted again": |on| {
        let new = grant(today(&on.market).await, "ZL201610200331.9", &on.contract);
        Call::post(&on.unit.client, format!("/v1/assets/{}/grant", on.patent), &new)
    };
    record_patent_grant, OrganisationNotVerified, "who enters it was verified": |on| {
        let new = grant(today(&on.market).await, "ZL201610200331.9", &on.contract);
        Call::post(&on.fallen.client, format!("/v1/assets/{}/grant", on.fallen_application), &new)
    };
    record_patent_grant, IdentifierInvalid, "a number has its check digit": |on| on.grants("ZL201610200331.8", &on.contract).await;
    record_patent_grant, IdentifierTaken, "a number is one right's": |on| {
        let taken = on.unit.client.get(&format!("/v1/assets/{}", on.patent)).await.unwrap();
        on.grants(taken["identifier"]["number"].as_str().unwrap(), &on.contract).await
    };
    record_patent_grant, DocumentUnusable, "there is a certificate": |on| {
        let own = on.unit.client.get(&format!("/v1/assets/{}", on.application)).await.unwrap();
        on.grants(own["identifier"]["number"].as_str().unwrap(), &nothing()).await
    };
    record_patent_grant, Invalid, "nothing is granted before it was filed": |on| {
        let new = grant("2018-05-31", "ZL201610200331.9", &on.contract);
        Call::post(&on.unit.client, format!("/v1/assets/{}/grant", on.application), &new)
    };
    rescind_transfer, DocumentUnusable, "who rescinds shows by what": |on| {
        on.market.pass(1).await;
        play::read_status(&on.unit, &on.application, "rejected").await.unwrap();
        ended((&on.firm.client, &on.of_application, "rescind"), &nothing())
    };
}

on_both! {
    async fn recordals(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, RECORDALS).await;
        assert_eq!(told.to("what was taken back is not handed in")["allowed"], json!([]));
        assert_eq!(told.to("what a court preserves stands still")["errors"][0]["code"], json!("suspended"));
        assert_eq!(told.to("a registry wants nothing of a draft")["allowed"][0], json!("submit_recordal"));
        assert_eq!(told.to("nobody sells what is another's")["errors"][0]["pointer"], json!("/asset_ids"));
    }
}
