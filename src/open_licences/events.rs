//! What the patentee hears of his open licences; the public hears of their notices.

use entity::ids::{OpenLicenceId, OrganisationId};
use entity::open_licences::{OpenLicenceState, open_licence};
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
