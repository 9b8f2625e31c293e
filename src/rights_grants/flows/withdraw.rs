//! Ending a grant: its rights are free again, and its notice stands no more.

use entity::ids::{PersonId, RightsGrantId};
use entity::rights_grants::{RightsGrantState, rights_grant};
use serde_json::Value;

use super::{hand, held, record};
use crate::house::{Done, House, Tx};
use crate::licences;
use crate::licences::rules::grant::Source;
use crate::notices;
use crate::objections;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::Problem;
use crate::rights_grants::http::WithdrawRightsGrant;
use crate::rights_grants::rules::machine;
use crate::rights_grants::store;

/// Why it ends where an objection was right.
const ENDED: &str = "异议成立，赋权终止 An objection was right, and the grant ends for it";

/// The unit withdraws it, or an officer ends it.
pub async fn withdraw(
    house: &House,
    by: &Context,
    permit: Permit<WithdrawRightsGrant>,
    id: RightsGrantId,
    reason: String,
) -> Result<Done<rights_grant::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id).await?;
            let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
            let next = machine::withdrawn(&held, &hand, &reason, tx.now)?;
            end_within(&tx, &held, &next, hand.person, &reason).await?;
            Ok(next)
        })
        .await
}

/// An objection was settled so that the grant it was about ends for it, be it after it became effective.
pub async fn hear_objection(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = body["rights_grant_id"].as_str().and_then(|id| id.parse::<RightsGrantId>().ok()) else { return Ok(()) };
    let Some(by) = objections::flows::ended_by(tx, body).await? else { return Ok(()) };
    let Some(held) = store::hold(tx.conn(), id).await?.filter(|held| held.state != RightsGrantState::Ended) else { return Ok(()) };
    let next = machine::ended(&held, ENDED, tx.now);
    end_within(tx, &held, &next, by, ENDED).await
}

/// Records the end of a grant, held.
async fn end_within(tx: &Tx, held: &rights_grant::Model, next: &rights_grant::Model, by: PersonId, reason: &str) -> Result<(), Problem> {
    if let Some(notice) = held.notice_id {
        notices::flows::withdraw_within(tx, notice, by, reason).await?;
    }
    licences::flows::rescinded(tx, &Source::RightsGrant(held.id)).await?;
    record(tx, held, next).await
}
