//! The log of a room: each row names the hash of the one before, so that none can be left out or changed unseen.

use chrono::SecondsFormat;
use entity::Timestamp;
use entity::data_rooms::{RoomAct, RoomRefusal, data_room_access, data_room_document};
use entity::documents::Confidentiality;
use entity::ids::{DataRoomId, OrganisationId, PersonId};
use serde_json::json;

use crate::notices::rules::canonical;
use crate::platform::keys::{hex, sha256};
use crate::platform::problem::{Code, Problem};
use crate::platform::spreadsheet::guarded;

/// What the first row of a log names, where there is none before.
const BEGINNING: [u8; 32] = [0; 32];

/// What somebody did.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// Who; nobody where a stranger did.
    pub person: Option<PersonId>,
    /// For whom.
    pub organisation: Option<OrganisationId>,
    /// From which network.
    pub network: Option<String>,
    /// What.
    pub act: RoomAct,
    /// Why it was refused, where it was.
    pub refusal: Option<RoomRefusal>,
    /// With which document.
    pub paper: Option<&'a data_room_document::Model>,
    /// The code of the watermark it bore.
    pub watermark: Option<String>,
}

/// The next row of a log.
pub fn noted(room: DataRoomId, last: Option<&data_room_access::Model>, seen: Seen<'_>, at: Timestamp) -> data_room_access::Model {
    let mut row = data_room_access::Model {
        data_room_id: room,
        seq: last.map_or(1, |last| last.seq + 1),
        at,
        person_id: seen.person,
        organisation_id: seen.organisation,
        network: seen.network,
        act: seen.act,
        refusal: seen.refusal,
        data_room_document_id: seen.paper.map(|paper| paper.id),
        document_id: seen.paper.map(|paper| paper.document_id),
        document_version: seen.paper.map(|paper| paper.document_version),
        document_sha256: seen.paper.map(|paper| paper.sha256.clone()),
        level: seen.paper.map(|paper| paper.level),
        watermark: seen.watermark,
        prev_hash: last.map_or_else(|| BEGINNING.to_vec(), |last| last.hash.clone()),
        hash: Vec::new(),
    };
    row.hash = hash(&row).to_vec();
    row
}

/// The hash of a row: over the hash before it and everything it says.
pub fn hash(row: &data_room_access::Model) -> [u8; 32] {
    let said = json!({
        "data_room_id": row.data_room_id,
        "seq": row.seq,
        "at": row.at.timestamp_micros(),
        "person_id": row.person_id,
        "organisation_id": row.organisation_id,
        "network": row.network,
        "act": row.act,
        "refusal": row.refusal,
        "data_room_document_id": row.data_room_document_id,
        "document_id": row.document_id,
        "document_version": row.document_version,
        "document_sha256": row.document_sha256.as_deref().map(hex),
        "level": row.level,
        "watermark": row.watermark,
    });
    sha256(&[row.prev_hash.as_slice(), canonical(&said).as_bytes()].concat())
}

/// Whether rows, in order from the first on, are a whole log that nobody changed.
pub fn is_whole(rows: &[data_room_access::Model]) -> bool {
    let mut before = BEGINNING.to_vec();
    rows.iter().zip(1..).all(|(row, seq)| {
        let follows = row.seq == seq && row.prev_hash == before && row.hash == hash(row);
        before.clone_from(&row.hash);
        follows
    })
}

/// The names of the columns of the log as a table.
const COLUMNS: [&str; 14] = [
    "seq",
    "at",
    "person_id",
    "organisation_id",
    "network",
    "act",
    "refusal",
    "document_id",
    "document_version",
    "document_sha256",
    "level",
    "watermark",
    "prev_hash",
    "hash",
];

/// Rows as a table (CSV, RFC 4180), every cell guarded against being taken for a formula.
pub fn table(rows: &[data_room_access::Model]) -> Result<Vec<u8>, Problem> {
    let unwritten = |_| Problem::from(Code::Internal);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(unwritten)?;
    for row in rows {
        writer.write_record(cells(row).iter().map(|cell| guarded(cell))).map_err(unwritten)?;
    }
    writer.into_inner().map_err(|_| Code::Internal.into())
}

fn cells(row: &data_room_access::Model) -> [String; 14] {
    fn said<T: ToString>(value: Option<T>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    [
        row.seq.to_string(),
        row.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        said(row.person_id),
        said(row.organisation_id),
        row.network.clone().unwrap_or_default(),
        row.act.code(),
        row.refusal.map(RoomRefusal::code).unwrap_or_default(),
        said(row.document_id),
        said(row.document_version),
        row.document_sha256.as_deref().map(hex).unwrap_or_default(),
        row.level.map(Confidentiality::code).unwrap_or_default(),
        row.watermark.clone().unwrap_or_default(),
        hex(&row.prev_hash),
        hex(&row.hash),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::examples::{at, buyer, id, paper};
    use super::*;

    fn log(count: usize) -> Vec<data_room_access::Model> {
        let paper = paper(Confidentiality::DataRoom);
        let mut rows: Vec<data_room_access::Model> = Vec::new();
        for number in 0..count {
            let seen = Seen {
                person: Some(id(5)),
                organisation: Some(buyer()),
                network: Some("203.0.113.0/24".into()),
                act: RoomAct::Downloaded,
                refusal: None,
                paper: Some(&paper),
                watermark: Some(format!("DR{number}")),
            };
            let hours = i64::try_from(number).unwrap();
            let row = noted(id(10), rows.last(), seen, at(hours));
            rows.push(row);
        }
        rows
    }

    #[test]
    fn a_log_says_who_read_which_document_and_under_which_code() {
        let rows = log(2);
        let text = String::from_utf8(table(&rows).unwrap()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), lines[0].split(',').count()), (3, 14));
        for word in ["2026-03-02T02:00:00.000000Z", "203.0.113.0/24", "downloaded", "data_room", "DR1", &hex(&rows[0].hash)] {
            assert!(lines[2].contains(word), "{word} in {}", lines[2]);
        }
    }

    proptest! {
        /// Whatever is changed, left out or put elsewhere is found out; what is cut off at the end is what an end noted earlier tells.
        #[test]
        fn nothing_goes_unseen(count in 2_usize..8, at in any::<prop::sample::Index>(), how in 0_u8..4) {
            let mut rows = log(count);
            prop_assert!(is_whole(&rows));
            let place = at.index(count);
            match how {
                0 => rows[place].person_id = None,
                1 => rows[place].watermark = Some("DRx".into()),
                2 if place + 1 < count => drop(rows.remove(place)),
                _ if place > 0 => rows.swap(0, place),
                _ => rows[place].seq += 1,
            }
            prop_assert!(!is_whole(&rows));
        }
    }
}
