//! Uploaded documents with their versions.

use crate::Timestamp;
use crate::ids::{DocumentId, OrganisationId, PersonId};

codes! {
    /// Who may read a document's content.
    Confidentiality {
        /// Anyone.
        Public,
        /// Anyone signed in.
        Registered,
        /// Who has accepted the confidentiality agreement.
        Nda,
        /// Who has been let into the data room.
        DataRoom,
        /// The owner and the officers who must check it.
        Private,
    }
}

table! {
    /// A document; its content lives in versions.
    document "document" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DocumentId,
        pub organisation_id: Option<OrganisationId>,
        /// The person it belongs to, where it is somebody's own; where it is neither that nor an organisation's it is the platform's.
        #[serde(default)]
        pub person_id: Option<PersonId>,
        /// Since when a document of somebody's own shows something that officers handle.
        #[serde(default)]
        pub handed_in_at: Option<Timestamp>,
        pub created_by: PersonId,
        pub title: String,
        /// Name of the newest file; kept here, where it can be taken away, and not with the versions.
        pub file_name: String,
        pub confidentiality: Confidentiality,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// One uploaded content of a document; never changed.
    document_version "document_version" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub document_id: DocumentId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub sha256: Vec<u8>,
        pub size: i64,
        pub media_type: String,
        pub stored_as: String,
        pub uploaded_by: PersonId,
        pub uploaded_at: Timestamp,
    }
}
