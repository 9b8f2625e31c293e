//! Imports: files of many rows, taken in step by step, with what became of every row.

use crate::Timestamp;
use crate::ids::{ImportId, OrganisationId, PersonId, SessionId};

codes! {
    /// What the rows of a file are (导入内容).
    ImportKind {
        /// Rights, each with the achievement it is in.
        Assets,
        /// Offers, written as drafts.
        Listings,
    }
}

codes! {
    /// How the rows of a file are written.
    ImportFormat {
        /// Comma-separated values with a header.
        Csv,
        /// One JSON object on each line.
        Jsonl,
    }
}

codes! {
    /// Where an import stands.
    ImportState { Waiting, Running, Done, Failed, Cancelled }
}

codes! {
    /// What became of a row.
    ImportRowState {
        /// It was taken in.
        Accepted,
        /// What it says stands already.
        Unchanged,
        /// A rule refused it.
        Refused,
    }
}

table! {
    /// An import, with how far it has come.
    import_job "import_job" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ImportId,
        pub organisation_id: OrganisationId,
        pub kind: ImportKind,
        pub format: ImportFormat,
        /// Rows are judged and reported, and nothing else is written.
        pub rehearse: bool,
        pub file_name: String,
        pub stored_as: String,
        pub sha256: Vec<u8>,
        pub size: i64,
        /// The columns of a CSV file, in order; none for JSON Lines.
        pub header: sea_orm::JsonValue,
        pub state: ImportState,
        /// Why it failed, as a code.
        pub state_reason: Option<String>,
        pub rows_total: i64,
        pub accepted: i64,
        pub unchanged: i64,
        pub refused: i64,
        /// Where the next row starts: byte and line.
        pub next_offset: i64,
        pub next_line: i64,
        /// The step to do next: the subject of its timer, so that each step is done once.
        pub step: Uuid,
        pub created_by: PersonId,
        /// In whose name it goes on: who started it, or who resumed it.
        pub acting_person: PersonId,
        pub acting_session: SessionId,
        pub created_at: Timestamp,
        pub ended_at: Option<Timestamp>,
    }
}

table! {
    /// What became of a row; never changed.
    import_row "import_row" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub import_id: ImportId,
        /// Its number among the rows, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        /// The line of the file it starts on, from 1.
        pub line: i64,
        /// The client's own name for it.
        pub row_key: Option<String>,
        pub state: ImportRowState,
        /// What the thing it speaks of is known by, and the hash of what it says.
        pub identity: Option<String>,
        pub sha256: Option<Vec<u8>>,
        pub thing_id: Option<Uuid>,
        /// Why it was refused.
        pub problem: Option<sea_orm::JsonValue>,
    }
}
