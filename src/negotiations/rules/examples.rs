//! A negotiation to test with.

use chrono::{TimeDelta, TimeZone, Utc};
use entity::Timestamp;
use entity::identity::SellerClass;
use entity::ids::{AchievementId, NegotiationId, OrganisationId, PersonId};
use entity::listings::{PriceBasis, TransferTerms};
use entity::money::Money;
use entity::negotiations::{NegotiationSide, negotiation, negotiation_offer};
use uuid::Uuid;

use super::machine::{Beginning, Hand, Said, begun};
use super::offers::{NegotiatedTerms, NewOffer, made};

/// The seller.
pub const SELLER: OrganisationId = OrganisationId(Uuid::from_u128(1));
/// The buyer.
pub const BUYER: OrganisationId = OrganisationId(Uuid::from_u128(2));

/// An instant, some seconds after it began.
pub fn at(second: i64) -> Timestamp {
    Utc.timestamp_opt(1_780_000_000 + second, 0).single().unwrap_or_default()
}

/// A person.
pub fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

/// Somebody of the seller.
pub fn seller(number: u128) -> Hand {
    Hand { person: person(number), organisation: Some(SELLER), is_officer: false, sits_with_party: true }
}

/// Somebody of the buyer.
pub fn buyer(number: u128) -> Hand {
    Hand { organisation: Some(BUYER), ..seller(number) }
}

/// An officer who has nothing to do with either.
pub fn officer(number: u128) -> Hand {
    Hand { organisation: None, is_officer: true, sits_with_party: false, ..seller(number) }
}

/// Terms at a price.
pub fn terms(yuan: i64) -> NegotiatedTerms {
    NegotiatedTerms {
        transfer: TransferTerms::Assignment {},
        price: Money::fen(yuan * 100),
        amount_confidential: false,
        payment: "一次性付清".into(),
        conditions: Vec::new(),
    }
}

/// An offer by a side, which stands for an hour.
///
/// # Panics
/// Where its terms cannot be written down.
pub fn offer(number: i64, side: NegotiationSide, yuan: i64, by: u128) -> negotiation_offer::Model {
    let new = NewOffer {
        negotiation: open().id,
        number,
        side,
        terms: terms(yuan),
        said: Said::default(),
        expires_at: at(0) + TimeDelta::hours(1),
        by: person(by),
        at: at(0),
    };
    made(&new).unwrap_or_else(|problem| panic!("an offer that cannot be made: {problem:?}"))
}

/// A negotiation that was begun by person 10.
pub fn open() -> negotiation::Model {
    begun(Beginning {
        id: NegotiationId(Uuid::from_u128(7)),
        seller: (SELLER, SellerClass::State),
        buyer: BUYER,
        achievement_id: AchievementId(Uuid::from_u128(3)),
        rehearsal: false,
        title: "一种废水处理方法".into(),
        title_en: Some("A method of treating waste water".into()),
        summary: "降低能耗".into(),
        summary_en: Some("Saves energy".into()),
        base_price: Money::fen(10_000_000),
        base_price_basis: PriceBasis::Appraisal,
        basis_document: None,
        by: person(10),
        at: at(0),
    })
}
