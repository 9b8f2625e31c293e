//! A listing follows its lot.

use entity::Timestamp;
use entity::auctions::LotState;
use entity::ids::{ListingId, LotId};
use entity::listings::listing;
use serde::Deserialize;
use serde_json::Value;

use super::super::rules::machine;
use super::super::store;
use super::put_off::opening_moved;
use super::record;
use crate::auctions;
use crate::deals;
use crate::house::Tx;
use crate::platform::db;
use crate::platform::problem::Problem;

/// What an event of a lot says.
#[derive(Deserialize)]
struct LotNews {
    listing_id: ListingId,
    lot_id: LotId,
    state: LotState,
    #[serde(default)]
    opens_at: Option<Timestamp>,
}

/// Bidding has opened.
pub async fn hear_lot_opened(tx: &Tx, body: &Value) -> Result<(), Problem> {
    match follow(tx, body, |held, _| machine::bidding(held)).await? {
        Some((held, next)) => record(tx, &held, &next).await,
        None => Ok(()),
    }
}

/// The lot is over: sold, unsold, or aborted.
pub async fn hear_lot_closed(tx: &Tx, body: &Value) -> Result<(), Problem> {
    match follow(tx, body, |held, news| machine::lot_over(held, news.state)).await? {
        Some((held, next)) => record(tx, &held, &next).await,
        None => Ok(()),
    }
}

/// A deal has lapsed: unless another one stands, what was sold is free again. Events are heard one at a time, and whichever deal
/// lapsed last is among the lapsed when its own is heard, so the last of them cannot be missed.
pub async fn hear_deal_lapsed(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = listing_of(body) else { return Ok(()) };
    let Some(held) = store::hold(tx.conn(), id).await? else { return Ok(()) };
    let deals = match held.lot_id {
        Some(lot) => deals::store::of_lot(tx.conn(), lot).await?,
        None => Vec::new(),
    };
    let deals: Vec<_> = deals.iter().map(|deal| deal.state).collect();
    match machine::deal_lapsed(&held, &deals) {
        Some(next) => record(tx, &held, &next).await,
        None => Ok(()),
    }
}

/// An objection about a listing was accepted: its lot, if it has one, is paused.
pub async fn hear_objection(tx: &Tx, body: &Value) -> Result<(), Problem> {
    // One about something else than a listing is about no lot.
    if body["listing_id"].is_null() {
        return Ok(());
    }
    let Some(id) = listing_of(body) else { return Ok(()) };
    match store::find(tx.conn(), id).await?.and_then(|listing| listing.lot_id) {
        Some(lot) => auctions::flows::pause_for_objection(tx, lot).await,
        None => Ok(()),
    }
}

/// Which listing an event is about.
fn listing_of(body: &Value) -> Option<ListingId> {
    let id = body["listing_id"].as_str().and_then(|id| id.parse().ok());
    if id.is_none() {
        // An event nobody can read must not stop those after it.
        tracing::error!(%body, "an event cannot be read");
    }
    id
}

/// The lot goes on after a pause, or was put off; where it had not opened, it opens later. The event of the lot has told everybody.
pub async fn hear_lot_moved(tx: &Tx, body: &Value) -> Result<(), Problem> {
    // It may have been moved once more since.
    let moved = |held: &listing::Model, news: &LotNews| machine::reopens(held, news.opens_at.max(held.auction_opens_at)?);
    let Some((held, next)) = follow(tx, body, moved).await? else { return Ok(()) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("listing", next.id, Some(&held), Some(&next));
    opening_moved(tx, &next).await
}

/// The listing before and after the news, if it changes.
async fn follow(
    tx: &Tx,
    body: &Value,
    step: impl Fn(&listing::Model, &LotNews) -> Option<listing::Model>,
) -> Result<Option<(listing::Model, listing::Model)>, Problem> {
    let Ok(news) = LotNews::deserialize(body) else {
        tracing::error!(%body, "an event of a lot cannot be read");
        return Ok(None);
    };
    let Some(held) = store::hold(tx.conn(), news.listing_id).await? else { return Ok(None) };
    // One in whose place another was announced is no news any more.
    let next = if held.lot_id == Some(news.lot_id) { step(&held, &news) } else { None };
    Ok(next.map(|next| (held, next)))
}
