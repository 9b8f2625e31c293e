//! Payment files: what is paid to whom, how the file says it, and when it is done.

use entity::Timestamp;
use entity::banking::{PaymentState, bank_line, payment_file, payment_item};
use entity::ids::{BankLineId, BankReturnId, PaymentFileId, PaymentItemId, PersonId, RefundId};
use entity::ledger::bank_credit;
use entity::money::{Currency, Money};
use entity::sealed::Sealed;

use crate::admissions::rules::{reference, same_name};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Faults, Problem};
use crate::platform::spreadsheet::guarded;

/// What references of payments begin with.
pub const PAYMENT: char = 'R';
/// How many payments a file may hold.
pub const MOST_PAYMENTS: u64 = 1_000;

const COLUMNS: [&str; 6] = ["payment_reference", "payee_name", "payee_account", "amount", "currency", "remark"];

/// What is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payee {
    /// The refund of a deposit.
    Refund(RefundId),
    /// Money that was nobody's.
    Return(BankReturnId),
}

/// A payment to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentItemId,
    /// Its reference.
    pub reference: String,
    /// What is paid.
    pub payee: Payee,
    /// To whom.
    pub payee_name: String,
    /// The same, as it is kept.
    pub payee_sealed: Sealed,
    /// The line the money came by and its account, where that is known.
    pub source: Option<(BankLineId, Option<String>)>,
    /// How much.
    pub money: Money,
}

/// The reference of a payment, `R-7K2M9QXP`, from random bytes.
pub fn payment_reference(random: [u8; 8]) -> String {
    reference(PAYMENT, random)
}

/// Whether an instant can be asked for as the last due date.
pub fn check_due_by(due_by: Option<Timestamp>) -> Result<(), Problem> {
    Faults::new().instant("/due_by", due_by).done()
}

/// A new file with its payments. It holds at least one.
pub fn file(
    id: PaymentFileId,
    payments: &[Payment],
    currency: Currency,
    officer: PersonId,
    at: Timestamp,
) -> Result<(payment_file::Model, Vec<payment_item::Model>), Problem> {
    if payments.is_empty() {
        return Err(Code::NothingToPay.into());
    }
    let total = payments.iter().map(|payment| payment.money.minor).try_fold(0_i64, i64::checked_add);
    let items: Vec<_> = (1..).zip(payments).map(|(number, payment)| item(id, number, payment)).collect();
    let said = items.iter().zip(payments).map(|(item, payment)| {
        let account = payment.source.as_ref().and_then(|(_, account)| account.as_deref());
        (item, payment.payee_name.as_str(), account)
    });
    let row = payment_file::Model {
        id,
        currency,
        total_minor: total.ok_or(Code::Internal)?,
        item_count: i64::try_from(items.len()).map_err(|_| Code::Internal)?,
        sha256: sha256(&content(said)?).to_vec(),
        state: PaymentState::Open,
        created_by: officer,
        version: 1,
        created_at: at,
    };
    Ok((row, items))
}

fn item(file_id: PaymentFileId, row_number: i64, payment: &Payment) -> payment_item::Model {
    let (refund_id, return_id) = match payment.payee {
        Payee::Refund(id) => (Some(id), None),
        Payee::Return(id) => (None, Some(id)),
    };
    payment_item::Model {
        id: payment.id,
        file_id,
        row_number,
        payment_reference: payment.reference.clone(),
        refund_id,
        return_id,
        source_line_id: payment.source.as_ref().map(|(line, _)| *line),
        payee_name: payment.payee_sealed.clone(),
        amount_minor: payment.money.minor,
        currency: payment.money.currency,
        state: PaymentState::Open,
        confirmed_by_line_id: None,
    }
}

/// What a file says of its payments, whom they go to and to which account: the same bytes for the same payments,
/// whatever became of them since.
pub fn content<'a>(rows: impl Iterator<Item = (&'a payment_item::Model, &'a str, Option<&'a str>)>) -> Result<Vec<u8>, Problem> {
    let broken = |error: csv::Error| {
        tracing::error!(%error, "a payment file cannot be written");
        Problem::from(Code::Internal)
    };
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    table.write_record(COLUMNS).map_err(broken)?;
    for (item, payee, account) in rows {
        let money = Money { minor: item.amount_minor, currency: item.currency };
        let what = if item.refund_id.is_some() { "退还保证金" } else { "退回来款" };
        let row = [
            item.payment_reference.clone(),
            guarded(payee),
            guarded(account.unwrap_or_default()),
            money.decimal(),
            item.currency.code(),
            format!("{what} {}", item.payment_reference),
        ];
        table.write_record(row).map_err(broken)?;
    }
    table.into_inner().map_err(|_| Code::Internal.into())
}

/// A payment that a statement shows.
pub fn confirmed(held: &payment_item::Model, line: BankLineId) -> payment_item::Model {
    payment_item::Model { state: PaymentState::Confirmed, confirmed_by_line_id: Some(line), ..held.clone() }
}

/// What a payment of a file pays.
pub fn paid_by(item: &payment_item::Model) -> Result<Payee, Problem> {
    let refund = item.refund_id.map(Payee::Refund);
    refund.or(item.return_id.map(Payee::Return)).ok_or_else(|| Code::Internal.into())
}

/// A payment of a file that is cancelled: it will not be made, unless it was.
pub fn cancelled(held: &payment_item::Model) -> payment_item::Model {
    let state = if held.state == PaymentState::Open { PaymentState::Cancelled } else { held.state };
    payment_item::Model { state, ..held.clone() }
}

/// Whether a line, with the name it says, is a credit that was recorded in a name, and tells the account it came
/// from: a deposit goes back where it came from.
pub fn is_source((line, said): (&bank_line::Model, &str), (credit, payer): (&bank_credit::Model, &str)) -> bool {
    line.counterparty_account.is_some()
        && line.bank_reference == credit.bank_reference
        && (line.amount_minor, line.currency) == (credit.amount_minor, credit.currency)
        && same_name(said, payer)
}

/// What can be done to a file in a state, as operations: it may be cancelled while the bank has still to make a
/// payment of it.
pub fn open_on_file(state: PaymentState) -> &'static [&'static str] {
    match state {
        PaymentState::Open => &["cancel_payment_file"],
        PaymentState::Confirmed | PaymentState::Cancelled => &[],
    }
}

/// Whether a file may be cancelled.
pub fn may_cancel(held: &payment_file::Model) -> Result<(), Problem> {
    let allowed = open_on_file(held.state);
    let open = allowed.contains(&"cancel_payment_file");
    if open { Ok(()) } else { Err(Code::WrongState.with("state", held.state).with("allowed", allowed)) }
}

/// The file by where its payments stand: open while one is, confirmed when all are.
pub fn turned(held: &payment_file::Model, items: &[payment_item::Model]) -> payment_file::Model {
    let state = if items.iter().any(|item| item.state == PaymentState::Open) {
        PaymentState::Open
    } else if items.iter().all(|item| item.state == PaymentState::Confirmed) {
        PaymentState::Confirmed
    } else {
        PaymentState::Cancelled
    };
    payment_file::Model { state, version: held.version + 1, ..held.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::ledger::BankDirection;
    use uuid::Uuid;

    use super::super::samples::{at, line};
    use super::*;

    fn payment(number: u128, payee_name: &str, fen: i64) -> Payment {
        let payee = if number.is_multiple_of(2) {
            Payee::Refund(RefundId(Uuid::from_u128(number)))
        } else {
            Payee::Return(BankReturnId(Uuid::from_u128(number)))
        };
        Payment {
            id: PaymentItemId(Uuid::from_u128(number)),
            reference: format!("R-{number:08}"),
            payee,
            payee_name: payee_name.into(),
            payee_sealed: payee_name.to_owned().into(),
            source: number.is_multiple_of(3).then(|| (BankLineId(Uuid::from_u128(number)), Some("-6222".to_owned()))),
            money: Money::fen(fen),
        }
    }

    fn made(payments: &[Payment]) -> (payment_file::Model, Vec<payment_item::Model>) {
        file(PaymentFileId(Uuid::from_u128(9)), payments, Currency::Cny, PersonId(Uuid::from_u128(1)), at(0)).unwrap()
    }

    #[test]
    fn a_file_says_who_is_paid_how_much_under_which_reference() {
        let payments = [payment(2, "某公司", 10_000), payment(3, "=HYPERLINK(\"x\")", 50)];
        let (file, items) = made(&payments);
        assert_eq!((file.total_minor, file.item_count, file.state), (10_050, 2, PaymentState::Open));
        let said = items.iter().zip(&payments).zip([None, Some("-6222")]);
        let text = content(said.map(|((item, payment), account)| (item, payment.payee_name.as_str(), account))).unwrap();
        assert_eq!(
            String::from_utf8(text.clone()).unwrap(),
            "payment_reference,payee_name,payee_account,amount,currency,remark\r\n\
             R-00000002,某公司,,100.00,CNY,退还保证金 R-00000002\r\n\
             R-00000003,\"'=HYPERLINK(\"\"x\"\")\",'-6222,0.50,CNY,退回来款 R-00000003\r\n"
        );
        assert_eq!(file.sha256, sha256(&text));
        let empty = super::file(file.id, &[], Currency::Cny, file.created_by, at(0)).unwrap_err();
        assert_eq!(empty.code, Code::NothingToPay);
    }

    #[test]
    fn a_file_is_done_when_all_is_paid() {
        let (file, mut items) = made(&[payment(2, "甲", 1), payment(4, "乙", 2)]);
        assert_eq!(may_cancel(&file), Ok(()));
        items[0] = confirmed(&items[0], BankLineId(Uuid::from_u128(5)));
        assert_eq!(turned(&file, &items).state, PaymentState::Open);
        let rest: Vec<_> = items.iter().map(cancelled).collect();
        assert_eq!(rest[0], items[0], "what was paid stays paid");
        let next = turned(&file, &rest);
        assert_eq!((next.state, next.version), (PaymentState::Cancelled, 2));
        assert_eq!(may_cancel(&next).unwrap_err().code, Code::WrongState);
        items[1] = confirmed(&items[1], BankLineId(Uuid::from_u128(6)));
        assert_eq!(turned(&file, &items).state, PaymentState::Confirmed);
    }

    #[test]
    fn money_goes_back_to_the_account_it_came_from_and_to_no_other() {
        let told = line(1, BankDirection::Credit, 100);
        let credit = bank_credit::Model {
            id: entity::ids::BankCreditId(Uuid::from_u128(1)),
            bank_reference: told.bank_reference.clone(),
            admission_id: entity::ids::AdmissionId(Uuid::from_u128(1)),
            organisation_id: entity::ids::OrganisationId(Uuid::from_u128(1)),
            payer_name: "某公司".to_owned().into(),
            amount_minor: 100,
            currency: Currency::Cny,
            transfer_id: told.transfer_id,
            recorded_by: None,
            recorded_at: at(0),
        };
        let credit = (&credit, "某公司");
        assert!(is_source((&told, "某公司"), credit));
        assert!(!is_source((&told, "别的公司"), credit));
        for other in [
            bank_line::Model { counterparty_account: None, ..told.clone() },
            bank_line::Model { amount_minor: 99, ..told.clone() },
            bank_line::Model { bank_reference: "BANK-2".into(), ..told.clone() },
        ] {
            assert!(!is_source((&other, "某公司"), credit));
        }
    }
}
