//! Letting people in, one by one, and no more.

use entity::data_rooms::data_room_grant;
use entity::ids::{DataRoomGrantId, DataRoomId};

use super::held;
use crate::data_rooms::events::DataRoomEvent;
use crate::data_rooms::http::{GrantDataRoomViewer, ListDataRoomViewers, RevokeDataRoomGrant};
use crate::data_rooms::rules::machine;
use crate::data_rooms::store;
use crate::data_rooms::views::{NewGrant, ViewersView};
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Lets a person in, for as long as is said; an earlier grant of his ends.
pub async fn grant(
    house: &House,
    by: &Context,
    permit: Permit<GrantDataRoomViewer>,
    id: DataRoomId,
    new: NewGrant,
) -> Result<Done<data_room_grant::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { grant_within(&tx, &permit, id, &new).await }).await
}

async fn grant_within(
    tx: &Tx,
    permit: &Permit<GrantDataRoomViewer>,
    id: DataRoomId,
    new: &NewGrant,
) -> Result<data_room_grant::Model, Problem> {
    let room = held(tx, permit, id).await?;
    let person = tx.by.actor()?.person;
    let row = machine::granted(&room, tx.id(), new, person, tx.now)?;
    let places = identity::store::active_memberships(tx.conn(), new.person_id).await?;
    if !places.iter().any(|place| place.organisation_id == new.organisation_id) {
        return Err(Code::Invalid.at("/person_id", "unknown", "该机构没有此成员", "has no place in this organisation"));
    }
    if let Some(earlier) = store::standing_grant(tx.conn(), id, new.person_id, new.organisation_id).await? {
        let over = machine::revoked(&room, &earlier, person, tx.now)?;
        db::update(tx.conn(), over.clone()).await?;
        tx.changed("data_room_grant", over.id, Some(&earlier), Some(&over));
    }
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("data_room_grant", row.id, &row);
    tx.publish(&DataRoomEvent::granted(&room, row.organisation_id))?;
    Ok(row)
}

/// Lets a person in no more, from now on.
pub async fn revoke(
    house: &House,
    by: &Context,
    permit: Permit<RevokeDataRoomGrant>,
    id: DataRoomGrantId,
) -> Result<Done<data_room_grant::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { revoke_within(&tx, &permit, id).await }).await
}

async fn revoke_within(tx: &Tx, permit: &Permit<RevokeDataRoomGrant>, id: DataRoomGrantId) -> Result<data_room_grant::Model, Problem> {
    let found = store::grant(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let room = store::hold(tx.conn(), found.data_room_id).await?.ok_or(Code::Internal)?;
    permit.over(&room)?;
    // Read again under the lock of its room.
    let held = store::grant(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    tx.by.expects(held.version)?;
    let next = machine::revoked(&room, &held, tx.by.actor()?.person, tx.now)?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("data_room_grant", id, Some(&held), Some(&next));
    tx.publish(&DataRoomEvent::revoked(&room, next.organisation_id))?;
    Ok(next)
}

/// Who accepted the agreement of a room and who was let in, for its owner and officers.
pub async fn viewers(house: &House, permit: &Permit<ListDataRoomViewers>, id: DataRoomId) -> Result<ViewersView, Problem> {
    let db = house.db.read();
    let room = store::find(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&room)?;
    let acceptances = store::acceptances(db, id).await?;
    let grants = store::grants(db, id).await?;
    Ok(ViewersView { acceptances: acceptances.into_iter().map(Into::into).collect(), grants: grants.into_iter().map(Into::into).collect() })
}
