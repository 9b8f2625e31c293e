//! The rules of taking an open licence, one by one.

#![allow(clippy::unwrap_used)]

use entity::achievements::LegalStatus;
use entity::ids::{LicenceGrantId, NoticeId, OpenLicenceAcceptanceId, OrganisationId};
use entity::money::Money;
use entity::open_licences::{AcceptanceState, FeeStandard, OpenLicenceState, open_licence, open_licence_acceptance};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::acceptance::{NewAcceptance, NewPayment, NewRecordal, by_the_standard, due_at_once, may_take, still_stands, term};
use super::examples::{DRAFTED, day, member, officer, open};
use super::machine::{self, Submission};
use super::taken::{self, Deed, Sent};
use crate::listings::rules::tests::{asset, at, document, organisation_id, person};
use crate::platform::problem::{Code, Problem};

const LATER: &str = "2026-03-17T16:00:00Z";

fn taker() -> OrganisationId {
    OrganisationId(Uuid::from_u128(21))
}

fn licence() -> LicenceGrantId {
    LicenceGrantId(Uuid::from_u128(70))
}

/// A declaration that is announced: ten thousand a year, from April 2026 to April 2031.
fn announced() -> open_licence::Model {
    let text = Submission { rules: json!({}), text: "{}".into() };
    let submitted = machine::submitted(&open(person(10)), person(11), text, at(DRAFTED)).unwrap();
    machine::published(&submitted, &officer(30), NoticeId(Uuid::from_u128(9))).unwrap()
}

fn royalty(entry_fee: Option<i64>) -> FeeStandard {
    FeeStandard::Royalty { rate_bp: 300, entry_fee: entry_fee.map(Money::fen), base: "净销售额".into() }
}

fn paying(fen: i64) -> NewAcceptance {
    let payment = NewPayment { amount: Money::fen(fen), reference: "ICBC-1".into(), paid_on: day("2026-03-02"), document_id: document(1) };
    NewAcceptance { payment: Some(payment), undertakes_royalty: false }
}

fn notice() -> NewAcceptance {
    NewAcceptance { payment: None, undertakes_royalty: false }
}

fn judged(fee: &FeeStandard, new: &NewAcceptance) -> Result<(), Problem> {
    by_the_standard(fee, new, day("2026-03-03"))
}

fn faults(tried: Result<(), Problem>) -> Vec<(String, String)> {
    tried.unwrap_err().errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn is_fault(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

// ---- The standard ----

#[test]
fn what_is_announced_is_paid_to_the_fen() {
    for fee in [FeeStandard::OneOff { amount: Money::fen(1_000_000) }, FeeStandard::PerYear { amount: Money::fen(1_000_000) }] {
        assert_eq!(due_at_once(&fee), Some(Money::fen(1_000_000)));
        assert_eq!(judged(&fee, &paying(1_000_000)), Ok(()));
        assert_eq!(judged(&fee, &notice()), Ok(()), "the payment may follow");
        for other in [999_999, 1_000_001, 0, 2_000_000] {
            assert_eq!(faults(judged(&fee, &paying(other))), is_fault("/payment/amount", "not_the_standard"), "{other}");
        }
    }
}

#[test]
fn a_royalty_is_undertaken_and_its_entry_fee_paid() {
    let undertaken = |new: NewAcceptance| NewAcceptance { undertakes_royalty: true, ..new };
    assert_eq!(due_at_once(&royalty(None)), None);
    assert_eq!(judged(&royalty(None), &undertaken(notice())), Ok(()));
    assert_eq!(faults(judged(&royalty(None), &notice())), is_fault("/undertakes_royalty", "missing_field"));
    assert_eq!(faults(judged(&royalty(None), &undertaken(paying(1)))), is_fault("/payment", "contradiction"));
    assert_eq!(due_at_once(&royalty(Some(500))), Some(Money::fen(500)));
    assert_eq!(judged(&royalty(Some(500)), &undertaken(paying(500))), Ok(()));
    assert_eq!(faults(judged(&royalty(Some(500)), &paying(500))), is_fault("/undertakes_royalty", "missing_field"));
    let flat = FeeStandard::OneOff { amount: Money::fen(1) };
    assert_eq!(faults(judged(&flat, &undertaken(paying(1)))), is_fault("/undertakes_royalty", "contradiction"));
}

#[test]
fn a_payment_is_made_by_today_and_has_a_reference() {
    let fee = FeeStandard::OneOff { amount: Money::fen(1) };
    let with = |change: fn(&mut NewPayment)| {
        let mut new = paying(1);
        new.payment.iter_mut().for_each(change);
        faults(judged(&fee, &new))
    };
    assert_eq!(with(|payment| payment.paid_on = day("2026-03-04")), is_fault("/payment/paid_on", "future"));
    assert_eq!(with(|payment| payment.reference = " ".into()).first().unwrap().0, "/payment/reference");
    assert_eq!(with(|payment| payment.reference = "ICBC-1 ".into()), is_fault("/payment/reference", "blank_ends"));
}

// ---- Who may, and for how long ----

#[test]
fn anybody_but_the_patentee_takes_what_stands() {
    let today = day("2026-03-03");
    assert_eq!(may_take(&announced(), taker(), today), Ok(()));
    assert_eq!(may_take(&announced(), organisation_id(), today).unwrap_err().code, Code::ConflictOfInterest);
    assert_eq!(may_take(&announced(), taker(), day("2031-04-01")).unwrap_err().code, Code::WrongState);
    let withdrawn = machine::withdrawn(&announced(), &member(10), "不再许可", at(DRAFTED)).unwrap();
    let problem = may_take(&withdrawn, taker(), today).unwrap_err();
    assert_eq!((problem.code, &problem.facts["state"]), (Code::WrongState, &json!(OpenLicenceState::Withdrawn)));
}

#[test]
fn a_licence_stands_for_what_is_left_of_the_term() {
    assert_eq!(term(&announced(), day("2026-03-03")), (day("2026-04-01"), day("2031-04-01")));
    assert_eq!(term(&announced(), day("2028-06-01")), (day("2028-06-01"), day("2031-04-01")));
}

#[test]
fn what_stands_no_more_is_licensed_to_nobody() {
    use LegalStatus::{Abandoned, AnnuityGrace, CeasedNonpayment, Expired, Granted, Invalidated, Suspended};
    let read = |status| {
        let mut patent = asset(1);
        patent.status.as_mut().unwrap().status = status;
        still_stands(&patent)
    };
    for status in [Granted, AnnuityGrace] {
        assert_eq!(read(status), Ok(()), "{status:?}");
    }
    for status in [Abandoned, CeasedNonpayment, Expired, Invalidated, Suspended] {
        assert_eq!(read(status).unwrap_err().code, Code::StatusForbids, "{status:?}");
    }
}

// ---- What becomes of it ----

fn sent() -> open_licence_acceptance::Model {
    taken::sent(&Sent {
        id: OpenLicenceAcceptanceId(Uuid::from_u128(71)),
        declared: &announced(),
        by: (taker(), person(40)),
        undertakes_royalty: false,
        pay_by: at(LATER),
        at: at(DRAFTED),
    })
}

fn licensed() -> open_licence_acceptance::Model {
    taken::licensed(&sent(), licence(), Some((json!({}), "ICBC-1".into())), at(DRAFTED))
}

fn recordal() -> NewRecordal {
    NewRecordal { number: "X1".into(), recorded_on: day("2026-03-02") }
}

#[test]
fn a_notice_is_paid_and_put_on_record() {
    assert_eq!(taken::allowed(&sent()), ["take_open_licence", "confirm_open_licence_payment"]);
    let held = licensed();
    assert_eq!((held.state, held.licence_grant_id), (AcceptanceState::Licensed, Some(licence())));
    let all = ["confirm_open_licence_payment", "record_open_licence_recordal", "refute_open_licence_payment"];
    assert_eq!(taken::allowed(&held), all);
    let confirmed = taken::received(&held, person(10), at(DRAFTED));
    assert_eq!(taken::allowed(&confirmed), ["record_open_licence_recordal"], "what came is not in question");
    let recorded = taken::recorded(&confirmed, recordal()).unwrap();
    assert_eq!((recorded.state, recorded.recordal_number.as_deref()), (AcceptanceState::Recorded, Some("X1")));
    assert!(taken::recorded(&sent(), recordal()).is_err());
}

#[test]
fn what_is_not_paid_by_its_day_lapses() {
    assert!(!taken::is_late(&sent(), at("2026-03-17T15:59:59Z")));
    assert!(taken::is_late(&sent(), at(LATER)));
    assert!(!taken::is_late(&licensed(), at(LATER)), "what is paid does not");
    let lapsed = taken::lapsed(&sent(), "未付", at(LATER));
    assert_eq!((lapsed.state, lapsed.lapsed_at), (AcceptanceState::Lapsed, Some(at(LATER))));
    assert!(taken::allowed(&lapsed).is_empty());
}

#[test]
fn nobody_of_either_side_finds_that_it_was_not_paid() {
    for place in [taker(), organisation_id()] {
        assert_eq!(taken::refuted(&licensed(), &[place], "未到账", at(LATER)).unwrap_err().code, Code::ConflictOfInterest);
    }
    assert_eq!(taken::refuted(&licensed(), &[], " ", at(LATER)).unwrap_err().code, Code::Invalid);
    assert_eq!(taken::refuted(&licensed(), &[], "未到账", at(LATER)).unwrap().state, AcceptanceState::Lapsed);
    let confirmed = taken::received(&licensed(), person(10), at(DRAFTED));
    assert_eq!(taken::refuted(&confirmed, &[], "未到账", at(LATER)).unwrap_err().code, Code::WrongState);
}

fn do_it(held: &open_licence_acceptance::Model, deed: Deed) -> Result<open_licence_acceptance::Model, Problem> {
    match deed {
        Deed::Pay => {
            taken::require(held, Deed::Pay)?;
            Ok(taken::licensed(held, licence(), Some((json!({}), "ICBC-1".into())), at(DRAFTED)))
        }
        Deed::Confirm => {
            taken::require(held, Deed::Confirm)?;
            let received = taken::received(held, person(10), at(DRAFTED));
            let arises = held.licence_grant_id.is_none();
            Ok(if arises { taken::licensed(&received, licence(), None, at(DRAFTED)) } else { received })
        }
        Deed::Record => taken::recorded(held, recordal()),
        Deed::Refute => taken::refuted(held, &[], "未到账", at(LATER)),
    }
}

proptest! {
    /// Whatever is tried in whatever order: what is not allowed is refused with what is, there is a licence exactly from the payment on, and
    /// what the patentee confirmed never lapses.
    #[test]
    fn no_licence_without_payment(deeds in prop::collection::vec(0..Deed::ALL.len(), 1..20)) {
        let mut held = sent();
        for deed in deeds.into_iter().map(|index| Deed::ALL[index]) {
            let is_legal = taken::allowed(&held).contains(&deed.operation());
            match do_it(&held, deed) {
                Ok(next) => {
                    prop_assert!(is_legal);
                    prop_assert!(next.version > held.version);
                    held = next;
                }
                Err(problem) => {
                    prop_assert!(!is_legal);
                    prop_assert_eq!(problem.code, Code::WrongState);
                    prop_assert_eq!(&problem.facts["allowed"], &json!(taken::allowed(&held)));
                }
            }
            let is_paid = held.payment.is_some() || held.received_at.is_some();
            prop_assert_eq!(held.licence_grant_id.is_some(), is_paid);
            prop_assert!(held.state != AcceptanceState::Lapsed || held.received_at.is_none());
            prop_assert_eq!(held.lapsed_at.is_some(), held.state == AcceptanceState::Lapsed);
        }
    }
}
