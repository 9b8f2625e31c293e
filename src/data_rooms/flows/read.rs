//! Reading rooms: what lies in one, as far as the caller may read it.

use std::collections::BTreeMap;

use entity::data_rooms::{RoomAct, data_room, data_room_document};
use entity::ids::{DataRoomId, DocumentId};
use uuid::Uuid;

use super::look::note;
use super::{CHECKERS, hand, visitor};
use crate::data_rooms::http::{AcceptDataRoomNda, DataRoomQuery, OPERATIONS, ReadDataRoom};
use crate::data_rooms::rules::entry::{self, Verdict, Visitor};
use crate::data_rooms::rules::log::Seen;
use crate::data_rooms::rules::machine;
use crate::data_rooms::store::{self, Wanted};
use crate::data_rooms::views::{DataRoomDetail, DataRoomView, RoomDocumentView, RoomStanding};
use crate::documents;
use crate::house::{House, Tx};
use crate::platform::access::{self, Caller, Context, Permission, Permit, Unpublished};
use crate::platform::http::Page;
use crate::platform::problem::{Code, Problem};

/// A page of the rooms the caller may know of.
pub async fn list(house: &House, by: &Context, query: &DataRoomQuery) -> Result<Page<DataRoomView>, Problem> {
    let (visitor, is_checker) = match &by.caller {
        Caller::Person(actor) => (actor.organisation(), actor.staff.is_some_and(|role| CHECKERS.contains(&role))),
        Caller::System => (None, true),
        Caller::Stranger => (None, false),
    };
    let prepared = if is_checker { Unpublished::OfAll } else { visitor.map_or(Unpublished::OfNobody, Unpublished::Of) };
    let wanted = Wanted { listing_id: query.listing_id, negotiation_id: query.negotiation_id, state: query.state, visitor, prepared };
    let page = query.page();
    let rows = store::list(house.db.read(), &wanted, &page).await?;
    page.page(rows, |row| (row.created_at, Uuid::from(row.id)), |row| DataRoomView::from(&row))
}

/// Reads one; that somebody of another organisation did is in its log.
pub async fn read(house: &House, by: &Context, _: &Permit<ReadDataRoom>, id: DataRoomId) -> Result<DataRoomDetail, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    let visitor = visitor(house.db.read(), &by.caller, &found, house.world.now()).await?;
    entry::may_know(&found, &visitor).map_err(|why| entry::refused(&found, why))?;
    if visitor.organisation.is_some() && !visitor.is_insider {
        house.write_aside(by, (id, visitor.clone()), |tx, (id, visitor)| async move { looked_within(&tx, id, &visitor).await }).await?;
    }
    told_to(house, by, &found, &visitor).await
}

async fn looked_within(tx: &Tx, id: DataRoomId, visitor: &Visitor) -> Result<(), Problem> {
    let room = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let seen = Seen {
        person: visitor.person,
        organisation: visitor.organisation,
        network: tx.by.network(),
        act: RoomAct::Looked,
        refusal: None,
        paper: None,
        watermark: None,
    };
    note(tx, &room, seen).await
}

/// A room as the caller is told of it.
pub async fn told(house: &House, by: &Context, room: &data_room::Model) -> Result<DataRoomDetail, Problem> {
    let visitor = visitor(house.db.read(), &by.caller, room, house.world.now()).await?;
    told_to(house, by, room, &visitor).await
}

async fn told_to(house: &House, by: &Context, room: &data_room::Model, visitor: &Visitor) -> Result<DataRoomDetail, Problem> {
    let lying = store::papers(house.db.read(), room.id).await?;
    let all = lying.len();
    let may = |paper: &data_room_document::Model| entry::may_read(room, paper.level, visitor, Verdict::Free).is_ok();
    let read: Vec<_> = lying.into_iter().filter(may).collect();
    let titles = titles(house, &read).await?;
    let documents: Vec<_> = read.iter().map(|paper| RoomDocumentView::of(paper, titles.get(&paper.document_id).cloned())).collect();
    Ok(DataRoomDetail {
        room: room.into(),
        withheld: all - documents.len(),
        documents,
        standing: RoomStanding { accepted_version: visitor.accepted, let_in_until: visitor.let_in_until },
        allowed_deeds: deeds(house, by, room, visitor).await?,
    })
}

async fn titles(house: &House, papers: &[data_room_document::Model]) -> Result<BTreeMap<DocumentId, String>, Problem> {
    let ids = papers.iter().map(|paper| paper.document_id);
    let found = documents::store::documents_named(house.db.read(), ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row.title)).collect())
}

/// What the caller may do to a room now.
async fn deeds(house: &House, by: &Context, room: &data_room::Model, visitor: &Visitor) -> Result<Vec<String>, Problem> {
    let Caller::Person(actor) = &by.caller else { return Ok(Vec::new()) };
    let mut open = Vec::new();
    if visitor.is_insider {
        open = machine::open_to(room, &hand(house.db.read(), actor, room).await?, house.world.now());
    } else if room.nda_version > 0 && visitor.accepted != Some(room.nda_version) && entry::may_enter(room, visitor, Verdict::Free).is_ok() {
        open.push(AcceptDataRoomNda::OPERATION.id);
    }
    Ok(access::allowed(OPERATIONS, &by.caller, room, &open))
}
