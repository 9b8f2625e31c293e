//! First price (一次密封报价) and one-shot quote (一次报价), one rule under two names: the best bid wins at its own price, and those
//! who are equal at the top bid once more.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{lot, lot_event};

use crate::auctions::rules::direction::better;
use crate::auctions::rules::log::{Body, Cause, append};

/// One more round, once, where the best bids are equal, reach the reserve (`floor`), and the format has such a round.
pub fn tie_round(lot: &lot::Model, floor: i64, now: Timestamp) -> Option<(lot_event::Model, lot::Model)> {
    let length = TimeDelta::seconds(lot.terms.format.tie_round_seconds()?);
    // Holders who take the lot have a round of their own.
    let opened = lot.opened.as_ref().filter(|opened| opened.tie.is_none() && lot.asking.is_none())?;
    let at_least = opened.ranking.first()?.price;
    let equals = opened.ranking.iter().take_while(|bid| bid.price == at_least);
    let bidders: Vec<_> = equals.map(|bid| bid.bidder.clone()).collect();
    if bidders.len() < 2 || better(floor, at_least.minor, lot.terms.direction) {
        return None;
    }
    Some(append(lot, now, &Body::TieRound { bidders, at_least, closes_at: now + length }, Cause::default()))
}
