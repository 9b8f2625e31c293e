//! What owners agree on goes before the law.

use entity::ids::DocumentId;

use super::super::agreement::agreed_well;
use super::super::{Agreement, NewOwnersAgreement, OwnersClause, SignedBy};
use super::*;

use IntendedDeed::{Assignment, NonExclusiveLicence, Pledge};

fn agreed(deeds: &[IntendedDeed], signed_by: SignedBy) -> Standing {
    let clauses = vec![OwnersClause { deeds: deeds.to_vec(), signed_by }];
    Standing { agreement: Some(Agreement { clauses, in_force_from: day("2026-01-01") }), ..shared(AssetKind::Invention) }
}

fn these(names: &[&str]) -> SignedBy {
    SignedBy::These { owners: names.iter().map(|name| (*name).to_owned()).collect() }
}

#[test]
fn whoever_signs_by_the_agreement_needs_no_other() {
    for signed_by in [SignedBy::AnyOwner {}, these(&["浙江大学"])] {
        assert!(found(&agreed(&[Assignment], signed_by), Assignment, false).is_empty());
    }
}

#[test]
fn an_agreement_may_leave_less_to_one_owner_than_the_law() {
    for signed_by in [SignedBy::AllOwners {}, these(&["杭州某公司"])] {
        let mut standing = agreed(&[NonExclusiveLicence], signed_by);
        assert_eq!(found(&standing, NonExclusiveLicence, false), ["!agreed_otherwise"]);
        standing.consents = vec![consent(None, ConsentKind::CoOwner, "杭州某公司", &[NonExclusiveLicence])];
        assert!(found(&standing, NonExclusiveLicence, false).is_empty());
    }
}

#[test]
fn what_no_clause_names_is_as_the_law_says() {
    let standing = agreed(&[Pledge], SignedBy::AnyOwner {});
    assert_eq!(found(&standing, Assignment, false), ["!all_owners"]);
}

#[test]
fn an_agreement_that_is_not_in_force_yet_says_nothing() {
    let mut standing = agreed(&[Assignment], SignedBy::AnyOwner {});
    standing.agreement.as_mut().unwrap().in_force_from = day("2026-03-04");
    assert_eq!(found(&standing, Assignment, false), ["!all_owners"]);
}

fn new(clauses: Vec<OwnersClause>) -> NewOwnersAgreement {
    NewOwnersAgreement { clauses, in_force_from: day("2026-03-01"), document_id: DocumentId(Uuid::from_u128(9)) }
}

fn faults(new: &NewOwnersAgreement) -> Vec<String> {
    let refused = agreed_well(new, &shared(AssetKind::Invention).owners).unwrap_err();
    refused.errors.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}

#[test]
fn an_agreement_names_deeds_once_and_owners_there_are() {
    let clause = |deeds: &[IntendedDeed], signed_by| OwnersClause { deeds: deeds.to_vec(), signed_by };
    let sound = new(vec![clause(&[Assignment], SignedBy::AllOwners {}), clause(&[Pledge], these(&["杭州某公司"]))]);
    assert!(agreed_well(&sound, &shared(AssetKind::Invention).owners).is_ok());
    assert_eq!(faults(&new(Vec::new())), ["/clauses count"]);
    assert_eq!(faults(&new(vec![clause(&[], SignedBy::AnyOwner {})])), ["/clauses/0/deeds once"]);
    let twice = new(vec![clause(&[Assignment], SignedBy::AnyOwner {}), clause(&[Assignment], SignedBy::AllOwners {})]);
    assert_eq!(faults(&twice), ["/clauses/1/deeds once"]);
    assert_eq!(faults(&new(vec![clause(&[Assignment], these(&["某人"]))])), ["/clauses/0/signed_by/owners not_an_owner"]);
    let refused = agreed_well(&sound, &alone().owners).unwrap_err();
    assert_eq!(refused.errors[0].code, "one_owner");
}
