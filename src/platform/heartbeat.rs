//! Whether the market runs: every server writes down from time to time that it does, so that a time without any is seen
//! afterwards, whoever stood still: all servers, or the database.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::OutageId;
use entity::platform::{heartbeat, outage};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::platform::db;

/// The shortest silence that is noted: three beats. Whether it counts for a lot, the rules say that it was announced under.
pub const LEAST_NOTED: TimeDelta = TimeDelta::seconds(15);
/// From how far on the market's time is ahead of the real one.
const AHEAD: TimeDelta = TimeDelta::seconds(1);
/// There is one market.
const MARKET: i16 = 1;

/// When the market was last known to run, real time.
pub async fn last(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, DbErr> {
    Ok(heartbeat::Entity::find_by_id(MARKET).one(db).await?.map(|beat| beat.real_at))
}

/// Writes down that the market runs; the outage there was before, if it was silent long enough to be noted. `usual` is the length
/// from which on an outage counts today.
pub async fn beat(
    db: &impl ConnectionTrait,
    id: OutageId,
    real: Timestamp,
    market: Timestamp,
    usual: TimeDelta,
) -> Result<Option<outage::Model>, DbErr> {
    let now = heartbeat::Model { id: MARKET, real_at: real, market_at: market };
    let Some(before) = heartbeat::Entity::find_by_id(MARKET).lock_exclusive().one(db).await? else {
        db::insert_if_absent(db, now).await?;
        return Ok(None);
    };
    // Another server was quicker, by its own reckoning of the same clock.
    if real <= before.real_at {
        return Ok(None);
    }
    db::update(db, heartbeat::Model { market_at: market.max(before.market_at), ..now }).await?;
    // Where the market's time stood, as it may in sandbox, nobody lost any. Where it ran ahead the row says more than was lost, so
    // that nothing is noted that would be too short today.
    let (silence, lost) = (real - before.real_at, market - before.market_at);
    let least = if lost > silence + AHEAD { usual.max(LEAST_NOTED) } else { LEAST_NOTED };
    if silence < least || lost <= TimeDelta::zero() {
        return Ok(None);
    }
    let outage = outage::Model { id, began_at: before.market_at, ended_at: market, noted_at: real };
    db::insert(db, outage.clone()).await?;
    Ok(Some(outage))
}

/// The outages that ended after an instant, the first to end first.
pub async fn outages_after(db: &impl ConnectionTrait, at: Timestamp) -> Result<Vec<outage::Model>, DbErr> {
    outage::Entity::find()
        .filter(outage::Column::EndedAt.gt(at))
        .order_by_asc(outage::Column::EndedAt)
        .order_by_asc(outage::Column::Id)
        .all(db)
        .await
}

/// The outage noted last, if it was noted after an instant, real time.
pub async fn noted_after(db: &impl ConnectionTrait, real: Timestamp) -> Result<Option<outage::Model>, DbErr> {
    outage::Entity::find().filter(outage::Column::NotedAt.gt(real)).order_by_desc(outage::Column::NotedAt).limit(1).one(db).await
}
