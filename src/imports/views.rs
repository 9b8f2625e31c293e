//! What is said about imports, and what is asked for.

use chrono::{DateTime, Utc};
use entity::ids::{ImportId, OrganisationId, PersonId};
use entity::imports::{ImportFormat, ImportKind, ImportRowState, ImportState, import_job, import_row};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rules::{self, Refusal};
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;
use crate::platform::problem::{Fault, Language, Problem};

/// What is to be imported.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NewImport {
    /// What the rows are.
    #[param(inline)]
    pub kind: ImportKind,
    /// Name of the file, without a path.
    #[param(min_length = 1, max_length = 255, example = "专利清单.csv")]
    pub file_name: String,
    /// Judge every row and report, and take nothing in (演练).
    pub rehearse: Option<bool>,
}

/// Which rows.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RowsQuery {
    /// Only those of which this became.
    pub state: Option<ImportRowState>,
    /// Rows after this number.
    #[param(minimum = 0)]
    pub after: Option<i64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// In which form.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// How the rows are written.
    #[param(inline)]
    pub format: ImportFormat,
}

/// An import.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportView {
    /// Id.
    pub id: ImportId,
    /// The organisation it is done for.
    pub organisation_id: OrganisationId,
    /// What the rows are.
    pub kind: ImportKind,
    /// How they are written.
    pub format: ImportFormat,
    /// Whether it judges and reports only.
    pub rehearse: bool,
    /// Name of the file.
    pub file_name: String,
    /// Bytes of the file.
    pub size: i64,
    /// SHA-256 of the file, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Where it stands.
    pub state: ImportState,
    /// Why it failed: `not_allowed`, `file_unreadable` or `internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// What can be done to it in this state, by whoever has the right to. Use `allowed_deeds` instead, which knows the caller.
    #[schema(deprecated)]
    pub allowed: Vec<String>,
    /// What the caller may do to it now, as operation ids; told where a single import is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["cancel_import"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Rows in the file.
    pub rows_total: i64,
    /// Rows of which something became so far.
    pub rows_done: i64,
    /// Rows taken in.
    pub accepted: i64,
    /// Rows that say what stands already.
    pub unchanged: i64,
    /// Rows refused.
    pub refused: i64,
    /// Who started it.
    pub created_by: PersonId,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
}

impl From<import_job::Model> for ImportView {
    fn from(job: import_job::Model) -> Self {
        Self {
            allowed_deeds: None,
            allowed: rules::allowed(job.state).iter().map(|operation| (*operation).to_owned()).collect(),
            rows_done: rules::rows_done(&job),
            id: job.id,
            organisation_id: job.organisation_id,
            kind: job.kind,
            format: job.format,
            rehearse: job.rehearse,
            file_name: job.file_name,
            size: job.size,
            sha256: hex(&job.sha256),
            state: job.state,
            state_reason: job.state_reason,
            rows_total: job.rows_total,
            accepted: job.accepted,
            unchanged: job.unchanged,
            refused: job.refused,
            created_by: job.created_by,
            created_at: job.created_at,
            ended_at: job.ended_at,
        }
    }
}

impl Tagged for ImportView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// What became of a row.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportRowView {
    /// Its number among the rows, from 1.
    pub number: i64,
    /// The line of the file it starts on, from 1.
    pub line: i64,
    /// The client's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_key: Option<String>,
    /// What became of it.
    pub state: ImportRowState,
    /// The right or listing it made or found; none in a rehearsal that would have made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thing_id: Option<Uuid>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<RowProblem>,
}

/// Why a row was refused, as a call for this row alone would have been.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RowProblem {
    /// Stable code.
    pub code: String,
    /// What is wrong, in the language asked for.
    pub detail: String,
    /// Facts a program can act on, such as `expected` or `asset_id`.
    #[schema(value_type = Object)]
    pub facts: Value,
    /// Faults: in CSV at their columns, in JSON Lines at their places in the row.
    pub errors: Vec<RowFault>,
}

/// One fault of a row.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RowFault {
    /// A column, `/filed_on`, or a JSON pointer into the row.
    pub pointer: String,
    /// Stable code of the fault.
    pub code: String,
    /// What is wrong.
    pub detail: String,
}

impl ImportRowView {
    /// The row in a language.
    pub fn said(row: import_row::Model, language: Language) -> Self {
        let refusal = row.problem.and_then(|kept| serde_json::from_value::<Refusal>(kept).ok());
        Self {
            number: row.number,
            line: row.line,
            row_key: row.row_key,
            state: row.state,
            thing_id: row.thing_id,
            problem: refusal.map(|refusal| RowProblem::said(refusal.into(), language)),
        }
    }
}

impl RowProblem {
    fn said(problem: Problem, language: Language) -> Self {
        let detail = problem.detail(language);
        let fault = |fault: Fault| RowFault {
            pointer: fault.pointer,
            code: fault.code,
            detail: if language == Language::Chinese { fault.zh } else { fault.en },
        };
        Self {
            code: problem.code.code().to_owned(),
            detail,
            facts: Value::Object(problem.facts),
            errors: problem.errors.into_iter().map(fault).collect(),
        }
    }
}
