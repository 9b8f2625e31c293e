//! Reading what happened to a listing and what comes next.

use entity::ids::ListingId;
use entity::listings::listing;

use super::super::events::state_told;
use super::super::rules;
use super::super::rules::timeline::{Announced, Sight, steps};
use super::super::store;
use super::contact;
use super::read::is_insider;
use crate::auctions;
use crate::auctions::flows::{Seen, sales_of};
use crate::auctions::rules::timeline::published_at;
use crate::house::House;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::outbox;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Snapshot, Timeline, shanghai_date};

/// The timeline of a listing, as far as the caller may know.
pub async fn timeline<P: Permission>(house: &House, by: &Context, permit: &Permit<P>, id: ListingId) -> Result<Timeline, Problem> {
    let db = house.db.read();
    let found = store::find(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let is_insider = is_insider(by, &found);
    let past = if is_insider { outbox::of_subject(db, "listing", id).await? } else { Vec::new() };
    let past: Vec<_> = past.into_iter().filter_map(|(kind, at)| Some((state_told(&kind)?, at))).collect();
    let seen = look(house, &found).await?;
    let sales = match &seen {
        Some(seen) => sales_of(house, &seen.lot).await?,
        None => Vec::new(),
    };
    let sales: Vec<_> = sales.iter().collect();
    let announced = seen.as_ref().map(|seen| Announced {
        course: seen.course(),
        sales: if is_insider { sales.as_slice() } else { &[] },
        result_published_at: published_at(&sales),
    });
    let now = house.world.now();
    let steps = steps(&Sight {
        listing: &found,
        offer: &contact::offer_of(house, &found)?,
        rules: &followed(house, &found)?,
        past: is_insider.then_some(past.as_slice()),
        announced,
        calendar: &house.rulebook.current().calendar,
        now,
    })?;
    Ok(Timeline {
        now,
        state: found.state.code(),
        listing_id: Some(id),
        negotiation_id: None,
        lot_id: found.lot_id,
        deal_id: None,
        steps,
        deal_ids: Vec::new(),
    })
}

/// The rules a listing follows: those it was approved under, or before that those of today.
fn followed(house: &House, listing: &listing::Model) -> Result<Snapshot, Problem> {
    if listing.rules.is_some() {
        return rules::rules_of(listing);
    }
    let today = shanghai_date(house.world.now());
    Ok(house.rulebook.current().rulebook.snapshot(listing.seller_class, today))
}

/// The lot of a listing, once it is announced.
async fn look(house: &House, listing: &listing::Model) -> Result<Option<Seen>, Problem> {
    let Some(lot_id) = listing.lot_id else { return Ok(None) };
    let lot = auctions::store::lot(house.db.read(), lot_id).await?.ok_or(Code::Internal)?;
    Seen::look(house, lot).await.map(Some)
}
