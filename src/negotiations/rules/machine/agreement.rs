//! Offers and their acceptance, and what is said beside them.

use entity::Timestamp;
use entity::negotiations::{BuyerRelation, NegotiationSide, NegotiationState, negotiation, negotiation_offer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Deed, Hand, moved, party, require};
use crate::platform::problem::{Code, Faults, Problem};

/// The longest note about a relation, characters.
const LONGEST_NOTE: usize = 500;

/// What binds a buyer to the seller, as a party declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredRelation {
    /// What kind of relation it is.
    pub kind: BuyerRelation,
    /// What it is, in words; this is published, so it names nobody.
    #[schema(min_length = 1, max_length = 500, example = "该成果第二完成人持有受让方 30% 股权")]
    pub note: String,
}

/// What a party says beside an offer or its acceptance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What binds the buyer to the seller.
    pub relation: Option<DeclaredRelation>,
    /// The buyer asks that his name be kept secret, or no longer does.
    pub name_confidential: Option<bool>,
}

/// Refuses what a party cannot say: only the buyer asks for himself.
pub fn said_well(side: NegotiationSide, new: &Said) -> Result<(), Problem> {
    let mut faults = Faults::new();
    if let Some(relation) = &new.relation {
        faults.text("/relation/note", &relation.note, LONGEST_NOTE);
    }
    let own = new.name_confidential.is_none() || side == NegotiationSide::Buyer;
    faults.require(own, "/name_confidential", "not_yours", "仅受让方可就其名称提出", "only the buyer asks for that");
    faults.done()
}

/// The negotiation once a party made an offer. What is agreed on stands, and so does what was said beside it.
pub fn offered(held: &negotiation::Model, by: &Hand, new: &Said) -> Result<(negotiation::Model, NegotiationSide), Problem> {
    require(held, Deed::Offer)?;
    let side = party(held, by)?;
    said_well(side, new)?;
    Ok((moved(held, held.state), side))
}

/// The negotiation with what is said beside an offer that is agreed on, or beside its acceptance. What was declared before stays declared
/// until something else is.
fn declared(held: negotiation::Model, offer: &negotiation_offer::Model, new: &Said) -> negotiation::Model {
    let beside_offer = offer.relation.zip(offer.relation_note.clone());
    let relation = new.relation.as_ref().map(|relation| (relation.kind, relation.note.clone())).or(beside_offer);
    let (kind, note) = relation.map_or_else(|| (held.relation, held.relation_note.clone()), |(kind, note)| (Some(kind), Some(note)));
    let is_confidential = new.name_confidential.or(offer.name_confidential).unwrap_or(held.buyer_confidential);
    negotiation::Model { relation: kind, relation_note: note, buyer_confidential: is_confidential, ..held }
}

/// Refuses to accept an offer that is one's own, accepted already, or expired.
pub(super) fn acceptable(
    held: &negotiation::Model,
    last: &negotiation_offer::Model,
    by: &Hand,
    now: Timestamp,
) -> Result<NegotiationSide, Problem> {
    let side = party(held, by)?;
    let why = if held.agreed_offer >= Some(last.number) {
        "accepted"
    } else if last.side == side {
        "own"
    } else if last.expires_at <= now {
        "expired"
    } else if last.made_by == by.person {
        // Nobody deals with himself, whatever places he has.
        return Err(Code::SamePerson.into());
    } else {
        return Ok(side);
    };
    Err(Code::OfferNotOpen.with("why", why).with("offer", last.number))
}

/// The negotiation once a party accepted the other's last offer. What was decided and confirmed about another is void.
pub fn accepted(
    held: &negotiation::Model,
    last: &negotiation_offer::Model,
    by: &Hand,
    new: &Said,
    now: Timestamp,
) -> Result<negotiation::Model, Problem> {
    require(held, Deed::Accept)?;
    let side = acceptable(held, last, by, now)?;
    said_well(side, new)?;
    let next = negotiation::Model {
        agreed_offer: Some(last.number),
        agreed_by: Some(by.person),
        agreed_at: Some(now),
        decision_document: None,
        decided_by: None,
        decided_at: None,
        rules: None,
        drafted: None,
        drafted_sha256: None,
        published_by: None,
        unit_notice: None,
        seller_confirmed_by: None,
        seller_confirmed_at: None,
        buyer_confirmed_by: None,
        buyer_confirmed_at: None,
        ..moved(held, NegotiationState::Agreed)
    };
    Ok(declared(next, last, new))
}
