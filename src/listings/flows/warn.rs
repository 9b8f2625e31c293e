//! Warning the seller of legal statuses that will be stale when bidding opens.

use uuid::Uuid;

use super::super::events::StatusStaleSoon;
use super::super::rules::{self, gates};
use super::super::store;
use super::contact;
use crate::achievements;
use crate::house::Tx;
use crate::platform::problem::Problem;

/// The timer [`super::STATUS_WARNING`].
pub async fn on_status_warning(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::find(tx.conn(), subject.into()).await? else { return Ok(()) };
    let Some(opens_at) = held.auction_opens_at else { return Ok(()) };
    let (offer, rules) = (contact::offer_of(&tx.house, &held)?, rules::rules_of(&held)?);
    // What has passed to another meanwhile is his to read.
    let mut assets = achievements::store::assets_in_order(tx.conn(), &offer.asset_ids).await?;
    assets.retain(|asset| asset.organisation_id == held.organisation_id);
    let assets = achievements::store::facts(tx.conn(), assets).await?;
    let stale = gates::stale_at_opening(&held, &assets, &rules, &tx.house.rulebook.current().calendar, tx.now)?;
    if stale.is_empty() {
        return Ok(());
    }
    tx.publish(&StatusStaleSoon {
        listing_id: held.id,
        organisation_id: held.organisation_id,
        asset_ids: stale,
        auction_opens_at: opens_at,
    })
}
