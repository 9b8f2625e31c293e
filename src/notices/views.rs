//! What is said about notices.

use chrono::{DateTime, Utc};
use entity::ids::{DealId, ListingId, NoticeId, OrganisationId};
use entity::notices::{NoticeKind, NoticeState, notice, notice_version};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;

/// A notice, without its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeSummary {
    /// Id.
    pub id: NoticeId,
    /// What it announces.
    pub kind: NoticeKind,
    /// Where it stands.
    pub state: NoticeState,
    /// The listing it is about.
    pub listing_id: ListingId,
    /// The deal it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The organisation whose matter it is.
    pub organisation_id: OrganisationId,
    /// The title its text carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Which version of the text stands.
    #[schema(minimum = 1)]
    pub version: i64,
    /// SHA-256 of the text, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// When it was drafted.
    pub drafted_at: DateTime<Utc>,
    /// When it became public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// When its period is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
}

impl NoticeSummary {
    /// A notice with the version of its text that stands.
    pub fn of(row: &notice::Model, text: &notice_version::Model) -> Self {
        let content: Value = serde_json::from_str(&text.content).unwrap_or_default();
        Self::with(row, text, &content)
    }

    fn with(row: &notice::Model, text: &notice_version::Model, content: &Value) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            listing_id: row.listing_id,
            deal_id: row.deal_id,
            organisation_id: row.organisation_id,
            title: content.get("title").and_then(Value::as_str).map(ToOwned::to_owned),
            version: row.current_version,
            sha256: hex(&text.sha256),
            drafted_at: row.created_at,
            published_at: row.published_at,
            ends_at: row.ends_at,
        }
    }
}

/// A notice with its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeView {
    /// The notice.
    #[serde(flatten)]
    pub notice: NoticeSummary,
    /// What it says. What is withheld is named under `withheld`, with the reason.
    #[schema(value_type = Object)]
    pub content: Value,
    /// The same as the exact text that was hashed: its SHA-256 is `sha256`.
    pub content_text: String,
    /// What the caller may do to it, as operation ids, where a single notice is read: nothing. Its listing or
    /// deal says who publishes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([]))]
    pub allowed_deeds: Option<Vec<String>>,
    #[serde(skip)]
    row_version: i64,
}

impl NoticeView {
    /// A notice with the version of its text that stands.
    pub fn of(row: &notice::Model, text: notice_version::Model) -> Self {
        let content: Value = serde_json::from_str(&text.content).unwrap_or_default();
        let notice = NoticeSummary::with(row, &text, &content);
        Self { notice, content, content_text: text.content, allowed_deeds: Some(Vec::new()), row_version: row.version }
    }
}

impl Tagged for NoticeView {
    fn version(&self) -> Option<i64> {
        Some(self.row_version)
    }
}
