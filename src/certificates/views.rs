//! What is said about certificates, and what is asked for.

use chrono::{DateTime, Utc};
use entity::certificates::licence_certificate;
use entity::ids::LicenceGrantId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::said::CertificateClaims;
use super::rules::standing::CertificateStanding;
use crate::auctions::rules::receipt::{Unsound, payload};
use crate::platform::http::answer::Tagged;
use crate::platform::problem::{Code, Problem};

/// A certificate of a licence (许可证书), as the parties of the licence and officers read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CertificateView {
    /// The number it is known by.
    #[schema(example = "XK-7QK2-0G4D-ZZ31-9MXA")]
    pub number: String,
    /// The licence it is of.
    pub licence_id: LicenceGrantId,
    /// Which of that licence it is, the first being 1.
    #[schema(minimum = 1)]
    pub edition: i32,
    /// The certificate itself: JWS (RFC 7515, compact) of type `zhepai-licence+jws`, which `zhepai verify licence` checks without a server.
    pub jws: String,
    /// What it says.
    pub says: CertificateClaims,
    /// How it stands.
    pub standing: CertificateStanding,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["revoke_certificate"]))]
    pub allowed_deeds: Vec<String>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl CertificateView {
    /// Of a certificate, with how it stands.
    pub fn of(row: &licence_certificate::Model, standing: CertificateStanding, allowed_deeds: Vec<String>) -> Result<Self, Problem> {
        Ok(Self {
            number: row.number.clone(),
            licence_id: row.licence_grant_id,
            edition: row.edition,
            jws: row.jws.clone(),
            says: claims_of(row)?,
            standing,
            issued_at: row.issued_at,
            allowed_deeds,
            version: row.version,
        })
    }
}

impl Tagged for CertificateView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What a certificate says that was issued here.
pub fn claims_of(row: &licence_certificate::Model) -> Result<CertificateClaims, Problem> {
    payload(&row.jws).ok_or_else(|| Code::Internal.into())
}

/// How a certificate stands, for anybody who has its number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CertificateStatus {
    /// How it stands. It names nobody.
    pub standing: CertificateStanding,
    /// The same, signed (RFC 7515, compact) under the type `zhepai-licence-status+jws`, to be shown where nobody can be asked.
    pub jws: String,
    /// The certificate; for the parties of the licence and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateView>,
}

/// A certificate that somebody was shown.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownCertificate {
    /// The certificate itself (RFC 7515, compact).
    #[schema(min_length = 1, max_length = 524_288, example = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl")]
    pub jws: String,
}

/// Why a certificate that was shown is none of this platform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateFault {
    /// It cannot be read, or is something else.
    Unreadable,
    /// None of the platform's keys has the id it names.
    UnknownKey,
    /// The key it names did not sign this.
    Signature,
    /// It is signed, but not among those that were issued.
    NotIssued,
}

impl From<Unsound> for CertificateFault {
    fn from(why: Unsound) -> Self {
        match why {
            Unsound::Unreadable => Self::Unreadable,
            Unsound::UnknownKey => Self::UnknownKey,
            Unsound::Signature | Unsound::Path => Self::Signature,
        }
    }
}

/// What is to be thought of a certificate that was shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CertificateVerdict {
    /// Whether this platform issued it so.
    pub sound: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<CertificateFault>,
    /// What it says, where it is sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<CertificateClaims>,
    /// How it stands now, where it is sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<CertificateStanding>,
}

impl CertificateVerdict {
    /// Of one that was issued.
    pub fn sound(says: CertificateClaims, standing: CertificateStanding) -> Self {
        Self { sound: true, fault: None, says: Some(says), standing: Some(standing) }
    }

    /// Of one that was not.
    pub fn unsound(fault: CertificateFault) -> Self {
        Self { sound: false, fault: Some(fault), says: None, standing: None }
    }
}
