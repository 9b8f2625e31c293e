//! The law as data: each loaded edition of parameters, redaction policy and calendar, kept for ever.

use crate::Timestamp;

table! {
    /// One loaded edition of the rulebook.
    rulebook_edition "rulebook_edition" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub sha256: Vec<u8>,
        pub parameters: String,
        pub redaction: String,
        pub calendar: String,
        pub loaded_at: Timestamp,
    }
}
