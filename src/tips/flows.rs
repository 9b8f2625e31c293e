//! A tip comes in, and is read by who oversees the market.

use entity::ids::{NoticeId, TipId};
use uuid::Uuid;

use super::rules;
use super::store::{self, Wanted};
use super::views::{NewTip, TipReceipt, TipView};
use crate::house::{Done, House, Tx};
use crate::notices;
use crate::platform::access::{Caller, Context};
use crate::platform::data_keys::Cell;
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// The cell of what somebody wrote.
pub fn words_of(id: TipId) -> Cell {
    Cell::of("tip.words", id)
}

/// Takes a tip about a public notice, from nobody: whoever calls is not known from here on, nor where from.
pub async fn give(house: &House, by: &Context, notice: NoticeId, new: NewTip) -> Result<Done<TipReceipt>, Problem> {
    let nobody = Context { caller: Caller::Stranger, address: None, ..by.clone() };
    house.write(&nobody, (notice, new), |tx, (notice, new)| async move { give_within(&tx, notice, &new).await }).await
}

async fn give_within(tx: &Tx, notice: NoticeId, new: &NewTip) -> Result<TipReceipt, Problem> {
    let about = notices::store::find(tx.conn(), notice).await?.filter(|notice| notice.published_at.is_some()).ok_or(Code::NotFound)?;
    rules::written_well(&new.statement)?;
    let id: TipId = tx.id();
    let words = tx.sealed(words_of(id), &new.statement).await?;
    let row = rules::received(&about, id, new.ground, words, tx.now);
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("tip", id, &row);
    Ok(TipReceipt { received_at: row.received_at })
}

/// A page of tips, opened.
pub async fn list(house: &House, wanted: &Wanted, page: &PageQuery) -> Result<Page<TipView>, Problem> {
    let rows = store::list(house.db.read(), wanted, page).await?;
    let mut opened = Vec::with_capacity(rows.len());
    for row in rows {
        let statement = house.opened(words_of(row.id), &row.words)?;
        opened.push((row, statement));
    }
    page.page(opened, |(row, _)| (row.received_at, Uuid::from(row.id)), |(row, statement)| TipView::of(&row, statement))
}
