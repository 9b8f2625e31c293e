//! What an officer may decide about a line, and what follows.

use entity::Timestamp;
use entity::banking::{LineDecision, LineState, UnmatchedReason, bank_case, bank_line, bank_return};
use entity::ids::{AdmissionId, BankReturnId, PersonId, TransferId};
use entity::ledger::{BankDirection, RefundState};

use super::Claim;
use crate::admissions::rules::deposit;
use crate::platform::problem::{Code, Faults, Problem};

/// Longest reason, characters.
const LONGEST_REASON: usize = 500;

/// Whether a decision can be read: it has a reason, and names an admission where it applies to one.
pub fn check_decision(decision: LineDecision, admission: Option<AdmissionId>, reason: &str) -> Result<(), Problem> {
    Faults::new()
        .text("/reason", reason, LONGEST_REASON)
        .require(
            (decision == LineDecision::Apply) == admission.is_some(),
            "/admission_id",
            "admission",
            "认定为保证金（apply）时且仅在此时须指明报名",
            "an admission is named when the money is applied to one, and only then",
        )
        .done()
}

/// What may be decided about a line as it stands.
///
/// What came goes back, unless it is found to be the deposit of whoever paid it; that a payment was late,
/// short or another's no officer changes. What the bank itself took or gave is explained. A credit under a
/// reference of something else is never a deposit: it may be the same money.
pub fn open_to(line: &bank_line::Model, case: &bank_case::Model) -> Vec<LineDecision> {
    let (LineState::Unmatched, Some(reason)) = (case.state, case.reason) else { return Vec::new() };
    match (line.direction, reason) {
        (BankDirection::Debit, _) => vec![LineDecision::Explain],
        (_, UnmatchedReason::NoReference) => vec![LineDecision::Apply, LineDecision::Return, LineDecision::Explain],
        (_, UnmatchedReason::UnknownReference | UnmatchedReason::AdmissionNotWaiting) => vec![LineDecision::Apply, LineDecision::Return],
        (_, UnmatchedReason::ReferenceConflict) => vec![LineDecision::Return, LineDecision::Explain],
        (_, _) => vec![LineDecision::Return],
    }
}

/// Whether this may be decided about a line as it stands.
pub fn may_decide(line: &bank_line::Model, case: &bank_case::Model, decision: LineDecision) -> Result<(), Problem> {
    let decisions = open_to(line, case);
    if decisions.contains(&decision) {
        return Ok(());
    }
    let allowed: &[&str] = if decisions.is_empty() { &[] } else { &["decide_bank_line"] };
    let refused = Code::WrongState.with("state", case.state).with("allowed", allowed).with("decisions", decisions);
    Err(match case.reason {
        Some(reason) => refused.with("reason", reason),
        None => refused,
    })
}

/// The line once it is decided.
pub fn decided(
    held: &bank_case::Model,
    decision: LineDecision,
    admission: Option<AdmissionId>,
    reason: &str,
    officer: PersonId,
    at: Timestamp,
) -> bank_case::Model {
    bank_case::Model {
        state: LineState::Resolved,
        admission_id: admission.or(held.admission_id),
        decision: Some(decision),
        decision_reason: Some(reason.into()),
        decided_by: Some(officer),
        decided_at: Some(at),
        version: held.version + 1,
        ..held.clone()
    }
}

/// The refusal to take a payment for the deposit of an admission it is not.
pub fn no_deposit(reason: UnmatchedReason, claim: &Claim) -> Problem {
    match reason {
        UnmatchedReason::PayerMismatch => Code::PayerMismatch.into(),
        UnmatchedReason::AmountShort | UnmatchedReason::AmountExcess => Code::AmountMismatch.with("expected", deposit(&claim.call)),
        UnmatchedReason::Late => Code::RegistrationClosed.with("closes_at", claim.call.closes_at),
        _ => Code::WrongState.with("state", claim.admission.state).with("allowed", Vec::<String>::new()),
    }
}

/// The money of a line is owed back to whoever paid it.
pub fn owe(line: &bank_line::Model, id: BankReturnId, due_at: Timestamp, rule: String, at: Timestamp) -> bank_return::Model {
    bank_return::Model {
        id,
        line_id: line.id,
        amount_minor: line.amount_minor,
        currency: line.currency,
        state: RefundState::Due,
        due_at,
        rule,
        transfer_id: None,
        paid_at: None,
        version: 1,
        created_at: at,
    }
}

/// The return once the bank has paid it.
pub fn returned(held: &bank_return::Model, transfer: TransferId, at: Timestamp) -> bank_return::Model {
    bank_return::Model {
        state: RefundState::Paid,
        transfer_id: Some(transfer),
        paid_at: Some(at),
        version: held.version + 1,
        ..held.clone()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::super::samples::{at, line, waiting};
    use super::*;

    const EVERY_REASON: &[UnmatchedReason] = UnmatchedReason::ALL;

    #[test]
    fn what_came_can_always_go_back_and_only_what_may_be_a_deposit_is_applied() {
        let credit = line(1, BankDirection::Credit, 100);
        for reason in EVERY_REASON.iter().filter(|reason| **reason != UnmatchedReason::UnknownDebit) {
            let open = open_to(&credit, &waiting(&credit, *reason));
            assert!(open.contains(&LineDecision::Return), "{reason:?}");
            let may_be =
                matches!(reason, UnmatchedReason::NoReference | UnmatchedReason::UnknownReference | UnmatchedReason::AdmissionNotWaiting);
            assert_eq!(open.contains(&LineDecision::Apply), may_be, "{reason:?}");
        }
        let debit = line(2, BankDirection::Debit, 100);
        assert_eq!(open_to(&debit, &waiting(&debit, UnmatchedReason::UnknownDebit)), [LineDecision::Explain]);
    }

    #[test]
    fn a_line_is_decided_once() {
        let credit = line(1, BankDirection::Credit, 100);
        let held = waiting(&credit, UnmatchedReason::Late);
        assert_eq!(may_decide(&credit, &held, LineDecision::Return), Ok(()));
        let refused = may_decide(&credit, &held, LineDecision::Apply).unwrap_err();
        assert_eq!((refused.code, &refused.facts["reason"]), (Code::WrongState, &"late".into()));
        assert_eq!(refused.facts["decisions"], serde_json::json!(["return"]));
        let next = decided(&held, LineDecision::Return, None, "迟到", PersonId(Uuid::from_u128(1)), at(300));
        assert_eq!((next.state, next.version, next.reason), (LineState::Resolved, 2, Some(UnmatchedReason::Late)));
        for decision in LineDecision::ALL {
            let refused = may_decide(&credit, &next, *decision).unwrap_err();
            assert_eq!((&refused.facts["state"], &refused.facts["allowed"]), (&"resolved".into(), &serde_json::json!([])));
        }
    }

    #[test]
    fn a_decision_says_why_and_for_whom() {
        let admission = Some(AdmissionId(Uuid::from_u128(1)));
        assert_eq!(check_decision(LineDecision::Apply, admission, "核对后确认"), Ok(()));
        assert_eq!(check_decision(LineDecision::Return, None, "第三方付款"), Ok(()));
        for (decision, admission, reason) in
            [(LineDecision::Apply, None, "x"), (LineDecision::Return, admission, "x"), (LineDecision::Explain, None, " ")]
        {
            assert_eq!(check_decision(decision, admission, reason).unwrap_err().code, Code::Invalid);
        }
    }

    #[test]
    fn what_is_returned_is_owed_and_paid() {
        let credit = line(1, BankDirection::Credit, 100);
        let owed = owe(&credit, BankReturnId(Uuid::from_u128(2)), at(400), "3wd (x)".into(), at(300));
        assert_eq!((owed.state, owed.amount_minor, owed.due_at), (RefundState::Due, 100, at(400)));
        let paid = returned(&owed, TransferId(Uuid::from_u128(3)), at(350));
        assert_eq!((paid.state, paid.transfer_id.is_some(), paid.version), (RefundState::Paid, true, 2));
    }
}
