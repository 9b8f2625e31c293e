//! Who may enter a room and read what lies in it.

use entity::data_rooms::{DataRoomState, RoomRefusal, data_room};
use entity::documents::Confidentiality;
use entity::ids::{OrganisationId, PersonId};

use crate::platform::problem::{Code, Problem};

/// Somebody at the door, with what he has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// Who; nobody where a stranger comes.
    pub person: Option<PersonId>,
    /// For whom he comes.
    pub organisation: Option<OrganisationId>,
    /// Whether he is one of the owner's, or an officer who must check what lies there.
    pub is_insider: bool,
    /// Which text of the agreement his organisation accepted last.
    pub accepted: Option<i64>,
    /// Until when he himself is let in, where he is now.
    pub let_in_until: Option<entity::Timestamp>,
}

/// What others found of a visitor's organisation: whom the law of technology exports keeps out until there is a letter, say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may enter.
    Free,
    /// It may not.
    Barred,
}

/// Whether somebody may know of a room: that of a sale is for its parties.
pub fn may_know(room: &data_room::Model, visitor: &Visitor) -> Result<(), RoomRefusal> {
    let is_for_him = room.visitor_organisation_id.is_none_or(|only| visitor.organisation == Some(only));
    if visitor.is_insider || (room.state != DataRoomState::Prepared && is_for_him) { Ok(()) } else { Err(RoomRefusal::Outside) }
}

/// Whether he may enter a room: it is open, and he is not barred. What is for everybody lies before the door.
pub fn may_enter(room: &data_room::Model, visitor: &Visitor, verdict: Verdict) -> Result<(), RoomRefusal> {
    is_open(room, visitor)?;
    if visitor.is_insider {
        return Ok(());
    }
    if visitor.person.is_none() {
        return Err(RoomRefusal::NotSignedIn);
    }
    if visitor.organisation.is_none() {
        return Err(RoomRefusal::NoOrganisation);
    }
    if verdict == Verdict::Barred { Err(RoomRefusal::Barred) } else { Ok(()) }
}

fn is_open(room: &data_room::Model, visitor: &Visitor) -> Result<(), RoomRefusal> {
    may_know(room, visitor)?;
    if room.state == DataRoomState::Closed && !visitor.is_insider { Err(RoomRefusal::Closed) } else { Ok(()) }
}

/// Whether he may read what lies at a level.
pub fn may_read(room: &data_room::Model, level: Confidentiality, visitor: &Visitor, verdict: Verdict) -> Result<(), RoomRefusal> {
    if level == Confidentiality::Public {
        return is_open(room, visitor);
    }
    may_enter(room, visitor, verdict)?;
    if visitor.is_insider || level == Confidentiality::Registered {
        return Ok(());
    }
    if room.nda_version == 0 || visitor.accepted != Some(room.nda_version) {
        return Err(RoomRefusal::NdaNotAccepted);
    }
    if level == Confidentiality::Nda || (level == Confidentiality::DataRoom && visitor.let_in_until.is_some()) {
        return Ok(());
    }
    Err(RoomRefusal::NotLetIn)
}

/// Whether he may read the agreement: whoever accepted a text reads it, also when the room is closed.
pub fn may_read_nda(room: &data_room::Model, visitor: &Visitor) -> Result<(), RoomRefusal> {
    if visitor.accepted.is_some() { may_know(room, visitor) } else { is_open(room, visitor) }
}

/// What somebody is told who is refused.
pub fn refused(room: &data_room::Model, why: RoomRefusal) -> Problem {
    match why {
        RoomRefusal::Outside => Problem { denied: true, ..Code::NotFound.into() },
        RoomRefusal::Closed => Code::WrongState.with("state", room.state).with("allowed", Vec::<String>::new()),
        RoomRefusal::NotSignedIn => Code::NotSignedIn.into(),
        RoomRefusal::NdaNotAccepted => Code::NdaNotAccepted.with("data_room_id", room.id).with("nda_version", room.nda_version),
        RoomRefusal::NoOrganisation | RoomRefusal::Barred | RoomRefusal::NotLetIn => {
            Code::NotLetIn.with("data_room_id", room.id).with("reason", why)
        }
    }
}

#[cfg(test)]
mod tests {
    use Confidentiality::{DataRoom, Nda, Private, Public, Registered};
    use proptest::prelude::*;

    use super::super::examples::{at, buyer, id, opened_room, room};
    use super::*;

    fn open() -> data_room::Model {
        data_room::Model { nda_version: 2, ..opened_room() }
    }

    fn member() -> Visitor {
        Visitor { person: Some(id(5)), organisation: Some(buyer()), ..Visitor::default() }
    }

    /// What each level answers him, from the widest on.
    fn levels(room: &data_room::Model, visitor: &Visitor) -> [Option<RoomRefusal>; 4] {
        [Public, Registered, Nda, DataRoom].map(|level| may_read(room, level, visitor, Verdict::Free).err())
    }

    #[test]
    fn each_level_asks_for_more_than_the_one_before() {
        use RoomRefusal::{NdaNotAccepted, NoOrganisation, NotLetIn, NotSignedIn};
        let nobody = Visitor::default();
        assert_eq!(levels(&open(), &nobody), [None, Some(NotSignedIn), Some(NotSignedIn), Some(NotSignedIn)]);
        let alone = Visitor { organisation: None, ..member() };
        assert_eq!(levels(&open(), &alone), [None, Some(NoOrganisation), Some(NoOrganisation), Some(NoOrganisation)]);
        assert_eq!(levels(&open(), &member()), [None, None, Some(NdaNotAccepted), Some(NdaNotAccepted)]);
        let earlier = Visitor { accepted: Some(1), let_in_until: Some(at(9)), ..member() };
        assert_eq!(levels(&open(), &earlier)[2..], [Some(NdaNotAccepted), Some(NdaNotAccepted)], "that was an earlier text");
        let bound = Visitor { accepted: Some(2), ..member() };
        assert_eq!(levels(&open(), &bound), [None, None, None, Some(NotLetIn)]);
        assert_eq!(levels(&open(), &Visitor { let_in_until: Some(at(9)), ..bound }), [None; 4]);
        assert_eq!(levels(&opened_room(), &Visitor { accepted: Some(0), ..member() })[2], Some(NdaNotAccepted), "there is no text");
    }

    #[test]
    fn nobody_enters_before_it_opens_nor_after_it_closed_but_insiders() {
        let insider = Visitor { is_insider: true, ..member() };
        let closed = data_room::Model { state: DataRoomState::Closed, ..open() };
        let bound = Visitor { accepted: Some(2), let_in_until: Some(at(9)), ..member() };
        assert_eq!(levels(&room(), &bound), [Some(RoomRefusal::Outside); 4]);
        assert_eq!(levels(&closed, &bound), [Some(RoomRefusal::Closed); 4]);
        assert_eq!(may_read_nda(&closed, &bound), Ok(()), "what one promised can be read");
        assert_eq!(may_read_nda(&closed, &member()), Err(RoomRefusal::Closed));
        for state in [room(), closed] {
            assert_eq!(levels(&state, &insider), [None; 4]);
        }
        assert_eq!(may_read(&open(), Private, &bound, Verdict::Free), Err(RoomRefusal::NotLetIn));
    }

    #[test]
    fn the_room_of_a_sale_is_for_its_buyer() {
        let room = data_room::Model { visitor_organisation_id: Some(buyer()), ..open() };
        assert_eq!(levels(&room, &member())[..2], [None, None]);
        let other = Visitor { organisation: Some(id(23)), ..member() };
        assert_eq!(levels(&room, &other), [Some(RoomRefusal::Outside); 4]);
        assert_eq!(refused(&room, RoomRefusal::Outside).code, Code::NotFound);
    }

    #[test]
    fn who_is_barred_reads_what_everybody_reads() {
        let bound = Visitor { accepted: Some(2), let_in_until: Some(at(9)), ..member() };
        assert_eq!(may_read(&open(), Public, &bound, Verdict::Barred), Ok(()));
        for level in [Registered, Nda, DataRoom] {
            assert_eq!(may_read(&open(), level, &bound, Verdict::Barred), Err(RoomRefusal::Barred));
        }
        assert_eq!(refused(&open(), RoomRefusal::Barred).facts["reason"], "barred");
    }

    proptest! {
        /// Whoever may read at a level may read at every wider one.
        #[test]
        fn a_wider_level_never_asks_for_more(
            signed_in: bool,
            has_seat: bool,
            accepted in proptest::option::of(0_i64..4),
            is_let_in: bool,
            state in 0_usize..3,
            barred: bool,
        ) {
            let visitor = Visitor {
                person: signed_in.then(|| id(5)),
                organisation: (signed_in && has_seat).then(buyer),
                is_insider: false,
                accepted,
                let_in_until: is_let_in.then(|| at(9)),
            };
            let room = data_room::Model { state: DataRoomState::ALL[state], ..open() };
            let verdict = if barred { Verdict::Barred } else { Verdict::Free };
            let reads = [Public, Registered, Nda, DataRoom].map(|level| may_read(&room, level, &visitor, verdict).is_ok());
            prop_assert!(reads.is_sorted_by(|wider, stricter| *wider || !*stricter));
        }
    }
}
