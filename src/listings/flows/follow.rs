//! A listing follows its lot.

use entity::auctions::LotState;
use entity::ids::ListingId;
use entity::listings::listing;
use serde::Deserialize;
use serde_json::Value;

use super::super::rules::machine;
use super::super::store;
use super::record;
use crate::house::Tx;
use crate::platform::problem::Problem;

/// What an event of a lot says.
#[derive(Deserialize)]
struct LotNews {
    listing_id: ListingId,
    state: LotState,
}

/// Bidding has opened.
pub async fn hear_lot_opened(tx: &Tx, body: &Value) -> Result<(), Problem> {
    follow(tx, body, |held, _| machine::bidding(held)).await
}

/// The lot is over: sold, unsold, or aborted.
pub async fn hear_lot_closed(tx: &Tx, body: &Value) -> Result<(), Problem> {
    follow(tx, body, machine::lot_over).await
}

/// The deal has lapsed: what was sold is free again.
pub async fn hear_deal_lapsed(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = body["listing_id"].as_str().and_then(|id| id.parse::<ListingId>().ok()) else {
        tracing::error!(%body, "an event of a deal cannot be read");
        return Ok(());
    };
    let Some(held) = store::hold(tx.conn(), id).await? else { return Ok(()) };
    match machine::deal_lapsed(&held) {
        Some(next) => record(tx, &held, &next).await,
        None => Ok(()),
    }
}

async fn follow(tx: &Tx, body: &Value, step: impl Fn(&listing::Model, LotState) -> Option<listing::Model>) -> Result<(), Problem> {
    let Ok(news) = LotNews::deserialize(body) else {
        // An event nobody can read must not stop those after it.
        tracing::error!(%body, "an event of a lot cannot be read");
        return Ok(());
    };
    let Some(held) = store::hold(tx.conn(), news.listing_id).await? else { return Ok(()) };
    match step(&held, news.state) {
        Some(next) => record(tx, &held, &next).await,
        None => Ok(()),
    }
}
