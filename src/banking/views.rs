//! What banking takes and shows over HTTP.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::Timestamp;
use entity::banking::{LineDecision, LineState, PaymentState, UnmatchedReason, bank_return, payment_file};
use entity::ids::{AdmissionId, BankLineId, BankReturnId, BankStatementId, PaymentFileId, PaymentItemId, PersonId, RefundId, TransferId};
use entity::ledger::{BankDirection, RefundState, TransferReason};
use entity::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::flows::{Imported, Known, PaymentFile, Reconciled};
use super::rules;
use super::store::{LineFilter, Unstated};
use crate::platform::http::PageQuery;
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

/// Which lines.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
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
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// Where the last page ended, as it said.
    #[param(max_length = 200)]
    pub cursor: Option<String>,
}

impl LineQuery {
    /// Which page.
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }

    /// Which lines.
    pub fn filter(&self) -> LineFilter {
        LineFilter { state: self.state, reason: self.reason, statement: self.statement_id, admission: self.admission_id }
    }
}

/// Which payment files.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaymentFileQuery {
    /// Only in this state.
    #[param(inline)]
    pub state: Option<PaymentState>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// Where the last page ended, as it said.
    #[param(max_length = 200)]
    pub cursor: Option<String>,
}

impl PaymentFileQuery {
    /// Which page.
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }
}

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

/// What a payment file shall hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaymentFile {
    /// Only what is due by this instant; everything that is owed unless given.
    pub due_by: Option<DateTime<Utc>>,
    /// In which currency; CNY unless given.
    pub currency: Option<Currency>,
}

/// An amount that may be below zero.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignedMoney {
    /// Decimal text with two places.
    #[schema(pattern = r"^-?[0-9]{1,17}\.[0-9]{2}$", example = "-12.50")]
    pub amount: String,
    /// ISO 4217 code.
    pub currency: Currency,
}

impl SignedMoney {
    fn of(minor: i64, currency: Currency) -> Self {
        Self { amount: Money { minor, currency }.decimal(), currency }
    }
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
    /// How many of them stand where.
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
    /// Its row in the file; the header is the first.
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
    /// When it was imported.
    pub created_at: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

impl LineView {
    /// A line, with its account where the reader may see it.
    pub fn of(known: Known, with_account: bool) -> Self {
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
            counterparty_name: line.counterparty_name,
            counterparty_account: line.counterparty_account.filter(|_| with_account),
            remark: line.remark,
            state: case.state,
            reason: case.reason,
            admission_id: case.admission_id,
            transfer_id: line.transfer_id,
            booked: line.booked,
            known_line_id: line.known_line_id,
            decisions,
            decision,
            owed_back: owed.map(ReturnView::from),
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

/// A payment file in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentFileSummary {
    /// Id.
    pub id: PaymentFileId,
    /// Where it stands.
    pub state: PaymentState,
    /// What it pays altogether.
    pub total: Money,
    /// How many payments it holds.
    pub item_count: i64,
    /// SHA-256 of its text, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Who made it.
    pub created_by: PersonId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

impl From<payment_file::Model> for PaymentFileSummary {
    fn from(row: payment_file::Model) -> Self {
        Self {
            id: row.id,
            state: row.state,
            total: Money { minor: row.total_minor, currency: row.currency },
            item_count: row.item_count,
            sha256: hex(&row.sha256),
            created_by: row.created_by,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// One payment of a file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentItemView {
    /// Id.
    pub id: PaymentItemId,
    /// What the bank carries in the remark.
    #[schema(example = "R-7K2M9QXP")]
    pub payment_reference: String,
    /// The refund it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<RefundId>,
    /// The return it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_id: Option<BankReturnId>,
    /// To whom.
    pub payee_name: String,
    /// To which account, where it is known; for finance only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_account: Option<String>,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: PaymentState,
    /// The line that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_by_line_id: Option<BankLineId>,
}

/// A payment file (付款文件).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentFileView {
    /// The file.
    #[serde(flatten)]
    pub summary: PaymentFileSummary,
    /// Its payments, in their order.
    pub items: Vec<PaymentItemView>,
}

impl PaymentFileView {
    /// A file, with the accounts where the reader may see them.
    pub fn of(file: PaymentFile, with_account: bool) -> Self {
        let items = file.items.into_iter().map(|(item, account)| PaymentItemView {
            id: item.id,
            payment_reference: item.payment_reference,
            refund_id: item.refund_id,
            return_id: item.return_id,
            payee_name: item.payee_name,
            payee_account: account.filter(|_| with_account),
            amount: Money { minor: item.amount_minor, currency: item.currency },
            state: item.state,
            confirmed_by_line_id: item.confirmed_by_line_id,
        });
        Self { items: items.collect(), summary: file.file.into() }
    }
}

impl Tagged for PaymentFileView {
    fn version(&self) -> Option<i64> {
        Some(self.summary.version)
    }
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
