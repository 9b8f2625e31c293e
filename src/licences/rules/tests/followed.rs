//! What becomes of a licence as its right passes, or becomes the patent.

use entity::ids::PersonId;
use entity::licences::{LicenceGrantState, licence_grant};
use serde_json::json;

use super::super::grant::{Made, Source, capped, entered, freed, handed_over, merged};
use super::*;

/// One of the first firm's, from 2026 on, granted by the third.
fn licence(mode: LicenceMode, until: Option<i32>) -> licence_grant::Model {
    entered(Made {
        id: grant(1),
        by: (firm(3), PersonId(Uuid::from_u128(9))),
        grantee: (Some(firm(1)), "某企业".into()),
        mode,
        source: Source::Recorded(json!({})),
        ends_on: until.map(day),
        may_sublicense: false,
        is_proxy: false,
        parent: (mode == LicenceMode::SubLicence).then(|| grant(2)),
        beside: [json!([]), json!([])],
        scope: terms(&["all"], &["all"], (2026, until)),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
    })
    .unwrap()
}

#[test]
fn a_licence_follows_the_right_to_its_new_owner() {
    let held = licence(LicenceMode::Exclusive, Some(2030));
    let next = handed_over(&held, firm(4));
    assert_eq!((next.licensor_id, next.grantee_id, next.ends_on), (firm(4), Some(firm(1)), Some(day(2030))));
    assert_eq!((next.state, next.version), (LicenceGrantState::Effective, held.version + 1));
}

#[test]
fn a_licence_of_who_gets_the_right_ends_in_it_and_those_under_it_stand_by_themselves() {
    let over = merged(&licence(LicenceMode::Exclusive, None), "2026-06-01T00:00:00Z".parse().unwrap());
    assert_eq!((over.state, over.superseded_by), (LicenceGrantState::Superseded, None));
    assert!(over.ended_at.is_some() && over.end_reason.is_some());
    let free = freed(&licence(LicenceMode::SubLicence, Some(2028)));
    assert_eq!((free.mode, free.parent_id, free.ends_on), (LicenceMode::NonExclusive, None, Some(day(2028))));
}

#[test]
fn a_licence_of_an_application_ends_with_the_patent_at_the_latest() {
    let until = |year: Option<i32>| capped(&licence(LicenceMode::NonExclusive, year), day(2040)).map(|next| next.ends_on);
    assert_eq!(until(None), Some(Some(day(2040))));
    assert_eq!(until(Some(2041)), Some(Some(day(2040))));
    assert_eq!((until(Some(2040)), until(Some(2030))), (None, None));
}
