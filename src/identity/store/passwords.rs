//! Where past passwords and resets are kept.

use entity::Timestamp;
use entity::identity::{password_reset, past_password, reset_request};
use entity::ids::PersonId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::platform::db;

/// The last passwords of a person, newest first.
pub async fn past_passwords(db: &impl ConnectionTrait, person: PersonId, count: usize) -> Result<Vec<past_password::Model>, DbErr> {
    past_password::Entity::find()
        .filter(past_password::Column::PersonId.eq(person))
        .order_by_desc(past_password::Column::ReplacedAt)
        .order_by_desc(past_password::Column::Id)
        .limit(count as u64)
        .all(db)
        .await
}

/// Forgets the passwords of a person but for the last so many.
pub async fn forget_passwords(db: &impl ConnectionTrait, person: PersonId, keep: usize) -> Result<(), DbErr> {
    let kept: Vec<_> = past_passwords(db, person, keep).await?.into_iter().map(|row| row.id).collect();
    past_password::Entity::delete_many()
        .filter(past_password::Column::PersonId.eq(person))
        .filter(past_password::Column::Id.is_not_in(kept))
        .exec(db)
        .await
        .map(|_| ())
}

/// A password reset.
pub async fn reset(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<password_reset::Model>, DbErr> {
    password_reset::Entity::find_by_id(hash.to_vec()).one(db).await
}

/// A password reset, held.
pub async fn hold_reset(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<password_reset::Model>, DbErr> {
    password_reset::Entity::find_by_id(hash.to_vec()).lock_exclusive().one(db).await
}

/// Notes that a letter with a reset was asked for; tells whether none waits yet.
pub async fn insert_reset_request(db: &impl ConnectionTrait, row: reset_request::Model) -> Result<bool, DbErr> {
    db::insert_if_absent(db, row).await
}

/// Takes a note away that a letter was asked for.
pub async fn take_reset_request(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<reset_request::Model>, DbErr> {
    let found = reset_request::Entity::find().filter(reset_request::Column::Id.eq(id)).lock_exclusive().one(db).await?;
    reset_request::Entity::delete_many().filter(reset_request::Column::Id.eq(id)).exec(db).await?;
    Ok(found)
}

/// Whether a letter with a reset written to a person since an instant was not used yet.
pub async fn has_reset_letter(db: &impl ConnectionTrait, person: PersonId, since: Timestamp) -> Result<bool, DbErr> {
    let found = password_reset::Entity::find()
        .filter(password_reset::Column::PersonId.eq(person))
        .filter(password_reset::Column::IssuedBy.is_null())
        .filter(password_reset::Column::CreatedAt.gt(since))
        .filter(password_reset::Column::UsedAt.is_null())
        .limit(1)
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Takes every reset of a person away that was not used.
pub async fn remove_resets(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    password_reset::Entity::delete_many()
        .filter(password_reset::Column::PersonId.eq(person))
        .filter(password_reset::Column::UsedAt.is_null())
        .exec(db)
        .await
        .map(|_| ())
}
