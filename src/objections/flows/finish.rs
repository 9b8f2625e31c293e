//! A notice is final once its period is over and nothing that was objected to it is open.

use entity::ids::NoticeId;
use serde_json::Value;

use crate::house::Tx;
use crate::notices;
use crate::objections::rules::holds_up;
use crate::objections::store;
use crate::platform::problem::Problem;

/// A notice ended, or something objected to one was closed or put right.
pub async fn hear_notice(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(notice) = body["notice_id"].as_str().and_then(|id| id.parse::<NoticeId>().ok()) else {
        tracing::error!(%body, "an event of a notice cannot be read");
        return Ok(());
    };
    if store::to_notice(tx.conn(), notice).await?.iter().any(holds_up) {
        return Ok(());
    }
    notices::flows::make_final_within(tx, notice).await
}
