//! Rooms to test with.

use chrono::{TimeDelta, TimeZone, Utc};
use entity::Timestamp;
use entity::data_rooms::{DataRoomState, Disclosure, data_room, data_room_document};
use entity::documents::Confidentiality;
use entity::ids::OrganisationId;
use uuid::Uuid;

use super::machine::{self, Matter};

/// So many hours after the beginning.
pub fn at(hours: i64) -> Timestamp {
    Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap() + TimeDelta::hours(hours)
}

/// An id.
pub fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

/// An organisation that visits.
pub fn buyer() -> OrganisationId {
    id(22)
}

/// The room of a listing, prepared.
pub fn room() -> data_room::Model {
    machine::prepared(id(10), Matter::Listing(id(11)), (id(21), id(1)), at(0))
}

/// The same, open.
pub fn opened_room() -> data_room::Model {
    let room = room();
    data_room::Model { state: DataRoomState::Open, opened_by: Some(id(1)), opened_at: Some(at(0)), least_until: Some(at(48)), ..room }
}

/// A document in it at a level.
pub fn paper(level: Confidentiality) -> data_room_document::Model {
    data_room_document::Model {
        id: id(30),
        data_room_id: id(10),
        document_id: id(31),
        document_version: 2,
        sha256: vec![7; 32],
        level,
        disclosure: Disclosure::Substance,
        unmarked: false,
        added_by: id(1),
        added_at: at(0),
        removed_by: None,
        removed_at: None,
        version: 1,
    }
}
