//! The end of a lot: who has it and for how much.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::auctions::{Direction, Format, LotTerms, Reserve, UnitAward, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;

use super::direction::better;
use super::log::{Body, Cause, OpenedReserve, append};
use super::sealed::{units, vickrey};
use crate::platform::problem::{Code, Problem};

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

/// Under which admission each bidder bids, by pseudonym.
pub type Admissions = BTreeMap<String, AdmissionId>;

/// The worst price with effect, in minor units: the lowest, where prices fall the highest.
pub fn floor(terms: &LotTerms, secret: Option<&OpenedReserve>) -> i64 {
    let none = match terms.direction {
        Direction::Ascending => i64::MAX,
        Direction::Descending => 0,
    };
    match (&terms.reserve, secret) {
        (Reserve::None {}, _) => any_price(terms.direction),
        (Reserve::Open { amount }, _) => amount.minor,
        (Reserve::Secret { .. }, Some(opened)) => opened.amount.minor,
        // A secret that cannot be opened must not sell past itself.
        (Reserve::Secret { .. }, None) => none,
    }
}

/// A price that every other is as good as, in minor units.
pub fn any_price(direction: Direction) -> i64 {
    match direction {
        Direction::Ascending => 0,
        Direction::Descending => i64::MAX,
    }
}

/// Whether the price that stands has effect.
pub fn reaches_reserve(lot: &lot::Model, secret: Option<&OpenedReserve>) -> bool {
    let floor = floor(&lot.terms, secret);
    lot.price_minor.is_some_and(|minor| !better(floor, minor, lot.terms.direction))
}

/// What is paid for a lot, as a whole, where the price that stands has effect: the one price that bidding found. Holders who were asked
/// were asked at it, so that it stands from then on.
pub fn price_found(lot: &lot::Model, secret: Option<&OpenedReserve>) -> Option<Money> {
    let stands = lot.price_minor.filter(|_| reaches_reserve(lot, secret))?;
    let is_second = matches!(lot.terms.format, Format::Vickrey {}) && lot.asking.is_none();
    let minor = if is_second { vickrey::price(lot, floor(&lot.terms, secret)) } else { stands };
    Some(Money { minor, currency: lot.currency })
}

/// Closes a lot that is over. `secret` is the opened reserve where it was secret. A price that the reserve is better than
/// has no effect (AL art. 50). The lot knows the admission of its best bidder alone: where several units are sold, whoever hands
/// out awards closes it by [`close_among`].
pub fn close(lot: &lot::Model, secret: Option<OpenedReserve>, now: Timestamp) -> Closing {
    let sales = sales(lot, secret.as_ref());
    let (leader, best) = (lot.leader_admission_id, sales.first().cloned());
    let awards = leader.zip(best).map(|(admission, sale)| award(admission, sale)).into_iter().collect();
    let (event, lot) = append(lot, now, &last_word(lot, sales, secret), Cause::default());
    Closing { lot, event, awards }
}

/// The same with the award of every buyer, where `admissions` says under which each bidder bids.
pub fn close_among(lot: &lot::Model, admissions: &Admissions, secret: Option<OpenedReserve>, now: Timestamp) -> Result<Closing, Problem> {
    if lot.terms.format.units().is_none() {
        return Ok(close(lot, secret, now));
    }
    let whose = |sale: UnitAward| {
        let admission = admissions.get(&sale.bidder).copied();
        admission.map(|admission| award(admission, sale)).ok_or_else(|| Problem::from(Code::Internal))
    };
    let awards: Result<Vec<_>, Problem> = sales(lot, secret.as_ref()).into_iter().map(whose).collect();
    Ok(Closing { awards: awards?, ..close(lot, secret, now) })
}

fn award(admission: AdmissionId, sale: UnitAward) -> Award {
    Award { admission, bidder: sale.bidder, units: sale.units, price: sale.price }
}

/// Who has the lot, and for how much; of several units every buyer, whoever bid best first. Nobody where it is not sold.
fn sales(lot: &lot::Model, secret: Option<&OpenedReserve>) -> Vec<UnitAward> {
    let Some((price, bidder)) = price_found(lot, secret).zip(lot.leader_pseudonym.clone()) else { return Vec::new() };
    if lot.terms.format.units().is_some() {
        return units::awards(lot, floor(&lot.terms, secret));
    }
    vec![UnitAward { bidder, units: 1, price }]
}

/// What the last event of a lot says that was sold so, or to nobody.
fn last_word(lot: &lot::Model, sales: Vec<UnitAward>, reserve: Option<OpenedReserve>) -> Body {
    let reason = if lot.price_minor.is_some() { past_reserve(lot.terms.direction) } else { "no_bid" };
    match sales.first().cloned() {
        Some(UnitAward { bidder, price, .. }) => {
            let awards = if lot.terms.format.units().is_some() { sales } else { Vec::new() };
            Body::Sold { bidder, price, reserve, awards }
        }
        None => Body::Unsold { reason: reason.into(), reserve },
    }
}

/// Why a lot is not sold to its best bidder.
fn past_reserve(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "below_reserve",
        Direction::Descending => "above_reserve",
    }
}
