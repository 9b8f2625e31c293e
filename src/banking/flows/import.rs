//! A statement comes in: read outside the transaction, booked line by line within it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use entity::banking::{LineState, bank_line, bank_statement};
use entity::ids::{AdmissionId, BankStatementId, RefundId};
use entity::ledger::BankDirection;
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};

use super::book::{book, book_opening};
use super::{hold_lots, words};
use crate::admissions;
use crate::admissions::rules::{DEPOSIT, references_in};
use crate::banking::events::StatementEvent;
use crate::banking::rules::{self, Earlier, Movement, PAYMENT, Paper, Row, Sheet};
use crate::banking::store;
use crate::banking::views::NewStatement;
use crate::documents::flows::cover;
use crate::documents::rules::media;
use crate::house::{Done, House, Tx};
use crate::ledger;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::keys::{hex, sha256};
use crate::platform::problem::{Code, Problem};

/// How long a statement may take to arrive.
const LONGEST: Duration = Duration::from_mins(1);
/// How many references are looked up at a time.
const AT_ONCE: usize = 500;

/// A statement that was imported, and how many of its lines stand where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imported {
    /// The statement.
    pub statement: bank_statement::Model,
    /// Its lines by state.
    pub counts: BTreeMap<LineState, i64>,
}

/// What an import has read before it begins.
struct Sent {
    file_name: String,
    sha256: [u8; 32],
    sheet: Sheet,
}

/// Finance imports a statement of the bank.
pub async fn import<S, B>(house: &House, mut by: Context, new: NewStatement, declared: &str, content: S) -> Result<Done<Imported>, Problem>
where
    S: Stream<Item = Result<B, Problem>> + Unpin,
    B: AsRef<[u8]>,
{
    rules::check_file_name(&new.file_name)?;
    let figures = rules::figures(&new.opening_balance, &new.closing_balance, new.currency)?;
    let is_csv = media(declared).is_ok_and(|media| media.name == "text/csv");
    if !is_csv {
        return Err(Code::UnsupportedMedia.with("accepted", ["text/csv"]));
    }
    let gathering = gather(content, house.config.document_limit);
    let content = tokio::time::timeout(LONGEST, gathering).await.unwrap_or_else(|_| Err(Code::TooSlow.into()))?;
    let sha256 = sha256(&content);
    cover(&mut by, &[&hex(&sha256)]);
    let sent = Arc::new(Sent { file_name: new.file_name, sha256, sheet: rules::read(&content, figures)? });
    house.write(&by, sent, |tx, sent| async move { import_within(&tx, &sent).await }).await
}

async fn gather<S, B>(mut content: S, limit: u64) -> Result<Vec<u8>, Problem>
where
    S: Stream<Item = Result<B, Problem>> + Unpin,
    B: AsRef<[u8]>,
{
    let mut bytes = Vec::new();
    while let Some(chunk) = content.next().await {
        bytes.extend_from_slice(chunk?.as_ref());
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(Code::TooLarge.with("limit", limit));
        }
    }
    Ok(bytes)
}

async fn import_within(tx: &Tx, sent: &Sent) -> Result<Imported, Problem> {
    let sheet = &sent.sheet;
    let currency = sheet.figures.opening.currency;
    ledger::flows::hold_suspense_within(tx, currency).await?;
    if let Some(known) = store::statement_by_hash(tx.conn(), &sent.sha256).await? {
        return Err(Code::StatementTaken.with("statement_id", known.id));
    }
    let booked = rules::booked_by(&sheet.rows, tx.now)?;
    let desk = Desk::set(tx, &sheet.rows).await?;
    let movements: Vec<_> = sheet.rows.iter().zip(&booked).map(|(row, at)| movement(row, *at)).collect();
    let paper = Paper { id: tx.id(), file_name: sent.file_name.clone(), sha256: sent.sha256, imported_by: tx.by.actor()?.person };
    let ends = booked.iter().max().copied().unwrap_or(tx.now);
    let previous = store::latest(tx.conn(), currency, ends).await?;
    let known = rules::known(movements.iter().map(|movement| (movement, desk.earlier(movement))));
    let statement = rules::statement(paper, sheet, &booked, previous.as_ref(), known, tx.now);
    let is_first = rules::begins_first(&statement, store::earliest(tx.conn(), currency).await?);
    db::insert(tx.conn(), statement.clone()).await?;
    tx.created("bank_statement", statement.id, &statement);
    if is_first {
        book_opening(tx, &statement).await?;
    }
    for (row, movement) in sheet.rows.iter().zip(&movements) {
        book(tx, &desk, &statement, row, movement).await.map_err(again)?;
    }
    tx.publish(&StatementEvent::of(&statement))?;
    let counts = counts(tx, statement.id).await?;
    Ok(Imported { statement, counts })
}

async fn counts(tx: &Tx, statement: BankStatementId) -> Result<BTreeMap<LineState, i64>, Problem> {
    let mut found = store::counts(tx.conn(), vec![statement]).await?;
    Ok(found.remove(&statement).unwrap_or_default())
}

fn movement(row: &Row, booked_at: entity::Timestamp) -> Movement<'_> {
    Movement {
        direction: row.direction,
        bank_reference: &row.bank_reference,
        money: row.money,
        counterparty_name: &row.counterparty_name,
        booked_at,
    }
}

/// Somebody booked under a reference at this moment: the import is tried again and finds it there.
fn again(problem: Problem) -> Problem {
    if problem.code == Code::BankReferenceTaken { Problem::transient() } else { problem }
}

/// What is known before the first line is booked; everything it names is held.
pub(super) struct Desk {
    credits: HashMap<String, Vec<Earlier>>,
    debits: HashMap<String, Vec<Earlier>>,
    admissions: HashMap<String, AdmissionId>,
}

impl Desk {
    async fn set(tx: &Tx, rows: &[Row]) -> Result<Self, Problem> {
        let under = |direction: BankDirection| -> Vec<String> {
            rows.iter().filter(|row| row.direction == direction).map(|row| row.bank_reference.clone()).collect()
        };
        let credits = store::lines_under(tx.conn(), BankDirection::Credit, &under(BankDirection::Credit)).await?;
        let debits = store::lines_under(tx.conn(), BankDirection::Debit, &under(BankDirection::Debit)).await?;
        let (mut admissions, mut lots) = (HashMap::new(), BTreeSet::new());
        for some in named(rows, BankDirection::Credit, DEPOSIT).chunks(AT_ONCE) {
            for found in admissions::store::by_references(tx.conn(), some.to_vec()).await? {
                lots.insert(found.lot_id);
                admissions.insert(found.deposit_reference, found.id);
            }
        }
        hold_lots(tx, lots).await?;
        let payments = store::items_under(tx.conn(), &named(rows, BankDirection::Debit, PAYMENT)).await?;
        let refunds: BTreeSet<RefundId> = payments.iter().filter_map(|item| item.refund_id).collect();
        for refund in refunds {
            ledger::store::hold_refund(tx.conn(), refund).await?;
        }
        Ok(Self { credits: opened(&tx.house, credits)?, debits: opened(&tx.house, debits)?, admissions })
    }

    /// The lines of earlier statements under the reference of a movement.
    pub(super) fn earlier(&self, movement: &Movement<'_>) -> &[Earlier] {
        let known = match movement.direction {
            BankDirection::Credit => &self.credits,
            BankDirection::Debit => &self.debits,
        };
        known.get(movement.bank_reference).map_or(&[], Vec::as_slice)
    }

    /// The admissions whose deposits a remark names, and whether it names any deposit at all.
    pub(super) fn named(&self, remark: &str) -> (BTreeSet<AdmissionId>, bool) {
        let references = references_in(DEPOSIT, remark);
        let admissions = references.iter().filter_map(|reference| self.admissions.get(reference).copied()).collect();
        (admissions, !references.is_empty())
    }
}

/// Lines by the bank's reference, with the names they say.
fn opened(house: &House, found: HashMap<String, Vec<bank_line::Model>>) -> Result<HashMap<String, Vec<Earlier>>, Problem> {
    let named = |lines: Vec<bank_line::Model>| lines.into_iter().map(|line| words::earlier(house, line)).collect::<Result<Vec<_>, _>>();
    found.into_iter().map(|(reference, lines)| Ok::<_, Problem>((reference, named(lines)?))).collect()
}

/// Every reference of a kind that the remarks on one side carry.
fn named(rows: &[Row], direction: BankDirection, kind: char) -> Vec<String> {
    let remarks = rows.iter().filter(|row| row.direction == direction).map(|row| row.remark.as_str());
    let references: BTreeSet<String> = remarks.flat_map(|remark| references_in(kind, remark)).collect();
    references.into_iter().collect()
}
