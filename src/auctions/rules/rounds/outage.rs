//! A market that stood still in a turn: whoever could not bid has a whole turn after it.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{LotState, lot, lot_event};

use super::{Envelopes, Lengths, advance, book};
use crate::auctions::rules::log::{Body, Cause, append};
use crate::auctions::rules::outage::Outage;
use crate::auctions::rules::pause::moment;

/// From when on an outage may have fallen into a turn that is not over in the log; nothing where a lot is bid for otherwise.
pub fn look_from(lot: &lot::Model) -> Option<Timestamp> {
    Lengths::of(&lot.terms.format)?;
    Some(book(lot).and_then(|book| book.turn.as_ref()).map_or(lot.opens_at, |turn| turn.starts_at))
}

/// The lot after outages that ended one after another, with the events they caused.
pub fn extended(lot: &lot::Model, envelopes: &Envelopes, outages: &[Outage]) -> (Vec<lot_event::Model>, lot::Model) {
    let (mut events, mut lot) = (Vec::new(), lot.clone());
    for outage in outages {
        // Turns that were over when it began are over. What it kept from opening has opened.
        let until = outage.began_at.max(lot.opens_at).min(outage.ended_at);
        let (due, ahead) = advance(&lot, envelopes, until);
        let Some(closes_at) = end_after(&ahead, outage) else { continue };
        let body = Body::ExtendedForOutage { began_at: outage.began_at, ended_at: outage.ended_at, closes_at };
        let (event, next) = append(&ahead, moment(&ahead, outage.ended_at), &body, Cause::default());
        events.extend(due);
        events.push(event);
        lot = next;
    }
    (events, lot)
}

/// When the result comes after an outage, if it fell into the turn that runs or comes next.
fn end_after(lot: &lot::Model, outage: &Outage) -> Option<Timestamp> {
    let lengths = Lengths::of(&lot.terms.format)?;
    let turn = book(lot)?.turn.as_ref().filter(|_| lot.state == LotState::OpenFree)?;
    let hit = turn.starts_at < outage.ended_at && outage.began_at < turn.ends_at;
    let by = outage.ended_at + TimeDelta::seconds(lengths.turn) - turn.ends_at;
    (hit && by > TimeDelta::zero()).then(|| lot.closes_at + by)
}
