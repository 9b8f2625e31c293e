//! Payment files: made of what is owed, cancelled where the bank will not pay.

use entity::banking::{bank_line, bank_return, payment_file, payment_item};
use entity::ids::{AdmissionId, PaymentFileId};
use entity::ledger::{BankDirection, refund};
use entity::money::{Currency, Money};

use super::read::whole;
use super::settle::change;
use super::words;
use crate::admissions;
use crate::banking::events::PaymentFileEvent;
use crate::banking::rules::{self, MOST_PAYMENTS, Payee, Payment};
use crate::banking::store;
use crate::banking::views::NewPaymentFile;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::ledger;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// A payment of a file with whom it goes to.
#[derive(Clone, Debug)]
pub struct Addressed {
    /// The payment.
    pub item: payment_item::Model,
    /// To whom.
    pub payee: String,
    /// To which account, where that is known.
    pub account: Option<String>,
}

/// A payment file with its payments.
#[derive(Clone, Debug)]
pub struct PaymentFile {
    /// The file.
    pub file: payment_file::Model,
    /// Its payments.
    pub items: Vec<Addressed>,
}

/// Makes a payment file of everything that is owed, or due by an instant, and is in no other.
pub async fn create(house: &House, by: &Context, new: NewPaymentFile) -> Result<Done<PaymentFile>, Problem> {
    rules::check_due_by(new.due_by)?;
    let done = house.write(by, new, |tx, new| async move { create_within(&tx, &new).await }).await?;
    finished(house, done).await
}

/// The payments are read after the deed: whom they go to is not kept with its outcome.
async fn finished(house: &House, done: Done<payment_file::Model>) -> Result<Done<PaymentFile>, Problem> {
    Ok(Done { value: whole(house, done.value).await?, replayed: done.replayed })
}

async fn create_within(tx: &Tx, new: &NewPaymentFile) -> Result<payment_file::Model, Problem> {
    let currency = new.currency.unwrap_or(Currency::Cny);
    ledger::flows::hold_suspense_within(tx, currency).await?;
    let refunds = ledger::store::hold_owed(tx.conn(), currency, new.due_by, MOST_PAYMENTS).await?;
    let room = MOST_PAYMENTS.saturating_sub(u64::try_from(refunds.len()).unwrap_or(MOST_PAYMENTS));
    let returns = store::hold_owed(tx.conn(), currency, new.due_by, room).await?;
    let mut payments = Vec::with_capacity(refunds.len() + returns.len());
    for owed in &refunds {
        payments.push(of_refund(tx, owed).await?);
    }
    for owed in &returns {
        payments.push(of_return(tx, owed).await?);
    }
    let (file, items) = rules::file(tx.id(), &payments, currency, tx.by.actor()?.person, tx.now)?;
    db::insert(tx.conn(), file.clone()).await?;
    for item in items {
        db::insert(tx.conn(), item.clone()).await?;
        tx.created("payment_item", item.id, &item);
    }
    tx.created("payment_file", file.id, &file);
    tx.publish(&PaymentFileEvent::of(&file))?;
    Ok(file)
}

/// A deposit goes back to the organisation, to the account it came from where a statement told it.
async fn of_refund(tx: &Tx, owed: &refund::Model) -> Result<Payment, Problem> {
    let payee = identity::store::organisation(tx.conn(), owed.organisation_id).await?.ok_or(Code::Internal)?;
    let source = source_of(tx, owed.admission_id).await?;
    let source = source.map(|line| Ok::<_, Problem>((line.id, words::account(&tx.house, &line)?))).transpose()?;
    let id = tx.id();
    Ok(Payment {
        id,
        reference: free_reference(tx).await?,
        payee: Payee::Refund(owed.id),
        payee_sealed: tx.sealed(words::payee_of(id), &payee.name).await?,
        payee_name: payee.name,
        source,
        money: Money { minor: owed.amount_minor, currency: owed.currency },
    })
}

/// The line by which a deposit came, if one tells the account.
async fn source_of(tx: &Tx, admission: AdmissionId) -> Result<Option<bank_line::Model>, Problem> {
    let credits = admissions::store::credits(tx.conn(), admission).await?;
    let references: Vec<_> = credits.iter().map(|credit| credit.bank_reference.clone()).collect();
    let lines = store::lines_under(tx.conn(), BankDirection::Credit, &references).await?;
    for credit in &credits {
        let payer = admissions::flows::payer(&tx.house, credit)?;
        for line in lines.get(&credit.bank_reference).into_iter().flatten() {
            if rules::is_source((line, &words::name(&tx.house, line)?), (credit, &payer)) {
                return Ok(Some(line.clone()));
            }
        }
    }
    Ok(None)
}

/// What was nobody's goes back to whoever paid it.
async fn of_return(tx: &Tx, owed: &bank_return::Model) -> Result<Payment, Problem> {
    let line = store::line(tx.conn(), owed.line_id).await?.ok_or(Code::Internal)?;
    let (id, payee_name) = (tx.id(), words::name(&tx.house, &line)?);
    Ok(Payment {
        id,
        reference: free_reference(tx).await?,
        payee: Payee::Return(owed.id),
        source: Some((line.id, words::account(&tx.house, &line)?)),
        payee_sealed: tx.sealed(words::payee_of(id), &payee_name).await?,
        payee_name,
        money: Money { minor: owed.amount_minor, currency: owed.currency },
    })
}

/// A reference no payment has.
async fn free_reference(tx: &Tx) -> Result<String, Problem> {
    loop {
        let drawn = rules::payment_reference(tx.house.world.random());
        if store::items_under(tx.conn(), std::slice::from_ref(&drawn)).await?.is_empty() {
            return Ok(drawn);
        }
    }
}

/// Cancels a file: what no statement has confirmed will not be paid by it and may be in another.
pub async fn cancel(house: &House, by: &Context, id: PaymentFileId) -> Result<Done<PaymentFile>, Problem> {
    let done = house.write(by, id, |tx, id| async move { cancel_within(&tx, id).await }).await?;
    finished(house, done).await
}

async fn cancel_within(tx: &Tx, id: PaymentFileId) -> Result<payment_file::Model, Problem> {
    let known = store::file(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    ledger::flows::hold_suspense_within(tx, known.currency).await?;
    let held = store::hold_file(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    tx.by.expects(held.version)?;
    rules::may_cancel(&held)?;
    let mut after = Vec::new();
    for item in store::items(tx.conn(), id).await? {
        let next = rules::cancelled(&item);
        if next != item {
            change(tx, &item, &next).await?;
            release(tx, &next).await?;
        }
        after.push(next);
    }
    let next = rules::turned(&held, &after);
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("payment_file", id, Some(&held), Some(&next));
    tx.publish(&PaymentFileEvent::of(&next))?;
    Ok(next)
}

/// A refund that was taken out of a file is asked for again if its day has come.
async fn release(tx: &Tx, item: &payment_item::Model) -> Result<(), Problem> {
    let Some(id) = item.refund_id else { return Ok(()) };
    let refund = ledger::store::hold_refund(tx.conn(), id).await?.ok_or(Code::Internal)?;
    ledger::flows::released_within(tx, &refund).await
}
