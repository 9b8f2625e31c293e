//! Licences under a licence, by who holds that.

use entity::ids::LicenceGrantId;
use entity::licences::{LicenceMode, licence_grant};
use serde_json::json;

use super::enter::entered_within;
use super::grantee_within;
use crate::documents::flows::kept_within;
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::licences::http::{GrantSubLicence, Holding};
use crate::licences::rules::grant::{self, Deed, Made, NewSubLicence, Source};
use crate::licences::rules::scope::Scope;
use crate::licences::rules::sub_licence::may_be_under;
use crate::licences::store;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::shanghai_date;

/// Grants a licence under one that the caller's organisation holds.
pub async fn sub_license(
    house: &House,
    by: &Context,
    permit: Permit<GrantSubLicence>,
    id: LicenceGrantId,
    new: NewSubLicence,
) -> Result<Done<licence_grant::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(within(&tx, &permit, id, new)).await }).await
}

async fn within(
    tx: &Tx,
    permit: &Permit<GrantSubLicence>,
    id: LicenceGrantId,
    new: NewSubLicence,
) -> Result<licence_grant::Model, Problem> {
    let parent = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    // Only its holder has what he could pass on.
    permit.over(&Holding(&parent))?;
    let (person, licensor) = (tx.by.actor()?.person, tx.by.seat()?.organisation);
    grant::require(&parent, Deed::SubLicense, shanghai_date(tx.now))?;
    verified_within(tx, licensor).await?;
    let mut faults = Faults::new();
    grant::named_once(&mut faults, &new.grantee);
    faults.done()?;
    let scope = Scope::read("/scope", &new.scope)?;
    let assets: Vec<_> = store::assets_of(tx.conn(), [id]).await?.remove(&id).unwrap_or_default().into_iter().collect();
    let parent_scope = grant::standing(&parent, assets.iter().copied().collect())?.scope;
    may_be_under(&parent_scope, &scope)?;
    let row = grant::entered(Made {
        id: tx.id(),
        by: (licensor, person),
        grantee: grantee_within(tx, &new.grantee, licensor).await?,
        mode: LicenceMode::SubLicence,
        source: Source::SubLicence(kept_within(tx, new.document_id, licensor).await?),
        ends_on: new.scope.until.or(parent.ends_on),
        may_sublicense: false,
        is_proxy: false,
        parent: Some(parent.id),
        beside: [json!([]), json!([])],
        scope: new.scope,
        at: tx.now,
    })?;
    entered_within(tx, &row, (&scope, &assets), &[]).await?;
    Ok(row)
}
