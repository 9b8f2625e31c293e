//! What somebody may do to a deal now.

use entity::Timestamp;
use entity::deals::{deal, deal_signature};
use entity::notices::notice;

use super::result::publish_result;
use super::signing::{awaits, side_of};
use crate::notices;
use crate::platform::access::Actor;

/// What a person may do to a deal now, as operations; whether he has the right to is asked elsewhere.
/// Whether the rights sold still stand is asked of the last signature.
pub fn open_to(
    deal: &deal::Model,
    signed: &[deal_signature::Model],
    notice: Option<&notice::Model>,
    by: &Actor,
    now: Timestamp,
) -> Vec<&'static str> {
    let side = side_of(deal, by.organisation(), by.staff).ok();
    let is_verified = by.seat.as_ref().is_none_or(|seat| seat.verified);
    let signs = is_verified && side.is_some_and(|side| awaits(deal, signed, side, by.person, now).is_ok());
    let publishes = publish_result(deal).is_ok()
        && notices::rules::second_person(&deal.barred_persons, by.person).is_ok()
        && notice.is_some_and(|notice| notices::rules::publish(notice, by.person, None, now).is_ok());
    let deeds = [(signs, "sign_deal"), (publishes, "publish_result")];
    deeds.into_iter().filter(|(open, _)| *open).map(|(_, deed)| deed).collect()
}

#[cfg(test)]
mod tests {
    use entity::deals::{DealState, SignatureSide};
    use entity::identity::{OrgRole, OrganisationKind, StaffRole};
    use entity::ids::{OrganisationId, PersonId, SessionId};
    use serde_json::json;
    use uuid::Uuid;

    use super::super::examples::{self, BUYER, SELLER, at, person, signature};
    use super::*;
    use crate::platform::access::{Credential, Seat};

    fn member(organisation: OrganisationId) -> Actor {
        let seat = Seat { organisation, kind: OrganisationKind::Enterprise, verified: true, roles: vec![OrgRole::Signatory] };
        Actor { seat: Some(seat), ..Actor::plain(person(1), Credential::Session(SessionId(Uuid::nil()))) }
    }

    fn officer(person: PersonId, role: StaffRole) -> Actor {
        Actor { staff: Some(role), ..Actor::plain(person, Credential::Session(SessionId(Uuid::nil()))) }
    }

    fn drafted(barred: PersonId) -> notice::Model {
        notice::Model { barred_persons: json!([barred]), ..examples::notice() }
    }

    #[test]
    fn each_side_signs_once_and_in_time() {
        let deal = examples::deal();
        let may = |by: &Actor, signed: &[deal_signature::Model], now| open_to(&deal, signed, None, by, now) == ["sign_deal"];
        assert!(may(&member(BUYER), &[], at(1)) && may(&member(SELLER), &[signature(SignatureSide::Buyer)], at(1)));
        assert!(!may(&member(BUYER), &[signature(SignatureSide::Buyer)], at(1)));
        assert!(!may(&member(BUYER), &[], deal.confirm_by));
        assert!(!may(&member(OrganisationId(Uuid::from_u128(99))), &[], at(1)));
        assert!(!may(&officer(person(2), StaffRole::AuctionHost), &[], at(1)), "no host is needed");
        let unverified = member(SELLER).seat.map(|seat| Seat { verified: false, ..seat });
        assert!(!may(&Actor { seat: unverified, ..member(SELLER) }, &[], at(1)));
    }

    #[test]
    fn the_result_is_published_by_somebody_who_decided_nothing() {
        let confirmed = deal::Model { state: DealState::Confirmed, ..examples::deal() };
        let notice = drafted(person(8));
        let may = |by: PersonId| open_to(&confirmed, &[], Some(&notice), &officer(by, StaffRole::Publisher), at(1)) == ["publish_result"];
        assert!(may(person(2)));
        assert!(!may(person(8)), "the notice bars him");
        assert!(!may(person(0x00ba_44ed)), "the deal bars him");
        assert!(open_to(&confirmed, &[], None, &officer(person(2), StaffRole::Publisher), at(1)).is_empty());
    }
}
