//! Days by which something is to be done: a licence is filed, a registry is answered.

use entity::ids::LicenceGrantId;
use entity::licences::licence_grant;
use entity::recordals::RecordalState;
use serde_json::Value;
use uuid::Uuid;

use super::{DEADLINE, record};
use crate::house::Tx;
use crate::licences::rules::grant;
use crate::platform::problem::Problem;
use crate::recordals::events::LicenceDue;
use crate::recordals::rules::deadline::{due_on, is_filed, is_over, next_call};
use crate::recordals::rules::effect::is_licence_filed;
use crate::recordals::rules::machine;
use crate::recordals::store;
use crate::rulebook::rules::shanghai_date;
use crate::{achievements, licences};

/// A licence was entered: its parties are told in time by when it is to be filed.
pub async fn hear_licence(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = body["licence_id"].as_str().and_then(|id| id.parse::<LicenceGrantId>().ok()) else { return Ok(()) };
    if let Some(licence) = to_be_filed(tx, id).await? {
        let edition = tx.house.rulebook.current();
        let due = due_on(licence.starts_on, &edition.rulebook)?;
        // What was entered too late is told at once.
        tx.arm(DEADLINE, id, next_call(due, &edition.rulebook, tx.now)?.unwrap_or(tx.now));
    }
    Ok(())
}

/// A licence that stands and is to be filed, if nobody has filed it.
async fn to_be_filed(tx: &Tx, id: LicenceGrantId) -> Result<Option<licence_grant::Model>, Problem> {
    let found = licences::store::find(tx.conn(), id).await?;
    let Some(licence) = found.filter(|row| is_filed(row) && grant::stands(row, shanghai_date(tx.now))) else { return Ok(None) };
    let ids = licences::store::assets_of(tx.conn(), [id]).await?.remove(&id).unwrap_or_default();
    let rights = achievements::store::assets_named(tx.conn(), ids).await?;
    let is_of_such_rights = rights.values().all(|right| is_licence_filed(right.kind));
    let is_asked = store::of_licence(tx.conn(), id, &RecordalState::FILED).await?.is_some();
    Ok(Some(licence).filter(|_| is_of_such_rights && !is_asked))
}

/// The timer [`DEADLINE`].
pub async fn on_deadline(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(licence) = to_be_filed(tx, subject.into()).await? else { return Ok(()) };
    let edition = tx.house.rulebook.current();
    let due = due_on(licence.starts_on, &edition.rulebook)?;
    tx.publish(&LicenceDue::of(&licence, due, is_over(due, tx.now)))?;
    if let Some(at) = next_call(due, &edition.rulebook, tx.now)? {
        tx.arm(DEADLINE, licence.id, at);
    }
    Ok(())
}

/// The timer [`super::REPLY_BY`]: what was not mended by its day is deemed not filed.
pub async fn on_reply_by(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    match machine::deemed_not_filed(&held, shanghai_date(tx.now)) {
        Some(next) => record(tx, &held, &next).await,
        None => Ok(()),
    }
}
