//! Review: taken up, sent back, or refused.

use entity::ids::ListingId;
use entity::listings::listing;

use super::super::http::{RejectListing, ReturnListing, TakeListing};
use super::super::rules::machine;
use super::super::store;
use super::{officer, record};
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::problem::{Code, Problem};

/// Takes a listing for review.
pub async fn take(house: &House, by: &Context, permit: Permit<TakeListing>, id: ListingId) -> Result<Done<listing::Model>, Problem> {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let held = met(&tx, &permit, id).await?;
            let next = machine::taken(&held, officer(&tx, &held).await?)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// Sends a listing back to its author, with a reason.
pub async fn send_back(
    house: &House,
    by: &Context,
    permit: Permit<ReturnListing>,
    id: ListingId,
    reason: String,
) -> Result<Done<listing::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = met(&tx, &permit, id).await?;
            let next = machine::returned(&held, officer(&tx, &held).await?, &reason)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// Refuses a listing for good, with a reason.
pub async fn reject(
    house: &House,
    by: &Context,
    permit: Permit<RejectListing>,
    id: ListingId,
    reason: String,
) -> Result<Done<listing::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = met(&tx, &permit, id).await?;
            let next = machine::rejected(&held, tx.by.actor()?.person, &reason)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// The listing, held, if the caller may do this to it and saw it as it stands.
async fn met<P: Permission>(tx: &Tx, permit: &Permit<P>, id: ListingId) -> Result<listing::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}
