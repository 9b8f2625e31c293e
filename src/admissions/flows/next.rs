//! The lot is offered to the runner-up, whose deposit has stayed.

use entity::Timestamp;
use entity::ids::{AdmissionId, LotId};
use entity::money::Money;

use super::{hold_lot, record};
use crate::admissions::events::AdmissionEvent;
use crate::admissions::rules;
use crate::house::Tx;
use crate::platform::problem::Problem;

/// Offers a lot to a runner-up until an instant; tells whether it had waited for that.
pub async fn offer_within(tx: &Tx, lot: LotId, to: AdmissionId, price: Money, until: Timestamp) -> Result<bool, Problem> {
    let (_, admissions) = hold_lot(tx, lot).await?;
    let Some(held) = admissions.iter().find(|held| held.id == to) else { return Ok(false) };
    let Some(next) = rules::offer(held, price, until) else { return Ok(false) };
    record(tx, held, &next, &AdmissionEvent::offered(&next)).await?;
    Ok(true)
}
