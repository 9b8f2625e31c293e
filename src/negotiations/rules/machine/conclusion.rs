//! From the public notice to the result, or to an end without one.

use entity::Timestamp;
use entity::ids::{NoticeId, PersonId};
use entity::negotiations::{NegotiationSide, NegotiationState, negotiation};
use serde_json::Value;

use super::publication::disinterested;
use super::{Deed, Hand, moved, party, require};
use crate::platform::problem::{Code, Faults, Problem};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

/// The negotiation once the seller showed his own notice; he may show it again.
pub fn unit_notice_shown(held: &negotiation::Model, kept: Value) -> Result<negotiation::Model, Problem> {
    require(held, Deed::ShowUnitNotice)?;
    Ok(negotiation::Model { unit_notice: Some(kept), ..moved(held, held.state) })
}

/// Who confirmed for a party.
pub fn confirmed_by(held: &negotiation::Model, side: NegotiationSide) -> Option<PersonId> {
    match side {
        NegotiationSide::Seller => held.seller_confirmed_by,
        NegotiationSide::Buyer => held.buyer_confirmed_by,
    }
}

/// The negotiation once a party confirmed; whether both have is read off it.
pub fn confirmed(held: &negotiation::Model, by: &Hand, now: Timestamp) -> Result<negotiation::Model, Problem> {
    require(held, Deed::Confirm)?;
    let side = party(held, by)?;
    if confirmed_by(held, side).is_some() {
        return Err(Code::AlreadySigned.into());
    }
    // Nobody confirms for two parties.
    if [held.seller_confirmed_by, held.buyer_confirmed_by].contains(&Some(by.person)) {
        return Err(Code::SamePerson.into());
    }
    let next = moved(held, held.state);
    Ok(match side {
        NegotiationSide::Seller => negotiation::Model { seller_confirmed_by: Some(by.person), seller_confirmed_at: Some(now), ..next },
        NegotiationSide::Buyer => negotiation::Model { buyer_confirmed_by: Some(by.person), buyer_confirmed_at: Some(now), ..next },
    })
}

/// Whether both parties have confirmed.
pub fn is_confirmed(held: &negotiation::Model) -> bool {
    held.seller_confirmed_by.is_some() && held.buyer_confirmed_by.is_some()
}

/// The negotiation with the draft of its result, once both have confirmed.
pub fn concluded(held: &negotiation::Model, result: NoticeId) -> negotiation::Model {
    negotiation::Model { state: NegotiationState::Confirmed, result_notice_id: Some(result), ..held.clone() }
}

/// Refuses whoever may not publish the result.
pub fn result_published(held: &negotiation::Model, by: &Hand) -> Result<negotiation::Model, Problem> {
    require(held, Deed::PublishResult)?;
    disinterested(held, by)?;
    Ok(moved(held, NegotiationState::ResultPublished))
}

/// Refuses an officer who has a place with a party.
pub(super) fn may_withdraw(held: &negotiation::Model, by: &Hand) -> Result<(), Problem> {
    require(held, Deed::Withdraw)?;
    match by.side(held) {
        Some(_) => Ok(()),
        None if by.is_officer && by.sits_with_party => Err(Code::ConflictOfInterest.into()),
        None if by.is_officer => Ok(()),
        None => Err(Code::Forbidden.into()),
    }
}

/// The negotiation once it is withdrawn from, with a reason everybody reads where there was a notice.
pub fn withdrawn(held: &negotiation::Model, by: &Hand, reason: &str, now: Timestamp) -> Result<negotiation::Model, Problem> {
    may_withdraw(held, by)?;
    Faults::new().text("/reason", reason, LONGEST_REASON).done()?;
    Ok(ended(held, reason, now))
}

/// The negotiation once it came to nothing.
pub fn ended(held: &negotiation::Model, reason: &str, now: Timestamp) -> negotiation::Model {
    negotiation::Model { ended_at: Some(now), end_reason: Some(reason.to_owned()), ..moved(held, NegotiationState::Ended) }
}
