//! What the parties of a licence hear of it.

use entity::ids::{LicenceGrantId, OrganisationId};
use entity::licences::{LicenceEventKind, LicenceGrantState, LicenceMode, licence_grant};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::history::what_happened;
use crate::platform::outbox::Event;

/// A licence was entered, ended, replaced, passed with its rights, went on as one of the patent, or is said not to be kept to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LicenceEvent {
    #[serde(skip)]
    name: &'static str,
    /// The licence.
    licence_id: LicenceGrantId,
    /// Who granted it.
    licensor_id: OrganisationId,
    /// Who holds it, where he is an organisation here.
    #[serde(skip_serializing_if = "Option::is_none")]
    grantee_id: Option<OrganisationId>,
    /// Its kind.
    mode: LicenceMode,
    /// Where it stands.
    state: LicenceGrantState,
}

impl LicenceEvent {
    /// Of a licence as it stands now, and as it stood before.
    pub fn of(row: &licence_grant::Model, before: Option<&licence_grant::Model>) -> Self {
        let name = match what_happened(before, row) {
            LicenceEventKind::Entered => "licence.entered",
            LicenceEventKind::BreachReported => "licence.breach_reported",
            LicenceEventKind::Passed => "licence.passed",
            LicenceEventKind::Moved | LicenceEventKind::Raised | LicenceEventKind::Narrowed => "licence.changed",
            LicenceEventKind::Merged => "licence.merged",
            LicenceEventKind::Terminated => "licence.terminated",
            LicenceEventKind::Superseded => "licence.superseded",
            LicenceEventKind::CarriedOver => "licence.carried_over",
        };
        Self::named(name, row)
    }

    /// A licence of an application goes on as one of the patent.
    pub fn carried_over(row: &licence_grant::Model) -> Self {
        Self::named("licence.carried_over", row)
    }

    fn named(name: &'static str, row: &licence_grant::Model) -> Self {
        Self { name, licence_id: row.id, licensor_id: row.licensor_id, grantee_id: row.grantee_id, mode: row.mode, state: row.state }
    }
}

impl Event for LicenceEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("licence", self.licence_id.into())
    }
}
