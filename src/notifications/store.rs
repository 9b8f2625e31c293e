//! Where inboxes, webhooks and deliveries are kept.

use std::collections::{BTreeMap, BTreeSet};

use entity::Timestamp;
use entity::ids::{
    AdmissionId, DealId, EventId, InboxItemId, InboxLetterId, ListingId, LotId, MailStopId, OrganisationId, PersonId, WebhookId,
};
use entity::notifications::{
    DeliveryState, MailState, WebhookScope, WebhookState, inbox_item, inbox_letter, mail, mail_preference, webhook, webhook_attempt,
    webhook_delivery,
};
use entity::platform::event;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::catalogue;
use super::events::TRIGGERED;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;
use crate::{admissions, deals, listings};

/// How many rows one statement writes, and how many ids it asks for.
const AT_ONCE: usize = 500;

// ---- Whom events concern ----

/// Whose listing this is.
pub async fn seller(db: &impl ConnectionTrait, id: ListingId) -> Result<Option<OrganisationId>, DbErr> {
    Ok(listings::store::find(db, id).await?.map(|row| row.organisation_id))
}

/// The buyer of a deal.
pub async fn buyer(db: &impl ConnectionTrait, id: DealId) -> Result<Option<OrganisationId>, DbErr> {
    Ok(deals::store::find(db, id).await?.map(|row| row.buyer_organisation_id))
}

/// Whose admission this is.
pub async fn applicant(db: &impl ConnectionTrait, id: AdmissionId) -> Result<Option<OrganisationId>, DbErr> {
    Ok(admissions::store::admission(db, id).await?.map(|row| row.organisation_id))
}

/// Everybody who was admitted to a lot.
pub async fn bidders(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<OrganisationId>, DbErr> {
    admissions::store::bidders(db, id).await
}

/// Everybody who has applied for the lot of a listing and was not sent away.
pub async fn registered(db: &impl ConnectionTrait, id: ListingId) -> Result<Vec<OrganisationId>, DbErr> {
    match listings::store::find(db, id).await?.and_then(|listing| listing.lot_id) {
        Some(lot) => admissions::store::registered(db, lot).await,
        None => Ok(Vec::new()),
    }
}

// ---- The inbox ----

/// A page of an inbox with one item more, newest first.
pub async fn inbox(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    unread: Option<bool>,
    page: &PageQuery,
) -> Result<Vec<inbox_item::Model>, Problem> {
    let found = inbox_item::Entity::find().filter(inbox_item::Column::OrganisationId.eq(organisation)).apply_if(unread, |found, unread| {
        let read_at = inbox_item::Column::ReadAt;
        found.filter(if unread { read_at.is_null() } else { read_at.is_not_null() })
    });
    Ok(page.restrict(found, inbox_item::Column::CreatedAt, inbox_item::Column::Id)?.all(db).await?)
}

/// An item, held.
pub async fn hold_item(db: &impl ConnectionTrait, id: InboxItemId) -> Result<Option<inbox_item::Model>, DbErr> {
    inbox_item::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// What an organisation was told of an event.
pub async fn item_about(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    event: EventId,
) -> Result<Option<inbox_item::Model>, DbErr> {
    inbox_item::Entity::find()
        .filter(inbox_item::Column::OrganisationId.eq(organisation))
        .filter(inbox_item::Column::EventId.eq(event))
        .one(db)
        .await
}

/// Marks everything up to a position as read; tells how many there were.
pub async fn mark_read(db: &impl ConnectionTrait, organisation: OrganisationId, up_to: i64, at: Timestamp) -> Result<u64, DbErr> {
    let done = inbox_item::Entity::update_many()
        .col_expr(inbox_item::Column::ReadAt, Some(at).into())
        .filter(inbox_item::Column::OrganisationId.eq(organisation))
        .filter(inbox_item::Column::Position.lte(up_to))
        .filter(inbox_item::Column::ReadAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// Items of an organisation after a position and up to another, in order.
pub async fn items_between(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    after: i64,
    up_to: i64,
    limit: u64,
) -> Result<Vec<inbox_item::Model>, DbErr> {
    inbox_item::Entity::find()
        .filter(inbox_item::Column::OrganisationId.eq(organisation))
        .filter(inbox_item::Column::Position.gt(after))
        .filter(inbox_item::Column::Position.lte(up_to))
        .order_by_asc(inbox_item::Column::Position)
        .limit(limit)
        .all(db)
        .await
}

/// The kinds that may be public; also the one that stands for another.
fn open_kinds() -> impl Iterator<Item = &'static str> {
    catalogue::KINDS.iter().filter(|kind| kind.public).map(|kind| kind.name).chain([TRIGGERED])
}

/// Events of public kinds after a position and up to another, in order; also those that stand for another kind.
pub async fn open_between(db: &impl ConnectionTrait, after: i64, up_to: i64, limit: u64) -> Result<Vec<event::Model>, DbErr> {
    event::Entity::find()
        .filter(event::Column::Kind.is_in(open_kinds()))
        .filter(event::Column::Position.gt(after))
        .filter(event::Column::Position.lte(up_to))
        .order_by_asc(event::Column::Position)
        .limit(limit)
        .all(db)
        .await
}

/// The position of the last of them after a position and up to another.
pub async fn last_open(db: &impl ConnectionTrait, after: i64, up_to: i64) -> Result<Option<i64>, DbErr> {
    event::Entity::find()
        .select_only()
        .column(event::Column::Position)
        .filter(event::Column::Kind.is_in(open_kinds()))
        .filter(event::Column::Position.gt(after))
        .filter(event::Column::Position.lte(up_to))
        .order_by_desc(event::Column::Position)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// An event.
pub async fn event(db: &impl ConnectionTrait, id: EventId) -> Result<Option<event::Model>, DbErr> {
    event::Entity::find().filter(event::Column::Id.eq(id)).one(db).await
}

// ---- Webhooks ----

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

// ---- Deliveries ----

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

// ---- Letters about the inbox ----

/// An item of an inbox.
pub async fn item(db: &impl ConnectionTrait, id: InboxItemId) -> Result<Option<inbox_item::Model>, DbErr> {
    inbox_item::Entity::find_by_id(id).one(db).await
}

/// What somebody chose to get by letter of an organisation's news.
pub async fn preference(
    db: &impl ConnectionTrait,
    person: PersonId,
    organisation: OrganisationId,
) -> Result<Option<mail_preference::Model>, DbErr> {
    mail_preference::Entity::find_by_id((person, organisation)).one(db).await
}

/// The same, held.
pub async fn hold_preference(
    db: &impl ConnectionTrait,
    person: PersonId,
    organisation: OrganisationId,
) -> Result<Option<mail_preference::Model>, DbErr> {
    mail_preference::Entity::find_by_id((person, organisation)).lock_exclusive().one(db).await
}

/// What the members of these organisations chose.
pub async fn preferences(
    db: &impl ConnectionTrait,
    organisations: &BTreeSet<OrganisationId>,
) -> Result<BTreeMap<(PersonId, OrganisationId), mail_preference::Model>, DbErr> {
    let theirs = mail_preference::Column::OrganisationId.is_in(organisations.iter().copied());
    let found = mail_preference::Entity::find().filter(theirs).all(db).await?;
    Ok(found.into_iter().map(|row| ((row.person_id, row.organisation_id), row)).collect())
}

/// What somebody chose, organisation by organisation.
pub async fn preferences_of(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<mail_preference::Model>, DbErr> {
    let his = mail_preference::Entity::find().filter(mail_preference::Column::PersonId.eq(person));
    his.order_by_asc(mail_preference::Column::OrganisationId).all(db).await
}

/// The choice that a stop address is about.
pub async fn preference_to_stop(db: &impl ConnectionTrait, id: MailStopId) -> Result<Option<mail_preference::Model>, DbErr> {
    mail_preference::Entity::find().filter(mail_preference::Column::StopId.eq(id)).one(db).await
}

/// The same, held.
pub async fn hold_preference_to_stop(db: &impl ConnectionTrait, id: MailStopId) -> Result<Option<mail_preference::Model>, DbErr> {
    mail_preference::Entity::find().filter(mail_preference::Column::StopId.eq(id)).lock_exclusive().one(db).await
}

/// What letters are written about: what is new in an inbox.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Fresh {
    /// The item.
    pub id: InboxItemId,
    /// Whose inbox it is in.
    pub organisation_id: OrganisationId,
    /// What it tells of.
    pub event_id: EventId,
    /// Of which kind that is.
    pub kind: String,
}

/// The positions of the items after a position and up to another, in order, one for each item.
pub async fn positions_between(db: &impl ConnectionTrait, after: i64, up_to: i64, limit: u64) -> Result<Vec<i64>, DbErr> {
    inbox_item::Entity::find()
        .select_only()
        .column(inbox_item::Column::Position)
        .filter(inbox_item::Column::Position.gt(after))
        .filter(inbox_item::Column::Position.lte(up_to))
        .order_by_asc(inbox_item::Column::Position)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// The items of all inboxes after a position and up to another, in order.
pub async fn fresh_between(db: &impl ConnectionTrait, after: i64, up_to: i64) -> Result<Vec<Fresh>, DbErr> {
    use inbox_item::Column;
    inbox_item::Entity::find()
        .select_only()
        .columns([Column::Id, Column::OrganisationId, Column::EventId, Column::Kind])
        .filter(Column::Position.gt(after))
        .filter(Column::Position.lte(up_to))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .into_model()
        .all(db)
        .await
}

/// How many letters about single items were written to each of these since an instant, if any.
pub async fn count_letters(
    db: &impl ConnectionTrait,
    persons: &BTreeSet<PersonId>,
    since: Timestamp,
) -> Result<BTreeMap<PersonId, i64>, DbErr> {
    let persons: Vec<_> = persons.iter().copied().collect();
    let mut found = BTreeMap::new();
    for some in persons.chunks(AT_ONCE) {
        let counts: Vec<(PersonId, i64)> = inbox_letter::Entity::find()
            .select_only()
            .column(inbox_letter::Column::PersonId)
            .column_as(inbox_letter::Column::Id.count(), "letters")
            .filter(inbox_letter::Column::PersonId.is_in(some.iter().copied()))
            .filter(inbox_letter::Column::CreatedAt.gt(since))
            .filter(inbox_letter::Column::ItemId.is_not_null())
            .group_by(inbox_letter::Column::PersonId)
            .into_tuple()
            .all(db)
            .await?;
        found.extend(counts);
    }
    Ok(found)
}

/// The letters to these that count what there was no room for, held, as long as they were not tried.
pub async fn hold_counts(db: &impl ConnectionTrait, persons: &BTreeSet<PersonId>) -> Result<Vec<inbox_letter::Model>, DbErr> {
    let persons: Vec<_> = persons.iter().copied().collect();
    let mut found = Vec::new();
    for some in persons.chunks(AT_ONCE) {
        let held = inbox_letter::Entity::find()
            .filter(inbox_letter::Column::PersonId.is_in(some.iter().copied()))
            .filter(inbox_letter::Column::ItemId.is_null())
            .filter(inbox_letter::Column::State.eq(MailState::Pending))
            .filter(inbox_letter::Column::Attempts.eq(0))
            .order_by_asc(inbox_letter::Column::Id)
            .lock_exclusive();
        found.extend(held.all(db).await?);
    }
    Ok(found)
}

/// Lets letters that are held count so many items more.
pub async fn count_on(db: &impl ConnectionTrait, letters: &[InboxLetterId], more: i64) -> Result<(), DbErr> {
    for some in letters.chunks(AT_ONCE) {
        inbox_letter::Entity::update_many()
            .col_expr(inbox_letter::Column::More, Expr::col(inbox_letter::Column::More).add(more))
            .filter(inbox_letter::Column::Id.is_in(some.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Writes letters down; about one item nobody gets a second.
pub async fn add_letters(db: &impl ConnectionTrait, letters: &[inbox_letter::Model]) -> Result<(), DbErr> {
    let once = OnConflict::columns([inbox_letter::Column::ItemId, inbox_letter::Column::PersonId]).do_nothing().to_owned();
    for some in letters.chunks(AT_ONCE) {
        let rows = some.iter().map(|letter| letter.clone().into_active_model().reset_all());
        inbox_letter::Entity::insert_many(rows).on_conflict(once.clone()).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Whether a letter is due.
pub async fn is_letter_due(db: &impl ConnectionTrait, real: Timestamp) -> Result<bool, DbErr> {
    let due = inbox_letter::Entity::find()
        .filter(inbox_letter::Column::State.eq(MailState::Pending))
        .filter(inbox_letter::Column::NextAttemptAt.lte(real));
    Ok(due.limit(1).one(db).await?.is_some())
}

/// The first letter that is due and that nobody else holds, held.
pub async fn hold_due_letter(db: &impl ConnectionTrait, real: Timestamp) -> Result<Option<inbox_letter::Model>, DbErr> {
    inbox_letter::Entity::find()
        .filter(inbox_letter::Column::State.eq(MailState::Pending))
        .filter(inbox_letter::Column::NextAttemptAt.lte(real))
        .order_by_asc(inbox_letter::Column::NextAttemptAt)
        .order_by_asc(inbox_letter::Column::Id)
        .limit(1)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(db)
        .await
}

/// A letter, held.
pub async fn hold_letter(db: &impl ConnectionTrait, id: InboxLetterId) -> Result<Option<inbox_letter::Model>, DbErr> {
    inbox_letter::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Takes a letter away.
pub async fn remove_letter(db: &impl ConnectionTrait, id: InboxLetterId) -> Result<(), DbErr> {
    inbox_letter::Entity::delete_by_id(id).exec(db).await.map(|_| ())
}

/// Takes away what somebody chose, and his letters, those that wait included.
pub async fn forget_person(db: &impl ConnectionTrait, id: PersonId) -> Result<(), DbErr> {
    inbox_letter::Entity::delete_many().filter(inbox_letter::Column::PersonId.eq(id)).exec(db).await?;
    mail_preference::Entity::delete_many().filter(mail_preference::Column::PersonId.eq(id)).exec(db).await.map(|_| ())
}
