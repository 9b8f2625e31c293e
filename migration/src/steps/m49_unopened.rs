//! Rows of the audit trail may wait for what is still sealed, without a place in the chain; they are let go once, and none is
//! made to wait afterwards. Calls with keys say whether others than the organisation of the key are told of them.

use sea_orm_migration::prelude::*;

use crate::{append_only, dialect};

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m49_unopened"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("m49_unopened.sql")).await?;
        append_only::forbid(manager, "audit", "withheld", "UPDATE OF withheld_with", Some("NEW.withheld_with IS NOT NULL")).await
    }
}
