//! The twelve cases of the truth table, each under its number; the last two rest on owners and pledgees.

use entity::achievements::asset_owner;
use entity::identity::organisation;
use entity::licences::LicenceMode::{self, Exclusive, NonExclusive, Open, Sole};

use super::super::consent::{deed_of, of_every_owner};
use super::super::matrix::{Beside, Cure, Proposed, Wish, beside, beside_declaration};
use super::super::own_use::may_use;
use super::super::scope::Scope;
use super::{asset, everything, firm, grant, proposed, scope, standing};
use crate::encumbrances::rules as burdens;
use crate::listings::rules::tests::{asset as right, seller};

fn licensed(new: (LicenceMode, Scope), earlier: (LicenceMode, Scope)) -> Beside {
    beside(&proposed(Wish::Licence(new.0), new.1), &standing(earlier.0, earlier.1))
}

fn is_blocked(found: Beside) -> bool {
    matches!(found, Beside::Blocked(_))
}

#[test]
fn case_1_batteries_exclusively_and_the_sun_beside_them() {
    let batteries = scope(&["06.01"], &["all"], (2024, Some(2029)));
    let sun = scope(&["06.02"], &["all"], (2026, None));
    assert_eq!(licensed((NonExclusive, sun), (Exclusive, batteries)), Beside::Free);
}

#[test]
fn case_2_hangzhou_is_in_zhejiang() {
    let zhejiang = scope(&["all"], &["330000"], (2026, None));
    let hangzhou = scope(&["all"], &["330100"], (2026, None));
    assert!(is_blocked(licensed((NonExclusive, hangzhou), (Exclusive, zhejiang))));
}

#[test]
fn case_3_zhejiang_is_not_jiangsu() {
    let zhejiang = scope(&["all"], &["330000"], (2026, None));
    let jiangsu = scope(&["all"], &["320000"], (2026, None));
    assert_eq!(licensed((Exclusive, jiangsu), (Exclusive, zhejiang)), Beside::Free);
}

#[test]
fn case_4_one_begins_on_the_day_on_which_the_other_ends() {
    let first = scope(&["all"], &["all"], (2024, Some(2027)));
    let then = scope(&["all"], &["all"], (2027, Some(2030)));
    assert_eq!(licensed((Exclusive, then), (Exclusive, first)), Beside::Free);
}

#[test]
fn case_5_all_fields_are_medical_ones_too() {
    let devices = scope(&["04.02"], &["all"], (2026, None));
    assert!(is_blocked(licensed((NonExclusive, devices), (Exclusive, everything()))));
}

#[test]
fn case_6_exclusively_beside_a_licence_nobody_accepts() {
    assert_eq!(licensed((Exclusive, everything()), (NonExclusive, everything())), Beside::Blocked(Cure::CarveOut));
}

#[test]
fn case_7_a_sole_licensor_uses_it_himself() {
    assert!(may_use(&[standing(Sole, everything())], &everything()));
}

#[test]
fn case_8_who_licensed_it_exclusively_breaks_that_by_using_it_himself() {
    let batteries = [standing(Exclusive, scope(&["06.01"], &["all"], (2026, Some(2030)))), standing(NonExclusive, everything())];
    assert!(!may_use(&batteries, &scope(&["06.01.01"], &["330000"], (2027, Some(2028)))));
    assert!(may_use(&batteries, &scope(&["06.02"], &["all"], (2027, Some(2028)))), "in another field");
    assert!(may_use(&batteries, &scope(&["06.01"], &["all"], (2030, None))), "once its days are over");
}

#[test]
fn case_9_a_declaration_and_who_took_a_licence_by_it() {
    assert_eq!(beside_declaration(Wish::Licence(Exclusive)), Beside::Blocked(Cure::Withdrawal));
    // Once it is withdrawn, those who took one before are still there.
    let mut wants = proposed(Wish::Licence(Exclusive), everything());
    let (one, mut two) = (standing(Open, everything()), standing(Open, everything()));
    two.id = grant(2);
    assert_eq!([&one, &two].map(|earlier| beside(&wants, earlier)), [Beside::Blocked(Cure::CarveOut); 2]);
    wants.carve_outs = [grant(1), grant(2)].into();
    assert_eq!([&one, &two].map(|earlier| beside(&wants, earlier)), [Beside::CarvedOut; 2]);
}

#[test]
fn case_10_the_right_passes_and_the_licensee_keeps_his_licence() {
    let until_2030 = scope(&["all"], &["all"], (2024, Some(2030)));
    let assigned = Proposed { grantee: Some(firm(3)), ..proposed(Wish::Title, Scope::whole(super::day(2026))) };
    assert_eq!(beside(&assigned, &standing(NonExclusive, until_2030)), Beside::SubjectTo);
}

#[test]
fn case_11_one_of_two_owners_licenses_beside_others_and_nobody_alone() {
    let owner = |position, name: &str, organisation| asset_owner::Model {
        asset_id: asset(),
        position,
        name: name.into(),
        organisation_id: organisation,
        share_bp: 5_000,
    };
    let owners = [owner(0, "甲大学", Some(firm(1))), owner(1, "乙公司", None)];
    let standing = burdens::Standing { owners: owners.into(), ..burdens::Standing::unburdened(&right(1)) };
    let by = organisation::Model { id: firm(1), name: "甲大学".into(), ..seller() };
    let signed = |mode| {
        let intended = burdens::Intended { deed: deed_of(mode).unwrap(), abroad: false, by: &by };
        let found = burdens::verdicts(std::slice::from_ref(&standing), &intended, super::day(2026));
        of_every_owner(found.into_iter().flat_map(|finding| finding.missing), &[])
    };
    assert!(signed(NonExclusive).is_ok());
    for mode in [Sole, Exclusive] {
        let refusal = signed(mode).unwrap_err();
        assert_eq!(refusal.errors.len(), 1);
        assert!(refusal.errors[0].en.contains("乙公司"), "{refusal}");
    }
}
