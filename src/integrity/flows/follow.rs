//! A lot has closed: what stands out is recorded, and nothing else is done.

use entity::ids::LotId;
use serde_json::Value;

use super::look;
use crate::house::Tx;
use crate::integrity::rules::{self, Thresholds};
use crate::integrity::store;
use crate::platform::db;
use crate::platform::problem::Problem;
use crate::{admissions, auctions};

/// Records what each bidder did in a lot that has closed, and its signals; once.
pub async fn hear_lot_closed(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let id: Option<LotId> = body["lot_id"].as_str().and_then(|text| text.parse().ok());
    let Some(id) = id else { return Ok(()) };
    let Some(lot) = auctions::store::lot(tx.conn(), id).await? else { return Ok(()) };
    if store::is_known(tx.conn(), id).await? {
        return Ok(());
    }
    let limits = tx.house.rules_at(tx.now, Thresholds::of)?;
    let edition = tx.house.rulebook.current().rulebook.version;
    let admissions = admissions::store::all(tx.conn(), id).await?;
    let bids = auctions::store::told_bids(tx.conn(), id).await?;
    let course = rules::course(&lot, &admissions, &bids);
    // First, for the history that is read below has this lot in it.
    for part in rules::parts(&course, limits.quick) {
        db::insert(tx.conn(), part).await?;
    }
    let traces = look::traces(tx, &course, &admissions, &bids).await?;
    let history = look::history(tx, &course).await?;
    for finding in rules::findings(&course, &traces, &history, &limits) {
        let row = rules::recorded(finding, &course, tx.id(), edition, tx.now);
        db::insert(tx.conn(), row.clone()).await?;
        tx.created("integrity_signal", row.id, &row).await?;
    }
    Ok(())
}
