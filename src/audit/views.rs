//! The trail as it is told.

use chrono::{DateTime, Utc};
use entity::ids::{OrganisationId, PersonId};
use entity::platform::{AuditOutcome, audit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::Wanted;
use crate::platform::http::PageQuery;
use crate::platform::keys::hex;
use crate::platform::problem::{Faults, Problem};

/// Longest word asked for, characters.
const LONGEST_WORD: usize = 100;

/// Which rows, and which page.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Of this person.
    pub person_id: Option<PersonId>,
    /// For this organisation.
    pub organisation_id: Option<OrganisationId>,
    /// Of this operation, by its id in the API document.
    #[param(max_length = 100, example = "approve_listing")]
    pub operation: Option<String>,
    /// Over this kind of thing.
    #[param(max_length = 100, example = "listing")]
    pub object_kind: Option<String>,
    /// Over this thing.
    pub object_id: Option<Uuid>,
    /// Changed, or denied.
    pub outcome: Option<AuditOutcome>,
    /// Of this request.
    #[param(max_length = 100)]
    pub request_id: Option<String>,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// Where the last page ended, as it said.
    #[param(max_length = 200)]
    pub cursor: Option<String>,
}

impl AuditQuery {
    /// What is asked for, and which page.
    pub fn parts(self) -> Result<(Wanted, PageQuery), Problem> {
        Faults::new()
            .optional_text("#query/operation", self.operation.as_ref(), LONGEST_WORD)
            .optional_text("#query/object_kind", self.object_kind.as_ref(), LONGEST_WORD)
            .optional_text("#query/request_id", self.request_id.as_ref(), LONGEST_WORD)
            .instant("#query/from", self.from)
            .instant("#query/until", self.until)
            .done()?;
        let wanted = Wanted {
            person: self.person_id,
            organisation: self.organisation_id,
            operation: self.operation,
            object_kind: self.object_kind,
            object: self.object_id,
            outcome: self.outcome,
            request_id: self.request_id,
            from: self.from,
            until: self.until,
        };
        Ok((wanted, PageQuery { limit: self.limit, cursor: self.cursor }))
    }
}

/// A row of the audit trail (审计记录).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditRow {
    /// Its place in the chain.
    pub position: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; nobody where the platform itself or a stranger acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// As what, and by which key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What was done.
    pub operation: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Uuid>,
    /// Changed, or denied.
    pub outcome: AuditOutcome,
    /// SHA-256 of the thing before, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_sha256: Option<String>,
    /// SHA-256 of the thing after, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_sha256: Option<String>,
    /// A word more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Id of the request.
    pub request_id: String,
    /// The hash that links it to the row before it, hexadecimal.
    pub hash: String,
}

impl From<audit::Model> for AuditRow {
    fn from(row: audit::Model) -> Self {
        Self {
            position: row.position.unwrap_or_default(),
            at: row.at,
            person_id: row.person_id,
            organisation_id: row.organisation_id,
            role: row.role,
            operation: row.operation,
            object_kind: row.object_kind,
            object_id: row.object_id,
            outcome: row.outcome,
            before_sha256: row.before_hash.as_deref().map(hex),
            after_sha256: row.after_hash.as_deref().map(hex),
            detail: row.detail,
            request_id: row.request_id,
            hash: row.hash.as_deref().map(hex).unwrap_or_default(),
        }
    }
}

/// The end of the chain: whoever noted it earlier can see that nothing before it was changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditHead {
    /// The last position.
    pub position: i64,
    /// The hash of its row, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}
