//! Opening and closing the call for buyers.

use entity::admissions::{AdmissionState, admission, admission_call};
use entity::ids::LotId;

use super::{hold_lot, meet};
use crate::admissions::rules::{self, NewCall};
use crate::house::Tx;
use crate::platform::db;
use crate::platform::problem::Problem;

/// Calls for buyers of a lot.
pub async fn open_call_within(tx: &Tx, new: NewCall) -> Result<admission_call::Model, Problem> {
    let row = rules::open(new)?;
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("admission_call", row.lot_id, &row);
    Ok(row)
}

/// Closes the call: whoever is not admitted now is not. Tells how many are; closing again changes nothing.
pub async fn close_call_within(tx: &Tx, lot: LotId) -> Result<u32, Problem> {
    let (call, admissions) = hold_lot(tx, lot).await?;
    let after = shut(tx, &call, admissions).await?;
    let admitted = after.iter().filter(|one| one.state == AdmissionState::Admitted).count();
    Ok(u32::try_from(admitted).unwrap_or(u32::MAX))
}

/// Closes a held call, unless it is closed; returns the admissions as they stand afterwards.
pub(super) async fn shut(
    tx: &Tx,
    call: &admission_call::Model,
    admissions: Vec<admission::Model>,
) -> Result<Vec<admission::Model>, Problem> {
    if call.closed_at.is_some() {
        return Ok(admissions);
    }
    let closed = rules::close(call, tx.now);
    db::update(tx.conn(), closed.clone()).await?;
    tx.changed("admission_call", call.lot_id, Some(call), Some(&closed));
    let mut after = Vec::with_capacity(admissions.len());
    for held in admissions {
        after.push(match rules::at_close(&held) {
            Some(fate) => meet(tx, &closed, &held, fate).await?,
            None => held,
        });
    }
    Ok(after)
}
