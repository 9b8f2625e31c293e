//! What is told of imports.

use entity::ids::{ImportId, OrganisationId};
use entity::imports::{ImportKind, ImportState, import_job};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// An import has ended: it is done, has failed, or was cancelled; the kind is `import.` and its state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportEnded {
    /// Which.
    pub import_id: ImportId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// What was imported.
    pub content: ImportKind,
    /// How it ended.
    pub state: ImportState,
    /// Whether it was a rehearsal.
    pub rehearsal: bool,
    /// How many rows were taken in.
    pub accepted: i64,
    /// How many stood already.
    pub unchanged: i64,
    /// How many were refused.
    pub refused: i64,
}

impl From<&import_job::Model> for ImportEnded {
    fn from(job: &import_job::Model) -> Self {
        Self {
            import_id: job.id,
            organisation_id: job.organisation_id,
            content: job.kind,
            state: job.state,
            rehearsal: job.rehearse,
            accepted: job.accepted,
            unchanged: job.unchanged,
            refused: job.refused,
        }
    }
}

impl Event for ImportEnded {
    fn kind(&self) -> &'static str {
        match self.state {
            ImportState::Cancelled => "import.cancelled",
            ImportState::Failed => "import.failed",
            _ => "import.done",
        }
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("import", self.import_id.into())
    }
}
