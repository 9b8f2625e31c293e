//! Certificates of licences (许可证书): what the platform signed of a licence in the register.

use crate::Timestamp;
use crate::ids::{LicenceCertificateId, LicenceGrantId, PersonId};

table! {
    licence_certificate "licence_certificate" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LicenceCertificateId,
        /// The licence it is of.
        pub licence_grant_id: LicenceGrantId,
        /// Which of that licence it is, the first being 1: the next takes its place.
        pub edition: i32,
        /// The number it is known by.
        pub number: String,
        /// SHA-256 of what it says of the licence, as canonical JSON.
        pub said_sha256: Vec<u8>,
        /// The certificate itself (RFC 7515, compact), as it was signed.
        pub jws: String,
        pub issued_by: PersonId,
        pub issued_at: Timestamp,
        /// When the next one took its place.
        pub superseded_at: Option<Timestamp>,
        /// When an officer took it back, and why, as everybody reads it.
        pub revoked_at: Option<Timestamp>,
        pub revoked_by: Option<PersonId>,
        pub revocation_reason: Option<String>,
        pub version: i64,
    }
}
