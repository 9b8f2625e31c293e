//! The inbox, and what is told to everybody.

use entity::Timestamp;
use entity::ids::{EventId, InboxItemId, OrganisationId};
use entity::notifications::inbox_item;
use entity::platform::event;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::notifications::catalogue;
use crate::notifications::events::TRIGGERED;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

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
