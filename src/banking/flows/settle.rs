//! What is owed is settled by money that went out, and the payment that asked for it confirmed.

use entity::banking::{bank_line, bank_return, payment_item};
use entity::ids::{BankLineId, PaymentFileId, TransferId};
use entity::ledger::{RefundState, refund};

use super::words;
use crate::banking::events::PaymentFileEvent;
use crate::banking::rules::{self, Payee};
use crate::banking::store;
use crate::house::Tx;
use crate::identity;
use crate::ledger;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// What is owed to somebody.
pub(super) enum Debt {
    /// A deposit goes back.
    Refund(refund::Model),
    /// What was nobody's goes back.
    Return(bank_return::Model),
}

impl Debt {
    /// Whether it is still owed.
    pub(super) fn is_due(&self) -> bool {
        let state = match self {
            Self::Refund(held) => held.state,
            Self::Return(held) => held.state,
        };
        state == RefundState::Due
    }
}

/// What is owed, held.
pub(super) async fn hold_debt(tx: &Tx, payee: Payee) -> Result<Option<Debt>, Problem> {
    Ok(match payee {
        Payee::Refund(id) => ledger::store::hold_refund(tx.conn(), id).await?.map(Debt::Refund),
        Payee::Return(id) => store::hold_return(tx.conn(), id).await?.map(Debt::Return),
    })
}

/// A debit that waits turns out to have paid this. If a file asks for it, the bank made that payment.
pub(super) async fn settle(tx: &Tx, line: &bank_line::Model, payee: Payee) -> Result<(), Problem> {
    let debt = hold_debt(tx, payee).await?.ok_or_else(rules::no_such_debt)?;
    let paid_to = words::name(&tx.house, line)?;
    match debt {
        Debt::Refund(held) => {
            let owner = identity::store::organisation(tx.conn(), held.organisation_id).await?.ok_or(Code::Internal)?;
            let owed = rules::Owed { state: held.state, minor: held.amount_minor, currency: held.currency, name: &owner.name };
            rules::settles(line, &paid_to, owed)?;
            ledger::flows::settle_refund_within(tx, &held, &line.bank_reference).await?;
        }
        Debt::Return(held) => {
            let source = store::line(tx.conn(), held.line_id).await?.ok_or(Code::Internal)?;
            let name = &words::name(&tx.house, &source)?;
            let owed = rules::Owed { state: held.state, minor: held.amount_minor, currency: held.currency, name };
            rules::settles(line, &paid_to, owed)?;
            // What came in and what went out stand against each other in suspense already.
            gone_back(tx, &held, line.transfer_id).await?;
        }
    }
    match store::open_item(tx.conn(), payee).await? {
        Some(item) => confirm(tx, &item, line.id).await,
        None => Ok(()),
    }
}

/// What was nobody's has gone back by a transfer.
pub(super) async fn gone_back(tx: &Tx, held: &bank_return::Model, transfer: TransferId) -> Result<(), Problem> {
    let next = rules::returned(held, transfer, tx.now);
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("bank_return", next.id, Some(held), Some(&next));
    Ok(())
}

/// A payment is confirmed by a line. Where it had been cancelled, too late for the bank, and another file asks
/// for the same, that one must not be made.
pub(super) async fn confirm(tx: &Tx, item: &payment_item::Model, line: BankLineId) -> Result<(), Problem> {
    let again = store::open_item(tx.conn(), rules::paid_by(item)?).await?.filter(|open| open.id != item.id);
    if let Some(again) = again {
        change(tx, &again, &rules::cancelled(&again)).await?;
        turn(tx, again.file_id).await?;
    }
    change(tx, item, &rules::confirmed(item, line)).await?;
    turn(tx, item.file_id).await
}

/// Keeps where a payment stands.
pub(super) async fn change(tx: &Tx, held: &payment_item::Model, next: &payment_item::Model) -> Result<(), Problem> {
    store::turn_item(tx.conn(), next).await?;
    tx.changed("payment_item", held.id, Some(held), Some(next));
    Ok(())
}

/// A file follows its payments.
async fn turn(tx: &Tx, id: PaymentFileId) -> Result<(), Problem> {
    let held = store::hold_file(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let next = rules::turned(&held, &store::items(tx.conn(), id).await?);
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("payment_file", id, Some(&held), Some(&next));
    if next.state == held.state { Ok(()) } else { tx.publish(&PaymentFileEvent::of(&next)) }
}
