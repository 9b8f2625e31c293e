//! What a certificate says.

use chrono::{DateTime, NaiveDate, Utc};
use entity::achievements::{AssetKind, asset};
use entity::identity::organisation;
use entity::ids::{AssetId, LicenceGrantId, OrganisationId};
use entity::licences::{LicenceMode, LicenceOrigin, licence_grant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::CertificateWords;
use crate::licences::rules::grant::terms_of;
use crate::licences::rules::scope::ScopeTerms;
use crate::notices::rules::canonical;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

/// Under which type certificates are signed.
pub const TYPE: &str = "zhepai-licence+jws";

/// A party of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertifiedParty {
    /// What it is called.
    pub name: String,
    /// Its organisation, where it is one of this market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// Its social credit code (统一社会信用代码).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<String>,
}

impl From<&organisation::Model> for CertifiedParty {
    fn from(row: &organisation::Model) -> Self {
        Self { name: row.name.clone(), organisation_id: Some(row.id), uscc: Some(row.uscc.clone()) }
    }
}

/// A right that is licensed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertifiedAsset {
    /// The first day on which it does not stand any more, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
    /// Id.
    pub id: AssetId,
    /// Its kind.
    pub kind: AssetKind,
    /// Its number, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What it is called.
    pub title: String,
    /// The same in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
}

impl From<asset::Model> for CertifiedAsset {
    fn from(row: asset::Model) -> Self {
        Self { expires_on: row.expires_on, id: row.id, kind: row.kind, number: row.identifier, title: row.title, title_en: row.title_en }
    }
}

/// A licence as a certificate says it: what is in the register and does not change while the licence stands. What one side says of how the
/// other keeps to it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertifiedLicence {
    /// The rights.
    pub assets: Vec<CertifiedAsset>,
    /// Earlier licences beside which it stands, as its holder accepted.
    pub carve_outs: Vec<LicenceGrantId>,
    /// The first day on which it does not stand, in Shanghai; absent where nothing ends it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// Its id in the register.
    pub id: LicenceGrantId,
    /// Whether it is the one licence by which a sole licensor has it used.
    pub is_proxy: bool,
    /// Who holds it.
    pub licensee: CertifiedParty,
    /// Who grants it.
    pub licensor: CertifiedParty,
    /// Whether its holder may grant licences under it.
    pub may_sublicense: bool,
    /// Its kind.
    pub mode: LicenceMode,
    /// How it came into the register.
    pub origin: LicenceOrigin,
    /// The licence it is under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<LicenceGrantId>,
    /// Since when it is in the register.
    pub registered_at: DateTime<Utc>,
    /// How far it goes.
    pub scope: ScopeTerms,
}

impl CertifiedLicence {
    /// Of a licence, with who grants it, who holds it where he is an organisation here, and the rights.
    pub fn of(
        grant: &licence_grant::Model,
        (licensor, licensee): (&organisation::Model, Option<&organisation::Model>),
        assets: impl IntoIterator<Item = asset::Model>,
    ) -> Result<Self, Problem> {
        let named = || CertifiedParty { name: grant.grantee_name.clone(), organisation_id: None, uscc: None };
        Ok(Self {
            assets: assets.into_iter().map(Into::into).collect(),
            carve_outs: serde_json::from_value(grant.carve_outs.clone()).map_err(|_| Code::Internal)?,
            ends_on: grant.ends_on,
            id: grant.id,
            is_proxy: grant.is_proxy,
            licensee: licensee.map_or_else(named, Into::into),
            licensor: licensor.into(),
            may_sublicense: grant.may_sublicense,
            mode: grant.mode,
            origin: grant.origin,
            parent_id: grant.parent_id,
            registered_at: grant.effective_at,
            scope: terms_of(grant)?,
        })
    }

    /// SHA-256 of it as canonical JSON: while it is the same, nothing else would be said.
    pub fn sha256(&self) -> Result<Vec<u8>, Problem> {
        let value = serde_json::to_value(self).map_err(|_| Code::Internal)?;
        Ok(sha256(canonical(&value).as_bytes()).to_vec())
    }
}

/// A certificate: what is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateClaims {
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// Who issued it: where the platform is reached, or its name where nobody has said that.
    pub issuer: String,
    /// What it says.
    pub licence: CertifiedLicence,
    /// Its number.
    pub number: String,
    /// Where whether it stands is asked.
    pub status_url: String,
    /// The same in words.
    pub words: CertificateWords,
}

impl CertificateClaims {
    /// Of a licence, under a number, by a platform that is reached there.
    pub fn of(licence: CertifiedLicence, number: String, public_base: Option<&str>, issued_at: DateTime<Utc>) -> Self {
        Self {
            issued_at,
            issuer: public_base.unwrap_or("zhepai").to_owned(),
            status_url: format!("{}/v1/certificates/{number}", public_base.unwrap_or_default()),
            words: CertificateWords::of(&licence),
            licence,
            number,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::certificates::rules::examples::{at, licence};

    #[test]
    fn whatever_of_it_changes_its_hash_does() {
        let said = licence();
        assert_eq!(said.sha256().unwrap(), licence().sha256().unwrap());
        let changed = [
            CertifiedLicence { mode: LicenceMode::Sole, ..licence() },
            CertifiedLicence { ends_on: None, ..licence() },
            CertifiedLicence { may_sublicense: !said.may_sublicense, ..licence() },
            CertifiedLicence { licensor: CertifiedParty { name: "另一单位".into(), ..licence().licensor }, ..licence() },
            CertifiedLicence { scope: ScopeTerms { fields: vec!["06.02".into()], ..licence().scope }, ..licence() },
        ];
        assert!(changed.iter().all(|other| other.sha256().unwrap() != said.sha256().unwrap()));
    }

    #[test]
    fn a_certificate_says_where_it_is_asked_about() {
        let claims = |base| CertificateClaims::of(licence(), "XK-1".into(), base, at(1));
        let told = claims(Some("https://zhepai.example"));
        assert_eq!(
            (told.issuer.as_str(), told.status_url.as_str()),
            ("https://zhepai.example", "https://zhepai.example/v1/certificates/XK-1")
        );
        let untold = claims(None);
        assert_eq!((untold.issuer.as_str(), untold.status_url.as_str()), ("zhepai", "/v1/certificates/XK-1"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let claims = CertificateClaims::of(licence(), "XK-1".into(), None, at(1));
        let text = serde_json::to_string(&claims).unwrap();
        assert_eq!(serde_json::from_str::<CertificateClaims>(&text).unwrap(), claims);
    }
}
