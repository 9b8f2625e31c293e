//! Why a licence would not be recorded, reason by reason of the list.

use entity::achievements::LegalStatus;
use entity::identity::organisation;

use super::super::recordal::{LicenceFacts, refusals};
use super::*;

struct Scene {
    licensor: organisation::Model,
    standing: Standing,
    status: Option<LegalStatus>,
    licence_ends: &'static str,
    is_recorded: bool,
}

fn scene() -> Scene {
    Scene { licensor: seller(), standing: alone(), status: Some(LegalStatus::Granted), licence_ends: "2030-01-01", is_recorded: false }
}

impl Scene {
    fn refused(&self) -> Vec<&'static str> {
        let facts = LicenceFacts {
            licensor: &self.licensor,
            standing: &self.standing,
            status: self.status,
            right_ends: Some(day("2035-01-01")),
            licence_ends: day(self.licence_ends),
            is_recorded: self.is_recorded,
        };
        refusals(&facts, today()).into_iter().map(|reason| reason.code).collect()
    }
}

#[test]
fn a_sound_licence_is_recorded() {
    assert!(scene().refused().is_empty());
}

#[test]
fn not_of_who_is_no_holder() {
    let licensor = organisation::Model { id: entity::ids::OrganisationId(Uuid::from_u128(99)), name: "另一单位".into(), ..seller() };
    assert_eq!(Scene { licensor, ..scene() }.refused(), ["not_the_holder"]);
}

#[test]
fn not_of_a_patent_that_ended_or_an_application_that_is_deemed_withdrawn() {
    for (status, code) in [
        (LegalStatus::CeasedNonpayment, "ceased"),
        (LegalStatus::Expired, "ended"),
        (LegalStatus::Abandoned, "ended"),
        (LegalStatus::Invalidated, "invalidated"),
        (LegalStatus::DeemedWithdrawn, "application_lost"),
    ] {
        assert_eq!(Scene { status: Some(status), ..scene() }.refused(), [code], "{status:?}");
    }
    assert_eq!(Scene { status: None, ..scene() }.refused(), ["status_missing"]);
}

#[test]
fn not_in_the_grace_period_of_fees() {
    assert_eq!(Scene { status: Some(LegalStatus::AnnuityGrace), ..scene() }.refused(), ["annuity_grace_not_recordable"]);
}

#[test]
fn not_under_a_dispute_over_who_owns_it() {
    assert_eq!(Scene { standing: burdened(burden(1, BurdenKind::OwnershipDispute)), ..scene() }.refused(), ["disputed_not_recordable"]);
}

#[test]
fn not_beyond_the_life_of_the_patent() {
    assert_eq!(Scene { licence_ends: "2035-01-02", ..scene() }.refused(), ["beyond_term"]);
    assert!(Scene { licence_ends: "2035-01-01", ..scene() }.refused().is_empty());
}

#[test]
fn not_twice() {
    assert_eq!(Scene { is_recorded: true, ..scene() }.refused(), ["recorded_twice"]);
}

#[test]
fn not_while_proceedings_are_suspended_or_a_court_preserves_it() {
    assert_eq!(Scene { status: Some(LegalStatus::Suspended), ..scene() }.refused(), ["suspended"]);
    assert_eq!(Scene { standing: burdened(burden(1, BurdenKind::Preservation)), ..scene() }.refused(), ["preserved"]);
}

#[test]
fn not_of_what_is_pledged_without_the_pledgee() {
    let pledged = burden(1, BurdenKind::Pledge);
    let mut standing = burdened(pledged.clone());
    assert_eq!(Scene { standing: standing.clone(), ..scene() }.refused(), ["pledged_not_recordable"]);
    standing.consents = vec![consent(Some(&pledged), ConsentKind::Pledgee, "杭州某银行", &[IntendedDeed::LicenceRecordal])];
    assert!(Scene { standing, ..scene() }.refused().is_empty());
}
