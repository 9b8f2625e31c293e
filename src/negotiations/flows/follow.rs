//! A negotiation follows what becomes of objections.

use entity::ids::NegotiationId;
use entity::negotiations::NegotiationState;
use serde_json::Value;

use super::withdraw::end_within;
use crate::house::Tx;
use crate::negotiations::rules::machine;
use crate::negotiations::store;
use crate::objections;
use crate::platform::problem::{Code, Problem};

/// Why it ends.
const ENDED: &str = "异议成立，交易终止 An objection was right, and the sale ends for it";

/// An objection was settled so that what it was about ends for it, be it after its result was published.
pub async fn hear_objection(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let about = |name: &str| body[name].as_str();
    let id = about("negotiation_id").and_then(|id| id.parse::<NegotiationId>().ok());
    let Some(id) = id.filter(|_| body["ends"] == true) else { return Ok(()) };
    let Some(held) = store::hold(tx.conn(), id).await?.filter(|held| held.state != NegotiationState::Ended) else { return Ok(()) };
    let objection = about("objection_id").and_then(|id| id.parse().ok()).ok_or(Code::Internal)?;
    let decided = objections::store::find(tx.conn(), objection).await?.and_then(|objection| objection.handler);
    let next = machine::ended(&held, ENDED, tx.now);
    end_within(tx, &held, &next, decided.ok_or(Code::Internal)?, ENDED).await
}
