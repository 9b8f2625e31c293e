//! Conducting a session: opening the next lot, and doing one thing to all lots at once.

use entity::ids::LotSessionId;
use entity::lot_sessions::{LotSessionState, lot_session};

use super::{hold, hold_lots, record, rules};
use crate::auctions::flows::{all_announced_in_full_within, cause, extend_within, open_within, pause_within, resume_within};
use crate::auctions::rules::pause::Order;
use crate::house::{Done, House, Tx};
use crate::lot_sessions::events::LotSessionEvent;
use crate::lot_sessions::http::{AdvanceLotSession, ExtendLotSession, PauseLotSession, ResumeLotSession};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::Problem;

/// The host opens the next lot.
pub async fn advance(
    house: &House,
    by: &Context,
    permit: Permit<AdvanceLotSession>,
    id: LotSessionId,
) -> Result<Done<lot_session::Model>, Problem> {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let held = hold(&tx, &permit, id).await?;
            // One that must wait holds up none of the others.
            let lots = Box::pin(all_announced_in_full_within(&tx, hold_lots(&tx, id).await?)).await?;
            let lot = rules::next_up(&held, &lots, tx.now)?;
            rules::no_hand_in(&[lot], tx.by.actor()?.person)?;
            open_within(&tx, lot, cause(&tx)?).await?;
            let next = rules::moved(&held, LotSessionState::Published);
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// The host interrupts every lot that waits or is being bid for.
pub async fn pause(
    house: &House,
    by: &Context,
    permit: Permit<PauseLotSession>,
    id: LotSessionId,
    reason: String,
) -> Result<Done<lot_session::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = hold(&tx, &permit, id).await?;
            let lots = hold_lots(&tx, id).await?;
            let tx = tx.at(rules::instant(&lots, tx.now));
            let running = rules::to_pause(&held, &lots, tx.now)?;
            rules::no_hand_in(&running, tx.by.actor()?.person)?;
            let order = order(&tx, id, reason)?;
            for lot in running {
                pause_within(&tx, lot, &order).await?;
            }
            let next = rules::moved(&held, LotSessionState::Paused);
            record(&tx, &held, &next).await?;
            tx.publish(&LotSessionEvent::paused(&next))?;
            Ok(next)
        })
        .await
}

/// The host lets every lot go on that was paused with the session.
pub async fn resume(
    house: &House,
    by: &Context,
    permit: Permit<ResumeLotSession>,
    id: LotSessionId,
    reason: String,
) -> Result<Done<lot_session::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = hold(&tx, &permit, id).await?;
            let lots = hold_lots(&tx, id).await?;
            let tx = tx.at(rules::instant(&lots, tx.now));
            let paused = rules::to_resume(&held, &lots)?;
            rules::no_hand_in(&paused, tx.by.actor()?.person)?;
            let order = order(&tx, id, reason)?;
            for lot in paused {
                resume_within(&tx, lot, &order).await?;
            }
            let next = rules::moved(&held, LotSessionState::Published);
            record(&tx, &held, &next).await?;
            tx.publish(&LotSessionEvent::resumed(&next))?;
            Ok(next)
        })
        .await
}

/// The host gives every lot that is not over as much more time.
pub async fn extend(
    house: &House,
    by: &Context,
    permit: Permit<ExtendLotSession>,
    id: LotSessionId,
    seconds: i64,
    reason: String,
) -> Result<Done<lot_session::Model>, Problem> {
    house
        .write(by, (permit, id, seconds, reason), |tx, (permit, id, seconds, reason)| async move {
            let held = hold(&tx, &permit, id).await?;
            let lots = hold_lots(&tx, id).await?;
            let going = rules::to_extend(&held, &lots, tx.now)?;
            rules::no_hand_in(&going, tx.by.actor()?.person)?;
            let order = order(&tx, id, reason)?;
            for lot in going {
                extend_within(&tx, lot, seconds, &order).await?;
            }
            let next = rules::moved(&held, held.state);
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// What the host orders for a whole session.
fn order(tx: &Tx, id: LotSessionId, reason: String) -> Result<Order, Problem> {
    let order = Order { reason, session: Some(id), cause: cause(tx)? };
    // Asked for also where every lot has ended meanwhile.
    order.reason()?;
    Ok(order)
}
