//! What the world hears of objections: never who objects, nor what he wrote.

use entity::ids::{ListingId, NegotiationId, NoticeId, ObjectionId, OpenLicenceId, RightsGrantId};
use entity::objections::{ObjectionGround, ObjectionOutcome, ObjectionState, objection};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::holds_up;
use crate::platform::outbox::Event;

/// Something happened to an objection.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObjectionEvent {
    #[serde(skip)]
    name: &'static str,
    /// The objection.
    objection_id: ObjectionId,
    /// The notice it is to.
    notice_id: NoticeId,
    /// The listing it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    listing_id: Option<ListingId>,
    /// The sale at a negotiated price it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    negotiation_id: Option<NegotiationId>,
    /// The grant of rights it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    rights_grant_id: Option<RightsGrantId>,
    /// The open licence it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_licence_id: Option<OpenLicenceId>,
    /// What is objected to.
    ground: ObjectionGround,
    /// Where it stands.
    state: ObjectionState,
    /// What was decided, as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<ObjectionOutcome>,
    /// Whether the procedure it is about waits for it.
    holds_up: bool,
    /// Whether it ended what it was about.
    ends: bool,
}

impl ObjectionEvent {
    /// It was handed in.
    pub fn submitted(row: &objection::Model) -> Self {
        Self::of("objection.submitted", row)
    }

    /// It was accepted and is looked into.
    pub fn accepted(row: &objection::Model) -> Self {
        Self::of("objection.accepted", row)
    }

    /// It was decided, or decided again.
    pub fn decided(row: &objection::Model) -> Self {
        Self::of("objection.decided", row)
    }

    /// It went on in another way: more time was taken, or a review was asked for.
    pub fn moved(row: &objection::Model) -> Self {
        Self::of("objection.moved", row)
    }

    /// Nothing more is decided about it: it was not accepted, withdrawn, or is final.
    pub fn closed(row: &objection::Model) -> Self {
        Self::of("objection.closed", row)
    }

    /// What it was right about was put right.
    pub fn settled(row: &objection::Model) -> Self {
        Self::of("objection.settled", row)
    }

    fn of(name: &'static str, row: &objection::Model) -> Self {
        Self {
            name,
            objection_id: row.id,
            notice_id: row.notice_id,
            listing_id: row.listing_id,
            negotiation_id: row.negotiation_id,
            rights_grant_id: row.rights_grant_id,
            open_licence_id: row.open_licence_id,
            ground: row.ground,
            state: row.state,
            outcome: row.review_outcome.or(row.outcome),
            holds_up: holds_up(row),
            ends: row.ends,
        }
    }
}

impl Event for ObjectionEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("objection", self.objection_id.into())
    }
}
