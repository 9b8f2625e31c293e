//! A lot that is played through the rules of the engine, whatever its format, and what was tried on it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Format, LotState, LotTerms, Preemption, PreemptionHolder, Reserve, UnitAward, lot, lot_event};
use entity::ids::{AdmissionId, PersonId};
use entity::scores::{Criterion, GivenScore};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::Dice;
use crate::auctions::rules::judge::{Accepted, Attempt, Judgement, judge_knowing};
use crate::auctions::rules::log::{self, Body, Cause, append};
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::proxy::{self, Hidden, Placed};
use crate::auctions::rules::rounds::{self, Envelopes};
use crate::auctions::rules::sealed::scores::{Scores, is_weighted};
use crate::auctions::rules::sealed::{self, Opened, weighted};
use crate::auctions::rules::tests::{self, at, lot};
use crate::auctions::rules::{announce, clock, close, preemption};
use crate::platform::problem::Problem;

/// Of the four who bid one has a right of pre-emption of the first rank, two have one of the second, one has none.
fn rank(who: u128) -> Option<i32> {
    match who {
        1 => Some(1),
        2 | 3 => Some(2),
        _ => None,
    }
}

pub(super) fn name(who: u128) -> String {
    format!("竞买人 {who}")
}

/// Those with a right, in the order in which they applied.
fn holders() -> Vec<PreemptionHolder> {
    (1..=4).filter_map(|who| Some(PreemptionHolder { bidder: name(who), rank: rank(who)? })).collect()
}

/// The terms as the model reads them: it is told there who has a right of pre-emption, and what bidders were given.
fn told(terms: &LotTerms, scores: &Scores) -> Value {
    let ranks: BTreeMap<_, _> = holders().into_iter().map(|holder| (holder.bidder, holder.rank)).collect();
    let mut told = json!(terms);
    match &terms.preemption {
        None => {}
        Some(Preemption::Parity {}) => told["preemption"] = json!({"kind": "parity", "ranks": ranks}),
        Some(Preemption::AskAfter { answer_seconds, .. }) => {
            told["preemption"] = json!({"kind": "ask_after", "ranks": ranks, "seconds": answer_seconds});
        }
    }
    match &terms.format {
        Format::UniformPrice { units, cap, pays } => {
            told["format"] = json!({"kind": "uniform", "units": units, "cap": cap, "price": pays});
        }
        Format::Weighted { price_weight_bp, criteria } => {
            let others: Vec<_> = criteria.iter().map(|criterion| indicator_told(criterion, scores)).collect();
            told["format"] = json!({"kind": "weighted", "price_bp": price_weight_bp, "others": others});
        }
        _ => {}
    }
    told
}

/// An indicator as the model reads it, with the whole points that every bidder was given.
fn indicator_told(criterion: &Criterion, scores: &Scores) -> Value {
    let of = |given: &Vec<GivenScore>| {
        let found = given.iter().find(|one| one.criterion() == criterion.name);
        let Some(GivenScore::Experts { points, .. }) = found else { unreachable!("it is drawn so") };
        points.iter().map(|points| points.decimal().trim_end_matches(".00").parse::<u32>().unwrap()).collect::<Vec<_>>()
    };
    let given: BTreeMap<_, _> = scores.iter().map(|(bidder, given)| (bidder, of(given))).collect();
    json!({"bp": criterion.weight_bp, "scores": given})
}

/// A bid as the model reads it.
pub(super) fn bid_told(attempt: &Attempt) -> Value {
    json!([attempt.arrival.timestamp_micros(), attempt.pseudonym, attempt.price.minor, attempt.suspended])
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
    placed: Vec<Placed>,
    /// Sealed bids that count, with their round, in the order in which they were sealed.
    pub(super) sealed: Vec<(i32, Opened)>,
    /// What is sealed where bids go by rounds.
    pub(super) envelopes: Envelopes,
    /// What bidders were given where the price is one indicator among others.
    pub(super) scores: Scores,
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
        self.deeds.push(json!({"do": deed, "with": with}));
        self.said.push(refusal.map_or("done", |refusal| refusal.code.code()));
    }

    /// So many things are tried, some of them by the host.
    pub(super) fn goes(mut self, dice: &mut Dice, most: u64, act: impl Fn(&mut Self, &mut Dice)) -> Self {
        for _ in 0..4 + dice.below(most) {
            let at_most = if dice.one_in(4) { 300_000 } else { 40_000 };
            self.now += TimeDelta::milliseconds(dice.below(at_most));
            if !self.host_acts(dice) {
                act(&mut self, dice);
            }
        }
        self
    }

    /// The host pauses, resumes or gives more time, or leaves the lot alone.
    fn host_acts(&mut self, dice: &mut Dice) -> bool {
        let now = self.now;
        match dice.below(12) {
            0 => self.host("pause", &[], |lot| pause::pause(lot, &order(), now)),
            1 | 2 if self.lot.pause.is_some() => self.resumes(),
            3 => {
                let seconds = 1 + dice.below(100);
                self.host("extend", &[seconds], |lot| pause::extend(lot, seconds, TimeDelta::hours(1), &order(), now));
            }
            _ => return false,
        }
        true
    }

    pub(super) fn resumes(&mut self) {
        let now = self.now;
        self.host("resume", &[], |lot| pause::resume(lot, &order(), now));
    }

    /// What the host does, after what was due before.
    fn host(&mut self, deed: &str, more: &[i64], rule: impl FnOnce(&lot::Model) -> Result<(lot_event::Model, lot::Model), Problem>) {
        let now = self.now;
        self.serves(now);
        let (due, ahead) = rounds::advance(&self.lot, &self.envelopes, now);
        let outcome = rule(&ahead);
        let with: Vec<_> = std::iter::once(now.timestamp_micros()).chain(more.iter().copied()).collect();
        self.answered(deed, &json!(with), outcome.as_ref().err());
        if let Ok(step) = outcome {
            self.log.extend(due);
            self.takes(step);
        }
    }

    /// When something arrives that comes to its turn now: sometimes a while ago. What came before an end that something
    /// followed was heard out before.
    pub(super) fn arrives(&mut self, dice: &mut Dice) -> Timestamp {
        let late = if dice.one_in(4) { dice.below(3_000) } else { 0 };
        let asked = self.lot.asking.as_ref().map(|asking| asking.bidding_ended_at);
        let opened = self.lot.opened.as_ref().map(|opened| opened.at);
        let arrival = [asked, opened].into_iter().flatten().fold(self.now - TimeDelta::milliseconds(late), Ord::max);
        self.serves(arrival);
        arrival
    }

    /// An attempt of one of the four, who may be suspended.
    pub(super) fn attempt(&self, dice: &mut Dice, who: u128, fen: i64, arrival: Timestamp) -> Attempt {
        Attempt { suspended: dice.one_in(20), ..self.sound(who, fen, arrival) }
    }

    /// The same, in every respect sound.
    pub(super) fn sound(&self, who: u128, fen: i64, arrival: Timestamp) -> Attempt {
        let person = PersonId(Uuid::from_u128(who ^ self.mask));
        Attempt { admission: self.admission(who), person, priority: rank(who), ..tests::attempt(who, fen, arrival) }
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
            self.notes.push("at par");
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

    /// The timer comes to every end by an instant that something follows. An end that is the last is left to the last.
    pub(super) fn serves(&mut self, now: Timestamp) {
        loop {
            let (due, ahead) = rounds::advance(&self.lot, &self.envelopes, now);
            let look = clock::next_look(&ahead).filter(|look| now >= *look && clock::is_over(&ahead, *look));
            let Some((events, next)) = look.and_then(|look| self.after_end(&ahead, look)) else { return };
            self.log.extend(due);
            self.takes_all(events, next);
        }
    }

    /// What follows an end that is not the last: the next holder is asked, or those who are equal bid once more.
    fn after_end(&self, lot: &lot::Model, now: Timestamp) -> Option<(Vec<lot_event::Model>, lot::Model)> {
        if let Some((event, next)) = preemption::ask(lot, None, &holders(), now) {
            return Some((vec![event], next));
        }
        if !sealed::awaits_opening(lot) {
            return None;
        }
        let (opened, ahead) = sealed::open(lot, self.sealed_for(lot), now);
        let (round, next) = sealed::tie_round(&ahead, close::floor(&lot.terms, None), now)?;
        Some((vec![opened, round], next))
    }

    /// What is sealed for the round that is bid for.
    fn sealed_for(&self, lot: &lot::Model) -> Vec<Opened> {
        let of = sealed::round(lot);
        self.sealed.iter().filter(|(round, _)| *round == of).map(|(_, bid)| bid.clone()).collect()
    }

    /// What is paused is resumed, and then nobody does anything any more.
    pub(super) fn resumes_and_ends(mut self) -> Self {
        if self.lot.pause.is_some() {
            self.resumes();
        }
        self.ends()
    }

    /// Nobody does anything any more. What is paused stays so.
    pub(super) fn ends(mut self) -> Self {
        while let Some(look) = clock::next_look(&self.lot) {
            let (due, ahead) = rounds::advance(&self.lot, &self.envelopes, look);
            self.takes_all(due, ahead);
            if clock::is_over(&self.lot, look) {
                self.ends_at(look);
            }
        }
        self
    }

    fn ends_at(&mut self, now: Timestamp) {
        if let Some((events, next)) = self.after_end(&self.lot, now) {
            return self.takes_all(events, next);
        }
        if sealed::awaits_opening(&self.lot) {
            let bids = self.sealed_for(&self.lot);
            self.takes(if is_weighted(&self.lot.terms.format) {
                weighted::open(&self.lot, bids, &self.scores, None, now)
            } else {
                sealed::open(&self.lot, bids, now)
            });
        }
        if let Some(step) = proxy::opened(&self.lot, &self.placed, None, now) {
            self.takes(step);
        }
        let closing = close::close(&self.lot, None, now);
        self.takes((closing.event, closing.lot));
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
            "terms": told(terms, &self.scores), "opens_at": self.blank.opens_at.timestamp_micros(), "reserve": reserve, "admitted": self.admitted,
            "offers": offers, "deeds": self.deeds, "said": self.said,
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
        self.notes.extend([(several, "several buyers"), (one, "several of one")].into_iter().filter(|(is, _)| *is).map(|(_, what)| what));
        self
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
