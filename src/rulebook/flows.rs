//! Loading an edition.

use entity::rulebook::rulebook_edition;
use sea_orm::ConnectionTrait;

use super::rules::{Calendar, Rulebook, RulebookError};
use super::shelf::Edition;
use super::store;
use crate::house::{House, Tx};
use crate::platform::access::Context;
use crate::platform::audit::{self, Entry};
use crate::platform::db::{self, Ending};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

const PARAMETERS: &str = include_str!("../../seeds/rules/parameters.toml");
const REDACTION: &str = include_str!("../../seeds/rules/redaction.toml");
const CALENDAR: &str = include_str!("../../seeds/calendar/cn_days.csv");

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The rules this program was built with, for whoever has no database that keeps them.
pub fn shipped() -> Result<Rulebook, RulebookError> {
    Rulebook::parse(0, PARAMETERS, REDACTION)
}

/// Loads the edition this program was built with: a new content becomes a new version, an old one
/// is found again. Old versions stay for ever.
pub async fn load(house: &House) -> Result<(), Failure> {
    let calendar = Calendar::parse_csv(CALENDAR)?;
    // Refuse a broken rulebook before it is stored.
    shipped()?;
    let hash = sha256(&[PARAMETERS.as_bytes(), b"\0", REDACTION.as_bytes(), b"\0", CALENDAR.as_bytes()].concat());
    let loaded_at = house.world.real_now();
    let version = house
        .db
        .transact(move |tx| async move {
            if tx.get_database_backend() == sea_orm::DatabaseBackend::Postgres {
                // Servers starting together must agree on the number.
                tx.execute_unprepared("SELECT pg_advisory_xact_lock(7402003)").await?;
            }
            if let Some(known) = store::with_hash(&*tx, &hash).await? {
                return Ok(Ending::Commit(known.version));
            }
            let version = store::newest(&*tx).await?.map_or(1, |edition| edition.version + 1);
            let row = rulebook_edition::Model {
                version,
                sha256: hash.to_vec(),
                parameters: PARAMETERS.into(),
                redaction: REDACTION.into(),
                calendar: CALENDAR.into(),
                loaded_at,
            };
            db::insert(&*tx, row).await?;
            let by = Context::system("load_rulebook", format!("edition-{version}"));
            audit::write(&*tx, &by, loaded_at, Entry::of_change("rulebook_edition", None, Some(hash))).await?;
            Ok(Ending::Commit(version))
        })
        .await?;
    house.rulebook.put(Edition { rulebook: Rulebook::parse(version, PARAMETERS, REDACTION)?, calendar });
    Ok(())
}

/// The rules of an edition, also of one that another has taken the place of.
pub async fn rules_within(tx: &Tx, version: i64) -> Result<Rulebook, Problem> {
    let current = tx.house.rulebook.current();
    if current.rulebook.version == version {
        return Ok(current.rulebook.clone());
    }
    let kept = store::edition(tx.conn(), version).await?.ok_or(Code::Internal)?;
    Rulebook::parse(version, &kept.parameters, &kept.redaction).map_err(|error| Code::Internal.with("reason", error.to_string()))
}
