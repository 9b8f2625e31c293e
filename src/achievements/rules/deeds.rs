//! What somebody may do to an achievement or a right now.

use crate::platform::access::Actor;

/// What is done to an achievement, as operations, by a member of a verified organisation; whether he has
/// the right to is asked elsewhere.
pub fn open_on_achievement(by: &Actor) -> Vec<&'static str> {
    if is_verified(by) { vec!["amend_achievement", "add_asset"] } else { Vec::new() }
}

/// What is done to a right; one that a live listing holds is not changed, and officers need no organisation.
pub fn open_on_asset(by: &Actor, is_held: bool) -> Vec<&'static str> {
    let amends = is_verified(by) && !is_held;
    let records = is_verified(by) || by.staff.is_some();
    let deeds = [(amends, "amend_asset"), (records, "record_legal_status")];
    deeds.into_iter().filter(|(open, _)| *open).map(|(_, deed)| deed).collect()
}

fn is_verified(by: &Actor) -> bool {
    by.seat.as_ref().is_some_and(|seat| seat.verified)
}

#[cfg(test)]
mod tests {
    use entity::identity::{OrgRole, OrganisationKind, StaffRole};
    use entity::ids::{OrganisationId, PersonId, SessionId};
    use uuid::Uuid;

    use super::*;
    use crate::platform::access::{Credential, Seat};

    fn actor(verified: Option<bool>, staff: Option<StaffRole>) -> Actor {
        let seat = verified.map(|verified| Seat {
            organisation: OrganisationId(Uuid::nil()),
            kind: OrganisationKind::University,
            verified,
            roles: vec![OrgRole::Operator],
        });
        Actor { seat, staff, ..Actor::plain(PersonId(Uuid::nil()), Credential::Session(SessionId(Uuid::nil()))) }
    }

    #[test]
    fn the_unverified_change_nothing_and_what_is_on_offer_stays() {
        let (member, unverified) = (actor(Some(true), None), actor(Some(false), None));
        assert_eq!(open_on_achievement(&member), ["amend_achievement", "add_asset"]);
        assert_eq!(open_on_asset(&member, false), ["amend_asset", "record_legal_status"]);
        assert_eq!(open_on_asset(&member, true), ["record_legal_status"]);
        assert!(open_on_achievement(&unverified).is_empty() && open_on_asset(&unverified, false).is_empty());
        assert_eq!(open_on_asset(&actor(None, Some(StaffRole::Reviewer)), true), ["record_legal_status"]);
    }
}
