//! Registration closes.

use uuid::Uuid;

use super::super::rules::machine;
use super::super::store;
use super::record;
use crate::admissions::flows::{Settlement, close_call_within, settle_within};
use crate::auctions::flows::{abort_within, registered_within};
use crate::house::Tx;
use crate::platform::problem::{Code, Problem};

/// The timer [`super::REGISTRATION_CLOSE`]: nobody registers any more; with too few admitted the
/// listing fails.
pub async fn on_registration_close(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    let (Some(closed), Some(lot_id)) = (machine::registration_closed(&held), held.lot_id) else { return Ok(()) };
    let lot = store::hold_lot(tx.conn(), lot_id).await?.ok_or(Code::Internal)?;
    let admitted = close_call_within(tx, lot_id).await?;
    if let Some(failed) = machine::too_few(&held, &lot, admitted) {
        abort_within(tx, lot_id, machine::TOO_FEW).await?;
        settle_within(tx, lot_id, &Settlement::default()).await?;
        return record(tx, &held, &failed).await;
    }
    record(tx, &held, &closed).await?;
    registered_within(tx, lot_id, admitted).await
}
