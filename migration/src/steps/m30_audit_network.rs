//! Rows of the audit trail say from which network the call came. Those that stand say nothing of it, and no row says it
//! afterwards: the column is as fixed as the others.

use sea_orm_migration::prelude::*;

use crate::append_only;

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m30_audit_network"
    }
}

/// What of a row never changes.
const FIXED: &str = "seq, at, person_id, organisation_id, role, operation, object_kind, object_id, outcome, \
     before_hash, after_hash, detail, request_id, network";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("ALTER TABLE audit ADD COLUMN network text").await?;
        connection.execute_unprepared("CREATE INDEX ix_audit_network ON audit (network, position)").await?;
        append_only::lift(manager, "audit", "update").await?;
        append_only::forbid(manager, "audit", "update", &format!("UPDATE OF {FIXED}"), None).await
    }
}
