//! The register of licences: what is not entered, and what is not done to a licence.

use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::play::{Party, text};

use super::listings::reason;
use super::{Call, cases, try_all};
use crate::common::{Market, fixtures};
use crate::encumbrances::pledge;
use crate::licences::{entered, new, scope};
use crate::negotiations::paper;
use crate::on_both;
use crate::open_licences::{listed, patent};

/// A unit with licences that stand and one that ended, and an enterprise that nobody verifies any more.
pub(super) struct Stage {
    market: Market,
    unit: Party,
    firm: Party,
    fallen: Party,
    fallen_asset: String,
    asset: String,
    contract: String,
    /// Exclusive and with a right to license under it, of fields `06` in Zhejiang, held by the firm; and what ended.
    exclusive: String,
    ended: String,
    /// Held by the one that nobody verifies any more, with a right to license under it.
    of_fallen: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let unit = fixtures::university(&market).await;
        let (firm, fallen) = (fixtures::enterprise(&market, "firm", 1).await, fixtures::enterprise(&market, "fallen", 2).await);
        let fallen_asset = patent(&fallen, 1).await.1;
        let (asset, contract) = (patent(&unit, 2).await.1, paper(&unit, "许可合同").await);
        let to = async |party: &Party, mode: &str, fields: &[&str]| {
            let mut licence = new(&unit, &asset, mode, scope(fields, &["330000"], 2030)).await;
            licence["grantee"] = json!({"organisation_id": party.organisation});
            licence["may_sublicense"] = json!(true);
            format!("/v1/licences/{}", entered(&unit.client, &licence).await)
        };
        let exclusive = to(&firm, "exclusive", &["06"]).await;
        let (of_fallen, ended) = (to(&fallen, "non_exclusive", &["09"]).await, to(&firm, "non_exclusive", &["11"]).await);
        let end = json!({"reason": "双方协议解除", "document_id": paper(&unit, "解除协议").await});
        unit.client.create(&format!("{ended}/terminate"), end).await.unwrap();
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, reason()).await.unwrap();
        Self { market, unit, firm, fallen, fallen_asset, asset, contract, exclusive, ended, of_fallen }
    }

    /// The unit enters a licence that nothing is in the way of, with something changed.
    fn enters(&self, change: impl FnOnce(&mut Value)) -> Call {
        let mut licence = json!({
            "asset_ids": [self.asset], "mode": "non_exclusive", "scope": scope(&["04"], &["all"], 2030),
            "grantee": {"name": "某企业"}, "document_id": self.contract
        });
        change(&mut licence);
        Call::post(&self.unit.client, "/v1/licences", &licence)
    }

    /// Somebody licenses another under a licence, by a paper.
    fn licenses_under(by: &Party, place: &str, document: &str) -> Call {
        let under = json!({"scope": scope(&["06.01"], &["330100"], 2029), "grantee": {"name": "某企业"}, "document_id": document});
        Call::post(&by.client, format!("{place}/sub-licences"), &under)
    }
}

cases! {
    /// Entered, licensed under, ended.
    LICENCES of Stage;
    record_licence, OrganisationNotVerified, "who grants was verified": |on| {
        let licence = json!({
            "asset_ids": [on.fallen_asset], "mode": "non_exclusive", "scope": scope(&["04"], &["all"], 2030),
            "grantee": {"name": "某企业"}, "document_id": on.contract
        });
        Call::post(&on.fallen.client, "/v1/licences", &licence)
    };
    record_licence, LicenceConflict, "what one has alone nobody else gets": |on|
        on.enters(|licence| licence["scope"] = scope(&["06.01"], &["330100"], 2030));
    record_licence, AssetHeld, "what is on offer to one alone is not licensed": |on| {
        let (achievement, asset) = patent(&on.unit, 10).await;
        listed(&on.market, &on.unit, (&achievement, &asset), "exclusive_licence").await.ok().unwrap();
        on.enters(|licence| licence["asset_ids"] = json!([asset]))
    };
    record_licence, DeclarationMissing, "all agree to what one is to have alone": |on| {
        let mut right = fixtures::patent_numbered(&on.unit, "ZL201610200331.9");
        right.body["owners"] = json!([
            {"name": on.unit.name, "is_holder": true, "share_bp": 6_000}, {"name": "某共有人", "is_holder": false, "share_bp": 4_000}
        ]);
        let (_, assets) = zhepai::play::register(&on.unit, fixtures::achievement(), &[right]).await.unwrap();
        on.enters(|licence| (licence["asset_ids"], licence["mode"]) = (json!(assets), json!("sole")))
    };
    record_licence, StatusForbids, "what is pledged is licensed with the pledgee's consent": |on| {
        let (_, asset) = patent(&on.unit, 11).await;
        on.unit.client.create(&format!("/v1/assets/{asset}/encumbrances"), pledge()).await.unwrap();
        on.enters(|licence| licence["asset_ids"] = json!([asset]))
    };
    record_licence, DocumentUnusable, "there is a contract": |on| on.enters(|licence| licence["document_id"] = json!(Uuid::new_v4()));
    record_licence, Invalid, "nobody licenses what is another's": |on| on.enters(|licence| licence["asset_ids"] = json!([on.fallen_asset]));
    record_licence, Invalid, "nobody licenses himself": |on|
        on.enters(|licence| licence["grantee"] = json!({"organisation_id": on.unit.organisation}));
    record_licence, Invalid, "it is said to whom": |on| on.enters(|licence| licence["grantee"] = json!({}));
    record_licence, Invalid, "an empty territory is none": |on| on.enters(|licence| licence["scope"]["territory"] = json!([]));
    record_licence, Invalid, "what is tried ends": |on| on.enters(|licence| {
        licence["mode"] = json!("trial");
        licence["scope"].as_object_mut().unwrap().remove("until");
    });
    record_licence, Invalid, "an open licence is taken from its declaration": |on| on.enters(|licence| licence["mode"] = json!("open"));
    record_licence, Invalid, "it is given for what was given": |on|
        on.enters(|licence| licence["counterpart_id"] = json!(Uuid::new_v4()));
    record_licence, Invalid, "only what stands is accepted": |on| {
        let ended = on.ended.rsplit('/').next().unwrap().to_owned();
        on.enters(|licence| licence["carve_outs"] = json!([ended]))
    };
    grant_sub_licence, WrongState, "nothing is licensed under what ended": |on| {
        Stage::licenses_under(&on.firm, &on.ended, &paper(&on.firm, "分许可合同").await)
    };
    grant_sub_licence, OrganisationNotVerified, "who licenses under it was verified": |on|
        Stage::licenses_under(&on.fallen, &on.of_fallen, &on.contract);
    grant_sub_licence, DocumentUnusable, "there is a contract for that": |on| Stage::licenses_under(&on.firm, &on.exclusive, &on.contract);
    grant_sub_licence, Invalid, "it covers no more": |on| {
        let under = json!({
            "scope": scope(&["04"], &["330100"], 2029), "grantee": {"name": "某企业"}, "document_id": paper(&on.firm, "分许可合同").await
        });
        Call::post(&on.firm.client, format!("{}/sub-licences", on.exclusive), &under)
    };
    terminate_licence, WrongState, "what ended does not end again": |on|
        Call::post(&on.unit.client, format!("{}/terminate", on.ended), &json!({"reason": "理由", "document_id": on.contract}));
    terminate_licence, DocumentUnusable, "who ends it shows by what": |on|
        Call::post(&on.unit.client, format!("{}/terminate", on.exclusive), &json!({"reason": "理由", "document_id": Uuid::new_v4()}));
    terminate_licence, Invalid, "who ends it says why": |on|
        Call::post(&on.unit.client, format!("{}/terminate", on.exclusive), &json!({"reason": " ", "document_id": on.contract}));
    report_licence_breach, WrongState, "what ended is kept to": |on| Call::post(&on.firm.client, format!("{}/breach", on.ended), &reason());
    report_licence_breach, Invalid, "who reports it says what": |on|
        Call::post(&on.firm.client, format!("{}/breach", on.exclusive), &json!({"reason": " "}));
}

on_both! {
    async fn licences(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, LICENCES).await;
        let conflicts = &told.to("what one has alone nobody else gets")["conflicts"];
        assert_eq!(format!("/v1/licences/{}", text(&conflicts[0]["licence_id"])), stage.exclusive);
        assert_eq!(told.to("what ended does not end again")["allowed"], json!([]));
        assert_eq!(told.to("an empty territory is none")["errors"][0]["pointer"], json!("/scope/territory"));
        assert_eq!(told.to("it covers no more")["errors"][0]["code"], json!("wider"));
    }
}
