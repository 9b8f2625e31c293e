//! What bidders want of a lot as they see it: what its format asks for, at a price close to the one that stands. A share of it is
//! nonsense, which never counts.

use entity::Timestamp;
use entity::auctions::{Format, lot};
use entity::money::Money;

use super::Dice;
use super::bidding::Request;
use super::deeds::Deed;
use super::setting::named;
use crate::auctions::rules::dutch::clock_price;
use crate::auctions::rules::rounds::{book, is_by_rounds};
use crate::auctions::rules::sealed::limit;
use crate::auctions::rules::step::step_at;

/// What somebody asks for a lot at an instant, when others bid `before` him at the same time.
pub(super) fn drawn(dice: &Dice, bidders: usize, index: usize, lot: &lot::Model, now: Timestamp, before: u32) -> Request {
    let is_nonsense = dice.once_in(10);
    let (bidder, deed) = if is_nonsense {
        (dice.index(bidders), nonsense(dice, lot))
    } else {
        match &lot.terms.format {
            Format::English {} => (dice.index(bidders), english(dice, lot, before)),
            Format::Dutch { decrement, .. } => (dice.index(bidders), on_the_clock(dice, lot, *decrement, now)),
            Format::Rounds { .. } => by_rounds(dice, bidders, lot),
            _ => sealed(dice, bidders, lot),
        }
    };
    Request::new(bidder, index, deed, is_nonsense)
}

fn money(lot: &lot::Model, minor: i64) -> Money {
    Money { minor, currency: lot.currency }
}

/// What the format asks for at a price nobody could have it at, or what another format asks for.
fn nonsense(dice: &Dice, lot: &lot::Model) -> Deed {
    let (fen, start) = (money(lot, 1), lot.terms.start_price);
    let format = &lot.terms.format;
    if format.is_sealed() {
        // One unit more than a bidder may have.
        let beyond = vec![start; usize::try_from(format.cap()).unwrap_or_default()];
        return match dice.below(4) {
            0 => Deed::Seal(fen, Vec::new()),
            1 => Deed::Seal(start, beyond),
            2 => Deed::Bid(start),
            _ => Deed::BuyNow,
        };
    }
    if is_by_rounds(&lot.terms) {
        return match dice.below(3) {
            0 => Deed::FirstOffer(fen),
            1 => Deed::TurnBid(fen),
            _ => Deed::Bid(start),
        };
    }
    match dice.below(4) {
        0 => Deed::Seal(start, Vec::new()),
        1 => Deed::FirstOffer(start),
        2 => Deed::TurnBid(start),
        _ => Deed::Bid(fen),
    }
}

/// A bid at the price that stands or some steps above it, more of them where others bid before; the price that stands is refused
/// unless it is the first. Now and then the lot is bought at once, or tried to be.
fn english(dice: &Dice, lot: &lot::Model, before: u32) -> Deed {
    if lot.terms.buy_now.is_some() && dice.once_in(8) {
        return Deed::BuyNow;
    }
    let stands = lot.price_minor.unwrap_or(lot.terms.start_price.minor);
    Deed::Bid(money(lot, stands + dice.up_to(3 + before) * step_at(&lot.terms, lot.price_minor)))
}

/// Most wait for less than the clock shows: whoever accepts first ends it.
fn on_the_clock(dice: &Dice, lot: &lot::Model, decrement: Money, now: Timestamp) -> Deed {
    let shown = clock_price(lot, now).unwrap_or(lot.terms.start_price).minor;
    let off = [-1, -1, -1, 0, 1][dice.index(5)];
    Deed::Bid(money(lot, shown + off * decrement.minor))
}

/// Few prices, so that many are equal. In the round among equals mostly one of them bids.
fn sealed(dice: &Dice, bidders: usize, lot: &lot::Model) -> (usize, Deed) {
    let mut bidder = dice.index(bidders);
    if let Some(tie) = lot.opened.as_ref().and_then(|opened| opened.tie.as_ref())
        && !dice.once_in(4)
    {
        bidder = index_of(&tie.bidders[dice.index(tie.bidders.len())], bidders).unwrap_or(bidder);
    }
    let (limit, step) = (limit(lot), step_at(&lot.terms, None));
    let price = limit + dice.up_to(15) * step;
    let mut further = Vec::new();
    let (mut last, most) = (price, lot.terms.format.cap().saturating_sub(1));
    for _ in 0..dice.up_to(most) {
        last = limit.max(last - dice.up_to(2) * step);
        further.push(money(lot, last));
    }
    (bidder, Deed::Seal(money(lot, price), further))
}

/// A first offer before the opening; then mostly whose turn it is raises his, or leaves it.
fn by_rounds(dice: &Dice, bidders: usize, lot: &lot::Model) -> (usize, Deed) {
    let (anybody, start) = (dice.index(bidders), lot.terms.start_price.minor);
    let Some(book) = book(lot) else {
        return (anybody, Deed::FirstOffer(money(lot, start + dice.up_to(4) * step_at(&lot.terms, None))));
    };
    let on_turn = book.turn.as_ref().and_then(|turn| index_of(&turn.bidder, bidders));
    let bidder = if dice.once_in(5) { anybody } else { on_turn.unwrap_or(anybody) };
    let name = named(bidder);
    let own = book.offers.iter().find(|offer| offer.bidder == name).map_or(start, |offer| offer.price.minor);
    (bidder, Deed::TurnBid(money(lot, own + dice.up_to(3) * step_at(&lot.terms, Some(own)))))
}

/// Which bidder has this name.
fn index_of(name: &str, bidders: usize) -> Option<usize> {
    (0..bidders).find(|index| named(*index) == name)
}
