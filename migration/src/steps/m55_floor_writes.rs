//! What every bid writes, and what gives its row of the trail a position, costs PostgreSQL less. A page of lots keeps room for a new form
//! of each, so that no index is written. The kinds of events are one value to compare with; what stands was checked by the step before.
//! What guards the trail looks at a row after it was changed, which needs no lock of its own, and refuses the whole statement as before.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m55_floor_writes"
    }
}

const CHEAPER: &str = include_str!("m55_floor_writes.sql");

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            dialect::run(manager, CHEAPER).await?;
        }
        Ok(())
    }
}
