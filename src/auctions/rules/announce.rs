//! How a lot's log begins: the announcement, and the end of registration.

use entity::Timestamp;
use entity::auctions::{lot, lot_event};

use super::course::terms_text;
use super::log::{Body, Cause, append};
use crate::platform::keys::{hex, sha256};

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
