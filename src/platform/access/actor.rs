//! Who calls.

use entity::Timestamp;
use entity::identity::{OrgRole, OrganisationKind, StaffRole};
use entity::ids::{OrganisationId, PersonId, SessionId};

use super::{Credential, KeyGrant};
use crate::platform::problem::Problem;

/// Who a call comes from.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody signed in.
    Stranger,
    /// A signed-in person.
    Person(Actor),
    /// The platform itself.
    System,
}

/// A signed-in person as of this call.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The person.
    pub person: PersonId,
    /// What he is known by.
    pub credential: Credential,
    /// The place in an organisation the person acts from, if it is active now.
    pub seat: Option<Seat>,
    /// The staff role, if the second factor was proved in this session.
    pub staff: Option<StaffRole>,
    /// The staff role that waits for the second factor.
    pub unproved_staff: Option<StaffRole>,
    /// When the second factor was last proved in this session.
    pub proved_at: Option<Timestamp>,
    /// Whether the password has reached its age.
    pub outworn: bool,
}

/// A place in an organisation.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The organisation.
    pub organisation: OrganisationId,
    /// What it is.
    pub kind: OrganisationKind,
    /// Whether an officer has verified it.
    pub verified: bool,
    /// What the person may do there.
    pub roles: Vec<OrgRole>,
}

impl Actor {
    /// Somebody signed in of whom nothing more is known: no place, no office, no second factor.
    pub fn plain(person: PersonId, credential: Credential) -> Self {
        Self { person, credential, seat: None, staff: None, unproved_staff: None, proved_at: None, outworn: false }
    }

    /// The session he acts in; a program with a key acts in none.
    pub fn session(&self) -> Result<SessionId, Problem> {
        self.credential.session()
    }

    /// The key a program acts with for him.
    pub fn key(&self) -> Option<&KeyGrant> {
        self.credential.key()
    }

    /// The organisation the person acts for.
    pub fn organisation(&self) -> Option<OrganisationId> {
        self.seat.as_ref().map(|seat| seat.organisation)
    }

    /// Whether he acts for nobody but himself: from no place in an organisation, and not as an officer, nor could he as one.
    pub fn is_alone(&self) -> bool {
        self.seat.is_none() && self.staff.is_none() && self.unproved_staff.is_none()
    }

    /// The role to write into the audit trail, and the key if a program acts for him.
    pub fn role(&self) -> Option<String> {
        if let Some(staff) = self.staff {
            return Some(staff.code());
        }
        let roles: Vec<_> = self.seat.as_ref()?.roles.iter().map(|r| r.code()).collect();
        let roles = roles.join("+");
        Some(self.key().map_or(roles.clone(), |key| format!("{roles} by {}", key.prefix)))
    }
}
