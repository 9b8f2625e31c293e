//! A deal that objections have held up: it goes on with as much time to sign as there was, or ends by nobody's fault.

use entity::deals::deal;
use entity::ids::ListingId;
use serde_json::Value;

use super::CONFIRM_BY;
use crate::deals::events::DealEvent;
use crate::deals::{rules, store};
use crate::house::Tx;
use crate::objections;
use crate::platform::db;
use crate::platform::problem::Problem;

/// An objection about a listing was closed or settled: its unsigned deals end where that was decided, and where none holds them up any
/// more they go on.
pub async fn hear_objection(tx: &Tx, body: &Value) -> Result<(), Problem> {
    // One about a sale at a negotiated price is about no deal.
    let Some(listing) = body["listing_id"].as_str().and_then(|id| id.parse::<ListingId>().ok()) else { return Ok(()) };
    for held in store::hold_unsigned(tx.conn(), listing).await? {
        if body["ends"] == true {
            let next = rules::ended(&held);
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("deal", next.id, Some(&held), Some(&next));
            tx.publish(&DealEvent::defaulted(&next))?;
        } else if give_time(tx, &held).await? == Given::Nothing && held.confirm_by <= tx.now {
            // Its timer may have gone by while it was held up.
            tx.arm(CONFIRM_BY, held.id, tx.now);
        }
    }
    Ok(())
}

/// What came of the time that objections took of a deal's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// It is held up still.
    Waits,
    /// There is more time now.
    More,
    /// Nothing was taken, or all of it was given back before.
    Nothing,
}

/// Gives an unsigned deal, held, the time back that objections took, once none holds it up.
pub(super) async fn give_time(tx: &Tx, held: &deal::Model) -> Result<Given, Problem> {
    let lost = objections::flows::time_lost(tx.conn(), held.listing_id, held.created_at, tx.now).await?;
    let Some(lost) = lost else { return Ok(Given::Waits) };
    let facts = rules::facts(held)?;
    let announced = rules::confirm_by(&facts.deal.rules, held.created_at, &tx.house.rulebook.current().calendar)?;
    let Some(next) = rules::put_off(held, announced.ends_at, lost) else { return Ok(Given::Nothing) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("deal", next.id, Some(held), Some(&next));
    tx.arm(CONFIRM_BY, next.id, next.confirm_by);
    tx.publish(&DealEvent::put_off(&next))?;
    Ok(Given::More)
}
