//! The least that a durable bid costs on PostgreSQL: one call over one connection that is kept. It takes the key, holds the
//! lot, chains and stores the event, which is the bid, writes the audit row and keeps the outcome; no HTTP, no signature.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use uuid::Uuid;

use super::Failure;
use super::figures::percentile;

/// Tables and function of its own, beside those of the market.
const GROUND: &str = include_str!("call.sql");

/// The call.
pub struct Call {
    door: DatabaseConnection,
    lot: Uuid,
    price: AtomicI64,
}

impl Call {
    /// Makes what it needs in a database.
    pub async fn open(address: &str) -> Result<Self, Failure> {
        let mut options = ConnectOptions::new(address);
        options.max_connections(1).min_connections(1).test_before_acquire(false).sqlx_logging(false);
        let door = Box::pin(Database::connect(options)).await?;
        door.execute_unprepared(GROUND).await?;
        let lot = Uuid::new_v4();
        let made =
            Statement::from_sql_and_values(DatabaseBackend::Postgres, "INSERT INTO bench_lot VALUES ($1, 0, 0, sha256(''))", [lot.into()]);
        door.execute_raw(made).await?;
        Ok(Self { door, lot, price: AtomicI64::new(0) })
    }

    /// Calls for so long, one call after the other; what half of the calls take at most, microseconds.
    pub async fn median(&self, lasts: Duration) -> Result<u64, Failure> {
        let end = Instant::now() + lasts;
        let mut micros = Vec::new();
        while Instant::now() < end {
            let price = self.price.fetch_add(1, Ordering::Relaxed) + 1;
            let call = Statement::from_sql_and_values(
                DatabaseBackend::Postgres,
                "SELECT bench_bid($1, $2, $3) AS outcome",
                [self.lot.into(), Uuid::new_v4().simple().to_string().into(), price.into()],
            );
            let asked = Instant::now();
            let row = self.door.query_one_raw(call).await?.ok_or("the call says nothing")?;
            micros.push(u64::try_from(asked.elapsed().as_micros())?);
            let _: String = row.try_get("", "outcome")?;
        }
        percentile(&mut micros, 500).ok_or_else(|| "no call was made".into())
    }

    /// Lets the connection go.
    pub async fn close(self) -> Result<(), Failure> {
        Ok(self.door.close().await?)
    }
}
