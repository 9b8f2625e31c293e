//! Several holders of a right of pre-emption who take a lot seal one more bid: a round beside those of the format itself.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::{append_only, dialect};

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m51_preemption_round"
    }
}

/// The rounds there are.
const ROUNDS: &str = "round IN (1, 2, 3)";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let told = "INSERT INTO lot_event_kind (code) VALUES ('preemption_round') ON CONFLICT DO NOTHING";
        manager.get_connection().execute_unprepared(told).await?;
        if manager.get_database_backend() == DatabaseBackend::Sqlite { made_anew(manager).await } else { altered(manager).await }
    }
}

async fn altered(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let sql = format!(
        "ALTER TABLE sealed_bid DROP CONSTRAINT ck_sealed_bid_round;\n\
         ALTER TABLE sealed_bid ADD CONSTRAINT ck_sealed_bid_round CHECK ({ROUNDS});\n"
    );
    dialect::run(manager, &sql).await
}

/// SQLite cannot alter a check, so there the table is made anew, and kept as it was before: its triggers went with it.
async fn made_anew(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = "id, lot_id, round, seq, admission_id, person_id, request_id, at, commitment, envelope";
    let sql = format!(
        "CREATE TABLE sealed_bid_before AS SELECT * FROM sealed_bid;\n\
         DROP TABLE sealed_bid;\n\
         CREATE TABLE sealed_bid (\
           id {{id}} NOT NULL CONSTRAINT pk_sealed_bid PRIMARY KEY, \
           lot_id {{id}} NOT NULL CONSTRAINT fk_sealed_bid_lot REFERENCES lot (id), \
           round integer NOT NULL CONSTRAINT ck_sealed_bid_round CHECK ({ROUNDS}), \
           seq bigint NOT NULL CONSTRAINT ck_sealed_bid_seq CHECK (seq > 0), \
           admission_id {{id}} NOT NULL CONSTRAINT fk_sealed_bid_admission REFERENCES admission (id), \
           person_id {{id}} NOT NULL, \
           request_id text NOT NULL, \
           at {{ts}} NOT NULL, \
           commitment {{hash}} NOT NULL, \
           envelope {{bytes}} NOT NULL, \
           CONSTRAINT uq_sealed_bid_seq UNIQUE (lot_id, seq));\n\
         INSERT INTO sealed_bid ({columns}) SELECT {columns} FROM sealed_bid_before;\n\
         DROP TABLE sealed_bid_before;\n\
         CREATE INDEX ix_sealed_bid_admission ON sealed_bid (admission_id, seq);\n\
         CREATE INDEX ix_sealed_bid_person ON sealed_bid (person_id, at);\n"
    );
    dialect::run(manager, &sql).await?;
    append_only::guard(manager, "sealed_bid").await
}
