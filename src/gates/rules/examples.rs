//! A sale to run the gates for in tests: one patent of a university, nobody foreign, nothing known against anybody.

use chrono::NaiveDate;
use entity::Timestamp;
use entity::achievements::{AssetKind, asset, asset_owner};
use entity::gates::{Establishment, Gate, GateStage, RelationKind, organisation_facts, organisation_relation};
use entity::identity::{OrganisationKind, OrganisationState, Ownership, UsccStanding, organisation};
use entity::ids::{AchievementId, AssetId, BurdenId, OrganisationFactsId, OrganisationId, OrganisationRelationId, PersonId};
use entity::listings::TransferMode;
use serde_json::json;
use uuid::Uuid;

use super::case::{Buyer, Decided, Declared, GateCase, Related, Restricted};
use super::catalogue::Catalogue;
use super::finding::GateFinding;
use super::report::{Report, run};
use crate::achievements::store::AssetFacts;
use crate::platform::problem::Problem;

pub const SELLER: OrganisationId = OrganisationId(Uuid::from_u128(0x5e11));
pub const BUYER: OrganisationId = OrganisationId(Uuid::from_u128(0xb01));
pub const ASSET: AssetId = AssetId(Uuid::from_u128(0xa55e7));
/// A burden on it.
pub const BURDEN: BurdenId = BurdenId(Uuid::from_u128(0xb0de));

pub fn at() -> Timestamp {
    "2026-03-03T02:00:00Z".parse().unwrap()
}

pub fn today() -> NaiveDate {
    "2026-03-03".parse().unwrap()
}

pub fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

pub fn seller() -> organisation::Model {
    organisation::Model {
        id: SELLER,
        kind: OrganisationKind::University,
        ownership: Ownership::State,
        name: "浙江大学".into(),
        name_en: None,
        uscc: "12100000470095016Q".into(),
        uscc_raw: "12100000470095016Q".into(),
        uscc_standing: UsccStanding::Valid,
        uscc_document_id: None,
        division_code: "330000".into(),
        warnings: json!([]),
        state: OrganisationState::Verified,
        state_reason: None,
        created_by: person(1),
        decided_by: None,
        version: 1,
        created_at: at(),
    }
}

/// A right of a title, in these classes, that this name owns.
pub fn right(title: &str, ipc: &[&str], owner: &str) -> AssetFacts {
    AssetFacts {
        asset: asset::Model {
            id: ASSET,
            achievement_id: AchievementId(Uuid::from_u128(0xac)),
            organisation_id: SELLER,
            kind: AssetKind::Invention,
            title: title.into(),
            title_en: None,
            identifier_scheme: None,
            identifier: None,
            identifier_raw: None,
            publication_number: None,
            filed_on: None,
            granted_on: None,
            details: json!({ "ipc": ipc }),
            expires_on: None,
            version: 1,
            created_at: at(),
        },
        owners: vec![asset_owner::Model { asset_id: ASSET, position: 0, name: owner.into(), organisation_id: None, share_bp: 10_000 }],
        status: None,
    }
}

pub fn facts(of: OrganisationId, established: Establishment) -> organisation_facts::Model {
    organisation_facts::Model {
        id: OrganisationFactsId(of.0),
        organisation_id: of,
        number: 1,
        established,
        foreign_control: false,
        foreign_beneficial_bp: 0,
        data_leaves: false,
        representative: None,
        controller: None,
        address: None,
        phone: None,
        bank_account: None,
        declared_by: person(1),
        declared_at: at(),
    }
}

pub fn relation(kind: RelationKind, share_bp: Option<i32>) -> organisation_relation::Model {
    organisation_relation::Model {
        id: OrganisationRelationId(Uuid::from_u128(7)),
        organisation_id: SELLER,
        other_organisation_id: BUYER,
        kind,
        share_bp,
        declared_by: person(1),
        declared_at: at(),
        ended_by: None,
        ended_at: None,
        end_reason: None,
        version: 1,
    }
}

/// Everything a case is made from.
pub struct Scene {
    pub stage: GateStage,
    pub heard: Vec<(Gate, Problem)>,
    pub brought: Vec<GateFinding>,
    pub assets: Vec<AssetFacts>,
    pub mode: TransferMode,
    pub state_funded: bool,
    pub texts: Vec<&'static str>,
    pub declared: Declared,
    pub buyer: Option<Buyer>,
    pub related: Vec<Related>,
    pub restrictions: Vec<Restricted>,
    pub decisions: Vec<Decided>,
    pub today: NaiveDate,
}

pub fn scene() -> Scene {
    Scene {
        stage: GateStage::Approval,
        heard: Vec::new(),
        brought: Vec::new(),
        assets: vec![right("一种河岸带减污方法", &["C02F 3/32"], "浙江大学")],
        mode: TransferMode::Assignment,
        state_funded: false,
        texts: vec!["中国境内依法设立的企业"],
        declared: Declared::default(),
        buyer: None,
        related: Vec::new(),
        restrictions: Vec::new(),
        decisions: Vec::new(),
        today: today(),
    }
}

impl Scene {
    pub fn report(&self) -> Report {
        let seller = seller();
        run(&GateCase {
            stage: self.stage,
            heard: self.heard.clone(),
            brought: self.brought.clone(),
            seller: &seller,
            assets: &self.assets,
            mode: self.mode,
            state_funded: self.state_funded,
            titles: vec!["一种技术"],
            texts: self.texts.iter().enumerate().map(|(index, text)| (format!("/conditions/{index}"), *text)).collect(),
            declared: &self.declared,
            buyer: self.buyer.clone(),
            related: self.related.clone(),
            restrictions: self.restrictions.clone(),
            decisions: &self.decisions,
            catalogue: Catalogue::shipped(),
            today: self.today,
        })
    }
}
