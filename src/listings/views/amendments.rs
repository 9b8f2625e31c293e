//! What is proposed to be offered otherwise, as it is told.

use chrono::{DateTime, Utc};
use entity::ids::{DocumentId, ListingAmendmentId, ListingId, LotId, PersonId};
use entity::listings::{AmendmentState, listing_amendment};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::documents::views::DocumentRef;
use crate::listings::rules::Offer;
use crate::notices::rules::difference::Difference;
use crate::platform::http::NamedHash;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;

/// How a published listing is to be offered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewListingAmendment {
    /// The whole offer as it is to be. Achievement and contact stay; a secret reserve that is not given again stays as it was sealed.
    pub offer: Offer,
    /// Why, for everybody to read.
    #[schema(min_length = 1, max_length = 500, example = "经重新评估，底价下调")]
    pub reason: String,
    /// The decision of the seller; state bodies and enterprises must give one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_document_id: Option<DocumentId>,
}

/// Which text is published.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAmendmentPublication {
    /// SHA-256 of the text, as it was read in the amendment.
    pub drafted_sha256: NamedHash,
}

/// An amendment, without what it says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListingAmendmentSummary {
    /// Id.
    pub id: ListingAmendmentId,
    /// The listing.
    pub listing_id: ListingId,
    /// Where it stands.
    pub state: AmendmentState,
    /// Why.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who published or refused it, or took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<PersonId>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused or taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_reason: Option<String>,
    /// The lot that was announced with it, in the place of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl From<&listing_amendment::Model> for ListingAmendmentSummary {
    fn from(row: &listing_amendment::Model) -> Self {
        Self {
            id: row.id,
            listing_id: row.listing_id,
            state: row.state,
            reason: row.reason.clone(),
            proposed_by: row.proposed_by,
            proposed_at: row.proposed_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            decision_reason: row.decision_reason.clone(),
            lot_id: row.lot_id,
            version: row.version,
        }
    }
}

/// An amendment of a published listing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListingAmendmentView {
    /// The amendment.
    #[serde(flatten)]
    pub summary: ListingAmendmentSummary,
    /// The offer as it is to be, without its contact. A secret reserve shows only that there is one.
    #[schema(value_type = Object)]
    pub offer: Value,
    /// The decision it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DocumentRef>)]
    pub decision_document: Option<Value>,
    /// The text that takes the place of the notice's, exactly as it is hashed.
    pub drafted: String,
    /// Its SHA-256, hexadecimal: whoever publishes it names it.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub drafted_sha256: String,
    /// Which version of the notice it differs from.
    #[schema(minimum = 1)]
    pub base_version: i64,
    /// In what.
    #[schema(max_items = 1000)]
    pub differences: Vec<Difference>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["publish_listing_amendment", "refuse_listing_amendment"]))]
    pub allowed_deeds: Vec<String>,
}

impl ListingAmendmentView {
    /// An amendment with what it differs in and what the caller may do to it.
    pub fn of(row: &listing_amendment::Model, differences: Vec<Difference>, allowed_deeds: Vec<String>) -> Self {
        Self {
            summary: ListingAmendmentSummary::from(row),
            offer: row.offer.clone(),
            decision_document: row.decision_document.clone(),
            drafted: row.drafted.clone(),
            drafted_sha256: hex(&row.drafted_sha256),
            base_version: row.base_version,
            differences,
            allowed_deeds,
        }
    }
}

impl Tagged for ListingAmendmentView {
    fn version(&self) -> Option<i64> {
        Some(self.summary.version)
    }
}
