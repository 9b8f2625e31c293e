//! Where keys and the calls made with them are kept.

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::identity::{api_key, key_call};
use entity::ids::{ApiKeyId, OrganisationId, PersonId};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Deserialize;

use crate::platform::db::{Question, Questions};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// How many rows one statement writes.
const AT_ONCE: usize = 500;

/// The key whose text has this hash.
pub async fn by_hash(db: &impl ConnectionTrait, hash: [u8; 32]) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find().filter(api_key::Column::Hash.eq(hash.to_vec())).one(db).await
}

/// A key.
pub async fn key(db: &impl ConnectionTrait, id: ApiKeyId) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find_by_id(id).one(db).await
}

/// What decides whether a key is in force.
#[derive(FromQueryResult, Deserialize)]
pub struct KeyLife {
    /// The key.
    pub id: ApiKeyId,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
}

/// Asks for some keys.
pub fn ask_keys(questions: &mut Questions, ids: BTreeSet<ApiKeyId>) -> Question<KeyLife> {
    use api_key::Column::{ExpiresAt, Id, RevokedAt};
    let some = Query::select().columns([Id, ExpiresAt, RevokedAt]).from(api_key::Entity).and_where(questions.is_among(Id, ids)).to_owned();
    questions.ask(some)
}

/// A key, held.
pub async fn hold(db: &impl ConnectionTrait, id: ApiKeyId) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Whether another key has taken the place of one.
pub async fn has_successor(db: &impl ConnectionTrait, id: ApiKeyId) -> Result<bool, DbErr> {
    Ok(api_key::Entity::find().filter(api_key::Column::RotatedFrom.eq(id)).count(db).await? > 0)
}

/// Which keys are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyFilter {
    /// Of this person.
    pub person: Option<PersonId>,
    /// Of this organisation.
    pub organisation: Option<OrganisationId>,
}

/// A page of keys, newest first, and one more.
pub async fn keys(db: &impl ConnectionTrait, filter: KeyFilter, page: &PageQuery) -> Result<Vec<api_key::Model>, Problem> {
    let wanted = Condition::all()
        .add_option(filter.person.map(|id| api_key::Column::PersonId.eq(id)))
        .add_option(filter.organisation.map(|id| api_key::Column::OrganisationId.eq(id)));
    let asked = api_key::Entity::find().filter(wanted);
    Ok(page.restrict(asked, api_key::Column::CreatedAt, api_key::Column::Id)?.all(db).await?)
}

fn live(person: PersonId, organisation: Option<OrganisationId>, now: Timestamp) -> Condition {
    Condition::all()
        .add(api_key::Column::PersonId.eq(person))
        .add_option(organisation.map(|id| api_key::Column::OrganisationId.eq(id)))
        .add(api_key::Column::RevokedAt.is_null())
        .add(api_key::Column::ExpiresAt.gt(now))
}

/// How many live keys a person has in an organisation.
pub async fn count_live(db: &impl ConnectionTrait, person: PersonId, organisation: OrganisationId, now: Timestamp) -> Result<u64, DbErr> {
    api_key::Entity::find().filter(live(person, Some(organisation), now)).count(db).await
}

/// The live keys of a person, in an organisation if one is given, held in the order of their ids.
pub async fn hold_live(
    db: &impl ConnectionTrait,
    person: PersonId,
    organisation: Option<OrganisationId>,
    now: Timestamp,
) -> Result<Vec<api_key::Model>, DbErr> {
    api_key::Entity::find().filter(live(person, organisation, now)).order_by_asc(api_key::Column::Id).lock_exclusive().all(db).await
}

/// Writes calls down, and with them when each key was last used and from where.
pub async fn write_down(db: &impl ConnectionTrait, calls: &[key_call::Model]) -> Result<(), DbErr> {
    for some in calls.chunks(AT_ONCE) {
        let rows = some.iter().cloned().map(|call| sea_orm::ActiveModelTrait::reset_all(call.into_active_model()));
        key_call::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    let last: std::collections::BTreeMap<_, _> = calls.iter().map(|call| (call.key_id, call)).collect();
    for (id, call) in last {
        api_key::Entity::update_many()
            .col_expr(api_key::Column::LastUsedAt, Expr::value(Some(call.made_at)))
            .col_expr(api_key::Column::LastUsedFrom, Expr::value(call.made_from.clone()))
            .filter(api_key::Column::Id.eq(id))
            .filter(Condition::any().add(api_key::Column::LastUsedAt.is_null()).add(api_key::Column::LastUsedAt.lt(call.made_at)))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// The last call made with a key that is told to everybody who may read the key's calls.
pub async fn last_seen_call(db: &impl ConnectionTrait, key: ApiKeyId) -> Result<Option<key_call::Model>, DbErr> {
    let seen = key_call::Entity::find().filter(key_call::Column::KeyId.eq(key)).filter(key_call::Column::Discreet.eq(false));
    seen.order_by_desc(key_call::Column::MadeAt).order_by_desc(key_call::Column::Id).limit(1).one(db).await
}

/// Which calls are listed.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// Whether those are left out of which only the organisation of the key is told.
    pub seen_by_all: bool,
    /// Answered with this status.
    pub status: Option<u16>,
    /// Refused, or not.
    pub refused: Option<bool>,
    /// Of this operation.
    pub operation: Option<String>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// A page of the calls made with a key, newest first, and one more.
pub async fn calls(
    db: &impl ConnectionTrait,
    key: ApiKeyId,
    filter: CallFilter,
    page: &PageQuery,
) -> Result<Vec<key_call::Model>, Problem> {
    // Spelled out, since the index of refused calls is found by the very words.
    let outcome = |refused| Expr::cust(if refused { "status >= 400" } else { "status < 400" });
    let wanted = Condition::all()
        .add(key_call::Column::KeyId.eq(key))
        .add_option(filter.status.map(|status| key_call::Column::Status.eq(i64::from(status))))
        .add_option(filter.refused.map(outcome))
        .add_option(filter.operation.map(|name| key_call::Column::Operation.eq(name)))
        .add_option(filter.seen_by_all.then(|| key_call::Column::Discreet.eq(false)))
        .add_option(filter.from.map(|from| key_call::Column::MadeAt.gte(from)))
        .add_option(filter.until.map(|until| key_call::Column::MadeAt.lt(until)));
    let asked = key_call::Entity::find().filter(wanted);
    Ok(page.restrict(asked, key_call::Column::MadeAt, key_call::Column::Id)?.all(db).await?)
}

/// Forgets the calls made before an instant.
pub async fn forget_calls(db: &impl ConnectionTrait, before: Timestamp) -> Result<(), DbErr> {
    key_call::Entity::delete_many().filter(key_call::Column::MadeAt.lt(before)).exec(db).await.map(|_| ())
}
