//! A bid that nobody could follow, on which its bidder defaulted, so that the next one has the lot at his own far lower bid.

use entity::ids::OrganisationId;
use entity::integrity::{SignalFact, SignalKind, SignalReason};
use entity::money::Money;

use super::{Course, Finding, Thresholds, share};

/// To whom a lot was awarded, and at what price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awarded {
    /// The bidder.
    pub bidder: OrganisationId,
    /// What he is to pay.
    pub price: Money,
}

/// The signal of a lot that whoever won it did not sign for, and that the next bidder took at his own bid, where the first bid lies far
/// beyond that: whichever way prices go, the first is the better one.
pub fn out_of_reach(course: &Course, defaulted: Awarded, taken: Awarded, limits: &Thresholds) -> Option<Finding> {
    // Who pays the second price bid more than he pays. Nobody seals where prices fall, and by rounds offers only rise.
    let sealed = course.sealed.get(&defaulted.bidder).map(|sealed| sealed.price);
    let bid = sealed.map_or(defaulted.price.minor, |sealed| sealed.max(defaulted.price.minor));
    let beyond = (bid - taken.price.minor).abs();
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
