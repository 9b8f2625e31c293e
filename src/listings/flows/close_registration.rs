//! Registration closes.

use uuid::Uuid;

use super::super::rules::machine;
use super::super::store;
use super::amend::end_open_within;
use super::put_off::{Runs, counts_days, put_off_within};
use super::{REGISTRATION_CLOSE, record};
use crate::admissions::flows::{Settlement, close_call_within, settle_within};
use crate::auctions::flows::{abort_within, registered_within};
use crate::house::Tx;
use crate::notices::flows::{SOON, is_unsettled};
use crate::platform::problem::{Code, Problem};

/// The timer [`super::REGISTRATION_CLOSE`]: nobody registers any more; with too few admitted the
/// listing fails.
pub async fn on_registration_close(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    let (Some(closed), Some(lot_id)) = (machine::registration_closed(&held), held.lot_id) else { return Ok(()) };
    // An outage that is not written down yet may be why nobody looked before, and puts it off.
    if counts_days(tx, &held).await? && is_unsettled(tx).await? {
        tx.arm(REGISTRATION_CLOSE, subject, tx.now + SOON);
        return Ok(());
    }
    // A timer from before it was put off, or a notice that nobody could read for days.
    if held.registration_closes_at.is_some_and(|closes_at| tx.now < closes_at) || put_off_within(tx, &held).await? != Runs::ToItsEnd {
        return Ok(());
    }
    end_open_within(tx, held.id, "报名已截止 Registration has closed").await?;
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
