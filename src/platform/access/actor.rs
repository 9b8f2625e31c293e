//! Who calls.

use entity::Timestamp;
use entity::identity::{OrgRole, OrganisationKind, StaffRole};
use entity::ids::{OrganisationId, PersonId, SessionId};

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
    /// The session the access token belongs to.
    pub session: SessionId,
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
    pub fn plain(person: PersonId, session: SessionId) -> Self {
        Self { person, session, seat: None, staff: None, unproved_staff: None, proved_at: None, outworn: false }
    }

    /// The organisation the person acts for.
    pub fn organisation(&self) -> Option<OrganisationId> {
        self.seat.as_ref().map(|seat| seat.organisation)
    }

    /// The role to write into the audit trail.
    pub fn role(&self) -> Option<String> {
        if let Some(staff) = self.staff {
            return Some(staff.code());
        }
        let roles: Vec<_> = self.seat.as_ref()?.roles.iter().map(|r| r.code()).collect();
        Some(roles.join("+"))
    }
}
