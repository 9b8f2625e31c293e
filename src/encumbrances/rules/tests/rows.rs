//! The rows of the table of burdens.

use entity::encumbrances::BurdenStepKind;
use entity::encumbrances::burden_step;
use proptest::prelude::*;

use super::super::judge::stands;
use super::super::{Facts, Said, Verdict, forbids, stale};
use super::*;
use crate::rulebook::rules::Span;

use IntendedDeed::{
    Assignment, Equity, ExclusiveLicence, LicenceRecordal, NonExclusiveLicence, OpenDeclaration, Pledge, SoleLicence, TransferRecordal,
};

const HERE: Facts = Facts { suspends: false, abroad: false };
const ABROAD: Facts = Facts { suspends: false, abroad: true };

/// What a kind says to every deed, in their order: `p`ass, `w`arn, `b`lock.
fn row(kind: BurdenKind, facts: Facts) -> String {
    let letter = |deed: &IntendedDeed| match forbids(kind, facts, *deed) {
        Verdict::Pass => 'p',
        Verdict::Warn(_) => 'w',
        Verdict::Block(_) => 'b',
    };
    IntendedDeed::ALL.iter().map(letter).collect()
}

fn said(kind: BurdenKind, facts: Facts, deed: IntendedDeed) -> Said {
    match forbids(kind, facts, deed) {
        Verdict::Warn(said) | Verdict::Block(said) => said,
        Verdict::Pass => panic!("{kind:?} says nothing to {deed:?}"),
    }
}

#[test]
fn the_deeds_are_in_the_order_the_rows_are_written_in() {
    let written = [
        Assignment,
        Equity,
        ExclusiveLicence,
        SoleLicence,
        NonExclusiveLicence,
        OpenDeclaration,
        LicenceRecordal,
        TransferRecordal,
        Pledge,
    ];
    assert_eq!(IntendedDeed::ALL, written);
}

#[test]
fn pledge_forbids_transfer_licence_recordal_and_open_licence_without_the_pledgee() {
    assert_eq!(row(BurdenKind::Pledge, HERE), "bbbbbbbbw");
    assert_eq!(said(BurdenKind::Pledge, HERE, Assignment).rule, "CC art. 444");
    assert_eq!(said(BurdenKind::Pledge, HERE, OpenDeclaration).rule, "PLIR art. 86(4)");
    let row = burden(1, BurdenKind::Pledge);
    let mut standing = burdened(row.clone());
    assert_eq!(found(&standing, NonExclusiveLicence, false), ["!pledged"]);
    standing.consents = vec![consent(Some(&row), ConsentKind::Pledgee, "杭州某银行", &[NonExclusiveLicence, LicenceRecordal])];
    assert_eq!(found(&standing, NonExclusiveLicence, false), ["price_to_pledgee"], "the price goes to him first");
    assert_eq!(found(&standing, LicenceRecordal, false), ["price_to_pledgee"]);
    assert_eq!(found(&standing, Assignment, false), ["!pledged"], "he consents to licences alone");
}

#[test]
fn court_preservation_stops_everything_until_the_court_lifts_it() {
    assert_eq!(row(BurdenKind::Preservation, HERE), "bbbbbbbbb");
    let row = burden(1, BurdenKind::Preservation);
    let mut standing = burdened(row.clone());
    standing.consents = vec![consent(Some(&row), ConsentKind::Pledgee, "某银行", IntendedDeed::ALL)];
    assert_eq!(found(&standing, Assignment, false), ["!preserved"], "nobody's consent lifts it");
    standing.burdens[0].steps = vec![lifted(row.id, "2026-03-01")];
    assert!(found(&standing, Assignment, false).is_empty());
}

#[test]
fn ownership_dispute_stops_everything_if_suspended_and_is_disclosed_if_not() {
    assert_eq!(row(BurdenKind::OwnershipDispute, Facts { suspends: true, ..HERE }), "bbbbbbbbb");
    assert_eq!(row(BurdenKind::OwnershipDispute, HERE), "wwwwwwbww", "no licence is recorded under it");
}

#[test]
fn existing_licence_is_disclosed() {
    assert_eq!(row(BurdenKind::ExistingLicence, HERE), "wwwwwwwww");
    assert_eq!(said(BurdenKind::ExistingLicence, HERE, Assignment).rule, "SPC-TC art. 24");
}

#[test]
fn open_licence_shuts_out_exclusive_and_sole_licences() {
    assert_eq!(row(BurdenKind::OpenLicence, HERE), "wwbbwbwww");
    assert_eq!(said(BurdenKind::OpenLicence, HERE, SoleLicence).rule, "PL art. 51");
}

#[test]
fn preemption_is_told_to_its_holder_unless_he_waived_it() {
    assert_eq!(row(BurdenKind::Preemption, HERE), "wwpppppwp");
    let row = burden(1, BurdenKind::Preemption);
    let mut standing = burdened(row.clone());
    assert_eq!(found(&standing, Assignment, false), ["preempted"]);
    standing.consents = vec![consent(Some(&row), ConsentKind::PreemptionWaiver, "完成人", &[Assignment])];
    assert!(found(&standing, Assignment, false).is_empty());
}

#[test]
fn granted_use_right_is_disclosed_as_a_licence() {
    assert_eq!(row(BurdenKind::GrantedUseRight, HERE), "wwwwwwwww");
}

#[test]
fn state_funded_goes_abroad_with_the_approval_of_the_project_manager() {
    assert_eq!(row(BurdenKind::StateFunded, HERE), "wwwwwwwww");
    assert_eq!(row(BurdenKind::StateFunded, ABROAD), "bbbwwwwbw", "as title or as an exclusive licence");
    let row = burden(1, BurdenKind::StateFunded);
    let mut standing = burdened(row.clone());
    assert_eq!(found(&standing, ExclusiveLicence, true), ["!state_funded_abroad"]);
    standing.consents = vec![consent(Some(&row), ConsentKind::ProjectManager, "省科技厅", &[ExclusiveLicence])];
    assert!(found(&standing, ExclusiveLicence, true).is_empty());
    assert_eq!(found(&standing, Assignment, true), ["!state_funded_abroad"]);
}

#[test]
fn state_secret_is_never_dealt_in_and_export_prohibited_never_goes_abroad() {
    assert_eq!(row(BurdenKind::StateSecret, HERE), "bbbbbbbbb");
    assert_eq!(row(BurdenKind::ExportProhibited, HERE), "wwwwwwwww");
    assert_eq!(row(BurdenKind::ExportProhibited, ABROAD), "bbbbbbbbb");
}

#[test]
fn standard_essential_compulsory_licence_and_secured_are_disclosed() {
    for kind in [BurdenKind::StandardEssential, BurdenKind::CompulsoryLicence, BurdenKind::Secured] {
        assert_eq!(row(kind, HERE), "wwwwwwwww", "{kind:?}");
        assert_eq!(row(kind, ABROAD), "wwwwwwwww", "{kind:?}");
    }
}

#[test]
fn everything_said_names_its_rule_and_its_cure_in_both_languages() {
    for kind in BurdenKind::ALL {
        for deed in IntendedDeed::ALL {
            for facts in [HERE, ABROAD, Facts { suspends: true, ..HERE }] {
                if let Verdict::Warn(said) | Verdict::Block(said) = forbids(*kind, facts, *deed) {
                    for text in [said.code, said.rule, said.zh, said.en, said.cure_zh, said.cure_en] {
                        assert!(!text.is_empty(), "{kind:?} {deed:?}");
                    }
                }
            }
        }
    }
}

fn lifted(id: BurdenId, on: &str) -> burden_step::Model {
    burden_step::Model {
        burden_id: id,
        kind: BurdenStepKind::Lifted,
        lifted_on: Some(day(on)),
        document: None,
        made_by: person(1),
        made_at: at("2026-03-02T02:00:00Z"),
    }
}

#[test]
fn a_burden_stands_from_its_first_day_through_its_last_or_until_it_is_lifted() {
    let held = stands_of(burden::Model { until: Some(day("2026-06-30")), ..burden(1, BurdenKind::Pledge) });
    for (on, expected) in [("2026-01-14", false), ("2026-01-15", true), ("2026-06-30", true), ("2026-07-01", false)] {
        assert_eq!(stands(&held, day(on)), expected, "{on}");
    }
    let held = Burden { steps: vec![lifted(held.row.id, "2026-03-01")], ..held };
    assert!(stands(&held, day("2026-02-28")) && !stands(&held, day("2026-03-01")));
}

#[test]
fn a_consent_holds_from_its_first_day_through_its_last() {
    let mut given = consent(None, ConsentKind::CoOwner, "杭州某公司", &[Assignment]);
    given.row.valid_until = Some(day("2026-03-31"));
    for (on, expected) in [("2026-01-31", false), ("2026-02-01", true), ("2026-03-31", true), ("2026-04-01", false)] {
        assert_eq!(given.covers(Assignment, day(on)), expected, "{on}");
    }
    assert!(!given.covers(Pledge, day("2026-03-01")));
}

#[test]
fn what_was_read_too_long_ago_is_stale() {
    let standing = burdened(burden(1, BurdenKind::Pledge));
    let thirty = Span::CalendarDays(30);
    // It was read on the 20th of February.
    assert!(stale(std::slice::from_ref(&standing), day("2026-03-22"), thirty).is_empty());
    assert_eq!(stale(std::slice::from_ref(&standing), day("2026-03-23"), thirty), [standing.burdens[0].row.id]);
}

proptest! {
    /// More burdens never let through what fewer stop.
    #[test]
    fn a_further_burden_never_opens_what_was_closed(
        kinds in prop::collection::vec(prop::sample::select(BurdenKind::ALL.to_vec()), 0..6),
        further in prop::sample::select(BurdenKind::ALL.to_vec()),
        deed in prop::sample::select(IntendedDeed::ALL.to_vec()),
        abroad: bool,
    ) {
        let mut standing = alone();
        standing.burdens = (0_u128..).zip(kinds).map(|(number, kind)| stands_of(burden(number, kind))).collect();
        let stops = |standing: &Standing| found(standing, deed, abroad).iter().filter(|code| code.starts_with('!')).count();
        let before = stops(&standing);
        standing.burdens.push(stands_of(burden(99, further)));
        prop_assert!(stops(&standing) >= before);
    }

    /// A consent never stops what was open.
    #[test]
    fn a_consent_never_closes_what_was_open(
        kind in prop::sample::select(BurdenKind::ALL.to_vec()),
        whose in prop::sample::select(ConsentKind::ALL.to_vec()),
        deed in prop::sample::select(IntendedDeed::ALL.to_vec()),
        abroad: bool,
    ) {
        let row = burden(1, kind);
        let mut standing = burdened(row.clone());
        let is_open = |standing: &Standing| found(standing, deed, abroad).iter().all(|code| !code.starts_with('!'));
        let before = is_open(&standing);
        standing.consents = vec![consent(Some(&row), whose, "某单位", &[deed])];
        prop_assert!(!before || is_open(&standing));
    }
}
