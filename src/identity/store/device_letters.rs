//! Where letters to new devices are kept.

use entity::Timestamp;
use entity::identity::{device_letter, device_request};
use entity::ids::PersonId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::platform::db;

/// Notes that a letter to a new device was asked for; tells whether none waits yet.
pub async fn insert_device_request(db: &impl ConnectionTrait, row: device_request::Model) -> Result<bool, DbErr> {
    db::insert_if_absent(db, row).await
}

/// Takes a note away that a letter to a new device was asked for.
pub async fn take_device_request(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<device_request::Model>, DbErr> {
    let found = device_request::Entity::find().filter(device_request::Column::Id.eq(id)).lock_exclusive().one(db).await?;
    device_request::Entity::delete_many().filter(device_request::Column::Id.eq(id)).exec(db).await?;
    Ok(found)
}

/// Whether a letter written to a person since an instant was not used yet.
pub async fn has_device_letter(db: &impl ConnectionTrait, person: PersonId, since: Timestamp) -> Result<bool, DbErr> {
    let found = device_letter::Entity::find()
        .filter(device_letter::Column::PersonId.eq(person))
        .filter(device_letter::Column::CreatedAt.gt(since))
        .filter(device_letter::Column::UsedAt.is_null())
        .limit(1)
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// A letter to a new device.
pub async fn device_letter(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<device_letter::Model>, DbErr> {
    device_letter::Entity::find_by_id(hash.to_vec()).one(db).await
}

/// A letter to a new device, held: it is used once.
pub async fn hold_device_letter(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<device_letter::Model>, DbErr> {
    device_letter::Entity::find_by_id(hash.to_vec()).lock_exclusive().one(db).await
}

/// Takes away the letters to new devices that ran out before an instant.
pub async fn remove_device_letters_before(db: &impl ConnectionTrait, limit: Timestamp) -> Result<(), DbErr> {
    device_letter::Entity::delete_many().filter(device_letter::Column::ExpiresAt.lt(limit)).exec(db).await.map(|_| ())
}
