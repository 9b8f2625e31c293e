//! What happens to people, organisations, memberships, staff and sessions.

pub mod accounts;
pub mod attempts;
pub mod device_letters;
pub mod members;
pub mod organisations;
pub mod passwords;
pub mod people;
pub mod registrations;
pub mod second_factor;
pub mod sessions;
pub mod staff;
pub mod token_keys;

use entity::identity::api_key;
use entity::ids::{MembershipId, OrganisationId, PersonId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// Something happened to an organisation, a membership, a staff place, a key or an account.
#[derive(Serialize, ToSchema)]
pub struct IdentityEvent {
    #[serde(skip)]
    kind: &'static str,
    #[serde(skip)]
    subject: (&'static str, Uuid),
    /// The organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation_id: Option<OrganisationId>,
    /// The membership.
    #[serde(skip_serializing_if = "Option::is_none")]
    membership_id: Option<MembershipId>,
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<PersonId>,
}

impl IdentityEvent {
    fn organisation(kind: &'static str, id: OrganisationId) -> Self {
        Self { kind, subject: ("organisation", id.0), organisation_id: Some(id), membership_id: None, person_id: None }
    }

    fn membership(kind: &'static str, organisation: OrganisationId, id: MembershipId) -> Self {
        Self {
            kind,
            subject: ("organisation", organisation.0),
            organisation_id: Some(organisation),
            membership_id: Some(id),
            person_id: None,
        }
    }

    /// Something happened to a key.
    pub fn key(kind: &'static str, key: &api_key::Model) -> Self {
        Self {
            kind,
            subject: ("organisation", key.organisation_id.0),
            organisation_id: Some(key.organisation_id),
            membership_id: None,
            person_id: Some(key.person_id),
        }
    }

    fn person(kind: &'static str, id: PersonId) -> Self {
        Self { kind, subject: ("person", id.0), organisation_id: None, membership_id: None, person_id: Some(id) }
    }
}

impl Event for IdentityEvent {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn subject(&self) -> (&'static str, Uuid) {
        self.subject
    }
}
