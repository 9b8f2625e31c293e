//! A negotiation follows what becomes of objections.

use entity::ids::{NegotiationId, PersonId};
use entity::negotiations::NegotiationState;
use serde_json::Value;

use super::withdraw::end_within;
use crate::house::Tx;
use crate::negotiations::rules::machine;
use crate::negotiations::store;
use crate::objections;
use crate::platform::problem::Problem;

/// Why it ends.
const ENDED: &str = "异议成立，交易终止 An objection was right, and the sale ends for it";

/// A sale comes to nothing by an objection that was right, or since its buyer rescinds as the law lets him; that was looked at.
pub async fn rescind_within(tx: &Tx, id: NegotiationId, by: PersonId, reason: &str) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), id).await?.filter(|held| held.state != NegotiationState::Ended) else { return Ok(()) };
    end_within(tx, &held, &machine::ended(&held, reason, tx.now), by, reason).await
}

/// An objection was settled so that what it was about ends for it, be it after its result was published.
pub async fn hear_objection(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = body["negotiation_id"].as_str().and_then(|id| id.parse::<NegotiationId>().ok()) else { return Ok(()) };
    let Some(by) = objections::flows::ended_by(tx, body).await? else { return Ok(()) };
    rescind_within(tx, id, by, ENDED).await
}
