//! Ending a paused lot whose fault cannot be cured.

use entity::auctions::{LotEventKind, lot};
use entity::ids::{LotId, PersonId};
use sea_orm::ConnectionTrait;

use super::host::{hold, order};
use super::ordered;
use crate::admissions::flows::{Settlement, settle_within};
use crate::auctions::events::LotEvent;
use crate::auctions::http::AbortLot;
use crate::auctions::rules::abort as rules;
use crate::auctions::store;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::Problem;

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

/// Who paused a lot, if it is paused.
pub(super) async fn paused_by(db: &impl ConnectionTrait, lot: &lot::Model) -> Result<Option<PersonId>, Problem> {
    if lot.pause.is_none() {
        return Ok(None);
    }
    Ok(store::last_by(db, lot.id, LotEventKind::Paused).await?)
}
