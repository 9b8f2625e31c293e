//! What has to be over before something that was announced goes on.

use entity::Timestamp;
use entity::ids::{NoticeId, PersonId};
use entity::objections::objection;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use super::{is_ended_by, is_held_up};
use crate::house::{House, Tx};
use crate::notices;
use crate::notices::rules::Matter;
use crate::notices::rules::both_places::{Awaited, Sight, UnitNotice, waits_for};
use crate::notices::rules::period::Period;
use crate::objections::store;
use crate::platform::problem::{Code, Problem};

/// Something that was announced.
pub struct Announced<'a> {
    /// What it is.
    pub matter: Matter,
    /// Its notice.
    pub notice: NoticeId,
    /// Whether that has to stand in the unit's own place too.
    pub in_unit: bool,
    /// The unit's own notice as it is kept, if it was shown.
    pub unit_notice: Option<&'a Value>,
    /// How long each of the two runs.
    pub period: Period,
}

/// What it waits for: the notice in both places, and every objection.
pub async fn awaited(house: &House, db: &impl ConnectionTrait, of: &Announced<'_>, now: Timestamp) -> Result<Vec<Awaited>, Problem> {
    let notice = notices::store::find(db, of.notice).await?.ok_or(Code::Internal)?;
    let unit_notice = UnitNotice::kept(of.unit_notice)?;
    let edition = house.rulebook.current();
    let sight = Sight {
        ends_at: notices::flows::ends_at(house, db, &notice, now).await?,
        notice: &notice,
        in_unit: of.in_unit,
        unit_notice: unit_notice.as_ref(),
        held_up: is_held_up(db, of.matter).await? || is_ended_by(db, of.matter).await?,
        period: &of.period,
        calendar: &edition.calendar,
    };
    Ok(waits_for(&sight, now))
}

/// The objection that an event is of.
pub async fn told_of(tx: &Tx, body: &Value) -> Result<objection::Model, Problem> {
    let id = body["objection_id"].as_str().and_then(|id| id.parse().ok()).ok_or(Code::Internal)?;
    store::find(tx.conn(), id).await?.ok_or_else(|| Code::Internal.into())
}

/// Who decided that what an objection is about ends for it, by the event that it was settled; nobody where that goes on.
pub async fn ended_by(tx: &Tx, body: &Value) -> Result<Option<PersonId>, Problem> {
    if body["ends"] != true {
        return Ok(None);
    }
    Ok(Some(told_of(tx, body).await?.handler.ok_or(Code::Internal)?))
}
