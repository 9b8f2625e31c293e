//! Where organisations are kept.

use entity::identity::organisation;
use entity::ids::OrganisationId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

/// An organisation.
pub async fn organisation(db: &impl ConnectionTrait, id: OrganisationId) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(id).one(db).await
}

/// Those of some organisations that there are.
pub async fn organisations_among(db: &impl ConnectionTrait, ids: &[OrganisationId]) -> Result<Vec<organisation::Model>, DbErr> {
    organisation::Entity::find().filter(organisation::Column::Id.is_in(ids.iter().copied())).all(db).await
}

/// An organisation, held.
pub async fn hold_organisation(db: &impl ConnectionTrait, id: OrganisationId) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(id).lock_exclusive().one(db).await
}
