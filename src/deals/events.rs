//! What the world hears of deals.

use entity::deals::{DealState, deal};
use entity::ids::{AdmissionId, DealId, ListingId, LotId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// Something happened to a deal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DealEvent {
    #[serde(skip)]
    name: &'static str,
    /// The deal.
    deal_id: DealId,
    /// Its lot.
    lot_id: LotId,
    /// Its listing.
    listing_id: ListingId,
    /// The buyer's admission; known to the parties only.
    #[schema(required = false)]
    buyer_admission_id: AdmissionId,
    /// Where it stands.
    state: DealState,
}

impl DealEvent {
    /// What it is called when the deadline passed without every signature.
    pub const DEFAULTED: &'static str = "deal.defaulted";
    /// What it is called when it ended after everybody had signed.
    pub const RESCINDED: &'static str = "deal.rescinded";

    /// A price was found; its confirmation waits for signatures.
    pub fn opened(deal: &deal::Model) -> Self {
        Self::of("deal.opened", deal)
    }

    /// Everybody has signed.
    pub fn confirmed(deal: &deal::Model) -> Self {
        Self::of("deal.confirmed", deal)
    }

    /// The deadline passed without every signature; `state` says whose was missing.
    pub fn defaulted(deal: &deal::Model) -> Self {
        Self::of(Self::DEFAULTED, deal)
    }

    /// An objection was right after everybody had signed, and it ended for that.
    pub fn rescinded(deal: &deal::Model) -> Self {
        Self::of(Self::RESCINDED, deal)
    }

    /// There is more time to sign it, for objections had held it up.
    pub fn put_off(deal: &deal::Model) -> Self {
        Self::of("deal.put_off", deal)
    }

    /// The result is public.
    pub fn result_published(deal: &deal::Model) -> Self {
        Self::of("deal.result_published", deal)
    }

    fn of(name: &'static str, deal: &deal::Model) -> Self {
        Self {
            name,
            deal_id: deal.id,
            lot_id: deal.lot_id,
            listing_id: deal.listing_id,
            buyer_admission_id: deal.buyer_admission_id,
            state: deal.state,
        }
    }
}

impl Event for DealEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("deal", self.deal_id.into())
    }
}
