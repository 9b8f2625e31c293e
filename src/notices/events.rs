//! What the world hears of notices.

use entity::ids::{DealId, ListingId, NoticeId};
use entity::notices::{NoticeKind, notice};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// Something happened to a notice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeEvent {
    #[serde(skip)]
    name: &'static str,
    /// The notice.
    notice_id: NoticeId,
    /// What it announces.
    kind: NoticeKind,
    /// Of which listing.
    listing_id: ListingId,
    /// Of which deal.
    #[serde(skip_serializing_if = "Option::is_none")]
    deal_id: Option<DealId>,
}

impl NoticeEvent {
    /// It is public from now on.
    pub fn published(notice: &notice::Model) -> Self {
        Self::of("notice.published", notice)
    }

    /// Its period is over.
    pub fn ended(notice: &notice::Model) -> Self {
        Self::of("notice.ended", notice)
    }

    fn of(name: &'static str, notice: &notice::Model) -> Self {
        Self { name, notice_id: notice.id, kind: notice.kind, listing_id: notice.listing_id, deal_id: notice.deal_id }
    }
}

impl Event for NoticeEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("notice", self.notice_id.into())
    }
}
