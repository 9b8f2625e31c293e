//! The engine and a model written apart from it, from the text of the rules (`tests/model/auction.py`), say the same of
//! random histories.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, Direction, LotTerms, Preemption, Reserve, Rung, Step, StepBase, lot, lot_event};
use entity::ids::{AdmissionId, PersonId};
use entity::money::Money;
use serde_json::{Value, json};
use uuid::Uuid;

use super::pause::{self, Order};
use super::tests::{at, lot, terms};
use super::{Attempt, clock, close, judge};
use crate::platform::problem::Problem;

/// Of each closing mode; more than a hundred thousand together.
const HISTORIES: usize = 34_000;

/// Numbers that look random and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below a number.
    fn below(&mut self, most: u64) -> i64 {
        i64::try_from(self.next() % most).unwrap()
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

fn random_step(dice: &mut Dice) -> Step {
    match dice.below(3) {
        0 => Step::Fixed { amount: Money::fen(1 + dice.below(300)) },
        1 => Step::Percent { rate_bp: 1 + u32::try_from(dice.below(3_000)).unwrap() },
        _ => Step::Ladder {
            rungs: (0..=dice.below(4)).map(|rung| Rung { from: Money::fen(rung * 700), step: Money::fen(1 + dice.below(200)) }).collect(),
        },
    }
}

fn random_terms(dice: &mut Dice, closing_mode: ClosingMode) -> LotTerms {
    let free_period_seconds = 60 + dice.below(600);
    let direction = if dice.one_in(3) { Direction::Descending } else { Direction::Ascending };
    LotTerms {
        closing_mode,
        start_price: Money::fen(1 + dice.below(2_000)),
        reserve: Reserve::Open { amount: Money::fen(dice.below(4_000)) },
        step: random_step(dice),
        step_base: if dice.one_in(2) { StepBase::StartPrice } else { StepBase::BestBid },
        multiples_only: dice.one_in(2),
        enforce_step: !dice.one_in(4),
        allow_self_raise: dice.one_in(3),
        direction,
        free_period_seconds,
        timed_cycle_seconds: 10 + dice.below(120),
        max_duration_seconds: dice.one_in(3).then(|| free_period_seconds + dice.below(300)),
        preemption: (direction.is_ascending() && dice.one_in(3)).then_some(Preemption::Parity {}),
        ..terms()
    }
}

/// Of the four who bid one has a right of the first rank, two have one of the second, one has none.
fn rank(who: i64) -> Option<i32> {
    [Some(1), Some(2), Some(2), None][usize::try_from(who - 1).unwrap()]
}

/// The terms as the model reads them: it is told there who has a right of pre-emption.
fn told(terms: &LotTerms) -> Value {
    let mut told = json!(terms);
    if terms.preemption.is_some() {
        let ranks: BTreeMap<_, _> = (1..=4).filter_map(|who| Some((format!("竞买人 {who}"), rank(who)?))).collect();
        told["preemption"] = json!({"kind": "parity", "ranks": ranks});
    }
    told
}

/// A lot being played, and what was tried.
struct Play {
    lot: lot::Model,
    log: Vec<lot_event::Model>,
    now: Timestamp,
    deeds: Vec<Value>,
    said: Vec<String>,
}

impl Play {
    fn answered(&mut self, deed: Value, outcome: Result<(Vec<lot_event::Model>, lot::Model), Problem>) {
        self.deeds.push(deed);
        match outcome {
            Ok((events, lot)) => {
                self.log.extend(events);
                self.lot = lot;
                self.said.push("done".into());
            }
            Err(refusal) => self.said.push(refusal.code.code().into()),
        }
    }

    fn bid(&mut self, dice: &mut Dice) {
        let who = 1 + dice.below(4);
        // Close to what would do: worse, just that, or some way better; sometimes late in arriving before its turn.
        let least = super::step::next_price(&self.lot).unwrap_or(1);
        let add = super::step::step_at(&self.lot.terms, self.lot.price_minor);
        let better = match dice.below(5) {
            0 => -1 - dice.below(20),
            1 => dice.below(50),
            2 => add * dice.below(4),
            // The price that stands, where that may do.
            3 if self.lot.terms.preemption.is_some() => self.lot.price_minor.map_or(0, |stands| stands - least),
            _ => 0,
        };
        let price = if self.lot.terms.direction.is_ascending() { (least + better).max(1) } else { (least - better).max(0) };
        let arrival = self.now - TimeDelta::milliseconds(if dice.one_in(4) { dice.below(3_000) } else { 0 });
        let suspended = dice.one_in(20);
        let number = u128::try_from(who).unwrap();
        let attempt = Attempt {
            admission: AdmissionId(Uuid::from_u128(number)),
            pseudonym: format!("竞买人 {who}"),
            suspended,
            price: Money::fen(price),
            arrival,
            person: PersonId(Uuid::from_u128(number)),
            request_id: "r".into(),
            seed: [0; 32],
            priority: rank(who),
        };
        let judged = judge(&self.lot, std::slice::from_ref(&attempt));
        let outcome = judged.outcomes.into_iter().next().unwrap().map(|_| (judged.events, judged.lot));
        let with = json!([arrival.timestamp_micros(), attempt.pseudonym, price, suspended]);
        self.answered(json!({"do": "bid", "with": with}), outcome);
    }

    /// What the host does, after what was due before.
    fn host(&mut self, name: &str, more: &[i64], rule: impl FnOnce(&lot::Model) -> Result<(lot_event::Model, lot::Model), Problem>) {
        let (mut events, ahead) = clock::advance(&self.lot, self.now);
        let outcome = rule(&ahead).map(|(event, next)| {
            events.push(event);
            (events, next)
        });
        let with: Vec<_> = std::iter::once(self.now.timestamp_micros()).chain(more.iter().copied()).collect();
        self.answered(json!({"do": name, "with": with}), outcome);
    }

    fn end(&mut self) {
        for at in [self.lot.opens_at.max(self.lot.closes_at), self.lot.closes_at] {
            let (events, next) = clock::advance(&self.lot, at.max(self.lot.closes_at));
            self.log.extend(events);
            self.lot = next;
        }
        let over = clock::decided_at(&self.lot.terms, self.lot.closes_at);
        if clock::is_over(&self.lot, over) {
            let closing = close::close(&self.lot, None, over);
            self.log.push(closing.event);
            self.lot = closing.lot;
        }
    }
}

fn order() -> Order {
    Order { reason: "故障".into(), ..Order::default() }
}

/// A history as the model reads it. Along the way: the lot can be rebuilt from its log alone.
fn history(dice: &mut Dice, mode: ClosingMode) -> Value {
    let blank = lot(random_terms(dice, mode));
    let mut play = Play { lot: blank.clone(), log: Vec::new(), now: at(-20), deeds: Vec::new(), said: Vec::new() };
    for _ in 0..4 + dice.below(12) {
        let at_most = if dice.one_in(4) { 300_000 } else { 40_000 };
        play.now += TimeDelta::milliseconds(dice.below(at_most));
        let now = play.now;
        match dice.below(12) {
            0 => play.host("pause", &[], |lot| pause::pause(lot, &order(), now)),
            1 | 2 if play.lot.pause.is_some() => play.host("resume", &[], |lot| pause::resume(lot, &order(), now)),
            3 => {
                let seconds = 1 + dice.below(100);
                play.host("extend", &[seconds], |lot| pause::extend(lot, seconds, TimeDelta::hours(1), &order(), now));
            }
            _ => play.bid(dice),
        }
    }
    play.end();
    let Reserve::Open { amount: reserve } = blank.terms.reserve else { unreachable!("it is drawn so") };
    assert_eq!(super::log::replay(blank.clone(), &play.log).unwrap(), play.lot);
    let end = &play.lot;
    json!({
        "terms": told(&blank.terms), "opens_at": blank.opens_at.timestamp_micros(), "reserve": reserve.minor, "deeds": play.deeds, "said": play.said,
        "end": {"state": end.state, "price": end.price_minor, "leader": end.leader_pseudonym, "bids": end.bid_count,
                "closes_at": end.closes_at.timestamp_micros()},
    })
}

fn agree_on(mode: ClosingMode) {
    let mut dice = Dice(20_260_301);
    let (mut lines, mut bids) = (String::new(), 0);
    for _ in 0..HISTORIES {
        let history = history(&mut dice, mode);
        bids += history["end"]["bids"].as_i64().unwrap();
        writeln!(lines, "{history}").unwrap();
    }
    // Histories in which hardly anything is accepted would prove little.
    assert!(bids > i64::try_from(HISTORIES).unwrap(), "{bids} bids");
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model/auction.py");
    let mut python = Command::new("python3").arg(model).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = python.stdin.take().unwrap();
    let writes = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let said = python.wait_with_output().unwrap();
    writes.join().unwrap().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

#[test]
fn engine_and_model_agree_on_hard_closes() {
    agree_on(ClosingMode::HardClose);
}

#[test]
fn engine_and_model_agree_on_soft_closes() {
    agree_on(ClosingMode::SoftClose);
}

#[test]
fn engine_and_model_agree_on_timed_cycles() {
    agree_on(ClosingMode::TimedCycle);
}

/// A model that had the text wrong would agree with an engine that has it wrong too.
#[test]
fn the_model_says_what_the_text_of_the_rules_says() {
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model/test_auction.py");
    let said = Command::new("python3").arg(vectors).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
