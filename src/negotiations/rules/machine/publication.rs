//! What the seller decides, and who publishes it.

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::ids::{NoticeId, PersonId};
use entity::negotiations::{NegotiationSide, NegotiationState, negotiation, negotiation_decision, negotiation_offer};
use serde_json::Value;

use super::{Deed, Hand, moved, require};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

/// Whether somebody is none of those who negotiated.
fn is_second(held: &negotiation::Model, offers: &[negotiation_offer::Model], person: PersonId) -> bool {
    held.agreed_by != Some(person) && held.created_by != person && offers.iter().all(|offer| offer.made_by != person)
}

/// What the seller decides.
pub struct Decision {
    /// The document that says so, as it is now.
    pub document: Option<Value>,
    /// The rules as they stand.
    pub rules: Value,
    /// The text of the notice.
    pub text: String,
    /// Whether it must be somebody who did not negotiate (`negotiated_second_decider`).
    pub by_second: bool,
}

/// Refuses whoever may not decide for the seller.
pub fn may_decide(held: &negotiation::Model, offers: &[negotiation_offer::Model], by: &Hand, by_second: bool) -> Result<(), Problem> {
    require(held, Deed::Decide)?;
    if by.side(held) != Some(NegotiationSide::Seller) {
        return Err(Code::Forbidden.into());
    }
    if by_second && !is_second(held, offers, by.person) { Err(Code::SamePerson.into()) } else { Ok(()) }
}

/// The negotiation once the seller decided; the text of the notice is frozen.
pub fn decided(
    held: &negotiation::Model,
    offers: &[negotiation_offer::Model],
    by: &Hand,
    new: Decision,
    now: Timestamp,
) -> Result<negotiation::Model, Problem> {
    may_decide(held, offers, by, new.by_second)?;
    Ok(negotiation::Model {
        decision_document: new.document,
        decided_by: Some(by.person),
        decided_at: Some(now),
        rules: Some(new.rules),
        drafted_sha256: Some(sha256(new.text.as_bytes()).to_vec()),
        drafted: Some(new.text),
        ..moved(held, NegotiationState::Decided)
    })
}

/// What stays of a decision, whatever is agreed on later; nothing where the seller has not decided.
pub fn decision_kept(held: &negotiation::Model) -> Option<negotiation_decision::Model> {
    Some(negotiation_decision::Model {
        negotiation_id: held.id,
        offer: held.agreed_offer?,
        agreed_at: held.agreed_at?,
        document: held.decision_document.clone(),
        drafted_sha256: held.drafted_sha256.clone()?,
        decided_by: held.decided_by?,
        decided_at: held.decided_at?,
    })
}

/// Everybody who had a hand in it: none of them publishes anything about it.
pub fn hands(held: &negotiation::Model, offers: &[negotiation_offer::Model]) -> Vec<PersonId> {
    let named = [Some(held.created_by), held.agreed_by, held.decided_by, held.seller_confirmed_by, held.buyer_confirmed_by];
    let all: BTreeSet<_> = named.into_iter().flatten().chain(offers.iter().map(|offer| offer.made_by)).collect();
    all.into_iter().collect()
}

/// Refuses an officer who has a place with a party.
pub(super) fn disinterested(held: &negotiation::Model, by: &Hand) -> Result<(), Problem> {
    if by.sits_with_party {
        return Err(Code::ConflictOfInterest.into());
    }
    let confirmed = [held.seller_confirmed_by, held.buyer_confirmed_by, held.decided_by, held.agreed_by];
    if confirmed.contains(&Some(by.person)) { Err(Code::SamePerson.into()) } else { Ok(()) }
}

/// Refuses whoever may not publish the notice.
pub fn may_publish(held: &negotiation::Model, by: &Hand) -> Result<(), Problem> {
    require(held, Deed::Publish)?;
    disinterested(held, by)
}

/// The negotiation once its notice is public.
pub fn published(held: &negotiation::Model, by: &Hand, notice: NoticeId) -> Result<negotiation::Model, Problem> {
    may_publish(held, by)?;
    Ok(negotiation::Model {
        notice_id: Some(notice),
        noticed_offer: held.agreed_offer,
        published_by: Some(by.person),
        ..moved(held, NegotiationState::Noticed)
    })
}
