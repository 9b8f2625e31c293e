//! Reading what was proposed about published listings.

use entity::ids::{ListingAmendmentId, ListingId};
use entity::listings::{listing, listing_amendment};
use serde_json::Value;
use uuid::Uuid;

use super::super::http::{ListListingAmendments, OPERATIONS, ReadListingAmendment};
use super::super::rules::amendment;
use super::super::store;
use super::super::views::{ListingAmendmentSummary, ListingAmendmentView};
use super::bound;
use crate::house::House;
use crate::notices;
use crate::notices::rules::difference::{Difference, differences};
use crate::platform::access::{self, Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// What was proposed about a listing, newest first.
pub async fn list_amendments(
    house: &House,
    permit: &Permit<ListListingAmendments>,
    id: ListingId,
    page: &PageQuery,
) -> Result<Page<ListingAmendmentSummary>, Problem> {
    let listing = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&listing)?;
    let rows = store::amendments(house.db.read(), id, page).await?;
    page.page(rows, |row| (row.proposed_at, Uuid::from(row.id)), |row| ListingAmendmentSummary::from(&row))
}

/// One of them, with the text that is to be published and what it differs in.
pub async fn read_amendment(
    house: &House,
    by: &Context,
    permit: &Permit<ReadListingAmendment>,
    id: ListingAmendmentId,
) -> Result<ListingAmendmentView, Problem> {
    let found = store::amendment(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    amendment_told(house, by, &found).await
}

/// The same after a deed.
pub async fn amendment_told(house: &House, by: &Context, row: &listing_amendment::Model) -> Result<ListingAmendmentView, Problem> {
    let listing = store::find(house.db.read(), row.listing_id).await?.ok_or(Code::Internal)?;
    let deeds = deeds(house, by, row, &listing).await?;
    Ok(ListingAmendmentView::of(row, differs_in(house, row, &listing).await?, deeds))
}

/// What the text differs in from the one it is to take the place of.
async fn differs_in(house: &House, row: &listing_amendment::Model, listing: &listing::Model) -> Result<Vec<Difference>, Problem> {
    let notice = listing.notice_id.ok_or(Code::Internal)?;
    let base = notices::store::version(house.db.read(), notice, row.base_version).await?.ok_or(Code::Internal)?;
    let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|_| Problem::from(Code::Internal));
    Ok(differences(&read(&base.content)?, &read(&row.drafted)?))
}

async fn deeds(house: &House, by: &Context, row: &listing_amendment::Model, listing: &listing::Model) -> Result<Vec<String>, Problem> {
    let Caller::Person(actor) = &by.caller else { return Ok(Vec::new()) };
    let person = bound(house.db.read(), actor.person, listing).await?;
    let open = amendment::open_to(row, listing, person, actor.staff.is_some());
    Ok(access::allowed(OPERATIONS, &by.caller, row, &open))
}
