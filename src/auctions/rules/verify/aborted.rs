//! The course of a paused lot whose fault could not be cured. What was hidden in it stays so for ever: what a log tells of that is
//! taken as it is said, as far as it could be so, and a receipt for it need only be sound.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Preemption, lot};

use super::Read;
use super::follows::{Due, Finding, before_the_end, bidder_id, refused, told};
use crate::auctions::rules::judge::may_bid;
use crate::auctions::rules::log::{Body, Cause, NOT_CURABLE};
use crate::auctions::rules::pause::Order;
use crate::auctions::rules::{abort, clock, english};
use crate::platform::keys::hex;

/// The end itself. That it was another who ended it than who had paused it, only the platform knows.
pub(super) fn given_up(lot: &lot::Model, at: Timestamp, reason: &str, note: Option<&str>) -> Result<Due, Finding> {
    if reason != NOT_CURABLE {
        return Err(refused("only of a fault more is said"));
    }
    let order = Order { reason: note.unwrap_or_default().into(), session: None, cause: Cause::default() };
    told(&abort::abort(lot, &order, None, at)?.0)
}

/// A maximum that nobody opens any more: who leads by it, and at which price, cannot be recomputed.
pub(super) fn maximum(lot: &lot::Model, at: Timestamp, body: &Body) -> Result<Due, Finding> {
    if let Some(first) = clock::advance(lot, at).0.first() {
        return told(first);
    }
    let Body::MaximumPlaced { bidder, commitment, leader, price, .. } = body else { return Err(refused("no bid")) };
    if !lot.terms.proxy {
        return Err(refused("bids are no maxima here"));
    }
    let at = at.max(lot.last_arrival.unwrap_or(at));
    may_bid(lot, bidder_id(bidder), false, at)?;
    let leads = lot.leader_pseudonym.as_ref();
    if leader != bidder && Some(leader) != leads {
        return Err(refused("nobody else may lead by it"));
    }
    let least = lot.price_minor.unwrap_or(lot.terms.start_price.minor);
    if price.currency != lot.currency || price.minor < least {
        return Err(refused("too_low"));
    }
    // Who leads has nobody to answer.
    let closes_at = if leads == Some(bidder) { lot.closes_at } else { english::extended(lot, at) };
    let (bidder, commitment, leader) = (bidder.clone(), commitment.clone(), leader.clone());
    Ok((at, Body::MaximumPlaced { bidder, commitment, leader, price: *price, closes_at }))
}

/// What came of a price that was held against a secret reserve nobody opens any more.
pub(super) fn untold(lot: &lot::Model, at: Timestamp, body: &Body) -> Result<Due, Finding> {
    if let Some(first) = before_the_end(lot, at)? {
        return Ok(first);
    }
    let answer = lot.terms.preemption.as_ref().and_then(Preemption::answer_seconds);
    let can_be = lot.price_minor.is_some()
        && match body {
            Body::PreemptionAsked { answers_by, .. } => answer.is_some_and(|answer| *answers_by == at + TimeDelta::seconds(answer)),
            _ => lot.terms.proxy && lot.asking.is_none(),
        };
    if can_be { Ok((at, body.clone())) } else { Err(refused("nothing of the kind is due")) }
}

/// Whether a log ends so that what is still sealed is never opened, and has an event of this hash: that a receipt for it names it is
/// all there is to be held against it.
pub(super) fn stays_sealed(log: &[Read], log_hash: &str) -> bool {
    let is_aborted = matches!(log.last(), Some((_, Body::Aborted { .. })));
    is_aborted && log.iter().any(|(event, _)| hex(&event.hash) == log_hash)
}
