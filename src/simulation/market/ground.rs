//! Where the servers of a run stand: a database file with its tables, in memory where the machine has such a place.
//!
//! A file and not SQLite's own shared memory: there a reader is refused by the locks of whole tables where a real one waits
//! or reads beside the writer, and there is no write-ahead log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use entity::Timestamp;
use tempfile::TempDir;

use super::Failure;
use crate::house::House;
use crate::platform::config::Config;
use crate::platform::db::faults::Faults;
use crate::platform::db::open;
use crate::platform::keys::{Keys, hex, sha256};
use crate::platform::world::World;

/// Where Linux keeps files in memory.
const MEMORY: &str = "/dev/shm";

/// A database that has its tables and nothing else, copied for each run.
pub struct Ground {
    _folder: TempDir,
    database: PathBuf,
}

impl Ground {
    /// Makes the tables.
    pub async fn lay() -> Result<Self, Failure> {
        let folder = folder()?;
        let database = folder.path().join("ground.db");
        open::open(&Config { database: address(&database), ..Config::default() }, true).await?.close().await;
        Ok(Self { _folder: folder, database })
    }
}

fn folder() -> std::io::Result<TempDir> {
    let mut named = tempfile::Builder::new();
    let named = named.prefix("zhepai-simulation-");
    if Path::new(MEMORY).is_dir() { named.tempdir_in(MEMORY).or_else(|_| named.tempdir()) } else { named.tempdir() }
}

fn address(database: &Path) -> String {
    format!("sqlite:{}", database.display())
}

/// The place of one run.
pub(super) struct Place {
    _folder: TempDir,
    database: PathBuf,
    config: Config,
    keys: Keys,
    /// The time and the randomness of all its servers: their clock is the database's.
    pub world: World,
}

impl Place {
    pub(super) fn new(ground: &Ground, seed: u64, at: Timestamp) -> Result<Self, Failure> {
        let folder = folder()?;
        let database = folder.path().join("market.db");
        std::fs::copy(&ground.database, &database)?;
        let config = Config {
            database: address(&database),
            documents: folder.path().join("documents"),
            master_key_file: folder.path().join("master.key"),
            ..Config::default()
        };
        std::fs::write(&config.master_key_file, hex(&sha256(&[b"simulation".as_slice(), &seed.to_be_bytes()].concat())))?;
        let keys = Keys::load(&config)?;
        Ok(Self { _folder: folder, database, config, keys, world: World::simulated(seed, at) })
    }

    /// Starts a server.
    pub(super) async fn server(&self, faults: Arc<Faults>) -> Result<House, Failure> {
        let db = open::simulated(&self.database, faults).await?;
        Box::pin(House::furnish(self.config.clone(), self.keys.clone(), db, self.world.clone())).await
    }
}
