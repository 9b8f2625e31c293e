//! A licence and its certificate, for tests.

use chrono::{DateTime, NaiveDate, Utc};
use entity::achievements::AssetKind;
use entity::certificates::licence_certificate;
use entity::ids::{AssetId, LicenceCertificateId, LicenceGrantId, OrganisationId, PersonId};
use entity::licences::{LicenceGrantState, LicenceMode, LicenceOrigin, licence_grant};
use serde_json::json;
use uuid::Uuid;

use super::said::{CertifiedAsset, CertifiedLicence, CertifiedParty};
use crate::licences::rules::scope::ScopeTerms;

/// An instant, so many seconds after 2026-07-01 noon in Shanghai.
pub fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_782_878_400 + second, 0).unwrap_or_default()
}

/// A day.
pub fn day(year: i32, month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default()
}

fn organisation(number: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(number))
}

fn scope() -> ScopeTerms {
    ScopeTerms {
        acts: vec!["make".into(), "sell".into()],
        fields: vec!["06.01".into()],
        territory: vec!["330000".into()],
        from: day(2026, 6),
        until: Some(day(2030, 6)),
    }
}

/// An exclusive licence as it stands in the register.
pub fn grant() -> licence_grant::Model {
    licence_grant::Model {
        id: LicenceGrantId(Uuid::from_u128(1)),
        licensor_id: organisation(2),
        grantee_id: Some(organisation(3)),
        grantee_name: "某被许可企业".into(),
        mode: LicenceMode::Exclusive,
        origin: LicenceOrigin::Recorded,
        state: LicenceGrantState::Effective,
        scope: json!(scope()),
        starts_on: day(2026, 6),
        ends_on: Some(day(2030, 6)),
        may_sublicense: false,
        is_proxy: false,
        parent_id: None,
        carve_outs: json!([]),
        waivers: json!([]),
        deal_id: None,
        negotiation_id: None,
        rights_grant_id: None,
        open_licence_id: None,
        document: Some(json!({})),
        effective_at: at(0),
        ended_at: None,
        end_reason: None,
        end_document: None,
        superseded_by: None,
        breach_at: None,
        breach: None,
        created_by: PersonId(Uuid::from_u128(4)),
        version: 1,
        created_at: at(0),
    }
}

/// The same as a certificate says it.
pub fn licence() -> CertifiedLicence {
    let party = |number, name: &str, uscc: &str| CertifiedParty {
        name: name.into(),
        organisation_id: Some(organisation(number)),
        uscc: Some(uscc.into()),
    };
    CertifiedLicence {
        assets: vec![CertifiedAsset {
            expires_on: Some(day(2037, 7)),
            id: AssetId(Uuid::from_u128(5)),
            kind: AssetKind::Invention,
            number: Some("ZL201710710472.X".into()),
            title: "一种光声池".into(),
            title_en: None,
        }],
        carve_outs: Vec::new(),
        ends_on: Some(day(2030, 6)),
        id: grant().id,
        is_proxy: false,
        licensee: party(3, "某被许可企业", "91330100MA00000001"),
        licensor: party(2, "某大学", "12330000000000001A"),
        may_sublicense: false,
        mode: LicenceMode::Exclusive,
        origin: LicenceOrigin::Recorded,
        parent_id: None,
        registered_at: at(0),
        scope: scope(),
    }
}

/// The first certificate of it.
pub fn certificate() -> licence_certificate::Model {
    licence_certificate::Model {
        id: LicenceCertificateId(Uuid::from_u128(6)),
        licence_grant_id: grant().id,
        edition: 1,
        number: "XK-0000-0000-0000-0001".into(),
        said_sha256: vec![1; 32],
        jws: "a.b.c".into(),
        issued_by: PersonId(Uuid::from_u128(7)),
        issued_at: at(1),
        superseded_at: None,
        revoked_at: None,
        revoked_by: None,
        revocation_reason: None,
        version: 1,
    }
}
