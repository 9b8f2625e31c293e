//! What the events of bidding by rounds make of its book.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Direction, RoundsBook, RoundsOffer, Turn, lot, lot_event};

use super::super::precedence::Claim;
use super::{Lengths, OpenedOffer, TurnOffer, more_time, order};

/// An opened first offer as it stands in the book.
pub(super) fn standing(offer: &OpenedOffer) -> RoundsOffer {
    RoundsOffer { bidder: offer.bidder.clone(), price: offer.price, at: offer.at }
}

/// The first offers are in the book, and the first round is fixed.
pub fn put_offers(next: &mut lot::Model, event: &lot_event::Model, opened: &[OpenedOffer], closes_at: Timestamp) {
    let Some(lengths) = Lengths::of(&next.terms.format) else { return };
    let offers: Vec<RoundsOffer> = opened.iter().map(standing).collect();
    let order = order(&offers);
    if let Some(leader) = order.last() {
        next.price_minor = offers.iter().map(|offer| offer.price.minor).max();
        next.leader_pseudonym = Some(leader.clone());
        next.leader_admission_id = event.admission_id;
    }
    next.bid_count += i64::try_from(offers.len()).unwrap_or_default();
    next.closes_at = closes_at;
    let begins_at = event.at + TimeDelta::seconds(lengths.first_pause) + more_time(next);
    let turn = first_turn(&order, 1, begins_at, lengths);
    let ended_at = turn.is_none().then_some(event.at);
    next.book = Some(RoundsBook { offers, order, begins_at, turn, ended_at });
}

/// A turn has ended: what was bid in it stands, and the next is fixed.
pub fn end_turn(next: &mut lot::Model, event: &lot_event::Model, bid: Option<&TurnOffer>) {
    let Some(lengths) = Lengths::of(&next.terms.format) else { return };
    let Some(book) = &mut next.book else { return };
    let Some(turn) = book.turn.take() else { return };
    if let Some(bid) = bid
        && raise(book, &turn, bid)
    {
        next.bid_count += 1;
        // Who only draws level is behind whoever was there before.
        let leads = |best| Claim::at(bid.price.minor, 1).is_before(&Claim::at(best, 0), Direction::Ascending);
        if next.price_minor.is_none_or(leads) {
            next.price_minor = Some(bid.price.minor);
            next.leader_pseudonym = Some(turn.bidder.clone());
            next.leader_admission_id = event.admission_id;
        }
    }
    book.turn = following(book, &turn, lengths);
    book.ended_at = book.turn.is_none().then_some(event.at);
}

/// Puts a bid in the place of its bidder's offer, unless it leaves that; tells whether it did.
fn raise(book: &mut RoundsBook, turn: &Turn, bid: &TurnOffer) -> bool {
    let rises = |offer: &RoundsOffer| offer.bidder == turn.bidder && bid.price.minor > offer.price.minor;
    let Some(place) = book.offers.iter().position(rises) else { return false };
    book.offers.remove(place);
    book.offers.push(RoundsOffer { bidder: turn.bidder.clone(), price: bid.price, at: bid.at });
    true
}

/// The turn after one: of the same round, or the first of the next, whose order is made anew.
fn following(book: &mut RoundsBook, turn: &Turn, lengths: Lengths) -> Option<Turn> {
    let place = usize::try_from(turn.number).unwrap_or(usize::MAX);
    if let Some(bidder) = book.order.get(place) {
        let (starts_at, ends_at) = (turn.ends_at, turn.ends_at + TimeDelta::seconds(lengths.turn));
        return Some(Turn { round: turn.round, number: turn.number + 1, bidder: bidder.clone(), starts_at, ends_at });
    }
    if turn.round >= lengths.rounds {
        return None;
    }
    book.order = order(&book.offers);
    first_turn(&book.order, turn.round + 1, turn.ends_at + TimeDelta::seconds(lengths.pause), lengths)
}

fn first_turn(order: &[String], round: u32, starts_at: Timestamp, lengths: Lengths) -> Option<Turn> {
    let bidder = order.first()?.clone();
    Some(Turn { round, number: 1, bidder, starts_at, ends_at: starts_at + TimeDelta::seconds(lengths.turn) })
}

/// The clocks were moved at an instant by so much. A turn that runs is as much longer; one that does not run yet begins as
/// much later.
pub fn moved(next: &mut lot::Model, at: Timestamp, by: TimeDelta) {
    let Some(book) = &mut next.book else { return };
    let later = |instant: Timestamp| if instant > at { instant + by } else { instant };
    book.begins_at = later(book.begins_at);
    if let Some(turn) = &mut book.turn {
        turn.starts_at = later(turn.starts_at);
        turn.ends_at += by;
    }
}
