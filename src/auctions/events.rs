//! What the market is told about lots.

use entity::auctions::LotState;
use entity::ids::{DealId, ListingId, LotId};
use serde::Serialize;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// A lot opened or ended.
#[derive(Serialize)]
pub struct LotEvent {
    #[serde(skip)]
    kind: &'static str,
    /// Which lot.
    pub lot_id: LotId,
    /// Of which listing.
    pub listing_id: ListingId,
    /// Where it stands.
    pub state: LotState,
    /// The deal it led to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
}

impl LotEvent {
    /// Bidding opened.
    pub fn opened(lot: &entity::auctions::lot::Model) -> Self {
        Self { kind: "lot.opened", lot_id: lot.id, listing_id: lot.listing_id, state: lot.state, deal_id: None }
    }

    /// The lot ended, sold or not.
    pub fn closed(lot: &entity::auctions::lot::Model, deal_id: Option<DealId>) -> Self {
        Self { kind: "lot.closed", deal_id, ..Self::opened(lot) }
    }

    /// The lot ended without bidding.
    pub fn aborted(lot: &entity::auctions::lot::Model) -> Self {
        Self { kind: "lot.aborted", ..Self::opened(lot) }
    }
}

impl Event for LotEvent {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn subject(&self) -> (&'static str, Uuid) {
        ("lot", self.lot_id.0)
    }
}
