//! Saying which lots are in a session, in which order.

use entity::ids::{LotId, LotSessionId};
use entity::lot_sessions::lot_session;

use super::{hold, record, rules, store};
use crate::auctions;
use crate::house::{Done, House, Tx};
use crate::lot_sessions::http::ArrangeLotSession;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Gives a draft its lots, in this order, in place of those it had.
pub async fn arrange(
    house: &House,
    by: &Context,
    permit: Permit<ArrangeLotSession>,
    id: LotSessionId,
    lots: Vec<LotId>,
) -> Result<Done<lot_session::Model>, Problem> {
    house.write(by, (permit, id, lots), |tx, (permit, id, lots)| async move { arrange_within(&tx, &permit, id, &lots).await }).await
}

async fn arrange_within(
    tx: &Tx,
    permit: &Permit<ArrangeLotSession>,
    id: LotSessionId,
    asked: &[LotId],
) -> Result<lot_session::Model, Problem> {
    let held = hold(tx, permit, id).await?;
    rules::listed(asked)?;
    let (next, places) = rules::arranged(&held, asked)?;
    let lots = rules::in_order(asked, auctions::store::lots(tx.conn(), asked).await?)?;
    rules::may_take(&lots, tx.by.actor()?.person, tx.now)?;
    let taken = store::taken(tx.conn(), id, asked).await?;
    if let Some(lot) = taken.first() {
        return Err(Code::LotTaken.with("lot_id", lot));
    }
    // Two drafts may reach for one lot at the same moment.
    store::set_order(tx.conn(), id, places)
        .await
        .map_err(|error| if db::is_duplicate(&error) { Code::LotTaken.into() } else { Problem::from(error) })?;
    record(tx, &held, &next).await?;
    Ok(next)
}
