//! Sandbox clock, idempotency, events, timers, audit.

use entity::platform::AuditOutcome;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::{append_only, dialect, states};

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m01_platform"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        append_only::prepare(manager).await?;
        states::table(manager, "audit_outcome", AuditOutcome::codes()).await?;
        dialect::run(manager, include_str!("m01_platform.sql")).await?;
        append_only::guard_but(manager, "event", "seq, id, kind, subject_kind, subject_id, body, occurred_at", &["position"]).await?;
        append_only::forbid(manager, "event", "delete", "DELETE", None).await?;
        append_only::guard_but(
            manager,
            "audit",
            "seq, at, person_id, organisation_id, role, operation, object_kind, object_id, outcome, \
             before_hash, after_hash, detail, request_id",
            &["position", "hash"],
        )
        .await?;
        // Retention removes whole sealed stretches and nothing else; SQLite and PostgreSQL differ in
        // whether a trigger's WHEN may look at another table, so each says it in its own way.
        let kept = "NOT EXISTS (SELECT 1 FROM audit_segment s WHERE s.removed_at IS NOT NULL \
                    AND OLD.position BETWEEN s.first_position AND s.last_position)";
        let sql = match manager.get_database_backend() {
            DatabaseBackend::Sqlite => format!(
                "CREATE TRIGGER keep_audit_delete BEFORE DELETE ON audit FOR EACH ROW WHEN {kept} \
                 BEGIN SELECT RAISE(ABORT, 'append_only: audit'); END"
            ),
            _ => format!(
                "CREATE FUNCTION refuse_audit_removal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF OLD.position IS NULL OR {kept} THEN RAISE EXCEPTION 'append_only: audit' \
                 USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $$; \
                 CREATE TRIGGER keep_audit_delete BEFORE DELETE ON audit FOR EACH ROW \
                 EXECUTE FUNCTION refuse_audit_removal()"
            ),
        };
        manager.get_connection().execute_unprepared(&sql).await?;
        append_only::forbid(manager, "audit_segment", "delete", "DELETE", None).await?;
        for table in ["event", "audit", "audit_segment"] {
            append_only::forbid_truncate(manager, table).await?;
        }
        Ok(())
    }
}
