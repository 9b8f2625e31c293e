//! A database for each test.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use entity::platform::{audit, event, event_cursor};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    Statement,
};
use zhepai::house::House;
use zhepai::platform::keys::hex;
use zhepai::platform::timers::next_due;

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

/// What a refused call may touch: the audit trail (with its positions and seals), failed tries to sign in, the calls noted
/// for keys, the logs of data rooms, and the placer's bookkeeping.
const UNSEEN: [&str; 8] =
    ["heartbeat", "audit", "audit_segment", "sign_in_attempt", "key_call", "data_room_access", "event_cursor", "seaql_migrations"];
/// Columns of times of last use, and of places in an order.
const UNSEEN_COLUMNS: [&str; 4] = ["position", "access_seen_at", "last_used_at", "last_used_from"];

/// Every table a refused call may not touch, by name.
pub type Tables = Vec<(String, String)>;

/// Waits until everything that runs by itself has done what there is to do; the tables then.
pub async fn at_rest(house: &House) -> Tables {
    let mut last = Tables::new();
    for _ in 0..1000 {
        // Asked before the tables are looked at: what is heard afterwards changes them again.
        let quiet = everything_was_heard(house).await;
        let next = fingerprint(house).await;
        if quiet && next == last {
            return next;
        }
        last = next;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the clockwork does not come to rest");
}

/// Whether what is due was done, every event and audit row has its position, and every event was told to the rooms, to the
/// organisations and to who writes letters.
async fn everything_was_heard(house: &House) -> bool {
    let db = house.db.read();
    if next_due(db, None).await.unwrap().is_some_and(|due| due <= house.world.now()) {
        return false;
    }
    let events = event::Entity::find().filter(event::Column::Position.is_null()).count(db).await.unwrap();
    let waiting = audit::Entity::find().filter(audit::Column::Position.is_null()).filter(audit::Column::WithheldWith.is_null());
    let audited = waiting.count(db).await.unwrap();
    let last = event::Entity::find().order_by_desc(event::Column::Position).one(db).await.unwrap();
    let last = last.and_then(|event| event.position).unwrap_or_default();
    let readers = event_cursor::Entity::find().all(db).await.unwrap();
    let heard = last == 0 || (readers.len() == 3 && readers.iter().all(|reader| reader.position == last));
    events + audited == 0 && heard
}

/// A fingerprint of every table but those a refused call may touch.
pub async fn fingerprint(house: &House) -> Tables {
    static QUESTION: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    // All there is, while other tests keep the machine busy.
    let db = house.db.read_long();
    let question = QUESTION.get_or_init(|| question(db)).await;
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), question)).await.unwrap();
    let told = rows.iter().map(|row| {
        let content = row.try_get::<Option<String>>("", "content").unwrap().unwrap_or_default();
        (row.try_get("", "name").unwrap(), content)
    });
    told.collect()
}

/// One question about the content of all tables: a question for each takes as long as the tests.
async fn question(db: &DatabaseConnection) -> String {
    let sqlite = db.get_database_backend() == DatabaseBackend::Sqlite;
    let columns = if sqlite {
        "SELECT m.name AS tab, c.name AS col FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, c.cid"
    } else {
        "SELECT table_name::text AS tab, column_name::text AS col FROM information_schema.columns \
         WHERE table_schema = 'public' ORDER BY 1, ordinal_position"
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), columns)).await.unwrap();
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        tables.entry(row.try_get("", "tab").unwrap()).or_default().push(row.try_get("", "col").unwrap());
    }
    assert!(tables.len() > 50, "the tables were not found");
    let seen = tables.iter().filter(|(table, _)| !UNSEEN.contains(&table.as_str()));
    let each = seen.map(|(table, columns)| {
        let columns = columns.iter().filter(|column| !UNSEEN_COLUMNS.contains(&column.as_str()));
        let (spelled, joined) = if sqlite {
            (columns.map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || '|' || "), "group_concat(r, char(10))")
        } else {
            let texts = columns.map(|column| format!("coalesce({column}::text, '∅')")).collect::<Vec<_>>().join(", ");
            (format!("concat_ws('|', {texts})"), "string_agg(r, E'\\n' ORDER BY r)")
        };
        format!("SELECT '{table}' AS name, (SELECT {joined} FROM (SELECT {spelled} AS r FROM {table} ORDER BY 1) AS x) AS content")
    });
    each.collect::<Vec<_>>().join(" UNION ALL ")
}

/// Everything the database has, as text, by table.
pub struct Dump(Vec<(String, String)>);

impl Dump {
    /// Reads every table.
    pub async fn of(db: &DatabaseConnection) -> Self {
        let backend = db.get_database_backend();
        let sqlite = backend == DatabaseBackend::Sqlite;
        let names = if sqlite {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        } else {
            "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'"
        };
        let mut tables = Vec::new();
        for row in db.query_all_raw(Statement::from_string(backend, names)).await.unwrap() {
            let table: String = row.try_get("", "name").unwrap();
            let question = if sqlite {
                let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                let columns = db.query_all_raw(Statement::from_string(backend, columns)).await.unwrap();
                let columns: Vec<_> =
                    columns.iter().map(|row| format!("quote(\"{}\")", row.try_get::<String>("", "name").unwrap())).collect();
                format!("SELECT {} AS told FROM \"{table}\"", columns.join(" || ' ' || "))
            } else {
                format!("SELECT t::text AS told FROM \"{table}\" t")
            };
            let rows = db.query_all_raw(Statement::from_string(backend, question)).await.unwrap();
            let told: Vec<String> = rows.iter().map(|row| row.try_get("", "told").unwrap()).collect();
            // Bytes are written in upper case here and in lower case there.
            let bytes = told.join("\n").to_lowercase();
            tables.push((table, format!("{}\n{bytes}", told.join("\n"))));
        }
        Self(tables)
    }

    /// The tables something lies open in, be it as bytes.
    pub fn with(&self, word: &[u8]) -> Vec<&str> {
        let (text, bytes) = (std::str::from_utf8(word).ok(), hex(word));
        let open = |told: &str| text.is_some_and(|text| told.contains(text)) || told.contains(&bytes);
        self.0.iter().filter(|(_, told)| open(told)).map(|(table, _)| table.as_str()).collect()
    }
}
