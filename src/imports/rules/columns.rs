//! The columns of a CSV file: their names, where in a row's body they belong, and how they are written.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate};
use entity::achievements::{AssetKind, LegalStatus, StatusSource};
use entity::auctions::ClosingMode;
use entity::imports::ImportKind;
use entity::listings::{PriceBasis, TransferMode};
use entity::money::{Currency, Money};
use serde_json::{Map, Value, json};

use super::cells::{entries, list, owners, owners_cell};
use crate::platform::json;
use crate::platform::problem::{Fault, Problem};
use crate::platform::spreadsheet::unguarded;

/// How a cell is written.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Text as it stands.
    Text,
    /// One of these codes.
    Code(fn() -> Vec<String>),
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A day, `2026-11-23`.
    Day,
    /// An instant with its offset, `2026-11-23T09:00:00+08:00`.
    Instant,
    /// Entries `A|B`.
    List,
    /// Owners `NAME:SHARE|..` in ten-thousandths, with `*` behind the share of the organisation itself.
    Owners,
    /// An amount, in the currency of the row.
    Money,
    /// The currency of the row.
    Currency,
    /// A JSON object with what has no column of its own.
    Rest,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// Where its cells belong in the body of a row, as a JSON pointer.
    pub place: &'static str,
    /// How its cells are written.
    pub form: Form,
    /// Whether no file can do without it.
    pub needed: bool,
}

const fn column(name: &'static str, place: &'static str, form: Form) -> Column {
    Column { name, place, form, needed: false }
}

const fn needed(name: &'static str, place: &'static str, form: Form) -> Column {
    Column { name, place, form, needed: true }
}

/// The columns of a file of rights.
pub const ASSETS: &[Column] = &[
    column("row_key", "/row_key", Form::Text),
    column("achievement_id", "/achievement_id", Form::Text),
    column("achievement_title", "/achievement/title", Form::Text),
    column("achievement_title_en", "/achievement/title_en", Form::Text),
    column("summary", "/achievement/summary", Form::Text),
    column("summary_en", "/achievement/summary_en", Form::Text),
    column("field", "/achievement/field", Form::Text),
    column("trl", "/achievement/trl", Form::Number),
    column("completers", "/achievement/completers", Form::List),
    column("state_funded", "/achievement/state_funded", Form::Flag),
    needed("title", "/asset/title", Form::Text),
    column("title_en", "/asset/title_en", Form::Text),
    needed("kind", "/asset/details/kind", Form::Code(AssetKind::codes)),
    column("identifier", "/asset/identifier", Form::Text),
    column("publication_number", "/asset/details/publication_number", Form::Text),
    column("filed_on", "/asset/details/filed_on", Form::Day),
    column("granted_on", "/asset/details/granted_on", Form::Day),
    column("priority_on", "/asset/details/priority_on", Form::Day),
    column("ipc", "/asset/details/ipc", Form::List),
    column("ipc_edition", "/asset/details/ipc_edition", Form::Text),
    column("locarno", "/asset/details/locarno", Form::List),
    column("inventors", "/asset/details/inventors", Form::List),
    column("compensation_days", "/asset/details/compensation_days", Form::Number),
    column("details", "/asset/details", Form::Rest),
    column("owners", "/asset/owners", Form::Owners),
    column("status", "/legal_status/status", Form::Code(LegalStatus::codes)),
    column("status_as_of", "/legal_status/as_of", Form::Instant),
    column("status_source", "/legal_status/source", Form::Code(StatusSource::codes)),
    column("status_evidence", "/legal_status/evidence_document_id", Form::Text),
];

/// The columns of a file of offers.
pub const LISTINGS: &[Column] = &[
    column("row_key", "/row_key", Form::Text),
    needed("assets", "/assets", Form::List),
    needed("title", "/offer/title", Form::Text),
    column("title_en", "/offer/title_en", Form::Text),
    needed("summary", "/offer/summary", Form::Text),
    column("summary_en", "/offer/summary_en", Form::Text),
    needed("mode", "/offer/terms/mode", Form::Code(TransferMode::codes)),
    column("rehearsal", "/offer/rehearsal", Form::Flag),
    needed("base_price", "/offer/base_price", Form::Money),
    column("currency", "", Form::Currency),
    needed("base_price_basis", "/offer/base_price_basis", Form::Code(PriceBasis::codes)),
    column("basis_document_id", "/offer/basis_document_id", Form::Text),
    column("start_price", "/offer/start_price", Form::Money),
    column("deposit", "/offer/deposit", Form::Money),
    needed("closing_mode", "/offer/auction/closing_mode", Form::Code(ClosingMode::codes)),
    column("registration_closes_at", "/offer/schedule/registration_closes_at", Form::Instant),
    column("auction_opens_at", "/offer/schedule/auction_opens_at", Form::Instant),
    column("payment", "/offer/payment", Form::Text),
    column("taxes", "/offer/taxes", Form::Text),
    column("defects", "/offer/defects", Form::Text),
    column("conditions", "/offer/conditions", Form::List),
    needed("contact_office", "/offer/contact/office", Form::Text),
    column("contact_phone", "/offer/contact/phone", Form::Text),
    column("contact_email", "/offer/contact/email", Form::Text),
    needed("secret_level_none", "/offer/declarations/secret_level_none", Form::Flag),
    column("confidentiality_review_number", "/offer/declarations/confidentiality_review_number", Form::Text),
    needed("no_other_encumbrances", "/offer/declarations/no_other_encumbrances", Form::Flag),
    column("rest", "/offer", Form::Rest),
];

/// The columns of a kind of file, in the order they are exported.
pub fn of(kind: ImportKind) -> &'static [Column] {
    match kind {
        ImportKind::Assets => ASSETS,
        ImportKind::Listings => LISTINGS,
    }
}

fn find(kind: ImportKind, name: &str) -> Option<&'static Column> {
    of(kind).iter().find(|column| column.name == name)
}

/// The names of a header, if they are columns of such a file, each once, and none is missing that no file
/// can do without.
pub fn header(kind: ImportKind, names: Vec<String>) -> Result<Vec<String>, Problem> {
    let names: Vec<String> = names.into_iter().map(|name| name.trim().to_owned()).collect();
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for name in &names {
        if find(kind, name).is_none() {
            faults.push(Fault::new(&format!("/{name}"), "unknown_column", "没有这一列", "there is no such column"));
        } else if !seen.insert(name.as_str()) {
            faults.push(Fault::new(&format!("/{name}"), "duplicate_column", "该列重复出现", "this column is there twice"));
        }
    }
    for column in of(kind).iter().filter(|column| column.needed && !seen.contains(column.name)) {
        faults.push(Fault::new(&format!("/{}", column.name), "missing_column", "缺少该列", "this column is missing"));
    }
    Problem::from_faults(faults)?;
    Ok(names)
}

/// The body that the cells of a row make. A blank cell says nothing.
pub fn body(kind: ImportKind, header: &[String], cells: &[String]) -> Result<Value, Problem> {
    let given: Vec<(&Column, &str)> = header
        .iter()
        .zip(cells)
        .filter_map(|(name, cell)| Some((find(kind, name)?, unguarded(cell))))
        .filter(|(_, cell)| !cell.trim().is_empty())
        .collect();
    let currency = given.iter().find(|(column, _)| matches!(column.form, Form::Currency)).map_or("CNY", |(_, cell)| cell.trim());
    let mut body = Value::Object(Map::new());
    let mut faults = Vec::new();
    // What has no column of its own comes first: the others are put into it.
    let (rest, others): (Vec<_>, Vec<_>) = given.iter().partition(|(column, _)| matches!(column.form, Form::Rest));
    for (column, cell) in rest.into_iter().chain(others) {
        let misread = match read(column.form, cell, currency) {
            Err(misread) => Some(misread),
            Ok(Some(value)) if !put(&mut body, column.place, &value) => Some(TWICE),
            Ok(_) => None,
        };
        faults.extend(misread.map(|(code, zh, en)| Fault::new(&format!("/{}", column.name), code, zh, en)));
    }
    Problem::from_faults(faults)?;
    Ok(body)
}

/// What is wrong with a cell: a code, and the words for it.
type Misread = (&'static str, &'static str, &'static str);

const TWICE: Misread = ("given_twice", "该内容另有一列已给出", "another column says this already");

/// Reads a cell; nothing for one that only bears on others.
fn read(form: Form, cell: &str, currency: &str) -> Result<Option<Value>, Misread> {
    let word = cell.trim();
    let value: Value = match form {
        Form::Text => cell.into(),
        Form::Code(codes) if codes().iter().any(|code| code == word) => word.into(),
        Form::Code(_) => return Err(("unknown_code", "不是可用的代码", "is none of the codes there are")),
        Form::Number => word.parse::<i64>().map_err(|_| ("number", "须为整数", "must be a whole number"))?.into(),
        Form::Flag => match word.to_ascii_lowercase().as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ => return Err(("flag", "须为 true 或 false", "must be true or false")),
        },
        Form::Day if word.parse::<NaiveDate>().is_ok() => word.into(),
        Form::Day => return Err(("day", "须为 2026-11-23 形式的日期", "must be a day such as 2026-11-23")),
        Form::Instant if DateTime::parse_from_rfc3339(word).is_ok() => word.into(),
        Form::Instant => {
            return Err(("instant", "须为 2026-11-23T09:00:00+08:00 形式的时间", "must be an instant such as 2026-11-23T09:00:00+08:00"));
        }
        Form::List => entries(cell).into(),
        Form::Owners => owners(cell).ok_or((
            "owners",
            "须为“名称:份额|名称:份额”，份额以万分之一计",
            "must be NAME:SHARE|NAME:SHARE, in ten-thousandths",
        ))?,
        Form::Money if Money::parse(word, Currency::Cny).is_ok() => json!({"amount": word, "currency": currency}),
        Form::Money => return Err(("money", "须为至多两位小数的金额", "must be an amount with at most two decimal places")),
        Form::Currency if Currency::codes().iter().any(|code| code == word) => return Ok(None),
        Form::Currency => return Err(("unknown_code", "不支持该币种", "this currency is not supported")),
        Form::Rest => match json::value(cell) {
            Ok(value @ Value::Object(_)) => value,
            _ => return Err(("json", "须为 JSON 对象，且成员不得重复", "must be a JSON object, no member given twice")),
        },
    };
    Ok(Some(value))
}

/// The steps of a place.
fn steps(place: &str) -> impl Iterator<Item = &str> {
    place.split('/').skip(1)
}

/// Puts a value at its place; not where one stands already, nor inside what is no object.
pub(super) fn put(body: &mut Value, place: &str, value: &Value) -> bool {
    let mut here = body;
    for step in steps(place) {
        let Value::Object(members) = here else { return false };
        here = members.entry(step).or_insert(Value::Null);
        if here.is_null() {
            *here = Value::Object(Map::new());
        }
    }
    let is_free = here.as_object().is_some_and(Map::is_empty);
    if is_free {
        here.clone_from(value);
    }
    is_free
}

/// Takes a value away from its place.
fn take(body: &mut Value, place: &str) -> Option<Value> {
    let (parent, name) = place.rsplit_once('/')?;
    body.pointer_mut(parent)?.as_object_mut()?.remove(name)
}

/// The cells of a body, in the order of the columns. What has no column goes into the rest.
pub fn cells(kind: ImportKind, said: Value) -> Vec<String> {
    let (columns, mut body) = (of(kind), said);
    let mut cells = vec![String::new(); columns.len()];
    let mut currency = String::new();
    for (column, cell) in columns.iter().zip(&mut cells).filter(|(column, _)| !matches!(column.form, Form::Rest)) {
        let Some(value) = take(&mut body, column.place).filter(|value| !value.is_null()) else { continue };
        *cell = match column.form {
            Form::List => list(&words(&value)),
            Form::Owners => owners_cell(&value),
            Form::Money => {
                value["currency"].as_str().unwrap_or_default().clone_into(&mut currency);
                value["amount"].as_str().unwrap_or_default().to_owned()
            }
            _ => value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned),
        };
    }
    for (column, cell) in columns.iter().zip(&mut cells) {
        match column.form {
            Form::Currency => cell.clone_from(&currency),
            Form::Rest => {
                let left = body.pointer(column.place).cloned().map(pruned).unwrap_or_default();
                *cell = if left.is_null() { String::new() } else { left.to_string() };
            }
            _ => {}
        }
    }
    cells
}

fn words(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A value without the members that say nothing: null, empty lists, empty objects. Nothing at all is null.
pub(super) fn pruned(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept: Map<String, Value> =
                members.into_iter().map(|(name, value)| (name, pruned(value))).filter(|(_, value)| !value.is_null()).collect();
            if kept.is_empty() { Value::Null } else { Value::Object(kept) }
        }
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Array(items) => items.into_iter().map(pruned).collect(),
        other => other,
    }
}

/// The column that a pointer into the body of a row leads to. A field that is missing or unknown is told by
/// its name, at the place of what it is missing from.
pub(super) fn at(kind: ImportKind, pointer: &str, field: Option<&str>) -> Option<&'static Column> {
    let inside = |column: &&Column| pointer == column.place || pointer.starts_with(&format!("{}/", column.place));
    let named = |column: &&Column| {
        field.is_some_and(|field| column.place.strip_prefix(pointer).is_some_and(|rest| rest.rsplit('/').next() == Some(field)))
    };
    let columns = || of(kind).iter().filter(|column| !column.place.is_empty());
    columns().find(named).or_else(|| columns().filter(inside).max_by_key(|column| column.place.len()))
}

/// The columns of an achievement that is described in the row.
const DESCRIBED: [&str; 4] = ["summary", "field", "completers", "state_funded"];

/// Whether a row that says this cannot do without a column.
fn is_due(column: &Column, body: &Value) -> bool {
    let of_kind: &[&str] = match body.pointer("/asset/details/kind").and_then(Value::as_str) {
        Some("invention" | "utility_model") => &["filed_on", "ipc", "inventors"],
        Some("design") => &["filed_on", "locarno", "inventors"],
        Some("patent_application") => &["filed_on", "inventors"],
        Some("ic_layout") => &["filed_on"],
        _ => &[],
    };
    match column.name {
        // The rest may name the rights by their ids.
        "assets" => body.pointer("/offer/asset_ids").is_none(),
        name if column.place.starts_with("/achievement/") => DESCRIBED.contains(&name) && body.get("achievement_id").is_none(),
        name => column.needed || of_kind.contains(&name),
    }
}

/// A refusal for a field that is missing, with every other column that the row cannot do without: the reader of bodies
/// stops at the first.
pub fn all_missing(kind: ImportKind, body: &Value, mut problem: Problem) -> Problem {
    if problem.errors.first().is_none_or(|fault| fault.code != "missing_field") {
        return problem;
    }
    let told: Vec<_> =
        problem.errors.iter().filter_map(|fault| at(kind, &fault.pointer, fault.en.split('`').nth(1))).map(|one| one.name).collect();
    let lacks = |column: &&Column| is_due(column, body) && body.pointer(column.place).is_none() && !told.contains(&column.name);
    for column in of(kind).iter().filter(lacks) {
        let Some((place, name)) = column.place.rsplit_once('/') else { continue };
        let en = format!("missing field `{name}`");
        problem.errors.push(Fault::new(place, "missing_field", format!("格式不符：{en}"), en));
    }
    problem
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
