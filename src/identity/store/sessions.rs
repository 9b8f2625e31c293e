//! Where sessions and their refresh tokens are kept.

use std::collections::{BTreeSet, HashSet};

use entity::Timestamp;
use entity::identity::{refresh_token, session};
use entity::ids::{PersonId, SessionId, TokenId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A session.
pub async fn session(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id).one(db).await
}

/// Some sessions.
pub async fn sessions_among(db: &impl ConnectionTrait, ids: BTreeSet<SessionId>) -> Result<Vec<session::Model>, DbErr> {
    session::Entity::find().filter(session::Column::Id.is_in(ids)).all(db).await
}

/// A session, held.
pub async fn hold_session(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A refresh token.
pub async fn token(db: &impl ConnectionTrait, id: TokenId) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find_by_id(id).one(db).await
}

/// Those of some refresh tokens that were not superseded.
pub async fn current_tokens_among(db: &impl ConnectionTrait, ids: BTreeSet<TokenId>) -> Result<HashSet<TokenId>, DbErr> {
    let current = refresh_token::Entity::find()
        .select_only()
        .column(refresh_token::Column::Id)
        .filter(refresh_token::Column::Id.is_in(ids))
        .filter(refresh_token::Column::SupersededAt.is_null());
    Ok(current.into_tuple::<TokenId>().all(db).await?.into_iter().collect())
}

/// Notes the first use of the access token issued with a refresh token. That column alone: a renewal may
/// be changing the others at this moment.
pub async fn saw_access(db: &impl ConnectionTrait, id: TokenId, at: Timestamp) -> Result<(), DbErr> {
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::AccessSeenAt, Some(at).into())
        .filter(refresh_token::Column::Id.eq(id))
        .filter(refresh_token::Column::AccessSeenAt.is_null())
        .exec(db)
        .await
        .map(|_| ())
}

/// The refresh token with this hash.
pub async fn token_by_hash(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find().filter(refresh_token::Column::Hash.eq(hash)).one(db).await
}

/// The child of a refresh token that has not been replaced.
pub async fn live_successor(db: &impl ConnectionTrait, id: TokenId) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find()
        .filter(refresh_token::Column::ParentId.eq(id))
        .filter(refresh_token::Column::SupersededAt.is_null())
        .one(db)
        .await
}

/// When a session was last renewed: when the only one of its tokens that can be exchanged was made.
pub async fn last_renewal(db: &impl ConnectionTrait, session: SessionId) -> Result<Option<Timestamp>, DbErr> {
    let leaf = refresh_token::Entity::find()
        .filter(refresh_token::Column::SessionId.eq(session))
        .filter(refresh_token::Column::UsedAt.is_null())
        .filter(refresh_token::Column::SupersededAt.is_null());
    Ok(leaf.one(db).await?.map(|token| token.created_at))
}

/// Every session of a person that was not ended, held, by id.
pub async fn hold_sessions(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<session::Model>, DbErr> {
    session::Entity::find()
        .filter(session::Column::PersonId.eq(person))
        .filter(session::Column::RevokedAt.is_null())
        .order_by_asc(session::Column::Id)
        .lock_exclusive()
        .all(db)
        .await
}

/// A page of the sessions of a person that live, newest first, and one more.
pub async fn sessions_page(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
    page: &PageQuery,
) -> Result<Vec<session::Model>, Problem> {
    let live = session::Entity::find()
        .filter(session::Column::PersonId.eq(person))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now));
    Ok(page.restrict(live, session::Column::CreatedAt, session::Column::Id)?.all(db).await?)
}

/// Whether a session that is kept was opened on a device.
pub async fn is_device(db: &impl ConnectionTrait, mark: &[u8]) -> Result<bool, DbErr> {
    Ok(session::Entity::find().filter(session::Column::Device.eq(mark)).limit(1).one(db).await?.is_some())
}

/// Every session of people that is kept and whose device is known, those that are over included.
pub async fn sessions_on_devices(db: &impl ConnectionTrait, people: &BTreeSet<PersonId>) -> Result<Vec<session::Model>, DbErr> {
    session::Entity::find()
        .filter(session::Column::PersonId.is_in(people.iter().copied()))
        .filter(session::Column::Device.is_not_null())
        .all(db)
        .await
}

/// No session of a person counts as proved any more.
pub async fn unprove_sessions(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    session::Entity::update_many()
        .col_expr(session::Column::ProvedAt, Expr::value(None::<Timestamp>))
        .filter(session::Column::PersonId.eq(person))
        .exec(db)
        .await
        .map(|_| ())
}
