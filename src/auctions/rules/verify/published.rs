//! Buyers that a course names, held against who may have bought. That a name is his follows from no log: his result notice tells it.

use entity::auctions::lot;
use entity::ids::AdmissionId;
use entity::money::Money;

use super::Read;
use super::fault::{Fault, Place, Wrong};
use super::follows::bidder_id;
use crate::auctions::rules::course::CourseOutcome;
use crate::auctions::rules::log::Body;
use crate::auctions::rules::proxy::{OpenedMaximum, Placed, Secret};
use crate::auctions::rules::{maximum, next_bidder, rounds};

/// Whether everybody who is named has bought: each winner once at most, or in the place of a single one whom the lot is offered to
/// after him. The rest of the outcome is what the log leads to.
pub(super) fn hold(outcome: &CourseOutcome, lot: &lot::Model, log: &[Read]) -> Result<(), Fault> {
    let winners: Vec<&str> = if outcome.awards.is_empty() {
        outcome.winner.as_deref().into_iter().collect()
    } else {
        outcome.awards.iter().map(|award| award.bidder.as_str()).collect()
    };
    let runner_up = if outcome.published.is_empty() { None } else { runner_up(lot, log) };
    for (place, told) in outcome.published.iter().enumerate() {
        let bidder = told.bidder.as_str();
        let has_bought = winners.contains(&bidder) || runner_up == Some(bidder_id(bidder));
        let is_told_again = outcome.published.iter().take(place).any(|before| before.bidder == bidder);
        if !has_bought || is_told_again || place >= winners.len() {
            return Err(Wrong::NotABuyer.at(Place::Course, bidder));
        }
    }
    Ok(())
}

/// Whom the lot was offered to if its winner was in default, by the very rule that asks him.
fn runner_up(lot: &lot::Model, log: &[Read]) -> Option<AdmissionId> {
    let winner = bidder_id(lot.leader_pseudonym.as_deref()?);
    let (last, _) = log.last()?;
    let bids: Vec<_> = log.iter().map(|(event, _)| event.clone()).collect();
    next_bidder::next(lot, winner, &bids, &losing(log), &opened(lot, log), last).map(|(admission, _)| admission)
}

/// The maxima that did not win.
fn losing(log: &[Read]) -> Vec<Placed> {
    let placed = |one: &OpenedMaximum| {
        let (event, _) = log.iter().find(|(event, _)| event.seq == one.seq)?;
        let secret = Secret { amount: one.amount, seed: maximum::seed(&one.seed)? };
        Some(Placed { seq: one.seq, admission: event.admission_id?, secret })
    };
    let opened = log.iter().find_map(|(_, body)| match body {
        Body::MaximaOpened { losing, .. } => Some(losing),
        _ => None,
    });
    opened.into_iter().flatten().filter_map(placed).collect()
}

/// The sealed bids, those of the last round before those of the first; by rounds the best offer but the leader's.
fn opened(lot: &lot::Model, log: &[Read]) -> Vec<(AdmissionId, Money)> {
    if let Some(book) = rounds::book(lot) {
        let best = lot.leader_pseudonym.as_deref().and_then(|leader| rounds::best_beside(book, leader));
        return best.map(|offer| (bidder_id(&offer.bidder), offer.price)).into_iter().collect();
    }
    let openings = log.iter().rev().filter_map(|(_, body)| match body {
        Body::BidsOpened { bids, .. } => Some(bids),
        _ => None,
    });
    openings.flatten().map(|bid| (bidder_id(&bid.bidder), bid.price)).collect()
}

/// The name to say beside a bidder, with whose word that is; nothing where none is known.
pub(super) fn beside(outcome: &CourseOutcome, bidder: &str) -> String {
    let told = outcome.published.iter().find(|told| told.bidder == bidder);
    let name = told.and_then(|told| told.buyer.as_deref());
    // In quotation marks, with what is no letter escaped: who made the file may have written anything there.
    name.map(|name| format!(" ({name:?}, told by the result notice and not recomputed)")).unwrap_or_default()
}

/// What to say of whoever bought in the place of the winner.
pub(super) fn instead_of(outcome: &CourseOutcome, winner: &str) -> String {
    let next = outcome.published.iter().find(|told| told.bidder != winner);
    next.map(|told| format!(", bought by the next bidder {}{}", told.bidder, beside(outcome, &told.bidder))).unwrap_or_default()
}
