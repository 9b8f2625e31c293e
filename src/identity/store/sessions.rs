//! Where sessions and their refresh tokens are kept.

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::identity::{refresh_token, session};
use entity::ids::{OrganisationId, PersonId, SessionId, TokenId};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;

use crate::platform::db::{Question, Questions};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A session.
pub async fn session(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id).one(db).await
}

/// What decides whether somebody is let in by a session.
#[derive(FromQueryResult, Deserialize)]
pub struct SessionLife {
    /// The session.
    pub id: SessionId,
    /// Whose it is.
    pub person_id: PersonId,
    /// The organisation chosen.
    pub organisation_id: Option<OrganisationId>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
    /// When the person last proved the second factor in it.
    pub proved_at: Option<Timestamp>,
}

impl SessionLife {
    /// Whether it is in force at an instant.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Asks for some sessions.
pub fn ask_sessions(questions: &mut Questions, ids: BTreeSet<SessionId>) -> Question<SessionLife> {
    use session::Column::{ExpiresAt, Id, OrganisationId, PersonId, ProvedAt, RevokedAt};
    let some = Query::select()
        .columns([Id, PersonId, OrganisationId, ExpiresAt, RevokedAt, ProvedAt])
        .from(session::Entity)
        .and_where(questions.is_among(Id, ids))
        .to_owned();
    questions.ask(some)
}

/// A session, held.
pub async fn hold_session(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A refresh token.
pub async fn token(db: &impl ConnectionTrait, id: TokenId) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find_by_id(id).one(db).await
}

/// A refresh token that was not superseded.
#[derive(FromQueryResult, Deserialize)]
pub struct Current {
    /// The token.
    pub id: TokenId,
}

/// Asks which of some refresh tokens were not superseded.
pub fn ask_current_tokens(questions: &mut Questions, ids: BTreeSet<TokenId>) -> Question<Current> {
    let current = Query::select()
        .column(refresh_token::Column::Id)
        .from(refresh_token::Entity)
        .and_where(questions.is_among(refresh_token::Column::Id, ids))
        .and_where(refresh_token::Column::SupersededAt.is_null())
        .to_owned();
    questions.ask(current)
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
