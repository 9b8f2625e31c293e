//! Several holders of one rank who take the lot: they seal one more bid, and the best of them has it at his own.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Asking, Preemption, TieRound, lot, lot_event};
use entity::money::Money;

use crate::auctions::rules::log::{Body, Cause, append};

/// The number of this round among the rounds of sealed bids: no format has so many of its own.
pub const ROUND: i32 = 3;

/// How long they have for it, seconds, where there is such a round.
fn seconds(lot: &lot::Model) -> Option<i64> {
    lot.terms.preemption.as_ref().and_then(Preemption::round_seconds)
}

/// Whether all holders of one rank are asked at once. In lots from before there was such a round one is asked after another.
pub(super) fn are_asked_at_once(lot: &lot::Model) -> bool {
    seconds(lot).is_some()
}

/// Those who take the lot, whoever said so earlier first.
pub(super) fn takers(asking: &Asking) -> impl Iterator<Item = &str> {
    asking.answers.iter().filter(|answer| answer.takes).map(|answer| answer.bidder.as_str())
}

/// The round of a lot whose holders' time to answer is over, once, where several of them take it.
pub fn round(lot: &lot::Model, now: Timestamp) -> Option<(lot_event::Model, lot::Model)> {
    let length = TimeDelta::seconds(seconds(lot)?);
    let asking = lot.asking.as_ref().filter(|asking| asking.round.is_none())?;
    let bidders: Vec<_> = takers(asking).map(ToOwned::to_owned).collect();
    if bidders.len() < 2 {
        return None;
    }
    let at_least = Money { minor: lot.price_minor?, currency: lot.currency };
    Some(append(lot, now, &Body::PreemptionRound { bidders, at_least, closes_at: now + length }, Cause::default()))
}

/// The round that runs, or has run, once there is one.
pub fn round_of(lot: &lot::Model) -> Option<&TieRound> {
    lot.asking.as_ref().and_then(|asking| asking.round.as_ref())
}

/// Since when it runs.
pub fn round_since(lot: &lot::Model) -> Option<Timestamp> {
    lot.asking.as_ref().filter(|asking| asking.round.is_some()).map(|asking| asking.asked_at)
}

/// The price holders were asked about, minor units: the one that stands, until several take the lot and one of them offers more.
pub fn price_asked(lot: &lot::Model) -> Option<i64> {
    round_of(lot).map_or(lot.price_minor, |round| Some(round.at_least.minor))
}
