//! People, organisations, memberships, platform staff, sessions.

use crate::Timestamp;
use crate::ids::{DocumentId, MembershipId, OrganisationId, PersonId, SessionId, TokenId};

codes! {
    /// What an organisation is.
    OrganisationKind { University, ResearchInstitute, Enterprise, BrokerAgency, Evaluator, Bank, Government }
}

codes! {
    /// Who owns an organisation, as declared and checked at verification.
    Ownership { State, Private }
}

codes! {
    /// The class of seller that decides which rules apply.
    SellerClass {
        /// State-established research body or university (国家设立的研究开发机构、高校).
        State,
        /// State-owned enterprise.
        Soe,
        /// Private enterprise.
        Private,
        /// Natural person.
        Person,
        /// Rehearsal lots (演练), which exist in sandbox only and have no legal effect.
        Rehearsal,
    }
}

codes! {
    /// How a unified social credit code stands.
    UsccStanding {
        /// Both check characters are right.
        Valid,
        /// The last check character is wrong, the organisation code inside is right.
        Suspicious,
        /// It was suspicious; a reviewer accepted it on a document.
        Resolved,
    }
}

codes! {
    /// Where an organisation stands with the platform.
    OrganisationState { Registered, Verified, Refused }
}

codes! {
    /// Where a membership stands; checked on every call.
    MembershipState { Invited, Active, Suspended, Removed }
}

codes! {
    /// What a member may do inside the organisation.
    OrgRole { Owner, Operator, Signatory, Bidder, Viewer }
}

codes! {
    /// What a member of the platform's staff does; nobody holds two.
    StaffRole { Reviewer, AuctionHost, Finance, Publisher, SecurityAdmin, Auditor, Supervisor }
}

table! {
    person "person" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PersonId,
        pub email: String,
        pub name: String,
        #[serde(skip)]
        pub password_hash: String,
        pub created_at: Timestamp,
    }
}

table! {
    organisation "organisation" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OrganisationId,
        pub kind: OrganisationKind,
        pub ownership: Ownership,
        pub name: String,
        pub name_en: Option<String>,
        pub uscc: String,
        pub uscc_raw: String,
        pub uscc_standing: UsccStanding,
        pub uscc_document_id: Option<DocumentId>,
        pub division_code: String,
        pub warnings: sea_orm::JsonValue,
        pub state: OrganisationState,
        pub state_reason: Option<String>,
        pub created_by: PersonId,
        pub decided_by: Option<PersonId>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    membership "membership" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MembershipId,
        pub organisation_id: OrganisationId,
        pub person_id: Option<PersonId>,
        pub email: String,
        pub state: MembershipState,
        pub invited_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    membership_role "membership_role" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub membership_id: MembershipId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub role: OrgRole,
    }
}

table! {
    /// Platform staff. The key on the person is the wall behind "nobody holds two".
    staff "staff" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
        pub role: StaffRole,
        pub version: i64,
        pub granted_at: Timestamp,
    }
}

table! {
    session "session" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SessionId,
        pub person_id: PersonId,
        pub organisation_id: Option<OrganisationId>,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub revoked_why: Option<String>,
    }
}

table! {
    /// One refresh token of a session's family; only its hash is kept.
    refresh_token "refresh_token" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TokenId,
        pub session_id: SessionId,
        pub hash: Vec<u8>,
        pub parent_id: Option<TokenId>,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
        /// When it was exchanged for its successor.
        pub used_at: Option<Timestamp>,
        /// When the access token issued with it was first seen.
        pub access_seen_at: Option<Timestamp>,
        /// Its place was taken by a later child of the same parent (lost answer).
        pub superseded_at: Option<Timestamp>,
    }
}
