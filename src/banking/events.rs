//! What banking tells.

use entity::banking::{LineDecision, LineState, PaymentState, bank_case, bank_statement, payment_file};
use entity::ids::{AdmissionId, BankLineId, BankStatementId, PaymentFileId};
use entity::money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// A statement was imported.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementEvent {
    /// The statement.
    pub statement_id: BankStatementId,
    /// How many lines it has.
    pub lines: i64,
    /// Whether it begins with what the earlier one ended with.
    pub joins: bool,
}

impl StatementEvent {
    /// It is in.
    pub fn of(row: &bank_statement::Model) -> Self {
        Self { statement_id: row.id, lines: row.line_count, joins: row.gap_minor == 0 }
    }
}

impl Event for StatementEvent {
    fn kind(&self) -> &'static str {
        "bank_statement.imported"
    }
    fn subject(&self) -> (&'static str, Uuid) {
        ("bank_statement", self.statement_id.into())
    }
}

/// A line that waited does so no more.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineEvent {
    #[serde(skip)]
    kind: &'static str,
    /// The line.
    pub line_id: BankLineId,
    /// Where it stands now.
    pub state: LineState,
    /// What was decided, if it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<LineDecision>,
    /// Whose deposit it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission_id: Option<AdmissionId>,
}

impl LineEvent {
    /// What has just become of a line.
    pub fn of(row: &bank_case::Model) -> Self {
        let kind = if row.state == LineState::Matched { "bank_line.matched" } else { "bank_line.decided" };
        let is_deposit = row.state == LineState::Matched || row.decision == Some(LineDecision::Apply);
        Self { kind, line_id: row.line_id, state: row.state, decision: row.decision, admission_id: row.admission_id.filter(|_| is_deposit) }
    }
}

impl Event for LineEvent {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn subject(&self) -> (&'static str, Uuid) {
        ("bank_line", self.line_id.into())
    }
}

/// A payment file was made, or stands otherwise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentFileEvent {
    #[serde(skip)]
    kind: &'static str,
    /// The file.
    pub payment_file_id: PaymentFileId,
    /// Where it stands now.
    pub state: PaymentState,
    /// What it pays altogether.
    pub total: Money,
}

impl PaymentFileEvent {
    /// What has just become of a file.
    pub fn of(row: &payment_file::Model) -> Self {
        let kind = match row.state {
            PaymentState::Open => "payment_file.created",
            PaymentState::Confirmed => "payment_file.confirmed",
            PaymentState::Cancelled => "payment_file.cancelled",
        };
        let total = Money { minor: row.total_minor, currency: row.currency };
        Self { kind, payment_file_id: row.id, state: row.state, total }
    }
}

impl Event for PaymentFileEvent {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn subject(&self) -> (&'static str, Uuid) {
        ("payment_file", self.payment_file_id.into())
    }
}
