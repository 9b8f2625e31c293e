//! Entering a burden.

use entity::encumbrances::burden;
use entity::ids::AssetId;

use super::{held, verified};
use crate::documents::flows::kept_if_named_within;
use crate::encumbrances::events::EncumbranceEvent;
use crate::encumbrances::http::RecordEncumbrance;
use crate::encumbrances::rules::{Burden, NewBurden, entered};
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::Problem;

/// Enters a burden of a right.
pub async fn record(
    house: &House,
    by: &Context,
    permit: Permit<RecordEncumbrance>,
    id: AssetId,
    new: NewBurden,
) -> Result<Done<Burden>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(record_within(&tx, &permit, id, new)).await }).await
}

async fn record_within(tx: &Tx, permit: &Permit<RecordEncumbrance>, id: AssetId, new: NewBurden) -> Result<Burden, Problem> {
    let asset = held(tx, permit, id).await?;
    verified(tx, asset.organisation_id).await?;
    entered::said_well(&new, tx.now)?;
    let row = burden::Model {
        id: tx.id(),
        asset_id: id,
        organisation_id: asset.organisation_id,
        kind: new.kind,
        since: new.since,
        until: new.until,
        as_of: entered::kept_as_of(&new),
        holder: new.holder,
        registry_number: new.registry_number,
        suspends: new.suspends,
        document: kept_if_named_within(tx, new.document_id, asset.organisation_id).await?,
        source: new.source,
        recorded_by: tx.by.actor()?.person,
        recorded_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("burden", row.id, &row);
    tx.publish(&EncumbranceEvent::recorded(&row))?;
    Ok(Burden { row, steps: Vec::new() })
}
