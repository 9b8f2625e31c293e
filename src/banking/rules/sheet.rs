//! What a statement must be to be read: its columns, its rows, and that it adds up.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use csv::StringRecord;
use entity::banking::bank_statement;
use entity::ids::{BankStatementId, PersonId};
use entity::ledger::BankDirection;
use entity::money::{Currency, Money};
use entity::{Timestamp, micros};

use crate::ledger::rules::is_bank_reference;
use crate::platform::problem::{Code, Fault, Faults, Problem};
use crate::rulebook::rules::{end_of, start_of};

/// How many lines a statement may have: all of them are booked in one transaction, and bids wait for it.
const MOST_LINES: usize = 2_000;
/// How many faults are told of a statement.
const MOST_FAULTS: usize = 100;
/// Longest name of a file, characters.
const LONGEST_FILE_NAME: usize = 255;
/// Longest name of a counterparty, characters.
const LONGEST_NAME: usize = 200;
/// Longest account number, characters.
const LONGEST_ACCOUNT: usize = 64;
/// Longest remark, characters.
const LONGEST_REMARK: usize = 500;

const ACCOUNT: &str = "counterparty_account";
/// The columns of a statement; all but the account must be there.
const COLUMNS: [&str; 8] = ["booked_at", "bank_reference", "direction", "amount", "currency", "counterparty_name", ACCOUNT, "remark"];

/// When the bank booked a line, as it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    /// At an instant.
    At(Timestamp),
    /// On a day in Shanghai.
    On(NaiveDate),
}

impl Booked {
    fn read(text: &str) -> Option<Self> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        let instant = || DateTime::parse_from_rfc3339(text).ok().map(|at| Self::At(micros(at.with_timezone(&Utc))));
        let read = day.map(Self::On).or_else(instant)?;
        let year = match read {
            Self::At(at) => at.year(),
            Self::On(day) => day.year(),
        };
        (2000..2100).contains(&year).then_some(read)
    }

    /// The instant that counts; none if it has not come yet. Of a day without an hour it is the end, or
    /// now while it lasts: so nothing is taken for late that may have been in time as long as it matters,
    /// and nothing for in time that may have been late.
    pub fn by(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(at) => (at <= now).then_some(at),
            Self::On(day) => (start_of(day) <= now).then(|| (end_of(day) - TimeDelta::microseconds(1)).min(now)),
        }
    }
}

/// A line of a statement, as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number in the file; the header is the first row.
    pub number: i64,
    /// When the bank booked it.
    pub booked: Booked,
    /// The bank's reference.
    pub bank_reference: String,
    /// Which way the money moved.
    pub direction: BankDirection,
    /// How much.
    pub money: Money,
    /// Who paid, or was paid; empty where the bank itself is.
    pub counterparty_name: String,
    /// From or to which account.
    pub counterparty_account: Option<String>,
    /// What was said with it.
    pub remark: String,
}

/// What a statement begins and ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Before its first line.
    pub opening: Money,
    /// After its last line.
    pub closing: Money,
}

/// A statement that can be read and adds up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it begins and ends with.
    pub figures: Figures,
    /// Its lines, in the order of the file.
    pub rows: Vec<Row>,
    /// What came in, in minor units.
    pub credits: i64,
    /// What went out, in minor units.
    pub debits: i64,
}

/// Whether a text can be the name of a file.
pub fn check_file_name(name: &str) -> Result<(), Problem> {
    Faults::new().text("#query/file_name", name, LONGEST_FILE_NAME).done()
}

/// Reads the balances of a statement.
pub fn figures(opening: &str, closing: &str, currency: Currency) -> Result<Figures, Problem> {
    let mut faults = Faults::new();
    let mut balance = |place: &str, text: &str| {
        let read = Money::parse(text, currency).ok();
        faults.require(read.is_some(), place, "money", "须为至多两位小数的金额", "must be an amount with at most two decimal places");
        read
    };
    let read = (balance("#query/opening_balance", opening), balance("#query/closing_balance", closing));
    match read {
        (Some(opening), Some(closing)) => Ok(Figures { opening, closing }),
        _ => faults.done().and(Err(Code::Internal.into())),
    }
}

/// Reads a statement, or says of every row what is wrong with it.
pub fn read(content: &[u8], figures: Figures) -> Result<Sheet, Problem> {
    let text =
        std::str::from_utf8(content).map_err(|_| Code::Invalid.at("", "encoding", "文件须为 UTF-8 编码", "the file must be UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut table = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns = Columns::of(table.headers().map_err(|error| unreadable(&error))?)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (number, record) in (2_i64..).zip(table.records()) {
        let record = record.map_err(|error| unreadable(&error))?;
        match columns.row(number, &record, figures.opening.currency) {
            Ok(row) => rows.push(row),
            Err(found) => faults.extend(found),
        }
        if rows.len() > MOST_LINES {
            return Err(Code::Invalid.at("", "too_many", "对账单至多 2000 行", "a statement has at most 2000 lines"));
        }
        if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    faults.extend(repeated(&rows));
    faults.truncate(MOST_FAULTS);
    Problem::from_faults(faults)?;
    if rows.is_empty() {
        return Err(Code::Invalid.at("", "empty", "对账单没有明细", "the statement has no lines"));
    }
    add_up(rows, figures)
}

fn unreadable(error: &csv::Error) -> Problem {
    Code::Invalid.at("", "csv", format!("不是可读的 CSV：{error}"), format!("not readable as CSV: {error}"))
}

/// Where each column stands.
struct Columns {
    places: BTreeMap<&'static str, usize>,
    count: usize,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, Problem> {
        let (mut places, mut faults) = (BTreeMap::new(), Vec::new());
        for (place, name) in header.iter().enumerate() {
            let pointer = format!("#row/1/{}", place + 1);
            match COLUMNS.iter().find(|known| **known == name) {
                None => faults.push(Fault::new(&pointer, "unknown_field", "未知的列", "nobody knows this column")),
                Some(known) if places.insert(*known, place).is_some() => {
                    faults.push(Fault::new(&pointer, "repeated", "列名重复", "this column is there twice"));
                }
                Some(_) => {}
            }
        }
        for name in COLUMNS.iter().filter(|name| **name != ACCOUNT && !places.contains_key(**name)) {
            faults.push(Fault::new(
                &format!("#row/1/{name}"),
                "missing_field",
                format!("缺少列 {name}"),
                format!("the column {name} is missing"),
            ));
        }
        faults.truncate(MOST_FAULTS);
        Problem::from_faults(faults)?;
        Ok(Self { places, count: header.len() })
    }

    fn row(&self, number: i64, record: &StringRecord, currency: Currency) -> Result<Row, Vec<Fault>> {
        let cell = |column: &str| self.places.get(column).and_then(|place| record.get(*place)).unwrap_or_default();
        let booked = Booked::read(cell("booked_at"));
        let direction = BankDirection::ALL.iter().copied().find(|direction| direction.code() == cell("direction"));
        let money = Money::parse(cell("amount"), currency).ok().filter(|money| money.minor > 0);
        let name = cell("counterparty_name");
        let named = is_text(name, LONGEST_NAME) && (direction != Some(BankDirection::Credit) || !name.is_empty());
        let account = cell(ACCOUNT);
        let is_account = account.len() <= LONGEST_ACCOUNT && account.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');

        let mut faults = Faults::new();
        let mut require = |holds: bool, column: &str, code: &str, zh: &str, en: &str| {
            let pointer = format!("#row/{number}/{column}");
            faults.require(holds, pointer.trim_end_matches('/'), code, zh, en);
        };
        require(record.len() == self.count, "", "columns", "列数与表头不符", "the row has not as many columns as the header");
        require(booked.is_some(), "booked_at", "time", "须为 RFC 3339 时间或日期", "must be an RFC 3339 instant or a date");
        require(
            is_bank_reference(cell("bank_reference")),
            "bank_reference",
            "bank_reference",
            "银行流水号须为 1 至 64 个可见 ASCII 字符，且不含空格",
            "a bank reference has 1 to 64 visible ASCII characters without blanks",
        );
        require(direction.is_some(), "direction", "wrong_type", "须为 credit 或 debit", "must be credit or debit");
        require(
            money.is_some(),
            "amount",
            "money",
            "须为大于零、至多两位小数的金额",
            "must be an amount above zero with at most two decimal places",
        );
        require(cell("currency") == currency.code(), "currency", "currency", "币种与对账单不符", "the currency is not the statement's");
        require(named, "counterparty_name", "text", "户名至多 200 个字符，来款须有户名", "at most 200 characters; a credit has a name");
        require(is_account, ACCOUNT, "text", "账号至多 64 个 ASCII 字符", "an account has at most 64 ASCII characters");
        require(is_text(cell("remark"), LONGEST_REMARK), "remark", "text", "附言至多 500 个字符", "a remark has at most 500 characters");

        let found = faults.done().err().map(|problem| problem.errors);
        match (booked, direction, money, found) {
            (Some(booked), Some(direction), Some(money), None) => Ok(Row {
                number,
                booked,
                bank_reference: cell("bank_reference").to_owned(),
                direction,
                money,
                counterparty_name: name.to_owned(),
                counterparty_account: (!account.is_empty()).then(|| account.to_owned()),
                remark: cell("remark").to_owned(),
            }),
            (.., found) => Err(found.unwrap_or_default()),
        }
    }
}

/// Text that may be empty, without control characters.
fn is_text(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

/// A reference stands for one movement.
fn repeated(rows: &[Row]) -> Vec<Fault> {
    let mut seen = BTreeSet::new();
    let again = rows.iter().filter(|row| !seen.insert(row.bank_reference.as_str()));
    again
        .map(|row| {
            let pointer = format!("#row/{}/bank_reference", row.number);
            Fault::new(&pointer, "repeated", "银行流水号在同一对账单中重复", "this bank reference is there twice")
        })
        .collect()
}

/// The statement, if what it begins with and its lines make up what it ends with.
fn add_up(rows: Vec<Row>, figures: Figures) -> Result<Sheet, Problem> {
    let sum = |direction: BankDirection| {
        let own = rows.iter().filter(|row| row.direction == direction);
        own.map(|row| row.money.minor).try_fold(0_i64, i64::checked_add)
    };
    let range = || Code::Invalid.at("", "range", "金额合计超出范围", "the sums are out of range");
    let (credits, debits) = sum(BankDirection::Credit).zip(sum(BankDirection::Debit)).ok_or_else(range)?;
    let closing = figures.opening.minor.checked_add(credits).and_then(|sum| sum.checked_sub(debits)).ok_or_else(range)?;
    if closing != figures.closing.minor {
        let currency = figures.opening.currency;
        let problem = Code::Invalid.at(
            "#query/closing_balance",
            "balance",
            "期初余额加来款减付款不等于期末余额",
            "the opening balance with the credits and less the debits is not the closing balance",
        );
        return Err(problem.with("credits", Money { minor: credits, currency }).with("debits", Money { minor: debits, currency }));
    }
    Ok(Sheet { figures, rows, credits, debits })
}

/// The instants the rows count from; refused where one has not come yet.
pub fn booked_by(rows: &[Row], now: Timestamp) -> Result<Vec<Timestamp>, Problem> {
    let (mut times, mut faults) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        if let Some(at) = row.booked.by(now) {
            times.push(at);
        } else {
            let pointer = format!("#row/{}/booked_at", row.number);
            faults.push(Fault::new(&pointer, "future", "记账时间尚未到来", "this time has not come yet"));
        }
    }
    faults.truncate(MOST_FAULTS);
    Problem::from_faults(faults)?;
    Ok(times)
}

/// The row under which a balance that is booked stands among the lines; it is the header's, so no movement has it.
pub const OPENING_ROW: i64 = 1;

/// Whether a statement begins before every other there is: what it opens with no line brought in.
pub fn begins_first(statement: &bank_statement::Model, earliest: Option<Timestamp>) -> bool {
    earliest.is_none_or(|begun| statement.first_booked_at < begun)
}

/// What has to be booked, so that the books begin with what the earliest statement opens with, where they
/// began with so much before.
pub fn opening(statement: &bank_statement::Model, opened: i64) -> Option<(BankDirection, Money)> {
    let minor = statement.opening_minor.saturating_sub(opened);
    let direction = match minor.cmp(&0) {
        Ordering::Equal => return None,
        Ordering::Greater => BankDirection::Credit,
        Ordering::Less => BankDirection::Debit,
    };
    Some((direction, Money { minor: minor.saturating_abs(), currency: statement.currency }))
}

/// What is new about a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its id.
    pub id: BankStatementId,
    /// The name of the file.
    pub file_name: String,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Who imported it.
    pub imported_by: PersonId,
}

/// The statement as it is kept. It joins the latest earlier one if it begins with what that ended with,
/// leaving aside what it repeats of earlier statements (`known`, credits less debits); before the first
/// the account was empty.
pub fn statement(
    paper: Paper,
    sheet: &Sheet,
    booked: &[Timestamp],
    previous: Option<&bank_statement::Model>,
    known: i64,
    at: Timestamp,
) -> bank_statement::Model {
    let Figures { opening, closing } = sheet.figures;
    let carried = previous.map_or(0, |earlier| earlier.closing_minor);
    bank_statement::Model {
        id: paper.id,
        currency: opening.currency,
        file_name: paper.file_name,
        sha256: paper.sha256.to_vec(),
        opening_minor: opening.minor,
        closing_minor: closing.minor,
        credits_minor: sheet.credits,
        debits_minor: sheet.debits,
        line_count: i64::try_from(sheet.rows.len()).unwrap_or(i64::MAX),
        first_booked_at: booked.iter().min().copied().unwrap_or(at),
        last_booked_at: booked.iter().max().copied().unwrap_or(at),
        previous_id: previous.map(|earlier| earlier.id),
        gap_minor: opening.minor.saturating_add(known).saturating_sub(carried),
        imported_by: paper.imported_by,
        imported_at: at,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fmt::Write;

    use chrono::TimeZone;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::samples::at;
    use super::*;

    const HEADER: &str = "booked_at,bank_reference,direction,amount,currency,counterparty_name,counterparty_account,remark";

    fn balances(opening: i64, closing: i64) -> Figures {
        Figures { opening: Money::fen(opening), closing: Money::fen(closing) }
    }

    fn refusals(content: &str, figures: Figures) -> Vec<(String, String)> {
        let refused = read(content.as_bytes(), figures).unwrap_err();
        assert_eq!(refused.code, Code::Invalid);
        refused.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_statement_is_read_by_the_names_of_its_columns() {
        let content = "\u{feff}remark,amount,direction,booked_at,bank_reference,counterparty_name,currency\n\
                       \"D-7K2M9QXP, 保证金\",100.00,credit,2026-03-02T09:00:00+08:00,B-1,某公司,CNY\r\n\
                       手续费,0.50,debit,2026-03-02,B-2,,CNY\n";
        let sheet = read(content.as_bytes(), balances(1_000, 10_950)).unwrap();
        assert_eq!((sheet.credits, sheet.debits, sheet.rows.len()), (10_000, 50, 2));
        let row = &sheet.rows[0];
        assert_eq!((row.number, row.money, row.remark.as_str()), (2, Money::fen(10_000), "D-7K2M9QXP, 保证金"));
        assert_eq!(row.booked, Booked::At(Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap()));
        assert_eq!((sheet.rows[1].number, sheet.rows[1].booked), (3, Booked::On("2026-03-02".parse().unwrap())));
        assert_eq!(sheet.rows[1].counterparty_account, None);
    }

    #[test]
    fn every_cell_that_cannot_be_read_is_pointed_at() {
        let content = format!("{HEADER}\nsoon,a b,in,-1,USD,,\u{7},\u{7}\n2026-03-02,B-2,credit,1.00,CNY,某公司,,x,more\n");
        let found = refusals(&content, balances(0, 0));
        let places: Vec<_> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(
            places,
            [
                "#row/2/booked_at",
                "#row/2/bank_reference",
                "#row/2/direction",
                "#row/2/amount",
                "#row/2/currency",
                "#row/2/counterparty_account",
                "#row/2/remark",
                "#row/3"
            ]
        );
        for amount in ["0.00", "1,000.00", "1e3", "1.001", "", "９"] {
            let content = format!("{HEADER}\n2026-03-02,B-1,credit,\"{amount}\",CNY,某公司,,x\n");
            assert_eq!(refusals(&content, balances(0, 0)), [("#row/2/amount".to_owned(), "money".to_owned())], "{amount}");
        }
    }

    #[test]
    fn columns_are_known_there_and_there_once() {
        let found = refusals("booked_at,amount,amount,balance\n", balances(0, 0));
        let strange: Vec<_> = found[..2].iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
        assert_eq!(strange, [("#row/1/3", "repeated"), ("#row/1/4", "unknown_field")]);
        assert_eq!(found[2..].iter().filter(|(_, code)| code == "missing_field").count(), 5);
        assert_eq!(refusals("", balances(0, 0)).len(), 7);
        assert_eq!(refusals(&format!("{HEADER}\n"), balances(0, 0)), [(String::new(), "empty".to_owned())]);
        assert_eq!(read(b"\xd6\xd0\xce\xc4", balances(0, 0)).unwrap_err().errors[0].code, "encoding");
    }

    #[test]
    fn a_reference_stands_once_and_the_balances_add_up() {
        let line = "2026-03-02,B-1,credit,1.00,CNY,某公司,,x\n";
        let found = refusals(&format!("{HEADER}\n{line}{line}"), balances(0, 200));
        assert_eq!(found, [("#row/3/bank_reference".to_owned(), "repeated".to_owned())]);
        let found = refusals(&format!("{HEADER}\n{line}"), balances(0, 101));
        assert_eq!(found, [("#query/closing_balance".to_owned(), "balance".to_owned())]);
        assert!(figures("1.00", "2.50", Currency::Cny).is_ok());
        let refused = figures("-1.00", "x", Currency::Cny).unwrap_err();
        assert_eq!((refused.code, refused.errors.len()), (Code::Invalid, 2));
    }

    #[test]
    fn faults_and_lines_are_counted() {
        let many = "soon,a b,in,0,USD,,,\n".repeat(90);
        assert_eq!(refusals(&format!("{HEADER}\n{many}"), balances(0, 0)).len(), MOST_FAULTS);
        let lines: String = (0..=MOST_LINES).map(|n| format!("2026-03-02,B-{n},credit,1.00,CNY,某公司,,x\n")).collect::<Vec<_>>().concat();
        assert_eq!(refusals(&format!("{HEADER}\n{lines}"), balances(0, 0)), [(String::new(), "too_many".to_owned())]);
    }

    #[test]
    fn a_day_counts_as_its_end_or_as_now_while_it_lasts() {
        let day = Booked::On("2026-03-02".parse().unwrap());
        let instant = |hour, minute| Utc.with_ymd_and_hms(2026, 3, 2, hour, minute, 0).unwrap();
        assert_eq!(day.by(instant(3, 0)), Some(instant(3, 0)));
        assert_eq!(day.by(instant(20, 0)), Some(instant(16, 0) - TimeDelta::microseconds(1)));
        assert_eq!(day.by(Utc.with_ymd_and_hms(2026, 3, 1, 15, 59, 59).unwrap()), None);
        assert_eq!(Booked::At(instant(3, 0)).by(instant(2, 59)), None);
    }

    #[test]
    fn statements_join_where_one_begins_with_what_the_other_ended_with() {
        let sheet = |opening, closing, credits| Sheet { figures: balances(opening, closing), rows: Vec::new(), credits, debits: 0 };
        let paper = |number| Paper {
            id: BankStatementId(Uuid::from_u128(number)),
            file_name: "a.csv".into(),
            sha256: [0; 32],
            imported_by: PersonId(Uuid::from_u128(1)),
        };
        let first = statement(paper(1), &sheet(0, 100, 100), &[at(1), at(0)], None, 0, at(5));
        assert_eq!((first.gap_minor, first.first_booked_at, first.last_booked_at), (0, at(0), at(1)));
        let next = statement(paper(2), &sheet(100, 150, 50), &[at(2)], Some(&first), 0, at(6));
        assert_eq!((next.gap_minor, next.previous_id), (0, Some(first.id)));
        // The same day once more, with a line that was not there before.
        assert_eq!(statement(paper(3), &sheet(0, 130, 130), &[at(2)], Some(&first), 100, at(6)).gap_minor, 0);
        assert_eq!(statement(paper(4), &sheet(120, 150, 30), &[at(2)], Some(&first), 0, at(6)).gap_minor, 20);
    }

    #[test]
    fn the_books_begin_with_what_the_earliest_statement_opens_with() {
        let sheet = Sheet { figures: balances(1_000, 1_100), rows: Vec::new(), credits: 100, debits: 0 };
        let paper = Paper {
            id: BankStatementId(Uuid::from_u128(1)),
            file_name: "a.csv".into(),
            sha256: [0; 32],
            imported_by: PersonId(Uuid::from_u128(1)),
        };
        let one = statement(paper, &sheet, &[at(5)], None, 0, at(6));
        assert!(begins_first(&one, None) && begins_first(&one, Some(at(6))));
        assert!(!begins_first(&one, Some(at(5))) && !begins_first(&one, Some(at(4))));
        assert_eq!(opening(&one, 0), Some((BankDirection::Credit, Money::fen(1_000))));
        assert_eq!(opening(&one, 1_000), None);
        assert_eq!(opening(&one, 1_700), Some((BankDirection::Debit, Money::fen(700))));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_nothing_breaks(content in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&content, balances(0, 0));
        }

        #[test]
        fn what_is_read_adds_up(fens in prop::collection::vec((any::<bool>(), 1..1_000_000_i64), 1..30)) {
            let mut content = format!("{HEADER}\n");
            let mut closing = 1_000_000_000_i64;
            for (number, (is_credit, fen)) in fens.iter().enumerate() {
                let direction = if *is_credit { "credit" } else { "debit" };
                closing += if *is_credit { *fen } else { -*fen };
                writeln!(content, "2026-03-02,B-{number},{direction},{},CNY,某公司,,", Money::fen(*fen).decimal()).unwrap();
            }
            let sheet = read(content.as_bytes(), balances(1_000_000_000, closing)).unwrap();
            prop_assert_eq!(sheet.rows.len(), fens.len());
            prop_assert_eq!(1_000_000_000 + sheet.credits - sheet.debits, closing);
            prop_assert!(read(content.as_bytes(), balances(1_000_000_000, closing + 1)).is_err());
        }
    }
}
