//! What is told of rooms: to their owners, and to those who were let in.

use entity::data_rooms::{DataRoomState, data_room};
use entity::ids::{DataRoomId, OrganisationId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// Something happened to a data room.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataRoomEvent {
    #[serde(skip)]
    name: &'static str,
    /// The room.
    data_room_id: DataRoomId,
    /// Who is told of it.
    organisation_id: OrganisationId,
    /// Where the room stands.
    state: DataRoomState,
}

impl DataRoomEvent {
    /// It was opened.
    pub fn opened(row: &data_room::Model) -> Self {
        Self::of("data_room.opened", row, row.organisation_id)
    }

    /// It was closed.
    pub fn closed(row: &data_room::Model) -> Self {
        Self::of("data_room.closed", row, row.organisation_id)
    }

    /// An organisation accepted its agreement; the owner is told.
    pub fn accepted(row: &data_room::Model) -> Self {
        Self::of("data_room.nda_accepted", row, row.organisation_id)
    }

    /// Somebody of an organisation was let in, which is told.
    pub fn granted(row: &data_room::Model, visitor: OrganisationId) -> Self {
        Self::of("data_room.granted", row, visitor)
    }

    /// Somebody of an organisation is let in no more, which is told.
    pub fn revoked(row: &data_room::Model, visitor: OrganisationId) -> Self {
        Self::of("data_room.revoked", row, visitor)
    }

    fn of(name: &'static str, row: &data_room::Model, told: OrganisationId) -> Self {
        Self { name, data_room_id: row.id, organisation_id: told, state: row.state }
    }
}

impl Event for DataRoomEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("data_room", self.data_room_id.into())
    }
}
