//! Ending licences before their time, and what is said of those who do not keep to them.

use entity::ids::LicenceGrantId;
use entity::licences::licence_grant;
use serde_json::Value;

use super::record;
use crate::documents::flows::kept_within;
use crate::house::{Done, House, Tx};
use crate::licences::http::{ReportLicenceBreach, TerminateLicence};
use crate::licences::rules::grant::{self, Deed, NewTermination};
use crate::licences::store;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Ends a licence, and every one under it.
pub async fn terminate(
    house: &House,
    by: &Context,
    permit: Permit<TerminateLicence>,
    id: LicenceGrantId,
    new: NewTermination,
) -> Result<Done<licence_grant::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(terminate_within(&tx, &permit, id, new)).await }).await
}

async fn terminate_within(
    tx: &Tx,
    permit: &Permit<TerminateLicence>,
    id: LicenceGrantId,
    new: NewTermination,
) -> Result<licence_grant::Model, Problem> {
    let held = held(tx, permit, id, Deed::Terminate).await?;
    grant::reasoned(&new.reason)?;
    let document = kept_within(tx, new.document_id, held.licensor_id).await?;
    ended_within(tx, &held, &new.reason, Some(document)).await
}

/// Ends a licence, held, and every one under it.
pub(super) async fn ended_within(
    tx: &Tx,
    held: &licence_grant::Model,
    reason: &str,
    document: Option<Value>,
) -> Result<licence_grant::Model, Problem> {
    for under in store::hold_under(tx.conn(), held.id).await? {
        record(tx, &under, &grant::terminated(&under, UNDER, None, tx.now)).await?;
    }
    store::give_up_claims(tx.conn(), held.id).await?;
    let next = grant::terminated(held, reason, document, tx.now);
    record(tx, held, &next).await?;
    Ok(next)
}

/// Why a licence ends with the one it is under.
pub(super) const UNDER: &str = "所依据的许可已终止 The licence it is under was ended";

/// Says of a licence that somebody does not keep to it, such as a licensor who uses himself what he licensed exclusively.
pub async fn report_breach(
    house: &House,
    by: &Context,
    permit: Permit<ReportLicenceBreach>,
    id: LicenceGrantId,
    reason: String,
) -> Result<Done<licence_grant::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id, Deed::ReportBreach).await?;
            grant::reasoned(&reason)?;
            let next = grant::breached(&held, &reason, tx.now);
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: LicenceGrantId, deed: Deed) -> Result<licence_grant::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    grant::require(&held, deed, shanghai_date(tx.now))?;
    Ok(held)
}
