//! Whom to ask about an offer: kept sealed beside it, and put back where the offer is read.

use entity::ids::ListingId;
use entity::listings::listing;
use entity::sealed::Sealed;
use serde_json::Value;

use super::super::rules::offer::Contact;
use super::super::rules::{self, Offer};
use super::super::store;
use super::super::views::ListingView;
use crate::house::{Done, House, Tx};
use crate::platform::data_keys::Cell;
use crate::platform::problem::{Code, Problem};

/// The cell of a listing's contact.
pub fn contact_of(id: ListingId) -> Cell {
    Cell::of("listing.contact", id)
}

/// A contact, sealed for its listing.
pub(super) async fn sealed(tx: &Tx, id: ListingId, contact: &Contact) -> Result<Sealed, Problem> {
    let text = serde_json::to_string(contact).map_err(|_| Code::Internal)?;
    tx.sealed(contact_of(id), &text).await
}

fn opened(house: &House, listing: &listing::Model) -> Result<Contact, Problem> {
    let text = house.opened(contact_of(listing.id), &listing.contact)?;
    serde_json::from_str(&text).map_err(|_| {
        // The error would repeat what it could not read.
        tracing::error!(listing = %listing.id, "the contact of a listing cannot be read");
        Code::Internal.into()
    })
}

/// The offer of a listing as its seller wrote it, but for a secret reserve.
pub fn written(house: &House, listing: &listing::Model) -> Result<Value, Problem> {
    rules::written(listing, &opened(house, listing)?)
}

/// The same, read.
pub(super) fn offer_of(house: &House, listing: &listing::Model) -> Result<Offer, Problem> {
    rules::read_offer(written(house, listing)?)
}

/// What a deed made of a listing, as its seller and staff are told. What its record holds may be sealed under a key
/// that is gone by now, so a deed that is told again has the contact as it stands.
pub async fn told(house: &House, mut done: Done<listing::Model>) -> Result<Done<ListingView>, Problem> {
    if done.replayed {
        done.value.contact = store::find(house.db.read(), done.value.id).await?.ok_or(Code::Internal)?.contact;
    }
    done.try_map(|listing| {
        let offer = written(house, &listing)?;
        Ok(ListingView::of(listing, offer))
    })
}
