//! The law of listings: the offer, the procedure, the gates, prices, dates, and what is announced.

pub mod amendment;
mod burdens;
pub mod content;
mod descending_text;
pub mod dutch;
pub mod exhibition;
pub mod findings;
pub mod gates;
mod limits;
pub mod machine;
pub mod offer;
pub mod preemption;
pub mod pricing;
pub mod rounds;
pub mod rule_text;
pub mod schedule;
pub mod sealed_formats;
pub mod timeline;
pub mod units;
pub mod weighted;

use entity::ids::OrganisationId;
use entity::listings::listing;
use serde_json::Value;

use crate::platform::access::Thing;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

use offer::Contact;

pub use offer::Offer;

impl Thing for listing::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn is_public(&self) -> bool {
        // What was public once stays so, whatever became of it.
        self.published_at.is_some()
    }
}

/// The member of an offer that is kept sealed beside it.
const CONTACT: &str = "contact";

/// An offer as it is kept: without its contact.
pub fn kept_offer(offer: &Offer) -> Result<Value, Problem> {
    let mut whole = kept(offer)?;
    if let Some(members) = whole.as_object_mut() {
        members.remove(CONTACT);
    }
    Ok(whole)
}

/// The offer of a listing as it was written: with its contact.
pub fn written(listing: &listing::Model, contact: &Contact) -> Result<Value, Problem> {
    let mut whole = listing.offer.clone();
    let members = whole.as_object_mut().ok_or(Code::Internal)?;
    members.insert(CONTACT.into(), kept(contact)?);
    Ok(whole)
}

/// An offer as it was written, read.
pub fn read_offer(written: Value) -> Result<Offer, Problem> {
    serde_json::from_value(written).map_err(|error| unreadable(&error))
}

/// The rules a listing was approved under.
pub fn rules_of(listing: &listing::Model) -> Result<Snapshot, Problem> {
    read_rules(listing.rules.clone().unwrap_or_default())
}

/// Rules as they were kept, read.
pub fn read_rules(kept: Value) -> Result<Snapshot, Problem> {
    serde_json::from_value(kept).map_err(|error| unreadable(&error))
}

/// Something as it is kept in a column.
pub fn kept(thing: &impl serde::Serialize) -> Result<Value, Problem> {
    serde_json::to_value(thing).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Problem {
    Code::Internal.with("reason", error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod promises;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests;
