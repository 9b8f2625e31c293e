//! What is written to the trail with every deed has fewer indexes until it has its position.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m52_audit_indexes"
    }
}

/// Whoever reads the trail asks for rows that have their position.
const PLACED: &str = include_str!("m52_audit_indexes.sql");

/// What SQLite changes only with the whole table. Of two outcomes, which stand for ever, each row looked one up.
const IN_PLACE: &str = "ALTER TABLE audit DROP CONSTRAINT uq_audit_position;
    CREATE UNIQUE INDEX uq_audit_position ON audit (position) WHERE position IS NOT NULL;
    ALTER TABLE audit DROP CONSTRAINT fk_audit_outcome;
    ALTER TABLE audit ADD CONSTRAINT ck_audit_outcome CHECK (outcome IN ('changed', 'denied'))";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, PLACED).await?;
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            manager.get_connection().execute_unprepared(IN_PLACE).await?;
        }
        Ok(())
    }
}
