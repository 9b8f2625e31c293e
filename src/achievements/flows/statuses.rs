//! Recording and reading the legal status of rights.

use entity::achievements::legal_status;
use entity::ids::AssetId;

use super::verified;
use crate::achievements::events::StatusRecorded;
use crate::achievements::http::{ListLegalStatuses, RecordLegalStatus};
use crate::achievements::rules::{self, NewLegalStatus};
use crate::achievements::store;
use crate::documents;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::problem::{Code, Problem};

/// Records a reading of the legal status; earlier readings stay.
pub async fn record_status(
    house: &House,
    by: &Context,
    permit: Permit<RecordLegalStatus>,
    id: AssetId,
    new: NewLegalStatus,
) -> Result<Done<legal_status::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { record_within(&tx, &permit, id, &new).await }).await
}

async fn record_within(
    tx: &Tx,
    permit: &Permit<RecordLegalStatus>,
    id: AssetId,
    new: &NewLegalStatus,
) -> Result<legal_status::Model, Problem> {
    let held = store::hold_asset(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    let (person, is_officer) = {
        let actor = tx.by.actor()?;
        (actor.person, actor.staff.is_some())
    };
    if !is_officer {
        verified(&tx.by)?;
    }
    let row = rules::record_status(&held, new, tx.id(), person, tx.now)?;
    if let Some(document) = row.evidence_document_id {
        documents::flows::usable_within(tx, document, held.organisation_id).await?;
    }
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("legal_status", row.id, &row);
    tx.publish(&StatusRecorded {
        asset_id: id,
        achievement_id: held.achievement_id,
        organisation_id: held.organisation_id,
        status: row.status,
        as_of: row.as_of,
    })?;
    Ok(row)
}

/// A page of the readings of a right's legal status, if the caller may see it.
pub async fn list_statuses(
    house: &House,
    permit: &Permit<ListLegalStatuses>,
    id: AssetId,
    page: &PageQuery,
) -> Result<Vec<legal_status::Model>, Problem> {
    let asset = store::asset(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&asset)?;
    store::statuses(house.db.read(), id, page).await
}
