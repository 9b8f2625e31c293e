//! A database for each test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, EntityTrait, Statement};

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
        Base::Sqlite => sqlite_address(&folder.join("market.db")),
        Base::Postgres => {
            let (db, cluster) = cluster_door().await;
            create(&db, &cluster, "").await
        }
    }
}

/// The address of a new database with all tables, copied from one made once for this build of the tests: to
/// make the tables anew for each of many hundred tests would take longer than the tests.
pub async fn with_tables(base: Base, folder: &Path) -> String {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&place).unwrap();
    let lock = File::create(place.join("template.lock")).unwrap();
    lock.lock().unwrap();
    let name = format!("template_{}", build());
    match base {
        Base::Sqlite => {
            let template = place.join(format!("{name}.db"));
            if !template.exists() {
                forget_templates(&place);
                let unfinished = template.with_extension("unfinished");
                let _ = fs::remove_file(&unfinished);
                let db = Database::connect(format!("{}?mode=rwc", sqlite_address(&unfinished))).await.unwrap();
                Migrator::up(&db, None).await.unwrap();
                db.close().await.unwrap();
                fs::rename(unfinished, &template).unwrap();
            }
            let copy = folder.join("market.db");
            fs::copy(template, &copy).unwrap();
            sqlite_address(&copy)
        }
        Base::Postgres => {
            let (db, cluster) = cluster_door().await;
            let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
            if db.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, known)).await.unwrap().is_none() {
                let made = create(&db, &cluster, "").await;
                let template = Database::connect(&made).await.unwrap();
                Migrator::up(&template, None).await.unwrap();
                template.close().await.unwrap();
                let made = made.rsplit('/').next().unwrap();
                db.execute_unprepared(&format!("ALTER DATABASE {made} RENAME TO {name}")).await.unwrap();
            }
            create(&db, &cluster, &format!("TEMPLATE {name}")).await
        }
    }
}

fn sqlite_address(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// The cluster's own database, and the cluster's address.
async fn cluster_door() -> (DatabaseConnection, String) {
    let cluster = cluster().unwrap();
    (Database::connect(format!("{cluster}/postgres")).await.unwrap(), cluster)
}

async fn create(db: &DatabaseConnection, cluster: &str, how: &str) -> String {
    let name = format!("t_{}", uuid::Uuid::new_v4().simple());
    db.execute_unprepared(&format!("CREATE DATABASE {name} {how}")).await.unwrap();
    format!("{cluster}/{name}")
}

/// Names this build of the tests: another build may make other tables.
fn build() -> String {
    let program = fs::metadata(std::env::current_exe().unwrap()).unwrap();
    let made = program.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
    format!("{}_{}", made.as_nanos(), program.len())
}

/// Removes the templates of earlier builds.
fn forget_templates(place: &Path) {
    for entry in fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "db") {
            fs::remove_file(path).unwrap();
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
