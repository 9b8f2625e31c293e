//! What officers did at somebody's request with his personal data, and which request it was.

use entity::identity::{DataWish, data_request};
use entity::ids::{DataRequestId, PersonId};

use crate::house::{House, Tx};
use crate::platform::data_keys::Cell;
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Faults, Problem};
use crate::privacy::store;
use crate::privacy::views::DataRequestView;

/// The cell of a request's reason.
pub(super) fn reason_of(id: DataRequestId) -> Cell {
    Cell::of("data_request.reason", id)
}

/// Checks what names the request.
pub(super) fn check_reason(reason: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", reason, 500).done()
}

/// Keeps what the caller does at somebody's request.
pub(super) async fn keep(tx: &Tx, person_id: PersonId, wish: DataWish, reason: &str) -> Result<(), Problem> {
    let id = tx.id();
    let row = data_request::Model {
        id,
        person_id,
        wish,
        reason: tx.sealed(reason_of(id), reason).await?,
        done_by: tx.by.actor()?.person,
        done_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("data_request", id, &row);
    Ok(())
}

/// Takes the words of a forgotten person's requests away.
pub(super) async fn forget(tx: &Tx, person: PersonId) -> Result<(), Problem> {
    for held in store::requests(tx.conn(), person).await? {
        let gone = data_request::Model { reason: tx.sealed(reason_of(held.id), "").await?, ..held.clone() };
        db::update(tx.conn(), gone.clone()).await?;
        tx.changed("data_request", held.id, Some(&held), Some(&gone));
    }
    Ok(())
}

/// A request as it is told.
pub(super) fn told(house: &House, row: &data_request::Model) -> Result<DataRequestView, Problem> {
    Ok(DataRequestView {
        id: row.id,
        person_id: row.person_id,
        wish: row.wish,
        reason: house.opened(reason_of(row.id), &row.reason)?,
        done_by: row.done_by,
        done_at: row.done_at,
    })
}

/// Requests, newest first.
pub async fn list(house: &House, person: Option<PersonId>, page: &PageQuery) -> Result<Page<DataRequestView>, Problem> {
    let rows = store::request_page(house.db.read(), person, page).await?;
    let found = page.page(rows, |row| (row.done_at, row.id.0), |row| row)?;
    let items = found.items.iter().map(|row| told(house, row)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: found.next_cursor })
}
