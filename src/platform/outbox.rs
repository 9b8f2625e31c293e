//! Events: written in the transaction that causes them, given a gap-free position in commit order afterwards.
//!
//! One placer at a time takes every committed event that has no position yet, in order of insertion.
//! What is committed earlier is seen no later, so positions follow commits; two transactions about
//! the same subject are ordered by its row lock, and so are their events.

use entity::Timestamp;
use entity::platform::{event, event_cursor};
use sea_orm::{ActiveValue, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use serde::Serialize;
use uuid::Uuid;

use crate::platform::db;

/// How many rows are placed at once: few enough that bids that come meanwhile do not wait for it for long.
pub const PLACED_AT_ONCE: u64 = 500;

/// Something that happened.
pub trait Event: Serialize {
    /// Stable name, `noun.verb`.
    fn kind(&self) -> &'static str;
    /// What it is about: kind and id. Events of one subject are told in order.
    fn subject(&self) -> (&'static str, Uuid);
}

/// The row of an event.
pub fn row(id: Uuid, event: &impl Event, at: Timestamp) -> Result<event::ActiveModel, DbErr> {
    let (subject_kind, subject_id) = event.subject();
    Ok(event::ActiveModel {
        seq: ActiveValue::NotSet,
        id: ActiveValue::Set(id.into()),
        kind: ActiveValue::Set(event.kind().into()),
        subject_kind: ActiveValue::Set(subject_kind.into()),
        subject_id: ActiveValue::Set(subject_id),
        body: ActiveValue::Set(serde_json::to_string(event).map_err(|e| DbErr::Custom(e.to_string()))?),
        occurred_at: ActiveValue::Set(at),
        position: ActiveValue::Set(None),
    })
}

/// Gives positions to committed events, the earliest first.
const PLACE: &str = "UPDATE event SET position = placed.position FROM (SELECT seq, $1 + row_number() OVER (ORDER BY seq) AS position \
                     FROM event WHERE position IS NULL ORDER BY seq LIMIT $2) AS placed WHERE event.seq = placed.seq";

/// Gives positions to committed events; tells how many. Runs under the placer's lock.
pub async fn place(db: &impl ConnectionTrait) -> Result<usize, DbErr> {
    let last = last_position(db).await?;
    let placing = Statement::from_sql_and_values(db.get_database_backend(), PLACE, [last.into(), PLACED_AT_ONCE.into()]);
    let placed = db.execute_raw(placing).await?.rows_affected();
    Ok(usize::try_from(placed).unwrap_or(usize::MAX))
}

/// The last position given; 0 before the first.
pub async fn last_position(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let last: Option<i64> = event::Entity::find()
        .select_only()
        .column(event::Column::Position)
        .filter(event::Column::Position.is_not_null())
        .order_by_desc(event::Column::Position)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.unwrap_or(0))
}

/// When the last event happened.
pub async fn last_instant(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, DbErr> {
    event::Entity::find()
        .select_only()
        .column(event::Column::OccurredAt)
        .order_by_desc(event::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// Events after a position, in order.
pub async fn after(db: &impl ConnectionTrait, position: i64, limit: u64) -> Result<Vec<event::Model>, DbErr> {
    event::Entity::find().filter(event::Column::Position.gt(position)).order_by_asc(event::Column::Position).limit(limit).all(db).await
}

/// What happened to one subject, by kind and when, in order.
pub async fn of_subject(db: &impl ConnectionTrait, kind: &str, id: impl Into<Uuid>) -> Result<Vec<(String, Timestamp)>, DbErr> {
    let id: Uuid = id.into();
    event::Entity::find()
        .select_only()
        .column(event::Column::Kind)
        .column(event::Column::OccurredAt)
        .filter(event::Column::SubjectId.eq(id))
        .filter(event::Column::SubjectKind.eq(kind))
        .order_by_asc(event::Column::Seq)
        .into_tuple()
        .all(db)
        .await
}

/// How far a reader of the events has come.
pub async fn heard(db: &impl ConnectionTrait, consumer: &str) -> Result<i64, DbErr> {
    let cursor = event_cursor::Entity::find_by_id(consumer.to_owned()).one(db).await?;
    Ok(cursor.map_or(0, |cursor| cursor.position))
}

/// The same, held, so that every event is heard once.
pub async fn hold_heard(db: &impl ConnectionTrait, consumer: &str) -> Result<i64, DbErr> {
    let held = || event_cursor::Entity::find_by_id(consumer.to_owned()).lock_exclusive();
    if let Some(cursor) = held().one(db).await? {
        return Ok(cursor.position);
    }
    db::insert_if_absent(db, event_cursor::Model { consumer: consumer.into(), position: 0 }).await?;
    // Another server may have made it, and heard the first event, meanwhile.
    Ok(held().one(db).await?.map_or(0, |cursor| cursor.position))
}

/// Notes how far a reader has come.
pub async fn set_heard(db: &impl ConnectionTrait, consumer: &str, position: i64) -> Result<(), DbErr> {
    db::update(db, event_cursor::Model { consumer: consumer.into(), position }).await
}
