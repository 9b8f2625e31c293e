//! Ending a paused lot whose fault cannot be cured.

use entity::auctions::{LotEventKind, LotState, lot};
use entity::ids::{LotId, PersonId};
use sea_orm::ConnectionTrait;

use super::host::{hold, order, pause_within};
use super::ordered;
use crate::admissions::flows::{Settlement, settle_within};
use crate::auctions::events::LotEvent;
use crate::auctions::http::AbortLot;
use crate::auctions::rules::abort as rules;
use crate::auctions::rules::pause::Order;
use crate::auctions::store;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// An auction host ends a lot that another paused: nobody has it, every deposit goes back, and its listing hears that it failed.
pub async fn abort(house: &House, by: &Context, permit: Permit<AbortLot>, id: LotId, reason: String) -> Result<Done<lot::Model>, Problem> {
    house
        .write(
            by,
            (permit, id, reason),
            |tx, (permit, id, reason)| async move { Box::pin(given_up_within(&tx, &permit, id, reason)).await },
        )
        .await
}

async fn given_up_within(tx: &Tx, permit: &Permit<AbortLot>, id: LotId, reason: String) -> Result<lot::Model, Problem> {
    let held = hold(tx, permit, id).await?;
    let paused_by = paused_by(tx.conn(), &held).await?;
    let order = order(tx, reason)?;
    // The lot first, then its admissions: the order in which everybody holds them.
    let lot = ordered(tx, &held, |lot, now| rules::abort(lot, &order, paused_by, now)).await?;
    settle_within(tx, id, &Settlement::default()).await?;
    tx.publish(&LotEvent::aborted(&lot))?;
    Ok(lot)
}

/// Gives up a held lot that is being bid for, because of something that nobody who conducts it decides; harmless on one that runs out
/// meanwhile.
pub async fn give_up_within(tx: &Tx, held: &lot::Model, reason: &str) -> Result<(), Problem> {
    let order = Order { reason: reason.into(), ..Order::default() };
    let paused = if held.state == LotState::Paused { Ok(held.clone()) } else { pause_within(tx, held, &order).await };
    let paused = match paused {
        Err(problem) if matches!(problem.code, Code::WrongState | Code::Closed) => return Ok(()),
        paused => paused?,
    };
    let lot = ordered(tx, &paused, |lot, now| rules::abort(lot, &order, None, now)).await?;
    settle_within(tx, lot.id, &Settlement::default()).await?;
    tx.publish(&LotEvent::aborted(&lot))
}

/// Who paused a lot, if it is paused.
pub(super) async fn paused_by(db: &impl ConnectionTrait, lot: &lot::Model) -> Result<Option<PersonId>, Problem> {
    if lot.pause.is_none() {
        return Ok(None);
    }
    Ok(store::last_by(db, lot.id, LotEventKind::Paused).await?)
}
