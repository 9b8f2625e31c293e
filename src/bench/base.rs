//! A database that nobody has used, on a disk that keeps what it is told to.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use url::Url;
use uuid::Uuid;

use super::Failure;

/// Where a database is made.
#[derive(Clone, Debug)]
pub enum Base {
    /// A file.
    Sqlite,
    /// A database beside the one at an address.
    Postgres(String),
}

impl Base {
    /// What it is called in figures.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// A fresh database, and a folder for what a server keeps beside it.
pub struct Fresh {
    /// Its address.
    pub address: String,
    /// The folder.
    pub folder: PathBuf,
    made: Option<Made>,
}

/// What was made in a cluster.
struct Made {
    cluster: String,
    name: String,
}

/// Settings without which a commit may be lost that was answered, each with what it must be.
const DURABLE: [(&str, &[&str]); 3] =
    [("fsync", &["on"]), ("full_page_writes", &["on"]), ("synchronous_commit", &["on", "local", "remote_write", "remote_apply"])];

impl Fresh {
    /// Makes one in a folder, of which it takes a new part.
    pub async fn make(base: &Base, within: &Path) -> Result<Self, Failure> {
        let name = format!("zhepai_bench_{}", Uuid::new_v4().simple());
        let folder = within.join(&name);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        match base {
            Base::Sqlite => Ok(Self { address: format!("sqlite:{}", folder.join("market.db").display()), folder, made: None }),
            Base::Postgres(cluster) => {
                let address = created(cluster, &name).await?;
                Ok(Self { address, folder, made: Some(Made { cluster: cluster.clone(), name }) })
            }
        }
    }

    /// Removes it.
    pub async fn remove(self) -> Result<(), Failure> {
        if let Some(Made { cluster, name }) = &self.made {
            let door = Box::pin(Database::connect(cluster.as_str())).await?;
            door.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
            door.close().await?;
        }
        Ok(std::fs::remove_dir_all(&self.folder)?)
    }
}

/// Refuses a cluster that may lose what it acknowledged.
pub async fn check(cluster: &str) -> Result<(), Failure> {
    let door = Box::pin(Database::connect(cluster)).await?;
    for (setting, good) in DURABLE {
        let value = setting_of(&door, setting).await?;
        if !good.contains(&value.as_str()) {
            return Err(format!("PostgreSQL has {setting} = {value}: what is not kept is not measured; set it to on").into());
        }
    }
    Ok(door.close().await?)
}

/// Makes a database in a cluster; its address.
async fn created(cluster: &str, name: &str) -> Result<String, Failure> {
    let mut address = Url::parse(cluster).map_err(|error| format!("the address of PostgreSQL: {error}"))?;
    address.set_path(name);
    let door = Box::pin(Database::connect(cluster)).await?;
    door.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    door.close().await?;
    Ok(address.into())
}

async fn setting_of(door: &DatabaseConnection, setting: &str) -> Result<String, Failure> {
    let asked = Statement::from_string(door.get_database_backend(), format!("SELECT current_setting('{setting}') AS value"));
    let row = door.query_one_raw(asked).await?.ok_or("PostgreSQL does not tell its settings")?;
    Ok(row.try_get("", "value")?)
}

/// How often a second the disk of a folder takes 8 KiB for good.
pub fn syncs_a_second(folder: &Path) -> Result<u64, Failure> {
    let path = folder.join("sync");
    let mut file = std::fs::File::create(&path)?;
    let (begun, mut count) = (Instant::now(), 0_u64);
    while begun.elapsed() < Duration::from_millis(300) {
        file.write_all(&[0; 8 << 10])?;
        file.sync_data()?;
        count += 1;
    }
    let micros = begun.elapsed().as_micros().max(1);
    std::fs::remove_file(path)?;
    Ok(u64::try_from(u128::from(count) * 1_000_000 / micros)?)
}
