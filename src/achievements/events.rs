//! What is told when achievements and assets come to be or change.

use entity::Timestamp;
use entity::achievements::{AssetKind, LegalStatus};
use entity::ids::{AchievementId, AssetId, OrganisationId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// An achievement was registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct AchievementCreated {
    /// Which.
    pub achievement_id: AchievementId,
    /// Whose.
    pub organisation_id: OrganisationId,
}

impl Event for AchievementCreated {
    fn kind(&self) -> &'static str {
        "achievement.created"
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("achievement", self.achievement_id.into())
    }
}

/// A right was added to an achievement.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetAdded {
    /// Which.
    pub asset_id: AssetId,
    /// To which achievement.
    pub achievement_id: AchievementId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// What kind of right.
    pub kind: AssetKind,
}

impl Event for AssetAdded {
    fn kind(&self) -> &'static str {
        "asset.added"
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("asset", self.asset_id.into())
    }
}

/// A reading of a right's legal status was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusRecorded {
    /// Of which right.
    pub asset_id: AssetId,
    /// Of which achievement.
    pub achievement_id: AchievementId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// The status.
    pub status: LegalStatus,
    /// When it was so.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub as_of: Timestamp,
}

impl Event for StatusRecorded {
    fn kind(&self) -> &'static str {
        "asset.status_recorded"
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("asset", self.asset_id.into())
    }
}
