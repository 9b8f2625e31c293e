//! What a file of evidence says of the notice of a unit in its own place.

use chrono::{DateTime, Utc};
use entity::ids::PersonId;
use entity::notices::unit_notice;
use serde::Serialize;
use utoipa::ToSchema;

use crate::notices::rules::both_places::UnitNotice;
use crate::platform::problem::{Code, Problem};

/// The notice of a unit in its own place, each time it was shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceUnitNotice {
    /// As it was shown: where, since which day, and by which file with the hash it had.
    #[serde(flatten)]
    pub unit_notice: UnitNotice,
    /// Which version of the text stood here then.
    #[schema(minimum = 1)]
    pub notice_version: i64,
    /// Who showed it, for the unit.
    pub shown_by: PersonId,
    /// When.
    pub shown_at: DateTime<Utc>,
}

impl EvidenceUnitNotice {
    /// One that was shown.
    pub fn of(row: &unit_notice::Model) -> Result<Self, Problem> {
        Ok(Self {
            unit_notice: serde_json::from_value(row.shown.clone()).map_err(|_| Code::Internal)?,
            notice_version: row.notice_version,
            shown_by: row.shown_by,
            shown_at: row.shown_at,
        })
    }
}
