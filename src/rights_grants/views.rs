//! What is said about grants of rights, and what is asked for.

use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{AchievementId, AssetId, DocumentId, NoticeId, OrganisationId, RightsGrantId};
use entity::rights_grants::{GrantKind, RightsGrantState, rights_grant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::terms::{GrantDeclarations, TeamMember, team_of};
use crate::documents::views::DocumentRef;
use crate::notices::rules::both_places::{Awaited, UnitNotice};
use crate::platform::http::answer::Tagged;
use crate::platform::problem::{Code, Problem};

/// A grant of rights to propose.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRightsGrant {
    /// The achievement whose completers get the right.
    pub achievement_id: AchievementId,
    /// The rights of it that are granted, as one thing.
    #[schema(min_items = 1, max_items = 200)]
    pub asset_ids: Vec<AssetId>,
    /// What is granted.
    pub kind: GrantKind,
    /// Of an ownership share: how large it is, in ten-thousandths.
    #[schema(minimum = 1, maximum = 9_999, example = 5_000)]
    pub share_bp: Option<i32>,
    /// Of a right to use: for how many months; not fewer than the rule `rights_grant_least_use` says.
    #[schema(minimum = 1, maximum = 1_200, example = 120)]
    pub use_months: Option<i32>,
    /// To whom, with each one's part, as the team has agreed in writing.
    #[schema(min_items = 1, max_items = 50)]
    pub team: Vec<TeamMember>,
    /// What the unit declares. Anything but true is refused and nothing is kept.
    pub declarations: GrantDeclarations,
    /// The title of the achievement in English; that which the achievement has unless given.
    #[schema(min_length = 1, max_length = 300)]
    pub title_en: Option<String>,
    /// What the technology does, never how: this is published.
    #[schema(min_length = 1, max_length = 5_000, example = "削减河岸带面源污染的方法，可用于小流域治理。")]
    pub summary: String,
    /// The same in English.
    #[schema(min_length = 1, max_length = 5_000)]
    pub summary_en: Option<String>,
}

/// The unit's decision on a grant.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantDecision {
    /// The document that says so.
    pub decision_document_id: DocumentId,
}

/// The agreement of the unit with the team.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantAgreement {
    /// The signed document: share or time, income, who decides, who bears the cost, upkeep, and how either leaves.
    pub agreement_document_id: DocumentId,
}

/// What the register shows of a share.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegisterEntry {
    /// The day from which it shows the co-ownership.
    pub registry_date: NaiveDate,
    /// The number of the document in which the registry says so.
    pub registry_document: String,
    /// When that was entered here.
    pub registered_at: DateTime<Utc>,
}

/// A grant of rights to who made an achievement (赋权), as the unit and officers see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RightsGrantView {
    /// Id.
    pub id: RightsGrantId,
    /// Where it stands.
    pub state: RightsGrantState,
    /// The unit that grants.
    pub organisation_id: OrganisationId,
    /// The achievement.
    pub achievement_id: AchievementId,
    /// What is granted.
    pub kind: GrantKind,
    /// Of an ownership share: how large it is, in ten-thousandths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_bp: Option<i32>,
    /// Of a right to use: for how many months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_months: Option<i32>,
    /// To whom, with each one's part.
    #[schema(max_items = 50)]
    pub team: Vec<TeamMember>,
    /// What the unit declares.
    pub declarations: GrantDeclarations,
    /// The title of the achievement in English, where another was given than that which the achievement has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// What the technology does.
    pub summary: String,
    /// The same in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary_en: Option<String>,
    /// The unit's own decision, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_document: Option<DocumentRef>,
    /// When the unit decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// The notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_id: Option<NoticeId>,
    /// The unit's own notice, once it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_notice: Option<UnitNotice>,
    /// The agreement with the team, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_document: Option<DocumentRef>,
    /// When it was filed; from then on a right to use is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<DateTime<Utc>>,
    /// What the register shows of a share, which is theirs from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_entry: Option<RegisterEntry>,
    /// When it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// A grant of rights, where a single one is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RightsGrantDetail {
    /// The grant.
    #[serde(flatten)]
    pub grant: RightsGrantView,
    /// The rights, by id.
    #[schema(max_items = 200)]
    pub asset_ids: Vec<AssetId>,
    /// The text of the notice that waits to be published, exactly as it is hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drafted_text: Option<String>,
    /// SHA-256 of that text, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub drafted_sha256: Option<String>,
    /// What is waited for before the agreement can be filed, once the notice is public.
    pub waits_for: Vec<Awaited>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["show_rights_grant_notice", "withdraw_rights_grant"]))]
    pub allowed_deeds: Vec<String>,
}

impl RightsGrantView {
    /// Of a grant, without what is told of a single one.
    pub fn of(row: &rights_grant::Model) -> Result<Self, Problem> {
        let entry = row.registry_date.zip(row.registry_document.clone()).zip(row.registered_at);
        Ok(Self {
            id: row.id,
            state: row.state,
            organisation_id: row.organisation_id,
            achievement_id: row.achievement_id,
            kind: row.kind,
            share_bp: row.share_bp,
            use_months: row.use_months,
            team: team_of(row)?,
            declarations: serde_json::from_value(row.declarations.clone()).map_err(|_| Code::Internal)?,
            title_en: row.title_en.clone(),
            summary: row.summary.clone(),
            summary_en: row.summary_en.clone(),
            decision_document: DocumentRef::kept(row.decision_document.as_ref())?,
            decided_at: row.decided_at,
            notice_id: row.notice_id,
            unit_notice: UnitNotice::kept(row.unit_notice.as_ref())?,
            agreement_document: DocumentRef::kept(row.agreement_document.as_ref())?,
            agreed_at: row.agreed_at,
            register_entry: entry.map(|((registry_date, registry_document), registered_at)| RegisterEntry {
                registry_date,
                registry_document,
                registered_at,
            }),
            ended_at: row.ended_at,
            end_reason: row.end_reason.clone(),
            created_at: row.created_at,
            version: row.version,
        })
    }
}

impl Tagged for RightsGrantDetail {
    fn version(&self) -> Option<i64> {
        Some(self.grant.version)
    }
}
