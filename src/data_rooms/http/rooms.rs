//! Rooms over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post, put};
use entity::data_rooms::data_room;
use entity::ids::DataRoomId;

use super::{CloseDataRoom, CreateDataRoom, DataRoomQuery, ListDataRooms, OpenDataRoom, PutDataRoomNda, ReadDataRoom};
use crate::data_rooms::flows;
use crate::data_rooms::views::{DataRoomDetail, DataRoomView, NewDataRoom, NewNda};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::platform::access::Context;
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};

/// Prepare a data room
///
/// Of a listing or of a sale at a negotiated price of the caller's organisation (资料室), of each one. Nobody else knows of it before it is
/// opened.
#[utoipa::path(tag = "data rooms", request_body = NewDataRoom, responses((status = 201, description = "Prepared", body = DataRoomDetail)))]
#[post("/v1/data-rooms")]
pub async fn create_data_room(house: Data<House>, call: Call<CreateDataRoom, Json<NewDataRoom>>) -> Answer {
    let done = flows::create(&house, &call.context, call.permit, call.body.0).await?;
    let id = done.value.id;
    let view = flows::told(&house, &call.context, &done.value).await?;
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/data-rooms/{id}"), |()| view))
}

/// List data rooms
///
/// Those that are or were open, newest first; with the caller's own that are prepared, and all of them for the officers who check them. The room
/// of a sale at a negotiated price is told to its parties.
#[utoipa::path(tag = "data rooms", params(DataRoomQuery), responses((status = 200, description = "A page", body = Page<DataRoomView>)))]
#[get("/v1/data-rooms")]
pub async fn list_data_rooms(house: Data<House>, call: Call<ListDataRooms>, query: Query<DataRoomQuery>) -> Answer {
    Ok(answer::page(&house, flows::list(&house, &call.context, &query).await?))
}

/// Read a data room
///
/// With the documents the caller may read now, and how many others lie in it. That somebody of another organisation read it is in its log.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room")), responses((status = 200, description = "The data room", body = DataRoomDetail)))]
#[get("/v1/data-rooms/{id}")]
pub async fn read_data_room(house: Data<House>, call: Call<ReadDataRoom>, id: Path<DataRoomId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Open a data room
///
/// Once its listing is public, or while its sale at a negotiated price is under way. It stays open for the days of the exhibition at least
/// (展示期), and closes by itself with what it belongs to.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room")), responses((status = 200, description = "Opened", body = DataRoomDetail)))]
#[post("/v1/data-rooms/{id}/open")]
pub async fn open_data_room(house: Data<House>, call: Call<OpenDataRoom>, id: Path<DataRoomId>) -> Answer {
    let done = flows::open(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

/// Close a data room
///
/// By its owner once the days of the exhibition are over, or by an officer at any time, with a reason. From then on nobody enters but its
/// owner and officers.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room")), request_body = Reason, responses((status = 200, description = "Closed", body = DataRoomDetail)))]
#[post("/v1/data-rooms/{id}/close")]
pub async fn close_data_room(house: Data<House>, call: Call<CloseDataRoom, Json<Reason>>, id: Path<DataRoomId>) -> Answer {
    let done = flows::close(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

/// Put the confidentiality agreement of a data room
///
/// The text that whoever reads more than everybody has to accept (保密协议). Each text stays as it was; whoever accepted an earlier one accepts
/// the new one before he reads on.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room")), request_body = NewNda, responses((status = 200, description = "Put", body = DataRoomDetail)))]
#[put("/v1/data-rooms/{id}/nda")]
pub async fn put_data_room_nda(house: Data<House>, call: Call<PutDataRoomNda, Json<NewNda>>, id: Path<DataRoomId>) -> Answer {
    let done = flows::put_nda(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

async fn moved(house: &House, by: &Context, done: Done<data_room::Model>) -> Answer {
    let view = flows::told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
