//! Reading listings.

use entity::identity::OrganisationState;
use entity::ids::{AssetId, ListingId};
use entity::listings::listing;
use uuid::Uuid;

use super::super::http::{OPERATIONS, ReadListing};
use super::super::rules::{self, gates, machine};
use super::super::store::{self, Wanted};
use super::super::views::{ListingSummary, ListingView};
use super::{bound, contact};
use crate::achievements;
use crate::achievements::store::AssetFacts;
use crate::auctions;
use crate::house::House;
use crate::identity;
use crate::platform::access::{self, Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// Whose listings are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// What is or was public.
    Public,
    /// All of the caller's own organisation.
    Mine,
    /// All there are; for staff.
    All,
}

/// Reads a listing, with the legal status of its assets as last read.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadListing>, id: ListingId) -> Result<ListingView, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let written = contact::written(house, &found)?;
    let offer = rules::read_offer(written.clone())?;
    let assets = achievements::store::assets_in_order(house.db.read(), &offer.asset_ids).await?;
    let assets = achievements::store::facts(house.db.read(), assets).await?;
    let seller = identity::store::organisation(house.db.read(), found.organisation_id).await?;
    let insider = is_insider(by, &found);
    let stale = if insider { stale_at_opening(house, &found, &assets)? } else { Vec::new() };
    let is_verified = seller.as_ref().is_some_and(|seller| seller.state == OrganisationState::Verified);
    let deeds = deeds(house, by, &found, is_verified).await?;
    let lot = match found.lot_id {
        Some(lot) => auctions::store::lot(house.db.read(), lot).await?,
        None => None,
    };
    let view = ListingView::read(found, written, seller.map(|seller| seller.name), assets, stale, insider);
    Ok(ListingView { allowed_deeds: Some(deeds), lot_state: lot.map(|lot| lot.state), ..view })
}

/// What the caller may do to a listing now.
async fn deeds(house: &House, by: &Context, listing: &listing::Model, seller_is_verified: bool) -> Result<Vec<String>, Problem> {
    let Caller::Person(actor) = &by.caller else { return Ok(Vec::new()) };
    if !is_insider(by, listing) {
        return Ok(Vec::new());
    }
    let person = bound(house.db.read(), actor.person, listing).await?;
    let open = machine::open_to(listing, person, seller_is_verified, house.world.now());
    Ok(access::allowed(OPERATIONS, &by.caller, listing, &open))
}

/// The assets the seller must read the legal status of again before bidding opens.
fn stale_at_opening(house: &House, listing: &listing::Model, assets: &[AssetFacts]) -> Result<Vec<AssetId>, Problem> {
    if listing.rules.is_none() {
        return Ok(Vec::new());
    }
    let now = house.world.now();
    gates::stale_at_opening(listing, assets, &rules::rules_of(listing)?, &house.rulebook.current().calendar, now)
}

/// Whether a caller sees what only the seller and staff may see.
pub(super) fn is_insider(by: &Context, listing: &listing::Model) -> bool {
    match &by.caller {
        Caller::System => true,
        Caller::Stranger => false,
        Caller::Person(actor) => actor.staff.is_some() || actor.organisation() == Some(listing.organisation_id),
    }
}

/// Lists listings.
pub async fn list(house: &House, by: &Context, whose: Whose, wanted: Wanted, page: &PageQuery) -> Result<Page<ListingSummary>, Problem> {
    let wanted = match whose {
        Whose::Public => wanted,
        Whose::Mine => Wanted { organisation_id: Some(by.seat()?.organisation), unpublished: true, ..wanted },
        Whose::All => {
            by.actor()?.staff.ok_or(Code::Forbidden)?;
            Wanted { unpublished: true, ..wanted }
        }
    };
    let rows = store::list(house.db.read(), &wanted, page).await?;
    let unpublished = wanted.unpublished;
    let place = |row: &listing::Model| (row.published_at.filter(|_| !unpublished).unwrap_or(row.created_at), Uuid::from(row.id));
    page.page(rows, place, ListingSummary::from)
}
