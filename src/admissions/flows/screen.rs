//! What is known of an organisation is other than it was: whoever may not buy by it is barred from lots that are not over.

use entity::admissions::{admission, admission_call};
use entity::ids::{LotId, OrganisationId};
use serde_json::Value;

use super::hold_lot;
use crate::admissions::{rules, store};
use crate::gates::flows::may_take_part_within;
use crate::house::Tx;
use crate::platform::db;
use crate::platform::problem::Problem;

/// Looks again at whoever is registered for a lot of the organisation, and at it itself wherever it is registered.
pub async fn hear_screened(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(organisation) = body["organisation_id"].as_str().and_then(|id| id.parse::<OrganisationId>().ok()) else { return Ok(()) };
    for lot in store::open_to(tx.conn(), organisation).await? {
        screen(tx, lot, organisation).await?;
    }
    Ok(())
}

async fn screen(tx: &Tx, lot: LotId, organisation: OrganisationId) -> Result<(), Problem> {
    store::touch_lot(tx.conn(), lot).await?;
    let (call, admissions) = hold_lot(tx, lot).await?;
    let is_seller = call.seller_organisation_id == organisation;
    let mut barred = Vec::new();
    for one in admissions.iter().filter(|one| is_seller || one.organisation_id == organisation).filter(|one| rules::takes_part(one)) {
        if is_refused(tx, &call, one).await? {
            barred.push(one.organisation_id);
        }
    }
    let Some(next) = rules::also_barred(&call, &barred)? else { return Ok(()) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("admission_call", lot, Some(&call), Some(&next));
    Ok(())
}

/// Whether somebody registered may take part no more.
pub(super) async fn is_refused(tx: &Tx, call: &admission_call::Model, one: &admission::Model) -> Result<bool, Problem> {
    match may_take_part_within(tx, call.listing_id, call.seller_organisation_id, one.organisation_id).await {
        Ok(()) => Ok(false),
        Err(refusal) if refusal.code.status() == 403 => Ok(true),
        Err(failure) => Err(failure),
    }
}
