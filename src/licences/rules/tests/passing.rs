//! Licences whose rights pass, that are under others, and that are given for each other.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::ids::{AssetId, OrganisationId};
use entity::licences::LicenceEventKind::{self, BreachReported, Entered, Merged, Moved, Narrowed, Passed, Raised, Superseded, Terminated};
use entity::licences::LicenceGrantState;
use entity::licences::LicenceMode::{Exclusive, NonExclusive, SubLicence};
use uuid::Uuid;

use super::super::cross::may_be_given_for;
use super::super::grant::{NewGrantee, breached, superseded, terminated};
use super::super::history::{next, what_happened};
use super::super::passing::{Passing, merged, moved, narrowed, passed, passing, raised};
use super::{asset, day, firm, grant, licence};

fn second() -> AssetId {
    AssetId(Uuid::from_u128(2))
}

fn later() -> Timestamp {
    "2026-09-01T02:00:00Z".parse().unwrap()
}

fn owned(by: &[(AssetId, OrganisationId)]) -> BTreeMap<AssetId, OrganisationId> {
    by.iter().copied().collect()
}

#[test]
fn the_licence_follows_its_right() {
    let held = licence(Exclusive, None);
    assert_eq!(passing(&held, &owned(&[(asset(), firm(9))]), (asset(), firm(3))), Passing::Passes);
    let after = passed(&held, firm(3));
    assert_eq!((after.licensor_id, after.state, after.grantee_id), (firm(3), LicenceGrantState::Effective, Some(firm(1))));
    assert_eq!(passing(&after, &owned(&[(asset(), firm(3))]), (asset(), firm(3))), Passing::Stays, "it passed already");
}

#[test]
fn of_several_rights_who_has_all_grants_them() {
    let held = licence(NonExclusive, None);
    let both = |second_owner| owned(&[(asset(), firm(9)), (second(), second_owner)]);
    assert_eq!(passing(&held, &both(firm(9)), (asset(), firm(3))), Passing::Stays);
    assert_eq!(passing(&held, &both(firm(3)), (asset(), firm(3))), Passing::Passes);
}

#[test]
fn a_licence_of_whoever_gets_the_right_ends_in_it() {
    let held = licence(Exclusive, None);
    assert_eq!(passing(&held, &owned(&[(asset(), firm(9))]), (asset(), firm(1))), Passing::Merges);
    let both = owned(&[(asset(), firm(9)), (second(), firm(9))]);
    assert_eq!(passing(&held, &both, (asset(), firm(1))), Passing::MergesInPart, "the other right he has by the licence still");
    let after = merged(&held, later());
    assert_eq!((after.state, after.superseded_by, after.ended_at), (LicenceGrantState::Superseded, None, Some(later())));
}

#[test]
fn what_is_under_a_licence_is_granted_by_its_holder_whoever_has_the_right() {
    let under = licence(SubLicence, Some(grant(2)));
    assert_eq!(passing(&under, &owned(&[(asset(), firm(8))]), (asset(), firm(3))), Passing::Stays);
    assert_eq!(passing(&under, &owned(&[(asset(), firm(8))]), (asset(), firm(1))), Passing::Merges);
    let after = raised(&under);
    assert_eq!((after.mode, after.parent_id, after.state), (NonExclusive, None, LicenceGrantState::Effective));
}

#[test]
fn what_became_of_a_licence_is_said_by_how_it_stood_and_stands() {
    let held = licence(SubLicence, Some(grant(2)));
    let told: [(LicenceEventKind, _); 8] = [
        (BreachReported, breached(&held, "许可人自行实施", later())),
        (Passed, passed(&held, firm(3))),
        (Moved, moved(&held, grant(3))),
        (Raised, raised(&held)),
        (Narrowed, narrowed(&held)),
        (Merged, merged(&held, later())),
        (Terminated, terminated(&held, "双方协议解除", None, later())),
        (Superseded, superseded(&held, grant(3), later())),
    ];
    assert_eq!(what_happened(None, &held), Entered);
    for (kind, now) in told {
        assert_eq!(what_happened(Some(&held), &now), kind);
        let kept = next((Some(&held), &now), Some(1), later());
        assert_eq!((kept.number, kept.kind, kept.licensor_id), (2, kind, now.licensor_id));
    }
    assert_eq!(next((None, &held), None, later()).number, 1);
}

#[test]
fn licences_are_given_for_each_other_by_two_who_hold_them() {
    // The ninth firm licensed the first, which licenses the ninth for it.
    let other = licence(NonExclusive, None);
    let to = |organisation| NewGrantee { organisation_id: Some(organisation), name: None };
    let given = |licensor, grantee: NewGrantee, is_crossed, on| {
        may_be_given_for(Some(&other), (licensor, &grantee), (is_crossed, day(on))).map_err(|problem| problem.errors[0].code.clone())
    };
    assert_eq!(given(firm(1), to(firm(9)), false, 2027), Ok(()));
    assert_eq!(given(firm(1), to(firm(8)), false, 2027), Err("unknown".into()));
    assert_eq!(given(firm(2), to(firm(9)), false, 2027), Err("unknown".into()));
    assert_eq!(given(firm(1), to(firm(9)), false, 2030), Err("unknown".into()), "its days are over");
    assert_eq!(given(firm(1), to(firm(9)), true, 2027), Err("repeated".into()));
    assert_eq!(given(firm(2), to(firm(9)), true, 2027), Err("unknown".into()), "of what he does not know he is told nothing");
    let unnamed = NewGrantee { organisation_id: None, name: Some("某企业".into()) };
    assert!(may_be_given_for(Some(&other), (firm(1), &unnamed), (false, day(2027))).is_err());
    assert!(may_be_given_for(None, (firm(1), &to(firm(9))), (false, day(2027))).is_err());
}
