//! An application is granted: the right becomes the patent, with its owners and its licences (SPC-TC art. 29).

use entity::ids::AssetId;

use crate::achievements::events::StatusRecorded;
use crate::achievements::flows::free_within;
use crate::achievements::rules::{amend_asset, record_status};
use crate::achievements::store::AssetFacts;
use crate::documents::flows::kept_within;
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::recordals::events::PatentGranted;
use crate::recordals::http::RecordPatentGrant;
use crate::recordals::rules::granted::{self, NewPatentGrant};
use crate::rulebook::rules::shanghai_date;
use crate::{achievements, licences};

/// Records that an application was granted. What was announced or agreed of the application keeps its text.
pub async fn grant(
    house: &House,
    by: &Context,
    permit: Permit<RecordPatentGrant>,
    id: AssetId,
    new: NewPatentGrant,
) -> Result<Done<AssetFacts>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(grant_within(&tx, &permit, id, &new)).await }).await
}

async fn grant_within(tx: &Tx, permit: &Permit<RecordPatentGrant>, id: AssetId, new: &NewPatentGrant) -> Result<AssetFacts, Problem> {
    let held = achievements::store::hold_asset(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    let (owner, person) = (held.organisation_id, tx.by.actor()?.person);
    verified_within(tx, owner).await?;
    let change = granted::change(&held, new, shanghai_date(tx.now))?;
    let before = achievements::store::facts_of(tx.conn(), held).await?;
    let edition = tx.house.rulebook.current();
    let amended = amend_asset(&before.asset, &before.owners, change, &edition.rulebook, tx.now);
    let (patent, owners) = amended.map_err(granted::pointing)?;
    free_within(tx, &patent).await?;
    let document = kept_within(tx, new.document_id, owner).await?;
    let read = granted::reading(new, before.status.as_ref().map(|read| read.as_of), tx.now);
    let status = record_status(&patent, &read, tx.id(), person, tx.now)?;
    achievements::store::change_asset(tx.conn(), &patent, &owners).await?;
    db::insert(tx.conn(), status.clone()).await?;
    db::insert(tx.conn(), granted::recorded(&before.asset, new, document, person, tx.now)?).await?;
    let after = AssetFacts { asset: patent, owners, status: Some(status.clone()) };
    tx.changed("asset", id, Some(&before), Some(&after));
    tx.created("legal_status", status.id, &status);
    tx.publish(&StatusRecorded {
        asset_id: id,
        achievement_id: after.asset.achievement_id,
        organisation_id: owner,
        status: status.status,
        as_of: status.as_of,
    })?;
    tx.publish(&PatentGranted { asset_id: id, organisation_id: owner, kind: after.asset.kind, granted_on: new.granted_on })?;
    licences::flows::carry_over(tx, &after.asset).await?;
    Ok(after)
}
