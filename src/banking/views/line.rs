//! Their lines, and decisions about them.

use chrono::{DateTime, Utc};
use entity::banking::{LineDecision, LineState, UnmatchedReason, bank_return};
use entity::ids::{AdmissionId, BankLineId, BankReturnId, BankStatementId, PersonId, RefundId, TransferId};
use entity::ledger::{BankDirection, RefundState};
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::banking::flows::{Known, Words};
use crate::banking::rules;
use crate::banking::store::LineFilter;
use crate::paged;
use crate::platform::http::answer::Tagged;

paged! {
    /// Which lines.
    pub struct LineQuery {
        /// Only in this state.
        #[param(inline)]
        pub state: Option<LineState>,
        /// Only those unmatched for this reason.
        #[param(inline)]
        pub reason: Option<UnmatchedReason>,
        /// Only of this statement.
        #[param(value_type = Option<uuid::Uuid>)]
        pub statement_id: Option<BankStatementId>,
        /// Only those that name, or are, the deposit of this admission.
        #[param(value_type = Option<uuid::Uuid>)]
        pub admission_id: Option<AdmissionId>,
    }
}

impl LineQuery {
    /// Which lines.
    pub fn filter(&self) -> LineFilter {
        LineFilter { state: self.state, reason: self.reason, statement: self.statement_id, admission: self.admission_id }
    }
}

/// A decision about a line (不明款项处理).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDecision {
    /// What is decided.
    pub decision: LineDecision,
    /// Whose deposit it is, where it is applied to one.
    pub admission_id: Option<AdmissionId>,
    /// The refund it paid, where it paid one.
    pub refund_id: Option<RefundId>,
    /// The return it paid, where it paid one.
    pub return_id: Option<BankReturnId>,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "第三方代付，退回原账户")]
    pub reason: String,
}

impl NewDecision {
    /// As the rules judge it.
    pub fn verdict(&self) -> rules::Verdict<'_> {
        let Self { decision, admission_id, refund_id, return_id, reason } = self;
        rules::Verdict { decision: *decision, admission: *admission_id, refund: *refund_id, back: *return_id, reason }
    }
}

/// What an officer decided about a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecisionView {
    /// What.
    pub decision: LineDecision,
    /// The refund it paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<RefundId>,
    /// The return it paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_id: Option<BankReturnId>,
    /// Why.
    pub reason: String,
    /// Who.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: DateTime<Utc>,
}

/// Money owed back to whoever paid it (退回来款).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReturnView {
    /// Id.
    pub id: BankReturnId,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: RefundState,
    /// By when.
    pub due_at: DateTime<Utc>,
    /// The rule the date follows from.
    pub rule: String,
    /// The transfer that paid it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<TransferId>,
    /// When it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<DateTime<Utc>>,
}

impl From<bank_return::Model> for ReturnView {
    fn from(row: bank_return::Model) -> Self {
        Self {
            id: row.id,
            amount: Money { minor: row.amount_minor, currency: row.currency },
            state: row.state,
            due_at: row.due_at,
            rule: row.rule,
            transfer_id: row.transfer_id,
            paid_at: row.paid_at,
        }
    }
}

/// A line of a statement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineView {
    /// Id.
    pub id: BankLineId,
    /// The statement.
    pub statement_id: BankStatementId,
    /// Its row in the file; the header is the first, where what the account held before its earliest statement stands.
    pub row_number: i64,
    /// When the bank booked it.
    pub booked_at: DateTime<Utc>,
    /// The bank's reference (银行流水号).
    pub bank_reference: String,
    /// Which way the money moved.
    pub direction: BankDirection,
    /// How much.
    pub amount: Money,
    /// Who paid, or was paid.
    pub counterparty_name: String,
    /// From or to which account; for finance only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterparty_account: Option<String>,
    /// What was said with it.
    pub remark: String,
    /// Where it stands.
    pub state: LineState,
    /// Why it is, or was, nobody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<UnmatchedReason>,
    /// The admission it names, or whose deposit it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admission_id: Option<AdmissionId>,
    /// The transfer on the bank's account that stands for it.
    pub transfer_id: TransferId,
    /// Whether the line brought that transfer about, or found it in the books.
    pub booked: bool,
    /// The line of an earlier statement that says the same. A duplicate without one was booked by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_line_id: Option<BankLineId>,
    /// What may be decided about it now.
    pub decisions: Vec<LineDecision>,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionView>,
    /// What is or was owed back for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owed_back: Option<ReturnView>,
    /// What the caller may do to it now, as operation ids; told where a single line is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["decide_bank_line"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// When it was imported.
    pub created_at: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

impl LineView {
    /// A line with its words, among them the account where the reader may see it.
    pub fn of(known: Known, words: Words) -> Self {
        let Known { line, case, owed } = known;
        let decisions = rules::open_to(&line, &case);
        let decided = case.decision.zip(case.decision_reason).zip(case.decided_by.zip(case.decided_at));
        let decision = decided.map(|((decision, reason), (decided_by, decided_at))| DecisionView {
            decision,
            refund_id: case.refund_id,
            return_id: case.return_id,
            reason,
            decided_by,
            decided_at,
        });
        Self {
            id: line.id,
            statement_id: line.statement_id,
            row_number: line.row_number,
            booked_at: line.booked_at,
            bank_reference: line.bank_reference,
            direction: line.direction,
            amount: Money { minor: line.amount_minor, currency: line.currency },
            counterparty_name: words.name,
            counterparty_account: words.account,
            remark: words.remark,
            state: case.state,
            reason: case.reason,
            admission_id: case.admission_id,
            transfer_id: line.transfer_id,
            booked: line.booked,
            known_line_id: line.known_line_id,
            decisions,
            decision,
            owed_back: owed.map(ReturnView::from),
            allowed_deeds: None,
            created_at: line.created_at,
            version: case.version,
        }
    }
}

impl Tagged for LineView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
