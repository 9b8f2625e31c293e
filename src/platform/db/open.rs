//! Opening the database: pools, durability, migrations, and the lock that keeps SQLite to one server.

use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, SqlxPostgresConnector, SqlxSqliteConnector, Statement};

use super::Db;
use crate::platform::config::{Config, Profile};

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The address is not understood.
    #[error("database address: {0}")]
    Address(String),
    /// Another server holds the file.
    #[error("{0} is in use by another server; SQLite has one server, use PostgreSQL for several")]
    InUse(PathBuf),
    /// The folder or lock file cannot be used.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The production profile refuses how the database is set.
    #[error("the production profile refuses this database:\n{}", .0.iter().map(|s| format!("  - {s}")).collect::<Vec<_>>().join("\n"))]
    Unsafe(Vec<String>),
    /// The database says no.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// The driver says no.
    #[error("database: {0}")]
    Driver(#[from] sea_orm::SqlxError),
}

/// Opens the database and, if asked, brings it to the newest form.
pub async fn open(config: &Config, migrate: bool) -> Result<Db, DbError> {
    let db = if config.is_postgres() { postgres(config).await? } else { sqlite(config).await? };
    if config.profile == Profile::Production {
        preflight(&db).await?;
    }
    if migrate {
        steps(&db).await?;
    }
    Ok(db)
}

/// Runs the steps. Servers starting together on PostgreSQL take turns.
async fn steps(db: &Db) -> Result<(), DbErr> {
    if db.is_sqlite() {
        return Migrator::up(&db.write, None).await;
    }
    let turn = sea_orm::TransactionTrait::begin(&db.read).await?;
    turn.execute_unprepared("SELECT pg_advisory_xact_lock(7402001)").await?;
    Migrator::up(&db.write, None).await?;
    turn.commit().await
}

/// Where the file of an SQLite database lies.
pub fn sqlite_path(config: &Config) -> PathBuf {
    PathBuf::from(config.database.trim_start_matches("sqlite:").trim_start_matches("//"))
}

/// The one name of a file that links may give several; of one that is not there yet, by its folder.
fn one_name(path: &Path) -> PathBuf {
    let by_folder = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(by_folder).unwrap_or_else(|| path.to_owned())
}

async fn sqlite(config: &Config) -> Result<Db, DbError> {
    let path = sqlite_path(config);
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| DbError::File { path: folder.into(), source })?;
    }
    // By whatever name it is called, a file has one lock.
    let path = one_name(&path);
    let lock = lock(&path)?;
    let base = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: NORMAL may drop the last commits on power loss, and a bid acknowledged is a bid counted.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        // So that REPLACE does not pass the triggers of append-only tables by.
        .pragma("recursive_triggers", "ON")
        .pragma("journal_size_limit", "67108864")
        .optimize_on_close(true, Some(400))
        .statement_cache_capacity(256);
    // One writer: connections that read and then write fail with "locked" despite a busy timeout.
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(base.clone())
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(config.read_connections.max(1))
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(base.read_only(true).pragma("query_only", "1"))
        .await?;
    Ok(db(SqlxSqliteConnector::from_sqlx_sqlite_pool(write), SqlxSqliteConnector::from_sqlx_sqlite_pool(read), Some(lock)))
}

/// Refuses if a server holds the database file.
pub fn unused(path: &Path) -> Result<(), DbError> {
    if path.exists() { lock(&one_name(path)).map(|_| ()) } else { Ok(()) }
}

/// Takes the operating system's lock beside the database file.
fn lock(path: &Path) -> Result<std::fs::File, DbError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let beside = PathBuf::from(name);
    let failed = |source| DbError::File { path: beside.clone(), source };
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&beside).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DbError::InUse(path.into())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

async fn postgres(config: &Config) -> Result<Db, DbError> {
    let options =
        PgConnectOptions::from_str(&config.database).map_err(|e| DbError::Address(e.to_string()))?.application_name("zhepai").options([
            ("statement_timeout", "15000"),
            ("lock_timeout", "5000"),
            ("idle_in_transaction_session_timeout", "30000"),
            ("TimeZone", "UTC"),
        ]);
    let pool = |connections: u32, options: PgConnectOptions| {
        PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(Duration::from_secs(5))
            .test_before_acquire(true)
            .connect_with(options)
    };
    let write = pool(config.write_connections, options.clone()).await?;
    let read = pool(config.read_connections, options.options([("default_transaction_read_only", "on")])).await?;
    Ok(db(SqlxPostgresConnector::from_sqlx_postgres_pool(write), SqlxPostgresConnector::from_sqlx_postgres_pool(read), None))
}

fn db(write: DatabaseConnection, read: DatabaseConnection, lock: Option<std::fs::File>) -> Db {
    Db { write, read, runtime: tokio::runtime::Handle::current(), _lock: lock.map(Arc::new) }
}

/// Refuses databases that may lose what was acknowledged.
async fn preflight(db: &Db) -> Result<(), DbError> {
    let mut found = Vec::new();
    if db.is_sqlite() {
        let version = text(&db.write, "SELECT sqlite_version()").await?;
        if version.split('.').filter_map(|p| p.parse::<u32>().ok()).lt([3, 51, 3]) {
            found.push(format!("SQLite {version} may corrupt its WAL: build with 3.51.3 or later"));
        }
        let journal = text(&db.write, "SELECT journal_mode FROM pragma_journal_mode").await?;
        let synchronous = text(&db.write, "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous").await?;
        if journal != "wal" || synchronous != "2" {
            found.push(format!("SQLite journal_mode={journal} synchronous={synchronous}: need WAL and FULL"));
        }
    } else {
        for (setting, needed) in [("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on")] {
            let value = text(&db.write, &format!("SELECT current_setting('{setting}')")).await?;
            // Waiting for a standby to apply as well promises more than `on`.
            if value != needed && value != "remote_apply" {
                found.push(format!("PostgreSQL {setting} = {value}: set it to {needed} in postgresql.conf"));
            }
        }
    }
    if found.is_empty() { Ok(()) } else { Err(DbError::Unsafe(found)) }
}

async fn text(connection: &DatabaseConnection, sql: &str) -> Result<String, DbErr> {
    let backend: DatabaseBackend = connection.get_database_backend();
    let row = connection.query_one_raw(Statement::from_string(backend, sql)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(sql.into()))?.try_get_by_index(0)
}
