//! What is said about notices.

use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{DealId, ListingId, NoticeId, OrganisationId};
use entity::notices::{NoticeKind, NoticeState, notice, notice_takedown, notice_version};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::rules::period::Standing;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;

/// The period a notice runs for, and how it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticePeriod {
    /// The rule it is by.
    #[schema(example = "negotiated_notice_period")]
    pub rule: String,
    /// How long: `d` are calendar days, `wd` working days.
    #[schema(example = "15d")]
    pub value: String,
    /// How long, in words (公示期).
    #[schema(example = "15日")]
    pub zh: String,
    /// The same in English.
    #[schema(example = "15 days")]
    pub en: String,
    /// The document and article of the rule.
    #[schema(example = "ZJ-TTR art.17")]
    pub source: String,
    /// Its last day in Shanghai, to 24:00. The day of publication does not count; where the last day is a rest day, the next
    /// working day is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<NaiveDate>,
    /// Whether it was reckoned with a year whose holidays are not announced yet.
    pub provisional: bool,
    /// Days that did not count so far: the notice was away, or the market was out of reach for more than the rule
    /// `outage_stops_clock` allows.
    #[schema(max_items = 1000)]
    pub stopped_days: Vec<NaiveDate>,
}

impl From<Standing> for NoticePeriod {
    fn from(standing: Standing) -> Self {
        let (zh, en) = standing.period.span.spoken();
        Self {
            rule: standing.period.rule,
            value: standing.period.span.to_string(),
            zh,
            en,
            source: standing.period.source,
            last_day: standing.deadline.last_day,
            provisional: standing.deadline.provisional,
            stopped_days: standing.stopped,
        }
    }
}

/// A time in which the page of a notice was away.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeTakedown {
    /// Since when.
    pub taken_down_at: DateTime<Utc>,
    /// Until when; absent while it is away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_at: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
}

impl From<&notice_takedown::Model> for NoticeTakedown {
    fn from(row: &notice_takedown::Model) -> Self {
        Self { taken_down_at: row.taken_down_at, restored_at: row.restored_at, reason: row.reason.clone() }
    }
}

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
    /// SHA-256 of the text, hexadecimal; absent, as the title is, while its page is away and the caller is none who reads it then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: Option<String>,
    /// The city that organisation is registered in, by its division code (GB/T 2260); `100000` where it is registered nationally.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{6}$", example = "330100")]
    pub city: Option<String>,
    /// The technical field of what it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "07")]
    pub field: Option<String>,
    /// When it was drafted.
    pub drafted_at: DateTime<Utc>,
    /// When it became public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// When its period is over, as far as is known now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// The period it runs for; absent where something else decides its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<NoticePeriod>,
    /// Since when its page is away, while it is: its text is not read then, and its period does not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_down_at: Option<DateTime<Utc>>,
    /// The times its page was away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    pub takedowns: Vec<NoticeTakedown>,
}

impl NoticeSummary {
    /// A notice with the version of its text that stands.
    pub fn of(row: &notice::Model, text: &notice_version::Model, standing: Option<Standing>, away: &[notice_takedown::Model]) -> Self {
        let content: Value = serde_json::from_str(&text.content).unwrap_or_default();
        Self::with(row, text, &content, standing, away)
    }

    /// Without what nobody outside reads while its page is away.
    #[must_use]
    pub fn without_text(self) -> Self {
        Self { title: None, sha256: None, ..self }
    }

    fn with(
        row: &notice::Model,
        text: &notice_version::Model,
        content: &Value,
        standing: Option<Standing>,
        away: &[notice_takedown::Model],
    ) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            listing_id: row.listing_id,
            deal_id: row.deal_id,
            organisation_id: row.organisation_id,
            title: content.get("title").and_then(Value::as_str).map(ToOwned::to_owned),
            version: row.current_version,
            sha256: Some(hex(&text.sha256)),
            city: row.city.clone(),
            field: row.field.clone(),
            drafted_at: row.created_at,
            published_at: row.published_at,
            ends_at: standing.as_ref().map(|standing| standing.deadline.ends_at).or(row.ends_at),
            period: standing.map(NoticePeriod::from),
            taken_down_at: row.taken_down_at,
            takedowns: away.iter().map(NoticeTakedown::from).collect(),
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
    /// What the caller may do to it, as operation ids, where a single notice is read. Its listing or deal says who publishes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["take_down_notice"]))]
    pub allowed_deeds: Option<Vec<String>>,
    #[serde(skip)]
    row_version: i64,
}

impl NoticeView {
    /// A notice with the version of its text that stands.
    pub fn of(
        row: &notice::Model,
        text: notice_version::Model,
        standing: Option<Standing>,
        away: &[notice_takedown::Model],
        deeds: Vec<String>,
    ) -> Self {
        let content: Value = serde_json::from_str(&text.content).unwrap_or_default();
        let notice = NoticeSummary::with(row, &text, &content, standing, away);
        Self { notice, content, content_text: text.content, allowed_deeds: Some(deeds), row_version: row.version }
    }
}

impl Tagged for NoticeView {
    fn version(&self) -> Option<i64> {
        Some(self.row_version)
    }
}
