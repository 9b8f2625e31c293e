//! A published listing is to be offered otherwise (实质性更正): proposed by its seller, published or refused by a second person.
//!
//! Source: platform rule (design), after the notices of property exchanges: what others decide by is announced anew, for a whole period.

use entity::Timestamp;
use entity::ids::{LotId, OrganisationId, PersonId};
use entity::listings::{AmendmentState, listing, listing_amendment};
use serde_json::Value;

use super::findings::outside_rule;
use super::machine::{Deed, Officer, no_interest, require};
use super::offer::Contact;
use super::schedule::Timing;
use super::{Offer, kept};
use crate::documents::views::DocumentRef;
use crate::notices::rules::attachment::{Attachment, AttachmentKind, told};
use crate::platform::access::Thing;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

impl Thing for listing_amendment::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn is_public(&self) -> bool {
        false
    }
}

/// Whether something may be proposed now: of a listing somebody may still register for, and one thing at a time.
pub fn may_be_proposed(held: &listing::Model, open: Option<&listing_amendment::Model>) -> Result<(), Problem> {
    require(held, Deed::Amend)?;
    match open {
        Some(open) => Err(Code::ProposalOpen.with("amendment_id", open.id)),
        None => Ok(()),
    }
}

/// Refuses what would be another matter: another achievement, a rehearsal instead of a sale, or somebody else to ask, whom an erratum names.
pub fn same_matter(before: &Offer, after: &Offer) -> Result<(), Problem> {
    let same = |contact: &Contact, other: &Contact| Ok::<_, Problem>(kept(contact)? == kept(other)?);
    let mut faults = Faults::new();
    let mut stays = |holds: bool, pointer: &str| {
        faults.require(holds, pointer, "not_amended", "此项不在更正之列", "is not changed by an amendment");
    };
    stays(before.achievement_id == after.achievement_id, "/offer/achievement_id");
    stays(before.rehearsal == after.rehearsal, "/offer/rehearsal");
    stays(same(&before.contact, &after.contact)?, "/offer/contact");
    faults.done()
}

/// The reason, which is always given.
pub fn reason(given: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", given, LONGEST_REASON).done()
}

/// The text of a notice with the decision that it rests on among what goes with it.
pub fn resting_on(content: Value, decision: Option<DocumentRef>) -> Value {
    let mut content = content;
    let attached = decision.map(|document| told(&[Attachment { kind: AttachmentKind::Decision, document }]));
    if let Some(attachments) = content.get_mut("attachments").and_then(Value::as_array_mut) {
        attachments.extend(attached.into_iter().flatten());
    }
    content
}

/// Whether a text says what another does, whatever decisions go with them.
pub fn says_the_same(one: &Value, other: &Value) -> bool {
    let undecided = |text: &Value| {
        let mut text = text.clone();
        if let Some(attachments) = text.get_mut("attachments").and_then(Value::as_array_mut) {
            attachments.retain(|attachment| attachment["kind"] != "decision");
        }
        text
    };
    undecided(one) == undecided(other)
}

/// Whether somebody may publish it now: a second person, without a hand in the listing.
pub fn may_publish(amendment: &listing_amendment::Model, held: &listing::Model, by: Officer) -> Result<(), Problem> {
    is_open(amendment)?;
    require(held, Deed::Amend)?;
    if [Some(amendment.proposed_by), held.reviewer].contains(&Some(by.person)) {
        return Err(Code::SamePerson.into());
    }
    no_interest(held, by)
}

/// Refuses what was drafted from a text that does not stand any more: something in it was set right meanwhile.
pub fn stands_on(amendment: &listing_amendment::Model, version: i64) -> Result<(), Problem> {
    if amendment.base_version == version {
        return Ok(());
    }
    Err(Code::WrongState.with("state", "outdated").with("allowed", ["refuse_listing_amendment"]))
}

/// Whether somebody may refuse it: its seller takes it back, an officer without a place there refuses it.
pub fn may_refuse(amendment: &listing_amendment::Model, by: Officer, is_officer: bool) -> Result<(), Problem> {
    is_open(amendment)?;
    if is_officer && by.sits_with_seller { Err(Code::ConflictOfInterest.into()) } else { Ok(()) }
}

fn is_open(amendment: &listing_amendment::Model) -> Result<(), Problem> {
    if amendment.state == AmendmentState::Open {
        return Ok(());
    }
    Err(Code::WrongState.with("state", amendment.state).with("allowed", Vec::<&str>::new()))
}

/// What can be done to it by somebody, as operations; whether he has the right to is asked elsewhere.
pub fn open_to(amendment: &listing_amendment::Model, held: &listing::Model, by: Officer, is_officer: bool) -> Vec<&'static str> {
    let deeds = [
        (may_publish(amendment, held, by).is_ok(), "publish_listing_amendment"),
        (may_refuse(amendment, by, is_officer).is_ok(), "refuse_listing_amendment"),
    ];
    deeds.into_iter().filter(|(open, _)| *open).map(|(_, deed)| deed).collect()
}

/// The amendment once it is published, with the lot that was announced.
pub fn published(held: &listing_amendment::Model, by: PersonId, lot: LotId, at: Timestamp) -> listing_amendment::Model {
    listing_amendment::Model { lot_id: Some(lot), ..decided(held, AmendmentState::Published, Some(by), at) }
}

/// The amendment once it is refused, with a reason.
pub fn refused(held: &listing_amendment::Model, by: PersonId, why: &str, at: Timestamp) -> Result<listing_amendment::Model, Problem> {
    is_open(held)?;
    reason(why)?;
    Ok(listing_amendment::Model { decision_reason: Some(why.to_owned()), ..decided(held, AmendmentState::Refused, Some(by), at) })
}

/// The amendment once nobody can do it any more, for its listing goes on or is over.
pub fn overtaken(held: &listing_amendment::Model, why: &str, at: Timestamp) -> listing_amendment::Model {
    listing_amendment::Model { decision_reason: Some(why.to_owned()), ..decided(held, AmendmentState::Refused, None, at) }
}

fn decided(held: &listing_amendment::Model, state: AmendmentState, by: Option<PersonId>, at: Timestamp) -> listing_amendment::Model {
    listing_amendment::Model { state, decided_by: by, decided_at: Some(at), version: held.version + 1, ..held.clone() }
}

/// Refuses dates that come nearer than was told: whoever means to register relies on them.
pub fn comes_no_nearer(held: &listing::Model, timing: Timing) -> Result<(), Problem> {
    match held.registration_closes_at.filter(|told| timing.registration_closes_at < *told) {
        Some(told) => Err(outside_rule("listing_period", "/offer/schedule/registration_closes_at", Some(told), None::<Timestamp>)),
        None => Ok(()),
    }
}

/// Everybody who had a hand in what is published: whoever proposed or published an amendment, besides who had one before.
pub fn hands(published: &[listing_amendment::Model]) -> Vec<PersonId> {
    published.iter().flat_map(|one| [Some(one.proposed_by), one.decided_by]).flatten().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
