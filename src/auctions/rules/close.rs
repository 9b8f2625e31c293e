//! The end of a lot: who has it and for how much.

use entity::Timestamp;
use entity::auctions::{Direction, Format, LotTerms, Reserve, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;

use super::direction::better;
use super::log::{Body, Cause, OpenedReserve, append};
use super::sealed::vickrey;

/// The lot after the close, with its last event.
pub struct Closing {
    /// The lot.
    pub lot: lot::Model,
    /// The event.
    pub event: lot_event::Model,
    /// Who has it, if sold; of several units every buyer, whoever bid best first.
    pub awards: Vec<Award>,
}

/// What one buyer has of a lot that is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Award {
    /// The admission bid under.
    pub admission: AdmissionId,
    /// The bidder's pseudonym in the lot.
    pub bidder: String,
    /// How many units: one, where the lot is one thing.
    pub units: u32,
    /// What he pays for all of them.
    pub price: Money,
}

/// The worst price with effect, in minor units: the lowest, where prices fall the highest.
pub fn floor(terms: &LotTerms, secret: Option<&OpenedReserve>) -> i64 {
    let (any, none) = match terms.direction {
        Direction::Ascending => (0, i64::MAX),
        Direction::Descending => (i64::MAX, 0),
    };
    match (&terms.reserve, secret) {
        (Reserve::None {}, _) => any,
        (Reserve::Open { amount }, _) => amount.minor,
        (Reserve::Secret { .. }, Some(opened)) => opened.amount.minor,
        // A secret that cannot be opened must not sell past itself.
        (Reserve::Secret { .. }, None) => none,
    }
}

/// Whether the price that stands has effect.
pub fn reaches_reserve(lot: &lot::Model, secret: Option<&OpenedReserve>) -> bool {
    let floor = floor(&lot.terms, secret);
    lot.price_minor.is_some_and(|minor| !better(floor, minor, lot.terms.direction))
}

/// Closes a lot that is over. `secret` is the opened reserve where it was secret. A price that the reserve is better than
/// has no effect (AL art. 50).
pub fn close(lot: &lot::Model, secret: Option<OpenedReserve>, now: Timestamp) -> Closing {
    let (has_effect, floor) = (reaches_reserve(lot, secret.as_ref()), floor(&lot.terms, secret.as_ref()));
    let best = lot.price_minor.zip(lot.leader_admission_id).zip(lot.leader_pseudonym.clone());
    let (body, awards) = match best {
        Some(((minor, admission), bidder)) if has_effect => {
            let paid = if matches!(lot.terms.format, Format::Vickrey {}) { vickrey::price(lot, floor) } else { minor };
            let price = Money { minor: paid, currency: lot.currency };
            let awards = vec![Award { admission, bidder: bidder.clone(), units: 1, price }];
            (Body::Sold { bidder, price, reserve: secret }, awards)
        }
        Some(_) => (Body::Unsold { reason: past_reserve(lot.terms.direction).into(), reserve: secret }, Vec::new()),
        None => (Body::Unsold { reason: "no_bid".into(), reserve: secret }, Vec::new()),
    };
    let (event, lot) = append(lot, now, &body, Cause::default());
    Closing { lot, event, awards }
}

/// Why a lot is not sold to its best bidder.
fn past_reserve(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "below_reserve",
        Direction::Descending => "above_reserve",
    }
}
