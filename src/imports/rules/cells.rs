//! What stands in a cell: lists, owners, and text that no spreadsheet takes for a formula.

use serde_json::{Value, json};

use crate::platform::problem::{Code, Problem};
use crate::platform::spreadsheet::guarded;

/// A line of CSV, every cell guarded.
pub fn line<S: AsRef<str>>(cells: &[S]) -> Result<Vec<u8>, Problem> {
    let unwritten = |_| Problem::from(Code::Internal);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells.iter().map(|cell| guarded(cell.as_ref()))).map_err(unwritten)?;
    writer.into_inner().map_err(|_| Code::Internal.into())
}

/// An entry of a list as it is read.
#[derive(Default)]
struct Entry {
    text: String,
    /// How much of it stays, whatever blanks follow.
    solid: usize,
}

impl Entry {
    fn push(&mut self, c: char, is_escaped: bool) {
        let is_blank = c.is_whitespace() && !is_escaped;
        if is_blank && self.text.is_empty() {
            return;
        }
        self.text.push(c);
        if !is_blank {
            self.solid = self.text.len();
        }
    }

    fn read(mut self) -> String {
        self.text.truncate(self.solid);
        self.text
    }
}

/// The entries of a list `A | B`. A bar, a backslash or a blank at an end that belong to an entry have a
/// backslash before them.
pub(super) fn entries(cell: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut entry = Entry::default();
    let mut chars = cell.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => entry.push(chars.next().unwrap_or('\\'), true),
            '|' => done.push(std::mem::take(&mut entry).read()),
            c => entry.push(c, false),
        }
    }
    done.push(entry.read());
    done
}

/// The list of these entries.
pub(super) fn list<S: AsRef<str>>(entries: &[S]) -> String {
    let entries: Vec<_> = entries.iter().map(|entry| escaped(entry.as_ref())).collect();
    entries.join("|")
}

fn escaped(entry: &str) -> String {
    let starts = entry.len() - entry.trim_start().len();
    let ends = entry.trim_end().len();
    let mut text = String::with_capacity(entry.len());
    for (at, c) in entry.char_indices() {
        if matches!(c, '\\' | '|') || at < starts || at >= ends {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// Owners as a cell has them, `name:share` with a star for the organisation itself, as the API has them.
pub(super) fn owners(cell: &str) -> Option<Value> {
    let owner = |entry: String| {
        let (name, share) = entry.rsplit_once(':')?;
        let (share, is_holder) = share.strip_suffix('*').map_or((share, false), |share| (share, true));
        let share: i32 = share.trim().parse().ok()?;
        Some(json!({"name": name, "share_bp": share, "is_holder": is_holder}))
    };
    entries(cell).into_iter().map(owner).collect::<Option<Vec<_>>>().map(Value::Array)
}

/// Owners as the API has them, as a cell has them.
pub(super) fn owners_cell(owners: &Value) -> String {
    let owners: Vec<_> = owners.as_array().into_iter().flatten().map(owner_entry).collect();
    list(&owners)
}

fn owner_entry(owner: &Value) -> String {
    let star = if owner["is_holder"] == true { "*" } else { "" };
    format!("{}:{}{star}", owner["name"].as_str().unwrap_or_default(), owner["share_bp"])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_is_read_as_people_write_it() {
        assert_eq!(entries("G06N 3/08 | G06N 3/04"), ["G06N 3/08", "G06N 3/04"]);
        assert_eq!(entries("a\\|b|c\\\\|"), ["a|b", "c\\", ""]);
        assert_eq!(
            owners("浙江大学:6000* | 某公司:4000").unwrap(),
            json!([
                {"name": "浙江大学", "share_bp": 6_000, "is_holder": true},
                {"name": "某公司", "share_bp": 4_000, "is_holder": false}
            ])
        );
        assert!(owners("浙江大学").is_none() && owners("浙江大学:全部").is_none());
    }

    proptest! {
        #[test]
        fn a_list_is_what_it_was(written in proptest::collection::vec("[a |\\\\:*]{0,6}", 1..4)) {
            prop_assert_eq!(entries(&list(&written)), written);
        }

        #[test]
        fn owners_are_what_they_were(names in proptest::collection::vec("[a:|*\\\\]{1,6}", 1..4), share in 1_i32..10_000) {
            let written: Vec<_> = names.iter().map(|name| json!({"name": name, "share_bp": share, "is_holder": share > 5_000})).collect();
            let written = Value::Array(written);
            prop_assert_eq!(owners(&owners_cell(&written)), Some(written));
        }
    }
}
