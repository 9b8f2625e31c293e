//! Publishing a session: its order is frozen, and every lot learns its place.

use std::collections::BTreeMap;

use entity::ids::LotSessionId;
use entity::lot_sessions::lot_session;

use super::{hold, hold_lots, record, rules};
use crate::auctions::flows::{cause, join_within};
use crate::house::{Done, House, Tx};
use crate::lot_sessions::events::LotSessionEvent;
use crate::lot_sessions::http::PublishLotSession;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::Problem;
use crate::rulebook::rules::shanghai_date;

/// Publishes a session.
pub async fn publish(
    house: &House,
    by: &Context,
    permit: Permit<PublishLotSession>,
    id: LotSessionId,
) -> Result<Done<lot_session::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { Box::pin(publish_within(&tx, &permit, id)).await }).await
}

async fn publish_within(tx: &Tx, permit: &Permit<PublishLotSession>, id: LotSessionId) -> Result<lot_session::Model, Problem> {
    let held = hold(tx, permit, id).await?;
    let lots = hold_lots(tx, id).await?;
    let lateness = rules::lateness(&tx.house.rulebook.current().rulebook, shanghai_date(tx.now))?;
    let (next, places) = rules::published(&held, &lots, lateness, tx.now)?;
    rules::may_take(&lots, tx.by.actor()?.person, tx.now)?;
    record(tx, &held, &next).await?;
    let by_id: BTreeMap<_, _> = lots.iter().zip(&places).map(|(lot, place)| (lot.id, (lot, place))).collect();
    for (lot, place) in by_id.into_values() {
        join_within(tx, lot, place, cause(tx)?).await?;
    }
    tx.publish(&LotSessionEvent::published(&next))?;
    Ok(next)
}
