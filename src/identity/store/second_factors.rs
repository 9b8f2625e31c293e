//! Where second factors and recovery codes are kept.

use entity::identity::{recovery_code, second_factor};
use entity::ids::PersonId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

/// A person's second factor.
pub async fn second_factor(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<second_factor::Model>, DbErr> {
    second_factor::Entity::find_by_id(person).one(db).await
}

/// A person's second factor, held: a code is used once.
pub async fn hold_second_factor(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<second_factor::Model>, DbErr> {
    second_factor::Entity::find_by_id(person).lock_exclusive().one(db).await
}

/// Takes a second factor away.
pub async fn remove_second_factor(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    second_factor::Entity::delete_by_id(person).exec(db).await.map(|_| ())
}

/// Takes a person's recovery codes away.
pub async fn remove_recovery_codes(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::PersonId.eq(person)).exec(db).await.map(|_| ())
}

/// Uses a recovery code; tells whether it was there.
pub async fn use_recovery_code(db: &impl ConnectionTrait, person: PersonId, hash: &[u8]) -> Result<bool, DbErr> {
    let used = recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::PersonId.eq(person))
        .filter(recovery_code::Column::Hash.eq(hash))
        .exec(db)
        .await?;
    Ok(used.rows_affected > 0)
}

/// Whether a recovery code stands.
pub async fn has_recovery_code(db: &impl ConnectionTrait, person: PersonId, hash: &[u8]) -> Result<bool, DbErr> {
    let found = recovery_code::Entity::find()
        .filter(recovery_code::Column::PersonId.eq(person))
        .filter(recovery_code::Column::Hash.eq(hash))
        .one(db)
        .await?;
    Ok(found.is_some())
}
