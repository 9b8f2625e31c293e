//! Officers of the platform.

use chrono::{DateTime, Utc};
use entity::identity::{StaffRole, staff};
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
    /// What the caller may do to it now, as operation ids; told where staff places are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["dismiss_staff"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version.
    pub version: i64,
}

impl StaffView {
    /// A place with the name of who has it.
    pub fn of(row: &staff::Model, name: Option<String>) -> Self {
        Self { person_id: row.person_id, role: row.role, name, granted_at: row.granted_at, allowed_deeds: None, version: row.version }
    }
}

impl From<staff::Model> for StaffView {
    fn from(row: staff::Model) -> Self {
        Self::of(&row, None)
    }
}

impl Tagged for StaffView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
