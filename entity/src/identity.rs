//! People, organisations, memberships, platform staff, sessions.

use crate::Timestamp;
use crate::ids::{
    ApiKeyId, AttemptId, DataRequestId, DocumentId, KeyCallId, MembershipId, OrganisationId, PastPasswordId, PersonId,
    RegistrationRequestId, SessionId, TokenId,
};
use crate::sealed::Sealed;

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
        pub email: Sealed,
        /// Keyed hash of the address, by which the person is found; none once he is forgotten.
        pub email_blind: Option<Vec<u8>>,
        pub name: Sealed,
        #[serde(skip)]
        pub password_hash: String,
        /// When the password was last changed; none while it is the first.
        pub password_changed_at: Option<Timestamp>,
        /// Since when a security administrator keeps the account from everything.
        pub suspended_at: Option<Timestamp>,
        pub suspended_why: Option<Sealed>,
        /// Since when the account is closed for good, at the wish of its owner.
        pub closed_at: Option<Timestamp>,
        /// When name and address of a closed account go.
        pub forget_at: Option<Timestamp>,
        /// When they went.
        pub forgotten_at: Option<Timestamp>,
        /// When he first used what a letter to his address brought; until then it may be anybody's.
        pub address_proved_at: Option<Timestamp>,
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
        pub email: Sealed,
        /// Keyed hash of the address; none once the person is forgotten.
        pub email_blind: Option<Vec<u8>>,
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
        /// When the person last proved the second factor in it.
        pub proved_at: Option<Timestamp>,
        /// The network it was opened from, `192.0.2.0/24`.
        pub seen_from: Option<String>,
        /// A keyed hash that stands for the device it was opened on; nothing from before devices were kept.
        pub device: Option<Vec<u8>>,
    }
}

table! {
    /// A secret shared with an authenticator (RFC 6238); in force once confirmed by a code.
    second_factor "second_factor" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
        #[serde(skip)]
        pub secret_sealed: Vec<u8>,
        pub confirmed_at: Option<Timestamp>,
        /// The last time step whose code was taken: no code is taken twice.
        pub last_step: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// A code that stands in for the authenticator once; gone when used.
    recovery_code "recovery_code" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        pub person_id: PersonId,
    }
}

table! {
    /// A password that was replaced.
    past_password "past_password" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PastPasswordId,
        pub person_id: PersonId,
        #[serde(skip)]
        pub password_hash: String,
        pub replaced_at: Timestamp,
    }
}

table! {
    /// A try to sign in that did not succeed, for an account that need not exist.
    sign_in_attempt "sign_in_attempt" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AttemptId,
        /// Keyed hash of the address.
        pub account: Vec<u8>,
        /// The network, or the device that has signed in before.
        pub origin: String,
        pub made_at: Timestamp,
    }
}

table! {
    /// Leave to set a new password, once.
    password_reset "password_reset" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        pub person_id: PersonId,
        /// The security administrator who issued it; none if it went by mail.
        pub issued_by: Option<PersonId>,
        pub expires_at: Timestamp,
        pub used_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }
}

table! {
    /// A key access tokens are signed with; the key itself is derived from the master key.
    token_key "token_key" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        pub signs_from: Timestamp,
        pub retired_at: Option<Timestamp>,
        pub made_by: Option<PersonId>,
        pub created_at: Timestamp,
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

table! {
    /// A key with which a program acts for a member of an organisation; its text is never stored.
    api_key "api_key" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ApiKeyId,
        pub person_id: PersonId,
        pub organisation_id: OrganisationId,
        pub name: String,
        /// What its text begins with, to tell it from others.
        pub prefix: String,
        pub hash: Vec<u8>,
        /// What it may be used for.
        pub scopes: sea_orm::JsonValue,
        /// The lots it is for; all if none is named.
        pub lots: sea_orm::JsonValue,
        /// The networks it may be used from; all if none is named.
        pub networks: sea_orm::JsonValue,
        pub expires_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub revoked_by: Option<PersonId>,
        pub revoked_why: Option<String>,
        /// The key whose place it took.
        pub rotated_from: Option<ApiKeyId>,
        pub last_used_at: Option<Timestamp>,
        pub last_used_from: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// A call that was made with a key.
    key_call "key_call" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: KeyCallId,
        pub key_id: ApiKeyId,
        pub made_at: Timestamp,
        pub method: String,
        /// The address without the ids in it.
        pub route: String,
        /// The operation at that address; none where there is none, or where it was not come to.
        pub operation: Option<String>,
        pub status: i64,
        pub code: Option<String>,
        pub request_id: String,
        /// The network it came from.
        pub made_from: Option<String>,
        pub micros: i64,
        /// Whether it is told to nobody but the organisation of the key.
        pub discreet: bool,
    }
}

table! {
    /// Somebody asked for a letter with a reset, by the keyed hash of an address that need not be known.
    reset_request "reset_request" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: Vec<u8>,
        pub id: uuid::Uuid,
        pub created_at: Timestamp,
    }
}

table! {
    /// Somebody asked for a letter that lets a new device in, by the keyed hash of an address that need not be known.
    device_request "device_request" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: Vec<u8>,
        pub id: uuid::Uuid,
        pub created_at: Timestamp,
    }
}

table! {
    /// A letter that lets one device in to an account that is closed to strangers; of what it brings only the hash is kept.
    device_letter "device_letter" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        pub person_id: PersonId,
        pub expires_at: Timestamp,
        pub used_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }
}

table! {
    /// Somebody asked to register under an address, which need not be his nor be free.
    registration_request "registration_request" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RegistrationRequestId,
        /// Keyed hash of the address.
        pub account: Vec<u8>,
        /// The network it came from.
        pub origin: String,
        /// The address, sealed; none once nobody can use it any more.
        #[serde(skip)]
        pub email: Option<Sealed>,
        /// Hash of the token in the letter; none unless it can be used.
        #[serde(skip)]
        pub token_hash: Option<Vec<u8>>,
        /// When a letter was written, be it that there is an account.
        pub letter_at: Option<Timestamp>,
        pub expires_at: Timestamp,
        pub created_at: Timestamp,
    }
}

codes! {
    /// What somebody wants done with his personal data.
    DataWish {
        /// A copy of all that is held of him.
        Export,
        /// His account closed.
        Close,
    }
}

table! {
    /// What an officer did at somebody's request with his personal data.
    data_request "data_request" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DataRequestId,
        pub person_id: PersonId,
        pub wish: DataWish,
        /// Which request it was, sealed; empty once the person is forgotten.
        pub reason: Sealed,
        pub done_by: PersonId,
        pub done_at: Timestamp,
    }
}
