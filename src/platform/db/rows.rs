//! Whole rows in and out, with every column set.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, IntoActiveModel, Iterable, PrimaryKeyToColumn};

use super::recordset;

/// Inserts a row as it is.
pub async fn insert<M, A>(db: &impl ConnectionTrait, row: M) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    A::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(db).await.map(|_| ())
}

/// How many rows one statement inserts: a database takes so many values at most.
const AT_ONCE: usize = 500;

/// Inserts rows as they are, in order.
pub async fn insert_all<M, A>(db: &impl ConnectionTrait, rows: Vec<M>) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    insert_new(db, rows.into_iter().map(|row| row.into_active_model().reset_all())).await
}

/// Inserts new rows, in order, of which the database fills in what is not set; of all the same is set.
pub async fn insert_new<A: ActiveModelTrait>(db: &impl ConnectionTrait, rows: impl IntoIterator<Item = A>) -> Result<(), DbErr> {
    let is_postgres = db.get_database_backend() == DatabaseBackend::Postgres;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some = rows.by_ref().take(AT_ONCE);
        if is_postgres {
            db.execute_raw(recordset::insertion(&some.collect::<Vec<_>>())).await?;
        } else {
            A::Entity::insert_many(some).exec_without_returning(db).await?;
        }
    }
    Ok(())
}

/// Inserts those of rows of which no equal stands already.
pub async fn insert_all_absent<M, A>(db: &impl ConnectionTrait, rows: Vec<M>, equal: OnConflict) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
    while rows.peek().is_some() {
        let some = A::Entity::insert_many(rows.by_ref().take(AT_ONCE)).on_conflict(equal.clone());
        some.exec_without_returning(db).await?;
    }
    Ok(())
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
    if db.get_database_backend() == DatabaseBackend::Postgres {
        for some in rows.chunks(AT_ONCE) {
            db.execute_raw(recordset::change(some)).await?;
        }
        return Ok(());
    }
    for row in rows {
        A::Entity::update(row).exec_without_returning(db).await?;
    }
    Ok(())
}
