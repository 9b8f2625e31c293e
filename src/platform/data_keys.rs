//! The keys personal data is sealed under: one seals, those before it still open until nothing is sealed
//! under them any more. Each is random, and kept sealed under the master key; without its row, what it
//! sealed is lost for good.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use entity::Timestamp;
use entity::platform::data_key;
use entity::sealed::Sealed;
use uuid::Uuid;

use crate::platform::keys::{KeyError, Keys, open_with, seal_with};

/// A key in use.
struct Held {
    seals_from: Timestamp,
    key: [u8; 32],
}

/// Every key this server knows, by number.
pub struct DataKeys(RwLock<Arc<BTreeMap<i64, Held>>>);

/// The cell sealed text belongs to: it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// Table and column, as in `person.name`.
    pub column: &'static str,
    /// The row.
    pub row: Uuid,
}

impl Cell {
    /// The cell of a column in a row.
    pub fn of(column: &'static str, row: impl Into<Uuid>) -> Self {
        Self { column, row: row.into() }
    }

    fn name(&self) -> Vec<u8> {
        [self.column.as_bytes(), b"/", self.row.as_bytes()].concat()
    }
}

impl DataKeys {
    /// None yet. The server reads them before it serves anything, and again every second.
    pub fn empty() -> Self {
        Self(RwLock::default())
    }

    /// Takes what the database has.
    pub fn put(&self, keys: &Keys, rows: Vec<data_key::Model>) -> Result<(), KeyError> {
        let opened = rows.into_iter().filter_map(|row| Some((row.generation, row.seals_from, row.key_sealed?)));
        let held = opened.map(|(generation, seals_from, sealed)| {
            let key = keys.open(&belongs_to(generation), &sealed)?.try_into().map_err(|_| KeyError::Unopenable)?;
            Ok((generation, Held { seals_from, key }))
        });
        let held = held.collect::<Result<_, KeyError>>()?;
        if let Ok(mut ring) = self.0.write() {
            *ring = Arc::new(held);
        }
        Ok(())
    }

    fn ring(&self) -> Arc<BTreeMap<i64, Held>> {
        self.0.read().map(|ring| ring.clone()).unwrap_or_default()
    }

    /// The number of the key that seals now.
    pub fn sealing(&self, now: Timestamp) -> Option<i64> {
        self.ring().iter().rev().find(|(_, held)| held.seals_from <= now).map(|(generation, _)| *generation)
    }

    /// Seals text for a cell under the key of this number.
    pub fn seal(&self, generation: i64, cell: Cell, nonce: [u8; 24], text: &str) -> Result<Sealed, KeyError> {
        let ring = self.ring();
        let held = ring.get(&generation).ok_or(KeyError::Unopenable)?;
        let body = seal_with(&held.key, &cell.name(), nonce, text.as_bytes())?;
        Ok(Sealed::under(generation, &STANDARD_NO_PAD.encode(body)))
    }

    /// Opens what was sealed for a cell; text from before anything was sealed is what it is.
    pub fn open(&self, cell: Cell, sealed: &Sealed) -> Result<String, KeyError> {
        if let Some(plain) = sealed.plain() {
            return Ok(plain.to_owned());
        }
        let (generation, body) = sealed.parts().ok_or(KeyError::Unopenable)?;
        let body = STANDARD_NO_PAD.decode(body).map_err(|_| KeyError::Unopenable)?;
        let ring = self.ring();
        let held = ring.get(&generation).ok_or(KeyError::Unopenable)?;
        String::from_utf8(open_with(&held.key, &cell.name(), &body)?).map_err(|_| KeyError::Unopenable)
    }
}

/// A key as it is kept.
pub fn kept(keys: &Keys, generation: i64, key: [u8; 32], nonce: [u8; 24]) -> Result<Vec<u8>, KeyError> {
    keys.seal(&belongs_to(generation), nonce, &key)
}

fn belongs_to(generation: i64) -> Vec<u8> {
    [b"data-key/".as_slice(), &generation.to_be_bytes()].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};

    use super::*;
    use crate::platform::config::Config;

    fn now() -> Timestamp {
        Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
    }

    fn row(keys: &Keys, generation: i64) -> data_key::Model {
        let key_sealed = Some(kept(keys, generation, [u8::try_from(generation).unwrap(); 32], [1; 24]).unwrap());
        let seals_from = now() + TimeDelta::seconds(generation);
        data_key::Model { generation, key_sealed, seals_from, made_by: None, created_at: now(), destroyed_at: None }
    }

    fn cell(row: u128) -> Cell {
        Cell::of("person.name", Uuid::from_u128(row))
    }

    #[test]
    fn the_newest_key_seals_and_those_before_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::load(&Config { master_key_file: folder.path().join("k"), ..Config::default() }).unwrap();
        let ring = DataKeys::empty();
        ring.put(&keys, vec![row(&keys, 1), row(&keys, 2)]).unwrap();
        assert_eq!([0, 1, 2, 3].map(|second| ring.sealing(now() + TimeDelta::seconds(second))), [None, Some(1), Some(2), Some(2)]);
        let [first, second] = [1, 2].map(|generation| ring.seal(generation, cell(1), [2; 24], "王工").unwrap());
        assert_eq!((first.parts().unwrap().0, second.parts().unwrap().0), (1, 2));
        for sealed in [&first, &second] {
            assert_eq!(ring.open(cell(1), sealed).unwrap(), "王工");
            assert!(ring.open(cell(2), sealed).is_err(), "opened in another row");
        }
        let gone = data_key::Model { key_sealed: None, ..row(&keys, 1) };
        ring.put(&keys, vec![gone, row(&keys, 2)]).unwrap();
        assert!(ring.open(cell(1), &first).is_err(), "opened without its key");
        assert_eq!(ring.open(cell(1), &second).unwrap(), "王工");
    }

    #[test]
    fn text_from_before_is_what_it_is() {
        let ring = DataKeys::empty();
        assert_eq!(ring.open(cell(1), &Sealed::from("李工".to_owned())).unwrap(), "李工");
        assert!(ring.open(cell(1), &Sealed::from("\u{1}nothing".to_owned())).is_err());
        assert!(ring.seal(1, cell(1), [0; 24], "x").is_err(), "sealed without a key");
    }
}
