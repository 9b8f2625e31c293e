//! What a file of evidence says of a grant of rights.

use chrono::{DateTime, Utc};
use entity::ids::{AchievementId, AssetId, OrganisationId, PersonId, RightsGrantId};
use entity::rights_grants::{GrantKind, RightsGrantState, rights_grant};
use serde::Serialize;
use utoipa::ToSchema;

use crate::documents::views::DocumentRef;
use crate::notices::rules::both_places::UnitNotice;
use crate::platform::keys::hex;
use crate::platform::problem::Problem;
use crate::rights_grants::views::{RegisterEntry, RightsGrantView};

/// A grant of rights to who made an achievement. To whom, its notice says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceRightsGrant {
    /// Id.
    pub id: RightsGrantId,
    /// The unit that grants.
    pub organisation_id: OrganisationId,
    /// The achievement.
    pub achievement_id: AchievementId,
    /// The rights, by id.
    #[schema(max_items = 200)]
    pub asset_ids: Vec<AssetId>,
    /// Where it stands.
    pub state: RightsGrantState,
    /// What is granted.
    pub kind: GrantKind,
    /// Of an ownership share: how large it is, in ten-thousandths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_bp: Option<i32>,
    /// Of a right to use: for how many months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_months: Option<i32>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// The unit's own decision, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_document: Option<DocumentRef>,
    /// Who decided, for the unit; it decides once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<PersonId>,
    /// When the unit decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// SHA-256 of the text that was frozen then, hexadecimal: the first version of its notice has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub drafted_sha256: Option<String>,
    /// The unit's own notice, as it was shown last; all that were shown stand with the notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_notice: Option<UnitNotice>,
    /// SHA-256 of the agreement with the team, hexadecimal: the agreement itself is between the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub agreement_sha256: Option<String>,
    /// When that was filed; from then on a right to use is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<DateTime<Utc>>,
    /// What the register shows of a share, which is theirs from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_entry: Option<RegisterEntry>,
    /// When it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why, as its notice says too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
}

impl EvidenceRightsGrant {
    /// Of a grant with its rights, without who did all else than decide: the deeds say it.
    pub fn of(row: &rights_grant::Model, asset_ids: Vec<AssetId>) -> Result<Self, Problem> {
        let view = RightsGrantView::of(row)?;
        Ok(Self {
            id: row.id,
            organisation_id: row.organisation_id,
            achievement_id: row.achievement_id,
            asset_ids,
            state: row.state,
            kind: row.kind,
            share_bp: row.share_bp,
            use_months: row.use_months,
            proposed_at: row.created_at,
            decision_document: view.decision_document,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            drafted_sha256: row.drafted_sha256.as_deref().map(hex),
            unit_notice: view.unit_notice,
            agreement_sha256: view.agreement_document.map(|document| document.sha256),
            agreed_at: row.agreed_at,
            register_entry: view.register_entry,
            ended_at: row.ended_at,
            end_reason: row.end_reason.clone(),
        })
    }
}
