//! What becomes of licences as their right passes to another, or as the application they are of becomes the patent: they go on.

use entity::achievements::asset;
use entity::ids::{AssetId, OrganisationId};
use entity::licences::{LicenceMode, licence_grant};

use super::record;
use crate::achievements;
use crate::house::Tx;
use crate::licences::events::LicenceEvent;
use crate::licences::rules::grant;
use crate::licences::store;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Licences follow rights that have passed (SPC-TC art. 24): whose the rights are is their licensor from now on, and his own licence ends in
/// the right. One that is of other rights too, which are still its licensor's, stays his. The rights are held.
pub async fn hand_over(tx: &Tx, passed: &[AssetId], (from, to): (OrganisationId, OrganisationId)) -> Result<(), Problem> {
    let found = store::counting(tx.conn(), passed, (tx.now, shanghai_date(tx.now))).await?;
    let of = store::assets_of(tx.conn(), found.iter().map(|row| row.id)).await?;
    // What is under another licence is its holder's to grant, whose ever the right is.
    for row in found.iter().filter(|row| row.licensor_id == from && row.mode != LicenceMode::SubLicence) {
        let rights = achievements::store::assets_named(tx.conn(), of.get(&row.id).into_iter().flatten().copied()).await?;
        if rights.values().all(|right| right.organisation_id == to) {
            let held = store::hold(tx.conn(), row.id).await?.ok_or(Code::Internal)?;
            handed_over_within(tx, &held, to).await?;
        }
    }
    Ok(())
}

async fn handed_over_within(tx: &Tx, held: &licence_grant::Model, to: OrganisationId) -> Result<(), Problem> {
    if held.grantee_id != Some(to) {
        return record(tx, held, &grant::handed_over(held, to)).await;
    }
    // What he granted under it stands by itself.
    for under in store::hold_under(tx.conn(), held.id).await? {
        record(tx, &under, &grant::freed(&under)).await?;
    }
    store::give_up_claims(tx.conn(), held.id).await?;
    record(tx, held, &grant::merged(held, tx.now)).await
}

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
