//! What somebody said of himself to the bank can be taken away, and the rows of an import with it; a buyer may
//! ask that its name be kept secret; the number a right was published under is its own. A notice that was
//! published stays so.

use sea_orm_migration::prelude::*;

use crate::append_only;

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m21_mends"
    }
}

/// Tables of the bank: their columns that never change, and the words in them.
const WORDS: [(&str, &str, &[&str]); 3] = [
    (
        "bank_line",
        "id, statement_id, row_number, booked_at, bank_reference, direction, amount_minor, currency, transfer_id, booked, \
         known_line_id, created_at",
        &["counterparty_name", "counterparty_account", "remark"],
    ),
    ("bank_entry", "direction, bank_reference, amount_minor, currency, transfer_id, entered_at", &["counterparty_name"]),
    (
        "bank_credit",
        "id, bank_reference, admission_id, organisation_id, amount_minor, currency, transfer_id, recorded_by, recorded_at",
        &["payer_name"],
    ),
];

/// What would make a notice another, or unsay one that was published.
const UNSAID: &str = "OLD.kind <> NEW.kind OR OLD.listing_id <> NEW.listing_id OR OLD.deal_id IS DISTINCT FROM NEW.deal_id \
     OR OLD.organisation_id <> NEW.organisation_id OR NEW.current_version < OLD.current_version \
     OR (OLD.published_at IS NOT NULL AND (NEW.state = 'drafted' OR NEW.published_at IS DISTINCT FROM OLD.published_at \
     OR NEW.published_by IS DISTINCT FROM OLD.published_by))";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, fixed, words) in WORDS {
            append_only::let_words_go(manager, table, fixed, words).await?;
        }
        let secrecy = "ALTER TABLE admission ADD COLUMN party_confidential boolean NOT NULL DEFAULT false";
        manager.get_connection().execute_unprepared(secrecy).await?;
        let published = "CREATE UNIQUE INDEX uq_asset_publication_number ON asset (publication_number)";
        manager.get_connection().execute_unprepared(published).await?;
        append_only::forbid(manager, "notice", "delete", "DELETE", None).await?;
        append_only::forbid(manager, "notice", "update", "UPDATE", Some(UNSAID)).await?;
        // What became of a row never changes, but goes with its import.
        append_only::lift(manager, "import_row", "delete").await
    }
}
