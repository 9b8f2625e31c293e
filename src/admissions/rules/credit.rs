//! The deposit: whose money, how much, in time.

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::ids::TransferId;
use entity::money::Money;
use unicode_normalization::UnicodeNormalization;

use super::call::is_shut;
use super::{deposit, turned, wrong_state};
use crate::ledger;
use crate::platform::problem::{Code, Faults, Problem};

/// What the bank says of a payment, beside its reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment<'a> {
    /// The name of the account it came from.
    pub payer_name: &'a str,
    /// How much.
    pub amount: Money,
}

/// Whether the texts of a payment can be what they should.
pub fn check_payment(bank_reference: &str, deposit_reference: &str, payer_name: &str) -> Result<(), Problem> {
    let mut faults = Faults::new();
    ledger::rules::check_bank_reference(&mut faults, bank_reference);
    faults.text("/deposit_reference", deposit_reference, 64).text("/payer_name", payer_name, 200).done()
}

/// Whether a payment is the deposit of this admission: in time, expected, from an account in the
/// organisation's own registered name, and neither more nor less than asked for.
pub fn credited(
    held: &admission::Model,
    call: &admission_call::Model,
    registered_name: &str,
    payment: Payment<'_>,
    at: Timestamp,
) -> Result<(), Problem> {
    if is_shut(call, at) {
        return Err(Code::RegistrationClosed.with("closes_at", call.closes_at));
    }
    if held.state != AdmissionState::Qualified {
        return Err(wrong_state(held, call, at));
    }
    if !same_name(payment.payer_name, registered_name) {
        return Err(Code::PayerMismatch.into());
    }
    let expected = deposit(call);
    if payment.amount != expected {
        return Err(Code::AmountMismatch.with("expected", expected));
    }
    Ok(())
}

/// The deposit is there and held: the buyer may bid, under this name, with the right of pre-emption of this rank if he
/// has one.
pub fn admit(held: &admission::Model, pseudonym: String, deposit: TransferId, preemption_rank: Option<i32>) -> admission::Model {
    let (pseudonym, hold_transfer_id) = (Some(pseudonym), Some(deposit));
    admission::Model { pseudonym, hold_transfer_id, preemption_rank, ..turned(held, AdmissionState::Admitted) }
}

/// Whether two names are one, as banks and registers may write it.
pub fn same_name(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// A name as banks and registers may both write it: full-width forms and blanks do not matter.
fn plain(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::super::samples::{admission, at, call};
    use super::*;

    const NAME: &str = "杭州某某(集团)有限公司";

    fn pay(state: AdmissionState, payer_name: &str, fen: i64, second: i64) -> Result<(), Problem> {
        let payment = Payment { payer_name, amount: Money::fen(fen) };
        credited(&admission(1, state), &call(), NAME, payment, at(second))
    }

    #[test]
    fn the_exact_amount_in_the_own_name_and_in_time_is_the_deposit() {
        assert_eq!(pay(AdmissionState::Qualified, NAME, 100_000, 199), Ok(()));
        assert_eq!(pay(AdmissionState::Qualified, " 杭州某某（集团） 有限公司\u{3000}", 100_000, 150), Ok(()));
    }

    #[test]
    fn anything_else_is_refused_for_its_own_reason() {
        let code = |outcome: Result<(), Problem>| outcome.unwrap_err().code;
        assert_eq!(code(pay(AdmissionState::Qualified, NAME, 100_000, 200)), Code::RegistrationClosed);
        assert_eq!(code(pay(AdmissionState::Qualified, "杭州某某有限公司", 100_000, 150)), Code::PayerMismatch);
        for fen in [99_999, 100_001, 0] {
            let refused = pay(AdmissionState::Qualified, NAME, fen, 150).unwrap_err();
            assert_eq!((refused.code, &refused.facts["expected"]["amount"]), (Code::AmountMismatch, &"1000.00".into()));
        }
        for state in AdmissionState::ALL.iter().filter(|state| **state != AdmissionState::Qualified) {
            assert_eq!(code(pay(*state, NAME, 100_000, 150)), Code::WrongState, "{state:?}");
        }
    }

    #[test]
    fn the_admitted_have_a_name_and_a_deposit() {
        let transfer = TransferId(Uuid::from_u128(5));
        let next = admit(&admission(1, AdmissionState::Qualified), "竞买人 4821".into(), transfer, Some(2));
        assert_eq!((next.state, next.hold_transfer_id, next.version), (AdmissionState::Admitted, Some(transfer), 4));
        assert_eq!(next.pseudonym.as_deref(), Some("竞买人 4821"));
    }

    #[test]
    fn texts_that_no_bank_sends_are_refused() {
        assert_eq!(check_payment("ICBC-1", "D-7K2M9QXP", NAME), Ok(()));
        let refused = check_payment("a b", "", "\u{7}").unwrap_err();
        let places: Vec<_> = refused.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, ["/bank_reference", "/deposit_reference", "/payer_name"]);
    }
}
