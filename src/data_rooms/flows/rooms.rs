//! Preparing a room, opening and closing it, and closing it with what it belongs to.

use entity::data_rooms::data_room;
use entity::identity::SellerClass;
use entity::ids::{DataRoomId, ListingId, NegotiationId, OrganisationId};
use serde_json::Value;

use super::{hand, held, record, record_closed};
use crate::data_rooms::events::DataRoomEvent;
use crate::data_rooms::http::{CloseDataRoom, CreateDataRoom, OpenDataRoom};
use crate::data_rooms::rules::machine::{self, Deed, Matter};
use crate::data_rooms::store;
use crate::data_rooms::views::NewDataRoom;
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::listings::rules::exhibition;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{deadline, shanghai_date};
use crate::{listings, negotiations};

/// Why a room closes with what it belongs to.
const OVER: &str = "项目或者协议定价已结束 What it belongs to is over";

/// Prepares the room of a listing or a sale of the caller's organisation.
pub async fn create(house: &House, by: &Context, _: Permit<CreateDataRoom>, new: NewDataRoom) -> Result<Done<data_room::Model>, Problem> {
    house.write(by, new, |tx, new| async move { create_within(&tx, &new).await }).await
}

async fn create_within(tx: &Tx, new: &NewDataRoom) -> Result<data_room::Model, Problem> {
    let (person, owner) = (tx.by.actor()?.person, tx.by.seat()?.organisation);
    verified_within(tx, owner).await?;
    let matter = matter_within(tx, new, owner).await?;
    if let Some(other) = store::hold_of(tx.conn(), matter).await? {
        return Err(Code::DataRoomExists.with("data_room_id", other.id).with("allowed", machine::allowed(other.state)));
    }
    let row = machine::prepared(tx.id(), matter, (owner, person), tx.now);
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("data_room", row.id, &row);
    Ok(row)
}

/// What a room is to belong to, held, if it is the owner's and not over: another's is as unknown as one there is not.
async fn matter_within(tx: &Tx, new: &NewDataRoom, owner: OrganisationId) -> Result<Matter, Problem> {
    match (new.listing_id, new.negotiation_id) {
        (Some(id), None) => {
            let found = listings::store::hold(tx.conn(), id).await?.filter(|listing| listing.organisation_id == owner);
            let listing = found.ok_or_else(|| Code::Invalid.at("/listing_id", "unknown", "该项目不存在", "there is no such listing"))?;
            machine::of_listing(listing.state)?;
            Ok(Matter::Listing(id))
        }
        (None, Some(id)) => {
            let found = negotiations::store::hold(tx.conn(), id).await?.filter(|sale| sale.organisation_id == owner);
            let sale = found.ok_or_else(|| Code::Invalid.at("/negotiation_id", "unknown", "该协议定价不存在", "there is no such sale"))?;
            machine::of_negotiation(sale.state)?;
            Ok(Matter::Negotiation(id, sale.buyer_organisation_id))
        }
        _ => {
            Err(Code::Invalid.at("", "one_of_two", "须且仅须填写 listing_id 或 negotiation_id", "names a listing or a sale, and not both"))
        }
    }
}

/// Opens a room, with what it belongs to.
pub async fn open(house: &House, by: &Context, permit: Permit<OpenDataRoom>, id: DataRoomId) -> Result<Done<data_room::Model>, Problem> {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::Open)?;
            let class = class_within(&tx, &held).await?;
            let edition = tx.house.rulebook.current();
            let rules = edition.rulebook.snapshot(class, shanghai_date(tx.now));
            let least = rules.span(exhibition::RULE).map_err(|_| Code::Internal)?;
            let least_until = deadline(tx.now, least, &edition.calendar).ends_at;
            let next = machine::opened(&held, tx.by.actor()?.person, least_until, tx.now)?;
            record(&tx, &held, &next).await?;
            tx.publish(&DataRoomEvent::opened(&next))?;
            Ok(next)
        })
        .await
}

/// The class of the seller by whose rules a room stays open, if what it belongs to is under way.
async fn class_within(tx: &Tx, held: &data_room::Model) -> Result<SellerClass, Problem> {
    if let Some(id) = held.listing_id {
        let listing = listings::store::find(tx.conn(), id).await?.ok_or(Code::Internal)?;
        machine::offered(listing.state)?;
        return Ok(listing.seller_class);
    }
    let id = held.negotiation_id.ok_or(Code::Internal)?;
    let sale = negotiations::store::find(tx.conn(), id).await?.ok_or(Code::Internal)?;
    machine::of_negotiation(sale.state)?;
    Ok(sale.seller_class)
}

/// Its owner, or an officer, closes a room.
pub async fn close(
    house: &House,
    by: &Context,
    permit: Permit<CloseDataRoom>,
    id: DataRoomId,
    reason: String,
) -> Result<Done<data_room::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id).await?;
            let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
            let next = machine::closed(&held, &hand, &reason, tx.now)?;
            record_closed(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// A listing is over, and its room closes with it.
pub async fn hear_listing_over(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = body["listing_id"].as_str().and_then(|id| id.parse::<ListingId>().ok()) else { return Ok(()) };
    end_within(tx, store::hold_of_listing(tx.conn(), id).await?).await
}

/// A sale at a negotiated price is over, and its room closes with it.
pub async fn hear_negotiation_over(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = body["negotiation_id"].as_str().and_then(|id| id.parse::<NegotiationId>().ok()) else { return Ok(()) };
    end_within(tx, store::hold_of_negotiation(tx.conn(), id).await?).await
}

async fn end_within(tx: &Tx, held: Option<data_room::Model>) -> Result<(), Problem> {
    let Some(held) = held else { return Ok(()) };
    match machine::ended(&held, OVER, tx.now) {
        Some(next) => record_closed(tx, &held, &next).await,
        None => Ok(()),
    }
}
