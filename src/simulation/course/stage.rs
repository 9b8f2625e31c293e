//! What a described auction begins with: the lot, its call, its bidders.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::auctions::lot;
use entity::ids::{AdmissionId, OrganisationId, PersonId};
use serde_json::json;
use uuid::Uuid;

use super::{LISTING, LOT, SELLER};
use crate::auctions::rules::announce;
use crate::simulation::description::Description;

/// The lot as it will be announced.
pub(super) fn blank(described: &Description, at: Timestamp) -> lot::Model {
    let blank = announce::blank(LOT, LISTING, described.title.clone(), described.terms.clone());
    lot::Model {
        seller_organisation_id: SELLER,
        rehearsal: true,
        barred_persons: json!([]),
        rules: json!({}).into(),
        facts: json!({}).into(),
        created_at: at,
        ..blank
    }
}

/// The call that the bidders were admitted under; it has closed.
pub(super) fn call(lot: &lot::Model, at: Timestamp) -> admission_call::Model {
    admission_call::Model {
        lot_id: lot.id,
        listing_id: lot.listing_id,
        seller_organisation_id: lot.seller_organisation_id,
        opens_at: at - TimeDelta::days(1),
        closes_at: at,
        deposit_minor: 0,
        currency: lot.currency,
        conditions: json!({}),
        barred_organisations: json!([]),
        barred_persons: json!([]),
        refund_rule: json!({}),
        closed_at: Some(at),
        holders: None,
    }
}

/// A bidder who is admitted, with the rank of a right of pre-emption.
pub(super) fn admitted(name: &str, id: u128, preemption_rank: Option<i32>, at: Timestamp) -> admission::Model {
    admission::Model {
        id: AdmissionId(Uuid::from_u128(id)),
        lot_id: LOT,
        organisation_id: OrganisationId(Uuid::from_u128(id)),
        state: AdmissionState::Admitted,
        reason: None,
        deposit_reference: String::new(),
        pseudonym: Some(name.into()),
        suspended: false,
        documents: json!([]),
        party_confidential: false,
        hold_transfer_id: None,
        applied_by: PersonId(Uuid::from_u128(id)),
        decided_by: None,
        version: 1,
        created_at: at,
        preemption_rank,
        offered_minor: None,
        offered_until: None,
        carried_over_at: None,
    }
}
