//! A lot as a machine: whatever is tried in whatever order, it goes only the ways of the transition table (领域 4.10, A1 to
//! A6b), what the table refuses the rules refuse, and the invariants of 4.9 hold after every step. It is bid for openly; some are
//! bought at once, in some holders of a right of pre-emption are asked after the bidding.
//!
//! What no rule refuses by itself, because the flows try it once only, is refused by whoever recomputes the log.

mod table;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, LotEventKind, LotState, LotTerms, Preemption, PreemptionHolder, Reserve, lot, lot_event};
use entity::ids::{AdmissionId, ListingId, LotId, PersonId};
use entity::money::Money;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use super::course::LotCourse;
use super::log::{self, Body, Cause, append};
use super::outage::{self, Outage};
use super::pause::{self, Order};
use super::receipt::ReceiptKeys;
use super::tests::{at, terms};
use super::verify::{Wrong, verify};
use super::{Attempt, abort, announce, buy_now, clock, close, judge, postpone, preemption};
use crate::platform::problem::Problem;
use table::Table;

/// What a bid must add, in fen.
const STEP: i64 = 1_000;
/// By how much a host may extend at once, seconds.
const MOST: i64 = 600;
/// How close to the end an outage counts.
const WINDOW: TimeDelta = TimeDelta::seconds(120);
/// For how much a lot can be bought at once, where it can, in fen.
const AT_ONCE: i64 = 13_000;
/// The first so many bidders hold a right of pre-emption, where there is any, each of his own rank.
const HOLDERS: u128 = 2;
/// How long who is asked has to answer, seconds.
const ANSWER: i64 = 300;

/// What is tried on a lot.
#[derive(Clone, Debug)]
enum Deed {
    /// It is announced again.
    Announce,
    /// Registration closes with so many admitted.
    Register(u32),
    /// Somebody bids so many half steps above the price that stands, or the start price.
    Bid(u128, i64),
    /// Somebody buys it at once.
    Buy(u128),
    /// The next holder is asked whether he takes it.
    Ask,
    /// A holder takes it, or does not.
    Answer(u128, bool),
    Pause,
    Resume,
    Extend(i64),
    /// It is to open so many seconds later.
    Postpone(i64),
    Suspend(u128),
    Reinstate(u128),
    /// The market stands still for so many seconds.
    Outage(i64),
    /// Somebody looks what has come by itself.
    Advance,
    Close,
    Abort,
    /// Its fault cannot be cured.
    GiveUp,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let who = 1_u128..4;
    prop_oneof![
        1 => Just(Deed::Announce),
        8 => (0_u32..5).prop_map(Deed::Register),
        12 => (who.clone(), -1_i64..7).prop_map(|(who, halves)| Deed::Bid(who, halves)),
        1 => who.clone().prop_map(Deed::Buy),
        6 => Just(Deed::Ask),
        4 => (1..=HOLDERS, any::<bool>()).prop_map(|(who, takes)| Deed::Answer(who, takes)),
        4 => Just(Deed::Pause),
        8 => Just(Deed::Resume),
        1 => (1_i64..700).prop_map(Deed::Extend),
        2 => (-60_i64..400).prop_map(Deed::Postpone),
        1 => who.clone().prop_map(Deed::Suspend),
        1 => who.prop_map(Deed::Reinstate),
        2 => (30_i64..400).prop_map(Deed::Outage),
        1 => Just(Deed::Advance),
        2 => Just(Deed::Close),
        1 => Just(Deed::Abort),
        1 => Just(Deed::GiveUp),
    ]
}

/// Deeds, each after a wait of so many seconds.
fn any_deeds() -> impl Strategy<Value = Vec<(i64, Deed)>> {
    prop::collection::vec((prop_oneof![5 => 0_i64..50, 1 => 0_i64..600], any_deed()), 10..60)
}

fn any_terms() -> impl Strategy<Value = LotTerms> {
    // A timed cycle has the most ways to go.
    let modes = prop_oneof![1 => Just(ClosingMode::HardClose), 1 => Just(ClosingMode::SoftClose), 2 => Just(ClosingMode::TimedCycle)];
    let longest = prop::option::of(400_i64..2_000);
    // A right of pre-emption and a purchase do not go together.
    let preemption = Some(Preemption::AskAfter { answer_seconds: ANSWER, round_seconds: None });
    let nothing: (Option<Money>, Option<Preemption>) = (None, None);
    let at_once = (Some(Money::fen(AT_ONCE)), None::<Preemption>);
    let besides = prop_oneof![1 => Just(nothing), 1 => Just(at_once), 2 => Just((None::<Money>, preemption))];
    let flags = (any::<bool>(), any::<bool>());
    (modes, longest, flags, 1_u32..3, besides).prop_map(|(closing_mode, longest, flags, min_bidders, besides)| {
        let ((reserved, allow_self_raise), (buy_now, preemption)) = (flags, besides);
        LotTerms {
            buy_now,
            preemption,
            closing_mode,
            reserve: if reserved { Reserve::Open { amount: Money::fen(12_000) } } else { Reserve::None {} },
            free_period_seconds: 300,
            timed_cycle_seconds: 120,
            max_duration_seconds: longest,
            min_bidders,
            allow_self_raise,
            ..terms()
        }
    })
}

/// From where to where a lot has gone.
type Way = (LotState, LotState);

/// Every way there is.
const WAYS: [Way; 19] = [
    (LotState::Scheduled, LotState::OpenFree),
    (LotState::OpenFree, LotState::OpenTimed),
    (LotState::OpenFree, LotState::ClosedSold),
    (LotState::OpenFree, LotState::ClosedUnsold),
    (LotState::OpenTimed, LotState::ClosedSold),
    (LotState::OpenTimed, LotState::ClosedUnsold),
    (LotState::Scheduled, LotState::Paused),
    (LotState::OpenFree, LotState::Paused),
    (LotState::OpenTimed, LotState::Paused),
    (LotState::Paused, LotState::Scheduled),
    (LotState::Paused, LotState::OpenFree),
    (LotState::Paused, LotState::OpenTimed),
    (LotState::Scheduled, LotState::Aborted),
    (LotState::Paused, LotState::Aborted),
    (LotState::OpenFree, LotState::PreemptionAsk),
    (LotState::OpenTimed, LotState::PreemptionAsk),
    (LotState::PreemptionAsk, LotState::ClosedSold),
    (LotState::PreemptionAsk, LotState::Paused),
    (LotState::Paused, LotState::PreemptionAsk),
];

/// What a deed adds to the log, and the lot after it; nothing where it is refused.
type Outcome = Option<(Vec<lot_event::Model>, lot::Model)>;

/// The lot as the rules have it, beside the table.
struct Machine {
    blank: lot::Model,
    lot: lot::Model,
    log: Vec<lot_event::Model>,
    now: Timestamp,
    table: Table,
    gone: BTreeSet<Way>,
}

impl Machine {
    fn announced(terms: LotTerms) -> Self {
        let (table, now) = (Table::of(&terms), at(-60));
        let blank = announce::blank(LotId(Uuid::from_u128(1)), ListingId(Uuid::from_u128(2)), "一种电池".into(), terms);
        let (event, lot) = announce::announced(&blank, now);
        Self { blank, lot, log: vec![event], now, table, gone: BTreeSet::new() }
    }

    /// A deed as its flow does it.
    fn tried(&self, deed: &Deed) -> Outcome {
        let (now, (due, ready)) = (self.now, clock::advance(&self.lot, self.now));
        let ordered = |done: Result<(lot_event::Model, lot::Model), Problem>| {
            done.ok().map(|(event, lot)| ([due.clone(), vec![event]].concat(), lot))
        };
        match deed {
            Deed::Announce => {
                let (event, lot) = announce::announced(&self.lot, now);
                self.if_it_follows(vec![event], lot)
            }
            Deed::Register(admitted) => {
                let (closed, lot) = announce::registered(&self.lot, *admitted, now);
                let (later, lot) = clock::advance(&lot, now);
                self.if_it_follows([vec![closed], later].concat(), lot)
            }
            Deed::Bid(who, halves) => {
                let judged = judge(&self.lot, &[attempt(*who, self.table.price_with(*halves), &self.table.suspended, now)]);
                judged.outcomes[0].is_ok().then_some((judged.events, judged.lot))
            }
            Deed::Buy(who) => {
                let judged = buy_now::buy(&self.lot, &attempt(*who, AT_ONCE, &self.table.suspended, now));
                judged.outcomes[0].is_ok().then_some((judged.events, judged.lot))
            }
            Deed::Ask => {
                let (event, lot) = self.asks_in(&ready)?;
                self.if_it_follows([due, vec![event]].concat(), lot)
            }
            Deed::Answer(who, takes) => {
                let cause = Cause { admission: Some(AdmissionId(Uuid::from_u128(*who))), ..Cause::default() };
                let suspended = self.table.suspended.contains(who);
                let answered = preemption::answer(&self.lot, &name(*who), suspended, *takes, now, cause);
                answered.ok().map(|(event, lot)| (vec![event], lot))
            }
            Deed::Pause => ordered(pause::pause(&ready, &order(), now)),
            Deed::Resume => ordered(pause::resume(&ready, &order(), now)),
            Deed::Extend(seconds) => ordered(pause::extend(&ready, *seconds, TimeDelta::seconds(MOST), &order(), now)),
            Deed::Postpone(seconds) => {
                let opens_at = self.lot.opens_at + TimeDelta::seconds(*seconds);
                postpone::postponed(&self.lot, opens_at, "公告网页中断", now).map(|(event, lot)| (vec![event], lot))
            }
            Deed::Suspend(who) => self.says(&Body::BidderSuspended { bidder: name(*who) }),
            Deed::Reinstate(who) => self.says(&Body::BidderReinstated { bidder: name(*who) }),
            Deed::Outage(length) => {
                let outage = Outage { began_at: now - TimeDelta::seconds(*length), ended_at: now };
                let (events, lot) = outage::extended(&self.lot, &[outage], WINDOW, now, now);
                (!events.is_empty()).then_some((events, lot))
            }
            Deed::Advance => (!due.is_empty()).then_some((due, ready)),
            // As long as somebody is to be asked, he is asked instead.
            Deed::Close if self.asks_in(&ready).is_some() => None,
            Deed::Close => {
                let closing = close::close(&ready, None, now);
                self.if_it_follows([due, vec![closing.event]].concat(), closing.lot)
            }
            Deed::Abort => self.says(&Body::aborted(log::TERMINATED)),
            Deed::GiveUp => ordered(abort::abort(&ready, &order(), None, now)),
        }
    }

    /// The question to the next holder, if one is left. Who leads is in the list also where he is suspended: his rank counts.
    fn asks_in(&self, lot: &lot::Model) -> Option<(lot_event::Model, lot::Model)> {
        let counts = |who: &u128| !self.table.suspended.contains(who) || lot.leader_pseudonym == Some(name(*who));
        let holders = (1..=HOLDERS).zip(1..).filter(|(who, _)| counts(who));
        let holders: Vec<_> = holders.map(|(who, rank)| PreemptionHolder { bidder: name(who), rank }).collect();
        preemption::ask(lot, None, &holders, self.now)
    }

    fn says(&self, body: &Body) -> Outcome {
        let (event, lot) = append(&self.lot, self.now, body, Cause::default());
        self.if_it_follows(vec![event], lot)
    }

    /// Events that nobody who recomputes the log finds wrong.
    fn if_it_follows(&self, events: Vec<lot_event::Model>, lot: lot::Model) -> Outcome {
        let log = [self.log.clone(), events.clone()].concat();
        matches!(found(&lot, log), None | Some(Wrong::NotEnded)).then_some((events, lot))
    }

    /// One deed after a wait of so many seconds.
    fn step(&mut self, wait: i64, deed: &Deed) -> Result<(), TestCaseError> {
        let stands_still = if let Deed::Outage(length) = deed { *length } else { 0 };
        self.now += TimeDelta::seconds(wait + stands_still);
        let (tried, due) = (self.tried(deed), self.table.after(deed, self.now));
        prop_assert_eq!(tried.is_some(), due.is_some(), "{:?} at {} where {:?}", deed, self.now, self.table);
        // What is refused changes nothing, not even by what had come before it.
        let (Some((events, next)), Some(due)) = (tried, due) else { return Ok(()) };
        self.goes(&events)?;
        // An end moves back where nobody is waited for any more, and only there: to the purchase, to the answer. So it does to the
        // acceptance of the price on a clock, and to the opening of bidding by rounds that nobody made a first offer for; neither
        // is a lot of this machine.
        let is_sooner = matches!(deed, Deed::Buy(_) | Deed::Answer(..)) && next.closes_at == self.now;
        prop_assert!(is_sooner || next.closes_at >= self.lot.closes_at, "{:?} moves the end back", deed);
        self.log.extend(events);
        (self.lot, self.table) = (next, due);
        self.holds()
    }

    /// Whether events lead only where there are ways.
    fn goes(&mut self, events: &[lot_event::Model]) -> Result<(), TestCaseError> {
        let mut lot = self.lot.clone();
        for event in events {
            let body: Body = serde_json::from_str(&event.body)?;
            let (next, _) = log::apply(&lot, event, &body);
            let way = (lot.state, next.state);
            if way.0 != way.1 {
                prop_assert!(WAYS.contains(&way), "there is no way {:?}", way);
                self.gone.insert(way);
            }
            lot = next;
        }
        Ok(())
    }

    /// The invariants: rules and table say the same, the log alone says it too, and nothing is sold below its reserve.
    fn holds(&self) -> Result<(), TestCaseError> {
        let (lot, table) = (&self.lot, &self.table);
        prop_assert_eq!(log::replay(self.blank.clone(), &self.log), Ok(lot.clone()));
        let paused = lot.pause.as_ref().map(|pause| (pause.at, pause.before));
        prop_assert_eq!((lot.state, paused, lot.enough_admitted), (table.state, table.paused, table.enough));
        prop_assert_eq!((lot.opens_at, lot.closes_at, clock::latest_end(lot)), (table.opens, table.end, table.latest));
        let leader = table.leader.map(name);
        prop_assert_eq!((lot.price_minor, &lot.leader_pseudonym, lot.bid_count), (table.price, &leader, table.bids));
        prop_assert!(preemption::asked(lot).map(|holder| holder.bidder.clone()).eq(table.asked().map(name)));
        let sales = self.log.iter().filter(|event| event.kind == LotEventKind::Sold).count();
        prop_assert_eq!(sales, usize::from(lot.state == LotState::ClosedSold));
        prop_assert!(sales == 0 || table.sells(), "sold below its reserve");
        Ok(())
    }

    /// It comes to its end, after which nothing happens and the whole log can be recomputed.
    fn ends(&mut self) -> Result<(), TestCaseError> {
        for deed in [Deed::Resume, Deed::Ask, Deed::Ask, Deed::Close, Deed::Abort] {
            self.step(100_000, &deed)?;
        }
        prop_assert!(clock::has_ended(&self.lot), "{:?}", self.lot.state);
        prop_assert_eq!(found(&self.lot, self.log.clone()), None);
        let seq = self.lot.seq;
        for deed in [Deed::Announce, Deed::Register(3), Deed::Bid(1, 2), Deed::Pause, Deed::Resume, Deed::Extend(1), Deed::Suspend(1)] {
            self.step(0, &deed)?;
        }
        for deed in [Deed::Buy(1), Deed::Ask, Deed::Answer(1, true), Deed::Answer(2, false), Deed::Postpone(60)] {
            self.step(0, &deed)?;
        }
        for deed in [Deed::Reinstate(1), Deed::Outage(60), Deed::Advance, Deed::Close, Deed::Abort, Deed::GiveUp] {
            self.step(0, &deed)?;
        }
        prop_assert_eq!(self.lot.seq, seq, "something happens after the end");
        Ok(())
    }
}

fn name(who: u128) -> String {
    format!("竞买人 {who:04}")
}

fn order() -> Order {
    Order { reason: "网络故障".into(), ..Order::default() }
}

fn attempt(who: u128, fen: i64, suspended: &BTreeSet<u128>, arrival: Timestamp) -> Attempt {
    Attempt {
        admission: AdmissionId(Uuid::from_u128(who)),
        pseudonym: name(who),
        suspended: suspended.contains(&who),
        price: Money::fen(fen),
        arrival,
        person: PersonId(Uuid::from_u128(who)),
        request_id: "r".into(),
        seed: [0; 32],
        priority: None,
    }
}

/// What is wrong with a log, to whoever recomputes it.
fn found(lot: &lot::Model, log: Vec<lot_event::Model>) -> Option<Wrong> {
    verify(&LotCourse::of(lot, log, ReceiptKeys { keys: Vec::new() }), &[], |_| {}).err().map(|fault| fault.wrong)
}

/// Plays it to the end; the ways it went.
fn play(terms: LotTerms, deeds: &[(i64, Deed)]) -> Result<BTreeSet<Way>, TestCaseError> {
    let mut machine = Machine::announced(terms);
    for (wait, deed) in deeds {
        machine.step(*wait, deed)?;
    }
    machine.ends()?;
    Ok(machine.gone)
}

proptest! {
    #[test]
    fn whatever_is_tried_a_lot_goes_only_the_ways_of_the_table(terms in any_terms(), deeds in any_deeds()) {
        play(terms, &deeds)?;
    }
}

/// A machine that never got anywhere would prove nothing. The rarest way takes some hundred histories.
#[test]
fn every_way_of_the_table_is_gone() {
    let (ways, mut gone) = (BTreeSet::from(WAYS), BTreeSet::new());
    let mut runner = TestRunner::deterministic();
    for _ in 0..5_000 {
        let (terms, deeds) = (any_terms(), any_deeds()).new_tree(&mut runner).unwrap().current();
        gone.extend(play(terms, &deeds).unwrap());
        if gone == ways {
            return;
        }
    }
    assert_eq!(gone, ways);
}
