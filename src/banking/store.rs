//! Where statements, their lines and payment files are kept.

use std::collections::{BTreeMap, HashMap};

use entity::Timestamp;
use entity::banking::{
    LineDecision, LineState, PaymentState, UnmatchedReason, bank_case, bank_line, bank_return, bank_statement, payment_file, payment_item,
};
use entity::ids::{AccountId, AdmissionId, BankLineId, BankReturnId, BankStatementId, PaymentFileId, TransferId};
use entity::ledger::{BankDirection, RefundState, TransferReason};
use entity::money::Currency;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement,
};

use super::rules::{Moved, OPENING_ROW, Payee};
use crate::ledger::rules::Side;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// How many texts are asked for in one statement.
const AT_ONCE: usize = 500;

/// A statement.
pub async fn statement(db: &impl ConnectionTrait, id: BankStatementId) -> Result<Option<bank_statement::Model>, DbErr> {
    bank_statement::Entity::find_by_id(id).one(db).await
}

/// The statement of this very file.
pub async fn statement_by_hash(db: &impl ConnectionTrait, sha256: &[u8]) -> Result<Option<bank_statement::Model>, DbErr> {
    bank_statement::Entity::find().filter(bank_statement::Column::Sha256.eq(sha256)).one(db).await
}

/// The latest statement that ends by an instant.
pub async fn latest(db: &impl ConnectionTrait, currency: Currency, by: Timestamp) -> Result<Option<bank_statement::Model>, DbErr> {
    bank_statement::Entity::find()
        .filter(bank_statement::Column::Currency.eq(currency))
        .filter(bank_statement::Column::LastBookedAt.lte(by))
        .order_by_desc(bank_statement::Column::LastBookedAt)
        .order_by_desc(bank_statement::Column::ImportedAt)
        .order_by_desc(bank_statement::Column::Id)
        .one(db)
        .await
}

/// When the earliest statement begins.
pub async fn earliest(db: &impl ConnectionTrait, currency: Currency) -> Result<Option<Timestamp>, DbErr> {
    let all = bank_statement::Entity::find().filter(bank_statement::Column::Currency.eq(currency));
    let first = all.order_by_asc(bank_statement::Column::FirstBookedAt).one(db).await?;
    Ok(first.map(|statement| statement.first_booked_at))
}

/// With how much the books begin, in minor units: what was booked of balances that statements open with.
pub async fn opened(db: &impl ConnectionTrait, currency: Currency) -> Result<i64, DbErr> {
    let asked =
        bank_line::Entity::find().filter(bank_line::Column::Currency.eq(currency)).filter(bank_line::Column::RowNumber.eq(OPENING_ROW));
    let lines = asked.all(db).await?;
    Ok(lines.iter().fold(0_i64, |sum, line| match line.direction {
        BankDirection::Credit => sum.saturating_add(line.amount_minor),
        BankDirection::Debit => sum.saturating_sub(line.amount_minor),
    }))
}

/// A page of statements, newest first, and one more.
pub async fn statements(db: &impl ConnectionTrait, page: &PageQuery) -> Result<Vec<bank_statement::Model>, Problem> {
    let all = page.restrict(bank_statement::Entity::find(), bank_statement::Column::ImportedAt, bank_statement::Column::Id)?;
    Ok(all.all(db).await?)
}

/// How many lines of these statements stand where.
pub async fn counts(
    db: &impl ConnectionTrait,
    statements: Vec<BankStatementId>,
) -> Result<HashMap<BankStatementId, BTreeMap<LineState, i64>>, DbErr> {
    let rows: Vec<(BankStatementId, LineState, i64)> = bank_case::Entity::find()
        .select_only()
        .column(bank_case::Column::StatementId)
        .column(bank_case::Column::State)
        .column_as(bank_case::Column::LineId.count(), "lines")
        .filter(bank_case::Column::StatementId.is_in(statements))
        .group_by(bank_case::Column::StatementId)
        .group_by(bank_case::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let mut found: HashMap<_, BTreeMap<_, _>> = HashMap::new();
    for (statement, state, lines) in rows {
        found.entry(statement).or_default().insert(state, lines);
    }
    Ok(found)
}

/// A line.
pub async fn line(db: &impl ConnectionTrait, id: BankLineId) -> Result<Option<bank_line::Model>, DbErr> {
    bank_line::Entity::find_by_id(id).one(db).await
}

/// These lines, by id.
pub async fn lines(db: &impl ConnectionTrait, ids: Vec<BankLineId>) -> Result<HashMap<BankLineId, bank_line::Model>, DbErr> {
    let mut found = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let rows = bank_line::Entity::find().filter(bank_line::Column::Id.is_in(some.iter().copied())).all(db).await?;
        found.extend(rows.into_iter().map(|line| (line.id, line)));
    }
    Ok(found)
}

/// The lines under these references of the bank, by reference, the first of each first.
pub async fn lines_under(
    db: &impl ConnectionTrait,
    direction: BankDirection,
    references: &[String],
) -> Result<HashMap<String, Vec<bank_line::Model>>, DbErr> {
    let mut found: HashMap<String, Vec<bank_line::Model>> = HashMap::new();
    for some in references.chunks(AT_ONCE) {
        let rows = bank_line::Entity::find()
            .filter(bank_line::Column::Direction.eq(direction))
            .filter(bank_line::Column::BankReference.is_in(some.iter().map(String::as_str)))
            .order_by_asc(bank_line::Column::CreatedAt)
            .order_by_asc(bank_line::Column::Id)
            .all(db)
            .await?;
        for line in rows {
            found.entry(line.bank_reference.clone()).or_default().push(line);
        }
    }
    Ok(found)
}

/// What becomes of a line.
pub async fn case(db: &impl ConnectionTrait, id: BankLineId) -> Result<Option<bank_case::Model>, DbErr> {
    bank_case::Entity::find_by_id(id).one(db).await
}

/// What becomes of a line, held.
pub async fn hold_case(db: &impl ConnectionTrait, id: BankLineId) -> Result<Option<bank_case::Model>, DbErr> {
    bank_case::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The lines that wait because each is less than the deposit of this admission.
pub async fn parts(db: &impl ConnectionTrait, admission: AdmissionId) -> Result<Vec<bank_case::Model>, DbErr> {
    bank_case::Entity::find()
        .filter(bank_case::Column::AdmissionId.eq(admission))
        .filter(bank_case::Column::State.eq(LineState::Unmatched))
        .filter(bank_case::Column::Reason.eq(UnmatchedReason::AmountShort))
        .order_by_asc(bank_case::Column::CreatedAt)
        .order_by_asc(bank_case::Column::LineId)
        .all(db)
        .await
}

/// The lines that are, alone or with others, the deposits of these admissions.
pub async fn deposits(db: &impl ConnectionTrait, admissions: &[AdmissionId]) -> Result<Vec<bank_case::Model>, DbErr> {
    let decided =
        Condition::all().add(bank_case::Column::State.eq(LineState::Resolved)).add(bank_case::Column::Decision.eq(LineDecision::Apply));
    bank_case::Entity::find()
        .filter(bank_case::Column::AdmissionId.is_in(admissions.iter().copied()))
        .filter(Condition::any().add(bank_case::Column::State.eq(LineState::Matched)).add(decided))
        .all(db)
        .await
}

/// Which lines are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineFilter {
    /// In this state.
    pub state: Option<LineState>,
    /// Unmatched for this reason.
    pub reason: Option<UnmatchedReason>,
    /// Of this statement.
    pub statement: Option<BankStatementId>,
    /// That name, or are, the deposit of this admission.
    pub admission: Option<AdmissionId>,
}

/// A page of what becomes of lines, newest first, and one more.
pub async fn cases(db: &impl ConnectionTrait, filter: LineFilter, page: &PageQuery) -> Result<Vec<bank_case::Model>, Problem> {
    let asked = Condition::all()
        .add_option(filter.state.map(|state| bank_case::Column::State.eq(state)))
        .add_option(filter.reason.map(|reason| bank_case::Column::Reason.eq(reason)))
        .add_option(filter.statement.map(|id| bank_case::Column::StatementId.eq(id)))
        .add_option(filter.admission.map(|id| bank_case::Column::AdmissionId.eq(id)));
    let all = page.restrict(bank_case::Entity::find(), bank_case::Column::CreatedAt, bank_case::Column::LineId)?;
    Ok(all.filter(asked).all(db).await?)
}

fn unmatched() -> SelectStatement {
    bank_case::Entity::find()
        .select_only()
        .column(bank_case::Column::LineId)
        .filter(bank_case::Column::State.eq(LineState::Unmatched))
        .into_query()
}

/// How many lines wait for a decision, and since when the oldest is booked.
pub async fn queue(db: &impl ConnectionTrait, currency: Currency) -> Result<(u64, Option<Timestamp>), DbErr> {
    let waiting =
        bank_line::Entity::find().filter(bank_line::Column::Currency.eq(currency)).filter(bank_line::Column::Id.in_subquery(unmatched()));
    let oldest = waiting.clone().order_by_asc(bank_line::Column::BookedAt).one(db).await?;
    Ok((waiting.count(db).await?, oldest.map(|line| line.booked_at)))
}

/// The return of a line's money, if it is or was owed.
pub async fn return_of(db: &impl ConnectionTrait, line: BankLineId) -> Result<Option<bank_return::Model>, DbErr> {
    bank_return::Entity::find().filter(bank_return::Column::LineId.eq(line)).one(db).await
}

/// The returns of these lines' money, by line.
pub async fn returns_of(db: &impl ConnectionTrait, lines: Vec<BankLineId>) -> Result<HashMap<BankLineId, bank_return::Model>, DbErr> {
    let rows = bank_return::Entity::find().filter(bank_return::Column::LineId.is_in(lines)).all(db).await?;
    Ok(rows.into_iter().map(|owed| (owed.line_id, owed)).collect())
}

/// A return, held.
pub async fn hold_return(db: &impl ConnectionTrait, id: BankReturnId) -> Result<Option<bank_return::Model>, DbErr> {
    bank_return::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Returns that are owed, due by an instant and in no open file, held in the order of their ids.
pub async fn hold_owed(
    db: &impl ConnectionTrait,
    currency: Currency,
    due_by: Option<Timestamp>,
    most: u64,
) -> Result<Vec<bank_return::Model>, DbErr> {
    let in_files = payment_item::Entity::find()
        .select_only()
        .column(payment_item::Column::ReturnId)
        .filter(payment_item::Column::ReturnId.is_not_null())
        .filter(payment_item::Column::State.eq(PaymentState::Open))
        .into_query();
    let asked = Condition::all()
        .add(bank_return::Column::State.eq(RefundState::Due))
        .add(bank_return::Column::Currency.eq(currency))
        .add_option(due_by.map(|due| bank_return::Column::DueAt.lte(due)))
        .add(bank_return::Column::Id.not_in_subquery(in_files));
    bank_return::Entity::find().filter(asked).order_by_asc(bank_return::Column::Id).limit(most).lock_exclusive().all(db).await
}

/// The payment by which a refund or a return is on its way in a file.
pub async fn open_item(db: &impl ConnectionTrait, pays: Payee) -> Result<Option<payment_item::Model>, DbErr> {
    let of_it = match pays {
        Payee::Refund(id) => payment_item::Column::RefundId.eq(id),
        Payee::Return(id) => payment_item::Column::ReturnId.eq(id),
    };
    payment_item::Entity::find().filter(of_it).filter(payment_item::Column::State.eq(PaymentState::Open)).one(db).await
}

/// What is owed back and not paid yet, in minor units.
pub async fn owed_back(db: &impl ConnectionTrait, currency: Currency) -> Result<i64, DbErr> {
    // A sum of bigint is numeric on PostgreSQL.
    let sql = "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS bigint) AS minor FROM bank_return WHERE state = 'due' AND currency = $1";
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, [currency.code().into()]);
    let row = db.query_one_raw(asked).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("owed_back".into()))?.try_get("", "minor")
}

/// A payment file.
pub async fn file(db: &impl ConnectionTrait, id: PaymentFileId) -> Result<Option<payment_file::Model>, DbErr> {
    payment_file::Entity::find_by_id(id).one(db).await
}

/// A payment file, held.
pub async fn hold_file(db: &impl ConnectionTrait, id: PaymentFileId) -> Result<Option<payment_file::Model>, DbErr> {
    payment_file::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A page of payment files, newest first, and one more.
pub async fn files(db: &impl ConnectionTrait, state: Option<PaymentState>, page: &PageQuery) -> Result<Vec<payment_file::Model>, Problem> {
    let all = page.restrict(payment_file::Entity::find(), payment_file::Column::CreatedAt, payment_file::Column::Id)?;
    let asked = Condition::all().add_option(state.map(|state| payment_file::Column::State.eq(state)));
    Ok(all.filter(asked).all(db).await?)
}

/// The payments of a file, in their order.
pub async fn items(db: &impl ConnectionTrait, file: PaymentFileId) -> Result<Vec<payment_item::Model>, DbErr> {
    payment_item::Entity::find().filter(payment_item::Column::FileId.eq(file)).order_by_asc(payment_item::Column::RowNumber).all(db).await
}

/// Keeps where a payment stands, and nothing else of it: its payee may be sealed anew at this moment.
pub async fn turn_item(db: &impl ConnectionTrait, next: &payment_item::Model) -> Result<(), DbErr> {
    payment_item::Entity::update_many()
        .col_expr(payment_item::Column::State, next.state.into())
        .col_expr(payment_item::Column::ConfirmedByLineId, next.confirmed_by_line_id.into())
        .filter(payment_item::Column::Id.eq(next.id))
        .exec(db)
        .await
        .map(|_| ())
}

/// The payments under these references.
pub async fn items_under(db: &impl ConnectionTrait, references: &[String]) -> Result<Vec<payment_item::Model>, DbErr> {
    let mut found = Vec::new();
    for some in references.chunks(AT_ONCE) {
        let asked = payment_item::Entity::find().filter(payment_item::Column::PaymentReference.is_in(some.iter().map(String::as_str)));
        found.extend(asked.all(db).await?);
    }
    Ok(found)
}

/// The movements on an account of the bank with the instant from which each counts: from when a statement
/// shows it, or it was booked by hand, whichever came first.
const MOVEMENTS: &str = "(SELECT leg.id AS id, leg.side AS side, leg.reason AS reason, leg.amount_minor AS amount_minor, \
     leg.created_at AS created_at, told.told_at AS told_at, \
     CASE WHEN told.told_at < leg.created_at THEN told.told_at ELSE leg.created_at END AS counts_at \
     FROM (SELECT id, 'debit' AS side, debit_account_id AS account_id, phase, reason, amount_minor, created_at FROM ledger_transfer \
     UNION ALL SELECT id, 'credit' AS side, credit_account_id AS account_id, phase, reason, amount_minor, created_at FROM ledger_transfer) \
     AS leg LEFT JOIN (SELECT bank_line.transfer_id AS transfer_id, MIN(bank_statement.last_booked_at) AS told_at FROM bank_line \
     JOIN bank_statement ON bank_statement.id = bank_line.statement_id GROUP BY bank_line.transfer_id) AS told \
     ON told.transfer_id = leg.id WHERE leg.account_id = $1 AND leg.phase IN ('single', 'post')) AS moved";

#[derive(Debug, FromQueryResult)]
struct MovedSum {
    side: String,
    stated: i64,
    minor: i64,
}

fn side(word: &str) -> Side {
    if word == "debit" { Side::Debit } else { Side::Credit }
}

/// What moved on an account of the bank before an instant: on statements that end before it, and by hand.
pub async fn moved(db: &impl ConnectionTrait, account: AccountId, before: Timestamp) -> Result<Vec<Moved>, DbErr> {
    let sql = format!(
        "SELECT side, stated, CAST(SUM(amount_minor) AS bigint) AS minor FROM \
         (SELECT moved.side AS side, moved.amount_minor AS amount_minor, \
         CAST(CASE WHEN moved.told_at < $2 THEN 1 ELSE 0 END AS bigint) AS stated \
         FROM {MOVEMENTS} WHERE moved.counts_at < $2) AS sorted GROUP BY side, stated"
    );
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, [account.into(), before.into()]);
    let found = MovedSum::find_by_statement(asked).all(db).await?;
    Ok(found.into_iter().map(|sum| Moved { side: side(&sum.side), stated: sum.stated == 1, minor: sum.minor }).collect())
}

/// A movement in the ledger that no statement shows yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unstated {
    /// The transfer.
    pub transfer: TransferId,
    /// Which way the money moved.
    pub direction: BankDirection,
    /// Why.
    pub reason: TransferReason,
    /// Minor units.
    pub minor: i64,
    /// The bank's reference it was booked under.
    pub bank_reference: Option<String>,
    /// When it was booked.
    pub booked_at: Timestamp,
}

#[derive(Debug, FromQueryResult)]
struct UnstatedRow {
    id: TransferId,
    side: String,
    reason: TransferReason,
    amount_minor: i64,
    created_at: Timestamp,
    bank_reference: Option<String>,
}

/// What was booked by hand before an instant and stands on no statement that ends before it, newest first.
pub async fn unstated(db: &impl ConnectionTrait, account: AccountId, before: Timestamp, most: u64) -> Result<Vec<Unstated>, DbErr> {
    let sql = format!(
        "SELECT moved.id AS id, moved.side AS side, moved.reason AS reason, moved.amount_minor AS amount_minor, \
         moved.created_at AS created_at, bank_entry.bank_reference AS bank_reference \
         FROM {MOVEMENTS} LEFT JOIN bank_entry ON bank_entry.transfer_id = moved.id \
         WHERE moved.counts_at < $2 AND (moved.told_at IS NULL OR moved.told_at >= $2) \
         ORDER BY moved.created_at DESC, moved.id DESC LIMIT {most}"
    );
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, [account.into(), before.into()]);
    let found = UnstatedRow::find_by_statement(asked).all(db).await?;
    let rows = found.into_iter().map(|row| Unstated {
        transfer: row.id,
        direction: if side(&row.side) == Side::Debit { BankDirection::Credit } else { BankDirection::Debit },
        reason: row.reason,
        minor: row.amount_minor,
        bank_reference: row.bank_reference,
        booked_at: row.created_at,
    });
    Ok(rows.collect())
}
