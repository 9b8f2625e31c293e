//! The rules of patents that nobody uses, one by one.

#![allow(clippy::unwrap_used)]

use chrono::NaiveDate;
use entity::achievements::{AssetKind, achievement, asset};
use entity::identity::{OrganisationKind, Ownership, organisation};
use entity::money::Money;
use entity::open_implementation::{ImplementationClaim, OpenImplementationMethod, OpenImplementationState, open_implementation};
use entity::open_licences::FeeStandard;
use proptest::prelude::*;
use serde_json::json;

use super::due::{due, granted_by, remind_on};
use super::machine::{self, NewImplementationDecision, NewImplementationTerms};
use crate::listings::rules::tests::{achievement, asset, at, person, seller};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Span;
use crate::rulebook::rules::shipped::RULEBOOK;

const NOW: &str = "2026-03-03T02:00:00Z";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Three years, as the rule is shipped.
fn after() -> Span {
    RULEBOOK.span("open_implementation_after", None, day("2026-03-03")).unwrap()
}

fn granted(on: Option<&str>) -> asset::Model {
    asset::Model { granted_on: on.map(day), ..asset(1).asset }
}

fn due_of(patent: &asset::Model) -> Option<NaiveDate> {
    due(patent, &achievement(), &seller(), after())
}

// ---- When ----

#[test]
fn a_patent_is_due_three_years_after_its_grant() {
    assert_eq!(after(), Span::Years(3));
    assert_eq!(due_of(&granted(Some("2022-05-06"))), Some(day("2025-05-06")));
    for kind in [AssetKind::UtilityModel, AssetKind::Design] {
        assert_eq!(due_of(&asset::Model { kind, ..granted(Some("2022-05-06")) }), Some(day("2025-05-06")), "{kind:?}");
    }
}

#[test]
fn a_grant_on_a_leap_day_is_due_on_the_last_of_february() {
    assert_eq!(due_of(&granted(Some("2024-02-29"))), Some(day("2027-02-28")));
}

#[test]
fn what_is_not_granted_is_never_due() {
    assert_eq!(due_of(&granted(None)), None);
    assert_eq!(due_of(&asset::Model { kind: AssetKind::PatentApplication, ..granted(Some("2022-05-06")) }), None);
    assert_eq!(due_of(&asset::Model { kind: AssetKind::Software, ..granted(Some("2022-05-06")) }), None);
}

#[test]
fn only_public_bodies_and_public_money_are_bound() {
    let patent = granted(Some("2022-05-06"));
    let of = |owner: &organisation::Model| due(&patent, &achievement(), owner, after());
    let institute = organisation::Model { kind: OrganisationKind::ResearchInstitute, ..seller() };
    assert!(of(&institute).is_some());
    for owner in [
        organisation::Model { ownership: Ownership::Private, ..seller() },
        organisation::Model { kind: OrganisationKind::Enterprise, ..seller() },
        organisation::Model { kind: OrganisationKind::Government, ..seller() },
    ] {
        assert_eq!(of(&owner), None, "{:?} {:?}", owner.ownership, owner.kind);
    }
    let paid_otherwise = achievement::Model { state_funded: false, ..achievement() };
    assert_eq!(due(&patent, &paid_otherwise, &seller(), after()), None);
}

#[test]
fn the_owner_is_reminded_half_a_year_before() {
    let before = RULEBOOK.span("open_implementation_reminder", None, day("2026-03-03")).unwrap();
    assert_eq!(before, Span::Months(6));
    assert_eq!(remind_on(day("2027-05-06"), before), Some(day("2026-11-06")));
    assert_eq!(remind_on(day("2027-02-28"), before), Some(day("2026-08-31")), "the last day from which six months reach it");
}

proptest! {
    /// Whoever looks for patents by their grants finds those that are due, and no others.
    #[test]
    fn what_was_granted_by_a_day_is_what_is_due_by_another(
        days in 0_i32..40_000,
        shift in -3_i32..=3,
        span in prop_oneof![
            (0_u32..40).prop_map(Span::Years),
            (0_u32..400).prop_map(Span::Months),
            (0_u32..9_000).prop_map(Span::CalendarDays),
        ],
    ) {
        let today = NaiveDate::from_num_days_from_ce_opt(719_163 + days).unwrap();
        let last = granted_by(today, span).unwrap();
        let granted = last + chrono::TimeDelta::days(shift.into());
        let is_due = span.after_day(granted).unwrap() <= today;
        prop_assert_eq!(is_due, granted <= last);
    }
}

// ---- What is said of it ----

fn unsaid() -> open_implementation::Model {
    machine::unsaid(asset(1).asset.id, seller().id, at(NOW))
}

fn claimed() -> open_implementation::Model {
    let said = (ImplementationClaim::Exploited, "自行实施".to_owned());
    machine::claimed(&unsaid(), said, json!({}), (person(10), at(NOW))).unwrap()
}

fn decision(accepted: bool) -> NewImplementationDecision {
    NewImplementationDecision { accepted, reason: "属实".into() }
}

fn code<T: std::fmt::Debug>(tried: Result<T, Problem>) -> Code {
    tried.unwrap_err().code
}

#[test]
fn what_is_free_costs_nothing_and_all_else_something() {
    use OpenImplementationMethod::{FreeOfCharge, NonExclusiveLicence, OpenLicence};
    let fee = FeeStandard::OneOff { amount: Money::fen(100) };
    let judged = |method, fee: Option<&FeeStandard>| machine::said_well(&NewImplementationTerms { method, fee: fee.cloned() });
    assert_eq!(judged(FreeOfCharge, None), Ok(()));
    assert_eq!(code(judged(FreeOfCharge, Some(&fee))), Code::Invalid);
    for method in [NonExclusiveLicence, OpenLicence] {
        assert_eq!(judged(method, Some(&fee)), Ok(()));
        assert_eq!(code(judged(method, None)), Code::Invalid);
        assert_eq!(code(judged(method, Some(&FeeStandard::OneOff { amount: Money::fen(0) }))), Code::Invalid);
    }
}

#[test]
fn an_owner_sets_terms_and_claims_and_an_officer_decides() {
    let method = OpenImplementationMethod::FreeOfCharge;
    let set = machine::with_terms(&unsaid(), method, None, (person(10), at(NOW))).unwrap();
    assert_eq!((set.state, set.method, set.version), (OpenImplementationState::Listed, Some(method), 1));
    assert_eq!(machine::allowed(claimed().state), ["set_implementation_terms", "decide_implementation_claim"]);
    let excused = machine::decided(&claimed(), (person(30), false), decision(true), at(NOW)).unwrap();
    assert_eq!(excused.state, OpenImplementationState::Excused);
    assert!(machine::allowed(excused.state).is_empty());
    let stays = machine::decided(&claimed(), (person(30), false), decision(false), at(NOW)).unwrap();
    assert_eq!(stays.state, OpenImplementationState::Listed);
    let again = (ImplementationClaim::GoodReason, "正在中试".to_owned());
    let next = machine::claimed(&stays, again, json!({}), (person(10), at(NOW))).unwrap();
    assert_eq!((next.state, next.decided_by, next.version), (OpenImplementationState::Claimed, None, stays.version + 1));
}

#[test]
fn nobody_decides_on_what_he_said_or_for_his_own_house() {
    assert_eq!(code(machine::decided(&claimed(), (person(10), false), decision(true), at(NOW))), Code::SamePerson);
    assert_eq!(code(machine::decided(&claimed(), (person(30), true), decision(true), at(NOW))), Code::ConflictOfInterest);
    assert_eq!(code(machine::decided(&unsaid(), (person(30), false), decision(true), at(NOW))), Code::WrongState);
    let silent = NewImplementationDecision { reason: " ".into(), ..decision(true) };
    assert_eq!(code(machine::decided(&claimed(), (person(30), false), silent, at(NOW))), Code::Invalid);
    let unsaid_why = (ImplementationClaim::Exploited, " ".to_owned());
    assert_eq!(code(machine::claimed(&unsaid(), unsaid_why, json!({}), (person(10), at(NOW)))), Code::Invalid);
}
