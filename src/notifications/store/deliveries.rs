//! What was sent to webhooks, and what waits.

use entity::Timestamp;
use entity::ids::{OrganisationId, PersonId, WebhookId};
use entity::notifications::{DeliveryState, WebhookState, inbox_letter, mail, webhook, webhook_attempt, webhook_delivery};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A delivery.
pub async fn delivery(db: &impl ConnectionTrait, webhook: WebhookId, position: i64) -> Result<Option<webhook_delivery::Model>, DbErr> {
    webhook_delivery::Entity::find_by_id((webhook, position)).one(db).await
}

/// What may go out next to a webhook: of the events that are the first to wait of their subject, the first by
/// position that is due, and the one that is due earliest.
pub async fn heads(db: &impl ConnectionTrait, webhook: WebhookId, real: Timestamp) -> Result<Vec<webhook_delivery::Model>, DbErr> {
    use webhook_delivery::{Column, Entity};
    let earlier = Alias::new("earlier");
    let of_earlier = |column: Column| Expr::col((earlier.clone(), column));
    let before = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, earlier.clone())
        .and_where(of_earlier(Column::WebhookId).eq(webhook))
        .and_where(of_earlier(Column::State).eq(DeliveryState::Pending.code()))
        .and_where(of_earlier(Column::SubjectId).equals((Entity, Column::SubjectId)))
        .and_where(of_earlier(Column::Position).lt(Expr::col((Entity, Column::Position))))
        .to_owned();
    let firsts = || {
        let pending = Entity::find().filter(Column::WebhookId.eq(webhook)).filter(Column::State.eq(DeliveryState::Pending));
        pending.filter(Expr::exists(before.clone()).not())
    };
    let due = firsts().filter(Column::NextAttemptAt.lte(real)).order_by_asc(Column::Position).limit(1).one(db).await?;
    if let Some(due) = due {
        return Ok(vec![due]);
    }
    Ok(firsts().order_by_asc(Column::NextAttemptAt).limit(1).one(db).await?.into_iter().collect())
}

/// How many events wait for a webhook.
pub async fn count_waiting(db: &impl ConnectionTrait, webhook: WebhookId) -> Result<u64, DbErr> {
    webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::WebhookId.eq(webhook))
        .filter(webhook_delivery::Column::State.eq(DeliveryState::Pending))
        .count(db)
        .await
}

/// What waits for a webhook is due now and was never tried: it goes on after a rest.
pub async fn begin_anew(db: &impl ConnectionTrait, webhook: WebhookId, real: Timestamp) -> Result<(), DbErr> {
    webhook_delivery::Entity::update_many()
        .col_expr(webhook_delivery::Column::Attempts, 0.into())
        .col_expr(webhook_delivery::Column::NextAttemptAt, real.into())
        .filter(webhook_delivery::Column::WebhookId.eq(webhook))
        .filter(webhook_delivery::Column::State.eq(DeliveryState::Pending))
        .exec(db)
        .await
        .map(|_| ())
}

/// The active webhooks somebody made, for an organisation if one is given, held in the order of their ids.
pub async fn hold_made_by(
    db: &impl ConnectionTrait,
    person: PersonId,
    organisation: Option<OrganisationId>,
) -> Result<Vec<webhook::Model>, DbErr> {
    let made = Condition::all()
        .add(webhook::Column::CreatedBy.eq(person))
        .add_option(organisation.map(|id| webhook::Column::OrganisationId.eq(id)))
        .add(webhook::Column::State.eq(WebhookState::Active));
    webhook::Entity::find().filter(made).order_by_asc(webhook::Column::Id).lock_exclusive().all(db).await
}

/// Forgets the deliveries of a webhook from a position on; the log of attempts stays.
pub async fn forget_from(db: &impl ConnectionTrait, webhook: WebhookId, from: i64) -> Result<(), DbErr> {
    webhook_delivery::Entity::delete_many()
        .filter(webhook_delivery::Column::WebhookId.eq(webhook))
        .filter(webhook_delivery::Column::Position.gte(from))
        .exec(db)
        .await
        .map(|_| ())
}

/// A page of a webhook's attempts with one more, newest first.
pub async fn attempts(db: &impl ConnectionTrait, webhook: WebhookId, page: &PageQuery) -> Result<Vec<webhook_attempt::Model>, Problem> {
    let found = webhook_attempt::Entity::find().filter(webhook_attempt::Column::WebhookId.eq(webhook));
    Ok(page.restrict(found, webhook_attempt::Column::At, webhook_attempt::Column::Id)?.all(db).await?)
}

/// Forgets deliveries and letters that ended and attempts that were made before an instant.
pub async fn forget_before(db: &impl ConnectionTrait, limit: Timestamp) -> Result<(), DbErr> {
    webhook_delivery::Entity::delete_many().filter(webhook_delivery::Column::EndedAt.lt(limit)).exec(db).await?;
    mail::Entity::delete_many().filter(mail::Column::EndedAt.lt(limit)).exec(db).await?;
    inbox_letter::Entity::delete_many().filter(inbox_letter::Column::EndedAt.lt(limit)).exec(db).await?;
    webhook_attempt::Entity::delete_many().filter(webhook_attempt::Column::At.lt(limit)).exec(db).await.map(|_| ())
}
