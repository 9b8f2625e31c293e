//! Tables of states: a state column refers to one, since SQLite cannot alter a check later.

use sea_orm_migration::prelude::*;

/// Creates a table of codes and fills it.
pub async fn table(manager: &SchemaManager<'_>, name: &str, codes: Vec<String>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    db.execute_unprepared(&format!("CREATE TABLE {name} (code text NOT NULL CONSTRAINT pk_{name} PRIMARY KEY)")).await?;
    for code in codes {
        db.execute_unprepared(&format!("INSERT INTO {name} (code) VALUES ('{code}')")).await?;
    }
    Ok(())
}
