//! Triggers that keep what was written: the second wall behind code that never updates these tables.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DatabaseBackend, Statement};

/// Refuses every update and delete on the table.
pub async fn guard(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    forbid(manager, table, "update", "UPDATE", None).await?;
    forbid(manager, table, "delete", "DELETE", None).await?;
    forbid_truncate(manager, table).await?;
    forbid_replace(manager, table).await
}

/// Refuses `REPLACE` on SQLite, which deletes the old row without firing its delete trigger.
pub async fn forbid_replace(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DatabaseBackend::Sqlite {
        return Ok(());
    }
    let asked = format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk");
    let rows = manager.get_connection().query_all_raw(Statement::from_string(DatabaseBackend::Sqlite, asked)).await?;
    let keys = rows.iter().map(|row| row.try_get::<String>("", "name")).collect::<Result<Vec<_>, _>>()?;
    let same: Vec<_> = keys.iter().map(|key| format!("{key} = NEW.{key}")).collect();
    let standing = format!("EXISTS (SELECT 1 FROM {table} WHERE {})", same.join(" AND "));
    forbid(manager, table, "replace", "INSERT", Some(&standing)).await
}

/// Refuses to empty the table at a stroke, which passes row triggers by on PostgreSQL.
pub async fn forbid_truncate(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DatabaseBackend::Sqlite {
        return Ok(());
    }
    let sql =
        format!("CREATE TRIGGER keep_{table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()");
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

/// As [`guard`], but the named columns may be set once, while the first of them is still empty.
pub async fn guard_but(manager: &SchemaManager<'_>, table: &str, fixed: &str, settable: &[&str]) -> Result<(), DbErr> {
    let once = format!("OLD.{} IS NOT NULL", settable[0]);
    forbid(manager, table, "update", &format!("UPDATE OF {fixed}"), None).await?;
    forbid(manager, table, "reset", &format!("UPDATE OF {}", settable.join(", ")), Some(&once)).await
}

/// Refuses every change of the fixed columns; the words of somebody may be taken away, all at once, and nothing
/// else be put in their place. For a table that [`guard`] keeps.
pub async fn let_words_go(manager: &SchemaManager<'_>, table: &str, fixed: &str, words: &[&str]) -> Result<(), DbErr> {
    lift(manager, table, "update").await?;
    forbid(manager, table, "update", &format!("UPDATE OF {fixed}"), None).await?;
    let left: Vec<_> = words.iter().map(|column| format!("COALESCE(NEW.{column}, '') <> ''")).collect();
    forbid(manager, table, "words", &format!("UPDATE OF {}", words.join(", ")), Some(&left.join(" OR "))).await
}

/// Lets the words that [`let_words_go`] lets go be sealed, and sealed anew, too: each from something to what is sealed
/// under another key. Only whoever has the key can make something that opens there. What went comes never back.
pub async fn let_words_be_sealed(manager: &SchemaManager<'_>, table: &str, words: &[&str]) -> Result<(), DbErr> {
    lift(manager, table, "words").await?;
    let is_sqlite = manager.get_database_backend() == DatabaseBackend::Sqlite;
    // What is sealed begins with a mark and the number of its key, up to the first full stop.
    let mark = if is_sqlite { "char(1)" } else { "chr(1)" };
    let key = |cell: &str| if is_sqlite { format!("substr({cell}, 1, instr({cell}, '.'))") } else { format!("split_part({cell}, '.', 1)") };
    let other = |column: &&str| {
        let (old, new) = (format!("COALESCE(OLD.{column}, '')"), format!("COALESCE(NEW.{column}, '')"));
        let sealed = format!("{old} <> '' AND substr({new}, 1, 1) = {mark} AND {} <> {}", key(&new), key(&old));
        format!("({new} <> {old} AND NOT ({sealed}))")
    };
    let others: Vec<_> = words.iter().map(other).collect();
    let left: Vec<_> = words.iter().map(|column| format!("COALESCE(NEW.{column}, '') <> ''")).collect();
    let refused = format!("({}) AND ({})", left.join(" OR "), others.join(" OR "));
    forbid(manager, table, "words", &format!("UPDATE OF {}", words.join(", ")), Some(&refused)).await
}

/// Takes a trigger away.
pub async fn lift(manager: &SchemaManager<'_>, table: &str, name: &str) -> Result<(), DbErr> {
    let sql = match manager.get_database_backend() {
        DatabaseBackend::Sqlite => format!("DROP TRIGGER keep_{table}_{name}"),
        _ => format!("DROP TRIGGER keep_{table}_{name} ON {table}"),
    };
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

/// Refuses one kind of change, always or under a condition on `OLD`.
pub async fn forbid(manager: &SchemaManager<'_>, table: &str, name: &str, event: &str, when: Option<&str>) -> Result<(), DbErr> {
    let when = when.map(|condition| format!("WHEN ({condition})")).unwrap_or_default();
    let trigger = format!("keep_{table}_{name}");
    let sql = match manager.get_database_backend() {
        DatabaseBackend::Sqlite => format!(
            "CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR EACH ROW {when} \
             BEGIN SELECT RAISE(ABORT, 'append_only: {table}'); END"
        ),
        _ => format!(
            "CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR EACH ROW {when} \
             EXECUTE FUNCTION refuse_change()"
        ),
    };
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

/// The function PostgreSQL's triggers call.
pub async fn prepare(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DatabaseBackend::Sqlite {
        return Ok(());
    }
    let sql = "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
               $$ BEGIN RAISE EXCEPTION 'append_only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$";
    manager.get_connection().execute_unprepared(sql).await.map(|_| ())
}
