//! Statements of the bank, their lines, payment files and the reconciliation over HTTP.

use actix_web::http::header::{self, ContentEncoding};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use entity::banking::payment_file;
use entity::identity::StaffRole;
use entity::ids::{BankLineId, BankStatementId, PaymentFileId};
use entity::money::Currency;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows::{self, Filed, Imported, Known, PaymentFile};
use super::views::{
    LineQuery, LineView, NewDecision, NewPaymentFile, NewStatement, PaymentFileQuery, PaymentFileSummary, PaymentFileView,
    ReconciliationQuery, ReconciliationView, StatementView,
};
use crate::documents::http::disposition;
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Context, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::body::content_type;
use crate::platform::http::{Call, Json, Page, PageQuery, Upload};
use crate::platform::keys::hex;
use crate::platform::problem::Code;

const FINANCE: &[StaffRole] = &[StaffRole::Finance];
const BOOKKEEPERS: &[StaffRole] = &[StaffRole::Finance, StaffRole::Auditor, StaffRole::Supervisor];
/// Whoever pays, and whoever reads all: an audit needs no account numbers.
const SEE_ACCOUNTS: &[StaffRole] = &[StaffRole::Finance, StaffRole::Supervisor];

operations! {
    /// Import a statement of the bank.
    ImportBankStatement = Operation::deed("import_bank_statement", &[Allow::staff(FINANCE)])
        .with_query()
        .with_step_up()
        .rehearsable()
        .refuses(&[Code::StatementTaken]);
    /// List the statements of the bank.
    ListBankStatements = Operation::question("list_bank_statements", &[Allow::staff(BOOKKEEPERS)]).with_query();
    /// Read a statement of the bank.
    ReadBankStatement = Operation::question("read_bank_statement", &[Allow::staff(BOOKKEEPERS)]);
    /// List lines of statements.
    ListBankLines = Operation::question("list_bank_lines", &[Allow::staff(BOOKKEEPERS)]).with_query();
    /// Read a line of a statement.
    ReadBankLine = Operation::question("read_bank_line", &[Allow::staff(BOOKKEEPERS)]);
    /// Decide about a line.
    DecideBankLine = Operation::deed("decide_bank_line", &[Allow::staff(FINANCE)]).with_step_up().on_version_if_sent().refuses(&[
        Code::WrongState, Code::PayerMismatch, Code::PayeeMismatch, Code::AmountMismatch, Code::RegistrationClosed,
    ]);
    /// Make a payment file.
    CreatePaymentFile = Operation::deed("create_payment_file", &[Allow::staff(FINANCE)]).with_step_up().refuses(&[Code::NothingToPay]);
    /// List payment files.
    ListPaymentFiles = Operation::question("list_payment_files", &[Allow::staff(BOOKKEEPERS)]).with_query();
    /// Read a payment file.
    ReadPaymentFile = Operation::question("read_payment_file", &[Allow::staff(BOOKKEEPERS)]);
    /// Download a payment file.
    DownloadPaymentFile = Operation::question("download_payment_file", &[Allow::staff(SEE_ACCOUNTS)]);
    /// Cancel a payment file.
    CancelPaymentFile = Operation::deed("cancel_payment_file", &[Allow::staff(FINANCE)])
        .with_step_up()
        .on_version_if_sent()
        .refuses(&[Code::WrongState]);
    /// Read the reconciliation.
    ReadReconciliation = Operation::question("read_reconciliation", &[Allow::staff(BOOKKEEPERS)]).with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(import_bank_statement)
        .service(list_bank_statements)
        .service(read_bank_statement)
        .service(list_bank_lines)
        .service(read_bank_line)
        .service(decide_bank_line)
        .service(create_payment_file)
        .service(list_payment_files)
        .service(read_payment_file)
        .service(download_payment_file)
        .service(cancel_payment_file)
        .service(read_reconciliation);
}

/// Whether the caller may see account numbers.
fn sees_accounts(by: &Context) -> bool {
    by.actor().is_ok_and(|actor| actor.staff.is_some_and(|role| SEE_ACCOUNTS.contains(&role)))
}

/// Import a statement of the bank
///
/// The body is the statement (银行对账单) as CSV in UTF-8, its columns by name: `booked_at` (an instant, or a
/// day in Shanghai), `bank_reference`, `direction` (`credit` or `debit`), `amount`, `currency`,
/// `counterparty_name`, `counterparty_account` (may be left out) and `remark`. A file that cannot be read
/// whole, or does not add up, is refused with a fault at each place (`#row/N/column`; the header is row 1).
/// Otherwise every line is booked, once: as the deposit it names, as the payment it confirms, or in
/// suspense with the reason; what is in the books already is a duplicate. A statement that does not begin
/// with what the earlier one ended with is taken with the warning `gap`. What the account held before its
/// earliest statement is a line too (row 1, `期初余额`), in suspense until finance explains it with the reason.
#[utoipa::path(
    tag = "banking",
    params(NewStatement),
    request_body(description = "The statement", content(("text/csv"))),
    responses((status = 201, description = "Imported", body = StatementView))
)]
#[post("/v1/bank-statements")]
pub async fn import_bank_statement(
    house: Data<House>,
    call: Call<ImportBankStatement, Upload>,
    about: Query<NewStatement>,
    request: HttpRequest,
) -> Answer {
    let dry_run = call.context.dry_run;
    let done = flows::import(&house, call.context, about.into_inner(), content_type(&request), call.body.pieces()).await?;
    let place = |imported: &Imported| format!("/v1/bank-statements/{}", imported.statement.id);
    Ok(answer::created(done, dry_run, place, StatementView::from))
}

/// List the statements of the bank
///
/// As they were imported, newest first.
#[utoipa::path(tag = "banking", params(PageQuery), responses((status = 200, description = "A page", body = Page<StatementView>)))]
#[get("/v1/bank-statements")]
pub async fn list_bank_statements(house: Data<House>, _call: Call<ListBankStatements>, page: Query<PageQuery>) -> Answer {
    let rows = flows::statements(&house, &page).await?;
    let place = |row: &Imported| (row.statement.imported_at, row.statement.id.into());
    Ok(answer::page(&house, page.page(rows, place, StatementView::from)?))
}

/// Read a statement of the bank
///
/// Its balances, and how many of its lines stand where.
#[utoipa::path(
    tag = "banking",
    params(("id" = uuid::Uuid, Path, description = "The statement")),
    responses((status = 200, description = "The statement", body = StatementView))
)]
#[get("/v1/bank-statements/{id}")]
pub async fn read_bank_statement(house: Data<House>, _call: Call<ReadBankStatement>, id: Path<BankStatementId>) -> Answer {
    Ok(answer::found(&flows::read_statement(&house, *id).await?))
}

/// List lines of statements
///
/// Newest first; `state=unmatched` is the queue of what is nobody's yet (不明款项). Account numbers are for
/// finance only.
#[utoipa::path(tag = "banking", params(LineQuery), responses((status = 200, description = "A page", body = Page<LineView>)))]
#[get("/v1/bank-lines")]
pub async fn list_bank_lines(house: Data<House>, call: Call<ListBankLines>, query: Query<LineQuery>) -> Answer {
    let page = query.page();
    let rows = flows::lines(&house, query.filter(), &page).await?;
    let with_account = sees_accounts(&call.context);
    let place = |row: &Known| (row.case.created_at, row.case.line_id.into());
    let found = page.page(rows, place, |row| row)?;
    let items = found.items.into_iter().map(|row| flows::told(&house, row, with_account)).collect::<Result<Vec<_>, _>>()?;
    Ok(answer::page(&house, Page { items, next_cursor: found.next_cursor }))
}

/// Read a line of a statement
///
/// What the bank said, where it stands, and what may be decided about it.
#[utoipa::path(
    tag = "banking",
    params(("id" = uuid::Uuid, Path, description = "The line")),
    responses((status = 200, description = "The line", body = LineView))
)]
#[get("/v1/bank-lines/{id}")]
pub async fn read_bank_line(house: Data<House>, call: Call<ReadBankLine>, id: Path<BankLineId>) -> Answer {
    let with_account = sees_accounts(&call.context);
    Ok(answer::found(&flows::read_line(&house, &call.context, *id, with_account).await?))
}

/// Decide about a line
///
/// Finance decides what becomes of a line that is nobody's, once and with the reason. `apply` makes it the
/// deposit of an admission, if it is that in all but the reference: from the applicant's own account, to
/// the fen and in time. In time is what the bank booked before registration closed; once it has closed, only
/// until bidding opens. `return` owes it back to whoever paid it, by the rule's date. `explain` books what the
/// bank charged or paid the platform itself, or what was there before its earliest statement. What may be
/// decided depends on why it is nobody's.
#[utoipa::path(
    tag = "banking",
    params(("id" = uuid::Uuid, Path, description = "The line")),
    request_body = NewDecision,
    responses((status = 200, description = "Decided", body = LineView))
)]
#[post("/v1/bank-lines/{id}/decide")]
pub async fn decide_bank_line(house: Data<House>, call: Call<DecideBankLine, Json<NewDecision>>, id: Path<BankLineId>) -> Answer {
    let done = flows::decide(&house, &call.context, *id, call.body.0).await?;
    let with_account = sees_accounts(&call.context);
    Ok(answer::done(done.try_map(|known| flows::told(&house, known, with_account))?, |line| line))
}

/// Make a payment file
///
/// Of everything that is owed back and in no other file (退款付款文件): refunds of deposits, and money that
/// was nobody's. The due date is the last day, so a file need not wait for it; `due_by` leaves out what is
/// due later. A refund in a file is not paid in another way while the file is open.
#[utoipa::path(
    tag = "banking",
    request_body = NewPaymentFile,
    responses((status = 201, description = "Made", body = PaymentFileView))
)]
#[post("/v1/payment-files")]
pub async fn create_payment_file(house: Data<House>, call: Call<CreatePaymentFile, Json<NewPaymentFile>>) -> Answer {
    let done = flows::create(&house, &call.context, call.body.0).await?;
    let with_account = sees_accounts(&call.context);
    let place = |made: &PaymentFile| format!("/v1/payment-files/{}", made.file.id);
    Ok(answer::created(done, false, place, |made| PaymentFileView::of(made, with_account)))
}

/// List payment files
///
/// Newest first, without their payments.
#[utoipa::path(
    tag = "banking",
    params(PaymentFileQuery),
    responses((status = 200, description = "A page", body = Page<PaymentFileSummary>))
)]
#[get("/v1/payment-files")]
pub async fn list_payment_files(house: Data<House>, _call: Call<ListPaymentFiles>, query: Query<PaymentFileQuery>) -> Answer {
    let page = query.page();
    let rows = flows::files(&house, query.state, &page).await?;
    let place = |row: &payment_file::Model| (row.created_at, row.id.into());
    Ok(answer::page(&house, page.page(rows, place, PaymentFileSummary::from)?))
}

/// Read a payment file
///
/// With its payments and what became of each. Account numbers are for finance only.
#[utoipa::path(
    tag = "banking",
    params(("id" = uuid::Uuid, Path, description = "The file")),
    responses((status = 200, description = "The file", body = PaymentFileView))
)]
#[get("/v1/payment-files/{id}")]
pub async fn read_payment_file(house: Data<House>, call: Call<ReadPaymentFile>, id: Path<PaymentFileId>) -> Answer {
    let with_account = sees_accounts(&call.context);
    Ok(answer::found(&flows::read_file(&house, &call.context, *id, with_account).await?))
}

/// Download a payment file
///
/// The text for the bank, as CSV in UTF-8, always the same bytes; the entity tag is their SHA-256. It names
/// accounts, so it is for finance only. No cell can be taken for a formula.
#[utoipa::path(
    tag = "banking",
    params(("id" = uuid::Uuid, Path, description = "The file")),
    responses((status = 200, description = "The text", content(("text/csv"))))
)]
#[get("/v1/payment-files/{id}/download")]
pub async fn download_payment_file(house: Data<House>, _call: Call<DownloadPaymentFile>, id: Path<PaymentFileId>) -> Answer {
    let Filed { file, content } = flows::text_of(&house, *id).await?;
    let answer = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, disposition(&format!("payments-{}.csv", file.id))))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::ETAG, format!("\"{}\"", hex(&file.sha256))))
        // The entity tag is of these very bytes, so they are not compressed on the way.
        .insert_header(ContentEncoding::Identity)
        .body(content);
    Ok(answer)
}

/// Cancel a payment file
///
/// What no statement has confirmed will not be paid by it, and may be in another. A payment that the bank
/// makes all the same is taken by its reference when the statement shows it, if it is still owed.
#[utoipa::path(
    tag = "banking",
    params(("id" = uuid::Uuid, Path, description = "The file")),
    responses((status = 200, description = "Cancelled", body = PaymentFileView))
)]
#[post("/v1/payment-files/{id}/cancel")]
pub async fn cancel_payment_file(house: Data<House>, call: Call<CancelPaymentFile>, id: Path<PaymentFileId>) -> Answer {
    let done = flows::cancel(&house, &call.context, *id).await?;
    let with_account = sees_accounts(&call.context);
    Ok(answer::done(done, |made| PaymentFileView::of(made, with_account)))
}

/// Read the reconciliation
///
/// The ledger held against the latest statement that ends by the day (银行存款余额调节表): the difference,
/// what of it was booked by hand and stands on no statement yet, what is left, and what is nobody's.
#[utoipa::path(
    tag = "banking",
    params(ReconciliationQuery),
    responses((status = 200, description = "The reconciliation", body = ReconciliationView))
)]
#[get("/v1/reconciliation")]
pub async fn read_reconciliation(house: Data<House>, _call: Call<ReadReconciliation>, query: Query<ReconciliationQuery>) -> Answer {
    let found = flows::reconciliation(&house, query.as_of, query.currency.unwrap_or(Currency::Cny)).await?;
    Ok(answer::listed(&ReconciliationView::from(found)))
}
