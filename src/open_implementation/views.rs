//! What is said about patents on the list.

use chrono::{DateTime, NaiveDate, Utc};
use entity::achievements::{AssetKind, achievement, asset};
use entity::identity::organisation;
use entity::ids::{AchievementId, AssetId, OrganisationId};
use entity::open_implementation::{ImplementationClaim, OpenImplementationMethod, OpenImplementationState, open_implementation};
use entity::open_licences::FeeStandard;
use serde::Serialize;
use utoipa::ToSchema;

use crate::documents::views::DocumentRef;
use crate::platform::http::answer::Tagged;
use crate::platform::problem::{Code, Problem};

/// A patent that public money paid for and nobody uses, as everybody reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenImplementationView {
    /// The patent.
    pub asset_id: AssetId,
    /// What it belongs to.
    pub achievement_id: AchievementId,
    /// Its kind.
    pub kind: AssetKind,
    /// Its title.
    pub title: String,
    /// The same in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Technical field of the contract statistics.
    pub field: String,
    /// The owner.
    pub organisation_id: OrganisationId,
    /// What he is called.
    pub owner: String,
    /// Where he is, as a division code.
    pub division_code: String,
    /// When it was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted_on: Option<NaiveDate>,
    /// From which day on it is on the list (公开实施起始日), in Shanghai.
    pub open_implementation_due: NaiveDate,
    /// How others may use it, once its owner said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<OpenImplementationMethod>,
    /// What that costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<FeeStandard>,
}

/// What an officer decided on what the owner said.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImplementationDecision {
    /// When.
    pub decided_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

/// A patent that nobody uses, where a single one is read: its owner and officers read more of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenImplementationDetail {
    /// The patent.
    #[serde(flatten)]
    pub patent: OpenImplementationView,
    /// Whether it is on the list today.
    pub is_listed: bool,
    /// Where it stands; for its owner and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<OpenImplementationState>,
    /// Why it should not be on the list; for its owner and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<ImplementationClaim>,
    /// The same in words; for its owner and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// The paper that shows it, with the hash it had; for its owner and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentRef>,
    /// What was decided on that; for its owner and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<ImplementationDecision>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["set_implementation_terms", "claim_implementation"]))]
    pub allowed_deeds: Vec<String>,
    /// Version, for `If-Match`; 0 where its owner has said nothing yet.
    #[schema(minimum = 0)]
    pub version: i64,
}

/// A patent with all that is told of it.
pub struct Told<'a> {
    /// The patent.
    pub patent: &'a asset::Model,
    /// What it belongs to.
    pub achievement: &'a achievement::Model,
    /// Its owner.
    pub owner: &'a organisation::Model,
    /// From which day on it is on the list.
    pub due_on: NaiveDate,
    /// What its owner said, if anything.
    pub said: Option<&'a open_implementation::Model>,
}

impl OpenImplementationView {
    /// Of a patent.
    pub fn of(told: &Told) -> Result<Self, Problem> {
        let fee = told.said.and_then(|said| said.fee.clone()).map(serde_json::from_value);
        Ok(Self {
            asset_id: told.patent.id,
            achievement_id: told.patent.achievement_id,
            kind: told.patent.kind,
            title: told.patent.title.clone(),
            title_en: told.patent.title_en.clone(),
            identifier: told.patent.identifier.clone(),
            field: told.achievement.field.clone(),
            organisation_id: told.owner.id,
            owner: told.owner.name.clone(),
            division_code: told.owner.division_code.clone(),
            granted_on: told.patent.granted_on,
            open_implementation_due: told.due_on,
            method: told.said.and_then(|said| said.method),
            fee: fee.transpose().map_err(|_| Code::Internal)?,
        })
    }
}

impl OpenImplementationDetail {
    /// Of a patent, as its owner and officers read it, or as everybody does.
    pub fn of(told: &Told, is_listed: bool, is_insider: bool, allowed_deeds: Vec<String>) -> Result<Self, Problem> {
        let inside = told.said.filter(|_| is_insider);
        let decision = inside.and_then(|said| said.decided_at.zip(said.decision_reason.clone()));
        Ok(Self {
            patent: OpenImplementationView::of(told)?,
            is_listed,
            state: inside.map(|said| said.state),
            claim: inside.and_then(|said| said.claim),
            statement: inside.and_then(|said| said.statement.clone()),
            document: DocumentRef::kept(inside.and_then(|said| said.document.as_ref()))?,
            decision: decision.map(|(decided_at, reason)| ImplementationDecision { decided_at, reason }),
            allowed_deeds,
            version: told.said.map_or(0, |said| said.version),
        })
    }
}

impl Tagged for OpenImplementationDetail {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
