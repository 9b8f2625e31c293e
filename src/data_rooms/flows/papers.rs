//! Laying documents out, and taking them away.

use entity::data_rooms::{data_room, data_room_document};
use entity::documents::document;
use entity::ids::{AssetId, DataRoomDocumentId, DataRoomId};

use super::held;
use crate::data_rooms::http::{AddDataRoomDocument, RemoveDataRoomDocument};
use crate::data_rooms::rules::levels::{self, Placing};
use crate::data_rooms::rules::machine::{self, Deed};
use crate::data_rooms::stamps::{Mark, Markable, Unmarkable};
use crate::data_rooms::store;
use crate::data_rooms::views::NewRoomDocument;
use crate::documents::flows::usable_within;
use crate::documents::views::DocumentRef;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::keys::unhex;
use crate::platform::problem::{Code, Problem};
use crate::{achievements, documents, listings, negotiations};

/// The most documents that lie in a room.
const MOST_DOCUMENTS: u64 = 300;

/// What came of trying a watermark on a document before it is laid out.
#[derive(Clone, Debug)]
struct Tried {
    /// The hash of the content it was tried on.
    sha256: Vec<u8>,
    /// What of a watermark it can bear, and whether it does.
    marking: Option<(Markable, Result<(), Unmarkable>)>,
}

/// Lays a document of the owner's out. That it bears a watermark is tried before, so that nobody learns of it who came to read.
pub async fn add(
    house: &House,
    by: &Context,
    permit: Permit<AddDataRoomDocument>,
    id: DataRoomId,
    new: NewRoomDocument,
) -> Result<Done<data_room_document::Model>, Problem> {
    let room = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&room)?;
    let tried = tried(house, by, &room, &new).await?;
    house
        .write(by, (permit, id, new, tried), |tx, (permit, id, new, tried)| async move {
            Box::pin(add_within(&tx, &permit, id, &new, tried.as_ref())).await
        })
        .await
}

/// Tries a watermark on a document; nothing where it is not the owner's, which is refused later.
async fn tried(house: &House, by: &Context, room: &data_room::Model, new: &NewRoomDocument) -> Result<Option<Tried>, Problem> {
    let found = documents::store::document(house.db.read(), new.document_id).await?;
    let Some(document) = found.filter(|found| found.organisation_id == Some(room.organisation_id)) else { return Ok(None) };
    let version = documents::store::version(house.db.read(), document.id, document.version).await?.ok_or(Code::Internal)?;
    let Some(kind) = Markable::of(&version.media_type) else { return Ok(Some(Tried { sha256: version.sha256, marking: None })) };
    let content = house.files.whole(&version.stored_as).await?;
    let mark =
        Mark { reader: "试加水印".into(), person: by.actor().ok().map(|actor| actor.person), at: house.world.now(), code: "DR".into() };
    let marked = house.stamps.marked(kind, content, mark).await?.map(|_| ());
    Ok(Some(Tried { sha256: version.sha256, marking: Some((kind, marked)) }))
}

async fn add_within(
    tx: &Tx,
    permit: &Permit<AddDataRoomDocument>,
    id: DataRoomId,
    new: &NewRoomDocument,
    tried: Option<&Tried>,
) -> Result<data_room_document::Model, Problem> {
    let room = held(tx, permit, id).await?;
    machine::require(&room, Deed::AddDocument)?;
    let found = usable_within(tx, new.document_id, room.organisation_id).await?;
    let sha256 = unhex(&found.sha256).ok_or(Code::Internal)?;
    levels::as_tried(tried.map(|tried| tried.sha256.as_slice()), &sha256)?;
    let document = documents::store::document(tx.conn(), new.document_id).await?.ok_or(Code::Internal)?;
    levels::placed(&placing(new, &document, tried, is_secret(tx, &room).await?))?;
    let (count, lies) = store::lying(tx.conn(), id, new.document_id).await?;
    if lies {
        return Err(Code::Invalid.at("/document_id", "lies_there", "该文件已在资料室内", "lies in the room already"));
    }
    if count >= MOST_DOCUMENTS {
        return Err(Code::Invalid.at("/document_id", "too_many", "资料室内的文件已达上限", "as many documents lie in the room as may"));
    }
    let row = laid_out(tx, id, new, (&found, sha256))?;
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("data_room_document", row.id, &row);
    Ok(row)
}

fn placing(new: &NewRoomDocument, document: &document::Model, tried: Option<&Tried>, is_secret: bool) -> Placing {
    Placing {
        level: new.level,
        disclosure: new.disclosure,
        unmarked: new.unmarked,
        own: document.confidentiality,
        is_secret,
        marking: tried.and_then(|tried| tried.marking),
    }
}

fn laid_out(
    tx: &Tx,
    room: DataRoomId,
    new: &NewRoomDocument,
    (found, sha256): (&DocumentRef, Vec<u8>),
) -> Result<data_room_document::Model, Problem> {
    Ok(data_room_document::Model {
        id: tx.id(),
        data_room_id: room,
        document_id: found.id,
        document_version: found.version,
        sha256,
        level: new.level,
        disclosure: new.disclosure,
        unmarked: new.unmarked,
        added_by: tx.by.actor()?.person,
        added_at: tx.now,
        removed_by: None,
        removed_at: None,
        version: 1,
    })
}

/// Whether anything is secret of what a room's listing or sale offers.
async fn is_secret(tx: &Tx, room: &data_room::Model) -> Result<bool, Problem> {
    let offered: Vec<AssetId> = match (room.listing_id, room.negotiation_id) {
        (Some(id), _) => listings::store::assets(tx.conn(), id).await?,
        (None, Some(id)) => negotiations::store::assets(tx.conn(), id).await?,
        (None, None) => Vec::new(),
    };
    let assets = achievements::store::assets_named(tx.conn(), offered).await?;
    let rights = achievements::store::facts(tx.conn(), assets.into_values().collect()).await?;
    Ok(rights.iter().any(levels::is_secret))
}

/// Takes a document away: nobody is handed it any more.
pub async fn remove(
    house: &House,
    by: &Context,
    permit: Permit<RemoveDataRoomDocument>,
    id: DataRoomDocumentId,
) -> Result<Done<data_room_document::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { remove_within(&tx, &permit, id).await }).await
}

async fn remove_within(
    tx: &Tx,
    permit: &Permit<RemoveDataRoomDocument>,
    id: DataRoomDocumentId,
) -> Result<data_room_document::Model, Problem> {
    let found = store::paper(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let room = store::hold(tx.conn(), found.data_room_id).await?.ok_or(Code::Internal)?;
    permit.over(&room)?;
    // Read again under the lock of its room.
    let held = store::paper(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    tx.by.expects(held.version)?;
    let next = machine::removed(&room, &held, tx.by.actor()?.person, tx.now)?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("data_room_document", id, Some(&held), Some(&next));
    Ok(next)
}
