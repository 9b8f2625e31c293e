//! What happens to statements, their lines and payment files, in which order.
//!
//! Whoever works on them holds the account of what is nobody's first, so they are worked on one at a
//! time; then lots and calls in the order of their ids, then refunds, then clients' accounts.

mod book;
mod decide;
mod import;
mod pay;
mod payers;
mod read;
mod settle;
mod words;

pub use decide::decide;
pub use import::{Imported, import};
pub use pay::{Addressed, PaymentFile, cancel, create};
pub use payers::{Payer, payers};
pub use read::{Filed, Known, Reconciled, files, lines, read_file, read_line, read_statement, reconciliation, statements, text_of};
pub use words::{Words, account_of, name_of, payee_of, remark_of};

use std::collections::BTreeSet;

use entity::banking::{bank_case, bank_line};
use entity::ids::{AdmissionId, LotId};
use entity::money::Money;

use super::rules::Claim;
use crate::admissions;
use crate::admissions::rules::is_before_bidding;
use crate::banking::views::LineView;
use crate::house::{House, Tx};
use crate::identity;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// A line as it is told, with its account where the reader may see it.
pub fn told(house: &House, known: Known, with_account: bool) -> Result<LineView, Problem> {
    let words = words::words(house, &known.line)?;
    let account = words.account.filter(|_| with_account);
    Ok(LineView::of(known, Words { account, ..words }))
}

/// Holds these lots and their calls, in the order of their ids.
async fn hold_lots(tx: &Tx, lots: BTreeSet<LotId>) -> Result<(), Problem> {
    for lot in lots {
        admissions::store::touch_lot(tx.conn(), lot).await?;
        admissions::store::hold_call(tx.conn(), lot).await?;
    }
    Ok(())
}

/// An admission with all a payment of its deposit is judged by, held.
async fn hold_claim(tx: &Tx, id: AdmissionId) -> Result<Option<Claim>, Problem> {
    let Some((call, admission)) = admissions::store::hold(tx.conn(), id).await? else { return Ok(None) };
    let organisation = identity::store::organisation(tx.conn(), admission.organisation_id).await?.ok_or(Code::Internal)?;
    // Read once the call is held: whoever ends the lot has to wait for it.
    let lot = admissions::store::lot(tx.conn(), admission.lot_id).await?.ok_or(Code::Internal)?;
    let before_bidding = is_before_bidding(&lot, tx.now);
    Ok(Some(Claim { admission, call, registered_name: organisation.name, before_bidding }))
}

/// Keeps what became of a line, and writes it down together with the line.
async fn record(tx: &Tx, line: &bank_line::Model, held: &bank_case::Model, next: &bank_case::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("bank_line", line.id, Some(&(line, held)), Some(&(line, next)));
    Ok(())
}

/// How much a line says.
fn money_of(line: &bank_line::Model) -> Money {
    Money { minor: line.amount_minor, currency: line.currency }
}
