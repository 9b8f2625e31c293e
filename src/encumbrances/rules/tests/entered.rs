//! What may be entered.

use entity::encumbrances::{BurdenStepKind, burden_step};
use entity::ids::DocumentId;

use super::super::entered::{given_well, lifted_well, may_see, may_step, said_well};
use super::super::{NewBurden, NewConsent, NewLifting};
use super::*;
use crate::platform::problem::{Code, Problem};

fn paper() -> DocumentId {
    DocumentId(Uuid::from_u128(9))
}

fn new(kind: BurdenKind) -> NewBurden {
    NewBurden {
        kind,
        since: day("2026-01-15"),
        until: None,
        holder: None,
        registry_number: None,
        suspends: false,
        document_id: None,
        source: StatusSource::Registry,
        as_of: at("2026-02-20T01:00:00Z"),
    }
}

fn codes(outcome: Result<(), Problem>) -> Vec<String> {
    outcome.unwrap_err().errors.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}

fn judged(new: &NewBurden) -> Result<(), Problem> {
    said_well(new, at("2026-03-03T02:00:00Z"))
}

#[test]
fn a_pledge_exists_from_its_registration_and_names_its_pledgee() {
    let bare = new(BurdenKind::Pledge);
    assert_eq!(codes(judged(&bare)), ["/holder required", "/registry_number required"]);
    let named = NewBurden { holder: Some("杭州某银行".into()), registry_number: Some("Y2026330000123".into()), ..bare };
    assert!(judged(&named).is_ok());
}

#[test]
fn of_a_secret_nothing_is_kept_but_that_it_is_one() {
    for kind in [BurdenKind::StateSecret, BurdenKind::ExportProhibited] {
        assert!(judged(&new(kind)).is_ok());
        let told =
            NewBurden { holder: Some("某单位".into()), registry_number: Some("1".into()), document_id: Some(paper()), ..new(kind) };
        assert_eq!(codes(judged(&told)), ["/holder never_kept", "/registry_number never_kept", "/document_id never_kept"]);
    }
}

#[test]
fn days_and_sources_make_sense() {
    let dispute = new(BurdenKind::OwnershipDispute);
    assert!(judged(&NewBurden { suspends: true, ..dispute.clone() }).is_ok());
    assert_eq!(codes(judged(&NewBurden { suspends: true, ..new(BurdenKind::Secured) })), ["/suspends not_of_kind"]);
    assert_eq!(codes(judged(&NewBurden { since: day("2026-03-04"), ..dispute.clone() })), ["/since future"]);
    assert_eq!(codes(judged(&NewBurden { until: Some(day("2026-01-14")), ..dispute.clone() })), ["/until order"]);
    assert_eq!(codes(judged(&NewBurden { as_of: at("2026-03-03T02:00:01Z"), ..dispute.clone() })), ["/as_of future"]);
    assert_eq!(codes(judged(&NewBurden { source: StatusSource::Certificate, ..dispute })), ["/document_id required"]);
}

#[test]
fn a_burden_is_seen_once_and_lifted_once() {
    let step = |kind, lifted_on: Option<&str>| burden_step::Model {
        burden_id: BurdenId(Uuid::from_u128(701)),
        kind,
        lifted_on: lifted_on.map(day),
        document: None,
        made_by: person(2),
        made_at: at("2026-03-02T02:00:00Z"),
    };
    let mut held = stands_of(burden(1, BurdenKind::Pledge));
    assert!(may_see(&held, person(2), false).is_ok());
    assert_eq!(may_see(&held, person(2), true).unwrap_err().code, Code::ConflictOfInterest);
    assert_eq!(may_see(&held, person(1), false).unwrap_err().code, Code::SamePerson);
    held.steps.push(step(BurdenStepKind::Seen, None));
    let again = may_see(&held, person(2), false).unwrap_err();
    assert_eq!((again.code, &again.facts["allowed"]), (Code::WrongState, &json!(["lift_encumbrance"])));
    let lifting = |on: &str| NewLifting { lifted_on: day(on), document_id: paper() };
    let now = at("2026-03-03T02:00:00Z");
    assert!(lifted_well(&held, &lifting("2026-03-03"), now).is_ok());
    assert_eq!(codes(lifted_well(&held, &lifting("2026-03-04"), now)), ["/lifted_on future"]);
    assert_eq!(codes(lifted_well(&held, &lifting("2026-01-14"), now)), ["/lifted_on order"]);
    held.steps.push(step(BurdenStepKind::Lifted, Some("2026-03-01")));
    for kind in BurdenStepKind::ALL {
        let over = may_step(&held, *kind).unwrap_err();
        assert_eq!((over.code, &over.facts["allowed"]), (Code::WrongState, &json!([])));
    }
}

fn given(kind: ConsentKind, burden_id: Option<BurdenId>, given_by: &str) -> NewConsent {
    NewConsent {
        kind,
        burden_id,
        given_by: given_by.into(),
        deeds: vec![IntendedDeed::Assignment],
        valid_from: day("2026-03-01"),
        valid_until: None,
        price_goes: (kind == ConsentKind::Pledgee).then_some(PledgedPrice::Deposited),
        document_id: paper(),
    }
}

#[test]
fn a_consent_is_of_whoever_can_give_it() {
    let (held, owners) = (stands_of(burden(1, BurdenKind::Pledge)), shared(AssetKind::Invention).owners);
    let id = Some(held.row.id);
    assert!(given_well(&given(ConsentKind::Pledgee, id, "杭州某银行"), Some(&held), &owners).is_ok());
    assert!(given_well(&given(ConsentKind::CoOwner, None, "杭州某公司"), None, &owners).is_ok());
    let of = |new: &NewConsent, cured: Option<&Burden>| codes(given_well(new, cured, &owners));
    assert_eq!(of(&given(ConsentKind::Pledgee, id, "另一银行"), Some(&held)), ["/given_by not_the_holder"]);
    assert_eq!(of(&given(ConsentKind::Pledgee, id, "杭州某银行"), None), ["/burden_id unknown"]);
    assert_eq!(of(&given(ConsentKind::PreemptionWaiver, id, "杭州某银行"), Some(&held)), ["/burden_id unknown"]);
    assert_eq!(of(&given(ConsentKind::CoOwner, None, "某人"), None), ["/given_by not_an_owner"]);
    assert_eq!(of(&given(ConsentKind::CoOwner, id, "杭州某公司"), Some(&held)), ["/burden_id of_kind"]);
    let silent = NewConsent { price_goes: None, ..given(ConsentKind::Pledgee, id, "杭州某银行") };
    assert_eq!(of(&silent, Some(&held)), ["/price_goes of_pledgee"]);
    let nothing = NewConsent { deeds: Vec::new(), ..given(ConsentKind::CoOwner, None, "杭州某公司") };
    assert_eq!(of(&nothing, None), ["/deeds once"]);
}
