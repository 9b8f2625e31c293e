//! The confidentiality agreement of a room: putting its text, reading and accepting it.

use entity::data_rooms::{data_room, data_room_acceptance};
use entity::ids::DataRoomId;

use super::{held, record, visitor};
use crate::data_rooms::events::DataRoomEvent;
use crate::data_rooms::http::{AcceptDataRoomNda, PutDataRoomNda, ReadDataRoomNda};
use crate::data_rooms::rules::entry::{self, Verdict};
use crate::data_rooms::rules::nda::{self, Accepting};
use crate::data_rooms::store;
use crate::data_rooms::views::{NdaView, NewAcceptance, NewNda};
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Puts another text: whoever accepted an earlier one accepts this one anew.
pub async fn put_nda(
    house: &House,
    by: &Context,
    permit: Permit<PutDataRoomNda>,
    id: DataRoomId,
    new: NewNda,
) -> Result<Done<data_room::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            let (next, nda) = nda::put(&held, new.text, tx.by.actor()?.person, tx.now)?;
            db::insert(tx.conn(), nda.clone()).await?;
            record(&tx, &held, &next).await?;
            tx.created("data_room_nda", next.id, &nda);
            Ok(next)
        })
        .await
}

/// A text of the agreement, the one that stands unless another is named.
pub async fn read_nda(
    house: &House,
    by: &Context,
    _: &Permit<ReadDataRoomNda>,
    id: DataRoomId,
    which: Option<i64>,
) -> Result<NdaView, Problem> {
    let db = house.db.read();
    let room = store::find(db, id).await?.ok_or(Code::NotFound)?;
    let visitor = visitor(db, &by.caller, &room, house.world.now()).await?;
    entry::may_read_nda(&room, &visitor).map_err(|why| entry::refused(&room, why))?;
    let found = store::nda(db, id, which.unwrap_or(room.nda_version)).await?.ok_or(Code::NotFound)?;
    Ok(NdaView::of(found, room.nda_version))
}

/// Accepts the text that stands, for the organisation acted for.
pub async fn accept(
    house: &House,
    by: &Context,
    _: Permit<AcceptDataRoomNda>,
    id: DataRoomId,
    new: NewAcceptance,
) -> Result<Done<data_room_acceptance::Model>, Problem> {
    house.write(by, (id, new), |tx, (id, new)| async move { accept_within(&tx, id, &new).await }).await
}

async fn accept_within(tx: &Tx, id: DataRoomId, new: &NewAcceptance) -> Result<data_room_acceptance::Model, Problem> {
    let (person, organisation) = (tx.by.actor()?.person, tx.by.seat()?.organisation);
    let room = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let visitor = visitor(tx.conn(), &tx.by.caller, &room, tx.now).await?;
    entry::may_enter(&room, &visitor, Verdict::Free).map_err(|why| entry::refused(&room, why))?;
    verified_within(tx, organisation).await?;
    let text = store::nda(tx.conn(), id, room.nda_version).await?.ok_or(Code::NotFound)?;
    let by = Accepting { person, organisation, accepted: visitor.accepted, network: tx.by.network() };
    let row = nda::accepted(&room, &text, by, &new.sha256, tx.now)?;
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("data_room_acceptance", id, &row);
    tx.publish(&DataRoomEvent::accepted(&room))?;
    Ok(row)
}
