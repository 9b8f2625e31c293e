//! What is said about sessions of lots.

use chrono::{DateTime, Utc};
use entity::auctions::lot;
use entity::ids::{LotId, LotSessionId, OrganisationId};
use entity::lot_sessions::{LotSessionMode, LotSessionState, lot_session};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auctions::views::LotSummary;
use crate::auctions::views::live::LotStood;
use crate::platform::http::answer::Tagged;

/// The lots of a session, in its order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LotOrder {
    /// The lots, first to last. Each waits for its opening and has a place in no other session.
    #[schema(max_items = 100)]
    pub lots: Vec<LotId>,
}

/// A session of lots in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LotSessionSummary {
    /// Id.
    pub id: LotSessionId,
    /// What it is called.
    pub title: String,
    /// What it is called in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// How its lots follow each other.
    pub mode: LotSessionMode,
    /// Where it stands.
    pub state: LotSessionState,
    /// Whose session it is; absent where it is the platform's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organiser_organisation_id: Option<OrganisationId>,
    /// When its first lot opens, as announced; once published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<DateTime<Utc>>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
}

impl From<lot_session::Model> for LotSessionSummary {
    fn from(row: lot_session::Model) -> Self {
        Self {
            id: row.id,
            title: row.title,
            title_en: row.title_en,
            mode: row.mode,
            state: row.state,
            organiser_organisation_id: row.organiser_organisation_id,
            starts_at: row.starts_at,
            published_at: row.published_at,
        }
    }
}

/// A lot in a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionLot {
    /// Its place, from 1.
    pub ordinal: usize,
    /// The lot: state, price, closing time, and why it is paused.
    pub lot: LotSummary,
}

/// A session of lots: everything its page shows, in one read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LotSessionView {
    /// Id.
    pub id: LotSessionId,
    /// What it is called.
    pub title: String,
    /// What it is called in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// How its lots follow each other.
    pub mode: LotSessionMode,
    /// Where it stands.
    pub state: LotSessionState,
    /// Whose session it is; absent where it is the platform's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organiser_organisation_id: Option<OrganisationId>,
    /// Least time between two closings, seconds, where they are staggered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stagger_seconds: Option<i64>,
    /// How late the host may open a lot before it opens by itself, seconds, where there is a host and the lot's terms say nothing else;
    /// once published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lateness_seconds: Option<i64>,
    /// When its first lot opens, as announced; once published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<DateTime<Utc>>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// Its lots in order, as they stand now.
    pub lots: Vec<SessionLot>,
    /// The server's time now.
    pub server_time: DateTime<Utc>,
    /// What the caller may do to it now, as operation ids; told where a single session is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["advance_lot_session", "pause_lot_session"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version, as in the entity tag: of the session, not of its lots.
    pub version: i64,
}

impl LotSessionView {
    /// A session with its lots in order, at a time.
    pub fn at(row: lot_session::Model, lots: Vec<lot::Model>, server_time: DateTime<Utc>) -> Self {
        Self {
            id: row.id,
            title: row.title,
            title_en: row.title_en,
            mode: row.mode,
            state: row.state,
            organiser_organisation_id: row.organiser_organisation_id,
            stagger_seconds: row.stagger_seconds,
            lateness_seconds: row.lateness_seconds,
            starts_at: row.starts_at,
            published_at: row.published_at,
            lots: (1..).zip(lots).map(|(ordinal, lot)| SessionLot { ordinal, lot: LotSummary::from(lot) }).collect(),
            server_time,
            allowed_deeds: None,
            version: row.version,
        }
    }
}

/// What a feed of a session begins with, unless it goes on from an event.
#[derive(Clone, Debug, Serialize)]
pub struct LotSessionSnapshot {
    /// The session as it is read, without `allowed_deeds`.
    pub session: LotSessionView,
    /// Where each of its lots stands, in its order, as every later event tells it.
    pub lots: Vec<LotStood>,
    /// The server's time when this was said.
    pub server_time: DateTime<Utc>,
}

impl LotSessionSnapshot {
    /// A session with its lots in order, at a time.
    pub fn at(row: lot_session::Model, lots: Vec<lot::Model>, server_time: DateTime<Utc>) -> Self {
        let stood = lots.iter().map(LotStood::of).collect();
        Self { lots: stood, session: LotSessionView::at(row, lots, server_time), server_time }
    }
}

impl Tagged for LotSessionView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
