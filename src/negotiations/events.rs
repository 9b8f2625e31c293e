//! What the parties hear of a negotiation; the public hears of its notices.

use entity::ids::NegotiationId;
use entity::negotiations::{NegotiationState, negotiation};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// Something happened to a sale at a negotiated price.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NegotiationEvent {
    #[serde(skip)]
    name: &'static str,
    /// The negotiation.
    negotiation_id: NegotiationId,
    /// Where it stands.
    state: NegotiationState,
}

impl NegotiationEvent {
    /// That the seller showed that his own notice stands.
    pub const UNIT_NOTICE_SHOWN: &'static str = "negotiation.unit_notice_shown";

    /// A party made an offer.
    pub fn offered(row: &negotiation::Model) -> Self {
        Self::of("negotiation.offered", row)
    }

    /// An offer was accepted.
    pub fn agreed(row: &negotiation::Model) -> Self {
        Self::of("negotiation.agreed", row)
    }

    /// The seller decided; the notice waits to be published.
    pub fn decided(row: &negotiation::Model) -> Self {
        Self::of("negotiation.decided", row)
    }

    /// Its notice is public.
    pub fn noticed(row: &negotiation::Model) -> Self {
        Self::of("negotiation.noticed", row)
    }

    /// The seller showed that his own notice stands.
    pub fn unit_notice_shown(row: &negotiation::Model) -> Self {
        Self::of(Self::UNIT_NOTICE_SHOWN, row)
    }

    /// One party confirmed, or both.
    pub fn confirmed(row: &negotiation::Model) -> Self {
        Self::of("negotiation.confirmed", row)
    }

    /// The result is public.
    pub fn result_published(row: &negotiation::Model) -> Self {
        Self::of("negotiation.result_published", row)
    }

    /// It came to nothing.
    pub fn ended(row: &negotiation::Model) -> Self {
        Self::of("negotiation.ended", row)
    }

    fn of(name: &'static str, row: &negotiation::Model) -> Self {
        Self { name, negotiation_id: row.id, state: row.state }
    }
}

impl Event for NegotiationEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("negotiation", self.negotiation_id.into())
    }
}
