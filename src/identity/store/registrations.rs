//! Where requests to register by letter are kept.

use entity::Timestamp;
use entity::identity::registration_request;
use entity::ids::RegistrationRequestId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

/// A request.
pub async fn request(db: &impl ConnectionTrait, id: RegistrationRequestId) -> Result<Option<registration_request::Model>, DbErr> {
    registration_request::Entity::find_by_id(id).one(db).await
}

/// A request, held.
pub async fn hold_request(db: &impl ConnectionTrait, id: RegistrationRequestId) -> Result<Option<registration_request::Model>, DbErr> {
    registration_request::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The request whose letter has the token of this hash.
pub async fn by_token(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<registration_request::Model>, DbErr> {
    registration_request::Entity::find().filter(registration_request::Column::TokenHash.eq(hash)).one(db).await
}

/// When a network asked since an instant, the newest of it.
pub async fn asked_from(db: &impl ConnectionTrait, origin: &str, since: Timestamp, most: usize) -> Result<Vec<Timestamp>, DbErr> {
    registration_request::Entity::find()
        .select_only()
        .column(registration_request::Column::CreatedAt)
        .filter(registration_request::Column::Origin.eq(origin))
        .filter(registration_request::Column::CreatedAt.gt(since))
        .order_by_desc(registration_request::Column::CreatedAt)
        .limit(u64::try_from(most).unwrap_or(u64::MAX))
        .into_tuple()
        .all(db)
        .await
}

/// When somebody asked to register under an address, the newest of it.
pub async fn asked_for(db: &impl ConnectionTrait, account: &[u8], most: u64) -> Result<Vec<Timestamp>, DbErr> {
    registration_request::Entity::find()
        .select_only()
        .column(registration_request::Column::CreatedAt)
        .filter(registration_request::Column::Account.eq(account))
        .order_by_desc(registration_request::Column::CreatedAt)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// How many letters about registering were written to an address since an instant.
pub async fn count_letters(db: &impl ConnectionTrait, account: &[u8], since: Timestamp) -> Result<u64, DbErr> {
    registration_request::Entity::find()
        .filter(registration_request::Column::Account.eq(account))
        .filter(registration_request::Column::LetterAt.gt(since))
        .count(db)
        .await
}

/// Takes the address from every request for it, and the tokens; that there were requests is still counted.
pub async fn end_requests(db: &impl ConnectionTrait, account: &[u8]) -> Result<(), DbErr> {
    registration_request::Entity::update_many()
        .col_expr(registration_request::Column::TokenHash, Expr::value(None::<Vec<u8>>))
        .col_expr(registration_request::Column::Email, Expr::value(None::<String>))
        .filter(registration_request::Column::Account.eq(account))
        .exec(db)
        .await
        .map(|_| ())
}

/// Takes away the requests that are over and that no limit counts any more.
pub async fn remove_old(db: &impl ConnectionTrait, now: Timestamp, counted_since: Timestamp) -> Result<(), DbErr> {
    registration_request::Entity::delete_many()
        .filter(registration_request::Column::ExpiresAt.lte(now))
        .filter(registration_request::Column::CreatedAt.lte(counted_since))
        .exec(db)
        .await
        .map(|_| ())
}
