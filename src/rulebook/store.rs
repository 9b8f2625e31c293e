//! Where editions are kept.

use entity::rulebook::rulebook_edition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// The newest edition.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<rulebook_edition::Model>, DbErr> {
    rulebook_edition::Entity::find().order_by_desc(rulebook_edition::Column::Version).limit(1).one(db).await
}

/// An edition by its number.
pub async fn edition(db: &impl ConnectionTrait, version: i64) -> Result<Option<rulebook_edition::Model>, DbErr> {
    rulebook_edition::Entity::find_by_id(version).one(db).await
}

/// The edition with exactly this content.
pub async fn with_hash(db: &impl ConnectionTrait, sha256: &[u8]) -> Result<Option<rulebook_edition::Model>, DbErr> {
    rulebook_edition::Entity::find().filter(rulebook_edition::Column::Sha256.eq(sha256)).one(db).await
}
