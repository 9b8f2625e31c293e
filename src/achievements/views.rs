//! What is said about achievements, assets and their legal status.

use chrono::{DateTime, NaiveDate, Utc};
use entity::achievements::{AssetKind, LegalStatus, StatusSource, achievement, asset_owner, legal_status};
use entity::ids::{AchievementId, AssetId, DocumentId, LegalStatusId, OrganisationId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::rules::{AssetDetails, Warning};
use super::store::AssetFacts;
use crate::platform::http::answer::Tagged;

/// An achievement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AchievementView {
    /// Id.
    pub id: AchievementId,
    /// The organisation it belongs to.
    pub organisation_id: OrganisationId,
    /// Title.
    pub title: String,
    /// Title in English.
    pub title_en: Option<String>,
    /// What it does, on its public level.
    pub summary: String,
    /// The same in English.
    pub summary_en: Option<String>,
    /// Technical field of the contract statistics.
    pub field: String,
    /// Technology readiness level.
    pub trl: Option<i32>,
    /// Who brought it about.
    pub completers: Vec<String>,
    /// Whether public money paid for it.
    pub state_funded: bool,
    /// What the caller may do to it now, as operation ids; told where a single achievement is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["amend_achievement", "add_asset"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version.
    pub version: i64,
    /// When registered.
    pub created_at: DateTime<Utc>,
}

impl From<achievement::Model> for AchievementView {
    fn from(row: achievement::Model) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            title: row.title,
            title_en: row.title_en,
            summary: row.summary,
            summary_en: row.summary_en,
            field: row.field,
            trl: row.trl,
            completers: serde_json::from_value(row.completers).unwrap_or_default(),
            state_funded: row.state_funded,
            allowed_deeds: None,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

impl Tagged for AchievementView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// An achievement with the rights in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AchievementWithAssetsView {
    /// The achievement.
    #[serde(flatten)]
    pub achievement: AchievementView,
    /// Its rights, in the order they were added.
    pub assets: Vec<AssetView>,
}

impl From<(achievement::Model, Vec<AssetFacts>)> for AchievementWithAssetsView {
    fn from((achievement, assets): (achievement::Model, Vec<AssetFacts>)) -> Self {
        Self { achievement: achievement.into(), assets: assets.into_iter().map(Into::into).collect() }
    }
}

impl Tagged for AchievementWithAssetsView {
    fn version(&self) -> Option<i64> {
        self.achievement.version()
    }
}

/// The number of a right.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentifierView {
    /// Which register gave it.
    #[schema(example = "cn_application")]
    pub scheme: String,
    /// Its canonical form.
    #[schema(example = "201810953480.1")]
    pub number: String,
    /// As it was typed.
    #[schema(example = "ZL 2018 1 0953480.1")]
    pub raw: Option<String>,
}

/// An owner of a right.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnerView {
    /// Name.
    pub name: String,
    /// Share in ten-thousandths.
    pub share_bp: i32,
    /// The organisation here, if it is the one that registered the right.
    pub organisation_id: Option<OrganisationId>,
}

impl From<asset_owner::Model> for OwnerView {
    fn from(row: asset_owner::Model) -> Self {
        Self { name: row.name, share_bp: row.share_bp, organisation_id: row.organisation_id }
    }
}

/// A reading of the legal status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LegalStatusView {
    /// Id.
    pub id: LegalStatusId,
    /// Of which right.
    pub asset_id: AssetId,
    /// The status.
    pub status: LegalStatus,
    /// When the source said so.
    pub as_of: DateTime<Utc>,
    /// Where it was read.
    pub source: StatusSource,
    /// The extract or certificate.
    pub evidence_document_id: Option<DocumentId>,
    /// When recorded.
    pub recorded_at: DateTime<Utc>,
}

impl From<legal_status::Model> for LegalStatusView {
    fn from(row: legal_status::Model) -> Self {
        Self {
            id: row.id,
            asset_id: row.asset_id,
            status: row.status,
            as_of: row.as_of,
            source: row.source,
            evidence_document_id: row.evidence_document_id,
            recorded_at: row.recorded_at,
        }
    }
}

impl Tagged for LegalStatusView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A right with its owners and its latest legal status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssetView {
    /// Id.
    pub id: AssetId,
    /// The achievement it belongs to.
    pub achievement_id: AchievementId,
    /// The organisation that registered it.
    pub organisation_id: OrganisationId,
    /// What kind of right.
    pub kind: AssetKind,
    /// Title.
    pub title: String,
    /// Title in English.
    pub title_en: Option<String>,
    /// Its number, if a registry gave it one.
    pub identifier: Option<IdentifierView>,
    /// The fields of its kind, numbers and symbols in their canonical forms.
    #[schema(value_type = AssetDetails)]
    pub details: Value,
    /// Its owners.
    pub owners: Vec<OwnerView>,
    /// The day its term ends, if it has one.
    pub expires_on: Option<NaiveDate>,
    /// The rule its term follows from.
    pub term_source: Option<String>,
    /// The latest reading of its legal status.
    pub legal_status: Option<LegalStatusView>,
    /// What a reviewer should look at.
    pub warnings: Vec<Warning>,
    /// What the caller may do to it now, as operation ids; told where a single right is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["amend_asset", "record_legal_status"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version.
    pub version: i64,
    /// When added.
    pub created_at: DateTime<Utc>,
}

impl From<AssetFacts> for AssetView {
    fn from(facts: AssetFacts) -> Self {
        let AssetFacts { asset, owners, status } = facts;
        let kept = |name: &str| asset.details.get(name).cloned().unwrap_or_default();
        let (details, warnings, term_source) = (kept("details"), kept("warnings"), kept("term_source"));
        let raw = asset.identifier_raw;
        Self {
            id: asset.id,
            achievement_id: asset.achievement_id,
            organisation_id: asset.organisation_id,
            kind: asset.kind,
            title: asset.title,
            title_en: asset.title_en,
            identifier: asset.identifier_scheme.zip(asset.identifier).map(|(scheme, number)| IdentifierView { scheme, number, raw }),
            details,
            owners: owners.into_iter().map(Into::into).collect(),
            expires_on: asset.expires_on,
            term_source: serde_json::from_value(term_source).unwrap_or_default(),
            legal_status: status.map(Into::into),
            warnings: serde_json::from_value(warnings).unwrap_or_default(),
            allowed_deeds: None,
            version: asset.version,
            created_at: asset.created_at,
        }
    }
}

impl Tagged for AssetView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
