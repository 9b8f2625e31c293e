//! One line is booked, by its fate.

use entity::banking::{UnmatchedReason, bank_case, bank_line, bank_statement};
use entity::ids::{AdmissionId, TransferId};
use entity::ledger::BankDirection;

use super::import::Desk;
use super::settle::{self, Debt, hold_debt};
use super::{hold_claim, money_of, record, words};
use crate::admissions::flows::{Paid, deposit_within};
use crate::admissions::rules::{deposit, references_in};
use crate::banking::events::LineEvent;
use crate::banking::rules::{self, Claim, Entered, Fate, Look, Movement, Named, OPENING_ROW, PAYMENT, Part, Payable, Row};
use crate::banking::store;
use crate::house::Tx;
use crate::ledger;
use crate::ledger::flows::{NewEntry, Payment};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// What was looked up about a line.
struct Found {
    entry: Option<Entered>,
    claim: Option<Claim>,
    names: bool,
    parts: Vec<(bank_line::Model, bank_case::Model)>,
    payable: Option<Payable>,
}

/// Books a line of a statement, once.
pub(super) async fn book(
    tx: &Tx,
    desk: &Desk,
    statement: &bank_statement::Model,
    row: &Row,
    movement: &Movement<'_>,
) -> Result<(), Problem> {
    let found = look(tx, desk, row, movement).await?;
    let parts: Vec<_> = found.parts.iter().map(|(line, _)| Part { line: line.id, minor: line.amount_minor }).collect();
    let named = match &found.claim {
        Some(claim) => Named::One(claim),
        None if found.names => Named::Unknown,
        None => Named::Nobody,
    };
    let earlier = desk.earlier(movement);
    let look = Look { earlier, entry: found.entry.as_ref(), named, parts: &parts, payable: found.payable.as_ref() };
    let fate = rules::fate(movement, &look);

    let transfer = moved(tx, &found, movement, &fate).await?;
    let (known_line_id, booked) = match &fate {
        Fate::Known { line, .. } | Fate::Doubtful { line, .. } => (*line, false),
        _ => (None, true),
    };
    let id = tx.id();
    let line = bank_line::Model {
        id,
        statement_id: statement.id,
        row_number: row.number,
        booked_at: movement.booked_at,
        bank_reference: row.bank_reference.clone(),
        direction: row.direction,
        amount_minor: row.money.minor,
        currency: row.money.currency,
        counterparty_name: tx.sealed(words::name_of(id), &row.counterparty_name).await?,
        counterparty_account: match &row.counterparty_account {
            Some(account) => Some(tx.sealed(words::account_of(id), account).await?),
            None => None,
        },
        remark: tx.sealed(words::remark_of(id), &row.remark).await?,
        transfer_id: transfer,
        booked,
        known_line_id,
        created_at: tx.now,
    };
    let case = rules::standing(&line, &fate, admission_of(&found, &fate));
    keep(tx, &line, &case).await?;
    match (&fate, &found) {
        (Fate::Deposit, Found { claim: Some(claim), parts, .. }) => take_deposit(tx, claim, parts, &line).await,
        (Fate::Pays, Found { payable: Some(payable), .. }) => settle::confirm(tx, &payable.item, line.id).await,
        _ => Ok(()),
    }
}

/// Books what the account held before its earliest statement, as a line that waits to be explained.
pub(super) async fn book_opening(tx: &Tx, statement: &bank_statement::Model) -> Result<(), Problem> {
    let opened = store::opened(tx.conn(), statement.currency).await?;
    let Some((direction, money)) = rules::opening(statement, opened) else { return Ok(()) };
    let transfer = ledger::flows::suspend_within(tx, direction, money).await?;
    let id = tx.id();
    let line = bank_line::Model {
        id,
        statement_id: statement.id,
        row_number: OPENING_ROW,
        booked_at: statement.first_booked_at,
        // No reference of the bank has a blank, so it stands in nobody's way.
        bank_reference: format!("OPENING {}", statement.id),
        direction,
        amount_minor: money.minor,
        currency: money.currency,
        counterparty_name: tx.sealed(words::name_of(id), "").await?,
        counterparty_account: None,
        remark: tx.sealed(words::remark_of(id), "期初余额").await?,
        transfer_id: transfer,
        booked: true,
        known_line_id: None,
        created_at: tx.now,
    };
    let reason = match direction {
        BankDirection::Credit => UnmatchedReason::NoReference,
        BankDirection::Debit => UnmatchedReason::UnknownDebit,
    };
    keep(tx, &line, &rules::standing(&line, &Fate::Suspense(reason), None)).await
}

/// Keeps a new line and where it stands.
async fn keep(tx: &Tx, line: &bank_line::Model, case: &bank_case::Model) -> Result<(), Problem> {
    db::insert(tx.conn(), line.clone()).await?;
    db::insert(tx.conn(), case.clone()).await?;
    tx.created("bank_line", line.id, &(line, case));
    Ok(())
}

/// Looks up what a line is judged by.
async fn look(tx: &Tx, desk: &Desk, row: &Row, movement: &Movement<'_>) -> Result<Found, Problem> {
    let mut found = Found { entry: entered(tx, movement).await?, claim: None, names: false, parts: Vec::new(), payable: None };
    match movement.direction {
        BankDirection::Credit => {
            let (admissions, names) = desk.named(&row.remark);
            found.names = names;
            if let (Some(only), 1) = (admissions.first(), admissions.len()) {
                found.claim = hold_claim(tx, *only).await?;
                found.parts = parts(tx, *only).await?;
            }
        }
        BankDirection::Debit => found.payable = payable(tx, &row.remark).await?,
    }
    Ok(found)
}

/// What was booked under the reference of a movement.
async fn entered(tx: &Tx, movement: &Movement<'_>) -> Result<Option<Entered>, Problem> {
    let entry = ledger::store::entry(tx.conn(), movement.direction, movement.bank_reference).await?;
    entry.map(|entry| Ok::<_, Problem>(Entered { name: ledger::flows::party(&tx.house, &entry)?, entry })).transpose()
}

/// The lines that wait because each is less than the deposit of this admission.
async fn parts(tx: &Tx, admission: AdmissionId) -> Result<Vec<(bank_line::Model, bank_case::Model)>, Problem> {
    let cases = store::parts(tx.conn(), admission).await?;
    let mut lines = store::lines(tx.conn(), cases.iter().map(|case| case.line_id).collect()).await?;
    let parts = cases.into_iter().map(|case| {
        let line = lines.remove(&case.line_id).ok_or(Code::Internal)?;
        Ok::<_, Problem>((line, case))
    });
    parts.collect()
}

/// The one payment whose reference a remark carries, and whether what it pays is still owed.
async fn payable(tx: &Tx, remark: &str) -> Result<Option<Payable>, Problem> {
    let mut items = store::items_under(tx.conn(), &references_in(PAYMENT, remark)).await?;
    let (Some(item), true) = (items.pop(), items.is_empty()) else { return Ok(None) };
    let owed = hold_debt(tx, rules::paid_by(&item)?).await?.is_some_and(|debt| debt.is_due());
    Ok(Some(Payable { payee: words::payee(&tx.house, &item)?, item, owed }))
}

/// The admission a line is of, or names.
fn admission_of(found: &Found, fate: &Fate) -> Option<AdmissionId> {
    let named = found.claim.as_ref().map(|claim| claim.admission.id);
    named.filter(|_| matches!(fate, Fate::Deposit | Fate::Suspense(_)))
}

/// Moves the money as the fate has it, and enters it under the bank's reference; the transfer on the
/// bank's account.
async fn moved(tx: &Tx, found: &Found, movement: &Movement<'_>, fate: &Fate) -> Result<TransferId, Problem> {
    let Movement { direction, bank_reference, money, counterparty_name, .. } = *movement;
    let transfer = match (fate, &found.claim, &found.payable) {
        (Fate::Known { transfer, .. } | Fate::Doubtful { transfer, .. }, ..) => return Ok(*transfer),
        (Fate::Pays, _, Some(payable)) => return pay(tx, payable, movement).await,
        (Fate::Deposit, Some(claim), _) => ledger::flows::credit_within(tx, claim.admission.organisation_id, money).await?,
        (Fate::Suspense(_), ..) => ledger::flows::suspend_within(tx, direction, money).await?,
        _ => return Err(Code::Internal.into()),
    };
    if found.entry.is_none() {
        ledger::flows::enter_within(tx, NewEntry { direction, bank_reference, counterparty_name, money, transfer }).await?;
    }
    Ok(transfer)
}

/// The bank paid what a file asked for.
async fn pay(tx: &Tx, payable: &Payable, movement: &Movement<'_>) -> Result<TransferId, Problem> {
    let Movement { direction, bank_reference, money, .. } = *movement;
    let payee_name = payable.payee.as_str();
    match hold_debt(tx, rules::paid_by(&payable.item)?).await?.ok_or(Code::Internal)? {
        Debt::Refund(held) => {
            let paid = ledger::flows::pay_refund_within(tx, &held, Payment { bank_reference, payee_name }).await?;
            paid.transfer_id.ok_or_else(|| Code::Internal.into())
        }
        Debt::Return(held) => {
            let transfer = ledger::flows::send_back_within(tx, money).await?;
            let entry = NewEntry { direction, bank_reference, counterparty_name: payee_name, money, transfer };
            ledger::flows::enter_within(tx, entry).await?;
            settle::gone_back(tx, &held, transfer).await?;
            Ok(transfer)
        }
    }
}

/// A line is the deposit it names, by itself or with the parts that waited.
async fn take_deposit(
    tx: &Tx,
    claim: &Claim,
    parts: &[(bank_line::Model, bank_case::Model)],
    line: &bank_line::Model,
) -> Result<(), Problem> {
    let officer = tx.by.actor()?.person;
    let paid = |of: &bank_line::Model, transfer| {
        let payer_name = words::name(&tx.house, of)?;
        let bank_reference = of.bank_reference.clone();
        Ok::<_, Problem>(Paid { bank_reference, payer_name, amount: money_of(of), transfer, recorded_by: Some(officer) })
    };
    let mut payments = vec![paid(line, line.transfer_id)?];
    if money_of(line) != deposit(&claim.call) {
        for (part, held) in parts {
            let transfer = ledger::flows::apply_suspense_within(tx, claim.admission.organisation_id, money_of(part)).await?;
            payments.push(paid(part, transfer)?);
            let next = rules::matched(held);
            record(tx, part, held, &next).await?;
            tx.publish(&LineEvent::of(&next))?;
        }
    }
    deposit_within(tx, &claim.call, &claim.admission, payments).await.map(|_| ())
}
