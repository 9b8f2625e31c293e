//! Where persons are kept.

use entity::Timestamp;
use entity::identity::person;
use entity::ids::PersonId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

/// A person.
pub async fn person(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<person::Model>, DbErr> {
    person::Entity::find_by_id(id).one(db).await
}

/// Notes that a person's address is his, if that was not known.
pub async fn prove_address(db: &impl ConnectionTrait, id: PersonId, now: Timestamp) -> Result<(), DbErr> {
    person::Entity::update_many()
        .col_expr(person::Column::AddressProvedAt, Expr::value(now))
        .filter(person::Column::Id.eq(id))
        .filter(person::Column::AddressProvedAt.is_null())
        .exec(db)
        .await
        .map(|_| ())
}

/// A person, held: whoever changes what the person is holds it first.
pub async fn hold_person(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<person::Model>, DbErr> {
    person::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The person whose address this stands for.
pub async fn person_by_email(db: &impl ConnectionTrait, blind: &[u8]) -> Result<Option<person::Model>, DbErr> {
    person::Entity::find().filter(person::Column::EmailBlind.eq(blind)).one(db).await
}

/// Puts a hash made anew in the place of the one it was made beside, unless another stands there by now; tells whether it did.
/// That column alone: the password is the same.
pub async fn rehash(db: &impl ConnectionTrait, id: PersonId, old: &str, new: &str) -> Result<bool, DbErr> {
    let done = person::Entity::update_many()
        .col_expr(person::Column::PasswordHash, new.to_owned().into())
        .filter(person::Column::Id.eq(id))
        .filter(person::Column::PasswordHash.eq(old))
        .exec(db)
        .await?;
    Ok(done.rows_affected > 0)
}
