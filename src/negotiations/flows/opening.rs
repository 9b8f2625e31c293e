//! What the notices of a sale at a negotiated price withhold until a date.

use entity::identity::organisation;
use entity::ids::OrganisationId;
use uuid::Uuid;

use super::{OPENING, look};
use crate::house::Tx;
use crate::identity;
use crate::negotiations::rules::notice::{fields, opened_notice};
use crate::negotiations::rules::offers::terms_of;
use crate::negotiations::store;
use crate::notices;
use crate::notices::rules::canonical;
use crate::platform::problem::{Code, Problem};

/// The timer `negotiations.opening`: what a notice of a sale withheld until now is told in a further version of it.
pub async fn on_opening(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    let terms = terms_of(&look::noticed(tx, &held).await?)?;
    let (seller, buyer) = (party(tx, held.organisation_id).await?, party(tx, held.buyer_organisation_id).await?);
    for notice in [held.notice_id, held.result_notice_id].into_iter().flatten() {
        let Some(content) = notices::flows::standing_within(tx, notice).await? else { continue };
        if let Some(next) = opened_notice(&content, &held, fields([&seller, &buyer], &terms), tx.now) {
            notices::flows::open_within(tx, notice, canonical(&next)).await?;
        }
        notices::flows::arm_opening(tx, notice, (OPENING, subject), Some(tx.now)).await?;
    }
    Ok(())
}

async fn party(tx: &Tx, id: OrganisationId) -> Result<organisation::Model, Problem> {
    identity::store::organisation(tx.conn(), id).await?.ok_or_else(|| Code::Internal.into())
}
