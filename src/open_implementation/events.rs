//! What the owner of a patent hears of the list.

use chrono::NaiveDate;
use entity::ids::{AssetId, OrganisationId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// A patent comes onto the list of those that nobody uses, or it was decided on what its owner says of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenImplementationEvent {
    #[serde(skip)]
    name: &'static str,
    /// The patent.
    asset_id: AssetId,
    /// Its owner.
    organisation_id: OrganisationId,
    /// From which day on it is on the list, in Shanghai.
    due_on: NaiveDate,
}

impl OpenImplementationEvent {
    /// It will be on the list soon.
    pub fn due_soon(asset_id: AssetId, organisation_id: OrganisationId, due_on: NaiveDate) -> Self {
        Self { name: "open_implementation.due_soon", asset_id, organisation_id, due_on }
    }

    /// It was decided whether it stays on the list.
    pub fn decided(asset_id: AssetId, organisation_id: OrganisationId, due_on: NaiveDate) -> Self {
        Self { name: "open_implementation.decided", asset_id, organisation_id, due_on }
    }
}

impl Event for OpenImplementationEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("asset", self.asset_id.into())
    }
}
