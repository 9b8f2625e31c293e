//! Whose a line is: known already, a payment confirmed, a deposit, or nobody's yet.

use std::cmp::Ordering;

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::banking::{LineState, PaymentState, UnmatchedReason, bank_case, bank_line, payment_item};
use entity::ids::{AdmissionId, BankLineId, TransferId};
use entity::ledger::{BankDirection, bank_entry};
use entity::money::Money;

use crate::admissions::rules::{deposit, lacked_deposit, same_name};

/// A movement at the bank, as a statement says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement<'a> {
    /// Which way.
    pub direction: BankDirection,
    /// The bank's reference.
    pub bank_reference: &'a str,
    /// How much.
    pub money: Money,
    /// Who paid, or was paid.
    pub counterparty_name: &'a str,
    /// When the bank booked it.
    pub booked_at: Timestamp,
}

/// An admission whose deposit a credit may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The admission.
    pub admission: admission::Model,
    /// Its call.
    pub call: admission_call::Model,
    /// The applicant's registered name.
    pub registered_name: String,
    /// Whether bidding for the lot has not opened yet.
    pub before_bidding: bool,
}

/// Whom the remark of a credit names.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// Nobody.
    Nobody,
    /// A deposit there is not, or several.
    Unknown,
    /// The deposit of one admission.
    One(&'a Claim),
}

/// A payment that waits in suspense because it is less than the deposit it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The line it came by.
    pub line: BankLineId,
    /// Minor units.
    pub minor: i64,
}

/// A line of an earlier statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The line.
    pub line: bank_line::Model,
    /// Who paid, or was paid.
    pub name: String,
}

/// What was booked under a reference of the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// What was booked.
    pub entry: bank_entry::Model,
    /// Who paid, or was paid.
    pub name: String,
}

/// A payment of a file whose reference the remark of a debit carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payable {
    /// The payment.
    pub item: payment_item::Model,
    /// To whom it goes.
    pub payee: String,
    /// Whether what it pays is still owed.
    pub owed: bool,
}

/// What was found about a movement.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The lines of earlier statements under the same reference.
    pub earlier: &'a [Earlier],
    /// What was booked under the reference.
    pub entry: Option<&'a Entered>,
    /// Whom a credit names.
    pub named: Named<'a>,
    /// The parts of that deposit that wait.
    pub parts: &'a [Part],
    /// What a debit pays.
    pub payable: Option<&'a Payable>,
}

/// What becomes of a movement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the books: under this transfer, and by this line of an earlier statement if by one.
    Known {
        /// The transfer that stands for it.
        transfer: TransferId,
        /// The line that said it before.
        line: Option<BankLineId>,
    },
    /// It pays what a payment file asked for.
    Pays,
    /// It is the deposit it names, together with the parts that waited.
    Deposit,
    /// It is in the books under another name: an officer has to look whether it is the same.
    Doubtful {
        /// The transfer that stands for it.
        transfer: TransferId,
        /// The line that said it before.
        line: Option<BankLineId>,
    },
    /// It is nobody's yet.
    Suspense(UnmatchedReason),
}

/// What becomes of a movement, by what was found about it.
///
/// Nothing is booked twice: what an earlier line says, or what was booked under the reference by hand, is
/// known. Where it was booked of another name, or something else was booked under the reference, an officer
/// has to look.
pub fn fate(movement: &Movement<'_>, look: &Look<'_>) -> Fate {
    if let Some(Earlier { line, .. }) = look.earlier.iter().find(|earlier| says(earlier, movement)) {
        return Fate::Known { transfer: line.transfer_id, line: Some(line.id) };
    }
    if let Some(Entered { entry, .. }) = look.entry.filter(|entered| stands_for(entered, movement)) {
        return Fate::Known { transfer: entry.transfer_id, line: None };
    }
    if let Some(Earlier { line, .. }) = look.earlier.iter().find(|earlier| moves_as_much(&earlier.line, movement)) {
        return Fate::Doubtful { transfer: line.transfer_id, line: Some(line.id) };
    }
    match look.entry {
        Some(Entered { entry, .. }) if is_booked(entry, movement) => return Fate::Doubtful { transfer: entry.transfer_id, line: None },
        Some(_) => return Fate::Suspense(UnmatchedReason::ReferenceConflict),
        None => {}
    }
    match movement.direction {
        BankDirection::Credit => credit(movement, look),
        BankDirection::Debit if look.payable.is_some_and(|payable| pays(payable, movement)) => Fate::Pays,
        BankDirection::Debit => Fate::Suspense(UnmatchedReason::UnknownDebit),
    }
}

fn credit(movement: &Movement<'_>, look: &Look<'_>) -> Fate {
    let claim = match look.named {
        Named::Nobody => return Fate::Suspense(UnmatchedReason::NoReference),
        Named::Unknown => return Fate::Suspense(UnmatchedReason::UnknownReference),
        Named::One(claim) => claim,
    };
    match judge(movement, claim) {
        Ok(()) => Fate::Deposit,
        Err(UnmatchedReason::AmountShort) if completes(look.parts, movement.money, deposit(&claim.call)) => Fate::Deposit,
        Err(reason) => Fate::Suspense(reason),
    }
}

/// Whether a credit is the deposit of an admission: from the applicant's own account, the only one, in
/// time, waited for, and to the fen. What is in time is decided by when the bank booked it, so a statement
/// that comes after registration has closed still admits, until bidding opens.
pub fn judge(movement: &Movement<'_>, claim: &Claim) -> Result<(), UnmatchedReason> {
    let Claim { admission, call, registered_name, before_bidding } = claim;
    if !same_name(movement.counterparty_name, registered_name) {
        return Err(UnmatchedReason::PayerMismatch);
    }
    if admission.hold_transfer_id.is_some() {
        return Err(UnmatchedReason::AlreadyPaid);
    }
    if movement.booked_at >= call.closes_at || call.closed_at.is_some_and(|closed| movement.booked_at >= closed) {
        return Err(UnmatchedReason::Late);
    }
    let due = deposit(call);
    let waits = match call.closed_at {
        None => admission.state == AdmissionState::Qualified,
        Some(_) => *before_bidding && lacked_deposit(admission),
    };
    if !waits || movement.money.currency != due.currency {
        return Err(UnmatchedReason::AdmissionNotWaiting);
    }
    match movement.money.minor.cmp(&due.minor) {
        Ordering::Equal => Ok(()),
        Ordering::Less => Err(UnmatchedReason::AmountShort),
        Ordering::Greater => Err(UnmatchedReason::AmountExcess),
    }
}

/// Whether a payment and the parts that wait, all of them, are together exactly the deposit.
fn completes(parts: &[Part], last: Money, due: Money) -> bool {
    let sum = parts.iter().map(|part| part.minor).try_fold(last.minor, i64::checked_add);
    !parts.is_empty() && sum == Some(due.minor)
}

/// Whether a line of an earlier statement says the same.
fn says(earlier: &Earlier, movement: &Movement<'_>) -> bool {
    moves_as_much(&earlier.line, movement) && same_party(&earlier.name, movement.counterparty_name)
}

/// Whether a line of an earlier statement moves as much the same way under the same reference.
fn moves_as_much(line: &bank_line::Model, movement: &Movement<'_>) -> bool {
    line.direction == movement.direction
        && line.bank_reference == movement.bank_reference
        && (Money { minor: line.amount_minor, currency: line.currency }) == movement.money
}

/// Whether what was booked under a reference is this movement.
fn stands_for(entered: &Entered, movement: &Movement<'_>) -> bool {
    is_booked(&entered.entry, movement) && same_party(&entered.name, movement.counterparty_name)
}

/// Whether as much was booked the same way under the movement's reference.
fn is_booked(entry: &bank_entry::Model, movement: &Movement<'_>) -> bool {
    entry.direction == movement.direction
        && entry.bank_reference == movement.bank_reference
        && (Money { minor: entry.amount_minor, currency: entry.currency }) == movement.money
}

/// Whether a debit is the payment whose reference it carries: to the fen, to the payee, and still owed.
/// One that was cancelled too late for the bank counts too, even where another file asks for it again.
fn pays(payable: &Payable, movement: &Movement<'_>) -> bool {
    let item = &payable.item;
    payable.owed
        && item.state != PaymentState::Confirmed
        && (Money { minor: item.amount_minor, currency: item.currency }) == movement.money
        && same_party(&payable.payee, movement.counterparty_name)
}

/// Whether two names are of one party; a bank does not always say whom it paid.
pub fn same_party(one: &str, other: &str) -> bool {
    one.is_empty() || other.is_empty() || same_name(one, other)
}

/// What the movements that lines of earlier statements say too, be it of another name, make up: credits less
/// debits, in minor units.
pub fn known<'a>(movements: impl Iterator<Item = (&'a Movement<'a>, &'a [Earlier])>) -> i64 {
    let again = movements.filter(|(movement, earlier)| earlier.iter().any(|earlier| moves_as_much(&earlier.line, movement)));
    again.fold(0_i64, |sum, (movement, _)| match movement.direction {
        BankDirection::Credit => sum.saturating_add(movement.money.minor),
        BankDirection::Debit => sum.saturating_sub(movement.money.minor),
    })
}

/// Where a new line stands by its fate.
pub fn standing(line: &bank_line::Model, fate: &Fate, admission: Option<AdmissionId>) -> bank_case::Model {
    let (state, reason) = match fate {
        Fate::Known { .. } => (LineState::Duplicate, None),
        Fate::Pays => (LineState::ConfirmedRefund, None),
        Fate::Deposit => (LineState::Matched, None),
        Fate::Doubtful { .. } => (LineState::Unmatched, Some(UnmatchedReason::NameConflict)),
        Fate::Suspense(reason) => (LineState::Unmatched, Some(*reason)),
    };
    bank_case::Model {
        line_id: line.id,
        statement_id: line.statement_id,
        state,
        reason,
        admission_id: admission,
        refund_id: None,
        return_id: None,
        decision: None,
        decision_reason: None,
        decided_by: None,
        decided_at: None,
        version: 1,
        created_at: line.created_at,
    }
}

/// A part that waited has become the deposit with others.
pub fn matched(held: &bank_case::Model) -> bank_case::Model {
    bank_case::Model { state: LineState::Matched, reason: None, version: held.version + 1, ..held.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
