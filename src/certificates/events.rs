//! What the parties of a licence hear of its certificates.

use entity::certificates::licence_certificate;
use entity::ids::{LicenceCertificateId, LicenceGrantId, OrganisationId};
use entity::licences::licence_grant;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// A certificate was issued, or taken back by an officer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CertificateEvent {
    #[serde(skip)]
    name: &'static str,
    #[serde(skip)]
    id: LicenceCertificateId,
    /// Its number.
    number: String,
    /// The licence it is of.
    licence_id: LicenceGrantId,
    /// Who granted that.
    licensor_id: OrganisationId,
    /// Who holds it, where he is an organisation here.
    #[serde(skip_serializing_if = "Option::is_none")]
    grantee_id: Option<OrganisationId>,
}

impl CertificateEvent {
    /// Of a certificate as it stands now.
    pub fn of(row: &licence_certificate::Model, grant: &licence_grant::Model) -> Self {
        Self {
            name: if row.revoked_at.is_some() { "certificate.revoked" } else { "certificate.issued" },
            id: row.id,
            number: row.number.clone(),
            licence_id: grant.id,
            licensor_id: grant.licensor_id,
            grantee_id: grant.grantee_id,
        }
    }
}

impl Event for CertificateEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("certificate", self.id.into())
    }
}
