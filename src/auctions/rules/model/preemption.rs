//! Holders of a right of pre-emption: who they are, and those who are asked once bidding has ended.

use chrono::TimeDelta;
use entity::auctions::{Direction, LotState, LotTerms, Preemption, PreemptionHolder, Reserve, lot};
use entity::money::Money;
use serde_json::json;

use super::dice::Dice;
use super::english::{any_terms, bids};
use super::play::{Play, name};
use crate::auctions::rules::judge::Attempt;
use crate::auctions::rules::log::{Body, Cause, append};
use crate::auctions::rules::sealed::limit;
use crate::auctions::rules::{clock, preemption, rounds};

impl Play {
    /// The rank of the right that one of the four who bid has.
    pub(super) fn rank(&self, who: u128) -> Option<i32> {
        self.ranks.iter().find(|(holder, _)| *holder == who).map(|(_, rank)| *rank)
    }

    /// Those with a right, in the order in which they applied.
    pub(super) fn holders(&self) -> Vec<PreemptionHolder> {
        self.ranks.iter().map(|(who, rank)| PreemptionHolder { bidder: name(*who), rank: *rank }).collect()
    }

    /// Those of them who are not suspended. The bid of whoever leads stands, and his rank with it.
    pub(super) fn to_be_asked(&self, lot: &lot::Model) -> Vec<PreemptionHolder> {
        let suspended: Vec<_> = self.suspended.iter().map(|who| name(*who)).collect();
        let leads = |holder: &PreemptionHolder| lot.leader_pseudonym.as_ref() == Some(&holder.bidder);
        self.holders().into_iter().filter(|holder| leads(holder) || !suspended.contains(&holder.bidder)).collect()
    }

    /// Whether holders are asked after the bidding.
    pub(super) fn asks(&self) -> bool {
        self.lot.terms.preemption.as_ref().and_then(Preemption::answer_seconds).is_some()
    }

    /// Where they are, who is asked often answers, and somebody is suspended now and then. Tells whether anything was done.
    pub(super) fn holders_act(&mut self, dice: &mut Dice) -> bool {
        if !self.asks() {
            return false;
        }
        self.serves(self.now);
        if preemption::round_of(&self.lot).is_some() && dice.one_in(2) {
            self.bids_once_more(dice);
            return true;
        }
        let often = if self.lot.state == LotState::PreemptionAsk { 2 } else { 12 };
        if dice.one_in(often) {
            self.answers(dice);
            return true;
        }
        dice.one_in(often) && self.suspends(dice)
    }

    /// Who of the four is asked now and has not answered.
    fn asked(&self) -> Option<u128> {
        (1..=4).find(|who| preemption::asked(&self.lot).any(|holder| holder.bidder == name(*who)))
    }

    /// One of the four answers, mostly the one who is asked.
    fn answers(&mut self, dice: &mut Dice) {
        let drawn = dice.bidder();
        let who = self.asked().filter(|_| !dice.one_in(5)).unwrap_or(drawn);
        let (bidder, takes, suspended, now) = (name(who), dice.one_in(2), self.suspended.contains(&who), self.now);
        let cause = Cause { admission: Some(self.admission(who)), ..Cause::default() };
        self.does("answer", &[json!(bidder), json!(takes)], |lot| preemption::answer(lot, &bidder, suspended, takes, now, cause));
    }

    /// Several take it, and mostly one of them seals a bid close to what another may have sealed.
    fn bids_once_more(&mut self, dice: &mut Dice) {
        let drawn = dice.bidder();
        let takers = preemption::round_of(&self.lot).map(|round| round.bidders.clone()).unwrap_or_default();
        let may = takers.contains(&name(drawn)) || dice.one_in(2);
        let who = if may { drawn } else { (1..=4).rev().find(|who| takers.contains(&name(*who))).unwrap_or(drawn) };
        let late = if dice.one_in(3) { dice.below(200_000) } else { 0 };
        let arrival = (self.now - TimeDelta::milliseconds(late)).max(self.lot.opens_at);
        let price = limit(&self.lot) + dice.below(4) - 1;
        let attempt = Attempt { suspended: self.suspended.contains(&who), ..self.sound(who, price, arrival) };
        self.seals(&attempt, Vec::new());
    }

    /// One of the four is suspended, or is no more. Once a lot is over its log says nothing of bidders.
    fn suspends(&mut self, dice: &mut Dice) -> bool {
        let (drawn, now) = (dice.bidder(), self.now);
        let who = self.asked().filter(|_| dice.one_in(3)).unwrap_or(drawn);
        let ahead = rounds::advance(&self.lot, &self.envelopes, now).1;
        if clock::has_ended(&ahead) || clock::is_over(&ahead, now) {
            return false;
        }
        let (bidder, is_suspended) = (name(who), !self.suspended.remove(&who));
        if is_suspended {
            self.suspended.insert(who);
            let mut waiting = self.lot.asking.iter().flat_map(|asking| asking.holders.iter().skip(1));
            if waiting.any(|holder| holder.bidder == bidder) {
                self.notes.push("suspended before his turn");
            }
        }
        let with = [json!(bidder), json!(is_suspended)];
        let body = if is_suspended { Body::BidderSuspended { bidder } } else { Body::BidderReinstated { bidder } };
        self.does("suspend", &with, |lot| Ok(append(lot, now, &body, Cause::default())));
        true
    }
}

/// The same terms, under which holders are asked after the bidding. Beside that no price to buy at is announced; and mostly any
/// price will do, for otherwise nobody is asked.
fn asking(dice: &mut Dice, terms: LotTerms) -> LotTerms {
    let (answer_seconds, alike) = (20 + dice.below(300), 20 + dice.below(300));
    let round_seconds = dice.one_in(2).then_some(alike);
    let preemption = Some(Preemption::AskAfter { answer_seconds, round_seconds });
    let reserve = if dice.one_in(4) { terms.reserve } else { Reserve::None {} };
    // The text does not tell when the timer comes.
    LotTerms { preemption, reserve, buy_now: None, close_grace_ms: 0, ..terms }
}

/// The same terms, under which now and then holders are asked after the bidding, where that may be announced: neither where
/// prices fall bid by bid, nor beside another such right.
pub(super) fn asking_or_not(dice: &mut Dice, terms: LotTerms) -> LotTerms {
    let may_ask = terms.direction.is_ascending() && terms.preemption.is_none();
    if may_ask && dice.one_in(3) { asking(dice, terms) } else { terms }
}

/// Most have a right of the same rank, take long to be asked, and say yes to more.
pub(super) fn history_of_one_rank(dice: &mut Dice) -> Play {
    let mode = dice.closing_mode();
    let terms = LotTerms {
        direction: Direction::Ascending,
        free_period_seconds: 20 + dice.below(40),
        timed_cycle_seconds: 10 + dice.below(20),
        max_duration_seconds: None,
        preemption: None,
        ..any_terms(dice, mode)
    };
    let (answer_seconds, round_seconds) = (100 + dice.below(600), Some(100 + dice.below(600)));
    let preemption = Some(Preemption::AskAfter { answer_seconds, round_seconds });
    let terms = LotTerms { preemption, ..asking(dice, terms) };
    let admitted = dice.admitted(&terms);
    let mut play = Play::announced(dice, terms, admitted);
    play.ranks = vec![(2, 1), (3, 1 + i32::from(dice.one_in(6))), (4, 1), (1, 2)];
    play.goes(dice, 40, bids).ends()
}

pub(super) fn history(dice: &mut Dice) -> Play {
    let mode = dice.closing_mode();
    let terms = LotTerms {
        direction: Direction::Ascending,
        reserve: Reserve::Open { amount: Money::fen(dice.below(1_200)) },
        free_period_seconds: 30 + dice.below(150),
        timed_cycle_seconds: 10 + dice.below(60),
        max_duration_seconds: None,
        ..any_terms(dice, mode)
    };
    let terms = asking(dice, terms);
    let admitted = dice.admitted(&terms);
    Play::announced(dice, terms, admitted).goes(dice, 16, bids).ends()
}
