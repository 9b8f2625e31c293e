//! What was found wanting in the first ten steps: the opening of a lot follows from its log alone, a bank
//! reference settles one refund, names of files can be taken away, and sealed stretches of the audit stay.

use sea_orm_migration::prelude::*;

use crate::{append_only, dialect};

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m11_mends"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("m11_mends.sql")).await?;
        let sealed = "first_position, last_position, first_previous_hash, last_hash, last_at, sealed_at";
        append_only::guard_but(manager, "audit_segment", sealed, &["removed_at"]).await?;
        for table in ["event", "audit", "audit_segment"] {
            append_only::forbid_replace(manager, table).await?;
        }
        Ok(())
    }
}
