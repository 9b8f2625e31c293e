//! Entering a burden.

use chrono::NaiveDate;
use entity::achievements::{StatusSource, asset};
use entity::encumbrances::{BurdenKind, burden};
use entity::ids::{AssetId, PersonId};
use serde_json::Value;

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
    entered_within(tx, &row).await?;
    Ok(Burden { row, steps: Vec::new() })
}

async fn entered_within(tx: &Tx, row: &burden::Model) -> Result<(), Problem> {
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("burden", row.id, row);
    tx.publish(&EncumbranceEvent::recorded(row))
}

/// A pledge that came into the register: since when, of whom, under which number, shown by what.
pub struct Pledge<'a> {
    /// The first day it stands.
    pub since: NaiveDate,
    /// The pledgee.
    pub holder: &'a str,
    /// Its number in the register.
    pub registry_number: &'a str,
    /// The certificate, as it was.
    pub document: Option<&'a Value>,
    /// By whose deed.
    pub by: PersonId,
}

/// A right is pledged, as its registry says (CC art. 444: from the registration on).
pub async fn pledged_within(tx: &Tx, right: &asset::Model, pledge: &Pledge<'_>) -> Result<(), Problem> {
    let row = burden::Model {
        id: tx.id(),
        asset_id: right.id,
        organisation_id: right.organisation_id,
        kind: BurdenKind::Pledge,
        since: pledge.since,
        until: None,
        holder: Some(pledge.holder.to_owned()),
        registry_number: Some(pledge.registry_number.to_owned()),
        suspends: false,
        document: pledge.document.cloned(),
        source: StatusSource::Registry,
        as_of: tx.now,
        recorded_by: pledge.by,
        recorded_at: tx.now,
    };
    entered_within(tx, &row).await
}
