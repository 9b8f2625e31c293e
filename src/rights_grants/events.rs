//! What the unit hears of its grants; the public hears of their notices.

use entity::ids::{OrganisationId, RightsGrantId};
use entity::rights_grants::{RightsGrantState, rights_grant};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// A grant of rights came to a further state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RightsGrantEvent {
    #[serde(skip)]
    name: &'static str,
    /// The grant.
    rights_grant_id: RightsGrantId,
    /// The unit that grants.
    organisation_id: OrganisationId,
    /// Where it stands.
    state: RightsGrantState,
}

impl RightsGrantEvent {
    /// Of a grant as it stands now; nobody hears of one that is only proposed.
    pub fn of(row: &rights_grant::Model) -> Option<Self> {
        let name = match row.state {
            RightsGrantState::Proposed => return None,
            RightsGrantState::Decided => "rights_grant.decided",
            RightsGrantState::Noticed => "rights_grant.noticed",
            RightsGrantState::Agreed => "rights_grant.agreed",
            RightsGrantState::Effective => "rights_grant.effective",
            RightsGrantState::Ended => "rights_grant.ended",
        };
        Some(Self { name, rights_grant_id: row.id, organisation_id: row.organisation_id, state: row.state })
    }
}

impl Event for RightsGrantEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("rights_grant", self.rights_grant_id.into())
    }
}
