//! What is said about tips, and what is asked for.

use chrono::{DateTime, Utc};
use entity::ids::{ListingId, NegotiationId, NoticeId, OpenLicenceId, OrganisationId, RightsGrantId, TipId};
use entity::objections::ObjectionGround;
use entity::tips::tip;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::http::answer::Tagged;

/// A tip to give.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTip {
    /// What it is about.
    pub ground: ObjectionGround,
    /// What one knows, and what shows it. Who oversees the market reads it, and nobody else.
    #[schema(min_length = 1, max_length = 5000, example = "两家竞买人使用同一联系电话。")]
    pub statement: String,
}

/// That a tip came in.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct TipReceipt {
    /// When.
    pub received_at: DateTime<Utc>,
}

impl Tagged for TipReceipt {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A tip (线索).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TipView {
    /// Id.
    pub id: TipId,
    /// The notice it is about.
    pub notice_id: NoticeId,
    /// The version of its text that stood.
    #[schema(minimum = 1)]
    pub notice_version: i64,
    /// The listing.
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
    /// The organisation whose notice it is.
    pub organisation_id: OrganisationId,
    /// What it is about.
    pub ground: ObjectionGround,
    /// What somebody wrote.
    pub statement: String,
    /// When it came in.
    pub received_at: DateTime<Utc>,
}

impl TipView {
    /// Of a tip, opened.
    pub fn of(row: &tip::Model, statement: String) -> Self {
        Self {
            id: row.id,
            notice_id: row.notice_id,
            notice_version: row.notice_version,
            listing_id: row.listing_id,
            negotiation_id: row.negotiation_id,
            rights_grant_id: row.rights_grant_id,
            open_licence_id: row.open_licence_id,
            organisation_id: row.organisation_id,
            ground: row.ground,
            statement,
            received_at: row.received_at,
        }
    }
}
