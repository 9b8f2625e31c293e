//! Whole rows in and out, with every column set.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, PrimaryKeyToColumn};

use super::writes::Writes;

/// Inserts a row as it is.
pub async fn insert<M, A>(db: &impl ConnectionTrait, row: M) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    A::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(db).await.map(|_| ())
}

/// Inserts rows as they are, in order.
pub async fn insert_all<M, A>(db: &impl ConnectionTrait, rows: Vec<M>) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let mut writes = Writes::to(db);
    writes.insert(rows);
    writes.write(db).await
}

/// Inserts a row unless one with its key stands already; tells whether it did.
pub async fn insert_if_absent<M, A>(db: &impl ConnectionTrait, row: M) -> Result<bool, DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let keys = <A::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    let done = A::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::columns(keys).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(done > 0)
}

/// Writes every column of a row that stands already.
pub async fn update<M, A>(db: &impl ConnectionTrait, row: M) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    A::Entity::update(row.into_active_model().reset_all()).exec_without_returning(db).await.map(|_| ())
}

/// Writes what is set of rows that stand already, which is the same of all.
pub async fn update_all<A>(db: &impl ConnectionTrait, rows: Vec<A>) -> Result<(), DbErr>
where
    A: ActiveModelTrait,
{
    let mut writes = Writes::to(db);
    writes.update(rows)?;
    writes.write(db).await
}
