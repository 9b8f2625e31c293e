//! What moves at the bank: entered once under the bank's reference, and in suspense while it is nobody's.

use entity::ids::{OrganisationId, TransferId};
use entity::ledger::{BankDirection, bank_entry, ledger_account, refund};
use entity::money::{Currency, Money};

use super::{REFUND_DUE, account_within, held_funds, record, slip};
use crate::house::{House, Tx};
use crate::ledger::events::RefundEvent;
use crate::ledger::rules::{self, Purpose};
use crate::ledger::store;
use crate::platform::data_keys::Cell;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// The cell of whoever paid, or was paid, under a reference of the bank; an entry is known by its transfer.
pub fn party_of(transfer: TransferId) -> Cell {
    Cell::of("bank_entry.counterparty_name", transfer)
}

/// Whoever paid, or was paid, by what was booked.
pub fn party(house: &House, entry: &bank_entry::Model) -> Result<String, Problem> {
    house.opened(party_of(entry.transfer_id), &entry.counterparty_name)
}

/// What was booked under a reference of the bank.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// Which way the money moved.
    pub direction: BankDirection,
    /// The bank's reference.
    pub bank_reference: &'a str,
    /// Who paid, or was paid.
    pub counterparty_name: &'a str,
    /// How much.
    pub money: Money,
    /// The transfer on the bank's account.
    pub transfer: TransferId,
}

/// Enters what was booked under a reference of the bank; refused where something stands under it.
pub async fn enter_within(tx: &Tx, new: NewEntry<'_>) -> Result<(), Problem> {
    let row = bank_entry::Model {
        direction: new.direction,
        bank_reference: new.bank_reference.into(),
        counterparty_name: tx.sealed(party_of(new.transfer), new.counterparty_name).await?,
        amount_minor: new.money.minor,
        currency: new.money.currency,
        transfer_id: new.transfer,
        entered_at: tx.now,
    };
    // Asked first: on SQLite the table's keeper refuses a second row of one key in its own words.
    if store::entry(tx.conn(), row.direction, &row.bank_reference).await?.is_some() {
        return Err(Code::BankReferenceTaken.into());
    }
    db::insert(tx.conn(), row.clone())
        .await
        .map_err(|error| if db::is_duplicate(&error) { Code::BankReferenceTaken.into() } else { Problem::from(error) })?;
    tx.created("bank_entry", row.transfer_id, &row);
    Ok(())
}

/// The account of what is nobody's yet, held: whoever works on the bank's statements holds it first.
pub async fn hold_suspense_within(tx: &Tx, currency: Currency) -> Result<ledger_account::Model, Problem> {
    let known = account_within(tx, Purpose::Suspense, currency).await?;
    store::hold_account(tx.conn(), known.id).await?.ok_or_else(|| Code::Internal.into())
}

/// Money moved at the bank and is nobody's yet.
pub async fn suspend_within(tx: &Tx, direction: BankDirection, money: Money) -> Result<TransferId, Problem> {
    let bank = account_within(tx, Purpose::Bank, money.currency).await?;
    let suspense = account_within(tx, Purpose::Suspense, money.currency).await?;
    record(tx, rules::suspend(slip(tx, money), direction, &bank, &suspense)?).await
}

/// What was nobody's turns out to be an organisation's.
pub async fn apply_suspense_within(tx: &Tx, organisation: OrganisationId, money: Money) -> Result<TransferId, Problem> {
    let suspense = account_within(tx, Purpose::Suspense, money.currency).await?;
    let (client, _) = held_funds(tx, organisation, money.currency).await?;
    record(tx, rules::apply(slip(tx, money), &suspense, &client)?).await
}

/// The bank paid back what was nobody's.
pub async fn send_back_within(tx: &Tx, money: Money) -> Result<TransferId, Problem> {
    let bank = account_within(tx, Purpose::Bank, money.currency).await?;
    let suspense = account_within(tx, Purpose::Suspense, money.currency).await?;
    record(tx, rules::send_back(slip(tx, money), &suspense, &bank)?).await
}

/// What was nobody's turns out to be the bank's and the platform's own affair.
pub async fn explain_within(tx: &Tx, direction: BankDirection, money: Money) -> Result<TransferId, Problem> {
    let suspense = account_within(tx, Purpose::Suspense, money.currency).await?;
    let fees = account_within(tx, Purpose::Fees, money.currency).await?;
    record(tx, rules::explain(slip(tx, money), direction, &suspense, &fees)?).await
}

/// How the bank paid.
#[derive(Clone, Copy, Debug)]
pub struct Payment<'a> {
    /// The bank's reference.
    pub bank_reference: &'a str,
    /// Who was paid.
    pub payee_name: &'a str,
}

/// The bank paid a held refund, which happens once; the transfer on the bank's account.
pub async fn pay_refund_within(tx: &Tx, held: &refund::Model, payment: Payment<'_>) -> Result<refund::Model, Problem> {
    let Payment { bank_reference, payee_name } = payment;
    let next = settle(tx, held, Purpose::Bank, bank_reference).await?;
    let entry = NewEntry {
        direction: BankDirection::Debit,
        bank_reference,
        counterparty_name: payee_name,
        money: Money { minor: held.amount_minor, currency: held.currency },
        transfer: next.transfer_id.ok_or(Code::Internal)?,
    };
    enter_within(tx, entry).await?;
    Ok(next)
}

/// Money that had gone out and was nobody's turns out to have paid a held refund.
pub async fn settle_refund_within(tx: &Tx, held: &refund::Model, bank_reference: &str) -> Result<(), Problem> {
    settle(tx, held, Purpose::Suspense, bank_reference).await.map(|_| ())
}

/// A held refund is paid, out of what the bank or the suspense holds.
async fn settle(tx: &Tx, held: &refund::Model, from: Purpose, bank_reference: &str) -> Result<refund::Model, Problem> {
    let slip = slip(tx, Money { minor: held.amount_minor, currency: held.currency });
    let next = rules::paid(held, slip.id, bank_reference, tx.now)?;
    let paying = account_within(tx, from, held.currency).await?;
    let (client, funds) = held_funds(tx, held.organisation_id, held.currency).await?;
    record(tx, rules::pay_back(slip, &client, &paying, funds)?).await?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("refund", next.id, Some(held), Some(&next));
    tx.publish(&RefundEvent::paid(&next, bank_reference))?;
    Ok(next)
}

/// A refund was taken out of a payment file: if its day has come meanwhile, it is asked for again.
pub async fn released_within(tx: &Tx, refund: &refund::Model) -> Result<(), Problem> {
    if rules::falls_due(refund, tx.now) {
        tx.arm(REFUND_DUE, refund.id, tx.now);
        Ok(())
    } else {
        Ok(())
    }
}
