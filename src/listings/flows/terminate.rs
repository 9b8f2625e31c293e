//! Ending a listing before bidding opens.

use entity::ids::ListingId;
use entity::listings::listing;

use super::super::http::TerminateListing;
use super::super::rules::machine;
use super::super::store;
use super::record;
use crate::admissions::flows::{Settlement, settle_within};
use crate::auctions::flows::abort_within;
use crate::house::{Done, House, Tx};
use crate::notices::flows::withdraw_within;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// Ends a listing: its seller withdraws it, or the platform orders it. Every deposit goes back.
pub async fn terminate(
    house: &House,
    by: &Context,
    permit: Permit<TerminateListing>,
    id: ListingId,
    reason: String,
) -> Result<Done<listing::Model>, Problem> {
    house.write(by, (permit, id, reason), |tx, (permit, id, reason)| async move { terminate_within(&tx, &permit, id, &reason).await }).await
}

async fn terminate_within(tx: &Tx, permit: &Permit<TerminateListing>, id: ListingId, reason: &str) -> Result<listing::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    let next = machine::terminated(&held, reason, tx.now)?;
    if let Some(lot_id) = held.lot_id {
        // The lot first, then its admissions: the order in which everybody holds them.
        abort_within(tx, lot_id, machine::TERMINATED).await?;
        settle_within(tx, lot_id, &Settlement::default()).await?;
    }
    if let Some(notice) = held.notice_id {
        withdraw_within(tx, notice, tx.by.actor()?.person, reason).await?;
    }
    record(tx, &held, &next).await?;
    Ok(next)
}
