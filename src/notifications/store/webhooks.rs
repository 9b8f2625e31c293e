//! Webhooks, and which of them have something to send.

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::ids::{OrganisationId, WebhookId};
use entity::notifications::{WebhookScope, WebhookState, webhook};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A webhook that was not removed.
pub async fn webhook(db: &impl ConnectionTrait, id: WebhookId) -> Result<Option<webhook::Model>, DbErr> {
    webhook::Entity::find_by_id(id).filter(webhook::Column::State.ne(WebhookState::Removed)).one(db).await
}

/// The same, held.
pub async fn hold(db: &impl ConnectionTrait, id: WebhookId) -> Result<Option<webhook::Model>, DbErr> {
    webhook::Entity::find_by_id(id).filter(webhook::Column::State.ne(WebhookState::Removed)).lock_exclusive().one(db).await
}

/// A page of the webhooks of an organisation with one more, newest first.
pub async fn webhooks(db: &impl ConnectionTrait, organisation: OrganisationId, page: &PageQuery) -> Result<Vec<webhook::Model>, Problem> {
    let found = webhook::Entity::find()
        .filter(webhook::Column::OrganisationId.eq(organisation))
        .filter(webhook::Column::State.ne(WebhookState::Removed));
    Ok(page.restrict(found, webhook::Column::CreatedAt, webhook::Column::Id)?.all(db).await?)
}

/// How many webhooks an organisation has.
pub async fn count(db: &impl ConnectionTrait, organisation: OrganisationId) -> Result<u64, DbErr> {
    webhook::Entity::find()
        .filter(webhook::Column::OrganisationId.eq(organisation))
        .filter(webhook::Column::State.ne(WebhookState::Removed))
        .count(db)
        .await
}

/// Says that there is something new for the webhooks of these organisations, and for those that follow the market.
pub async fn wake(db: &impl ConnectionTrait, organisations: BTreeSet<OrganisationId>, market: bool, real: Timestamp) -> Result<(), DbErr> {
    if organisations.is_empty() && !market {
        return Ok(());
    }
    let mut whose = Condition::any().add(webhook::Column::OrganisationId.is_in(organisations));
    if market {
        whose = whose.add(webhook::Column::Scope.eq(WebhookScope::Market));
    }
    webhook::Entity::update_many()
        .col_expr(webhook::Column::NextAt, Some(real).into())
        .filter(webhook::Column::State.eq(WebhookState::Active))
        .filter(whose)
        .exec(db)
        .await
        .map(|_| ())
}

/// A webhook that has something due.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Due {
    /// Which.
    pub id: WebhookId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// The last attempt failed.
    pub failing: bool,
}

/// Webhooks that are not asked for.
#[derive(Clone, Debug, Default)]
pub struct Beyond {
    /// These.
    pub webhooks: Vec<WebhookId>,
    /// All of these organisations.
    pub organisations: Vec<OrganisationId>,
    /// All that failed the last time.
    pub failing: bool,
}

/// Webhooks that have something due and that nobody speaks to, those first that have waited longest.
pub async fn due(db: &impl ConnectionTrait, real: Timestamp, beyond: &Beyond, limit: u64) -> Result<Vec<Due>, DbErr> {
    use webhook::Column;
    let free = Condition::any().add(Column::LeaseUntil.is_null()).add(Column::LeaseUntil.lte(real));
    let wanted = Condition::all()
        .add(Column::Id.is_not_in(beyond.webhooks.iter().copied()))
        .add(Column::OrganisationId.is_not_in(beyond.organisations.iter().copied()))
        .add_option(beyond.failing.then(|| Column::Failing.eq(false)));
    let due = webhook::Entity::find()
        .select_only()
        .columns([Column::Id, Column::OrganisationId, Column::Failing])
        .filter(Column::State.eq(WebhookState::Active))
        .filter(Column::NextAt.lte(real));
    due.filter(free).filter(wanted).order_by_asc(Column::NextAt).limit(limit).into_model().all(db).await
}
