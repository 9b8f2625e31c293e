//! The documents of rooms over HTTP.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use entity::ids::{DataRoomDocumentId, DataRoomId};

use super::{AddDataRoomDocument, DownloadDataRoomDocument, RemoveDataRoomDocument};
use crate::data_rooms::flows::{self, Content, Handed};
use crate::data_rooms::views::{NewRoomDocument, RoomDocumentView};
use crate::documents::http::set_apart;
use crate::house::House;
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json};

/// Lay a document out in a data room
///
/// A document of the owner's, in its newest version, at a level: for anybody, for members of organisations, for those whose organisation
/// accepted the agreement, or for who was let in besides. A document that is itself open to more people is refused; so is, at the first two
/// levels, how a trade secret or an unpublished application works. At the last two a PDF or a picture bears a watermark, which is tried at
/// once: one that is encrypted or cannot be read is refused at every level. Other files lie at the last level alone, where their owner lets
/// them go unmarked.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The data room")), request_body = NewRoomDocument, responses((status = 201, description = "Laid out", body = RoomDocumentView)))]
#[post("/v1/data-rooms/{id}/documents")]
pub async fn add_data_room_document(
    house: Data<House>,
    call: Call<AddDataRoomDocument, Json<NewRoomDocument>>,
    id: Path<DataRoomId>,
) -> Answer {
    let done = flows::add(&house, &call.context, call.permit, *id, call.body.0).await?;
    let place = format!("/v1/data-rooms/{}", *id);
    Ok(answer::created(done, call.context.dry_run, |_| place, |row| RoomDocumentView::of(&row, None)))
}

/// Take a document out of a data room
///
/// Nobody is handed it any more; who was handed it stays in the log.
#[utoipa::path(tag = "data rooms", params(("id" = Uuid, Path, description = "The document, by its id in the room")), responses((status = 200, description = "Taken out", body = RoomDocumentView)))]
#[post("/v1/data-room-documents/{id}/remove")]
pub async fn remove_data_room_document(house: Data<House>, call: Call<RemoveDataRoomDocument>, id: Path<DataRoomDocumentId>) -> Answer {
    let done = flows::remove(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(done, |row| RoomDocumentView::of(&row, None)))
}

/// Download a document of a data room
///
/// Whoever is handed it, or refused, is in the log of the room. What lies there under the agreement, or for who was let in, is handed out as a
/// PDF with a watermark over each page: for which organisation and to whom, when, and a code that the log knows. A picture becomes a page.
#[utoipa::path(
    tag = "data rooms",
    params(("id" = Uuid, Path, description = "The document, by its id in the room")),
    responses((status = 200, description = "The file", content(
        ("application/pdf"),
        ("image/png"),
        ("image/jpeg"),
        ("text/plain"),
        ("text/csv"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("application/ofd")
    )))
)]
#[get("/v1/data-room-documents/{id}/content")]
pub async fn download_data_room_document(house: Data<House>, call: Call<DownloadDataRoomDocument>, id: Path<DataRoomDocumentId>) -> Answer {
    Ok(attachment(flows::download(&house, &call.context, &call.permit, *id).await?))
}

/// Hands content out, which no cache keeps: each copy is of one reader.
fn attachment(handed: Handed) -> HttpResponse {
    let mut answer = set_apart(&handed.media_type, &handed.file_name);
    answer.insert_header((header::CACHE_CONTROL, "private, no-store"));
    match handed.content {
        Content::Marked(content) => answer.body(content),
        Content::AsItIs(content, version) => answer.insert_header((header::CONTENT_LENGTH, version.size)).streaming(content),
    }
}
