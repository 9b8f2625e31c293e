//! What a statement must be to be read: its columns, its rows, and that it adds up.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use csv::StringRecord;
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
