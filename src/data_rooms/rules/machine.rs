//! The life of a room: which deed is allowed when and by whom, and how the room stands afterwards.
//!
//! Source: Auction Law art. 48 (what is auctioned is exhibited for two days at least; of technology the days on which its papers can be read).

use entity::Timestamp;
use entity::data_rooms::{DataRoomState, data_room, data_room_document, data_room_grant};
use entity::ids::{DataRoomGrantId, DataRoomId, ListingId, NegotiationId, OrganisationId, PersonId};
use entity::listings::ListingState;
use entity::negotiations::NegotiationState;

use crate::data_rooms::views::NewGrant;
use crate::listings::rules::exhibition;
use crate::listings::rules::findings::outside_rule;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;
/// The longest somebody is let in at once.
const LONGEST_GRANT_DAYS: i64 = 366;

/// What is done to a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Let people in.
    Open,
    /// Let nobody in any more.
    Close,
    /// Put another text of the confidentiality agreement.
    PutNda,
    /// Lay a document out.
    AddDocument,
    /// Take one away.
    RemoveDocument,
    /// Let a person in.
    Grant,
    /// Let him in no more.
    Revoke,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 7] = [Self::Open, Self::Close, Self::PutNda, Self::AddDocument, Self::RemoveDocument, Self::Grant, Self::Revoke];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Open => "open_data_room",
            Self::Close => "close_data_room",
            Self::PutNda => "put_data_room_nda",
            Self::AddDocument => "add_data_room_document",
            Self::RemoveDocument => "remove_data_room_document",
            Self::Grant => "grant_data_room_viewer",
            Self::Revoke => "revoke_data_room_grant",
        }
    }

    /// Whether it can be done in a state.
    pub fn is_allowed_in(self, state: DataRoomState) -> bool {
        match self {
            Self::Open => state == DataRoomState::Prepared,
            _ => state != DataRoomState::Closed,
        }
    }
}

/// Everything that can be done in a state, as operations.
pub fn allowed(state: DataRoomState) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed_in(state)).map(Deed::operation).collect()
}

/// Refuses a deed in the wrong state.
pub fn require(held: &data_room::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed_in(held.state) {
        return Ok(());
    }
    Err(Code::WrongState.with("state", held.state).with("allowed", allowed(held.state)))
}

/// What a room belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A listing.
    Listing(ListingId),
    /// A sale at a negotiated price, and who buys.
    Negotiation(NegotiationId, OrganisationId),
}

/// Refuses a listing for which there is no room any more.
pub fn of_listing(state: ListingState) -> Result<(), Problem> {
    use ListingState::{Failed, Rejected, Sold, Terminated};
    if matches!(state, Sold | Failed | Rejected | Terminated) { Err(over(state)) } else { Ok(()) }
}

/// Refuses a listing that is not on offer: its room opens with it.
pub fn offered(state: ListingState) -> Result<(), Problem> {
    use ListingState::{Bidding, Published, RegistrationClosed};
    if matches!(state, Published | RegistrationClosed | Bidding) { Ok(()) } else { Err(over(state)) }
}

/// Refuses a sale at a negotiated price that is over.
pub fn of_negotiation(state: NegotiationState) -> Result<(), Problem> {
    use NegotiationState::{Confirmed, Ended, ResultPublished};
    if matches!(state, Confirmed | ResultPublished | Ended) { Err(over(state)) } else { Ok(()) }
}

fn over(state: impl serde::Serialize) -> Problem {
    Code::WrongState.with("state", state).with("allowed", Vec::<String>::new())
}

/// A room that is prepared.
pub fn prepared(id: DataRoomId, matter: Matter, (owner, by): (OrganisationId, PersonId), at: Timestamp) -> data_room::Model {
    let (listing_id, negotiation) = match matter {
        Matter::Listing(id) => (Some(id), None),
        Matter::Negotiation(id, buyer) => (None, Some((id, buyer))),
    };
    data_room::Model {
        id,
        organisation_id: owner,
        listing_id,
        negotiation_id: negotiation.map(|(id, _)| id),
        visitor_organisation_id: negotiation.map(|(_, buyer)| buyer),
        state: DataRoomState::Prepared,
        nda_version: 0,
        least_until: None,
        opened_by: None,
        opened_at: None,
        closed_by: None,
        closed_at: None,
        close_reason: None,
        created_by: by,
        version: 1,
        created_at: at,
    }
}

/// The room once it is open, until an instant at least.
pub fn opened(held: &data_room::Model, by: PersonId, least_until: Timestamp, now: Timestamp) -> Result<data_room::Model, Problem> {
    require(held, Deed::Open)?;
    let next = moved(held, DataRoomState::Open);
    Ok(data_room::Model { opened_by: Some(by), opened_at: Some(now), least_until: Some(least_until), ..next })
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub person: PersonId,
    /// Whether he is an officer.
    pub is_officer: bool,
    /// Whether he has a place with the owner, be it a suspended one.
    pub sits_with_owner: bool,
}

/// Refuses an officer who has a place with the owner, and an owner before its time.
fn may_close(held: &data_room::Model, by: &Hand, now: Timestamp) -> Result<(), Problem> {
    require(held, Deed::Close)?;
    if by.is_officer {
        return if by.sits_with_owner { Err(Code::ConflictOfInterest.into()) } else { Ok(()) };
    }
    match held.least_until.filter(|least| now < *least) {
        Some(least) => Err(outside_rule(exhibition::RULE, "", Some(least), None::<Timestamp>)),
        None => Ok(()),
    }
}

/// The room once somebody closed it, with a reason that whoever was in it reads.
pub fn closed(held: &data_room::Model, by: &Hand, reason: &str, now: Timestamp) -> Result<data_room::Model, Problem> {
    may_close(held, by, now)?;
    Faults::new().text("/reason", reason, LONGEST_REASON).done()?;
    Ok(data_room::Model { closed_by: Some(by.person), ..over_at(held, reason, now) })
}

/// The room once what it belongs to ended; nothing where it is closed already.
pub fn ended(held: &data_room::Model, reason: &str, now: Timestamp) -> Option<data_room::Model> {
    (held.state != DataRoomState::Closed).then(|| over_at(held, reason, now))
}

fn over_at(held: &data_room::Model, reason: &str, now: Timestamp) -> data_room::Model {
    data_room::Model { closed_at: Some(now), close_reason: Some(reason.to_owned()), ..moved(held, DataRoomState::Closed) }
}

/// The document once it is taken away.
pub fn removed(
    held: &data_room::Model,
    paper: &data_room_document::Model,
    by: PersonId,
    now: Timestamp,
) -> Result<data_room_document::Model, Problem> {
    require(held, Deed::RemoveDocument)?;
    if paper.removed_at.is_some() {
        return Err(Code::WrongState.with("state", "removed").with("allowed", Vec::<String>::new()));
    }
    Ok(data_room_document::Model { removed_by: Some(by), removed_at: Some(now), version: paper.version + 1, ..paper.clone() })
}

/// That a person is let in, if the times are sound and it is for somebody else; a room of a sale is for its buyer alone.
pub fn granted(
    held: &data_room::Model,
    id: DataRoomGrantId,
    new: &NewGrant,
    by: PersonId,
    now: Timestamp,
) -> Result<data_room_grant::Model, Problem> {
    require(held, Deed::Grant)?;
    let is_visitor =
        new.organisation_id != held.organisation_id && held.visitor_organisation_id.is_none_or(|only| only == new.organisation_id);
    let longest = chrono::TimeDelta::days(LONGEST_GRANT_DAYS);
    Faults::new()
        .instant("/from", Some(new.from))
        .instant("/until", Some(new.until))
        .require(
            new.from < new.until && now < new.until,
            "/until",
            "past",
            "须晚于起始时间和现在",
            "must be after its beginning, and after now",
        )
        .require(
            new.until - new.from <= longest,
            "/until",
            "too_long",
            "授权期限不得超过一年",
            "nobody is let in for more than a year at once",
        )
        .require(is_visitor, "/organisation_id", "not_a_visitor", "该机构不是本资料室的访客", "is no visitor of this room")
        .done()?;
    Ok(data_room_grant::Model {
        id,
        data_room_id: held.id,
        person_id: new.person_id,
        organisation_id: new.organisation_id,
        starts_at: new.from,
        ends_at: new.until,
        granted_by: by,
        granted_at: now,
        revoked_by: None,
        revoked_at: None,
        version: 1,
    })
}

/// The grant once it is taken back.
pub fn revoked(
    held: &data_room::Model,
    grant: &data_room_grant::Model,
    by: PersonId,
    now: Timestamp,
) -> Result<data_room_grant::Model, Problem> {
    require(held, Deed::Revoke)?;
    if grant.revoked_at.is_some() {
        return Err(Code::WrongState.with("state", "revoked").with("allowed", Vec::<String>::new()));
    }
    Ok(data_room_grant::Model { revoked_by: Some(by), revoked_at: Some(now), version: grant.version + 1, ..grant.clone() })
}

/// Whether a grant lets its person in at an instant.
pub fn runs(grant: &data_room_grant::Model, at: Timestamp) -> bool {
    grant.revoked_at.is_none() && grant.starts_at <= at && at < grant.ends_at
}

/// What somebody may do now, as operations; whether he has the right to is asked elsewhere.
pub fn open_to(held: &data_room::Model, by: &Hand, now: Timestamp) -> Vec<&'static str> {
    let may = |deed: &Deed| match deed {
        Deed::Close => may_close(held, by, now).is_ok(),
        _ => require(held, *deed).is_ok(),
    };
    Deed::ALL.into_iter().filter(may).map(Deed::operation).collect()
}

/// The room as it goes on.
pub fn moved(held: &data_room::Model, state: DataRoomState) -> data_room::Model {
    data_room::Model { state, version: held.version + 1, ..held.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::TimeDelta;

    use super::super::examples::{at, buyer, id, opened_room, room};
    use super::*;

    fn owner() -> Hand {
        Hand { person: id(1), is_officer: false, sits_with_owner: true }
    }

    fn officer() -> Hand {
        Hand { person: id(9), is_officer: true, sits_with_owner: false }
    }

    #[test]
    fn a_room_is_open_for_the_days_of_the_exhibition_at_least() {
        let open = opened(&room(), id(1), at(48), at(0)).unwrap();
        assert_eq!((open.state, open.least_until, open.version), (DataRoomState::Open, Some(at(48)), 2));
        assert_eq!(opened(&open, id(1), at(48), at(1)).unwrap_err().code, Code::WrongState);
        let early = closed(&open, &owner(), "转让方不再出售", at(47)).unwrap_err();
        assert_eq!((early.code, &early.facts["name"]), (Code::OutsideRule, &exhibition::RULE.into()));
        let over = closed(&open, &owner(), "展示期满", at(48)).unwrap();
        assert_eq!((over.state, over.closed_by, over.closed_at), (DataRoomState::Closed, Some(id(1)), Some(at(48))));
        assert_eq!(closed(&over, &owner(), "再次", at(49)).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn officers_close_at_any_time_but_none_who_sits_with_the_owner() {
        let open = opened(&room(), id(1), at(48), at(0)).unwrap();
        assert!(closed(&open, &officer(), "泄密", at(1)).is_ok());
        let inside = Hand { sits_with_owner: true, ..officer() };
        assert_eq!(closed(&open, &inside, "泄密", at(1)).unwrap_err().code, Code::ConflictOfInterest);
        assert_eq!(closed(&open, &officer(), " ", at(1)).unwrap_err().code, Code::Invalid);
    }

    #[test]
    fn what_it_belongs_to_ends_a_room_once() {
        let over = ended(&room(), "项目终止", at(1)).unwrap();
        assert_eq!((over.state, over.closed_by, over.opened_at), (DataRoomState::Closed, None, None));
        assert_eq!(ended(&over, "项目终止", at(2)), None);
    }

    #[test]
    fn nothing_is_done_to_what_is_closed() {
        assert!(allowed(DataRoomState::Closed).is_empty());
        assert!(!allowed(DataRoomState::Open).contains(&"open_data_room"));
        let early = open_to(&opened_room(), &owner(), at(1));
        assert!(!early.contains(&"close_data_room") && open_to(&opened_room(), &officer(), at(1)).contains(&"close_data_room"));
    }

    #[test]
    fn a_room_opens_with_what_is_on_offer_alone() {
        assert!(of_listing(ListingState::Draft).is_ok() && of_listing(ListingState::Sold).is_err());
        assert!(offered(ListingState::Published).is_ok() && offered(ListingState::Draft).is_err());
        assert!(of_negotiation(NegotiationState::Open).is_ok() && of_negotiation(NegotiationState::Ended).is_err());
    }

    #[test]
    fn a_person_is_let_in_for_a_while_and_not_any_more_at_once() {
        let new = NewGrant { organisation_id: buyer(), person_id: id(5), from: at(1), until: at(5) };
        let grant = granted(&opened_room(), id::<DataRoomGrantId>(6), &new, id(1), at(0)).unwrap();
        assert_eq!([0, 1, 4, 5].map(|hour| runs(&grant, at(hour))), [false, true, true, false]);
        let back = revoked(&opened_room(), &grant, id(1), at(2)).unwrap();
        assert!(!runs(&back, at(2)));
        assert_eq!(revoked(&opened_room(), &back, id(1), at(3)).unwrap_err().code, Code::WrongState);
        for (wrong, place) in [
            (NewGrant { until: at(1), ..new.clone() }, "/until"),
            (NewGrant { until: at(1) + TimeDelta::days(367), ..new.clone() }, "/until"),
            (NewGrant { organisation_id: room().organisation_id, ..new.clone() }, "/organisation_id"),
        ] {
            let problem = granted(&opened_room(), id::<DataRoomGrantId>(6), &wrong, id(1), at(0)).unwrap_err();
            assert_eq!(problem.errors[0].pointer, place);
        }
    }
}
