//! A grant to test with.

use chrono::{TimeZone, Utc};
use entity::Timestamp;
use entity::ids::{AchievementId, OrganisationId, PersonId, RightsGrantId};
use entity::rights_grants::{GrantKind, rights_grant};
use serde_json::json;
use uuid::Uuid;

use super::machine::{Hand, Proposal, proposed};
use super::terms::Granted;

/// An instant, some seconds after it was proposed.
pub fn at(second: i64) -> Timestamp {
    Utc.timestamp_opt(1_780_000_000 + second, 0).single().unwrap_or_default()
}

/// A person.
pub fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

/// Somebody of the unit.
pub fn member(number: u128) -> Hand {
    Hand { person: person(number), is_officer: false, sits_with_unit: true }
}

/// An officer who has nothing to do with the unit.
pub fn officer(number: u128) -> Hand {
    Hand { is_officer: true, sits_with_unit: false, ..member(number) }
}

/// A share of the ownership.
pub fn share(share_bp: i32) -> Granted {
    Granted { kind: GrantKind::OwnershipShare, share_bp: Some(share_bp), use_months: None }
}

/// A right to use.
pub fn use_right(months: i32) -> Granted {
    Granted { kind: GrantKind::LongTermUseRight, share_bp: None, use_months: Some(months) }
}

/// A grant that was proposed by person 10.
pub fn open(granted: Granted) -> rights_grant::Model {
    proposed(Proposal {
        id: RightsGrantId(Uuid::from_u128(7)),
        unit: OrganisationId(Uuid::from_u128(1)),
        achievement_id: AchievementId(Uuid::from_u128(3)),
        granted,
        team: json!([{"name": "王某", "share_bp": 10_000}]),
        declarations: json!({"secret_level_none": true, "no_dispute": true, "no_third_party_rights": true}),
        title_en: None,
        summary: "降低能耗".into(),
        summary_en: Some("Saves energy".into()),
        by: person(10),
        at: at(0),
    })
}
