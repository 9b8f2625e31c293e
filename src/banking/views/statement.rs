//! Statements of the bank.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::banking::LineState;
use entity::ids::{BankStatementId, PersonId};
use entity::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::SignedMoney;
use crate::banking::flows::Imported;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;

/// What a statement is called, and what it begins and ends with.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NewStatement {
    /// Name of the file.
    #[param(min_length = 1, max_length = 255, example = "对账单-20261123.csv")]
    pub file_name: String,
    /// The currency of the account.
    #[param(inline)]
    pub currency: Currency,
    /// What was there before the first line.
    #[param(max_length = 20, example = "1000.00")]
    pub opening_balance: String,
    /// What was there after the last line.
    #[param(max_length = 20, example = "101000.00")]
    pub closing_balance: String,
    /// Read by the call itself.
    #[param(ignore)]
    pub dry_run: Option<bool>,
}

/// How many lines of a statement stand where.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct LineCounts {
    /// Deposits, and parts of deposits.
    pub matched: i64,
    /// Nobody's yet.
    pub unmatched: i64,
    /// Known before.
    pub duplicate: i64,
    /// Payments that files asked for.
    pub confirmed_refund: i64,
    /// Decided by an officer.
    pub resolved: i64,
}

impl LineCounts {
    fn of(counts: &BTreeMap<LineState, i64>) -> Self {
        let count = |state: LineState| counts.get(&state).copied().unwrap_or_default();
        Self {
            matched: count(LineState::Matched),
            unmatched: count(LineState::Unmatched),
            duplicate: count(LineState::Duplicate),
            confirmed_refund: count(LineState::ConfirmedRefund),
            resolved: count(LineState::Resolved),
        }
    }
}

/// What is strange about a statement, though it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementWarning {
    /// It does not begin with what the earlier one ended with.
    Gap,
}

/// A statement of the bank (银行对账单).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementView {
    /// Id.
    pub id: BankStatementId,
    /// Name of the file.
    pub file_name: String,
    /// SHA-256 of the file, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// What was there before the first line.
    pub opening_balance: Money,
    /// What was there after the last line.
    pub closing_balance: Money,
    /// What came in.
    pub credits: Money,
    /// What went out.
    pub debits: Money,
    /// How many lines it has.
    pub line_count: i64,
    /// How many of them stand where; the balance booked with the earliest statement is among them.
    pub lines: LineCounts,
    /// When the first line was booked.
    pub first_booked_at: DateTime<Utc>,
    /// When the last line was booked.
    pub last_booked_at: DateTime<Utc>,
    /// The latest earlier statement when it was imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_id: Option<BankStatementId>,
    /// What it begins with beyond what the earlier one ended with.
    pub gap: SignedMoney,
    /// What is strange about it.
    pub warnings: Vec<StatementWarning>,
    /// What the caller may do to it, as operation ids, where a single statement is read: nothing. Its lines are decided about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Who imported it.
    pub imported_by: PersonId,
    /// When.
    pub imported_at: DateTime<Utc>,
}

impl From<Imported> for StatementView {
    fn from(imported: Imported) -> Self {
        let Imported { statement: row, counts } = imported;
        let money = |minor| Money { minor, currency: row.currency };
        Self {
            sha256: hex(&row.sha256),
            opening_balance: money(row.opening_minor),
            closing_balance: money(row.closing_minor),
            credits: money(row.credits_minor),
            debits: money(row.debits_minor),
            line_count: row.line_count,
            lines: LineCounts::of(&counts),
            first_booked_at: row.first_booked_at,
            last_booked_at: row.last_booked_at,
            previous_id: row.previous_id,
            gap: SignedMoney::of(row.gap_minor, row.currency),
            warnings: if row.gap_minor == 0 { Vec::new() } else { vec![StatementWarning::Gap] },
            allowed_deeds: None,
            imported_by: row.imported_by,
            imported_at: row.imported_at,
            id: row.id,
            file_name: row.file_name,
        }
    }
}

impl Tagged for StatementView {
    fn version(&self) -> Option<i64> {
        None
    }
}
