//! What rooms hear of the gates: that an organisation is to be looked at again.

use entity::ids::OrganisationId;
use serde::Serialize;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// What is known of an organisation for the gates is other than it was: its facts, its relations, or from what it is kept.
#[derive(Clone, Debug, Serialize)]
pub struct ScreenEvent {
    /// The organisation.
    organisation_id: OrganisationId,
}

impl ScreenEvent {
    /// Of an organisation.
    pub fn of(organisation_id: OrganisationId) -> Self {
        Self { organisation_id }
    }
}

impl Event for ScreenEvent {
    fn kind(&self) -> &'static str {
        "organisation.screened"
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("organisation", self.organisation_id.into())
    }
}
