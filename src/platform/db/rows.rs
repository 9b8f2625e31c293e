//! Whole rows in and out, with every column set.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityName, EntityTrait, IdenStatic, IntoActiveModel, Iterable, PrimaryKeyToColumn,
    Statement, Value,
};

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

/// Inserts new rows, in order, of which the database fills in what is not set.
pub async fn insert_new<A: ActiveModelTrait>(db: &impl ConnectionTrait, rows: impl IntoIterator<Item = A>) -> Result<(), DbErr> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        A::Entity::insert_many(rows.by_ref().take(AT_ONCE)).exec_without_returning(db).await?;
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

/// How many rows one statement changes.
const CHANGED_AT_ONCE: usize = 100;

/// Writes what is set of rows that stand already, which is the same of all, many in one statement. Their key is one column.
pub async fn update_all<A: ActiveModelTrait>(db: &impl ConnectionTrait, rows: &[A]) -> Result<(), DbErr> {
    for some in rows.chunks(CHANGED_AT_ONCE) {
        let (sql, values) = change_of(some);
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

/// Both databases call the columns of a list of values by their numbers.
fn change_of<A: ActiveModelTrait>(rows: &[A]) -> (String, Vec<Value>) {
    let table = A::Entity::default().table_name();
    let keys: Vec<_> = <A::Entity as EntityTrait>::PrimaryKey::iter().map(|key| key.into_column().as_str()).collect();
    let is_set = |column: &<A::Entity as EntityTrait>::Column| rows.first().is_some_and(|row| row.get(*column).is_set());
    let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter().filter(is_set).collect();
    let (mut same, mut changed) = (Vec::new(), Vec::new());
    for (number, name) in (1..).zip(columns.iter().map(IdenStatic::as_str)) {
        if keys.contains(&name) {
            same.push(format!("\"{table}\".\"{name}\" = given.column{number}"));
        } else {
            changed.push(format!("\"{name}\" = given.column{number}"));
        }
    }
    let (mut values, mut lists) = (Vec::with_capacity(rows.len() * columns.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let before = values.len();
        values.extend(columns.iter().filter_map(|column| row.get(*column).into_value()));
        let places: Vec<_> = (before + 1..=values.len()).map(|number| format!("${number}")).collect();
        lists.push(format!("({})", places.join(", ")));
    }
    let (changed, lists, same) = (changed.join(", "), lists.join(", "), same.join(" AND "));
    (format!("UPDATE \"{table}\" SET {changed} FROM (VALUES {lists}) AS given WHERE {same}"), values)
}
