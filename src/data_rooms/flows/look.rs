//! Handing a document out: first it is written into the log who is handed it, or refused.

use entity::Timestamp;
use entity::data_rooms::{RoomAct, RoomRefusal, data_room, data_room_document};
use entity::documents::document_version;
use entity::ids::{DataRoomDocumentId, OrganisationId, PersonId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::visitor;
use crate::data_rooms::http::DownloadDataRoomDocument;
use crate::data_rooms::rules::entry::{self, Verdict, Visitor};
use crate::data_rooms::rules::levels::bears_watermark;
use crate::data_rooms::rules::log::{Seen, noted};
use crate::data_rooms::stamps::{Mark, Markable};
use crate::data_rooms::store;
use crate::documents;
use crate::documents::files;
use crate::house::{House, Tx};
use crate::identity;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// For whom officers read.
const PLATFORM: &str = "浙拍 Zhepai";
/// What a marked copy is.
const PDF: &str = "application/pdf";

/// What came of somebody's asking for a document, as it is in the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Looked {
    room: data_room::Model,
    paper: data_room_document::Model,
    refusal: Option<RoomRefusal>,
    person: Option<PersonId>,
    organisation: Option<OrganisationId>,
    at: Timestamp,
}

/// What is handed out.
pub enum Content {
    /// A copy with a watermark.
    Marked(Vec<u8>),
    /// The content as it was uploaded.
    AsItIs(files::Content, document_version::Model),
}

/// A document that is handed out.
pub struct Handed {
    /// Name of the file.
    pub file_name: String,
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub content: Content,
}

/// Hands a document out, or refuses it; both are in the log before.
pub async fn download(
    house: &House,
    by: &Context,
    _: &Permit<DownloadDataRoomDocument>,
    id: DataRoomDocumentId,
) -> Result<Handed, Problem> {
    let code = format!("DR{}", house.world.secret_id::<Uuid>().simple());
    let asked = (id, code.clone());
    let looked = house.write_aside(by, asked, |tx, (id, code)| async move { look_within(&tx, id, code).await }).await?.value;
    match looked.refusal {
        Some(why) => Err(entry::refused(&looked.room, why)),
        None => handed(house, looked, code).await,
    }
}

async fn look_within(tx: &Tx, id: DataRoomDocumentId, code: String) -> Result<Looked, Problem> {
    let found = store::paper(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let room = store::hold(tx.conn(), found.data_room_id).await?.ok_or(Code::Internal)?;
    // Read again under the lock of its room: what was taken away meanwhile is handed out no more.
    let paper = store::paper(tx.conn(), id).await?.filter(|paper| paper.removed_at.is_none()).ok_or(Code::NotFound)?;
    let visitor = visitor(tx.conn(), &tx.by.caller, &room, tx.now).await?;
    let refusal = entry::may_read(&room, paper.level, &visitor, Verdict::Free).err();
    let is_marked = refusal.is_none() && bears_watermark(paper.level, paper.unmarked);
    let Visitor { person, organisation, .. } = visitor;
    let seen = Seen {
        person,
        organisation,
        network: tx.by.network(),
        act: if refusal.is_some() { RoomAct::Refused } else { RoomAct::Downloaded },
        refusal,
        paper: Some(&paper),
        watermark: is_marked.then_some(code),
    };
    note(tx, &room, seen).await?;
    Ok(Looked { room, paper, refusal, person, organisation, at: tx.now })
}

/// Writes into the log of a room, which is held. The log is its own trail.
pub(super) async fn note(tx: &Tx, room: &data_room::Model, seen: Seen<'_>) -> Result<(), Problem> {
    tx.nothing_changed();
    let last = store::last_seen(tx.conn(), room.id).await?;
    db::insert(tx.conn(), noted(room.id, last.as_ref(), seen, tx.now)).await?;
    Ok(())
}

async fn handed(house: &House, looked: Looked, code: String) -> Result<Handed, Problem> {
    let (paper, db) = (&looked.paper, house.db.read());
    let document = documents::store::document(db, paper.document_id).await?.ok_or(Code::Internal)?;
    let version = documents::store::version(db, paper.document_id, paper.document_version).await?.ok_or(Code::Internal)?;
    if !bears_watermark(paper.level, paper.unmarked) {
        let content = house.files.get(&version.stored_as).await?;
        let media_type = version.media_type.clone();
        return Ok(Handed { file_name: document.file_name, media_type, content: Content::AsItIs(content, version) });
    }
    let kind = Markable::of(&version.media_type).ok_or(Code::Internal)?;
    let reader = match looked.organisation {
        Some(id) => identity::store::organisation(db, id).await?.map_or_else(|| id.to_string(), |found| found.name),
        None => PLATFORM.to_owned(),
    };
    let content = house.files.whole(&version.stored_as).await?;
    let mark = Mark { reader, person: looked.person, at: looked.at, code };
    let marked = house.stamps.marked(kind, content, mark).await?.map_err(|why| {
        tracing::error!(?why, document = %paper.document_id, "a document that bore a watermark when it was laid out bears none");
        Problem::from(Code::Internal)
    })?;
    let file_name = if kind == Markable::Pdf { document.file_name } else { format!("{}.pdf", document.file_name) };
    Ok(Handed { file_name, media_type: PDF.to_owned(), content: Content::Marked(marked) })
}
