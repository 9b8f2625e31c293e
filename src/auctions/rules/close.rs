//! The end of a lot: who has it and for how much.

use entity::Timestamp;
use entity::auctions::{LotEventKind, Reserve, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;

use super::log::{Body, Cause, OpenedReserve, append};

/// The lot after the close, with its last event.
pub struct Closing {
    /// The lot.
    pub lot: lot::Model,
    /// The event.
    pub event: lot_event::Model,
    /// The winner and the price, if sold.
    pub award: Option<(AdmissionId, Money)>,
}

/// The lowest price with effect, in minor units. `secret` is the opened reserve where it was secret.
pub fn floor(lot: &lot::Model, secret: Option<&OpenedReserve>) -> i64 {
    match (&lot.terms.reserve, secret) {
        (Reserve::None {}, _) => 0,
        (Reserve::Open { amount }, _) => amount.minor,
        (Reserve::Secret { .. }, Some(opened)) => opened.amount.minor,
        // A secret that cannot be opened must not sell below itself.
        (Reserve::Secret { .. }, None) => i64::MAX,
    }
}

/// Whether the price that stands has effect.
pub fn reaches_reserve(lot: &lot::Model, secret: Option<&OpenedReserve>) -> bool {
    lot.price_minor.is_some_and(|minor| minor >= floor(lot, secret))
}

/// Closes a lot that is over. `secret` is the opened reserve where it was secret. A price below the
/// reserve has no effect (AL art. 50).
pub fn close(lot: &lot::Model, secret: Option<OpenedReserve>, now: Timestamp) -> Closing {
    let floor = floor(lot, secret.as_ref());
    let best = lot.price_minor.zip(lot.leader_admission_id).zip(lot.leader_pseudonym.clone());
    let (body, award) = match best {
        Some(((minor, admission), bidder)) if minor >= floor => {
            let price = Money { minor, currency: lot.currency };
            (Body::Sold { bidder, price, reserve: secret }, Some((admission, price)))
        }
        Some(_) => (Body::Unsold { reason: "below_reserve".into(), reserve: secret }, None),
        None => (Body::Unsold { reason: "no_bid".into(), reserve: secret }, None),
    };
    let (event, lot) = append(lot, now, &body, Cause::default());
    Closing { lot, event, award }
}

/// The best bid of anybody but the winner: the runner-up's own last bid (递补).
pub fn runner_up(events: &[lot_event::Model], winner: AdmissionId) -> Option<AdmissionId> {
    events.iter().rev().filter(|e| e.kind == LotEventKind::BidPlaced).find_map(|e| e.admission_id.filter(|id| *id != winner))
}
