//! Data rooms: the documents of an offer by levels of confidentiality, who may read them, and who did.

use crate::Timestamp;
use crate::documents::Confidentiality;
use crate::ids::{DataRoomDocumentId, DataRoomGrantId, DataRoomId, DocumentId, ListingId, NegotiationId, OrganisationId, PersonId};

codes! {
    /// Where a data room stands.
    DataRoomState {
        /// Its owner lays the documents out.
        Prepared,
        /// Whoever may enters.
        Open,
        /// Nobody enters but its owner and officers.
        Closed,
    }
}

codes! {
    /// How much a document tells (5.4 of the domain): what a technology does, or how.
    Disclosure {
        /// What it does, never how.
        Abstract,
        /// How it is done.
        Substance,
    }
}

codes! {
    /// What somebody did in a data room.
    RoomAct {
        /// Looked what is in it.
        Looked,
        /// Was handed a document.
        Downloaded,
        /// Was refused one.
        Refused,
    }
}

codes! {
    /// Why somebody was refused a document of a data room.
    RoomRefusal {
        /// The room is not for him, or not open yet.
        Outside,
        /// The room is closed.
        Closed,
        /// He is not signed in.
        NotSignedIn,
        /// He acts for no organisation.
        NoOrganisation,
        /// His organisation is barred from it.
        Barred,
        /// His organisation has not accepted the confidentiality agreement that stands.
        NdaNotAccepted,
        /// He himself was not let in, or not any more.
        NotLetIn,
    }
}

table! {
    data_room "data_room" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DataRoomId,
        /// Whose documents they are.
        pub organisation_id: OrganisationId,
        /// Of which listing or which sale at a negotiated price it is.
        pub listing_id: Option<ListingId>,
        pub negotiation_id: Option<NegotiationId>,
        /// The only organisation beside its owner that knows of it; none where it belongs to a listing.
        pub visitor_organisation_id: Option<OrganisationId>,
        pub state: DataRoomState,
        /// Which version of the confidentiality agreement stands; 0 while there is none.
        pub nda_version: i64,
        /// Until when it stays open at least, once it was opened.
        pub least_until: Option<Timestamp>,
        pub opened_by: Option<PersonId>,
        pub opened_at: Option<Timestamp>,
        /// Who closed it; nobody where its listing or sale ended.
        pub closed_by: Option<PersonId>,
        pub closed_at: Option<Timestamp>,
        pub close_reason: Option<String>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// A text of the confidentiality agreement of a room; never changed.
    data_room_nda "data_room_nda" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub data_room_id: DataRoomId,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub text: String,
        pub sha256: Vec<u8>,
        pub put_by: PersonId,
        pub put_at: Timestamp,
    }
}

table! {
    /// That an organisation accepted a text of the agreement; never changed.
    data_room_acceptance "data_room_acceptance" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub data_room_id: DataRoomId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        /// The hash of the text that was accepted.
        pub sha256: Vec<u8>,
        pub accepted_by: PersonId,
        pub accepted_at: Timestamp,
        /// From which network.
        pub network: Option<String>,
    }
}

table! {
    /// A document that lies in a room, in one version, at one level.
    data_room_document "data_room_document" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DataRoomDocumentId,
        pub data_room_id: DataRoomId,
        pub document_id: DocumentId,
        pub document_version: i64,
        pub sha256: Vec<u8>,
        pub level: Confidentiality,
        pub disclosure: Disclosure,
        /// Its owner lets it be handed out without a watermark.
        pub unmarked: bool,
        pub added_by: PersonId,
        pub added_at: Timestamp,
        pub removed_by: Option<PersonId>,
        pub removed_at: Option<Timestamp>,
        pub version: i64,
    }
}

table! {
    /// That a person may read what lies at the level of the room, from and until when.
    data_room_grant "data_room_grant" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DataRoomGrantId,
        pub data_room_id: DataRoomId,
        pub person_id: PersonId,
        /// For whom he reads.
        pub organisation_id: OrganisationId,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub granted_by: PersonId,
        pub granted_at: Timestamp,
        pub revoked_by: Option<PersonId>,
        pub revoked_at: Option<Timestamp>,
        pub version: i64,
    }
}

table! {
    /// What somebody did in a room; each names the hash of the one before, and none changes.
    data_room_access "data_room_access" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub data_room_id: DataRoomId,
        /// From 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub at: Timestamp,
        /// Who; nobody where a stranger did.
        pub person_id: Option<PersonId>,
        pub organisation_id: Option<OrganisationId>,
        pub network: Option<String>,
        pub act: RoomAct,
        pub refusal: Option<RoomRefusal>,
        /// With which document of the room.
        pub data_room_document_id: Option<DataRoomDocumentId>,
        pub document_id: Option<DocumentId>,
        pub document_version: Option<i64>,
        pub document_sha256: Option<Vec<u8>>,
        pub level: Option<Confidentiality>,
        /// The code that the watermark bears.
        pub watermark: Option<String>,
        pub prev_hash: Vec<u8>,
        pub hash: Vec<u8>,
    }
}
