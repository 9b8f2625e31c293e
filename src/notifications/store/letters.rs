//! Letters about the inbox, and who wants them.

use std::collections::{BTreeMap, BTreeSet};

use entity::Timestamp;
use entity::ids::{EventId, InboxItemId, InboxLetterId, MailStopId, OrganisationId, PersonId};
use entity::notifications::{MailState, inbox_item, inbox_letter, mail_preference};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::AT_ONCE;

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
