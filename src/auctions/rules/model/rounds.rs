//! First offers, and then rounds in which each bidder has one turn.

use entity::auctions::{ClosingMode, Format, LotTerms, Reserve, StepBase};
use entity::money::Money;

use super::dice::Dice;
use super::play::{Play, name};
use super::preemption::asking_or_not;
use super::told::bid_told;
use crate::auctions::rules::judge::Attempt;
use crate::auctions::rules::rounds::{OpenedOffer, TurnBid, TurnOffer, advance, book, judge, may_seal, shortest_seconds};
use crate::auctions::rules::step;
use crate::auctions::rules::tests::{at, terms};
use crate::platform::problem::Problem;

impl Play {
    /// Somebody seals a first offer, in the place of his earlier one, if the rules take it.
    fn offers(&mut self, attempt: &Attempt) {
        let Attempt { admission, pseudonym: bidder, price, arrival, suspended, .. } = attempt.clone();
        if may_seal(&self.lot, suspended, price, arrival).is_err() {
            return self.notes.push("no first offer");
        }
        self.envelopes.first_offers.retain(|(known, _)| *known != admission);
        self.envelopes.first_offers.push((admission, OpenedOffer { bidder, price, at: arrival, salt: String::new() }));
    }

    /// Somebody bids in a turn, after what was due before.
    fn bids_in_turn(&mut self, attempt: &Attempt) {
        let outcome = self.taken(attempt);
        self.answered("bid", &bid_told(attempt), outcome.err().as_ref());
    }

    fn taken(&mut self, attempt: &Attempt) -> Result<(), Problem> {
        let arrival = attempt.arrival.max(self.lot.last_arrival.unwrap_or(attempt.arrival));
        let (due, ahead) = advance(&self.lot, &self.envelopes, arrival);
        let taken = judge(&ahead, &self.envelopes, attempt)?;
        self.takes_all(due, ahead);
        let (round, turn) = (taken.round, taken.turn);
        if self.envelopes.turn_bid.as_ref().is_some_and(|bid| (bid.round, bid.turn) == (round, turn)) {
            self.notes.push("changed");
        }
        let offer = TurnOffer { price: taken.price, at: taken.arrival };
        self.envelopes.turn_bid = Some(TurnBid { round, turn, admission: attempt.admission, offer });
        Ok(())
    }
}

/// Whoever has a turn bids, or somebody else; about a step above his offer, or level with another's.
fn one_bids(play: &mut Play, dice: &mut Dice) {
    let (arrival, mut who) = (play.arrives(dice), dice.bidder());
    let ahead = advance(&play.lot, &play.envelopes, arrival).1;
    let turn = book(&ahead).and_then(|book| book.turn.as_ref());
    if !dice.one_in(5) {
        who = (1..=4).find(|who| turn.is_some_and(|turn| turn.bidder == name(*who))).unwrap_or(who);
    }
    let offers = book(&ahead).map(|book| book.offers.as_slice()).unwrap_or_default();
    let own = offers.iter().find(|offer| offer.bidder == name(who)).map_or(play.lot.terms.start_price.minor, |offer| offer.price.minor);
    let best = offers.iter().map(|offer| offer.price.minor).max().unwrap_or(own);
    let add = step::step_at(&play.lot.terms, Some(own));
    let fen = match dice.below(6) {
        0 => own,
        1 => own + add - 1,
        2 => own + add,
        3 => best,
        _ => own + add + dice.below(300),
    };
    let attempt = play.attempt(dice, who, fen, arrival);
    play.bids_in_turn(&attempt);
}

/// Now and then several come to their turn together, not in the order in which they arrived.
fn bids(play: &mut Play, dice: &mut Dice) {
    for _ in 0..dice.together() {
        one_bids(play, dice);
    }
}

fn any_terms(dice: &mut Dice) -> LotTerms {
    let format = Format::Rounds {
        rounds: 1 + u32::try_from(dice.below(3)).unwrap(),
        first_pause_seconds: dice.below(60),
        pause_seconds: dice.below(60),
        turn_seconds: 5 + dice.below(60),
        result_seconds: dice.below(60),
    };
    let start = 1 + dice.below(2_000);
    LotTerms {
        closing_mode: ClosingMode::HardClose,
        start_price: Money::fen(start),
        reserve: Reserve::Open { amount: Money::fen(start + dice.below(150)) },
        step: dice.step(),
        step_base: if dice.one_in(2) { StepBase::StartPrice } else { StepBase::BestBid },
        multiples_only: false,
        allow_self_raise: true,
        free_period_seconds: shortest_seconds(&format).unwrap(),
        format,
        ..terms()
    }
}

pub(super) fn history(dice: &mut Dice) -> Play {
    let terms = any_terms(dice);
    let terms = asking_or_not(dice, terms);
    let start = terms.start_price.minor;
    let mut play = Play::announced(dice, terms, 4);
    let sure = (dice.bidder(), start + 10 * dice.below(3));
    play.offers(&play.sound(sure.0, sure.1, at(-80)));
    for second in -70..-70 + dice.below(8) {
        let (who, fen) = (dice.bidder(), start + 10 * dice.below(4) - i64::from(dice.one_in(12)));
        play.offers(&play.attempt(dice, who, fen, at(second)));
    }
    let mut play = play.goes(dice, 20, bids).resumes_and_ends();
    let offers = book(&play.lot).map(|book| book.offers.as_slice()).unwrap_or_default();
    let equal = offers.iter().enumerate().any(|(place, one)| offers[..place].iter().any(|before| before.price == one.price));
    if equal {
        play.notes.push("equal offers");
    }
    play
}
