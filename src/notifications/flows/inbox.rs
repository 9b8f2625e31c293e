//! Reading the inbox.

use entity::ids::{EventId, InboxItemId, OrganisationId};
use entity::notifications::inbox_item;

use crate::house::{Done, House, Tx};
use crate::notifications::http::{OPERATIONS, ReadInboxItem};
use crate::notifications::views::InboxItemView;
use crate::notifications::{rules, store};
use crate::platform::access::{self, Context, Permit};
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// A page of the own organisation's inbox, newest first, with what the caller may do to each item.
pub async fn list(house: &House, by: &Context, unread: Option<bool>, page: &PageQuery) -> Result<Page<InboxItemView>, Problem> {
    let rows = store::inbox(house.db.read(), by.seat()?.organisation, unread, page).await?;
    let told = |row: inbox_item::Model| {
        let deeds = access::allowed(OPERATIONS, &by.caller, &row, rules::open_on_item(&row));
        InboxItemView { allowed_deeds: Some(deeds), ..InboxItemView::of(row, by.language) }
    };
    page.page(rows, |row| (row.created_at, row.id.into()), told)
}

/// Marks an item as read, once.
pub async fn mark_read(
    house: &House,
    by: &Context,
    permit: Permit<ReadInboxItem>,
    id: InboxItemId,
) -> Result<Done<inbox_item::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { mark_read_within(&tx, &permit, id).await }).await
}

async fn mark_read_within(tx: &Tx, permit: &Permit<ReadInboxItem>, id: InboxItemId) -> Result<inbox_item::Model, Problem> {
    let held = store::hold_item(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    let Some(next) = rules::marked_read(&held, tx.now) else {
        tx.nothing_changed();
        return Ok(held);
    };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("inbox_item", id, Some(&held), Some(&next));
    Ok(next)
}

/// Marks everything up to an event as read; tells how many items there were.
pub async fn mark_all_read(house: &House, by: &Context, up_to: EventId) -> Result<Done<u64>, Problem> {
    let own = by.seat()?.organisation;
    house.write(by, (own, up_to), |tx, (own, up_to)| async move { mark_all_read_within(&tx, own, up_to).await }).await
}

async fn mark_all_read_within(tx: &Tx, own: OrganisationId, up_to: EventId) -> Result<u64, Problem> {
    let last = store::item_about(tx.conn(), own, up_to).await?;
    let last = last.ok_or_else(|| Code::Invalid.at("/up_to", "unknown", "收件箱中没有此事件", "the inbox has no such event"))?;
    let up_to = last.position;
    let marked = store::mark_read(tx.conn(), own, up_to, tx.now).await?;
    if marked == 0 {
        tx.nothing_changed();
    } else {
        tx.created("inbox_read", own, &(up_to, marked));
    }
    Ok(marked)
}
