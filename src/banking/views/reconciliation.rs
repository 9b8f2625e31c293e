//! The ledger held against the statement.

use chrono::{DateTime, NaiveDate, Utc};
use entity::Timestamp;
use entity::ids::{BankStatementId, TransferId};
use entity::ledger::{BankDirection, TransferReason};
use entity::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::SignedMoney;
use crate::banking::flows::Reconciled;
use crate::banking::store::Unstated;

/// The reconciliation of which day.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReconciliationQuery {
    /// The day, in Shanghai; today unless given.
    pub as_of: Option<NaiveDate>,
    /// The currency of the account; CNY unless given.
    #[param(inline)]
    pub currency: Option<Currency>,
}

/// The statement a reconciliation rests on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReconciledStatement {
    /// Id.
    pub id: BankStatementId,
    /// What it ends with.
    pub closing_balance: Money,
    /// When its last line was booked.
    pub last_booked_at: DateTime<Utc>,
}

/// A movement that was booked by hand and stands on no statement yet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnstatedView {
    /// The transfer.
    pub transfer_id: TransferId,
    /// Which way the money moved.
    pub direction: BankDirection,
    /// Why.
    pub reason: TransferReason,
    /// How much.
    pub amount: Money,
    /// The bank's reference it was booked under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_reference: Option<String>,
    /// When it was booked.
    pub booked_at: DateTime<Utc>,
}

/// What is nobody's, as it stands now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuspenseView {
    /// All of it; below zero where more went out than is explained.
    pub balance: SignedMoney,
    /// What of it is owed back to whoever paid it.
    pub owed_back: Money,
    /// How many lines wait for a decision.
    #[schema(minimum = 0)]
    pub unmatched_lines: u64,
    /// When the oldest of them was booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_booked_at: Option<DateTime<Utc>>,
    /// How many whole days ago that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_days: Option<i64>,
}

/// The ledger held against the bank's statement (银行存款余额调节表).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReconciliationView {
    /// The day up to whose end is reckoned, in Shanghai.
    pub as_of: NaiveDate,
    /// When it was drawn up.
    pub at: DateTime<Utc>,
    /// What the bank holds by the ledger.
    pub ledger_balance: SignedMoney,
    /// The latest statement that ends by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<ReconciledStatement>,
    /// By how much the ledger has more than the statement.
    pub difference: SignedMoney,
    /// What of the difference was booked by hand and stands on no statement yet.
    pub explained: SignedMoney,
    /// What is left; nothing where the books are right and no statement is missing.
    pub unexplained: SignedMoney,
    /// What explains the difference, newest first; the first hundred.
    pub not_on_statement: Vec<UnstatedView>,
    /// What is nobody's.
    pub suspense: SuspenseView,
}

impl From<Reconciled> for ReconciliationView {
    fn from(found: Reconciled) -> Self {
        let currency = found.currency;
        let signed = |minor| SignedMoney::of(minor, currency);
        let days = |since: Timestamp| (found.at - since).num_days();
        Self {
            as_of: found.as_of,
            at: found.at,
            ledger_balance: signed(found.figures.ledger),
            statement: found.statement.map(|row| ReconciledStatement {
                id: row.id,
                closing_balance: Money { minor: row.closing_minor, currency },
                last_booked_at: row.last_booked_at,
            }),
            difference: signed(found.figures.difference),
            explained: signed(found.figures.explained),
            unexplained: signed(found.figures.unexplained),
            not_on_statement: found.unstated.into_iter().map(|row| unstated(row, currency)).collect(),
            suspense: SuspenseView {
                balance: signed(found.suspense),
                owed_back: Money { minor: found.owed_back, currency },
                unmatched_lines: found.waiting,
                oldest_booked_at: found.oldest,
                oldest_days: found.oldest.map(days),
            },
        }
    }
}

fn unstated(row: Unstated, currency: Currency) -> UnstatedView {
    UnstatedView {
        transfer_id: row.transfer,
        direction: row.direction,
        reason: row.reason,
        amount: Money { minor: row.minor, currency },
        bank_reference: row.bank_reference,
        booked_at: row.booked_at,
    }
}
