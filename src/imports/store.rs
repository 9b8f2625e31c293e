//! Where imports and what became of their rows are kept.

use entity::ids::{ImportId, OrganisationId};
use entity::imports::{ImportRowState, ImportState, import_job, import_row};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// An import.
pub async fn find(db: &impl ConnectionTrait, id: ImportId) -> Result<Option<import_job::Model>, DbErr> {
    import_job::Entity::find_by_id(id).one(db).await
}

/// An import, held.
pub async fn hold(db: &impl ConnectionTrait, id: ImportId) -> Result<Option<import_job::Model>, DbErr> {
    import_job::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The import whose next step this is, held.
pub async fn hold_at(db: &impl ConnectionTrait, step: Uuid) -> Result<Option<import_job::Model>, DbErr> {
    import_job::Entity::find().filter(import_job::Column::Step.eq(step)).lock_exclusive().one(db).await
}

/// How many imports of an organisation are under way.
pub async fn under_way(db: &impl ConnectionTrait, organisation: OrganisationId) -> Result<u64, DbErr> {
    import_job::Entity::find()
        .filter(import_job::Column::OrganisationId.eq(organisation))
        .filter(import_job::Column::State.is_in([ImportState::Waiting, ImportState::Running]))
        .count(db)
        .await
}

/// A page of an organisation's imports with one more, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    organisation: Option<OrganisationId>,
    page: &PageQuery,
) -> Result<Vec<import_job::Model>, Problem> {
    let own = organisation.map(|id| import_job::Column::OrganisationId.eq(id));
    let select = import_job::Entity::find().filter(Condition::all().add_option(own));
    Ok(page.restrict(select, import_job::Column::CreatedAt, import_job::Column::Id)?.all(db).await?)
}

/// So many rows of an import after a number, in order; all, or those in a state.
pub async fn rows_after(
    db: &impl ConnectionTrait,
    id: ImportId,
    state: Option<ImportRowState>,
    number: i64,
    limit: u64,
) -> Result<Vec<import_row::Model>, DbErr> {
    import_row::Entity::find()
        .filter(import_row::Column::ImportId.eq(id))
        .apply_if(state, |select, state| select.filter(import_row::Column::State.eq(state)))
        .filter(import_row::Column::Number.gt(number))
        .order_by_asc(import_row::Column::Number)
        .limit(limit)
        .all(db)
        .await
}

/// The first row of an import that spoke of this thing and was not refused.
pub async fn row_about(db: &impl ConnectionTrait, id: ImportId, identity: &str) -> Result<Option<import_row::Model>, DbErr> {
    import_row::Entity::find()
        .filter(import_row::Column::ImportId.eq(id))
        .filter(import_row::Column::Identity.eq(identity))
        .filter(import_row::Column::State.ne(ImportRowState::Refused))
        .order_by_asc(import_row::Column::Number)
        .limit(1)
        .one(db)
        .await
}

/// Writes down what became of rows.
pub async fn add_rows(db: &impl ConnectionTrait, rows: &[import_row::Model]) -> Result<(), DbErr> {
    let rows = rows.iter().map(|row| row.clone().into_active_model().reset_all());
    import_row::Entity::insert_many(rows).exec_without_returning(db).await.map(|_| ())
}
