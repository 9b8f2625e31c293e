//! Sealed bids that are opened at once: first price, one-shot and Vickrey.

use entity::auctions::{ClosingMode, Direction, Format, LotTerms, Reserve};
use entity::money::Money;
use serde_json::Value;

use super::dice::Dice;
use super::play::{Play, name};
use super::preemption::asking_or_not;
use super::told::bid_told;
use crate::auctions::rules::direction::LEAST;
use crate::auctions::rules::judge::Attempt;
use crate::auctions::rules::preemption;
use crate::auctions::rules::sealed::{Opened, OpenedBid, judge, limit, units};
use crate::auctions::rules::tests::{at, terms};

impl Play {
    /// Somebody seals a bid, in the place of his earlier one of the round, if the rules take it.
    pub(super) fn seals(&mut self, attempt: &Attempt, further_units: Vec<Money>) -> bool {
        let last = self.sealed.iter().rfind(|(_, before)| before.admission == attempt.admission).map(|(_, before)| before.bid.at);
        let judged = judge(&self.lot, attempt, last);
        let outcome = judged.and_then(|judged| units::may_bid_for(&self.lot, attempt.price, &further_units).map(|()| judged));
        let deed = if preemption::round_of(&self.lot).is_some() { "seal" } else { "bid" };
        self.answered(deed, &told(attempt, &further_units), outcome.as_ref().err());
        let Ok((round, at)) = outcome else { return false };
        let order = i64::try_from(self.deeds.len()).unwrap();
        let Attempt { admission, pseudonym: bidder, price, .. } = attempt.clone();
        self.sealed.retain(|(of, before)| (*of, before.admission) != (round, admission));
        let bid = OpenedBid { bidder, price, at, order, salt: String::new(), commitment: String::new(), further_units };
        self.sealed.push((round, Opened { admission, bid }));
        true
    }
}

/// A bid as the model reads it: where it is for several units, with the price of each.
fn told(attempt: &Attempt, further_units: &[Money]) -> Value {
    let mut told = bid_told(attempt);
    if !further_units.is_empty() {
        told[2] = std::iter::once(attempt.price).chain(further_units.iter().copied()).map(|price| price.minor).collect();
    }
    told
}

/// Somebody seals a bid close to what another may have bid, or far above; now and then several come to their turn together,
/// not in the order in which they arrived.
fn seals(play: &mut Play, dice: &mut Dice) {
    let count = if dice.one_in(3) { 2 + dice.below(3) } else { 1 };
    for _ in 0..count {
        let (arrival, mut who) = (play.arrives(dice), dice.bidder());
        let tie = play.lot.opened.as_ref().and_then(|opened| opened.tie.as_ref());
        if let Some(tie) = tie
            && !dice.one_in(4)
        {
            who = (1..=4).rev().find(|who| tie.bidders.contains(&name(*who))).unwrap_or(who);
        }
        let add = if dice.one_in(30) { dice.below(3_000) } else { dice.below(4) - 1 };
        let is_again = tie.is_some();
        let price = match play.lot.terms.direction {
            Direction::Ascending => limit(&play.lot) + add,
            Direction::Descending => (limit(&play.lot) - add).max(LEAST),
        };
        let attempt = play.attempt(dice, who, price, arrival);
        if play.seals(&attempt, Vec::new()) && is_again {
            play.notes.push("bid again");
        }
    }
}

pub(super) fn any_terms(dice: &mut Dice, format: Format) -> LotTerms {
    let start = 1 + dice.below(2_000);
    let reserve = match dice.below(5) {
        0..3 => Reserve::None {},
        3 => Reserve::Open { amount: Money::fen(start + dice.below(5)) },
        _ => Reserve::Open { amount: Money::fen(dice.below(4_000)) },
    };
    LotTerms {
        format,
        closing_mode: ClosingMode::HardClose,
        start_price: Money::fen(start),
        reserve,
        free_period_seconds: 60 + dice.below(400),
        min_bidders: 1 + u32::from(dice.one_in(2)),
        // The text does not tell when the timer comes.
        close_grace_ms: 0,
        ..terms()
    }
}

/// The same where the lowest bid wins: what lay above the start price lies as far below it.
fn falling(terms: LotTerms) -> LotTerms {
    let reserve = match terms.reserve {
        Reserve::Open { amount } => Reserve::Open { amount: Money::fen((2 * terms.start_price.minor - amount.minor).max(LEAST)) },
        other => other,
    };
    LotTerms { direction: Direction::Descending, reserve, ..terms }
}

/// Bids of different prices that arrive at one instant come to the same in whatever order they are sealed.
fn shuffled(dice: &mut Dice, play: &Play) -> Play {
    let start = play.lot.terms.start_price.minor;
    let (mut bids, mut fen) = (Vec::new(), start);
    for who in 1..=4 {
        bids.push((who, fen));
        fen += 1 + dice.below(400);
    }
    let mut in_any_order = || {
        dice.shuffle(&mut bids);
        let mut play = play.clone();
        for (who, fen) in &bids {
            let attempt = play.sound(*who, *fen, at(5));
            play.seals(&attempt, Vec::new());
        }
        play.ends()
    };
    let (one, other) = (in_any_order(), in_any_order());
    assert_eq!(one.sale(), other.sale());
    other
}

pub(super) fn history(dice: &mut Dice, format: fn(i64) -> Format) -> Play {
    let tie_round_seconds = 60 + dice.below(200);
    let terms = any_terms(dice, format(tie_round_seconds));
    let may_fall = terms.format.tie_round_seconds().is_some();
    let terms = if may_fall && dice.one_in(3) { falling(terms) } else { terms };
    let terms = asking_or_not(dice, terms);
    let admitted = dice.admitted(&terms);
    let play = Play::announced(dice, terms, admitted);
    if play.lot.terms.direction.is_ascending() && dice.one_in(8) {
        return shuffled(dice, &play);
    }
    play.goes(dice, 16, seals).resumes_and_ends()
}
