//! Where certificates are kept.

use entity::certificates::licence_certificate;
use entity::ids::LicenceGrantId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

/// The certificate of a number.
pub async fn find(db: &impl ConnectionTrait, number: &str) -> Result<Option<licence_certificate::Model>, DbErr> {
    licence_certificate::Entity::find().filter(licence_certificate::Column::Number.eq(number)).one(db).await
}

/// The last one of a licence, whatever became of it.
pub async fn last_of(db: &impl ConnectionTrait, licence: LicenceGrantId) -> Result<Option<licence_certificate::Model>, DbErr> {
    licence_certificate::Entity::find()
        .filter(licence_certificate::Column::LicenceGrantId.eq(licence))
        .order_by_desc(licence_certificate::Column::Edition)
        .one(db)
        .await
}

/// One of a licence.
pub async fn edition(
    db: &impl ConnectionTrait,
    licence: LicenceGrantId,
    edition: i32,
) -> Result<Option<licence_certificate::Model>, DbErr> {
    licence_certificate::Entity::find()
        .filter(licence_certificate::Column::LicenceGrantId.eq(licence))
        .filter(licence_certificate::Column::Edition.eq(edition))
        .one(db)
        .await
}
