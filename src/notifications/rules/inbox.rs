//! Items of the inbox: read once, for the whole organisation.

use entity::Timestamp;
use entity::notifications::inbox_item;

/// What can be done to an item, as operations.
pub fn open_on_item(held: &inbox_item::Model) -> &'static [&'static str] {
    if held.read_at.is_none() { &["read_inbox_item"] } else { &[] }
}

/// The item once it is read; nothing where it was read before, for the first reading counts.
pub fn marked_read(held: &inbox_item::Model, now: Timestamp) -> Option<inbox_item::Model> {
    let unread = !open_on_item(held).is_empty();
    unread.then(|| inbox_item::Model { read_at: Some(now), ..held.clone() })
}
