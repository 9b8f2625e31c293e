//! A database for each test.

use std::path::Path;

use sea_orm::{ConnectionTrait, Database, DatabaseBackend, EntityTrait, Statement};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Embedded.
    Sqlite,
    /// The cluster named by `ZHEPAI_TEST_POSTGRES`.
    Postgres,
}

fn cluster() -> Option<String> {
    std::env::var("ZHEPAI_TEST_POSTGRES").ok()
}

/// Whether there is a PostgreSQL to test on; says loudly what is skipped if not.
pub fn has_postgres() -> bool {
    let there = cluster().is_some();
    if !there {
        eprintln!("SKIPPED on PostgreSQL: set ZHEPAI_TEST_POSTGRES (tests/run does)");
    }
    there
}

/// The address of a new, empty database.
pub async fn fresh(base: Base, folder: &Path) -> String {
    match base {
        Base::Sqlite => format!("sqlite:{}", folder.join("market.db").display()),
        Base::Postgres => {
            let cluster = cluster().unwrap();
            let name = format!("t_{}", uuid::Uuid::new_v4().simple());
            let db = Database::connect(format!("{cluster}/postgres")).await.unwrap();
            db.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
            format!("{cluster}/{name}")
        }
    }
}

/// A fingerprint of every table but those a refused call may touch: the audit trail (with its
/// positions), failed tries to sign in, last-used times of tokens, and the placer's bookkeeping.
pub async fn fingerprint(house: &zhepai::house::House) -> Vec<(String, String)> {
    let db = house.db.read();
    let sqlite = db.get_database_backend() == DatabaseBackend::Sqlite;
    let list = if sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    } else {
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), list)).await.unwrap();
    let mut found = Vec::new();
    for row in rows {
        let table: String = row.try_get("", "name").unwrap();
        if ["audit", "sign_in_attempt", "event_cursor", "seaql_migrations"].contains(&table.as_str()) {
            continue;
        }
        found.push((table.clone(), content(house, &table, sqlite).await));
    }
    found
}

async fn content(house: &zhepai::house::House, table: &str, sqlite: bool) -> String {
    let db = house.db.read();
    if table == "refresh_token" {
        let mut rows = entity::identity::refresh_token::Entity::find().all(db).await.unwrap();
        for row in &mut rows {
            row.access_seen_at = None;
        }
        rows.sort_by_key(|row| row.id);
        return format!("{rows:?}");
    }
    let sql = if sqlite {
        let columns = format!(
            "SELECT group_concat('quote(' || name || ')', '||''|''||') AS c FROM pragma_table_info('{table}') WHERE name <> 'position'"
        );
        let row = db.query_one_raw(Statement::from_string(DatabaseBackend::Sqlite, columns)).await.unwrap().unwrap();
        let columns: String = row.try_get("", "c").unwrap();
        format!("SELECT group_concat(r, char(10)) AS t FROM (SELECT {columns} AS r FROM {table} ORDER BY 1)")
    } else {
        format!("SELECT string_agg(r, E'\\n' ORDER BY r) AS t FROM (SELECT (to_jsonb(x) - 'position')::text AS r FROM {table} x) y")
    };
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get::<Option<String>>("", "t").unwrap().unwrap_or_default()
}
