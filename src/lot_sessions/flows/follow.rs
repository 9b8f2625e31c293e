//! A session follows its lots.

use chrono::TimeDelta;
use entity::ids::LotId;
use entity::lot_sessions::LotSessionMode;
use serde_json::Value;

use super::{read, record, rules, store};
use crate::auctions;
use crate::auctions::flows::turn_within;
use crate::house::Tx;
use crate::lot_sessions::events::LotSessionEvent;
use crate::platform::problem::Problem;

/// A lot is over, or put off: in a hosted session the turn of the next one comes, and the last one that is over ends the session.
pub async fn hear_lot_gives_way(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let id: Option<LotId> = body["lot_id"].as_str().and_then(|text| text.parse().ok());
    let Some(id) = id else { return Ok(()) };
    let lot = auctions::store::lot(tx.conn(), id).await?;
    let Some(session) = lot.and_then(|lot| lot.session_id) else { return Ok(()) };
    let Some(held) = store::hold(tx.conn(), session).await? else { return Ok(()) };
    let lots = read::lots_of(tx.conn(), session).await?;
    if let Some(next) = rules::ended(&held, &lots) {
        record(tx, &held, &next).await?;
        return tx.publish(&LotSessionEvent::ended(&next));
    }
    let Some(next) = rules::current(&lots, tx.now).filter(|_| held.mode == LotSessionMode::Hosted) else { return Ok(()) };
    match auctions::store::hold(tx.conn(), next.id).await? {
        Some(lot) => turn_within(tx, &lot, TimeDelta::seconds(held.lateness_seconds.unwrap_or(0))).await,
        None => Ok(()),
    }
}
