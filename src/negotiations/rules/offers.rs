//! Offers: what one party proposes to the other, how long it stands, and what it is known by.

use entity::Timestamp;
use entity::ids::NegotiationId;
use entity::listings::TransferTerms;
use entity::money::Money;
use entity::negotiations::{NegotiationSide, negotiation_offer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::machine::Said;
use crate::deals::rules::unruled;
use crate::listings::rules::offer::terms_make_sense;
use crate::notices::rules::canonical;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::{Calendar, Snapshot, Span, deadline};

/// The most further conditions of an offer.
const MOST_CONDITIONS: usize = 50;

/// What the parties are to agree on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NegotiatedTerms {
    /// How the rights pass (转化方式).
    pub transfer: TransferTerms,
    /// The whole price (拟交易价格).
    pub price: Money,
    /// The amount is to be kept secret: notices then tell the band it falls in, as long as the rules for the seller's class let them, and
    /// neither `payment` nor `conditions`, in which it may stand.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub amount_confidential: bool,
    /// How it is paid.
    #[schema(min_length = 1, max_length = 1_000, example = "合同生效后30日内一次性付清")]
    pub payment: String,
    /// What else is to hold; this is published too, where the amount is.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub conditions: Vec<String>,
}

/// Refuses terms that cannot be meant so, said at a place of the request.
pub fn terms_are_sound(place: &str, terms: &NegotiatedTerms) -> Result<(), Problem> {
    let mut faults = Faults::new();
    terms_make_sense(&mut faults, &format!("{place}/transfer"), &terms.transfer);
    faults.require(terms.price.minor > 0, &format!("{place}/price/amount"), "range", "须大于零", "must be more than nothing");
    faults.text(&format!("{place}/payment"), &terms.payment, 1_000);
    let few = terms.conditions.len() <= MOST_CONDITIONS;
    faults.require(few, &format!("{place}/conditions"), "too_many", "不得超过 50 项", "must be at most 50");
    for (index, condition) in terms.conditions.iter().enumerate() {
        faults.text(&format!("{place}/conditions/{index}"), condition, 500);
    }
    faults.done()
}

/// The text an offer is known by: whoever accepts or confirms names its hash.
pub fn text_of(id: NegotiationId, terms: &Value) -> String {
    canonical(&json!({"negotiation_id": id, "terms": terms}))
}

/// How long offers may stand (`negotiated_offer_validity`, `negotiated_offer_longest`).
#[derive(Clone, Copy, Debug)]
pub struct Validity<'a> {
    /// Where none is named.
    pub usual: Span,
    /// At most.
    pub longest: Span,
    /// The holidays announced by now.
    pub calendar: &'a Calendar,
}

/// When an offer made now expires; refused where it would at once, or stand for longer than may be.
pub fn expiry(asked: Option<Timestamp>, by: &Validity, now: Timestamp) -> Result<Timestamp, Problem> {
    let latest = deadline(now, by.longest, by.calendar).ends_at;
    let expires_at = entity::micros(asked.unwrap_or_else(|| deadline(now, by.usual, by.calendar).ends_at));
    if expires_at <= now || latest < expires_at {
        let bounds = Code::OutsideRule.at("/expires_at", "outside_rule", "要约有效期不在允许范围内", "an offer may not stand until then");
        return Err(bounds.with("name", "expires_at").with("at_most", latest));
    }
    Ok(expires_at)
}

/// Refuses one more than the rules let there be (`negotiated_offers_most`): whoever has not agreed by then begins anew.
pub fn few(so_far: i64, rules: &Snapshot) -> Result<(), Problem> {
    let most = rules.count("negotiated_offers_most").map_err(|error| unruled(&error))?;
    if so_far < i64::from(most) { Ok(()) } else { Err(Code::TooManyOffers.with("limit", most)) }
}

/// A new offer.
pub struct NewOffer {
    /// In which negotiation.
    pub negotiation: NegotiationId,
    /// Its number.
    pub number: i64,
    /// Whose it is.
    pub side: NegotiationSide,
    /// What it proposes.
    pub terms: NegotiatedTerms,
    /// What is said beside it.
    pub said: Said,
    /// Until when it stands.
    pub expires_at: Timestamp,
    /// Who makes it.
    pub by: entity::ids::PersonId,
    /// When.
    pub at: Timestamp,
}

/// An offer as it is kept.
pub fn made(new: &NewOffer) -> Result<negotiation_offer::Model, Problem> {
    let terms = serde_json::to_value(&new.terms).map_err(|_| Code::Internal)?;
    Ok(negotiation_offer::Model {
        negotiation_id: new.negotiation,
        number: new.number,
        side: new.side,
        price_minor: new.terms.price.minor,
        currency: new.terms.price.currency,
        sha256: sha256(text_of(new.negotiation, &terms).as_bytes()).to_vec(),
        terms,
        relation: new.said.relation.as_ref().map(|relation| relation.kind),
        relation_note: new.said.relation.as_ref().map(|relation| relation.note.clone()),
        name_confidential: new.said.name_confidential,
        expires_at: new.expires_at,
        made_by: new.by,
        made_at: new.at,
    })
}

/// What an offer proposes.
pub fn terms_of(offer: &negotiation_offer::Model) -> Result<NegotiatedTerms, Problem> {
    serde_json::from_value(offer.terms.clone()).map_err(|_| Code::Internal.into())
}
