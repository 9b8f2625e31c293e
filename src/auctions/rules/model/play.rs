//! A lot that is played through the rules of the engine, whatever its format, and what was tried on it.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{LotEventKind, LotState, LotTerms, Reserve, Step, UnitAward, lot, lot_event};
use entity::ids::{AdmissionId, PersonId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::Dice;
use super::told::{bid_told, terms_told};
use crate::auctions::rules::judge::{Accepted, Attempt, Judgement, judge_knowing};
use crate::auctions::rules::log::{self, Body, Cause, append};
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::proxy::{Hidden, Placed};
use crate::auctions::rules::rounds::{self, Envelopes};
use crate::auctions::rules::sealed::Opened;
use crate::auctions::rules::sealed::scores::Scores;
use crate::auctions::rules::tests::{self, at, lot};
use crate::auctions::rules::{announce, clock};
use crate::platform::problem::Problem;

pub(super) fn name(who: u128) -> String {
    format!("竞买人 {who}")
}

pub(super) fn order() -> Order {
    Order { reason: "故障".into(), ..Order::default() }
}

/// A lot as it is played.
#[derive(Clone)]
pub(super) struct Play {
    blank: lot::Model,
    admitted: u32,
    mask: u128,
    pub(super) lot: lot::Model,
    pub(super) log: Vec<lot_event::Model>,
    pub(super) now: Timestamp,
    pub(super) deeds: Vec<Value>,
    said: Vec<&'static str>,
    /// What happened beside what the log and the refusals say.
    pub(super) notes: Vec<&'static str>,
    /// What is hidden of maxima, and those that were placed.
    pub(super) hidden: Option<Hidden>,
    pub(super) placed: Vec<Placed>,
    /// Sealed bids that count, with their round, in the order in which they were sealed.
    pub(super) sealed: Vec<(i32, Opened)>,
    /// What is sealed where bids go by rounds.
    pub(super) envelopes: Envelopes,
    /// What bidders were given where the price is one indicator among others.
    pub(super) scores: Scores,
    /// Who of the four has a right of pre-emption, of which rank, in the order in which they applied.
    pub(super) ranks: Vec<(u128, i32)>,
    /// Who is suspended by what the log says.
    pub(super) suspended: BTreeSet<u128>,
    /// When the latest bid arrived that was taken, microseconds.
    taken_at: Option<i64>,
}

impl Play {
    /// A lot whose registration has closed, so that it is about to open, or has failed.
    pub(super) fn announced(dice: &mut Dice, terms: LotTerms, admitted: u32) -> Self {
        let blank = lot::Model { enough_admitted: None, ..lot(terms) };
        let mut play = Self {
            blank: blank.clone(),
            admitted,
            mask: dice.mask(),
            lot: blank,
            log: Vec::new(),
            now: at(-20),
            deeds: Vec::new(),
            said: Vec::new(),
            notes: Vec::new(),
            hidden: None,
            placed: Vec::new(),
            sealed: Vec::new(),
            envelopes: Envelopes::default(),
            scores: Scores::new(),
            ranks: dice.ranks(),
            suspended: BTreeSet::new(),
            taken_at: None,
        };
        play.takes(announce::registered(&play.lot, admitted, at(-900)));
        if !clock::has_enough(&play.lot) {
            let body = Body::aborted(log::TOO_FEW);
            play.takes(append(&play.lot, at(-900), &body, Cause::default()));
        }
        play
    }

    pub(super) fn takes(&mut self, (event, next): (lot_event::Model, lot::Model)) {
        self.takes_all(vec![event], next);
    }

    pub(super) fn takes_all(&mut self, events: Vec<lot_event::Model>, next: lot::Model) {
        self.log.extend(events);
        self.lot = next;
    }

    /// Keeps what was tried, and what was said to it.
    pub(super) fn answered(&mut self, deed: &str, with: &Value, refusal: Option<&Problem>) {
        if deed == "bid" {
            self.notes_arrival(with[0].as_i64(), refusal.is_none());
        }
        self.deeds.push(json!({"do": deed, "with": with}));
        self.said.push(refusal.map_or("done", |refusal| refusal.code.code()));
    }

    /// Notes whether a bid arrived together with the latest that was taken, or before it.
    fn notes_arrival(&mut self, arrival: Option<i64>, is_taken: bool) {
        match arrival.cmp(&self.taken_at) {
            Ordering::Less => self.notes.push("out of order"),
            Ordering::Equal => self.notes.push("at one instant"),
            Ordering::Greater => {}
        }
        if is_taken {
            self.taken_at = self.taken_at.max(arrival);
        }
    }

    /// So many things are tried, some of them by the host, some by holders who are asked.
    pub(super) fn goes(mut self, dice: &mut Dice, most: u64, act: impl Fn(&mut Self, &mut Dice)) -> Self {
        // Whoever is asked after the end is to have time to answer.
        let least = if self.asks() { 14 } else { 4 };
        for _ in 0..least + dice.below(most) {
            let at_most = if dice.one_in(4) { 300_000 } else { 40_000 };
            self.now += TimeDelta::milliseconds(dice.below(at_most));
            if !self.host_acts(dice) && !self.holders_act(dice) {
                act(&mut self, dice);
            }
        }
        self
    }

    /// The host pauses, resumes or gives more time, or leaves the lot alone.
    fn host_acts(&mut self, dice: &mut Dice) -> bool {
        let now = self.now;
        match dice.below(12) {
            0 => self.does("pause", &[], |lot| pause::pause(lot, &order(), now)),
            1 | 2 | 4 | 5 if self.lot.pause.is_some() => self.resumes(),
            3 => {
                let seconds = 1 + dice.below(100);
                self.does("extend", &[json!(seconds)], |lot| pause::extend(lot, seconds, TimeDelta::hours(1), &order(), now));
            }
            _ => return false,
        }
        true
    }

    pub(super) fn resumes(&mut self) {
        let now = self.now;
        self.does("resume", &[], |lot| pause::resume(lot, &order(), now));
    }

    /// What is done beside the bidding, after what was due before.
    pub(super) fn does(
        &mut self,
        deed: &str,
        more: &[Value],
        rule: impl FnOnce(&lot::Model) -> Result<(lot_event::Model, lot::Model), Problem>,
    ) {
        let now = self.now;
        self.serves(now);
        let (due, ahead) = rounds::advance(&self.lot, &self.envelopes, now);
        let outcome = rule(&ahead);
        let with: Vec<_> = std::iter::once(json!(now.timestamp_micros())).chain(more.iter().cloned()).collect();
        self.answered(deed, &json!(with), outcome.as_ref().err());
        if let Ok(step) = outcome {
            self.log.extend(due);
            self.takes(step);
        }
    }

    /// When something arrives that comes to its turn now.
    pub(super) fn arrives(&mut self, dice: &mut Dice) -> Timestamp {
        let arrival = self.arrival(dice);
        self.serves(arrival);
        arrival
    }

    /// When several things arrive, or mostly one, that come to their turn together now, not in the order in which they arrived.
    pub(super) fn arrive_together(&mut self, dice: &mut Dice) -> Vec<Timestamp> {
        let arrivals: Vec<_> = (0..dice.together()).map(|_| self.arrival(dice)).collect();
        if let Some(first) = arrivals.iter().min() {
            self.serves(*first);
        }
        arrivals
    }

    /// An instant at which something may arrive that comes to its turn now: sometimes a while ago. What came before an end that
    /// something followed was heard out before.
    fn arrival(&self, dice: &mut Dice) -> Timestamp {
        let late = if dice.one_in(4) { dice.below(3_000) } else { 0 };
        let asked = self.lot.asking.as_ref().map(|asking| asking.bidding_ended_at);
        let opened = self.lot.opened.as_ref().map(|opened| opened.at);
        [asked, opened].into_iter().flatten().fold(self.now - TimeDelta::milliseconds(late), Ord::max)
    }

    /// An attempt of one of the four, who may be suspended.
    pub(super) fn attempt(&self, dice: &mut Dice, who: u128, fen: i64, arrival: Timestamp) -> Attempt {
        let suspended = self.suspended.contains(&who) || dice.one_in(20);
        Attempt { suspended, ..self.sound(who, fen, arrival) }
    }

    /// The same, in every respect sound.
    pub(super) fn sound(&self, who: u128, fen: i64, arrival: Timestamp) -> Attempt {
        let person = PersonId(Uuid::from_u128(who ^ self.mask));
        Attempt { admission: self.admission(who), person, priority: self.rank(who), ..tests::attempt(who, fen, arrival) }
    }

    pub(super) fn admission(&self, who: u128) -> AdmissionId {
        AdmissionId(Uuid::from_u128(who ^ self.mask))
    }

    /// Bids that everybody sees and that come to their turn together. One after the other they come to the same.
    pub(super) fn bids(&mut self, attempts: &[Attempt]) {
        let together = judge_knowing(&self.lot, self.hidden, attempts);
        if attempts.len() > 1 {
            let apart = self.one_by_one(attempts);
            assert_eq!((&apart.lot, apart.hidden), (&together.lot, together.hidden));
            assert_eq!((&apart.events, &apart.outcomes), (&together.events, &together.outcomes));
        }
        for (attempt, outcome) in attempts.iter().zip(&together.outcomes) {
            self.answered("bid", &bid_told(attempt), outcome.as_ref().err());
            if let Ok(Accepted { seq, maximum: Some(secret), .. }) = outcome {
                self.placed.push(Placed { seq: *seq, admission: attempt.admission, secret: *secret });
            }
        }
        if attempts.len() == 1 && !together.events.is_empty() && self.lot.price_minor == Some(attempts[0].price.minor) {
            let has_resumed = self.log.iter().any(|event| event.kind == LotEventKind::Resumed);
            let on_a_ladder = matches!(self.lot.terms.step, Step::Ladder { .. });
            self.notes_those(&[(true, "at par"), (has_resumed, "at par after a pause"), (on_a_ladder, "at par on a ladder")]);
        }
        self.hidden = together.hidden;
        self.takes_all(together.events, together.lot);
    }

    fn one_by_one(&self, attempts: &[Attempt]) -> Judgement {
        let mut all = Judgement { lot: self.lot.clone(), hidden: self.hidden, events: Vec::new(), outcomes: Vec::new() };
        for attempt in attempts {
            let one = judge_knowing(&all.lot, all.hidden, std::slice::from_ref(attempt));
            all.events.extend(one.events);
            all.outcomes.extend(one.outcomes);
            (all.lot, all.hidden) = (one.lot, one.hidden);
        }
        all
    }

    /// Who has it, and for how much.
    pub(super) fn sale(&self) -> Option<(&str, i64)> {
        let sold = self.lot.state == LotState::ClosedSold;
        self.lot.leader_pseudonym.as_deref().zip(self.lot.price_minor).filter(|_| sold)
    }

    /// The history as the model reads it. The lot can be rebuilt from its log alone.
    pub(super) fn history(&self) -> Value {
        assert_eq!(log::replay(self.blank.clone(), &self.log).as_ref(), Ok(&self.lot));
        let (terms, end) = (&self.blank.terms, &self.lot);
        let reserve = if let Reserve::Open { amount } = &terms.reserve { Some(amount.minor) } else { None };
        // Of sealed bids only a sale counts.
        let counts = !terms.format.is_sealed() || end.state == LotState::ClosedSold;
        let offers: Vec<_> = self.envelopes.first_offers.iter().map(|(_, offer)| (&offer.bidder, offer.price.minor)).collect();
        let mut history = json!({
            "terms": terms_told(terms, &self.holders(), &self.scores), "opens_at": self.blank.opens_at.timestamp_micros(),
            "reserve": reserve, "admitted": self.admitted, "offers": offers, "deeds": self.deeds, "said": self.said,
            "end": {"state": end.state, "price": end.price_minor.filter(|_| counts),
                    "leader": end.leader_pseudonym.as_ref().filter(|_| counts), "bids": end.bid_count,
                    "closes_at": end.closes_at.timestamp_micros()},
        });
        if terms.format.units().is_some() {
            let awards: Vec<_> = self.awards().iter().map(|award| (&award.bidder, award.units, award.price.minor)).collect();
            history["end"]["awards"] = json!(awards);
        }
        history
    }

    /// Who has how many of several units.
    fn awards(&self) -> &[UnitAward] {
        self.lot.opened.as_ref().map_or(&[], |opened| &opened.awards)
    }

    /// Notes whether several bidders have some of the units, and one several.
    pub(super) fn noting_awards(mut self) -> Self {
        let (several, one) = (self.awards().len() > 1, self.awards().iter().any(|award| award.units > 1));
        self.notes_those(&[(several, "several buyers"), (one, "several of one")]);
        self
    }

    /// Notes what is so.
    fn notes_those(&mut self, all: &[(bool, &'static str)]) {
        self.notes.extend(all.iter().filter(|(is, _)| *is).map(|(_, what)| *what));
    }

    /// Notes whether the highest price does not win.
    pub(super) fn noting_totals(mut self) -> Self {
        let sealed = self.sealed.iter().map(|(_, opened)| opened.bid.price.minor).max();
        if self.sale().is_some_and(|(_, paid)| sealed > Some(paid)) {
            self.notes.push("a lower price wins");
        }
        self
    }

    /// What happened, by name: each deed with what was said to it, each event, each note.
    pub(super) fn happened(&self) -> Vec<String> {
        let deeds = self.deeds.iter().zip(&self.said).map(|(deed, said)| format!("{} {said}", deed["do"].as_str().unwrap()));
        let events = self.log.iter().map(|event| event.kind.code());
        deeds.chain(events).chain(self.notes.iter().map(|note| (*note).to_owned())).collect()
    }
}
