//! Statements of the bank, the accounts they need, and files of payments.

use entity::banking::{LineDecision, LineState, PaymentState, UnmatchedReason};
use entity::ledger::{AccountKind, BankDirection, TransferReason};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::{append_only, dialect, states};

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m14_bank"
    }
}

/// The shapes an account may have.
const SHAPES: &str = "(kind IN ('bank', 'suspense', 'fees') AND organisation_id IS NULL AND lot_id IS NULL) \
     OR (kind = 'client_funds' AND organisation_id IS NOT NULL AND lot_id IS NULL) \
     OR (kind = 'deposits' AND organisation_id IS NULL AND lot_id IS NOT NULL)";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        more_codes(manager, "account_kind", AccountKind::codes()).await?;
        more_codes(manager, "transfer_reason", TransferReason::codes()).await?;
        more_shapes(manager).await?;
        states::table(manager, "bank_direction", BankDirection::codes()).await?;
        states::table(manager, "bank_line_state", LineState::codes()).await?;
        states::table(manager, "unmatched_reason", UnmatchedReason::codes()).await?;
        states::table(manager, "line_decision", LineDecision::codes()).await?;
        states::table(manager, "payment_state", PaymentState::codes()).await?;
        dialect::run(manager, include_str!("m14_bank.sql")).await?;
        entries_so_far(manager).await?;
        for table in ["bank_entry", "bank_statement", "bank_line"] {
            append_only::guard(manager, table).await?;
        }
        Ok(())
    }
}

/// Adds the codes a table of states lacks.
async fn more_codes(manager: &SchemaManager<'_>, table: &str, codes: Vec<String>) -> Result<(), DbErr> {
    for code in codes {
        let sql = format!("INSERT INTO {table} (code) VALUES ('{code}') ON CONFLICT (code) DO NOTHING");
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Lets there be accounts of the new kinds. SQLite cannot alter a check, so there the table is made anew;
/// what refers to its rows is looked at when the transaction ends.
async fn more_shapes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let sql = match manager.get_database_backend() {
        DatabaseBackend::Sqlite => format!(
            "PRAGMA defer_foreign_keys = ON;\n\
             CREATE TABLE ledger_account_before AS SELECT * FROM ledger_account;\n\
             DROP TABLE ledger_account;\n\
             CREATE TABLE ledger_account (\
               id {{id}} NOT NULL CONSTRAINT pk_ledger_account PRIMARY KEY, \
               kind text NOT NULL CONSTRAINT fk_ledger_account_kind REFERENCES account_kind (code), \
               organisation_id {{id}} CONSTRAINT fk_ledger_account_organisation REFERENCES organisation (id), \
               lot_id {{id}} CONSTRAINT fk_ledger_account_lot REFERENCES lot (id), \
               currency text NOT NULL CONSTRAINT fk_ledger_account_currency REFERENCES currency (code), \
               created_at {{ts}} NOT NULL, \
               CONSTRAINT ck_ledger_account_shape CHECK ({SHAPES}));\n\
             INSERT INTO ledger_account (id, kind, organisation_id, lot_id, currency, created_at) \
               SELECT id, kind, organisation_id, lot_id, currency, created_at FROM ledger_account_before;\n\
             DROP TABLE ledger_account_before;\n\
             CREATE UNIQUE INDEX uq_ledger_account_bank ON ledger_account (currency) WHERE kind = 'bank';\n\
             CREATE UNIQUE INDEX uq_ledger_account_client ON ledger_account (organisation_id, currency) WHERE kind = 'client_funds';\n\
             CREATE UNIQUE INDEX uq_ledger_account_deposits ON ledger_account (lot_id, currency) WHERE kind = 'deposits';\n"
        ),
        _ => format!(
            "ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_shape;\n\
             ALTER TABLE ledger_account ADD CONSTRAINT ck_ledger_account_shape CHECK ({SHAPES});\n"
        ),
    };
    dialect::run(manager, &sql).await?;
    let own = "CREATE UNIQUE INDEX uq_ledger_account_own ON ledger_account (kind, currency) WHERE kind IN ('suspense', 'fees')";
    manager.get_connection().execute_unprepared(own).await.map(|_| ())
}

/// Enters what was booked before under its reference: credits from their records, refunds from the events
/// that told of their payment.
async fn entries_so_far(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let reference = match manager.get_database_backend() {
        DatabaseBackend::Sqlite => "json_extract(event.body, '$.bank_reference')",
        _ => "CAST(event.body AS json) ->> 'bank_reference'",
    };
    let columns = "direction, bank_reference, counterparty_name, amount_minor, currency, transfer_id, entered_at";
    let credits = format!(
        "INSERT INTO bank_entry ({columns}) \
         SELECT 'credit', bank_reference, payer_name, amount_minor, currency, transfer_id, recorded_at FROM bank_credit"
    );
    let refunds = format!(
        "INSERT INTO bank_entry ({columns}) \
         SELECT 'debit', {reference}, organisation.name, refund.amount_minor, refund.currency, refund.transfer_id, refund.paid_at \
         FROM refund JOIN organisation ON organisation.id = refund.organisation_id \
         JOIN event ON event.subject_id = refund.id AND event.kind = 'refund.paid' \
         WHERE refund.state = 'paid' AND {reference} IS NOT NULL ON CONFLICT DO NOTHING"
    );
    for sql in [credits, refunds] {
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}
