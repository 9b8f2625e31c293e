//! Ending a listing before bidding opens, or because an objection was right.

use entity::ids::{ListingId, PersonId};
use entity::listings::listing;
use serde_json::Value;

use super::super::http::TerminateListing;
use super::super::rules::machine;
use super::super::store;
use super::amend::end_open_within;
use super::record;
use crate::admissions::flows::{Settlement, settle_within};
use crate::auctions;
use crate::auctions::flows::{abort_within, give_up_within};
use crate::auctions::rules::clock;
use crate::house::{Done, House, Tx};
use crate::notices::flows::withdraw_within;
use crate::objections;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// Why an offer ends to which an objection was right; public.
const OBJECTED: &str = "异议成立，本次转让终止 An objection was right, and the offer ends for it";

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
    end_within(tx, &held, &next, tx.by.actor()?.person, reason).await?;
    Ok(next)
}

/// Records that a held listing ends by somebody's word: with it its lot, every admission, its notices, and what was proposed about it.
async fn end_within(tx: &Tx, held: &listing::Model, next: &listing::Model, by: PersonId, reason: &str) -> Result<(), Problem> {
    if let Some(lot_id) = held.lot_id {
        // The lot first, then its admissions: the order in which everybody holds them.
        abort_within(tx, lot_id, machine::TERMINATED).await?;
        settle_within(tx, lot_id, &Settlement::default()).await?;
    }
    for notice in [held.notice_id, held.auction_notice_id].into_iter().flatten() {
        withdraw_within(tx, notice, by, reason).await?;
    }
    end_open_within(tx, held.id, "项目已终止 The listing was terminated").await?;
    record(tx, held, next).await
}

/// An objection to the notice of a listing was settled so that what it is about ends for it. Where there is no deal yet, a listing that
/// waits for its bidding is terminated; a lot that is being bid for is given up, of which its listing hears. Deals hear of it themselves.
pub async fn hear_objection_settled(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = body["listing_id"].as_str().and_then(|id| id.parse::<ListingId>().ok()) else { return Ok(()) };
    let Some(by) = objections::flows::ended_by(tx, body).await? else { return Ok(()) };
    // One to the result of a deal ends that deal alone.
    if objections::flows::told_of(tx, body).await?.deal_id.is_some() {
        return Ok(());
    }
    let Some(held) = store::hold(tx.conn(), id).await? else { return Ok(()) };
    let Some(lot_id) = held.lot_id else { return Ok(()) };
    let lot = auctions::store::hold(tx.conn(), lot_id).await?.ok_or(Code::Internal)?;
    if clock::has_ended(&lot) {
        return Ok(());
    }
    // Bidding may have opened although nobody wrote it down yet.
    if !clock::awaits_opening(&lot) || clock::opened_by_itself_at(&lot, tx.now).is_some() {
        return Box::pin(give_up_within(tx, &lot, OBJECTED)).await;
    }
    match machine::objected(&held, OBJECTED) {
        Some(next) => end_within(tx, &held, &next, by, OBJECTED).await,
        None => Ok(()),
    }
}
