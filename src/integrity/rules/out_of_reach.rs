//! A bid that nobody could follow, on which its bidder defaulted, so that the next one has the lot at his own far lower bid.

use entity::auctions::Direction;
use entity::ids::OrganisationId;
use entity::integrity::{SignalFact, SignalKind, SignalReason};
use entity::money::Money;

use super::{Course, Finding, Thresholds, share};
use crate::auctions::rules::direction::gain;

/// To whom a lot was awarded, and at what price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awarded {
    /// The bidder.
    pub bidder: OrganisationId,
    /// What he is to pay.
    pub price: Money,
}

/// The signal of a lot that whoever won it did not sign for, and that the next bidder took at his own bid, where the first bid lies far
/// beyond that, whichever way prices go. Where the price is one indicator among others the first may be the worse one, and no signal.
pub fn out_of_reach(course: &Course, direction: Direction, defaulted: Awarded, taken: Awarded, limits: &Thresholds) -> Option<Finding> {
    let further = |bid: &i64| gain(*bid, taken.price.minor, direction);
    // Who pays the second price bid more than he pays.
    let sealed = course.sealed.get(&defaulted.bidder).map(|sealed| sealed.price);
    let bid = sealed.into_iter().chain([defaulted.price.minor]).max_by_key(further)?;
    let beyond = further(&bid);
    let score_bp = share(beyond, taken.price.minor);
    if score_bp < limits.reach {
        return None;
    }
    let told =
        |fact, of: OrganisationId, minor| SignalReason::of(fact).by(of).amount(Money { minor, ..taken.price }).shown_by("lot", course.lot);
    let reasons = vec![
        told(SignalFact::DefaultedBid, defaulted.bidder, bid),
        told(SignalFact::TakenBid, taken.bidder, taken.price.minor),
        told(SignalFact::BeyondTaken, defaulted.bidder, beyond),
    ];
    let (one, other) = (defaulted.bidder.min(taken.bidder), defaulted.bidder.max(taken.bidder));
    Some(Finding { kind: SignalKind::OutOfReach, organisation: one, other: Some(other), score_bp, reasons })
}
