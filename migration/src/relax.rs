//! Takes a wall away that an earlier step built. SQLite has no statement for it; its handbook changes the words of the schema instead
//! (<https://www.sqlite.org/lang_altertable.html>, section 7: removing CHECK, FOREIGN KEY and NOT NULL constraints).

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

/// Lets a column be empty.
pub async fn let_be_empty(manager: &SchemaManager<'_>, table: &str, column: &str) -> Result<(), DbErr> {
    let now = format!("{column} uuid_text NOT NULL");
    let then = format!("{column} uuid_text");
    reword(manager, table, &now, &then, &format!("ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")).await
}

/// Puts a check of the table in the place of one of the same name.
pub async fn check_instead(manager: &SchemaManager<'_>, table: &str, name: &str, now: &str, then: &str) -> Result<(), DbErr> {
    let (now, then) = (format!("CONSTRAINT {name} CHECK ({now})"), format!("CONSTRAINT {name} CHECK ({then})"));
    reword(manager, table, &now, &then, &format!("ALTER TABLE {table} DROP CONSTRAINT {name}, ADD {then}")).await
}

async fn reword(manager: &SchemaManager<'_>, table: &str, now: &str, then: &str, on_postgres: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        return connection.execute_unprepared(on_postgres).await.map(|_| ());
    }
    let version = connection.query_one_raw(Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA schema_version")).await?;
    let version: i64 = version.ok_or_else(|| DbErr::Custom("SQLite tells no version of its schema".into()))?.try_get_by_index(0)?;
    connection.execute_unprepared("PRAGMA writable_schema = ON").await?;
    let (now, then) = (now.replace('\'', "''"), then.replace('\'', "''"));
    let is_this = format!("type = 'table' AND name = '{table}' AND instr(sql, '{now}') > 0");
    let done =
        connection.execute_unprepared(&format!("UPDATE sqlite_schema SET sql = replace(sql, '{now}', '{then}') WHERE {is_this}")).await?;
    if done.rows_affected() != 1 {
        return Err(DbErr::Custom(format!("the table {table} has no words {now}")));
    }
    connection.execute_unprepared(&format!("PRAGMA schema_version = {}", version + 1)).await?;
    connection.execute_unprepared("PRAGMA writable_schema = OFF").await.map(|_| ())
}
