//! What a file of evidence says of an open licence.

use chrono::{DateTime, Utc};
use entity::ids::{AchievementId, AssetId, OpenLicenceId, OrganisationId};
use entity::open_licences::{OpenLicenceState, open_licence};
use serde::Serialize;
use utoipa::ToSchema;

use crate::open_licences::views::{CnipaAnnouncement, OpenLicenceView};
use crate::platform::keys::hex;
use crate::platform::problem::Problem;

/// The declaration of an open licence. What it costs and for how long it is given, its notice says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceOpenLicence {
    /// Id.
    pub id: OpenLicenceId,
    /// The patentee.
    pub organisation_id: OrganisationId,
    /// What the patent belongs to.
    pub achievement_id: AchievementId,
    /// The patent.
    pub asset_id: AssetId,
    /// Where its declaration stands.
    pub state: OpenLicenceState,
    /// When it was drafted.
    pub drafted_at: DateTime<Utc>,
    /// When it was handed in last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<DateTime<Utc>>,
    /// SHA-256 of the text that was frozen then, hexadecimal: the first version of its notice has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub drafted_sha256: Option<String>,
    /// What the patent office announced of it, once that was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnipa: Option<CnipaAnnouncement>,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why, as its notice says too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_reason: Option<String>,
    /// When it ended otherwise: for an objection, by the patent office, or with the term of its licences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
}

impl EvidenceOpenLicence {
    /// Of a declaration, without who did what: the deeds say it.
    pub fn of(row: &open_licence::Model) -> Result<Self, Problem> {
        let view = OpenLicenceView::of(row)?;
        Ok(Self {
            id: row.id,
            organisation_id: row.organisation_id,
            achievement_id: row.achievement_id,
            asset_id: row.asset_id,
            state: row.state,
            drafted_at: row.created_at,
            submitted_at: row.submitted_at,
            drafted_sha256: row.drafted_sha256.as_deref().map(hex),
            cnipa: view.cnipa,
            withdrawn_at: row.withdrawn_at,
            withdrawal_reason: view.withdrawal_reason,
            ended_at: row.ended_at,
            end_reason: view.end_reason,
        })
    }
}
