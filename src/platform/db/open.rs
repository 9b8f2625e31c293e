//! Opening the database: pools, durability, migrations, and the lock that keeps SQLite to one server.

use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::sqlx::{Connection as _, PgPool, SqliteConnection};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, SqlxError, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
};

use super::faults::Faults;
use super::{Db, KEPT};
use crate::platform::config::{Config, Profile};

/// The longest a single question may take: whoever asks waits for the answer, and others for his connection.
const QUESTION: Duration = Duration::from_secs(2);
/// The longest a statement of a deed may take, and one of the few questions that look at all there is.
const STATEMENT: Duration = Duration::from_secs(15);
/// The longest a statement waits for somebody else's lock.
const LOCK: Duration = Duration::from_secs(5);
/// The longest anybody waits for a connection to PostgreSQL. Whoever asks while it is away is told so within two seconds, and may have
/// waited before for those whose bids it broke off.
const REACHED: Duration = Duration::from_millis(800);
/// After so long at rest a connection is asked whether it lives before it is used.
const AT_REST: Duration = Duration::from_millis(100);
/// How long a server waits for PostgreSQL when it starts.
const STARTED: Duration = Duration::from_secs(5);
/// The longest a transaction may stand without a statement.
const IDLE: Duration = Duration::from_secs(30);
/// How many of the questions that look at all there is go on at once.
const LONG_QUESTIONS: u32 = 2;
/// How many rows the driver of SQLite reads ahead: as many as most questions are answered by.
const ROWS_AHEAD: usize = 512;
/// After how many instructions SQLite looks whether a question's time is up: a fraction of a millisecond.
const INSTRUCTIONS: i32 = 10_000;

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
    // Boxed, for what is done once need not lie in the future of everybody who opens a database.
    let db = if config.is_postgres() { Box::pin(postgres(config)).await? } else { Box::pin(sqlite(config)).await? };
    if config.profile == Profile::Production {
        preflight(&db).await?;
    }
    if migrate {
        Box::pin(steps(&db, config)).await?;
    }
    Ok(db)
}

/// Runs the steps. Servers starting together on PostgreSQL take turns, on connections of their own: an index over a large
/// table takes what it takes, whoever has the turn keeps it that long, and the others wait. Only for the locks of a market
/// that goes on a step does not wait longer than anybody else, or all would wait behind it.
async fn steps(db: &Db, config: &Config) -> Result<(), DbError> {
    if db.is_sqlite() {
        return Ok(Migrator::up(&db.write, None).await?);
    }
    let mine = one(session(config, Duration::ZERO, Duration::ZERO, Duration::ZERO)?).await?;
    let turn = sea_orm::TransactionTrait::begin(&mine).await?;
    turn.execute_unprepared("SELECT pg_advisory_xact_lock(7402001)").await?;
    let ground = one(session(config, Duration::ZERO, LOCK, Duration::ZERO)?).await?;
    Migrator::up(&ground, None).await?;
    ground.close().await?;
    turn.commit().await?;
    Ok(mine.close().await?)
}

/// A single connection of its own.
async fn one(options: PgConnectOptions) -> Result<DatabaseConnection, DbError> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(5)).connect_with(options).await?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
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
    Ok(db(Box::pin(doors(&path, config.read_connections)).await?, Some(lock)))
}

/// Opens an SQLite database beside other servers that have it open, for simulation alone: the lock that keeps a file to one
/// server is not asked for, because there one step is done at a time, by one of them, to its end. It has all its tables already.
pub(crate) async fn simulated(path: &Path, faults: Arc<Faults>) -> Result<Db, DbError> {
    Ok(Db { faults: Some(faults), ..db(Box::pin(doors(path, 2)).await?, None) })
}

/// The doors of an SQLite database.
async fn doors(path: &Path, read_connections: u32) -> Result<[DatabaseConnection; 3], DbError> {
    let base = SqliteConnectOptions::new()
        .filename(path)
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
        .statement_cache_capacity(256)
        // Rows that are read ahead: whoever reads many does not hand over to the driver's thread and back for every few of them.
        .row_buffer_size(ROWS_AHEAD);
    // One writer: connections that read and then write fail with "locked" despite a busy timeout.
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(10))
        // A full disk ends a transaction without the driver hearing of it, which would then begin no other.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        // KiB: what a busy day writes to stays in memory, which by default is 2 MB of it.
        // Pages of the log, 32 MB: a page that many write to is copied from it once for all of them.
        .connect_with(base.clone().pragma("cache_size", "-65536").pragma("wal_autocheckpoint", "8000"))
        .await?;
    // Looking for what would make questions faster writes it down, which these cannot.
    let base = base.read_only(true).pragma("query_only", "1").optimize_on_close(false, None::<u32>);
    let read = questions(read_connections.max(1), QUESTION).connect_with(base.clone()).await?;
    let read_long = questions(LONG_QUESTIONS, STATEMENT).connect_lazy_with(base);
    Ok([write, read, read_long].map(SqlxSqliteConnector::from_sqlx_sqlite_pool))
}

/// A pool of SQLite for questions, each of which has so much time from when it has its connection.
fn questions(connections: u32, longest: Duration) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(5))
        // A file is always there to be asked; setting the time asks the connection anyway.
        .test_before_acquire(false)
        .after_connect(move |connection, _| Box::pin(give_time(connection, longest)))
        .before_acquire(move |connection, _| Box::pin(async move { give_time(connection, longest).await.map(|()| true) }))
}

/// From now on a connection has so much time: SQLite itself breaks off what goes on after it.
async fn give_time(connection: &mut SqliteConnection, longest: Duration) -> Result<(), sea_orm::SqlxError> {
    let begun = Instant::now();
    connection.lock_handle().await?.set_progress_handler(INSTRUCTIONS, move || begun.elapsed() < longest);
    Ok(())
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

/// What is changed is looked up by keys: a plan that was made when a table was small is never one that reads all of it. Where there is
/// no other way it is taken all the same, but at a price at which PostgreSQL would compile it (`jit`), for longer than it runs.
const BY_KEYS: [(&str, &str); 5] =
    [("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("enable_material", "off"), ("jit", "off")];

async fn postgres(config: &Config) -> Result<Db, DbError> {
    let pools = |connections: u32| PgPoolOptions::new().max_connections(connections).acquire_timeout(REACHED);
    let pool = |connections: u32, options: PgConnectOptions| pools(connections).connect_lazy_with(options);
    // What other servers are told goes by these doors too; it need not outlive a crash, and would wait for the disk.
    let read_only = [("default_transaction_read_only", "on"), ("synchronous_commit", "off")];
    let changing = || Ok::<_, DbError>(session(config, STATEMENT, LOCK, IDLE)?.options(BY_KEYS));
    let write = pool(config.write_connections.max(2), changing()?);
    // Whether one lives still is found out by beginning on it, which saves every batch of bids a question.
    let together =
        pools(KEPT).test_before_acquire(false).connect_lazy_with(changing()?.options([("plan_cache_mode", "force_generic_plan")]));
    let read = asked_only_if_at_rest(pools(config.read_connections.max(2)))
        .connect_lazy_with(session(config, QUESTION, LOCK, IDLE)?.options(read_only));
    let read_long = pool(LONG_QUESTIONS, session(config, STATEMENT, LOCK, IDLE)?.options(read_only));
    for door in [&write, &together, &read] {
        reached(door).await?;
    }
    let together = SqlxPostgresConnector::from_sqlx_postgres_pool(together);
    Ok(Db { together, ..db([write, read, read_long].map(SqlxPostgresConnector::from_sqlx_postgres_pool), None) })
}

/// Asks a connection whether it lives before it is handed out only where it has rested: of one that answered a moment ago it would be
/// a round trip with every question.
fn asked_only_if_at_rest(pools: PgPoolOptions) -> PgPoolOptions {
    pools.test_before_acquire(false).before_acquire(|connection, since| {
        Box::pin(async move {
            if since.idle_for > AT_REST {
                connection.ping().await?;
            }
            Ok(true)
        })
    })
}

/// Waits until a pool has a connection.
async fn reached(pool: &PgPool) -> Result<(), DbError> {
    let begun = Instant::now();
    loop {
        match pool.acquire().await {
            Ok(_) => return Ok(()),
            Err(SqlxError::PoolTimedOut) if begun.elapsed() < STARTED => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A session of PostgreSQL: how long a statement, a wait for a lock and an idle transaction may last at most; zero is
/// without end.
fn session(config: &Config, statement: Duration, lock: Duration, idle: Duration) -> Result<PgConnectOptions, DbError> {
    let options = PgConnectOptions::from_str(&config.database).map_err(|e| DbError::Address(e.to_string()))?;
    Ok(options.application_name("zhepai").options([
        ("statement_timeout", statement.as_millis().to_string()),
        ("lock_timeout", lock.as_millis().to_string()),
        ("idle_in_transaction_session_timeout", idle.as_millis().to_string()),
        ("TimeZone", "UTC".to_owned()),
    ]))
}

fn db([write, read, read_long]: [DatabaseConnection; 3], lock: Option<std::fs::File>) -> Db {
    Db {
        together: write.clone(),
        write,
        read,
        read_long,
        runtime: tokio::runtime::Handle::current(),
        changes: Arc::default(),
        _lock: lock.map(Arc::new),
        faults: None,
    }
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
