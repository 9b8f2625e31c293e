//! Every row of the tables as a test named after it, and burdens to test with.

mod agreed;
mod entered;
mod owners;
mod rows;

use chrono::NaiveDate;
use entity::achievements::{AssetKind, StatusSource};
use entity::encumbrances::{BurdenKind, ConsentKind, IntendedDeed, PledgedPrice, burden, burden_consent};
use entity::ids::{AssetId, BurdenConsentId, BurdenId};
use serde_json::json;
use uuid::Uuid;

use super::judge::{Burden, Consent, Intended, Standing};
use crate::listings::rules::tests::{asset, at, organisation_id, owner, person, seller};

/// A day.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The day of the tests.
pub fn today() -> NaiveDate {
    day("2026-03-03")
}

/// A burden of asset 1 since the 15th of January 2026.
pub fn burden(number: u128, kind: BurdenKind) -> burden::Model {
    let is_pledge = kind == BurdenKind::Pledge;
    burden::Model {
        id: BurdenId(Uuid::from_u128(700 + number)),
        asset_id: AssetId(Uuid::from_u128(41)),
        organisation_id: organisation_id(),
        kind,
        since: day("2026-01-15"),
        until: None,
        holder: is_pledge.then(|| "杭州某银行".into()),
        registry_number: is_pledge.then(|| "Y2026330000123".into()),
        suspends: false,
        document: None,
        source: StatusSource::Registry,
        as_of: at("2026-02-20T01:00:00Z"),
        recorded_by: person(1),
        recorded_at: at("2026-02-20T02:00:00Z"),
    }
}

/// A burden to which nothing happened.
pub fn stands_of(row: burden::Model) -> Burden {
    Burden { row, steps: Vec::new() }
}

/// A consent from February 2026 on, without an end.
pub fn consent(cures: Option<&burden::Model>, kind: ConsentKind, given_by: &str, deeds: &[IntendedDeed]) -> Consent {
    let row = burden_consent::Model {
        id: BurdenConsentId(Uuid::from_u128(800)),
        asset_id: AssetId(Uuid::from_u128(41)),
        organisation_id: organisation_id(),
        kind,
        burden_id: cures.map(|row| row.id),
        given_by: given_by.into(),
        deeds: json!(deeds),
        valid_from: day("2026-02-01"),
        valid_until: None,
        price_goes: (kind == ConsentKind::Pledgee).then_some(PledgedPrice::Prepays),
        document: json!({}),
        recorded_by: person(1),
        recorded_at: at("2026-02-20T02:00:00Z"),
    };
    Consent { row, deeds: deeds.to_vec() }
}

/// A right of a kind that two own, of whom one is the seller.
fn shared(kind: AssetKind) -> Standing {
    let owners = vec![owner(0, "浙江大学", 6_000), owner(1, "杭州某公司", 4_000)];
    Standing { kind, owners, ..Standing::unburdened(&asset(1)) }
}

/// An invention of the seller's with one burden.
fn burdened(row: burden::Model) -> Standing {
    Standing { burdens: vec![stands_of(row)], ..alone() }
}

/// An invention that is the seller's alone.
fn alone() -> Standing {
    Standing { owners: vec![owner(0, "浙江大学", 10_000)], ..Standing::unburdened(&asset(1)) }
}

/// What the codes of everything found are, those that stop the deed with a mark.
fn found(standing: &Standing, deed: IntendedDeed, abroad: bool) -> Vec<String> {
    let by = seller();
    let found = super::verdicts(std::slice::from_ref(standing), &Intended { deed, abroad, by: &by }, today());
    found.iter().map(|finding| format!("{}{}", if finding.blocks { "!" } else { "" }, finding.said.code)).collect()
}
