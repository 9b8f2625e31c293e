//! A market that stood still in a turn: whoever could not bid has a whole turn after it. Or before the first offers are opened:
//! whoever could not seal his has time again.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{LotState, lot, lot_event};

use super::{Envelopes, Lengths, advance, book, is_by_rounds};
use crate::auctions::rules::log::{Body, Cause, append};
use crate::auctions::rules::outage::{Outage, told_at};

/// From when on an outage may have fallen into a turn that is not over in the log, or so long before the opening; nothing where a
/// lot is bid for otherwise.
pub fn look_from(lot: &lot::Model, window: TimeDelta) -> Option<Timestamp> {
    Lengths::of(&lot.terms.format)?;
    Some(book(lot).and_then(|book| book.turn.as_ref()).map_or(lot.opens_at - window, |turn| turn.starts_at))
}

/// The lot after outages that ended one after another, with the events they caused. `window` is how long before the opening an
/// outage counts, and how long first offers are sealed after one at least; `last` is when the event before them happened.
pub fn extended(
    lot: &lot::Model,
    envelopes: &Envelopes,
    outages: &[Outage],
    window: TimeDelta,
    mut last: Timestamp,
) -> (Vec<lot_event::Model>, lot::Model) {
    let (mut events, mut lot) = (Vec::new(), lot.clone());
    for outage in outages {
        let Some((due, ahead, body)) = opening_moved(&lot, outage, window).or_else(|| turn_given_again(&lot, envelopes, outage)) else {
            continue;
        };
        last = due.last().map_or(last, |event| event.at);
        let (event, next) = append(&ahead, told_at(&ahead, outage, last), &body, Cause::default());
        last = event.at;
        events.extend(due);
        events.push(event);
        lot = next;
    }
    (events, lot)
}

/// What is due before an outage is told, the lot after that, and what is told of the outage.
type Told = (Vec<lot_event::Model>, lot::Model, Body);

/// An outage that fell into the last stretch before the opening moves it. Where a host opens the lot, he decides.
fn opening_moved(lot: &lot::Model, outage: &Outage, window: TimeDelta) -> Option<Told> {
    let Outage { began_at, ended_at } = *outage;
    let opens_at = ended_at + window;
    let waits = lot.state == LotState::Scheduled && !lot.hosted && is_by_rounds(&lot.terms);
    if !waits || began_at >= lot.opens_at || opens_at <= lot.opens_at {
        return None;
    }
    let closes_at = lot.closes_at + (opens_at - lot.opens_at);
    Some((Vec::new(), lot.clone(), Body::ExtendedForOutage { began_at, ended_at, closes_at, opens_at: Some(opens_at) }))
}

/// An outage that fell into a turn gives it again.
fn turn_given_again(lot: &lot::Model, envelopes: &Envelopes, outage: &Outage) -> Option<Told> {
    let Outage { began_at, ended_at } = *outage;
    // Turns that were over when it began are over. What it kept from opening has opened.
    let (due, ahead) = advance(lot, envelopes, began_at.max(lot.opens_at).min(ended_at));
    let closes_at = end_after(&ahead, outage)?;
    Some((due, ahead, Body::ExtendedForOutage { began_at, ended_at, closes_at, opens_at: None }))
}

/// When the result comes after an outage, if it fell into the turn that runs or comes next.
fn end_after(lot: &lot::Model, outage: &Outage) -> Option<Timestamp> {
    let lengths = Lengths::of(&lot.terms.format)?;
    let turn = book(lot)?.turn.as_ref().filter(|_| lot.state == LotState::OpenFree)?;
    let hit = turn.starts_at < outage.ended_at && outage.began_at < turn.ends_at;
    let by = outage.ended_at + TimeDelta::seconds(lengths.turn) - turn.ends_at;
    (hit && by > TimeDelta::zero()).then(|| lot.closes_at + by)
}
