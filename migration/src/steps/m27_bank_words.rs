//! What the bank said of somebody is sealed: names and remarks beside the accounts that are. These tables are
//! append-only, so only the cells with such words may change, and only in two ways: all of a row at once to
//! nothing, or each to what is sealed under another key than it was, which is how a rotation seals it anew. Words
//! from before stand until a server starts and seals them: a step has no keys.

use sea_orm_migration::prelude::*;

use crate::append_only;

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m27_bank_words"
    }
}

/// Tables of the bank and the words in them.
const WORDS: [(&str, &[&str]); 3] = [
    ("bank_line", &["counterparty_name", "counterparty_account", "remark"]),
    ("bank_entry", &["counterparty_name"]),
    ("bank_credit", &["payer_name"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        append_only::lift(manager, "bank_line", "account").await?;
        for (table, words) in WORDS {
            append_only::let_words_be_sealed(manager, table, words).await?;
        }
        // No two sealed names are alike. What moves as much under one reference is booked once, whatever the name.
        let connection = manager.get_connection();
        connection.execute_unprepared("DROP INDEX uq_bank_line_booked").await?;
        let once = "bank_line (direction, bank_reference, amount_minor, currency) WHERE booked";
        connection.execute_unprepared(&format!("CREATE UNIQUE INDEX uq_bank_line_booked ON {once}")).await.map(|_| ())
    }
}
