//! Reading signals.

use entity::ids::IntegritySignalId;

use crate::house::House;
use crate::integrity::store::{self, Wanted};
use crate::integrity::views::IntegritySignalView;
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// A page of signals, newest first.
pub async fn list(house: &House, wanted: Wanted, page: &PageQuery) -> Result<Page<IntegritySignalView>, Problem> {
    let rows = store::list(house.db.read(), wanted, page).await?;
    page.page(rows, |row| (row.created_at, row.id.into()), IntegritySignalView::from)
}

/// A signal.
pub async fn read(house: &House, id: IntegritySignalId) -> Result<IntegritySignalView, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    Ok(found.into())
}
