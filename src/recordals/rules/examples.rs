//! A transfer and who acts on it, for tests.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, NaiveDate, TimeDelta};
use entity::Timestamp;
use entity::ids::{DealId, OrganisationId, PersonId, RecordalId};
use entity::recordals::{RecordalKind, recordal};
use serde_json::json;
use uuid::Uuid;

use super::machine::{self, Drafted, Hand, Source};

/// Who assigns.
pub const SELLER: OrganisationId = OrganisationId(Uuid::from_u128(11));
/// To whom.
pub const BUYER: OrganisationId = OrganisationId(Uuid::from_u128(12));

/// A day.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// So many minutes after the contract took effect.
pub(crate) fn at(minutes: i64) -> Timestamp {
    DateTime::parse_from_rfc3339("2026-03-02T02:00:00Z").unwrap().to_utc() + TimeDelta::minutes(minutes)
}

/// Somebody.
pub fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(100 + number))
}

/// Somebody who acts for an organisation.
pub fn hand(person: PersonId, organisation: OrganisationId) -> Hand {
    Hand { person, organisation: Some(organisation), is_officer: false, sits_with_party: true }
}

/// An officer.
pub fn officer(person: PersonId) -> Hand {
    Hand { person, organisation: None, is_officer: true, sits_with_party: false }
}

/// A transfer by a deal that is drafted.
pub fn drafted() -> recordal::Model {
    machine::drafted(Drafted {
        id: RecordalId(Uuid::from_u128(1)),
        kind: RecordalKind::Transfer,
        holder: SELLER,
        other: (Some(BUYER), "某企业".into()),
        source: Source::Deal(DealId(Uuid::from_u128(2))),
        document: json!({}),
        acceptance_document: None,
        pledgee_consent_document: None,
        consents: json!([]),
        declarations: json!({"no_ownership_dispute": true, "no_preservation": true, "pledged": false}),
        secured: None,
        effective_on: day("2026-03-02"),
        due_on: None,
        by: (person(1), at(0)),
    })
}
