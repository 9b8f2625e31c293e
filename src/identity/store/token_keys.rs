//! Where the keys of access tokens are kept.

use entity::identity::token_key;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryOrder, QuerySelect};

use crate::platform::db;

/// Every token key, oldest first.
pub async fn token_keys(db: &impl ConnectionTrait) -> Result<Vec<token_key::Model>, DbErr> {
    token_key::Entity::find().order_by_asc(token_key::Column::Generation).all(db).await
}

/// Every token key, held, oldest first.
pub async fn hold_token_keys(db: &impl ConnectionTrait) -> Result<Vec<token_key::Model>, DbErr> {
    token_key::Entity::find().order_by_asc(token_key::Column::Generation).lock_exclusive().all(db).await
}

/// Writes a token key down, unless its generation stands already.
pub async fn insert_token_key(db: &impl ConnectionTrait, row: token_key::Model) -> Result<bool, DbErr> {
    db::insert_if_absent(db, row).await
}
