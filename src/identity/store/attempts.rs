//! Where tries to sign in are kept.

use entity::Timestamp;
use entity::identity::sign_in_attempt;
use entity::ids::AttemptId;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Lets one try of an account be judged at a time. The account need not exist, so there is no row to hold.
pub async fn hold_account(db: &impl ConnectionTrait, account: &[u8]) -> Result<(), DbErr> {
    if db.get_database_backend() == DatabaseBackend::Postgres {
        let part = account.first_chunk::<4>().map_or(0, |bytes| i32::from_be_bytes(*bytes));
        db.execute_unprepared(&format!("SELECT pg_advisory_xact_lock(7402005, {part})")).await?;
    }
    Ok(())
}

/// The failed tries of an account since an instant, from anywhere or from one origin, the newest of them.
pub async fn attempts(
    db: &impl ConnectionTrait,
    account: &[u8],
    origin: Option<&str>,
    since: Timestamp,
    most: usize,
) -> Result<Vec<sign_in_attempt::Model>, DbErr> {
    let mut find = sign_in_attempt::Entity::find()
        .filter(sign_in_attempt::Column::Account.eq(account))
        .filter(sign_in_attempt::Column::MadeAt.gt(since));
    if let Some(origin) = origin {
        find = find.filter(sign_in_attempt::Column::Origin.eq(origin));
    }
    find.order_by_desc(sign_in_attempt::Column::MadeAt).limit(u64::try_from(most).unwrap_or(u64::MAX)).all(db).await
}

/// Takes a try away.
pub async fn remove_attempt(db: &impl ConnectionTrait, id: AttemptId) -> Result<(), DbErr> {
    sign_in_attempt::Entity::delete_by_id(id).exec(db).await.map(|_| ())
}

/// Takes all tries before an instant away.
pub async fn remove_attempts_before(db: &impl ConnectionTrait, limit: Timestamp) -> Result<(), DbErr> {
    sign_in_attempt::Entity::delete_many().filter(sign_in_attempt::Column::MadeAt.lt(limit)).exec(db).await.map(|_| ())
}
