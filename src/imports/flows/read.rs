//! Reading imports and what became of their rows.

use entity::ids::ImportId;
use entity::imports::{ImportRowState, import_job, import_row};

use super::super::http::{ListImportRows, ListImports, OPERATIONS, ReadImport};
use super::super::views::ImportView;
use super::super::{rules, store};
use crate::house::House;
use crate::platform::access::{self, Context, Permission, Permit};
use crate::platform::http::PageQuery;
use crate::platform::problem::{Code, Problem};

/// An import with what the caller may do to it, if he may see it.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadImport>, id: ImportId) -> Result<ImportView, Problem> {
    let found = seen(house, permit, id).await?;
    let under_way = store::under_way(house.db.read(), found.organisation_id).await?;
    let deeds = access::allowed(OPERATIONS, &by.caller, &found, &rules::open_to(&found, under_way));
    Ok(ImportView { allowed_deeds: Some(deeds), ..found.into() })
}

/// A page of the imports of the organisation acted for, of all for an officer.
pub async fn list(house: &House, by: &Context, _: &Permit<ListImports>, page: &PageQuery) -> Result<Vec<import_job::Model>, Problem> {
    let own = match by.actor()?.staff {
        Some(_) => None,
        None => Some(by.seat()?.organisation),
    };
    store::list(house.db.read(), own, page).await
}

/// So many rows of an import after a number, if the caller may see them; all, or those in a state.
pub async fn rows(
    house: &House,
    permit: &Permit<ListImportRows>,
    id: ImportId,
    state: Option<ImportRowState>,
    after: i64,
    limit: u64,
) -> Result<Vec<import_row::Model>, Problem> {
    seen(house, permit, id).await?;
    Ok(store::rows_after(house.db.read(), id, state, after, limit).await?)
}

/// An import in the eyes of somebody who may see it.
pub(super) async fn seen<P: Permission>(house: &House, permit: &Permit<P>, id: ImportId) -> Result<import_job::Model, Problem> {
    let job = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&job)?;
    Ok(job)
}
