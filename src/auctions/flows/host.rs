//! Pausing, resuming and extending a lot.

use entity::auctions::lot;
use entity::ids::LotId;

use super::ordered;
use crate::auctions::http::{ExtendLot, PauseLot, ResumeLot};
use crate::auctions::rules::log::Cause;
use crate::auctions::rules::pause::{self as rules, Order};
use crate::auctions::store;
use crate::house::{Done, House, Tx};
use crate::notices::rules::second_person;
use crate::objections;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Why a lot is paused that somebody objects to.
const OBJECTION: &str = "异议已受理，竞价暂停 An objection was accepted";

/// The auction host pauses a lot.
pub async fn pause(house: &House, by: &Context, permit: Permit<PauseLot>, id: LotId, reason: String) -> Result<Done<lot::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = hold(&tx, &permit, id).await?;
            pause_within(&tx, &held, &order(&tx, reason)?).await
        })
        .await
}

/// The auction host lets a paused lot go on.
pub async fn resume(
    house: &House,
    by: &Context,
    permit: Permit<ResumeLot>,
    id: LotId,
    reason: String,
) -> Result<Done<lot::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = hold(&tx, &permit, id).await?;
            resume_within(&tx, &held, &order(&tx, reason)?).await
        })
        .await
}

/// The auction host gives a lot more time.
pub async fn extend(
    house: &House,
    by: &Context,
    permit: Permit<ExtendLot>,
    id: LotId,
    seconds: i64,
    reason: String,
) -> Result<Done<lot::Model>, Problem> {
    house
        .write(by, (permit, id, seconds, reason), |tx, (permit, id, seconds, reason)| async move {
            let held = hold(&tx, &permit, id).await?;
            extend_within(&tx, &held, seconds, &order(&tx, reason)?).await
        })
        .await
}

/// Pauses a held lot.
pub async fn pause_within(tx: &Tx, held: &lot::Model, order: &Order) -> Result<lot::Model, Problem> {
    ordered(tx, held, |lot, now| rules::pause(lot, order, now)).await
}

/// Lets a held lot go on.
pub async fn resume_within(tx: &Tx, held: &lot::Model, order: &Order) -> Result<lot::Model, Problem> {
    objections::flows::may_bid_on(tx.conn(), held.listing_id).await?;
    ordered(tx, held, |lot, now| rules::resume(lot, order, now)).await
}

/// Pauses a lot to which an objection was accepted, if it waits or is being bid for and the objection still stands.
pub async fn pause_for_objection(tx: &Tx, id: LotId) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
    // It may have been withdrawn before this was heard.
    if !objections::flows::stands_still(tx.conn(), held.listing_id).await? {
        return Ok(());
    }
    let order = Order { reason: OBJECTION.into(), session: None, cause: Cause::default() };
    match pause_within(tx, &held, &order).await {
        Ok(_) => Ok(()),
        // It has ended, or is paused already: there is nothing to stop.
        Err(problem) if matches!(problem.code, Code::WrongState | Code::Closed) => Ok(()),
        Err(problem) => Err(problem),
    }
}

/// Gives a held lot more time.
pub async fn extend_within(tx: &Tx, held: &lot::Model, seconds: i64, order: &Order) -> Result<lot::Model, Problem> {
    let today = tx.house.rulebook.current();
    let most = rules::extend_limit(held, &today.rulebook, shanghai_date(tx.now))?;
    ordered(tx, held, |lot, now| rules::extend(lot, seconds, most, order, now)).await
}

/// The lot, held, where the caller may do this to it, has seen how it stands, and decided nothing about its offer.
pub(super) async fn hold<P: Permission>(tx: &Tx, permit: &Permit<P>, id: LotId) -> Result<lot::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.seq)?;
    second_person(&held.barred_persons, tx.by.actor()?.person)?;
    Ok(held)
}

/// Who causes what is written into the log of a lot, where it is no bidder.
pub fn cause(tx: &Tx) -> Result<Cause, Problem> {
    Ok(Cause { person: Some(tx.by.actor()?.person), admission: None, request_id: Some(tx.by.request_id.clone()) })
}

/// What the host orders for one lot.
pub(super) fn order(tx: &Tx, reason: String) -> Result<Order, Problem> {
    Ok(Order { reason, session: None, cause: cause(tx)? })
}
