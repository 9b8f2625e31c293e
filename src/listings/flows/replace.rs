//! Writing a draft anew.

use entity::ids::ListingId;
use entity::listings::listing;

use super::super::http::ReplaceListing;
use super::super::rules::Offer;
use super::super::rules::machine::{self, Deed};
use super::super::store;
use super::create::text;
use super::{record, seller};
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// Puts another text in the place of a draft's or a returned listing's.
pub async fn replace(
    house: &House,
    by: &Context,
    permit: Permit<ReplaceListing>,
    id: ListingId,
    offer: Offer,
) -> Result<Done<listing::Model>, Problem> {
    house.write(by, (permit, id, offer), |tx, (permit, id, offer)| async move { replace_within(&tx, &permit, id, offer).await }).await
}

async fn replace_within(tx: &Tx, permit: &Permit<ReplaceListing>, id: ListingId, offer: Offer) -> Result<listing::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    seller(tx)?;
    tx.by.expects(held.version)?;
    machine::require(&held, Deed::Replace)?;
    let assets = offer.asset_ids.clone();
    let text = text(tx, id, held.organisation_id, offer, held.reserve_sealed.clone()).await?;
    let next = machine::replaced(&held, text)?;
    store::set_assets(tx.conn(), id, &assets).await?;
    record(tx, &held, &next).await?;
    Ok(next)
}
