//! What becomes of the licences of an application as it becomes the patent: they go on.

use entity::achievements::asset;

use super::record;
use crate::house::Tx;
use crate::licences::events::LicenceEvent;
use crate::licences::rules::grant;
use crate::licences::store;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Licences of an application go on as licences of the patent, without a new contract (SPC-TC art. 29), no longer than it stands. It is held.
pub async fn carry_over(tx: &Tx, patent: &asset::Model) -> Result<(), Problem> {
    for row in store::counting(tx.conn(), &[patent.id], (tx.now, shanghai_date(tx.now))).await? {
        let held = store::hold(tx.conn(), row.id).await?.ok_or(Code::Internal)?;
        match patent.expires_on.and_then(|end| grant::capped(&held, end)) {
            Some(next) => record(tx, &held, &next).await?,
            None => tx.publish(&LicenceEvent::carried_over(&held))?,
        }
    }
    Ok(())
}
