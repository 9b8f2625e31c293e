//! What happens to money, in which order.
//!
//! Only a client's funds can run out, so only their account is held while a transfer is judged; the
//! bank's account, which every payment touches, never is.

mod bank;

pub use bank::{
    NewEntry, Payment, apply_suspense_within, enter_within, explain_within, hold_suspense_within, party, party_of, pay_refund_within,
    released_within, send_back_within, settle_refund_within, suspend_within,
};

use std::collections::BTreeMap;

use entity::ids::{LotId, OrganisationId, RefundId, TransferId};
use entity::ledger::{AccountKind, RefundState, ledger_account, ledger_transfer, refund};
use entity::money::{Currency, Money};
use uuid::Uuid;

use super::events::RefundEvent;
use super::http::{OPERATIONS, PayRefund};
pub use super::rules::NewRefund;
use super::rules::{self, Balance, Purpose, Resolution, Slip};
use super::store::{self, TransferFilter};
use super::views::{RefundPayment, RefundView};
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::platform::access::{self, Context, Permit};
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Faults, Problem};

/// The timer that asks whether a refund is to be paid.
pub const REFUND_DUE: &str = "ledger.refund_due";

/// Money of an organisation arrived at the bank.
pub async fn credit_within(tx: &Tx, organisation: OrganisationId, money: Money) -> Result<TransferId, Problem> {
    let bank = account_within(tx, Purpose::Bank, money.currency).await?;
    // Held before the transfer refers to it, as the deposit that follows will need it.
    let (client, _) = held_funds(tx, organisation, money.currency).await?;
    let written = rules::credit(slip(tx, money), &bank, &client)?;
    record(tx, written).await
}

/// Reserves an organisation's money as its deposit for a lot; refused where its funds do not suffice.
///
/// The caller holds the lot or its admissions: making the lot's account looks at the lot's row.
pub async fn hold_within(tx: &Tx, organisation: OrganisationId, lot: LotId, money: Money) -> Result<TransferId, Problem> {
    let deposits = account_within(tx, Purpose::Deposits(lot), money.currency).await?;
    let (client, funds) = held_funds(tx, organisation, money.currency).await?;
    let written = rules::hold(slip(tx, money), &client, &deposits, funds)?;
    record(tx, written).await
}

/// Gives a reserved deposit back to its owner's funds, exactly once.
pub async fn void_within(tx: &Tx, transfer: TransferId) -> Result<TransferId, Problem> {
    let pending = store::hold_transfer(tx.conn(), transfer).await?.ok_or(Code::NotFound)?;
    let earlier = store::resolution(tx.conn(), transfer).await?;
    let written = rules::resolve(tx.id(), &pending, earlier.as_ref(), Resolution::Void, tx.now)?;
    record(tx, written).await
}

/// Owes a refund from now on; at its due date the timer asks for it.
pub async fn owe_refund_within(tx: &Tx, new: NewRefund) -> Result<refund::Model, Problem> {
    let row = rules::owe(new, tx.id(), tx.now);
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("refund", row.id, &row);
    tx.arm(REFUND_DUE, row.id, row.due_at);
    tx.publish(&RefundEvent::owed(&row))?;
    Ok(row)
}

/// A refund's day has come. In sandbox the simulated bank pays, unless it is on its way in a payment
/// file; elsewhere finance does, by deed.
pub async fn on_refund_due(tx: &Tx, id: Uuid) -> Result<(), Problem> {
    if !tx.house.config.sandbox {
        return Ok(());
    }
    let Some(held) = store::hold_refund(tx.conn(), id.into()).await? else { return Ok(()) };
    if !rules::falls_due(&held, tx.now) || store::is_in_file(tx.conn(), held.id).await? {
        return Ok(());
    }
    pay_by_hand(tx, &held, &format!("SANDBOX-{}", held.id)).await.map(|_| ())
}

/// Finance has paid a refund at the bank.
pub async fn pay_refund(
    house: &House,
    by: &Context,
    permit: Permit<PayRefund>,
    id: RefundId,
    payment: RefundPayment,
) -> Result<Done<refund::Model>, Problem> {
    rules::check_bank_reference(&mut Faults::new(), &payment.bank_reference).done()?;
    house
        .write(by, (permit, id, payment), |tx, (permit, id, payment)| async move {
            let held = store::hold_refund(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            rules::in_no_file(store::is_in_file(tx.conn(), held.id).await?)?;
            pay_by_hand(&tx, &held, &payment.bank_reference).await
        })
        .await
}

/// A refund was paid outside a payment file: to the organisation, under this reference.
async fn pay_by_hand(tx: &Tx, held: &refund::Model, bank_reference: &str) -> Result<refund::Model, Problem> {
    let payee = identity::store::organisation(tx.conn(), held.organisation_id).await?.ok_or(Code::Internal)?;
    pay_refund_within(tx, held, Payment { bank_reference, payee_name: &payee.name }).await
}

/// A transfer with its two accounts.
#[derive(Clone, Debug)]
pub struct BookedTransfer {
    /// The transfer.
    pub transfer: ledger_transfer::Model,
    /// The account it debits.
    pub debit: ledger_account::Model,
    /// The account it credits.
    pub credit: ledger_account::Model,
}

/// A page of transfers with their accounts, newest first, and one more.
pub async fn transfers(house: &House, filter: TransferFilter, page: &PageQuery) -> Result<Vec<BookedTransfer>, Problem> {
    let found = store::transfers(house.db.read_long(), filter, page).await?;
    let ids = found.iter().flat_map(|transfer| [transfer.debit_account_id, transfer.credit_account_id]).collect();
    let accounts = store::accounts(house.db.read(), ids).await?;
    let booked = found.into_iter().map(|transfer| {
        let debit = accounts.get(&transfer.debit_account_id).cloned().ok_or(Code::Internal)?;
        let credit = accounts.get(&transfer.credit_account_id).cloned().ok_or(Code::Internal)?;
        Ok::<_, Problem>(BookedTransfer { transfer, debit, credit })
    });
    booked.collect()
}

/// The trial balance as it stands.
pub async fn trial_balance(house: &House) -> Result<BTreeMap<(AccountKind, Currency), Balance>, Problem> {
    rules::trial_balance(&store::sums_by_kind(house.db.read_long()).await?)
}

/// What the platform holds for an organisation, by currency.
pub async fn funds(house: &House, organisation: OrganisationId) -> Result<Vec<(Currency, Balance)>, Problem> {
    let mut balances = Vec::new();
    for currency in Currency::ALL.iter().copied() {
        let account = store::account(house.db.read(), Purpose::ClientFunds(organisation), currency).await?;
        let balance = match account {
            Some(account) => rules::tally(store::sums(house.db.read(), account.id).await?)?,
            None => Balance::default(),
        };
        balances.push((currency, balance));
    }
    Ok(balances)
}

/// A page of refunds, newest first, with what the caller may do to each: officers see all, members those of their
/// organisation.
pub async fn refunds(house: &House, by: &Context, state: Option<RefundState>, page: &PageQuery) -> Result<Page<RefundView>, Problem> {
    let own = if by.actor()?.staff.is_some() { None } else { Some(by.seat()?.organisation) };
    let rows = store::refunds(house.db.read(), own, state, page).await?;
    let in_files = store::in_files(house.db.read(), rows.iter().map(|row| row.id).collect()).await?;
    let told = |row: refund::Model| {
        let deeds = access::allowed(OPERATIONS, &by.caller, &row, rules::open_on_refund(&row, in_files.contains(&row.id)));
        RefundView { allowed_deeds: Some(deeds), ..row.into() }
    };
    page.page(rows, |row| (row.created_at, row.id.into()), told)
}

fn slip(tx: &Tx, money: Money) -> Slip {
    Slip { id: tx.id(), money, at: tx.now }
}

/// The account of a purpose, made at its first use.
async fn account_within(tx: &Tx, purpose: Purpose, currency: Currency) -> Result<ledger_account::Model, Problem> {
    if let Some(found) = store::account(tx.conn(), purpose, currency).await? {
        return Ok(found);
    }
    let row = purpose.open(tx.id(), currency, tx.now);
    if store::open_account(tx.conn(), row.clone()).await? {
        tx.created("ledger_account", row.id, &row);
        return Ok(row);
    }
    // Somebody else made it first.
    store::account(tx.conn(), purpose, currency).await?.ok_or_else(|| Code::Internal.into())
}

/// A client's account, held, and what its transfers add up to while it is.
async fn held_funds(tx: &Tx, organisation: OrganisationId, currency: Currency) -> Result<(ledger_account::Model, Balance), Problem> {
    let known = account_within(tx, Purpose::ClientFunds(organisation), currency).await?;
    let held = store::hold_account(tx.conn(), known.id).await?.ok_or(Code::Internal)?;
    let funds = rules::tally(store::sums(tx.conn(), held.id).await?)?;
    Ok((held, funds))
}

async fn record(tx: &Tx, transfer: ledger_transfer::Model) -> Result<TransferId, Problem> {
    db::insert(tx.conn(), transfer.clone()).await?;
    tx.created("ledger_transfer", transfer.id, &transfer);
    Ok(transfer.id)
}
