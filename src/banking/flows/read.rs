//! Reading statements, lines and payment files, and the reconciliation.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::Timestamp;
use entity::banking::{LineState, PaymentState, bank_case, bank_line, bank_return, bank_statement, payment_file};
use entity::ids::{BankLineId, BankStatementId, PaymentFileId};
use entity::money::Currency;

use super::import::Imported;
use super::pay::{Addressed, PaymentFile};
use super::words;
use crate::banking::http::OPERATIONS;
use crate::banking::rules::{self, Reconciliation};
use crate::banking::store::{self, LineFilter, Unstated};
use crate::banking::views::{LineView, PaymentFileView, StatementView};
use crate::house::House;
use crate::ledger;
use crate::ledger::rules::{Purpose, tally};
use crate::platform::access::{self, Context, OfPlatform};
use crate::platform::http::PageQuery;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// How many movements that no statement shows are listed.
const MOST_UNSTATED: u64 = 100;

/// A line with what became of it, and what is owed back for it.
#[derive(Clone, Debug)]
pub struct Known {
    /// The line.
    pub line: bank_line::Model,
    /// Where it stands.
    pub case: bank_case::Model,
    /// What is or was owed back.
    pub owed: Option<bank_return::Model>,
}

/// A line and what became of it, with what is owed back for it.
pub(super) async fn known(house: &House, line: bank_line::Model, case: bank_case::Model) -> Result<Known, Problem> {
    let owed = store::return_of(house.db.read(), line.id).await?;
    Ok(Known { line, case, owed })
}

/// A statement. Nothing is done to it as a whole.
pub async fn read_statement(house: &House, id: BankStatementId) -> Result<StatementView, Problem> {
    let statement = store::statement(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    let counts = store::counts(house.db.read(), vec![id]).await?.remove(&id).unwrap_or_default();
    Ok(StatementView { allowed_deeds: Some(Vec::new()), ..Imported { statement, counts }.into() })
}

/// A page of statements, newest first, and one more.
pub async fn statements(house: &House, page: &PageQuery) -> Result<Vec<Imported>, Problem> {
    let found: Vec<bank_statement::Model> = store::statements(house.db.read(), page).await?;
    let mut counts = store::counts(house.db.read(), found.iter().map(|statement| statement.id).collect()).await?;
    let whole = found.into_iter().map(|statement| {
        let counts: BTreeMap<LineState, i64> = counts.remove(&statement.id).unwrap_or_default();
        Imported { statement, counts }
    });
    Ok(whole.collect())
}

/// A line with what the caller may do to it, and its account where he may see it.
pub async fn read_line(house: &House, by: &Context, id: BankLineId, with_account: bool) -> Result<LineView, Problem> {
    let line = store::line(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    let case = store::case(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    let deeds = access::allowed(OPERATIONS, &by.caller, &OfPlatform, rules::open_on_line(&line, &case));
    let told = super::told(house, known(house, line, case).await?, with_account)?;
    Ok(LineView { allowed_deeds: Some(deeds), ..told })
}

/// A page of lines, newest first, and one more.
pub async fn lines(house: &House, filter: LineFilter, page: &PageQuery) -> Result<Vec<Known>, Problem> {
    let cases = store::cases(house.db.read(), filter, page).await?;
    let ids: Vec<_> = cases.iter().map(|case| case.line_id).collect();
    let mut lines = store::lines(house.db.read(), ids.clone()).await?;
    let mut owed = store::returns_of(house.db.read(), ids).await?;
    let known = cases.into_iter().map(|case| {
        let line = lines.remove(&case.line_id).ok_or(Code::Internal)?;
        Ok::<_, Problem>(Known { owed: owed.remove(&line.id), line, case })
    });
    known.collect()
}

/// A file with its payments and whom they go to.
pub(super) async fn whole(house: &House, file: payment_file::Model) -> Result<PaymentFile, Problem> {
    let items = store::items(house.db.read(), file.id).await?;
    let lines = store::lines(house.db.read(), items.iter().filter_map(|item| item.source_line_id).collect()).await?;
    let mut told = Vec::with_capacity(items.len());
    for item in items {
        let source = item.source_line_id.and_then(|line| lines.get(&line));
        let account = source.map(|line| words::account(house, line)).transpose()?.flatten();
        told.push(Addressed { payee: words::payee(house, &item)?, item, account });
    }
    Ok(PaymentFile { items: told, file })
}

/// A payment file with what the caller may do to it, and its accounts where he may see them.
pub async fn read_file(house: &House, by: &Context, id: PaymentFileId, with_account: bool) -> Result<PaymentFileView, Problem> {
    let found = find_file(house, id).await?;
    let deeds = access::allowed(OPERATIONS, &by.caller, &OfPlatform, rules::open_on_file(found.file.state));
    Ok(PaymentFileView { allowed_deeds: Some(deeds), ..PaymentFileView::of(found, with_account) })
}

/// A payment file.
async fn find_file(house: &House, id: PaymentFileId) -> Result<PaymentFile, Problem> {
    let file = store::file(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    whole(house, file).await
}

/// A page of payment files, newest first, and one more.
pub async fn files(house: &House, state: Option<PaymentState>, page: &PageQuery) -> Result<Vec<payment_file::Model>, Problem> {
    store::files(house.db.read(), state, page).await
}

/// A payment file as it is handed to the bank.
pub struct Filed {
    /// The file.
    pub file: payment_file::Model,
    /// Its text: the very bytes it was made of.
    pub content: Vec<u8>,
}

/// The text of a payment file.
pub async fn text_of(house: &House, id: PaymentFileId) -> Result<Filed, Problem> {
    let PaymentFile { file, items } = find_file(house, id).await?;
    let content = rules::content(items.iter().map(|to| (&to.item, to.payee.as_str(), to.account.as_deref())))?;
    if sha256(&content).as_slice() != file.sha256.as_slice() {
        tracing::error!(%id, "a payment file is not what it was");
        return Err(Code::Internal.into());
    }
    Ok(Filed { file, content })
}

/// The reconciliation of a day.
#[derive(Clone, Debug)]
pub struct Reconciled {
    /// The day, in Shanghai.
    pub as_of: NaiveDate,
    /// When it was drawn up.
    pub at: Timestamp,
    /// The currency.
    pub currency: Currency,
    /// The latest statement that ends by then.
    pub statement: Option<bank_statement::Model>,
    /// Ledger and statement.
    pub figures: Reconciliation,
    /// What was booked by hand and stands on no statement yet, newest first.
    pub unstated: Vec<Unstated>,
    /// What is nobody's, in minor units, as it stands now.
    pub suspense: i64,
    /// What of it is owed back to whoever paid it.
    pub owed_back: i64,
    /// How many lines wait for a decision.
    pub waiting: u64,
    /// When the oldest of them was booked.
    pub oldest: Option<Timestamp>,
}

/// Draws up the reconciliation of a day, today unless another is asked for.
pub async fn reconciliation(house: &House, as_of: Option<NaiveDate>, currency: Currency) -> Result<Reconciled, Problem> {
    let at = house.world.now();
    let as_of = as_of.unwrap_or_else(|| shanghai_date(at));
    let before = rules::cut_off(as_of)?;
    let db = house.db.read_long();
    let statement = store::latest(db, currency, before - chrono::TimeDelta::microseconds(1)).await?;
    let bank = ledger::store::account(db, Purpose::Bank, currency).await?;
    let (moved, unstated) = match bank {
        Some(bank) => (store::moved(db, bank.id, before).await?, store::unstated(db, bank.id, before, MOST_UNSTATED).await?),
        None => (Vec::new(), Vec::new()),
    };
    let figures = rules::reconcile(&moved, statement.as_ref().map(|statement| statement.closing_minor))?;
    let suspense = match ledger::store::account(db, Purpose::Suspense, currency).await? {
        Some(account) => tally(ledger::store::sums(db, account.id).await?)?.available()?,
        None => 0,
    };
    let owed_back = store::owed_back(db, currency).await?;
    let (waiting, oldest) = store::queue(db, currency).await?;
    Ok(Reconciled { as_of, at, currency, statement, figures, unstated, suspense, owed_back, waiting, oldest })
}
