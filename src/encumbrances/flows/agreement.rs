//! What the owners of a right agree on, version after version.

use entity::Timestamp;
use entity::encumbrances::owners_agreement;
use entity::ids::AssetId;

use super::{asked_at, held, seen, verified};
use crate::achievements;
use crate::documents::flows::kept_within;
use crate::encumbrances::events::EncumbranceEvent;
use crate::encumbrances::http::{PutOwnersAgreement, ReadOwnersAgreement};
use crate::encumbrances::rules::NewOwnersAgreement;
use crate::encumbrances::rules::agreement::agreed_well;
use crate::encumbrances::store;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Puts a version in the place of the last; that one stays to be read.
pub async fn put_agreement(
    house: &House,
    by: &Context,
    permit: Permit<PutOwnersAgreement>,
    id: AssetId,
    new: NewOwnersAgreement,
) -> Result<Done<owners_agreement::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(put_within(&tx, &permit, id, &new)).await }).await
}

async fn put_within(
    tx: &Tx,
    permit: &Permit<PutOwnersAgreement>,
    id: AssetId,
    new: &NewOwnersAgreement,
) -> Result<owners_agreement::Model, Problem> {
    let asset = held(tx, permit, id).await?;
    verified(tx, asset.organisation_id).await?;
    let last = store::agreement(tx.conn(), id, tx.now).await?.map_or(0, |row| row.version);
    tx.by.expects(last)?;
    agreed_well(new, &achievements::store::owners(tx.conn(), id).await?)?;
    let row = owners_agreement::Model {
        id: tx.id(),
        asset_id: id,
        organisation_id: asset.organisation_id,
        version: last + 1,
        clauses: serde_json::to_value(&new.clauses).map_err(|_| Code::Internal)?,
        in_force_from: new.in_force_from,
        document: kept_within(tx, new.document_id, asset.organisation_id).await?,
        put_by: tx.by.actor()?.person,
        put_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("owners_agreement", row.id, &row);
    tx.publish(&EncumbranceEvent::agreed(&row))?;
    Ok(row)
}

/// What the owners had agreed on last by an instant, now unless one is named.
pub async fn read_agreement(
    house: &House,
    permit: &Permit<ReadOwnersAgreement>,
    id: AssetId,
    as_of: Option<Timestamp>,
) -> Result<owners_agreement::Model, Problem> {
    seen(house, permit, id).await?;
    let at = asked_at(house, as_of)?;
    store::agreement(house.db.read(), id, at).await?.ok_or_else(|| Code::NotFound.into())
}
