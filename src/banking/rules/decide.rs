//! What an officer may decide about a line, and what follows.

use entity::Timestamp;
use entity::banking::{LineDecision, LineState, UnmatchedReason, bank_case, bank_line, bank_return};
use entity::ids::{AdmissionId, BankReturnId, PersonId, RefundId, TransferId};
use entity::ledger::{BankDirection, RefundState};
use entity::money::{Currency, Money};

use super::{Claim, OPENING_ROW, Payee, same_party};
use crate::admissions::rules::deposit;
use crate::platform::problem::{Code, Faults, Problem};

/// Longest reason, characters.
const LONGEST_REASON: usize = 500;

/// What an officer decides, of what, and why.
#[derive(Clone, Copy, Debug)]
pub struct Verdict<'a> {
    /// What.
    pub decision: LineDecision,
    /// Whose deposit it is.
    pub admission: Option<AdmissionId>,
    /// The refund it paid.
    pub refund: Option<RefundId>,
    /// The return it paid.
    pub back: Option<BankReturnId>,
    /// Why.
    pub reason: &'a str,
}

impl Verdict<'_> {
    /// What was paid, if that is one thing.
    pub fn payee(&self) -> Option<Payee> {
        match (self.refund, self.back) {
            (Some(id), None) => Some(Payee::Refund(id)),
            (None, Some(id)) => Some(Payee::Return(id)),
            _ => None,
        }
    }

    /// Whether what was paid is named where it must be, and nowhere else.
    fn names_what_it_paid(&self) -> bool {
        if self.decision == LineDecision::Pays { self.payee().is_some() } else { self.refund.is_none() && self.back.is_none() }
    }
}

/// Whether a decision can be read: it has a reason, and names an admission, or what was paid, where it is of one.
pub fn check_decision(verdict: &Verdict<'_>) -> Result<(), Problem> {
    Faults::new()
        .text("/reason", verdict.reason, LONGEST_REASON)
        .require(
            (verdict.decision == LineDecision::Apply) == verdict.admission.is_some(),
            "/admission_id",
            "admission",
            "认定为保证金（apply）时且仅在此时须指明报名",
            "an admission is named when the money is applied to one, and only then",
        )
        .require(
            verdict.names_what_it_paid(),
            "/refund_id",
            "payee",
            "认定为已付退款（pays）时且仅在此时须指明一笔退款或退回来款",
            "one refund or one return is named when the money paid it, and only then",
        )
        .done()
}

/// What may be decided about a line as it stands.
///
/// What came goes back, unless it is found to be the deposit of whoever paid it; that a payment was late,
/// short or another's no officer changes. What the bank itself took or gave is explained; what went out may
/// have paid what is owed. A credit under a reference of something else is never a deposit: it may be the same
/// money. What is in the books under another name was not booked again, so nothing of it can go anywhere. What
/// was there before the earliest statement nobody sent, so it can only be explained.
pub fn open_to(line: &bank_line::Model, case: &bank_case::Model) -> Vec<LineDecision> {
    let (LineState::Unmatched, Some(reason)) = (case.state, case.reason) else { return Vec::new() };
    if line.row_number == OPENING_ROW {
        return vec![LineDecision::Explain];
    }
    match (line.direction, reason) {
        (_, UnmatchedReason::NameConflict) => vec![LineDecision::Same],
        (BankDirection::Debit, _) => vec![LineDecision::Pays, LineDecision::Explain],
        (_, UnmatchedReason::NoReference) => vec![LineDecision::Apply, LineDecision::Return, LineDecision::Explain],
        (_, UnmatchedReason::UnknownReference | UnmatchedReason::AdmissionNotWaiting) => vec![LineDecision::Apply, LineDecision::Return],
        (_, UnmatchedReason::ReferenceConflict) => vec![LineDecision::Return, LineDecision::Explain],
        (_, _) => vec![LineDecision::Return],
    }
}

/// What can be done to a line as it stands, as operations.
pub fn open_on_line(line: &bank_line::Model, case: &bank_case::Model) -> &'static [&'static str] {
    if open_to(line, case).is_empty() { &[] } else { &["decide_bank_line"] }
}

/// Whether this may be decided about a line as it stands.
pub fn may_decide(line: &bank_line::Model, case: &bank_case::Model, decision: LineDecision) -> Result<(), Problem> {
    let decisions = open_to(line, case);
    if decisions.contains(&decision) {
        return Ok(());
    }
    let allowed = open_on_line(line, case);
    let refused = Code::WrongState.with("state", case.state).with("allowed", allowed).with("decisions", decisions);
    Err(match case.reason {
        Some(reason) => refused.with("reason", reason),
        None => refused,
    })
}

/// The line once it is decided.
pub fn decided(held: &bank_case::Model, verdict: &Verdict<'_>, officer: PersonId, at: Timestamp) -> bank_case::Model {
    bank_case::Model {
        state: LineState::Resolved,
        admission_id: verdict.admission.or(held.admission_id),
        refund_id: verdict.refund,
        return_id: verdict.back,
        decision: Some(verdict.decision),
        decision_reason: Some(verdict.reason.into()),
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

/// What a debit is held against, if it is said to have paid it.
#[derive(Clone, Copy, Debug)]
pub struct Owed<'a> {
    /// Where it stands.
    pub state: RefundState,
    /// How much, minor units.
    pub minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// To whom.
    pub name: &'a str,
}

/// Whether a debit to somebody can have paid what is owed: it is still owed, to the fen, and he is not another.
pub fn settles(line: &bank_line::Model, paid_to: &str, owed: Owed<'_>) -> Result<(), Problem> {
    if owed.state != RefundState::Due {
        return Err(Code::WrongState.with("state", owed.state).with("allowed", Vec::<String>::new()));
    }
    if !same_party(paid_to, owed.name) {
        return Err(Code::PayeeMismatch.into());
    }
    if (line.amount_minor, line.currency) != (owed.minor, owed.currency) {
        return Err(Code::AmountMismatch.with("expected", Money { minor: owed.minor, currency: owed.currency }));
    }
    Ok(())
}

/// The refusal of a refund or return there is not.
pub fn no_such_debt() -> Problem {
    Code::Invalid.at("/refund_id", "unknown", "没有此退款或退回来款", "there is no such refund or return")
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

    fn verdict(decision: LineDecision) -> Verdict<'static> {
        Verdict { decision, admission: None, refund: None, back: None, reason: "核对后确认" }
    }

    #[test]
    fn what_came_can_always_go_back_and_only_what_may_be_a_deposit_is_applied() {
        let credit = line(1, BankDirection::Credit, 100);
        let of_credits = |reason: &&UnmatchedReason| !matches!(reason, UnmatchedReason::UnknownDebit | UnmatchedReason::NameConflict);
        for reason in EVERY_REASON.iter().filter(of_credits) {
            let open = open_to(&credit, &waiting(&credit, *reason));
            assert!(open.contains(&LineDecision::Return), "{reason:?}");
            let may_be =
                matches!(reason, UnmatchedReason::NoReference | UnmatchedReason::UnknownReference | UnmatchedReason::AdmissionNotWaiting);
            assert_eq!(open.contains(&LineDecision::Apply), may_be, "{reason:?}");
        }
        let debit = line(2, BankDirection::Debit, 100);
        assert_eq!(open_to(&debit, &waiting(&debit, UnmatchedReason::UnknownDebit)), [LineDecision::Pays, LineDecision::Explain]);
        for known in [&credit, &debit] {
            assert_eq!(open_to(known, &waiting(known, UnmatchedReason::NameConflict)), [LineDecision::Same]);
        }
    }

    #[test]
    fn what_was_there_before_the_earliest_statement_is_explained() {
        for (direction, reason) in
            [(BankDirection::Credit, UnmatchedReason::NoReference), (BankDirection::Debit, UnmatchedReason::UnknownDebit)]
        {
            let there = bank_line::Model { row_number: OPENING_ROW, ..line(1, direction, 100) };
            assert_eq!(open_to(&there, &waiting(&there, reason)), [LineDecision::Explain]);
        }
    }

    #[test]
    fn a_debit_settles_what_is_owed_to_the_fen_and_to_whoever_was_paid() {
        let debit = line(1, BankDirection::Debit, 100);
        let owed = Owed { state: RefundState::Due, minor: 100, currency: Currency::Cny, name: "某公司" };
        assert_eq!(settles(&debit, "某公司", owed), Ok(()));
        let refusal = |owed| settles(&debit, "某公司", owed).unwrap_err().code;
        assert_eq!(refusal(Owed { state: RefundState::Paid, ..owed }), Code::WrongState);
        assert_eq!(refusal(Owed { minor: 99, ..owed }), Code::AmountMismatch);
        assert_eq!(refusal(Owed { name: "别的公司", ..owed }), Code::PayeeMismatch);
        // A bank does not always say whom it paid.
        assert_eq!(settles(&debit, "", owed), Ok(()));
    }

    #[test]
    fn a_line_is_decided_once() {
        let credit = line(1, BankDirection::Credit, 100);
        let held = waiting(&credit, UnmatchedReason::Late);
        assert_eq!(may_decide(&credit, &held, LineDecision::Return), Ok(()));
        let refused = may_decide(&credit, &held, LineDecision::Apply).unwrap_err();
        assert_eq!((refused.code, &refused.facts["reason"]), (Code::WrongState, &"late".into()));
        assert_eq!(refused.facts["decisions"], serde_json::json!(["return"]));
        let next = decided(&held, &verdict(LineDecision::Return), PersonId(Uuid::from_u128(1)), at(300));
        assert_eq!((next.state, next.version, next.reason), (LineState::Resolved, 2, Some(UnmatchedReason::Late)));
        for decision in LineDecision::ALL {
            let refused = may_decide(&credit, &next, *decision).unwrap_err();
            assert_eq!((&refused.facts["state"], &refused.facts["allowed"]), (&"resolved".into(), &serde_json::json!([])));
        }
    }

    #[test]
    fn a_decision_says_why_and_for_whom() {
        let admission = Some(AdmissionId(Uuid::from_u128(1)));
        let (refund, back) = (Some(RefundId(Uuid::from_u128(1))), Some(BankReturnId(Uuid::from_u128(1))));
        let (apply, pays) = (verdict(LineDecision::Apply), verdict(LineDecision::Pays));
        let sound = [Verdict { admission, ..apply }, verdict(LineDecision::Return), Verdict { refund, ..pays }, Verdict { back, ..pays }];
        for one in sound {
            assert_eq!(check_decision(&one), Ok(()), "{one:?}");
        }
        let unsound = [
            apply,
            Verdict { admission, ..verdict(LineDecision::Return) },
            Verdict { reason: " ", ..verdict(LineDecision::Explain) },
            pays,
            Verdict { refund, back, ..pays },
            Verdict { refund, ..verdict(LineDecision::Explain) },
        ];
        for one in unsound {
            assert_eq!(check_decision(&one).unwrap_err().code, Code::Invalid, "{one:?}");
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
