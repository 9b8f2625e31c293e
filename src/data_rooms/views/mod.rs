//! What is said of rooms, and what is asked for.

mod asked;

use chrono::{DateTime, Utc};
use entity::data_rooms::{
    DataRoomState, Disclosure, RoomAct, RoomRefusal, data_room, data_room_acceptance, data_room_access, data_room_document,
    data_room_grant, data_room_nda,
};
use entity::documents::Confidentiality;
use entity::ids::{DataRoomDocumentId, DataRoomGrantId, DataRoomId, DocumentId, ListingId, NegotiationId, OrganisationId, PersonId};
use serde::Serialize;
use utoipa::ToSchema;

pub use asked::{NewAcceptance, NewDataRoom, NewGrant, NewNda, NewRoomDocument, WhichNda};

use super::rules::levels::bears_watermark;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;

/// A data room (资料室).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataRoomView {
    /// Id.
    pub id: DataRoomId,
    /// Whose documents they are.
    pub organisation_id: OrganisationId,
    /// The listing it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<ListingId>,
    /// The sale at a negotiated price it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
    /// Where it stands.
    pub state: DataRoomState,
    /// Which version of the confidentiality agreement stands; 0 while there is none.
    pub nda_version: i64,
    /// When it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<DateTime<Utc>>,
    /// Until when its owner keeps it open at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_until: Option<DateTime<Utc>>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_reason: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// A document that lies in a room.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoomDocumentView {
    /// Its id in the room.
    pub id: DataRoomDocumentId,
    /// The room.
    pub data_room_id: DataRoomId,
    /// The document.
    pub document_id: DocumentId,
    /// Which version of it.
    pub document_version: i64,
    /// SHA-256 of its content as its owner uploaded it, hexadecimal; a watermarked copy has another.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who may read it.
    pub level: Confidentiality,
    /// Whether it tells what the technology does, or how.
    pub disclosure: Disclosure,
    /// Whether it bears a watermark when it is handed out, and is a PDF then.
    pub watermarked: bool,
    /// When it was laid out.
    pub added_at: DateTime<Utc>,
    /// When it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<DateTime<Utc>>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// What the caller has shown at the door of a room.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoomStanding {
    /// Which version of the agreement his organisation accepted last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_version: Option<i64>,
    /// Until when he is let in, where he is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub let_in_until: Option<DateTime<Utc>>,
}

/// A room with what lies in it, as the caller may read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataRoomDetail {
    /// The room.
    #[serde(flatten)]
    pub room: DataRoomView,
    /// The documents the caller may read now.
    pub documents: Vec<RoomDocumentView>,
    /// How many others lie in it.
    pub withheld: usize,
    /// What he has shown.
    pub standing: RoomStanding,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["add_data_room_document", "open_data_room"]))]
    pub allowed_deeds: Vec<String>,
}

/// A text of the confidentiality agreement (保密协议), exactly as it is hashed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NdaView {
    /// The room.
    pub data_room_id: DataRoomId,
    /// Which text.
    pub nda_version: i64,
    /// The text.
    pub text: String,
    /// SHA-256 of it, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Whether it is the one that stands.
    pub is_current: bool,
    /// When it was put.
    pub put_at: DateTime<Utc>,
}

/// That an organisation accepted the agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AcceptanceView {
    /// The room.
    pub data_room_id: DataRoomId,
    /// Which text.
    pub nda_version: i64,
    /// SHA-256 of it, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Who is bound.
    pub organisation_id: OrganisationId,
    /// Who accepted for it.
    pub accepted_by: PersonId,
    /// When.
    pub accepted_at: DateTime<Utc>,
    /// From which network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
}

/// That a person is let in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GrantView {
    /// Id.
    pub id: DataRoomGrantId,
    /// The room.
    pub data_room_id: DataRoomId,
    /// Who.
    pub person_id: PersonId,
    /// For whom he reads.
    pub organisation_id: OrganisationId,
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// When he was let in.
    pub granted_at: DateTime<Utc>,
    /// When that was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<DateTime<Utc>>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// Who accepted the agreement of a room, and who was let in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ViewersView {
    /// The acceptances, newest first.
    pub acceptances: Vec<AcceptanceView>,
    /// The grants, newest first.
    pub grants: Vec<GrantView>,
}

/// What somebody did in a room (查阅日志).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessView {
    /// The room.
    pub data_room_id: DataRoomId,
    /// Its place in the log, from 1.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; nobody where a stranger did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// From which network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// What.
    pub act: RoomAct,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RoomRefusal>,
    /// With which document of the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_room_document_id: Option<DataRoomDocumentId>,
    /// Which document that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_id: Option<DocumentId>,
    /// Which version of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_version: Option<i64>,
    /// SHA-256 of its content, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_sha256: Option<String>,
    /// The level it lay at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Confidentiality>,
    /// The code of the watermark it bore.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watermark: Option<String>,
    /// The hash of the row before, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub prev_hash: String,
    /// SHA-256 over that and everything the row says, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

impl From<&data_room::Model> for DataRoomView {
    fn from(row: &data_room::Model) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            listing_id: row.listing_id,
            negotiation_id: row.negotiation_id,
            state: row.state,
            nda_version: row.nda_version,
            opened_at: row.opened_at,
            least_until: row.least_until,
            closed_at: row.closed_at,
            close_reason: row.close_reason.clone(),
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl RoomDocumentView {
    /// Of a document, under its title where that is known.
    pub fn of(row: &data_room_document::Model, title: Option<String>) -> Self {
        Self {
            id: row.id,
            data_room_id: row.data_room_id,
            document_id: row.document_id,
            document_version: row.document_version,
            sha256: hex(&row.sha256),
            title,
            level: row.level,
            disclosure: row.disclosure,
            watermarked: bears_watermark(row.level, row.unmarked),
            added_at: row.added_at,
            removed_at: row.removed_at,
            version: row.version,
        }
    }
}

impl NdaView {
    /// Of a text, where another may stand.
    pub fn of(row: data_room_nda::Model, current: i64) -> Self {
        Self {
            data_room_id: row.data_room_id,
            nda_version: row.version,
            text: row.text,
            sha256: hex(&row.sha256),
            is_current: row.version == current,
            put_at: row.put_at,
        }
    }
}

impl From<data_room_acceptance::Model> for AcceptanceView {
    fn from(row: data_room_acceptance::Model) -> Self {
        Self {
            data_room_id: row.data_room_id,
            nda_version: row.version,
            sha256: hex(&row.sha256),
            organisation_id: row.organisation_id,
            accepted_by: row.accepted_by,
            accepted_at: row.accepted_at,
            network: row.network,
        }
    }
}

impl From<data_room_grant::Model> for GrantView {
    fn from(row: data_room_grant::Model) -> Self {
        Self {
            id: row.id,
            data_room_id: row.data_room_id,
            person_id: row.person_id,
            organisation_id: row.organisation_id,
            from: row.starts_at,
            until: row.ends_at,
            granted_at: row.granted_at,
            revoked_at: row.revoked_at,
            version: row.version,
        }
    }
}

impl From<data_room_access::Model> for AccessView {
    fn from(row: data_room_access::Model) -> Self {
        Self {
            data_room_id: row.data_room_id,
            seq: row.seq,
            at: row.at,
            person_id: row.person_id,
            organisation_id: row.organisation_id,
            network: row.network,
            act: row.act,
            refusal: row.refusal,
            data_room_document_id: row.data_room_document_id,
            document_id: row.document_id,
            document_version: row.document_version,
            document_sha256: row.document_sha256.as_deref().map(hex),
            level: row.level,
            watermark: row.watermark,
            prev_hash: hex(&row.prev_hash),
            hash: hex(&row.hash),
        }
    }
}

impl Tagged for DataRoomDetail {
    fn version(&self) -> Option<i64> {
        Some(self.room.version)
    }
}

impl Tagged for RoomDocumentView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

impl Tagged for GrantView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

impl Tagged for AcceptanceView {
    fn version(&self) -> Option<i64> {
        None
    }
}
