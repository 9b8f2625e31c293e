//! What the world hears of notices.

use chrono::{DateTime, Utc};
use entity::ids::{DealId, ListingId, NegotiationId, NoticeId, OpenLicenceId, RightsGrantId};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    listing_id: Option<ListingId>,
    /// Of which sale at a negotiated price.
    #[serde(skip_serializing_if = "Option::is_none")]
    negotiation_id: Option<NegotiationId>,
    /// Of which grant of rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    rights_grant_id: Option<RightsGrantId>,
    /// Of which open licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_licence_id: Option<OpenLicenceId>,
    /// Of which deal.
    #[serde(skip_serializing_if = "Option::is_none")]
    deal_id: Option<DealId>,
    /// Which version of its text stands.
    version: i64,
    /// When its period is over; absent where it stands until it is withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<DateTime<Utc>>,
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

    /// Its page is away.
    pub fn taken_down(notice: &notice::Model) -> Self {
        Self::of("notice.taken_down", notice)
    }

    /// Its page is there again.
    pub fn restored(notice: &notice::Model) -> Self {
        Self::of("notice.restored", notice)
    }

    /// A slip in its text was set right.
    pub fn corrected(notice: &notice::Model) -> Self {
        Self::of("notice.corrected", notice)
    }

    /// What it is about was agreed anew: its text is another, and its period begins again.
    pub fn revised(notice: &notice::Model) -> Self {
        Self::of("notice.revised", notice)
    }

    /// What its text withheld until a date is told.
    pub fn opened(notice: &notice::Model) -> Self {
        Self::of("notice.opened", notice)
    }

    /// Nothing about it is open any more.
    pub fn made_final(notice: &notice::Model) -> Self {
        Self::of("notice.final", notice)
    }

    /// It stands no more.
    pub fn withdrawn(notice: &notice::Model) -> Self {
        Self::of("notice.withdrawn", notice)
    }

    /// Its end has moved: days of its period did not count, or what it announces comes later.
    pub fn put_off(notice: &notice::Model) -> Self {
        Self::of("notice.put_off", notice)
    }

    fn of(name: &'static str, notice: &notice::Model) -> Self {
        Self {
            name,
            notice_id: notice.id,
            kind: notice.kind,
            listing_id: notice.listing_id,
            negotiation_id: notice.negotiation_id,
            rights_grant_id: notice.rights_grant_id,
            open_licence_id: notice.open_licence_id,
            deal_id: notice.deal_id,
            version: notice.current_version,
            ends_at: notice.ends_at,
        }
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
