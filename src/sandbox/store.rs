//! Where sandbox time is kept.

use entity::identity::staff;
use entity::platform::sandbox_clock;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QuerySelect};

/// The clock.
pub async fn clock(db: &impl ConnectionTrait) -> Result<Option<sandbox_clock::Model>, DbErr> {
    sandbox_clock::Entity::find_by_id(1_i16).one(db).await
}

/// The clock, held.
pub async fn hold_clock(db: &impl ConnectionTrait) -> Result<Option<sandbox_clock::Model>, DbErr> {
    sandbox_clock::Entity::find_by_id(1_i16).lock_exclusive().one(db).await
}

/// Whether anybody has worked in this database yet.
pub async fn is_new(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(staff::Entity::find().count(db).await? == 0 && entity::identity::person::Entity::find().count(db).await? == 0)
}
