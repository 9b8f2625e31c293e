//! Several writings in one round trip: PostgreSQL does them all in one statement; SQLite, which is no trip away, one after the other.

use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, OnConflict, Query, TableRef, UpdateStatement, ValueTuple};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, IdenStatic, IntoActiveModel, QueryTrait, Statement, Update,
};

use super::recordset::{self, Recordset};

/// How many rows one statement of SQLite inserts: it takes so many values at most.
const AT_ONCE: usize = 500;

/// What is written together. No row may be in it twice.
pub struct Writes(Kind);

enum Kind {
    Postgres(Vec<Recordset>),
    Sqlite(Vec<Statement>),
}

impl Writes {
    /// For a database.
    pub fn to(db: &impl ConnectionTrait) -> Self {
        Self(match db.get_database_backend() {
            DatabaseBackend::Postgres => Kind::Postgres(Vec::new()),
            _ => Kind::Sqlite(Vec::new()),
        })
    }

    /// Inserts rows as they are, in order.
    pub fn insert<M, A>(&mut self, rows: Vec<M>)
    where
        M: IntoActiveModel<A>,
        A: ActiveModelTrait,
    {
        self.insert_new(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect());
    }

    /// Inserts new rows, in order, of which the database fills in what is not set; of all the same is set.
    pub fn insert_new<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        if rows.is_empty() {
            return;
        }
        match &mut self.0 {
            Kind::Postgres(all) => all.push(Recordset::insertion(&rows)),
            Kind::Sqlite(all) => {
                all.extend(in_parts(rows, |some| A::Entity::insert_many(some).build(DatabaseBackend::Sqlite)));
            }
        }
    }

    /// Inserts those of rows of which no equal stands already, which is told by columns.
    pub fn insert_absent<M, A>(&mut self, rows: Vec<M>, equal: &[<A::Entity as EntityTrait>::Column])
    where
        M: IntoActiveModel<A>,
        A: ActiveModelTrait,
    {
        if rows.is_empty() {
            return;
        }
        let rows: Vec<A> = rows.into_iter().map(|row| row.into_active_model().reset_all()).collect();
        match &mut self.0 {
            Kind::Postgres(all) => all.push(Recordset::insertion_of_absent(&rows, equal)),
            Kind::Sqlite(all) => {
                let absent = OnConflict::columns(equal.iter().copied()).do_nothing().to_owned();
                let insertion = |some| A::Entity::insert_many(some).on_conflict(absent.clone()).build(DatabaseBackend::Sqlite);
                all.extend(in_parts(rows, insertion));
            }
        }
    }

    /// Writes what is set of rows that stand already, which is the same of all.
    pub fn update<A: ActiveModelTrait>(&mut self, rows: Vec<A>) -> Result<(), DbErr> {
        match &mut self.0 {
            _ if rows.is_empty() => {}
            Kind::Postgres(all) => all.push(Recordset::change(&rows)),
            Kind::Sqlite(all) if rows.len() == 1 => {
                for row in rows {
                    all.push(Update::one(row).validate()?.build(DatabaseBackend::Sqlite));
                }
            }
            Kind::Sqlite(all) => all.extend(in_parts(rows, |some| DatabaseBackend::Sqlite.build(&change(&some)))),
        }
        Ok(())
    }

    /// Also writes what somebody else has to write.
    pub fn join(&mut self, other: Self) {
        match (&mut self.0, other.0) {
            (Kind::Postgres(all), Kind::Postgres(more)) => all.extend(more),
            (Kind::Sqlite(all), Kind::Sqlite(more)) => all.extend(more),
            // Both are for the database of one transaction.
            (Kind::Postgres(_), Kind::Sqlite(_)) | (Kind::Sqlite(_), Kind::Postgres(_)) => {}
        }
    }

    /// Writes it all.
    pub async fn write(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        match self.0 {
            Kind::Postgres(all) if all.is_empty() => Ok(()),
            Kind::Postgres(all) => db.execute_raw(Recordset::together(all)).await.map(|_| ()),
            Kind::Sqlite(all) => {
                for statement in all {
                    db.execute_raw(statement).await?;
                }
                Ok(())
            }
        }
    }
}

/// Statements about rows, no more than a few hundred each.
fn in_parts<A>(rows: Vec<A>, statement: impl Fn(Vec<A>) -> Statement) -> Vec<Statement> {
    let mut rows = rows.into_iter().peekable();
    let mut statements = Vec::new();
    while rows.peek().is_some() {
        statements.push(statement(rows.by_ref().take(AT_ONCE).collect()));
    }
    statements
}

/// Changes what is set, which is the same of all, in rows that stand already, on SQLite: its driver hands each statement to another thread
/// and back, which for one row costs more than to change it.
fn change<A: ActiveModelTrait>(rows: &[A]) -> UpdateStatement {
    let (table, keys) = (A::Entity::default(), recordset::keys::<A>());
    let columns = recordset::set::<A>(rows);
    let values = |row: &A| ValueTuple::Many(columns.iter().filter_map(|column| row.get(*column).into_value()).collect());
    let mut changed = Query::update();
    changed.table(table).from(TableRef::ValuesList(rows.iter().map(values).collect(), "given".into()));
    for (place, column) in columns.iter().enumerate() {
        // As SQLite names the columns of values.
        let given = ("given", Alias::new(format!("column{}", place + 1)));
        if keys.contains(&column.as_str()) {
            changed.and_where(Expr::col((table, *column)).equals(given));
        } else {
            changed.value(*column, Expr::col(given));
        }
    }
    changed
}
