//! What the market is told about lots.

use entity::Timestamp;
use entity::auctions::{LotState, lot};
use entity::ids::{DealId, ListingId, LotId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::effects::News;

use crate::platform::outbox::Event;

/// A lot opened, opens later, was interrupted or given more time, or ended.
#[derive(Serialize, ToSchema)]
pub struct LotEvent {
    #[serde(skip)]
    kind: &'static str,
    /// Which lot.
    pub lot_id: LotId,
    /// Of which listing.
    pub listing_id: ListingId,
    /// Where it stands.
    pub state: LotState,
    /// The deal it led to, the first where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// When it opens or opened, where its clocks were moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub opens_at: Option<Timestamp>,
    /// When it now closes, where its clocks were moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub closes_at: Option<Timestamp>,
    /// Every deal it led to: one for each buyer, where several units were sold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deal_ids: Vec<DealId>,
}

impl LotEvent {
    /// What others hear at once of an event of the log.
    pub fn of(news: News, lot: &lot::Model) -> Self {
        match news {
            News::Opened => Self::plain("lot.opened", lot),
            News::Paused => Self::moved("lot.paused", lot),
            News::Resumed => Self::moved("lot.resumed", lot),
            News::Extended => Self::moved("lot.extended", lot),
            News::Postponed => Self::moved("lot.postponed", lot),
            News::PreemptionAsked => Self::moved("lot.preemption_asked", lot),
            News::PreemptionRound => Self::moved("lot.preemption_round", lot),
        }
    }

    /// The lot ended, sold or not.
    pub fn closed(lot: &lot::Model, deals: Vec<DealId>) -> Self {
        Self { deal_id: deals.first().copied(), deal_ids: deals, ..Self::plain("lot.closed", lot) }
    }

    /// The winner defaulted and the runner-up did not take it: the lot was not sold after all.
    pub fn not_taken(lot: &lot::Model) -> Self {
        Self::plain("lot.not_taken", lot)
    }

    /// The lot ended before anything was sold.
    pub fn aborted(lot: &lot::Model) -> Self {
        Self::plain("lot.aborted", lot)
    }

    fn moved(kind: &'static str, lot: &lot::Model) -> Self {
        Self { opens_at: Some(lot.opens_at), closes_at: Some(lot.closes_at), ..Self::plain(kind, lot) }
    }

    fn plain(kind: &'static str, lot: &lot::Model) -> Self {
        Self {
            kind,
            lot_id: lot.id,
            listing_id: lot.listing_id,
            state: lot.state,
            deal_id: None,
            opens_at: None,
            closes_at: None,
            deal_ids: Vec::new(),
        }
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
