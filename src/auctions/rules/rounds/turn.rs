//! Whose turn it is, and what may be bid in it.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Turn, lot};
use entity::money::Money;

use super::{Envelopes, Lengths, advance, book, is_by_rounds};
use crate::auctions::rules::judge::{Attempt, after_the_opening, in_time, wrong_format};
use crate::auctions::rules::step::step_at;
use crate::platform::problem::{Code, Problem};

/// What an accepted bid of a turn did. It is no event yet: it is shown when the turn ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Of which round.
    pub round: u32,
    /// Of which turn in it.
    pub turn: u32,
    /// The price.
    pub price: Money,
    /// When it counts as arrived.
    pub arrival: Timestamp,
}

/// Judges a bid in a lot by rounds in which all that was heard out has come to pass.
pub fn judge(lot: &lot::Model, envelopes: &Envelopes, attempt: &Attempt) -> Result<Taken, Problem> {
    if !is_by_rounds(&lot.terms) {
        return Err(wrong_format(lot));
    }
    let arrival = attempt.arrival.max(lot.last_arrival.unwrap_or(attempt.arrival));
    let (unheard, ahead) = advance(lot, envelopes, arrival);
    let taken = judged(&ahead, envelopes, attempt)?;
    // What arrived in the turn before may still be on its way, and is not to be cut off. This bid has its whole turn to come again.
    if unheard.is_empty() { Ok(taken) } else { Err(Code::Busy.into()) }
}

/// Judges a bid where all that was due has come to pass. A bid that changes one of the same turn arrives after it, so that
/// everybody can tell which was the last.
fn judged(lot: &lot::Model, envelopes: &Envelopes, attempt: &Attempt) -> Result<Taken, Problem> {
    after_the_opening(lot, attempt.arrival)?;
    let running = book(lot).and_then(|book| book.turn.as_ref());
    let changed = envelopes.turn_bid.as_ref().filter(|bid| running.is_some_and(|turn| (turn.round, turn.number) == (bid.round, bid.turn)));
    let after_it = changed.map_or(attempt.arrival, |bid| bid.offer.at + TimeDelta::microseconds(1));
    let arrival = attempt.arrival.max(lot.last_arrival.unwrap_or(attempt.arrival)).max(after_it);
    let turn = may_bid(lot, &attempt.pseudonym, attempt.suspended, arrival)?;
    // What came before its turn is early, also where it was judged after the turn had begun.
    if attempt.arrival < turn.starts_at {
        return Err(not_your_turn(lot, &attempt.pseudonym));
    }
    accepts(lot, &attempt.pseudonym, attempt.price)?;
    Ok(Taken { round: turn.round, turn: turn.number, price: attempt.price, arrival })
}

/// The turn in which a bidder may bid at an instant, whatever the price.
pub fn may_bid<'a>(lot: &'a lot::Model, bidder: &str, suspended: bool, arrival: Timestamp) -> Result<&'a Turn, Problem> {
    in_time(lot, arrival)?;
    if suspended {
        return Err(Code::BidderSuspended.into());
    }
    let turn = book(lot).and_then(|book| book.turn.as_ref());
    let runs = |turn: &&Turn| turn.bidder == bidder && turn.starts_at <= arrival && arrival < turn.ends_at;
    turn.filter(runs).ok_or_else(|| not_your_turn(lot, bidder))
}

/// The refusal of a bid out of turn, with when the bidder's turn begins, if he has one left in this round.
fn not_your_turn(lot: &lot::Model, bidder: &str) -> Problem {
    let problem = Problem::from(Code::NotYourTurn);
    match begins_at(lot, bidder) {
        Some(at) => problem.with("your_turn_at", at),
        None => problem,
    }
}

fn begins_at(lot: &lot::Model, bidder: &str) -> Option<Timestamp> {
    let lengths = Lengths::of(&lot.terms.format)?;
    let book = book(lot)?;
    let turn = book.turn.as_ref()?;
    if turn.bidder == bidder {
        return Some(turn.starts_at);
    }
    let place = i64::try_from(book.order.iter().position(|known| known == bidder)?).ok()? + 1;
    let between = place - i64::from(turn.number) - 1;
    (between >= 0).then(|| turn.ends_at + TimeDelta::seconds(lengths.turn * between))
}

/// Whether a bidder's own offer may become this: it is left, or raised by the step at least.
pub fn accepts(lot: &lot::Model, bidder: &str, price: Money) -> Result<(), Problem> {
    let offer = book(lot).and_then(|book| book.offers.iter().find(|offer| offer.bidder == bidder));
    let own = offer.ok_or_else(|| not_your_turn(lot, bidder))?.price;
    if price == own {
        return Ok(());
    }
    match least_raise(lot, own) {
        Some(least) if price.currency == own.currency && price.minor >= least.minor => Ok(()),
        Some(least) => Err(Code::TooLow.with("at_least", least)),
        None => Err(Code::TooLow.into()),
    }
}

/// The lowest offer that raises this one, reckoned from it where the step is not reckoned from the start price.
fn least_raise(lot: &lot::Model, own: Money) -> Option<Money> {
    let step = if lot.terms.enforce_step { step_at(&lot.terms, Some(own.minor)) } else { 1 };
    own.minor.checked_add(step).map(|minor| Money { minor, ..own })
}

/// The lowest price that raises an offer now: a first offer's before they are opened, then that of whose turn it is or comes.
pub fn next_price(lot: &lot::Model) -> Option<i64> {
    let Some(book) = book(lot) else { return Some(lot.terms.start_price.minor) };
    let turn = book.turn.as_ref()?;
    let own = book.offers.iter().find(|offer| offer.bidder == turn.bidder)?;
    least_raise(lot, own.price).map(|least| least.minor)
}
