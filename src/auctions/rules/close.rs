//! The end of a lot: who has it and for how much.

use entity::Timestamp;
use entity::auctions::{Direction, LotEventKind, Reserve, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;

use super::direction::better;
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

/// Closes a lot that is over. `secret` is the opened reserve where it was secret. A price that the reserve is better than
/// has no effect (AL art. 50).
pub fn close(lot: &lot::Model, secret: Option<OpenedReserve>, now: Timestamp) -> Closing {
    let direction = lot.terms.direction;
    let has_effect = lot.price_minor.is_some_and(|minor| match (&lot.terms.reserve, &secret) {
        (Reserve::None {}, _) => true,
        (Reserve::Open { amount }, _) => !better(amount.minor, minor, direction),
        (Reserve::Secret { .. }, Some(opened)) => !better(opened.amount.minor, minor, direction),
        // A secret that cannot be opened must not sell past itself.
        (Reserve::Secret { .. }, None) => false,
    });
    let best = lot.price_minor.zip(lot.leader_admission_id).zip(lot.leader_pseudonym.clone());
    let (body, award) = match best {
        Some(((minor, admission), bidder)) if has_effect => {
            let price = Money { minor, currency: lot.currency };
            (Body::Sold { bidder, price, reserve: secret }, Some((admission, price)))
        }
        Some(_) => (Body::Unsold { reason: past_reserve(direction).into(), reserve: secret }, None),
        None => (Body::Unsold { reason: "no_bid".into(), reserve: secret }, None),
    };
    let (event, lot) = append(lot, now, &body, Cause::default());
    Closing { lot, event, award }
}

/// Why a lot is not sold to its best bidder.
fn past_reserve(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => "below_reserve",
        Direction::Descending => "above_reserve",
    }
}

/// The best bid of anybody but the winner: the runner-up's own last bid (递补), since whichever way prices go each bid is
/// better than those before it. Of a lot that was bought there is none.
pub fn runner_up(events: &[lot_event::Model], winner: AdmissionId) -> Option<AdmissionId> {
    events.iter().rev().filter(|e| e.kind == LotEventKind::BidPlaced).find_map(|e| e.admission_id.filter(|id| *id != winner))
}
