//! Personal data is sealed: people are found by keyed hashes of their addresses, and an account number told by
//! the bank may be sealed anew, but never be another. Accounts can be closed and forgotten.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::{append_only, dialect};

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m23_privacy"
    }
}

/// The words of a line of the bank: taken away all at once, or not at all.
const WORDS: &str =
    "COALESCE(NEW.counterparty_name, '') <> '' OR COALESCE(NEW.counterparty_account, '') <> '' OR COALESCE(NEW.remark, '') <> ''";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("m23_privacy.sql")).await?;
        append_only::lift(manager, "bank_line", "words").await?;
        append_only::forbid(manager, "bank_line", "words", "UPDATE OF counterparty_name, remark", Some(WORDS)).await?;
        // What is sealed begins with this character; only whoever has the key can make something that opens here.
        let mark = if manager.get_database_backend() == DatabaseBackend::Sqlite { "char(1)" } else { "chr(1)" };
        let unsealed = format!("COALESCE(NEW.counterparty_account, '') <> '' AND substr(NEW.counterparty_account, 1, 1) <> {mark}");
        append_only::forbid(manager, "bank_line", "account", "UPDATE OF counterparty_account", Some(&unsealed)).await
    }
}
