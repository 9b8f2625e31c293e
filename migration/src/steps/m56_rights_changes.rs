//! Whoever changes what anybody bids with leaves a row, on PostgreSQL: so a batch of bids need not look everybody up again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m56_rights_changes"
    }
}

const CHANGES: &str = include_str!("m56_rights_changes.sql");

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            dialect::run(manager, CHANGES).await?;
        }
        Ok(())
    }
}
