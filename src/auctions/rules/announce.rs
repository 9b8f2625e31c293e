//! How a lot's log begins: the announcement, and the end of registration.

use entity::Timestamp;
use entity::auctions::{LotState, LotTerms, lot, lot_event};
use entity::ids::{ListingId, LotId, OrganisationId};
use serde_json::Value;
use uuid::Uuid;

use super::clock;
use super::course::terms_text;
use super::log::{Body, Cause, append};
use crate::platform::keys::{hex, sha256};

/// A lot before its announcement: nothing has happened in it, and nobody is known of it yet.
pub fn blank(id: LotId, listing_id: ListingId, title: String, terms: LotTerms) -> lot::Model {
    lot::Model {
        id,
        listing_id,
        seller_organisation_id: OrganisationId(Uuid::nil()),
        title,
        rehearsal: false,
        state: LotState::Scheduled,
        reserve_sealed: None,
        currency: terms.start_price.currency,
        seq: 0,
        head_hash: vec![0; 32],
        price_minor: None,
        leader_admission_id: None,
        leader_pseudonym: None,
        leader_priority: None,
        bid_count: 0,
        opens_at: terms.opens_at,
        closes_at: clock::free_end(&terms, terms.opens_at),
        last_arrival: None,
        enough_admitted: None,
        pause: None,
        shifted_us: 0,
        session_id: None,
        hosted: false,
        opens_by: None,
        book: None,
        asking: None,
        barred_persons: Value::Null,
        rules: Value::Null.into(),
        facts: Value::Null.into(),
        created_at: terms.opens_at,
        opened: None,
        hidden_sealed: None,
        terms,
    }
}

/// A lot is announced under terms that are frozen from now on: the log bears their hash.
pub fn announced(blank: &lot::Model, at: Timestamp) -> (lot_event::Model, lot::Model) {
    let terms_sha256 = hex(&sha256(terms_text(&blank.terms).as_bytes()));
    let body = Body::Scheduled { terms_sha256, opens_at: blank.opens_at, closes_at: blank.closes_at };
    append(blank, at, &body, Cause::default())
}

/// Registration has closed with so many admitted.
pub fn registered(lot: &lot::Model, admitted: u32, at: Timestamp) -> (lot_event::Model, lot::Model) {
    let enough_admitted = admitted >= lot.terms.min_bidders;
    append(lot, at, &Body::RegistrationClosed { enough_admitted }, Cause::default())
}
