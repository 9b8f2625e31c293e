//! Outages recomputed. That the market stood still the log does not tell; how long it must have and what follows, the terms do.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::lot;

use super::fault::Wrong;
use super::follows::{Due, Finding, is_in_range, refused, told};
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::rounds::{self, Envelopes};

/// What follows from an outage that is told after what happened `last`. Where the terms do not say how much time is given after one,
/// it is as much as is said.
pub(super) fn after(
    lot: &lot::Model,
    outage: Outage,
    closes_at: Timestamp,
    opens_at: Option<Timestamp>,
    last: Timestamp,
) -> Result<Due, Finding> {
    let Outage { began_at, ended_at } = outage;
    if ![Some(began_at), Some(ended_at), Some(closes_at), opens_at].into_iter().flatten().all(is_in_range) {
        return Err(Finding { wrong: Wrong::OutOfRange, why: String::new() });
    }
    if !outage::counts(lot, &outage) {
        return Err(refused("an outage so short does not count"));
    }
    let announced = lot.terms.outage_window_seconds.map(TimeDelta::seconds);
    if outage::is_by_turns(lot) {
        let said = opens_at.map_or(TimeDelta::zero(), |opens_at| opens_at - ended_at).max(TimeDelta::zero());
        let (events, _) = rounds::extended(lot, &Envelopes::default(), &[outage], announced.unwrap_or(said), last);
        return told(events.first().ok_or_else(|| refused("no outage in a turn, nor so close to the opening"))?);
    }
    let (events, _) =
        outage::extended(lot, &[outage], announced.unwrap_or(closes_at + outage::still_to_come(lot) - ended_at), ended_at, last);
    told(events.first().ok_or_else(|| refused("no outage so close to the end"))?)
}
