//! Reminding owners before their patents come onto the list.

use entity::ids::AssetId;
use serde_json::Value;
use uuid::Uuid;

use super::{due_of, span};
use crate::achievements;
use crate::house::Tx;
use crate::open_implementation::events::OpenImplementationEvent;
use crate::open_implementation::rules::due::remind_on;
use crate::open_implementation::store;
use crate::platform::problem::Problem;
use crate::platform::timers;
use crate::rulebook::rules::{end_of, shanghai_date, start_of};

/// Timer: the owner is reminded by now.
pub const REMIND: &str = "open_implementations.remind";
/// The rule of how long before.
const BEFORE: &str = "open_implementation_reminder";

/// The legal status of a right was read: of a patent that will be on the list unless somebody uses it, its owner is to be reminded. Tells
/// whether it is one.
pub async fn hear_status(tx: &Tx, body: &Value) -> Result<bool, Problem> {
    if body["status"] != "granted" {
        return Ok(false);
    }
    let Some(id) = body["asset_id"].as_str().and_then(|id| id.parse::<AssetId>().ok()) else { return Ok(false) };
    let Some(patent) = achievements::store::asset(tx.conn(), id).await? else { return Ok(false) };
    let today = shanghai_date(tx.now);
    let Some((.., due_on)) = due_of(&tx.house, tx.conn(), &patent, today).await?.filter(|(.., due_on)| today < *due_on) else {
        return Ok(false);
    };
    let day = remind_on(due_on, span(&tx.house, BEFORE, today)?);
    if let Some(day) = day.filter(|day| today < *day) {
        tx.arm(REMIND, id, start_of(day));
        return Ok(true);
    }
    // Of what is registered late the owner is reminded the next day, once.
    if timers::is_known(tx.conn(), REMIND, id.into()).await? {
        return Ok(false);
    }
    tx.arm(REMIND, id, end_of(today));
    Ok(true)
}

/// The timer [`REMIND`], of a patent that is still to come onto the list and that nobody uses yet.
pub async fn on_remind(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(patent) = achievements::store::asset(tx.conn(), subject.into()).await? else { return Ok(()) };
    let today = shanghai_date(tx.now);
    let Some((_, owner, due_on)) = due_of(&tx.house, tx.conn(), &patent, today).await? else { return Ok(()) };
    let is_soon = remind_on(due_on, span(&tx.house, BEFORE, today)?).is_none_or(|day| day <= today) && today < due_on;
    if !is_soon || !store::is_unused(tx.conn(), patent.id).await? {
        return Ok(());
    }
    tx.publish(&OpenImplementationEvent::due_soon(patent.id, owner.id, due_on))
}
