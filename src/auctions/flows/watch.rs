//! What a lot's log says of its bidders.

use entity::ids::LotId;
use serde_json::Value;

use super::{record, written_at};
use crate::auctions::rules::clock;
use crate::auctions::rules::log::{Body, Cause, append};
use crate::auctions::store;
use crate::house::Tx;
use crate::platform::problem::Problem;

/// A bidder was suspended or reinstated: the log says so, under the pseudonym.
pub async fn hear_admission(tx: &Tx, kind: &str, body: &Value) -> Result<(), Problem> {
    let lot: Option<LotId> = body["lot_id"].as_str().and_then(|text| text.parse().ok());
    let (Some(lot), Some(bidder)) = (lot, body["pseudonym"].as_str()) else { return Ok(()) };
    let Some(held) = store::hold(tx.conn(), lot).await? else { return Ok(()) };
    if clock::has_ended(&held) {
        return Ok(());
    }
    let bidder = bidder.to_owned();
    let said = match kind {
        "admission.suspended" => Body::BidderSuspended { bidder },
        _ => Body::BidderReinstated { bidder },
    };
    let (event, lot) = append(&held, written_at(tx, lot).await?, &said, Cause::default());
    record(tx, &held, vec![event], &lot).await
}
