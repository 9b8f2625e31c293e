//! Who enters rooms, over HTTP: agreements, grants, and the log.

use actix_web::http::header;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get, post};
use entity::ids::{DataRoomGrantId, DataRoomId};

use super::{
    AcceptDataRoomNda, AccessQuery, ExportDataRoomLog, GrantDataRoomViewer, ListDataRoomLog, ListDataRoomViewers, ReadDataRoomNda,
    RevokeDataRoomGrant,
};
use crate::data_rooms::flows;
use crate::data_rooms::views::{AcceptanceView, AccessView, GrantView, NdaView, NewAcceptance, NewGrant, ViewersView, WhichNda};
use crate::house::House;
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page, at_least};

/// Read the confidentiality agreement of a data room
///
/// The text that stands, exactly as it is hashed, or an earlier one. Whoever accepted one reads it after the room was closed too.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room"), WhichNda), responses((status = 200, description = "The text", body = NdaView)))]
#[get("/v1/data-rooms/{id}/nda")]
pub async fn read_data_room_nda(house: Data<House>, call: Call<ReadDataRoomNda>, id: Path<DataRoomId>, which: Query<WhichNda>) -> Answer {
    let which = at_least(1, "version", which.version)?;
    Ok(answer::listed(&flows::read_nda(&house, &call.context, &call.permit, *id, which).await?))
}

/// Accept the confidentiality agreement of a data room
///
/// For the organisation acted for, by the hash of the text that was read (接受保密协议). Who accepted, for whom, when, which text and from which
/// network is kept as it is.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room")), request_body = NewAcceptance, responses((status = 200, description = "Accepted", body = AcceptanceView)))]
#[post("/v1/data-rooms/{id}/nda/accept")]
pub async fn accept_data_room_nda(house: Data<House>, call: Call<AcceptDataRoomNda, Json<NewAcceptance>>, id: Path<DataRoomId>) -> Answer {
    let done = flows::accept(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(done, AcceptanceView::from))
}

/// Let a person into a data room
///
/// A member of an organisation, from and until when (按人授权); his organisation has to accept the agreement besides. A new grant takes the place
/// of his earlier one.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room")), request_body = NewGrant, responses((status = 201, description = "Let in", body = GrantView)))]
#[post("/v1/data-rooms/{id}/grants")]
pub async fn grant_data_room_viewer(house: Data<House>, call: Call<GrantDataRoomViewer, Json<NewGrant>>, id: Path<DataRoomId>) -> Answer {
    let done = flows::grant(&house, &call.context, call.permit, *id, call.body.0).await?;
    let place = format!("/v1/data-rooms/{}/viewers", *id);
    Ok(answer::created(done, call.context.dry_run, |_| place, GrantView::from))
}

/// Let a person into a data room no more
///
/// From now on (撤销授权).
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The grant")), responses((status = 200, description = "Taken back", body = GrantView)))]
#[post("/v1/data-room-grants/{id}/revoke")]
pub async fn revoke_data_room_grant(house: Data<House>, call: Call<RevokeDataRoomGrant>, id: Path<DataRoomGrantId>) -> Answer {
    let done = flows::revoke(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(done, GrantView::from))
}

/// List who accepted the agreement of a data room and who was let in
///
/// For its owner and officers; the newest thousand of each.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room")), responses((status = 200, description = "Who they are", body = ViewersView)))]
#[get("/v1/data-rooms/{id}/viewers")]
pub async fn list_data_room_viewers(house: Data<House>, call: Call<ListDataRoomViewers>, id: Path<DataRoomId>) -> Answer {
    Ok(answer::listed(&flows::viewers(&house, &call.permit, *id).await?))
}

/// Read the log of a data room
///
/// Every look, every document that was handed out and every refusal, newest first (查阅日志), for its owner and officers. Each row names the hash
/// of the one before, so that none can be changed or left out unseen. A watermark leads to its row.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room"), AccessQuery), responses((status = 200, description = "A page", body = Page<AccessView>)))]
#[get("/v1/data-rooms/{id}/log")]
pub async fn list_data_room_log(
    house: Data<House>,
    call: Call<ListDataRoomLog>,
    id: Path<DataRoomId>,
    query: Query<AccessQuery>,
) -> Answer {
    Ok(answer::page(&house, flows::log(&house, &call.permit, *id, &query).await?))
}

/// Export the log of a data room
///
/// As a table from its beginning on (CSV), a hundred thousand rows at most.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room")), responses((status = 200, description = "The table", content(("text/csv")))))]
#[get("/v1/data-rooms/{id}/log.csv")]
pub async fn export_data_room_log(house: Data<House>, call: Call<ExportDataRoomLog>, id: Path<DataRoomId>) -> Answer {
    let table = flows::table(&house, &call.permit, *id).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"data-room-log.csv\""))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(table))
}
