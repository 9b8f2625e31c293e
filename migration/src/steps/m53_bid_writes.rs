//! What every bid writes costs PostgreSQL less: the kind of an event is checked, not looked up.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m53_bid_writes"
    }
}

/// Whoever adds a kind alters the check. SQLite, which can alter none, goes on looking it up.
const CHEAPER: &str = include_str!("m53_bid_writes.sql");

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            dialect::run(manager, CHEAPER).await?;
        }
        Ok(())
    }
}
