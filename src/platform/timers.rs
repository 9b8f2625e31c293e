//! Timers: rows that fire once, also after a crash and with several servers.
//!
//! Firing is one transaction: claim the row, do the work, mark it fired. A timer that fails is
//! tried again later and never holds up the others.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::TimerId;
use entity::platform::timer;
use sea_orm::sea_query::{Expr, ExprTrait as _, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// A timer that is armed.
pub fn armed(id: TimerId, kind: &str, subject: Uuid, due_at: Timestamp) -> timer::Model {
    timer::Model { id, kind: kind.into(), subject_id: subject, due_at, fired_at: None, attempts: 0, retry_at: None, last_error: None }
}

/// By what a timer is known: arming the same one twice is the same as once.
pub const SAME: [timer::Column; 3] = [timer::Column::Kind, timer::Column::SubjectId, timer::Column::DueAt];

/// Whether a timer of a kind was armed for this before, be it fired or not.
pub async fn is_known(db: &impl ConnectionTrait, kind: &str, subject: Uuid) -> Result<bool, DbErr> {
    let found = timer::Entity::find().filter(timer::Column::Kind.eq(kind)).filter(timer::Column::SubjectId.eq(subject)).limit(1).one(db);
    Ok(found.await?.is_some())
}

/// Which timers still wait. One that failed waits until its next try, by real time; where none may be
/// passed over (`None`), it is tried in its turn.
fn waiting(real: Option<Timestamp>) -> Condition {
    let unfired = Condition::all().add(timer::Column::FiredAt.is_null());
    match real {
        Some(real) => unfired.add(Condition::any().add(timer::Column::RetryAt.is_null()).add(timer::Column::RetryAt.lte(real))),
        None => unfired,
    }
}

/// When the next timer is due.
pub async fn next_due(db: &impl ConnectionTrait, real: Option<Timestamp>) -> Result<Option<Timestamp>, DbErr> {
    next_due_of(db, None, real).await
}

/// When the next timer of a kind is due, or of any.
pub async fn next_due_of(db: &impl ConnectionTrait, kind: Option<&str>, real: Option<Timestamp>) -> Result<Option<Timestamp>, DbErr> {
    let mut all = timer::Entity::find().select_only().column(timer::Column::DueAt).filter(waiting(real));
    if let Some(kind) = kind {
        all = all.filter(timer::Column::Kind.eq(kind));
    }
    all.order_by_asc(timer::Column::DueAt).limit(1).into_tuple().one(db).await
}

/// Claims so many of the first timers due by `now` that nobody else holds, and that are none of those passed over.
pub async fn claim(
    db: &impl ConnectionTrait,
    now: Timestamp,
    real: Option<Timestamp>,
    passed: Vec<TimerId>,
    most: u64,
) -> Result<Vec<timer::Model>, DbErr> {
    let mut due = timer::Entity::find().filter(waiting(real)).filter(timer::Column::DueAt.lte(now));
    if !passed.is_empty() {
        due = due.filter(timer::Column::Id.is_not_in(passed));
    }
    due.order_by_asc(timer::Column::DueAt)
        .order_by_asc(timer::Column::Id)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(db)
        .await
}

/// Marks claimed timers as fired.
pub async fn fired(db: &impl ConnectionTrait, timers: &[timer::Model], at: Timestamp) -> Result<(), DbErr> {
    timer::Entity::update_many()
        .col_expr(timer::Column::FiredAt, Some(at).into())
        .col_expr(timer::Column::Attempts, Expr::col(timer::Column::Attempts).add(1))
        .filter(timer::Column::Id.is_in(timers.iter().map(|timer| timer.id)))
        .exec(db)
        .await
        .map(|_| ())
}

/// Notes a failure; the next try waits longer each time, an hour at most. A timer that another
/// server has fired meanwhile stays fired.
pub async fn failed(db: &impl ConnectionTrait, timer: &timer::Model, error: &str, real: Timestamp) -> Result<(), DbErr> {
    let wait = TimeDelta::seconds(1_i64 << timer.attempts.clamp(0, 11)).min(TimeDelta::hours(1));
    timer::Entity::update_many()
        .col_expr(timer::Column::Attempts, (timer.attempts + 1).into())
        .col_expr(timer::Column::RetryAt, Some(real + wait).into())
        .col_expr(timer::Column::LastError, error.chars().take(500).collect::<String>().into())
        .filter(timer::Column::Id.eq(timer.id))
        .filter(timer::Column::FiredAt.is_null())
        .exec(db)
        .await
        .map(|_| ())
}
