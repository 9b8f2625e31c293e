//! The end of a lot, whatever its format: once, in time, and to whom its log says.

use entity::Timestamp;
use entity::auctions::{LotState, Reserve};
use entity::money::Money;

use super::Kept;
use crate::auctions::rules::clock::decided_at;
use crate::auctions::rules::log::Body;

/// How long after a lot is decided, or after nothing goes wrong any more, it is closed at the latest, seconds.
const LATEST_CLOSE: i64 = 5;

/// It closed once, by the last of its events, not before its end was heard out, and not long after.
pub(super) fn closed_in_time(kept: &Kept, calm: Timestamp) -> Result<(), String> {
    let closes: Vec<_> = kept.events.iter().filter(|(_, body)| matches!(body, Body::Sold { .. } | Body::Unsold { .. })).collect();
    let ([(close, _)], Some((last, _))) = (closes.as_slice(), kept.events.last()) else {
        return Err(format!("it closed {} times", closes.len()));
    };
    let due = decided_at(&kept.lot.terms, kept.lot.closes_at);
    if close.at < due {
        return Err(format!("it closed at {}, before {due}", close.at));
    }
    if (close.at - due.max(calm)).num_seconds() > LATEST_CLOSE {
        return Err(format!("it closed at {}, long after {due}", close.at));
    }
    if last.seq == close.seq { Ok(()) } else { Err("something happened after it had closed".into()) }
}

/// Who has it by its log, how many units of it, and for how much; nothing where it is not sold.
pub(super) fn sold_to(kept: &Kept) -> Option<Vec<(&str, u32, Money)>> {
    kept.events.iter().find_map(|(_, body)| match body {
        Body::Sold { bidder, price, awards, .. } if awards.is_empty() => Some(vec![(bidder.as_str(), 1, *price)]),
        Body::Sold { awards, .. } => Some(awards.iter().map(|award| (award.bidder.as_str(), award.units, award.price)).collect()),
        _ => None,
    })
}

/// One award and one deal for each buyer, as the log says; none where it is not sold, which it is wherever it was bid for and has no
/// reserve.
pub(super) fn awarded_once(kept: &Kept) -> Result<(), String> {
    let (lot, said) = (&kept.lot, sold_to(kept));
    let given: Vec<_> = kept.awards.iter().map(|award| (kept.name(award.admission_id), award.units, award.price_minor)).collect();
    let due: Vec<_> =
        said.iter().flatten().map(|(bidder, units, price)| (Some(*bidder), i32::try_from(*units).unwrap_or(0), price.minor)).collect();
    let is_right = match lot.state {
        LotState::ClosedSold => !due.is_empty() && (lot.terms.format.units().is_some() || given.len() == 1),
        LotState::ClosedUnsold => due.is_empty() && (lot.bid_count == 0 || lot.terms.reserve != Reserve::None {}),
        _ => false,
    };
    // Units are numbered one after another, so that none is handed out twice.
    let mut next = 1;
    let are_numbered = kept.awards.iter().all(|award| {
        let is_next = award.unit == next;
        next += award.units;
        is_next
    });
    let units: u32 = said.iter().flatten().map(|(_, units, _)| *units).sum();
    let are_there = units <= lot.terms.format.units().unwrap_or(1);
    if is_right && given == due && kept.deals == due.len() && are_numbered && are_there {
        return Ok(());
    }
    Err(format!("it is {:?} with awards {given:?} and {} deals, and its log says {due:?}", lot.state, kept.deals))
}
