//! A declaration to test with: of the patent of the listings' tests.

use chrono::NaiveDate;
use entity::ids::{OpenLicenceId, PersonId};
use entity::money::Money;
use entity::open_licences::{FeeStandard, open_licence};
use serde_json::json;
use uuid::Uuid;

use super::machine::{Hand, Said, drafted};
use super::terms::{NewOpenLicence, OpenLicenceDeclarations};
use crate::listings::rules::tests::{asset, at, organisation_id, person};

/// When it was drafted: Tuesday the 3rd of March 2026.
pub const DRAFTED: &str = "2026-03-03T02:00:00Z";

/// A day.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

/// Somebody of the patentee.
pub fn member(number: u128) -> Hand {
    Hand { person: person(number), is_officer: false, sits_with_patentee: true }
}

/// An officer who has nothing to do with the patentee.
pub fn officer(number: u128) -> Hand {
    Hand { is_officer: true, sits_with_patentee: false, ..member(number) }
}

/// What is declared of the patent.
pub fn new() -> NewOpenLicence {
    NewOpenLicence {
        asset_id: asset(1).asset.id,
        fee: FeeStandard::PerYear { amount: Money::fen(1_000_000) },
        payment: "每年第一季度支付".into(),
        term_from: day("2026-04-01"),
        term_until: day("2031-04-01"),
        other: None,
        evaluation_document_id: None,
        pledged: false,
        pledgee_consent_document_id: None,
        declarations: OpenLicenceDeclarations {
            no_exclusive_licence: true,
            not_suspended: true,
            annuities_paid: true,
            no_other_obstacle: true,
        },
    }
}

/// The same, to be kept.
pub fn said() -> Said {
    let patent = asset(1).asset;
    Said {
        patent: (patent.achievement_id, patent.id),
        fee: json!(new().fee),
        payment: new().payment,
        term: (new().term_from, new().term_until),
        other: None,
        evaluation_document: None,
        pledgee_consent_document: None,
        pledged: false,
        declarations: json!(new().declarations),
    }
}

/// A declaration that was drafted by somebody.
pub fn open(by: PersonId) -> open_licence::Model {
    drafted(OpenLicenceId(Uuid::from_u128(7)), (organisation_id(), by), said(), at(DRAFTED))
}
