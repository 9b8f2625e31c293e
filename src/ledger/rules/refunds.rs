//! Refunds: owed, due, paid once.

use entity::Timestamp;
use entity::ids::{AdmissionId, OrganisationId, RefundId, TransferId};
use entity::ledger::{RefundState, refund};
use entity::money::Money;

use super::nothing_allowed;
use crate::platform::problem::{Faults, Problem};

/// A refund to be owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefund {
    /// The admission whose deposit goes back.
    pub admission: AdmissionId,
    /// To whom.
    pub organisation: OrganisationId,
    /// How much.
    pub money: Money,
    /// By when.
    pub due_at: Timestamp,
    /// The rule the date follows from, in words.
    pub rule: String,
}

/// The refund that is owed from now on.
pub fn owe(new: NewRefund, id: RefundId, at: Timestamp) -> refund::Model {
    refund::Model {
        id,
        admission_id: new.admission,
        organisation_id: new.organisation,
        amount_minor: new.money.minor,
        currency: new.money.currency,
        state: RefundState::Due,
        due_at: new.due_at,
        rule: new.rule,
        transfer_id: None,
        paid_at: None,
        bank_reference: None,
        version: 1,
        created_at: at,
    }
}

/// The refund once it is paid; it is paid once, under the bank's reference.
pub fn paid(held: &refund::Model, transfer: TransferId, bank_reference: &str, at: Timestamp) -> Result<refund::Model, Problem> {
    is_owed(held)?;
    Ok(refund::Model {
        state: RefundState::Paid,
        transfer_id: Some(transfer),
        paid_at: Some(at),
        bank_reference: Some(bank_reference.into()),
        version: held.version + 1,
        ..held.clone()
    })
}

/// A refund is paid once.
fn is_owed(held: &refund::Model) -> Result<(), Problem> {
    if held.state == RefundState::Due { Ok(()) } else { Err(nothing_allowed(held.state)) }
}

/// What can be done to a refund, as operations.
pub fn open_on_refund(held: &refund::Model, is_in_file: bool) -> &'static [&'static str] {
    let may_be_paid = in_no_file(is_in_file).is_ok() && is_owed(held).is_ok();
    if may_be_paid { &["pay_refund"] } else { &[] }
}

/// Whether a refund is owed and its day has come.
pub fn falls_due(held: &refund::Model, at: Timestamp) -> bool {
    held.state == RefundState::Due && held.due_at <= at
}

/// A refund that is on its way in a payment file is not paid in another way too.
pub fn in_no_file(is_in_file: bool) -> Result<(), Problem> {
    if is_in_file { Err(nothing_allowed("in_payment_file")) } else { Ok(()) }
}

/// Longest reference of a bank.
pub const LONGEST_REFERENCE: usize = 64;

/// Whether a text can be the reference a bank gives a transaction (银行流水号): visible ASCII characters.
pub fn is_bank_reference(text: &str) -> bool {
    (1..=LONGEST_REFERENCE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Notes a fault if the text at `/bank_reference` cannot be a bank's reference.
pub fn check_bank_reference<'a>(faults: &'a mut Faults, text: &str) -> &'a mut Faults {
    faults.require(
        is_bank_reference(text),
        "/bank_reference",
        "bank_reference",
        "银行流水号须为 1 至 64 个可见 ASCII 字符，且不含空格",
        "a bank reference has 1 to 64 visible ASCII characters without blanks",
    )
}
