//! Where organisations are kept.

use entity::identity::organisation;
use entity::ids::OrganisationId;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QuerySelect};

/// An organisation.
pub async fn organisation(db: &impl ConnectionTrait, id: OrganisationId) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(id).one(db).await
}

/// An organisation, held.
pub async fn hold_organisation(db: &impl ConnectionTrait, id: OrganisationId) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(id).lock_exclusive().one(db).await
}
