//! What is said about notices.

use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{DealId, ListingId, NegotiationId, NoticeId, NoticeProposalId, OpenLicenceId, OrganisationId, PersonId, RightsGrantId};
use entity::notices::{
    NoticeKind, NoticeProposalKind, NoticeProposalState, NoticeState, notice, notice_proposal, notice_takedown, notice_version,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::rules::both_places::PublicUnitNotice;
use super::rules::correction::{Change, NewChange};
use super::rules::difference::Difference;
use super::rules::period::{EndReason, Standing};
use super::rules::seller_named;
use crate::platform::http::NamedHash;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

/// A notice to publish.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPublication {
    /// SHA-256 of its text as it was read (`drafted_sha256`).
    pub drafted_sha256: NamedHash,
}

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
    /// Whether its end follows from the rule, was chosen within it, or was put off by what was corrected in its last days.
    pub end_reason: EndReason,
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
            end_reason: standing.period.end_reason(),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<ListingId>,
    /// The sale at a negotiated price it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
    /// The grant of rights it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights_grant_id: Option<RightsGrantId>,
    /// The open licence it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_licence_id: Option<OpenLicenceId>,
    /// The deal it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The organisation whose matter it is.
    pub organisation_id: OrganisationId,
    /// Its name, as the text says it; absent where that withholds it, or is not read while its page is away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "浙江大学")]
    pub seller_name: Option<String>,
    /// The title its text carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The title in English, where its text carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// Which version of the text stands.
    #[schema(minimum = 1)]
    pub version: i64,
    /// SHA-256 of the text, hexadecimal; absent, as the titles are, while its page is away and the caller is none who reads it then.
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
    /// When its period is over, as far as is known now; absent where it stands until it is withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<DateTime<Utc>>,
    /// The period it runs for; absent where something else decides its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<NoticePeriod>,
    /// Since when its page is away, while it is: its text is not read then, and its period does not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_down_at: Option<DateTime<Utc>>,
    /// When a slip in its text was last set right; all versions are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_at: Option<DateTime<Utc>>,
    /// Since when nothing about it is open (终局): its period is over, and so is whatever was objected to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_at: Option<DateTime<Utc>>,
    /// When what it is about was last agreed anew: from then on its period is reckoned. All versions are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revised_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_reason: Option<String>,
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
        Self { seller_name: None, title: None, title_en: None, sha256: None, ..self }
    }

    fn with(
        row: &notice::Model,
        text: &notice_version::Model,
        content: &Value,
        standing: Option<Standing>,
        away: &[notice_takedown::Model],
    ) -> Self {
        let said = |name: &str| content.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            listing_id: row.listing_id,
            negotiation_id: row.negotiation_id,
            rights_grant_id: row.rights_grant_id,
            open_licence_id: row.open_licence_id,
            deal_id: row.deal_id,
            organisation_id: row.organisation_id,
            seller_name: seller_named(content).map(ToOwned::to_owned),
            title: said("title"),
            title_en: said("title_en"),
            version: row.current_version,
            sha256: Some(hex(&text.sha256)),
            city: row.city.clone(),
            field: row.field.clone(),
            drafted_at: row.created_at,
            published_at: row.published_at,
            ends_at: standing.as_ref().map(|standing| standing.deadline.ends_at).or(row.ends_at),
            period: standing.map(NoticePeriod::from),
            taken_down_at: row.taken_down_at,
            corrected_at: row.corrected_at,
            final_at: row.final_at,
            revised_at: row.revised_at,
            withdrawn_at: row.withdrawn_at,
            withdrawal_reason: row.withdrawal_reason.clone(),
            takedowns: away.iter().map(NoticeTakedown::from).collect(),
        }
    }
}

/// What of a public notice may be changed now, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoticeOpenChanges {
    /// Where a slip may be set right (勘误, `propose_erratum`), as JSON pointers into `content`; `*` stands for any place in a list.
    #[schema(max_items = 100, example = json!(["/title"]))]
    pub errata: Vec<String>,
    /// By which operation all else is changed, for which it is announced anew (实质性更正); absent where nothing else is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "propose_listing_amendment")]
    pub announces_anew: Option<String>,
    /// Until when, as far as is known now; absent where it is changed at any time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// From when on a slip that is set right puts its end off (`late_change_window`); absent where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_from: Option<DateTime<Utc>>,
}

/// A notice with its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeView {
    /// The notice.
    #[serde(flatten)]
    pub notice: NoticeSummary,
    /// What it says. What is withheld is named under `withheld`, with the reason, and with `opens_at` where it opens by itself.
    #[schema(value_type = Object)]
    pub content: Value,
    /// The same as the exact text that was hashed: its SHA-256 is `sha256`.
    pub content_text: String,
    /// Where the unit put the same up in its own place (本单位公示), once it showed that; of what was agreed anew, since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_notice: Option<PublicUnitNotice>,
    /// What the caller may do to it, as operation ids, where a single notice is read. Its listing or deal says who publishes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["take_down_notice"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// What of it may still be changed, and how; told to officers and its own organisation while anything may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_changes: Option<NoticeOpenChanges>,
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
        unit_notice: Option<PublicUnitNotice>,
        deeds: Vec<String>,
    ) -> Self {
        let content: Value = serde_json::from_str(&text.content).unwrap_or_default();
        let notice = NoticeSummary::with(row, &text, &content, standing, away);
        let content_text = text.content;
        let allowed_deeds = Some(deeds);
        Self { notice, content, content_text, unit_notice, allowed_deeds, open_changes: None, row_version: row.version }
    }
}

impl Tagged for NoticeView {
    fn version(&self) -> Option<i64> {
        Some(self.row_version)
    }
}

/// How a version of a notice came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeVersionKind {
    /// As it was published.
    First,
    /// A slip was set right (勘误); its period ran on.
    Erratum,
    /// What it is about was agreed anew (实质性更正); its period began again.
    Revision,
    /// What was withheld until a date opened by itself (到期公开); its period ran on.
    Opening,
}

/// A version of a notice's text, without it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeVersionSummary {
    /// Its number, from 1.
    #[schema(minimum = 1)]
    pub version: i64,
    /// How it came about.
    pub kind: NoticeVersionKind,
    /// Whether it is the one that stands.
    pub stands: bool,
    /// SHA-256 of the text, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// When it became public; absent of a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// Why it took the place of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was set right in the one before; nothing where that is withheld, since its page was away for what it said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub changes: Vec<Change>,
}

impl NoticeVersionSummary {
    /// A version, and what made it: an erratum, an opening, or what was agreed anew.
    pub fn of(notice: &notice::Model, text: &notice_version::Model, made_by: Option<&notice_proposal::Model>) -> Result<Self, Problem> {
        Ok(Self {
            version: text.version,
            kind: made_by.map_or(NoticeVersionKind::First, |proposal| match proposal.kind {
                NoticeProposalKind::Revision => NoticeVersionKind::Revision,
                NoticeProposalKind::Opening => NoticeVersionKind::Opening,
                NoticeProposalKind::Erratum | NoticeProposalKind::Withdrawal => NoticeVersionKind::Erratum,
            }),
            stands: text.version == notice.current_version,
            sha256: hex(&text.sha256),
            published_at: made_by.map_or(notice.published_at, |proposal| proposal.decided_at),
            reason: made_by.map(|proposal| proposal.reason.clone()),
            changes: made_by.map_or(Ok(Vec::new()), changes_of)?,
        })
    }
}

impl NoticeVersionSummary {
    /// Without what stood in an earlier version.
    #[must_use]
    pub fn without_changes(self) -> Self {
        Self { changes: Vec::new(), ..self }
    }
}

fn changes_of(proposal: &notice_proposal::Model) -> Result<Vec<Change>, Problem> {
    serde_json::from_value(proposal.changes.clone()).map_err(|_| Code::Internal.into())
}

/// A version of a notice's text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeVersionView {
    /// Which.
    #[serde(flatten)]
    pub summary: NoticeVersionSummary,
    /// What it says.
    #[schema(value_type = Object)]
    pub content: Value,
    /// The same as the exact text that was hashed.
    pub content_text: String,
}

impl Tagged for NoticeVersionView {
    /// A version never changes, so its number is its tag.
    fn version(&self) -> Option<i64> {
        Some(self.summary.version)
    }
}

/// The versions of a notice's text, the first first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeVersions {
    /// Each of them.
    #[schema(max_items = 1000)]
    pub items: Vec<NoticeVersionSummary>,
}

/// What two versions of a notice differ in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeDifference {
    /// The one.
    #[schema(minimum = 1)]
    pub from: i64,
    /// The other.
    #[schema(minimum = 1)]
    pub to: i64,
    /// Every place where they differ.
    #[schema(max_items = 1000)]
    pub changes: Vec<Difference>,
}

/// A slip in a notice that is to be set right.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewErratum {
    /// Why; published.
    #[schema(min_length = 1, max_length = 500, example = "标题中有错别字")]
    pub reason: String,
    /// What.
    #[schema(min_items = 1, max_items = 20)]
    pub changes: Vec<NewChange>,
}

/// What was proposed about a public notice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeProposalView {
    /// Id.
    pub id: NoticeProposalId,
    /// The notice.
    pub notice_id: NoticeId,
    /// What is proposed.
    pub kind: NoticeProposalKind,
    /// Where it stands.
    pub state: NoticeProposalState,
    /// The version of the text that it is about.
    #[schema(minimum = 1)]
    pub base_version: i64,
    /// The version that came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_version: Option<i64>,
    /// Why.
    pub reason: String,
    /// What is set right.
    #[schema(max_items = 20, value_type = Vec<Change>)]
    pub changes: Value,
    /// Who proposes it; of an opening, which nobody does, who published the notice.
    pub proposed_by: PersonId,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who did or refused it; nobody, of an opening.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<PersonId>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_reason: Option<String>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["publish_notice_proposal", "refuse_notice_proposal"]))]
    pub allowed_deeds: Vec<String>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl NoticeProposalView {
    /// A proposal, and what the caller may do to it.
    pub fn of(row: &notice_proposal::Model, deeds: Vec<String>) -> Self {
        Self {
            id: row.id,
            notice_id: row.notice_id,
            kind: row.kind,
            state: row.state,
            base_version: row.base_version,
            made_version: row.made_version,
            reason: row.reason.clone(),
            changes: row.changes.clone(),
            proposed_by: row.proposed_by,
            proposed_at: row.proposed_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            decision_reason: row.decision_reason.clone(),
            allowed_deeds: deeds,
            version: row.version,
        }
    }
}

impl Tagged for NoticeProposalView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
