//! The events of bidding by rounds, and the receipts of its turns, recomputed.

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::auctions::lot;

use super::aborted::stays_sealed;
use super::fault::{Fault, Place, Wrong};
use super::follows::{Due, Finding, bidder_id, refused, told};
use super::{Passed, Read, chain};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::log::Body;
use crate::auctions::rules::rounds::receipt::{self, TurnBidStatement, TurnReceipt};
use crate::auctions::rules::rounds::{self, Envelopes, OpenedOffer, TurnBid, TurnOffer};
use crate::platform::keys::hex;

/// The most first offers that are reckoned with.
const MOST_OFFERS: usize = 10_000;

/// The first offers are as they are told, if each of them could be sealed: who sealed one, only the platform knows.
pub(super) fn opening(lot: &lot::Model, at: Timestamp, offers: &[OpenedOffer]) -> Result<Due, Finding> {
    if offers.len() > MOST_OFFERS {
        return Err(Finding { wrong: Wrong::OutOfRange, why: String::new() });
    }
    let bidders: BTreeSet<&str> = offers.iter().map(|offer| offer.bidder.as_str()).collect();
    if bidders.len() != offers.len() {
        return Err(refused("two first offers of one bidder"));
    }
    let start = lot.terms.start_price;
    if offers.iter().any(|offer| offer.price.currency != start.currency || offer.price.minor < start.minor) {
        return Err(refused("too_low"));
    }
    if !offers.is_sorted_by_key(|offer| offer.at) || offers.last().is_some_and(|last| last.at >= lot.opens_at) {
        return Err(refused("not sealed in this order before the opening"));
    }
    let first_offers = offers.iter().map(|offer| (bidder_id(&offer.bidder), offer.clone())).collect();
    next(lot, at, &Envelopes { first_offers, turn_bid: None })
}

/// A turn ended with a bid that could be placed in it.
pub(super) fn turn_over(lot: &lot::Model, at: Timestamp, offer: Option<&TurnOffer>) -> Result<Due, Finding> {
    let turn = rounds::book(lot).and_then(|book| book.turn.as_ref()).ok_or_else(|| refused("no turn runs"))?;
    if let Some(offer) = offer {
        if offer.at < turn.starts_at || offer.at >= turn.ends_at {
            return Err(refused("not_your_turn"));
        }
        rounds::accepts(lot, &turn.bidder, offer.price)?;
    }
    let bid =
        |offer: &TurnOffer| TurnBid { round: turn.round, turn: turn.number, admission: bidder_id(&turn.bidder), offer: offer.clone() };
    next(lot, at, &Envelopes { first_offers: Vec::new(), turn_bid: offer.map(bid) })
}

/// What is due first by an instant.
fn next(lot: &lot::Model, at: Timestamp, envelopes: &Envelopes) -> Result<Due, Finding> {
    told(rounds::advance(lot, envelopes, at).0.first().ok_or_else(|| refused("it was not due"))?)
}

/// Holds receipts of bids of turns against a course, telling what passes, up to the first thing wrong. Whether the course is
/// right in itself is asked by [`super::verify`].
pub fn hold_turns(course: &LotCourse, receipts: &[TurnReceipt], mut passed: impl FnMut(Passed)) -> Result<(), Fault> {
    let log = chain(course)?;
    for (number, receipt) in (1..).zip(receipts) {
        let (said, place) = (&receipt.statement, Place::TurnReceipt(number));
        let kid = receipt::check(receipt, &course.receipt_keys.keys).map_err(|unsound| Wrong::from(unsound).at(place, ""))?;
        if said.lot_id != course.lot.id {
            return Err(Wrong::ReceiptOfAnotherLot.at(place, said.lot_id.to_string()));
        }
        let replaced = agrees(&log, said).map_err(|finding| finding.wrong.at(place, finding.why))?;
        passed(Passed::TurnReceipt { round: said.round, turn: said.turn, replaced, kid });
    }
    Ok(())
}

/// Whether a receipt for a bid of a turn agrees with what was shown at its end: it is that bid, or one that was changed later, and
/// then when.
fn agrees(log: &[Read], said: &TurnBidStatement) -> Result<Option<Timestamp>, Finding> {
    let is_it = |body: &Body| matches!(body, Body::TurnEnded { round, turn, .. } if (*round, *turn) == (said.round, said.turn));
    let end = log.iter().position(|(_, body)| is_it(body));
    let Some((end, Body::TurnEnded { bidder, offer, .. })) = end.and_then(|end| Some((end, &log.get(end)?.1))) else {
        // A turn that was broken off shows nothing.
        if stays_sealed(log, &said.log_hash) {
            return Ok(None);
        }
        return Err(Finding { wrong: Wrong::ReceiptWithoutBid, why: String::new() });
    };
    let differs = |why: &str| Finding { wrong: Wrong::ReceiptDiffers, why: why.into() };
    if said.bidder != *bidder {
        return Err(differs("bidder"));
    }
    let shown = offer.as_ref().ok_or_else(|| differs("nothing was bid in the turn"))?;
    if said.arrived_at > shown.at || (said.arrived_at == shown.at && said.price != shown.price) {
        return Err(differs("price"));
    }
    if log.iter().take(end).all(|(event, _)| hex(&event.hash) != said.log_hash) {
        return Err(differs("log_hash"));
    }
    // A turn that an outage moved shows its bid at its new beginning.
    Ok((said.arrived_at < shown.at && said.price != shown.price).then_some(shown.at))
}
