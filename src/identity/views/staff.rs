//! Officers of the platform.

use chrono::{DateTime, Utc};
use entity::identity::{StaffRole, person, staff};
use entity::ids::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::http::answer::Tagged;

/// A staff place to fill.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaff {
    /// Whose account.
    #[schema(max_length = 254, example = "officer@zhepai.example")]
    pub email: String,
    /// As what.
    pub role: StaffRole,
}

/// A staff place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StaffView {
    /// Who.
    pub person_id: PersonId,
    /// As what.
    pub role: StaffRole,
    /// The person's name.
    pub name: Option<String>,
    /// Since when.
    pub granted_at: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

impl From<(staff::Model, Option<person::Model>)> for StaffView {
    fn from((row, person): (staff::Model, Option<person::Model>)) -> Self {
        Self { person_id: row.person_id, role: row.role, name: person.map(|p| p.name), granted_at: row.granted_at, version: row.version }
    }
}

impl From<staff::Model> for StaffView {
    fn from(row: staff::Model) -> Self {
        (row, None).into()
    }
}

impl Tagged for StaffView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
