//! What is said about open licences.

pub mod taken;

use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{AchievementId, AssetId, NoticeId, OpenLicenceId, OrganisationId};
use entity::open_licences::{FeeStandard, OpenLicenceState, open_licence};
use serde::Serialize;
use utoipa::ToSchema;

use super::rules::machine::Deed;
use super::rules::terms::{OpenLicenceDeclarations, fee_of};
use crate::documents::views::DocumentRef;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

/// What the patent office announced of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CnipaAnnouncement {
    /// The number.
    pub number: String,
    /// The day, in Shanghai.
    pub announced_on: NaiveDate,
}

/// What the patent office decided against it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CnipaDecision {
    /// The number.
    pub number: String,
    /// The day, in Shanghai.
    pub decided_on: NaiveDate,
}

/// An open licence (开放许可), as everybody reads it once it is announced.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenLicenceView {
    /// Id.
    pub id: OpenLicenceId,
    /// Where its declaration stands.
    pub state: OpenLicenceState,
    /// The patentee.
    pub organisation_id: OrganisationId,
    /// What the patent belongs to.
    pub achievement_id: AchievementId,
    /// The patent.
    pub asset_id: AssetId,
    /// What a licence costs.
    pub fee: FeeStandard,
    /// How and by when that is paid.
    pub payment: String,
    /// The first day of the licences, in Shanghai.
    pub term_from: NaiveDate,
    /// The day on which they end.
    pub term_until: NaiveDate,
    /// What else is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// The notice, which stands until the declaration is withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_id: Option<NoticeId>,
    /// What the patent office announced of it, once that was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnipa: Option<CnipaAnnouncement>,
    /// The decision of the patent office by which it was not accepted, or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnipa_decision: Option<CnipaDecision>,
    /// When it was withdrawn; whoever has a licence by then keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_reason: Option<String>,
    /// When it ended otherwise: for an objection, by the patent office, or with the term of its licences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// An open licence, where a single one is read: the patentee and officers read more of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenLicenceDetail {
    /// The open licence.
    #[serde(flatten)]
    pub licence: OpenLicenceView,
    /// The evaluation report, with the hash it had; for the patentee and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluation_document: Option<DocumentRef>,
    /// Whether the patent is pledged; for the patentee and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pledged: Option<bool>,
    /// The consent of the pledgee, with the hash it had; for the patentee and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pledgee_consent_document: Option<DocumentRef>,
    /// What the patentee declares; for himself and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declarations: Option<OpenLicenceDeclarations>,
    /// Why it was sent back; for the patentee and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_reason: Option<String>,
    /// The text of the notice that waits to be published, exactly as it is hashed; for the patentee and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drafted_text: Option<String>,
    /// SHA-256 of that text, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub drafted_sha256: Option<String>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["record_cnipa_announcement", "withdraw_open_licence"]))]
    pub allowed_deeds: Vec<String>,
}

impl OpenLicenceView {
    /// Of a declaration, as everybody reads it.
    pub fn of(row: &open_licence::Model) -> Result<Self, Problem> {
        let cnipa = row.cnipa_number.clone().zip(row.cnipa_announced_on);
        let decision = row.cnipa_decision_number.clone().zip(row.cnipa_decided_on);
        Ok(Self {
            id: row.id,
            state: row.state,
            organisation_id: row.organisation_id,
            achievement_id: row.achievement_id,
            asset_id: row.asset_id,
            fee: fee_of(row)?,
            payment: row.payment.clone(),
            term_from: row.term_from,
            term_until: row.term_until,
            other: row.other.clone(),
            notice_id: row.notice_id,
            cnipa: cnipa.map(|(number, announced_on)| CnipaAnnouncement { number, announced_on }),
            cnipa_decision: decision.map(|(number, decided_on)| CnipaDecision { number, decided_on }),
            withdrawn_at: row.withdrawn_at,
            withdrawal_reason: row.withdrawal_reason.clone(),
            ended_at: row.ended_at,
            end_reason: row.end_reason.clone(),
            created_at: row.created_at,
            version: row.version,
        })
    }
}

impl OpenLicenceDetail {
    /// Of a declaration, as the patentee and officers read it, or as everybody does.
    pub fn of(row: &open_licence::Model, is_insider: bool, allowed_deeds: Vec<String>) -> Result<Self, Problem> {
        let licence = OpenLicenceView::of(row)?;
        let inside = Some(row).filter(|_| is_insider);
        let waits = inside.filter(|row| Deed::Publish.is_allowed_in(row.state));
        let declarations = inside.map(|row| serde_json::from_value(row.declarations.clone())).transpose();
        Ok(Self {
            licence,
            evaluation_document: DocumentRef::kept(inside.and_then(|row| row.evaluation_document.as_ref()))?,
            pledged: inside.map(|row| row.pledged),
            pledgee_consent_document: DocumentRef::kept(inside.and_then(|row| row.pledgee_consent_document.as_ref()))?,
            declarations: declarations.map_err(|_| Code::Internal)?,
            return_reason: inside.and_then(|row| row.return_reason.clone()),
            drafted_text: waits.and_then(|row| row.drafted.clone()),
            drafted_sha256: waits.and_then(|row| row.drafted_sha256.as_deref()).map(hex),
            allowed_deeds,
        })
    }
}

impl Tagged for OpenLicenceDetail {
    fn version(&self) -> Option<i64> {
        Some(self.licence.version)
    }
}
