//! What happens to calls and admissions, in which order.
//!
//! The order of holding is lot, call, admission, account. The call's row stands for all admissions
//! of its lot, so two deeds about the same lot's buyers never pass each other.

mod apply;
mod call;
mod credit;
mod decide;
mod next;
mod read;
mod screen;
mod settle;

pub use super::rules::{NewCall, Settlement, Standing};
pub use super::views::NewCredit;
pub use apply::apply;
pub use call::{carry_over_within, close_call_within, open_call_within, put_off_call_within};
pub use credit::{Paid, credit_within_admission, deposit_within, payer, payer_of, record_credit};
pub use decide::{qualify, refuse, reinstate, suspend, withdraw};
pub use next::offer_within;
pub use read::{bidder_within, of_lot, of_organisation, read};
pub use screen::hear_screened;
pub use settle::{hear_deal, settle_within};

use entity::admissions::{admission, admission_call};
use entity::ids::LotId;

use super::events::AdmissionEvent;
use super::rules::{Fate, RefundRule, deposit};
use super::store;
use crate::house::Tx;
use crate::ledger::flows::{NewRefund, owe_refund_within, void_within};
use crate::ledger::store::refund_of;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Keeps an admission as it stands after a deed, and tells.
async fn record(tx: &Tx, held: &admission::Model, next: &admission::Model, event: &AdmissionEvent) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("admission", next.id, Some(held), Some(next));
    tx.publish(event)
}

/// The call of a lot and all its admissions, held.
async fn hold_lot(tx: &Tx, lot: LotId) -> Result<(admission_call::Model, Vec<admission::Model>), Problem> {
    let call = store::hold_call(tx.conn(), lot).await?.ok_or(Code::NotFound)?;
    let admissions = store::hold_all(tx.conn(), lot).await?;
    Ok((call, admissions))
}

/// An admission meets its fate: it is kept as it will stand, and its deposit goes back where it does.
async fn meet(tx: &Tx, call: &admission_call::Model, held: &admission::Model, fate: Fate) -> Result<admission::Model, Problem> {
    let Fate { next, release } = fate;
    if next != *held {
        record(tx, held, &next, &AdmissionEvent::of(&next)).await?;
    }
    if release {
        release_within(tx, call, &next).await?;
    }
    Ok(next)
}

/// Gives a deposit back to its owner's funds and owes the refund by the call's rule. Without a deposit,
/// or where it went back already, there is nothing to do.
async fn release_within(tx: &Tx, call: &admission_call::Model, of: &admission::Model) -> Result<(), Problem> {
    let Some(transfer) = of.hold_transfer_id else { return Ok(()) };
    if refund_of(tx.conn(), of.id).await?.is_some() {
        return Ok(());
    }
    void_within(tx, transfer).await?;
    let rule = RefundRule::of(call)?;
    let refund = NewRefund {
        admission: of.id,
        organisation: of.organisation_id,
        money: deposit(call),
        due_at: rule.due_at(tx.now, &tx.house.rulebook.current().calendar),
        rule: rule.words(),
    };
    owe_refund_within(tx, refund).await.map(|_| ())
}
