//! The opening: every bid at once, in the order in which they stand; and what a lot is after it, with or without one more round.

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::auctions::{OpenedRound, RankedBid, TieRound, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;

use super::attempt::good_enough;
use super::ranking::OpenedBid;
use super::{envelope, units};
use crate::auctions::rules::log::{Body, Cause, append};
use crate::auctions::rules::preemption;
use crate::platform::keys::{hex, unhex};

/// A bid whose envelope is opened, with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The admission bid under.
    pub admission: AdmissionId,
    /// What becomes public.
    pub bid: OpenedBid,
}

/// The round that is bid for, or was last: 1, 2 once there is one among equals, or 3 once there is one among holders of a right of
/// pre-emption.
pub fn round(lot: &lot::Model) -> i32 {
    if preemption::round_of(lot).is_some() {
        return preemption::ROUND;
    }
    if tied(lot).is_empty() { 1 } else { 2 }
}

/// Whether the bids of a lot are sealed as it stands: by its format, or since several holders take it.
pub fn are_sealed(lot: &lot::Model) -> bool {
    lot.terms.format.is_sealed() || preemption::round_of(lot).is_some()
}

/// Whether a lot has bids that are still sealed.
pub fn awaits_opening(lot: &lot::Model) -> bool {
    are_sealed(lot) && lot.opened.as_ref().map_or(0, |opened| opened.round) < round(lot)
}

/// The round among some bidders that is bid for, or was last, once there is one.
pub(super) fn among(lot: &lot::Model) -> Option<&TieRound> {
    let among_equals = || lot.opened.as_ref().and_then(|opened| opened.tie.as_ref());
    preemption::round_of(lot).or_else(among_equals)
}

/// Those who bid in the round among equals, best first; nobody before there is one.
fn tied(lot: &lot::Model) -> &[String] {
    lot.opened.as_ref().and_then(|opened| opened.tie.as_ref()).map(|tie| tie.bidders.as_slice()).unwrap_or_default()
}

/// Opens the bids of the round that has run out: one for each bidder, in whatever order. Among holders of a right of pre-emption
/// nobody was ahead before.
pub fn open(lot: &lot::Model, mut bids: Vec<Opened>, now: Timestamp) -> (lot_event::Model, lot::Model) {
    let ahead: &[String] = if preemption::round_of(lot).is_some() { &[] } else { tied(lot) };
    bids.sort_by(|one, other| one.bid.claim(ahead).stands_to(&other.bid.claim(ahead), lot.terms.direction));
    let leader = bids.first().map(|best| best.admission);
    let bids = bids.into_iter().map(|opened| opened.bid).collect();
    let body = Body::BidsOpened { round: round(lot), bids, weighing: None };
    append(lot, now, &body, Cause { admission: leader, ..Cause::default() })
}

/// What the lot is after the bids of a round were opened. Where nobody bid in a round among some, the one ahead stays.
pub fn apply(lot: &mut lot::Model, event: &lot_event::Model, round: i32, bids: &[OpenedBid]) {
    if let Some(best) = bids.first() {
        lot.price_minor = Some(best.price.minor);
        lot.leader_admission_id = event.admission_id;
        lot.leader_pseudonym = Some(best.bidder.clone());
    }
    lot.bid_count += i64::try_from(bids.len()).unwrap_or(i64::MAX);
    let ranking = match lot.terms.format.units() {
        Some(units) => units::ranked(units, bids),
        None => bids.iter().map(|bid| RankedBid { bidder: bid.bidder.clone(), price: bid.price }).collect(),
    };
    let tie = lot.opened.take().and_then(|before| before.tie);
    lot.opened = Some(OpenedRound { round, at: event.at, ranking, tie, awards: Vec::new() });
}

/// What the lot is once there is a round among equals.
pub fn tie(lot: &mut lot::Model, bidders: &[String], at_least: Money, closes_at: Timestamp) {
    lot.closes_at = closes_at;
    if let Some(opened) = &mut lot.opened {
        opened.tie = Some(TieRound { bidders: bidders.to_vec(), at_least });
    }
}

/// What is wrong with bids that are said to have been opened, each by itself and one beside another; their order is not asked
/// about.
pub fn stands(lot: &lot::Model, bids: &[OpenedBid]) -> Result<(), &'static str> {
    let (mut bidders, mut places) = (BTreeSet::new(), BTreeSet::new());
    let since = preemption::round_since(lot).unwrap_or(lot.opens_at);
    for bid in bids {
        good_enough(lot, bid.price).map_err(|problem| problem.code.code())?;
        if bid.at < since || bid.at >= lot.closes_at {
            return Err("closed");
        }
        if among(lot).is_some_and(|round| !round.bidders.contains(&bid.bidder)) {
            return Err("not_in_tie_round");
        }
        if !bidders.insert(&bid.bidder) || !places.insert(bid.order) {
            return Err("two bids of one bidder");
        }
        units::may_bid_for(lot, bid.price, &bid.further_units).map_err(|problem| problem.code.code())?;
    }
    Ok(())
}

impl OpenedBid {
    /// Whether this is what the bidder was committed to.
    pub fn is_committed(&self, lot: &lot::Model) -> bool {
        let salt = unhex(&self.salt).and_then(|salt| envelope::Salt::try_from(salt).ok());
        salt.is_some_and(|salt| hex(&envelope::commitment(lot.id, &salt, self.price, &self.further_units)) == self.commitment)
    }
}
