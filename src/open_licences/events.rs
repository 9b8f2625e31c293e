//! What the patentee hears of his open licences, and he and whoever takes one of that; the public hears of their notices.

use entity::ids::{LicenceGrantId, OpenLicenceAcceptanceId, OpenLicenceId, OrganisationId};
use entity::open_licences::{AcceptanceState, OpenLicenceState, open_licence, open_licence_acceptance};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// The declaration of an open licence came to a further state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenLicenceEvent {
    #[serde(skip)]
    name: &'static str,
    /// The declaration.
    open_licence_id: OpenLicenceId,
    /// The patentee.
    organisation_id: OrganisationId,
    /// Where it stands.
    state: OpenLicenceState,
}

impl OpenLicenceEvent {
    /// Of a declaration as it stands now; nobody hears of what its author writes and hands in.
    pub fn of(row: &open_licence::Model) -> Option<Self> {
        let name = match row.state {
            OpenLicenceState::Drafted | OpenLicenceState::Submitted => return None,
            OpenLicenceState::Returned => "open_licence.returned",
            OpenLicenceState::Announced => "open_licence.announced",
            OpenLicenceState::Withdrawn => "open_licence.withdrawn",
            OpenLicenceState::Ended => "open_licence.ended",
            OpenLicenceState::NotAccepted => "open_licence.not_accepted",
            OpenLicenceState::TerminatedByRegistry => "open_licence.terminated_by_registry",
            OpenLicenceState::Expired => "open_licence.expired",
        };
        Some(Self { name, open_licence_id: row.id, organisation_id: row.organisation_id, state: row.state })
    }
}

impl Event for OpenLicenceEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("open_licence", self.open_licence_id.into())
    }
}

/// Somebody takes an open licence, and that came to a further state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AcceptanceEvent {
    #[serde(skip)]
    name: &'static str,
    /// What becomes of it.
    acceptance_id: OpenLicenceAcceptanceId,
    /// The open licence.
    open_licence_id: OpenLicenceId,
    /// The patentee.
    licensor_id: OrganisationId,
    /// Who takes it.
    grantee_id: OrganisationId,
    /// Where it stands.
    state: AcceptanceState,
    /// The licence, from when it arose.
    #[serde(skip_serializing_if = "Option::is_none")]
    licence_id: Option<LicenceGrantId>,
}

impl AcceptanceEvent {
    /// Of it as it stands now.
    pub fn of(row: &open_licence_acceptance::Model) -> Self {
        let name = match row.state {
            AcceptanceState::NoticeSent => "open_licence.notice_sent",
            AcceptanceState::Licensed => "open_licence.taken",
            AcceptanceState::Recorded => "open_licence.recorded",
            AcceptanceState::Lapsed => "open_licence.lapsed",
        };
        Self {
            name,
            acceptance_id: row.id,
            open_licence_id: row.open_licence_id,
            licensor_id: row.patentee_id,
            grantee_id: row.organisation_id,
            state: row.state,
            licence_id: row.licence_grant_id,
        }
    }
}

impl Event for AcceptanceEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("open_licence_acceptance", self.acceptance_id.into())
    }
}
