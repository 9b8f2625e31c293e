//! Opening and closing the call for buyers.

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::ids::LotId;

use super::{hold_lot, meet};
use crate::admissions::rules::{self, NewCall};
use crate::house::Tx;
use crate::identity;
use crate::platform::db;
use crate::platform::problem::Problem;

/// Calls for buyers of a lot.
pub async fn open_call_within(tx: &Tx, new: NewCall) -> Result<admission_call::Model, Problem> {
    let row = rules::open(new)?;
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("admission_call", row.lot_id, &row);
    Ok(row)
}

/// Lets a call that is open run longer.
pub async fn put_off_call_within(tx: &Tx, lot: LotId, closes_at: Timestamp) -> Result<(), Problem> {
    let (call, _) = hold_lot(tx, lot).await?;
    let Some(longer) = rules::put_off(&call, closes_at) else { return Ok(()) };
    db::update(tx.conn(), longer.clone()).await?;
    tx.changed("admission_call", lot, Some(&call), Some(&longer));
    Ok(())
}

/// Whoever is registered for a lot goes on to the one announced in its place, whose call is open, where its terms let him; the others'
/// registration ends with the lot, and their deposits go back.
pub async fn carry_over_within(tx: &Tx, from: LotId, to: LotId) -> Result<(), Problem> {
    let (before, admissions) = hold_lot(tx, from).await?;
    let (after, _) = hold_lot(tx, to).await?;
    let closed = rules::close(&before, tx.now);
    db::update(tx.conn(), closed.clone()).await?;
    tx.changed("admission_call", from, Some(&before), Some(&closed));
    for held in admissions {
        let ties = identity::store::ties(tx.conn(), held.applied_by).await?;
        let belongs_to: Vec<_> = ties.iter().map(|tie| tie.organisation_id).collect();
        let is_refused = super::screen::is_refused(tx, &after, &held).await?;
        if let Some(next) = rules::carried_over(&held, &before, &after, &belongs_to)?.filter(|_| !is_refused) {
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("admission", next.id, Some(&held), Some(&next));
        } else if let Some(fate) = rules::ended_anew(&held) {
            meet(tx, &closed, &held, fate).await?;
        }
    }
    Ok(())
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
