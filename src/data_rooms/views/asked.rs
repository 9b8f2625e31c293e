//! What is asked for.

use chrono::{DateTime, Utc};
use entity::data_rooms::Disclosure;
use entity::documents::Confidentiality;
use entity::ids::{DocumentId, ListingId, NegotiationId, OrganisationId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::platform::http::NamedHash;

/// What a room is opened for: a listing, or a sale at a negotiated price.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDataRoom {
    /// The listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<ListingId>,
    /// The sale at a negotiated price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
}

/// A text of the confidentiality agreement.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNda {
    /// The text.
    #[schema(
        min_length = 1,
        max_length = 20_000,
        example = "接收方对资料室内的资料承担保密义务，不得向第三方披露或者用于评估以外的目的。"
    )]
    pub text: String,
}

/// That the agreement is accepted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAcceptance {
    /// SHA-256 of the text that was read.
    pub sha256: NamedHash,
}

/// A document that is to be laid out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoomDocument {
    /// The document, of which the newest version is taken.
    pub document_id: DocumentId,
    /// Who may read it: anybody (`public`), members of organisations (`registered`), those whose organisation accepted the agreement (`nda`),
    /// or who was let in besides (`data_room`).
    #[schema(example = "nda")]
    pub level: Confidentiality,
    /// Whether it tells what the technology does, or how.
    #[schema(example = "substance")]
    pub disclosure: Disclosure,
    /// Whether it may be handed out without a watermark, where it can bear none; at the level of the room alone.
    #[serde(default)]
    pub unmarked: bool,
}

/// Who is to be let in, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// For whom he reads.
    pub organisation_id: OrganisationId,
    /// Who.
    pub person_id: PersonId,
    /// From when on.
    #[schema(example = "2026-03-02T01:00:00Z")]
    pub from: DateTime<Utc>,
    /// Until when.
    #[schema(example = "2026-03-09T01:00:00Z")]
    pub until: DateTime<Utc>,
}

/// Which text of the agreement.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichNda {
    /// The version; the one that stands unless given.
    #[param(minimum = 1, example = 1)]
    pub version: Option<i64>,
}
