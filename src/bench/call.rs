//! A bid as one call of PostgreSQL over one connection that is kept: it does what the market does for a bid, in the same tables, under the
//! same indexes and constraints. It takes the key, holds the lot, looks up session, place, role and admission, chains and stores the event,
//! writes the row of the trail and keeps an outcome as long. What it leaves out is what no database does: HTTP, tokens, the signature.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use uuid::Uuid;

use super::Failure;
use super::figures::percentile;
use super::load::STEP;
use super::lots::Lot;
use super::people::Person;

/// The function.
const FUNCTION: &str = include_str!("call.sql");

/// How long the outcome of a bid is that bids alone, bytes.
const OUTCOME: usize = 740;

/// The call.
pub struct Call {
    door: DatabaseConnection,
}

impl Call {
    /// Makes what it needs in a database.
    pub async fn open(address: &str) -> Result<Self, Failure> {
        let mut options = ConnectOptions::new(address);
        options.max_connections(1).min_connections(1).test_before_acquire(false).sqlx_logging(false);
        let door = Box::pin(Database::connect(options)).await?;
        door.execute_unprepared(FUNCTION).await?;
        Ok(Self { door })
    }

    /// Somebody bids for a lot so long, one call after the other; what half of the calls take at most, microseconds.
    pub async fn median(&self, bidder: &Person, lot: &Lot, lasts: Duration) -> Result<u64, Failure> {
        let end = Instant::now() + lasts;
        let mut micros = Vec::new();
        let outcome = "x".repeat(OUTCOME);
        while Instant::now() < end {
            let price = lot.price.fetch_add(STEP, Ordering::Relaxed) + STEP;
            let call = Statement::from_sql_and_values(
                DatabaseBackend::Postgres,
                "SELECT bench_bid($1, $2, $3, $4, $5, $6, $7) AS outcome",
                [
                    lot.id.0.into(),
                    bidder.id.0.into(),
                    bidder.organisation.0.into(),
                    bidder.session.0.into(),
                    Uuid::new_v4().to_string().into(),
                    price.into(),
                    outcome.clone().into(),
                ],
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
