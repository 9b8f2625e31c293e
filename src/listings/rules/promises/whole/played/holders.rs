//! Those who hold a right of pre-emption: what they may that others may not, while it is bid for or after that.

use entity::Timestamp;
use entity::auctions::{PreemptionHolder, lot};
use entity::money::Money;
use proptest::prelude::*;

use super::super::foretold::told;
use super::super::told::{lets_in_at_par, time_to_answer, time_to_seal};
use super::rehearsed::place;
use super::{Answer, HOLDER, Play, admission, name, order};
use crate::auctions::rules::log::{Body, Cause, append};
use crate::auctions::rules::tests::attempt;
use crate::auctions::rules::{Attempt, preemption};
use crate::listings::rules::promises::sealed::opened;
use crate::platform::problem::Code;
use crate::simulation::description::Deed;

impl Play<'_> {
    /// The holders in the order in which they applied, with their ranks.
    pub(super) fn holders(&self) -> impl Iterator<Item = (u128, i32)> {
        (HOLDER..).zip(self.ranks.iter().copied())
    }

    pub(super) fn leads(&self, who: u128) -> bool {
        self.lot.leader_pseudonym == Some(name(who))
    }

    /// The rank of whoever leads, if he holds a right, be he suspended since or not.
    fn leading_rank(&self) -> Option<i32> {
        self.holders().find(|(who, _)| self.leads(*who)).map(|(_, rank)| rank)
    }

    /// A holder leads with the price that stands exactly where that is promised, unless who leads holds as good a right. The last
    /// such bid there may be.
    pub(super) fn best_at_par(&self) -> Result<Option<Attempt>, TestCaseError> {
        let Some(stands) = self.lot.price_minor else { return Ok(None) };
        let (is_promised, leading) = (lets_in_at_par(self.text), self.leading_rank());
        let mut last = None;
        for (who, rank) in self.holders().filter(|(who, _)| !self.leads(*who) && !self.suspended.contains(who)) {
            let goes_before = is_promised && leading.is_none_or(|leading| rank < leading);
            let attempt = self.attempt(who, stands);
            let due = if goes_before { Ok(Money::fen(stands)) } else { Err(Code::TooLow) };
            prop_assert_eq!(self.verdict(&self.lot, &attempt), due);
            last = Some(attempt).filter(|_| goes_before).or(last);
        }
        Ok(last)
    }

    /// The bid that was accepted last says the rank of its bidder exactly where that is promised.
    pub(super) fn says_the_rank(&self, of: &Attempt) -> Result<(), TestCaseError> {
        if let Body::BidPlaced { priority, .. } = serde_json::from_str(&self.log.last().unwrap().body).unwrap() {
            prop_assert_eq!(priority, of.priority.filter(|_| lets_in_at_par(self.text)));
        }
        Ok(())
    }

    /// Those who are asked after the bidding, as it is promised, with their ranks: by rank; neither who leads nor anybody who is not
    /// before him, nor who is suspended.
    fn to_be_asked(&self) -> Vec<(u128, i32)> {
        let leading = self.leading_rank();
        let comes = |(who, rank): &(u128, i32)| !self.leads(*who) && leading.is_none_or(|leading| *rank < leading);
        let mut asked: Vec<_> = self.holders().filter(comes).filter(|(who, _)| !self.suspended.contains(who)).collect();
        asked.sort_by_key(|(_, rank)| *rank);
        asked
    }

    /// The holders as the rule is given them: who may bid, and who leads.
    fn admitted(&self) -> Vec<PreemptionHolder> {
        let named = self.holders().filter(|(who, _)| self.leads(*who) || !self.suspended.contains(who));
        named.map(|(who, rank)| PreemptionHolder { bidder: name(who), rank }).collect()
    }

    /// Holders are asked rank by rank, where that is promised; when it is decided, who takes the lot, and for how many fen.
    pub(super) fn asks(
        &mut self,
        answers: [Answer; 2],
        reached: bool,
        mut decided: Timestamp,
    ) -> Result<(Timestamp, Option<(String, i64)>), TestCaseError> {
        let length = time_to_answer(self.text);
        let mut waiting = if length.is_some() && reached { self.to_be_asked() } else { Vec::new() };
        for answer in answers {
            let asked = preemption::ask(&self.lot, self.secret.as_ref(), &self.admitted(), decided);
            prop_assert_eq!(asked.is_some(), !waiting.is_empty());
            let Some((event, lot)) = asked else { return Ok((decided, None)) };
            self.goes_on(event, lot);
            let named = self.lot.asking.iter().flat_map(|asking| &asking.holders).map(|holder| holder.bidder.clone());
            prop_assert_eq!(named.collect::<Vec<_>>(), waiting.iter().map(|(who, _)| name(*who)).collect::<Vec<_>>());
            prop_assert_eq!(Some(self.lot.closes_at - decided), length);
            self.tells_the_end_of("preemption_asked")?;
            let best = waiting[0].1;
            let (now, behind): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, rank)| *rank == best);
            self.hear(&now, behind.first().map(|(who, _)| *who), answer, decided)?;
            self.agrees()?;
            decided = self.runs_out().1;
            if answer == Answer::Takes {
                return self.take_it(&now, decided);
            }
            waiting = if answer == Answer::NextIsSuspended { Vec::new() } else { behind };
        }
        prop_assert!(preemption::ask(&self.lot, self.secret.as_ref(), &self.admitted(), decided).is_none());
        Ok((decided, None))
    }

    /// The timeline has the end that the engine has.
    fn tells_the_end_of(&self, code: &str) -> Result<(), TestCaseError> {
        let steps = told(&self.lot, &self.log, self.rules);
        let due = steps.iter().find(|step| step.code == code).unwrap().due_at;
        prop_assert_eq!(due, Some(self.lot.closes_at));
        self.agrees()
    }

    /// What comes of it when these are asked at an instant: nobody answers for them, and they do not after their time.
    fn hear(&mut self, asked: &[(u128, i32)], next: Option<u128>, answer: Answer, since: Timestamp) -> Result<(), TestCaseError> {
        let half_way = since + (self.lot.closes_at - since) / 2;
        let says = |lot: &lot::Model, who: u128, takes: bool, at: Timestamp| {
            let cause = Cause { admission: Some(admission(who)), ..Cause::default() };
            preemption::answer(lot, &name(who), false, takes, at, cause).map_err(|refusal| refusal.code)
        };
        if let Some(next) = next {
            prop_assert_eq!(says(&self.lot, next, true, half_way).err(), Some(Code::WrongState));
        }
        for (who, _) in asked {
            prop_assert_eq!(says(&self.lot, *who, true, self.lot.closes_at).err(), Some(Code::Closed));
        }
        match (answer, next) {
            (Answer::Takes | Answer::Declines, _) => {
                for (who, _) in asked {
                    let takes = answer == Answer::Takes;
                    let (event, lot) = says(&self.lot, *who, takes, half_way).unwrap();
                    self.goes_on(event, lot);
                    self.describes(half_way, Deed::Answer { bidder: place(*who), takes });
                }
            }
            (Answer::NextIsSuspended, Some(next)) => {
                let (event, lot) = append(&self.lot, half_way, &Body::BidderSuspended { bidder: name(next) }, Cause::default());
                self.goes_on(event, lot);
                self.describes(half_way, Deed::Suspend { bidder: place(next), reason: order().reason });
            }
            (Answer::NextIsSuspended | Answer::Silence, _) => {}
        }
        Ok(())
    }

    /// One alone has the lot at the price found; several seal one more bid, where the last of them offers more than the price.
    fn take_it(&mut self, takers: &[(u128, i32)], decided: Timestamp) -> Result<(Timestamp, Option<(String, i64)>), TestCaseError> {
        let (stands, last) = (self.lot.price_minor.unwrap(), takers[takers.len() - 1].0);
        let round = preemption::round(&self.lot, decided);
        prop_assert_eq!(round.is_some(), takers.len() > 1);
        let Some((event, lot)) = round else { return Ok((decided, Some((name(last), stands)))) };
        self.goes_on(event, lot);
        prop_assert_eq!(Some(self.lot.closes_at - decided), time_to_seal(self.text));
        self.tells_the_end_of("preemption_round")?;
        let seals = |who: u128, fen: i64, at: Timestamp| self.verdict(&self.lot, &attempt(who, fen, at));
        prop_assert_eq!(seals(last, stands - 1, decided), Err(Code::TooLow));
        prop_assert_eq!(seals(last, stands + 1, decided), Ok(Money::fen(stands + 1)));
        prop_assert_eq!(seals(1, stands + 1, decided), Err(Code::NotInTieRound));
        prop_assert_eq!(seals(last, stands + 1, self.lot.closes_at), Err(Code::Closed));
        self.describes_bid(last, Money::fen(stands + 1), decided);
        let (_, decided) = self.runs_out();
        self.opens(vec![opened(i64::try_from(last).unwrap(), stands + 1)], decided);
        Ok((decided, Some((name(last), stands + 1))))
    }
}
