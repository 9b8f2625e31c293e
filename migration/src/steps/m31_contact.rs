//! Whom to ask about an offer stands in a cell of its own, which is sealed. What stands from before is moved there as it
//! is, and sealed when a server starts: a step has no keys.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m31_contact"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("ALTER TABLE listing ADD COLUMN contact text NOT NULL DEFAULT ''").await?;
        let (taken, left) = if manager.get_database_backend() == DatabaseBackend::Sqlite {
            ("json_extract(offer, '$.contact')", "json_remove(offer, '$.contact')")
        } else {
            ("offer ->> 'contact'", "offer - 'contact'")
        };
        let moved = format!("UPDATE listing SET contact = COALESCE({taken}, ''), offer = {left}");
        connection.execute_unprepared(&moved).await.map(|_| ())
    }
}
