//! What admissions tell.

use entity::admissions::{AdmissionState, admission};
use entity::ids::{AdmissionId, LotId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::is_ended_anew;
use crate::platform::outbox::Event;

/// Something happened to an admission. No event names the organisation: whoever follows the events
/// of a lot must not learn who stands behind a pseudonym.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AdmissionEvent {
    #[serde(skip)]
    kind: &'static str,
    /// The admission.
    pub admission_id: AdmissionId,
    /// The lot.
    pub lot_id: LotId,
    /// Where the admission stands now.
    pub state: AdmissionState,
    /// The bidder's name, where the lot's log will say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<String>,
}

impl AdmissionEvent {
    /// What has just happened to an admission, told by where it stands.
    pub fn of(row: &admission::Model) -> Self {
        let kind = match row.state {
            AdmissionState::Applied => "admission.applied",
            AdmissionState::Qualified => "admission.qualified",
            AdmissionState::Refused => "admission.refused",
            AdmissionState::Admitted => "admission.admitted",
            AdmissionState::NotAdmitted if is_ended_anew(row) => "admission.announced_anew",
            AdmissionState::NotAdmitted => "admission.not_admitted",
            AdmissionState::Withdrawn => "admission.withdrawn",
            AdmissionState::Won => "admission.won",
            AdmissionState::Lost => "admission.lost",
            AdmissionState::Defaulted => "admission.defaulted",
        };
        Self { kind, admission_id: row.id, lot_id: row.lot_id, state: row.state, pseudonym: None }
    }

    /// The lot is offered to a runner-up.
    pub fn offered(row: &admission::Model) -> Self {
        Self { kind: "admission.offered", ..Self::of(row) }
    }

    /// A bidder was suspended or reinstated.
    pub fn suspension(row: &admission::Model) -> Self {
        let kind = if row.suspended { "admission.suspended" } else { "admission.reinstated" };
        Self { kind, pseudonym: row.pseudonym.clone(), ..Self::of(row) }
    }
}

impl Event for AdmissionEvent {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn subject(&self) -> (&'static str, Uuid) {
        ("lot", self.lot_id.into())
    }
}
