//! Handing a listing in.

use entity::ids::ListingId;
use entity::listings::listing;
use sea_orm::DbErr;

use super::super::http::SubmitListing;
use super::super::rules::machine::{self, Deed};
use super::super::rules::{Offer, gates};
use super::super::store;
use super::{look, record, seller};
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Hands a listing in, through the gates; from now on an exclusive offer holds its assets alone.
pub async fn submit(house: &House, by: &Context, permit: Permit<SubmitListing>, id: ListingId) -> Result<Done<listing::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { submit_within(&tx, &permit, id).await }).await
}

async fn submit_within(tx: &Tx, permit: &Permit<SubmitListing>, id: ListingId) -> Result<listing::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    let (person, _) = seller(tx)?;
    tx.by.expects(held.version)?;
    machine::require(&held, Deed::Submit)?;
    let sight = look::look(tx, &held).await?;
    gates::submission(&sight.case(tx.now)).map_err(|refusal| machine::instead(&held, Deed::Submit, refusal))?;
    let next = machine::submitted(&held, person, sight.rules.class)?;
    if next.mode.is_exclusive() {
        let kept = store::set_held(tx.conn(), id, true).await;
        kept.map_err(|error| machine::instead(&held, Deed::Submit, refusal(&sight.offer, error)))?;
    }
    record(tx, &held, &next).await?;
    Ok(next)
}

/// The wall behind the gate: of two listings handed in at once, the index lets one through.
pub(super) fn refusal(offer: &Offer, error: DbErr) -> Problem {
    if !db::is_duplicate(&error) {
        return error.into();
    }
    gates::asset_held(offer, &offer.asset_ids).unwrap_or_else(|| Code::AssetHeld.into())
}
