//! What a row says, however its file is written.

use entity::ids::AchievementId;
use entity::imports::{ImportFormat, ImportKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::columns;
use crate::achievements::rules::{NewAchievement, NewAsset, NewLegalStatus};
use crate::platform::json::value;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Fault, Problem};
use crate::platform::spreadsheet::unguarded;

/// Longest name a client gives a row, characters.
const LONGEST_KEY: usize = 200;

/// A right in a file: with the achievement it is in and, if known, its legal status.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetRow {
    /// The client's own name for the row.
    pub row_key: Option<String>,
    /// An achievement that is registered.
    pub achievement_id: Option<AchievementId>,
    /// Or one that says this, whether it is registered or not.
    pub achievement: Option<NewAchievement>,
    /// The right.
    pub asset: NewAsset,
    /// A reading of its legal status.
    pub legal_status: Option<NewLegalStatus>,
}

/// An offer in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListingRow {
    /// The client's own name for the row.
    pub row_key: Option<String>,
    /// The rights on offer, by number or id, in the place of ids in the offer.
    pub assets: Option<Vec<String>>,
    /// The offer.
    pub offer: Value,
}

/// The body a row makes: for CSV by its columns, for JSON Lines as it stands.
pub fn read(kind: ImportKind, format: ImportFormat, header: &[String], bytes: &[u8]) -> Result<Value, Problem> {
    match format {
        ImportFormat::Csv => {
            let cells = only_record(bytes)?;
            if cells.len() == header.len() {
                columns::body(kind, header, &cells)
            } else {
                let reason = format!("{} cells, {} columns", cells.len(), header.len());
                Err(malformed(&reason))
            }
        }
        ImportFormat::Jsonl => value(text(bytes)?),
    }
}

fn malformed(reason: &str) -> Problem {
    Code::Malformed.with("reason", reason)
}

fn text(bytes: &[u8]) -> Result<&str, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))?;
    if text.contains('\0') { Err(malformed("NUL character")) } else { Ok(text) }
}

/// The cells of a text that is one record of CSV.
pub(super) fn only_record(bytes: &[u8]) -> Result<Vec<String>, Problem> {
    let text = text(bytes)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records();
    let first = records.next().and_then(Result::ok).ok_or_else(|| malformed("not CSV"))?;
    if records.next().is_some() {
        return Err(malformed("a line ends with a carriage return only"));
    }
    Ok(first.iter().map(ToOwned::to_owned).collect())
}

/// The client's name for a row, as far as it can be read.
pub fn row_key(body: &Value) -> Option<String> {
    let key = body.get("row_key")?.as_str()?;
    Some(key.chars().filter(|c| !c.is_control()).take(LONGEST_KEY).collect())
}

/// The same of a row that cannot be read as a whole.
pub fn readable_key(format: ImportFormat, header: &[String], bytes: &[u8]) -> Option<String> {
    let body = match format {
        ImportFormat::Csv => {
            let at = header.iter().position(|name| name == "row_key")?;
            json!({"row_key": unguarded(only_record(bytes).ok()?.get(at)?)})
        }
        ImportFormat::Jsonl => value(text(bytes).ok()?).ok()?,
    };
    row_key(&body)
}

/// Refuses a name for a row that would not be given back as it is.
pub fn named(key: Option<&str>) -> Result<(), Problem> {
    match key {
        Some(key) if key.chars().count() > LONGEST_KEY || key.chars().any(char::is_control) => Err(Code::Invalid.at(
            "/row_key",
            "text",
            "须不超过 200 个字符，且不含控制字符",
            "must have at most 200 characters and no control characters",
        )),
        _ => Ok(()),
    }
}

/// A row of CSV with what need not be said: the right is its organisation's alone, the achievement has its
/// title, and those who invented it completed it.
pub fn completed(mut body: Value, organisation: &str) -> Value {
    let owner = json!([{"name": organisation, "share_bp": 10_000, "is_holder": true}]);
    let said = |place: &str| body.pointer(place).cloned().filter(|value| !value.is_null());
    let mut defaults = vec![("/asset/owners", Some(owner))];
    if said("/achievement_id").is_none() {
        defaults.push(("/achievement/title", said("/asset/title")));
        defaults.push(("/achievement/completers", said("/asset/details/inventors")));
    }
    for (place, value) in defaults {
        if let Some(value) = value {
            // What was said stays.
            columns::put(&mut body, place, &value);
        }
    }
    body
}

/// The refusal of a row in the terms of its file: for CSV every fault at its column.
pub fn told(kind: ImportKind, format: ImportFormat, mut problem: Problem) -> Problem {
    if format == ImportFormat::Csv {
        for fault in &mut problem.errors {
            if let Some(column) = columns::at(kind, &fault.pointer, field(fault)) {
                fault.pointer = format!("/{}", column.name);
            }
        }
    }
    problem
}

/// The field that a fault says is missing or unknown.
fn field(fault: &Fault) -> Option<&str> {
    let speaks = matches!(fault.code.as_str(), "missing_field" | "unknown_field");
    fault.en.split('`').nth(1).filter(|_| speaks)
}

/// The hash of what a row says.
pub fn content_hash(said: &Value) -> [u8; 32] {
    sha256(said.to_string().as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn csv(text: &[u8]) -> Result<Value, Problem> {
        let header = ["title", "kind"].map(ToOwned::to_owned);
        read(ImportKind::Assets, ImportFormat::Csv, &header, text)
    }

    #[test]
    fn a_row_that_is_none_says_why() {
        assert_eq!(csv("一,software\r\n".as_bytes()).unwrap()["asset"]["title"], "一");
        for (text, reason) in [
            (b"a,software,x\n".as_slice(), "3 cells, 2 columns"),
            (b"a\n", "1 cells, 2 columns"),
            (b"\xff,software\n", "not UTF-8"),
            (b"a\0,software\n", "NUL character"),
            (b"a,software\rb,software\n", "a line ends with a carriage return only"),
        ] {
            let problem = csv(text).unwrap_err();
            assert_eq!((problem.code, problem.facts["reason"].as_str()), (Code::Malformed, Some(reason)));
        }
        let twice = read(ImportKind::Assets, ImportFormat::Jsonl, &[], br#"{"row_key":"1","row_key":"2"}"#).unwrap_err();
        assert_eq!(twice.code, Code::Malformed);
        let deep = format!("{{\"asset\":{}{}}}", "[".repeat(64), "]".repeat(64));
        let deep = read(ImportKind::Assets, ImportFormat::Jsonl, &[], deep.as_bytes()).unwrap_err();
        assert_eq!((deep.code, deep.errors[0].code.as_str()), (Code::Malformed, "too_deep"));
    }

    #[test]
    fn what_need_not_be_said_is_completed() {
        let body = csv("一,software\n".as_bytes()).unwrap();
        let whole = completed(body, "浙江大学");
        assert_eq!(whole["achievement"], json!({"title": "一"}));
        assert_eq!(whole["asset"]["owners"][0]["name"], "浙江大学");
        let said = json!({"achievement_id": "x", "asset": {"title": "一", "owners": [1]}});
        assert_eq!(completed(said.clone(), "浙江大学"), said);
    }

    #[test]
    fn faults_are_told_in_the_terms_of_the_file() {
        let missing = || Code::Invalid.at("/asset/details", "missing_field", "缺少", "missing field `filed_on`");
        assert_eq!(told(ImportKind::Assets, ImportFormat::Csv, missing()).errors[0].pointer, "/filed_on");
        assert_eq!(told(ImportKind::Assets, ImportFormat::Jsonl, missing()).errors[0].pointer, "/asset/details");
    }

    #[test]
    fn a_name_of_a_row_is_given_back() {
        assert_eq!(row_key(&json!({"row_key": "A-7"})).as_deref(), Some("A-7"));
        assert_eq!(row_key(&json!({"row_key": 7})), None);
        let header = ["title", "row_key"].map(ToOwned::to_owned);
        assert_eq!(readable_key(ImportFormat::Csv, &header, b"a,'=7,too many\n").as_deref(), Some("=7"));
        assert_eq!(readable_key(ImportFormat::Csv, &header, b"a\n"), None);
        assert!(named(Some("A-7")).is_ok() && named(Some("A\n7")).is_err() && named(Some(&"a".repeat(201))).is_err());
    }
}
