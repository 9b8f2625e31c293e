//! Data rooms over HTTP: the operations, and for whom they are.

mod papers;
mod rooms;
mod visits;

use entity::data_rooms::{DataRoomState, data_room};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{ListingId, NegotiationId, OrganisationId};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Class, Operation, Thing};
use crate::platform::problem::Code;

/// Who lays out what an organisation shows.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
/// Who binds an organisation by its word.
const SIGNERS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Signatory];
/// Which officers close a room.
const KEEPERS: &[StaffRole] = &[StaffRole::Reviewer];
/// Which officers read who was in it.
const OVERSEERS: &[StaffRole] = &[StaffRole::Reviewer, StaffRole::Auditor, StaffRole::Supervisor];

operations! {
    /// Prepare a data room.
    CreateDataRoom = Operation::deed("create_data_room", &[Allow::own(AUTHORS)]).refuses(&[
        Code::OrganisationNotVerified,
        Code::WrongState,
        Code::DataRoomExists,
    ]);
    /// List data rooms.
    ListDataRooms = Operation::question("list_data_rooms", &[Allow::ANYONE]).with_query();
    /// Read a data room.
    ReadDataRoom = Operation::question("read_data_room", &[Allow::ANYONE]);
    /// Open a data room.
    OpenDataRoom = Operation::deed("open_data_room", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Close a data room.
    CloseDataRoom = Operation::deed("close_data_room", &[Allow::own(AUTHORS), Allow::staff(KEEPERS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::ConflictOfInterest, Code::OutsideRule]);
    /// Put the confidentiality agreement of a data room.
    PutDataRoomNda = Operation::deed("put_data_room_nda", &[Allow::own(AUTHORS)]).on_version().refuses(&[Code::WrongState]);
    /// Read the confidentiality agreement of a data room.
    ReadDataRoomNda = Operation::question("read_data_room_nda", &[Allow::ANYONE]).with_query().refuses(&[Code::WrongState]);
    /// Accept the confidentiality agreement of a data room.
    AcceptDataRoomNda = Operation::deed("accept_data_room_nda", &[Allow::members(SIGNERS)]).refuses(&[
        Code::WrongState,
        Code::OrganisationNotVerified,
        Code::ConflictOfInterest,
        Code::AlreadySigned,
    ]);
    /// Lay a document out in a data room.
    AddDataRoomDocument = Operation::deed("add_data_room_document", &[Allow::own(AUTHORS)])
        .on_version_if_sent()
        .counted_as(Class::Long)
        .refuses(&[Code::WrongState, Code::DocumentUnusable]);
    /// Take a document out of a data room.
    RemoveDataRoomDocument =
        Operation::deed("remove_data_room_document", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Download a document of a data room.
    DownloadDataRoomDocument = Operation::question("download_data_room_document", &[Allow::ANYONE])
        .counted_as(Class::Long)
        .refuses(&[Code::WrongState, Code::NotSignedIn, Code::NdaNotAccepted, Code::NotLetIn]);
    /// Let a person into a data room.
    GrantDataRoomViewer =
        Operation::deed("grant_data_room_viewer", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Let a person into a data room no more.
    RevokeDataRoomGrant =
        Operation::deed("revoke_data_room_grant", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// List who accepted the agreement of a data room and who was let in.
    ListDataRoomViewers = Operation::question("list_data_room_viewers", &[Allow::own(OrgRole::ALL), Allow::staff(OVERSEERS)]);
    /// Read the log of a data room.
    ListDataRoomLog = Operation::question("list_data_room_log", &[Allow::own(OrgRole::ALL), Allow::staff(OVERSEERS)]).with_query();
    /// Export the log of a data room.
    ExportDataRoomLog = Operation::question("export_data_room_log", &[Allow::own(OrgRole::ALL), Allow::staff(OVERSEERS)])
        .counted_as(Class::Export);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(rooms::create_data_room)
        .service(rooms::list_data_rooms)
        .service(rooms::read_data_room)
        .service(rooms::open_data_room)
        .service(rooms::close_data_room)
        .service(rooms::put_data_room_nda)
        .service(papers::add_data_room_document)
        .service(papers::remove_data_room_document)
        .service(papers::download_data_room_document)
        .service(visits::read_data_room_nda)
        .service(visits::accept_data_room_nda)
        .service(visits::grant_data_room_viewer)
        .service(visits::revoke_data_room_grant)
        .service(visits::list_data_room_viewers)
        .service(visits::list_data_room_log)
        .service(visits::export_data_room_log);
}

impl Thing for data_room::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn parties(&self) -> Vec<OrganisationId> {
        self.visitor_organisation_id.into_iter().filter(|_| self.state != DataRoomState::Prepared).collect()
    }

    fn is_public(&self) -> bool {
        // The room of a sale at a negotiated price is for its parties.
        self.state != DataRoomState::Prepared && self.visitor_organisation_id.is_none()
    }
}

paged! {
    /// Which data rooms.
    pub struct DataRoomQuery {
        /// Only of this listing.
        pub listing_id: Option<ListingId>,
        /// Only of this sale at a negotiated price.
        pub negotiation_id: Option<NegotiationId>,
        /// Only in this state.
        pub state: Option<DataRoomState>,
    }
}

paged! {
    /// What of the log.
    pub struct AccessQuery {
        /// Only the row of this watermark.
        #[param(min_length = 1, max_length = 64, example = "DR4f6b1c0d4e5f40109a3e2f6b1c0d4e5f")]
        pub watermark: Option<String>,
    }
}
