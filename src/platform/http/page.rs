//! Pages: newest first, opaque cursors, stable while rows are added.
//!
//! A cursor is a place and the beginning of its keyed hash, so that only places that were given out lead anywhere. Pages are
//! signed as they are answered (`answer::page`), and `Call` looks at every cursor before anything is done with it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike};
use entity::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::keys::Keys;
use crate::platform::problem::{Code, Problem, YEARS};

/// What the keyed hashes of cursors are for.
const PURPOSE: &str = "cursor";
/// How much of the hash a cursor has, bytes, and characters.
const TAG: usize = 16;
const TAG_TEXT: usize = 22;

/// Which page.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// Where the last page ended, as it said.
    #[param(max_length = 200)]
    pub cursor: Option<String>,
}

/// Declares what a list may be asked for: fields of its own, and which page after them. A macro, as flattened fields would
/// take neither numbers nor `deny_unknown_fields`.
#[macro_export]
macro_rules! paged {
    ($(#[$meta:meta])* pub struct $name:ident { $($fields:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, ::serde::Deserialize, ::utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($fields)*
            /// How many at most.
            #[param(minimum = 1, maximum = 100)]
            pub limit: Option<u64>,
            /// Where the last page ended, as it said.
            #[param(max_length = 200)]
            pub cursor: Option<String>,
        }

        impl $name {
            /// Which page.
            pub fn page(&self) -> $crate::platform::http::PageQuery {
                $crate::platform::http::PageQuery { limit: self.limit, cursor: self.cursor.clone() }
            }
        }
    };
}

/// One page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A place between two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Instant of the last row shown.
    pub at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

impl Cursor {
    fn write(self) -> String {
        let bytes = [self.at.timestamp_micros().to_be_bytes().as_slice(), self.id.as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (at, id) = bytes.split_first_chunk::<8>()?;
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*at))?;
        // An instant no row can have, and no database need understand, was never given out.
        let given = YEARS.contains(&at.year());
        given.then_some(Self { at, id: Uuid::from_slice(id).ok()? })
    }
}

impl<T> Page<T> {
    /// The page as it is told, its cursor signed.
    #[must_use]
    pub fn signed(self, keys: &Keys) -> Self {
        Self { next_cursor: self.next_cursor.map(|place| sign(keys, &place)), ..self }
    }
}

fn sign(keys: &Keys, place: &str) -> String {
    let hash = keys.blind(PURPOSE, place.as_bytes());
    format!("{place}{}", URL_SAFE_NO_PAD.encode(&hash[..TAG]))
}

/// Whether a cursor was given out here, or by another server with the same keys.
pub fn is_ours(keys: &Keys, cursor: &str) -> bool {
    let Some((place, tag)) = parts(cursor) else { return false };
    URL_SAFE_NO_PAD.decode(tag).is_ok_and(|tag| keys.is_blind(PURPOSE, place.as_bytes(), &tag))
}

/// The place a cursor names, and what shows that it is ours.
fn parts(cursor: &str) -> Option<(&str, &str)> {
    cursor.split_at_checked(cursor.len().checked_sub(TAG_TEXT)?)
}

/// A number a question gives, no less than the document says.
pub fn at_least(least: i64, name: &str, given: Option<i64>) -> Result<Option<i64>, Problem> {
    if given.is_some_and(|number| number < least) {
        let (zh, en) = (format!("不得小于 {least}"), format!("must be {least} or more"));
        return Err(Code::Invalid.at(&format!("#query/{name}"), "range", &zh, &en));
    }
    Ok(given)
}

impl PageQuery {
    /// The page behind a place no caller has named, for whoever reads on by himself.
    pub fn onward(limit: u64, place: Option<String>) -> Self {
        Self { limit: Some(limit), cursor: place.map(|place| place + &"A".repeat(TAG_TEXT)) }
    }

    /// How many rows were asked for.
    pub fn size(&self) -> Result<u64, Problem> {
        match self.limit {
            None => Ok(50),
            Some(limit @ 1..=100) => Ok(limit),
            Some(_) => Err(Code::Invalid.at("#query/limit", "range", "须在 1 至 100 之间", "must be between 1 and 100")),
        }
    }

    /// Where the page starts.
    pub fn start(&self) -> Result<Option<Cursor>, Problem> {
        let Some(text) = &self.cursor else { return Ok(None) };
        parts(text).and_then(|(place, _)| Cursor::read(place)).map(Some).ok_or_else(|| Code::CursorInvalid.into())
    }

    /// Restricts a selection to this page and one row more, newest first.
    pub fn restrict<E: EntityTrait>(&self, select: Select<E>, at: E::Column, id: E::Column) -> Result<Select<E>, Problem> {
        let select = match self.start()? {
            None => select,
            Some(cursor) => {
                // The first condition follows from the second; it lets an index begin there instead of at the newest row.
                let behind = Condition::any().add(at.lt(cursor.at)).add(Condition::all().add(at.eq(cursor.at)).add(id.lt(cursor.id)));
                select.filter(at.lte(cursor.at)).filter(behind)
            }
        };
        Ok(select.order_by_desc(at).order_by_desc(id).limit(self.size()? + 1))
    }

    /// Restricts a selection to this page and one row more, by a number, greatest first.
    pub fn restrict_by_position<E: EntityTrait>(&self, select: Select<E>, position: E::Column) -> Result<Select<E>, Problem> {
        let select = match &self.cursor {
            None => select,
            Some(text) => {
                let last = parts(text).and_then(|(place, _)| read_position(place)).ok_or(Code::CursorInvalid)?;
                select.filter(position.lt(last))
            }
        };
        Ok(select.order_by_desc(position).limit(self.size()? + 1))
    }

    /// Makes the page of rows known by a number.
    pub fn page_by_position<M, T>(&self, rows: Vec<M>, position: impl Fn(&M) -> i64, view: impl Fn(M) -> T) -> Result<Page<T>, Problem> {
        self.cut(rows, |row| write_position(position(row)), view)
    }

    /// Makes the page of the rows found, of which the last only tells that there are more.
    pub fn page<M, T>(&self, rows: Vec<M>, place: impl Fn(&M) -> (Timestamp, Uuid), view: impl Fn(M) -> T) -> Result<Page<T>, Problem> {
        let cursor = |row: &M| {
            let (at, id) = place(row);
            Cursor { at, id }.write()
        };
        self.cut(rows, cursor, view)
    }

    fn cut<M, T>(&self, rows: Vec<M>, cursor: impl Fn(&M) -> String, view: impl Fn(M) -> T) -> Result<Page<T>, Problem> {
        let size = usize::try_from(self.size()?).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        let next_cursor = if more { rows.get(size - 1).map(cursor) } else { None };
        Ok(Page { items: rows.into_iter().take(size).map(view).collect(), next_cursor })
    }
}

fn write_position(position: i64) -> String {
    URL_SAFE_NO_PAD.encode(position.to_be_bytes())
}

fn read_position(text: &str) -> Option<i64> {
    let bytes: [u8; 8] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    Some(i64::from_be_bytes(bytes)).filter(|position| *position > 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::config::Config;

    #[test]
    fn a_cursor_reads_back_and_rubbish_is_refused() {
        let cursor = Cursor { at: DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap(), id: Uuid::from_u128(7) };
        assert_eq!(Cursor::read(&cursor.write()), Some(cursor));
        assert_eq!(read_position(&write_position(7)), Some(7));
        for rubbish in ["", "x", "AAAA", "AAAAAAAAAAA", "__________8", &cursor.write()] {
            assert_eq!(read_position(rubbish), None, "{rubbish}");
        }
        for rubbish in ["", "x", "AAAA", "💥", "jFWMV0zXgAAAAAAAAAAAAAAAAAAAAAAA", "_RLY2aeycAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(Cursor::read(rubbish), None);
        }
    }

    fn keys(folder: &std::path::Path, name: &str) -> Keys {
        Keys::load(&Config { master_key_file: folder.join(name), ..Config::default() }).unwrap()
    }

    #[test]
    fn only_a_cursor_that_was_given_out_is_ours() {
        let folder = tempfile::tempdir().unwrap();
        let (here, elsewhere) = (keys(folder.path(), "here"), keys(folder.path(), "elsewhere"));
        let place = Cursor { at: DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap(), id: Uuid::from_u128(7) };
        for place in [place.write(), write_position(7)] {
            let page = Page { items: vec![()], next_cursor: Some(place.clone()) };
            let given = page.signed(&here).next_cursor.unwrap();
            assert!(is_ours(&here, &given) && parts(&given).unwrap().0 == place);
            assert!(!is_ours(&elsewhere, &given), "another platform's cursor is taken");
            let other = format!("B{}", &given[1..]);
            let unsigned = format!("{place}{}", "A".repeat(TAG_TEXT));
            let (short, long) = (&given[..given.len() - 1], format!("{given}A"));
            for made_up in ["", "x", place.as_str(), other.as_str(), unsigned.as_str(), short, long.as_str()] {
                assert!(!is_ours(&here, made_up), "{made_up}");
            }
        }
        let query = PageQuery { limit: None, cursor: Some(sign(&here, &place.write())) };
        assert_eq!(query.start().unwrap(), Some(place));
        assert!(Page::<()> { items: vec![], next_cursor: None }.signed(&here).next_cursor.is_none());
    }
}
