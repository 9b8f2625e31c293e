//! Reading deals: what parties and officers may see.

use entity::deals::deal;
use entity::ids::DealId;

use crate::deals::http::{ReadConfirmation, ReadDeal};
use crate::deals::store::{self, Wanted};
use crate::deals::views::{ConfirmationView, DealView};
use crate::house::House;
use crate::platform::access::{Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// Lists deals: officers see all, everybody else those his organisation is a party to.
pub async fn list(house: &House, by: &Context, wanted: Wanted, page: &PageQuery) -> Result<Page<DealView>, Problem> {
    let officer = matches!(&by.caller, Caller::Person(actor) if actor.staff.is_some());
    let party = if officer { None } else { Some(by.seat()?.organisation) };
    let rows = store::list(house.db.read(), &Wanted { party, ..wanted }, page).await?;
    page.page(rows, |row| (row.created_at, row.id.into()), DealView::from)
}

/// Reads a deal.
pub async fn read(house: &House, permit: &Permit<ReadDeal>, id: DealId) -> Result<deal::Model, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    Ok(found)
}

/// Reads a confirmation with the signatures under it.
pub async fn read_confirmation(house: &House, permit: &Permit<ReadConfirmation>, id: DealId) -> Result<ConfirmationView, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let signatures = store::signatures(house.db.read(), id).await?;
    Ok(ConfirmationView::of(found, signatures))
}
