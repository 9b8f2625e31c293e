//! A short history of a lot: after each deed the timeline is made anew, and once it is decided all that was done is rehearsed.

mod ended;
mod holders;
mod rehearsed;
mod seated;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, Direction, Format, LotState, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;
use proptest::prelude::*;
use uuid::Uuid;

use super::foretold::{Comes, due, planned, told};
use super::told::left_after_outage;
use crate::auctions::rules::judge::least;
use crate::auctions::rules::log::{Body, Cause, OpenedReserve, append};
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::proxy::{Hidden, Placed};
use crate::auctions::rules::rounds::{self, Envelopes, OpenedOffer, TurnBid, TurnOffer};
use crate::auctions::rules::sealed::{self, Opened};
use crate::auctions::rules::tests::{at, attempt};
use crate::auctions::rules::{Attempt, abort, announce, buy_now, clock, dutch, judge_knowing};
use crate::listings::rules::promises::MICROSECOND;
use crate::listings::rules::promises::sealed::opened;
use crate::listings::rules::rule_text::RuleText;
use crate::platform::problem::Code;
use crate::rulebook::rules::{Snapshot, Step};
use crate::simulation::description::{self, Event};
use rehearsed::place;

/// The first of those who hold a right of pre-emption.
const HOLDER: u128 = 9;

/// What is done in a lot.
#[derive(Clone, Copy, Debug)]
enum What {
    Bid,
    Pause,
    Extend,
    Outage,
    /// A bidder is suspended, or is no more.
    Suspend,
    /// It is given a place in a session.
    Join,
}

/// A deed, after such a share of the time that is left, in thousandths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deed {
    what: What,
    share: i64,
    seconds: i64,
}

pub(super) fn deed() -> impl Strategy<Value = Deed> {
    let deeds = vec![What::Bid, What::Bid, What::Bid, What::Pause, What::Extend, What::Outage, What::Suspend, What::Join];
    let what = prop::sample::select(deeds);
    (what, 0_i64..1_000, 1_i64..1_000).prop_map(|(what, share, seconds)| Deed { what, share, seconds })
}

/// What comes of it when a holder of a right of pre-emption is asked; those of one rank say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Takes,
    Declines,
    Silence,
    /// He says nothing, and whoever is asked after him is suspended meanwhile.
    NextIsSuspended,
}

pub(super) fn answer() -> impl Strategy<Value = Answer> {
    prop::sample::select(vec![Answer::Takes, Answer::Declines, Answer::Silence, Answer::NextIsSuspended])
}

fn order() -> Order {
    Order { reason: "故障".into(), ..Order::default() }
}

fn name(who: u128) -> String {
    format!("竞买人 {who}")
}

fn admission(who: u128) -> AdmissionId {
    AdmissionId(Uuid::from_u128(who))
}

/// A lot as it is played.
pub(super) struct Play<'a> {
    /// The lot before its announcement.
    blank: lot::Model,
    lot: lot::Model,
    log: Vec<lot_event::Model>,
    envelopes: Envelopes,
    hidden: Option<Hidden>,
    /// The maxima, where bids are such.
    placed: Vec<Placed>,
    sealed: Vec<Opened>,
    suspended: BTreeSet<u128>,
    /// The ranks of those who hold a right of pre-emption, who are bidders from [`HOLDER`] on.
    ranks: Vec<i32>,
    secret: Option<OpenedReserve>,
    now: Timestamp,
    /// What was done, as it is described for a rehearsal.
    described: Vec<Event>,
    /// Since when the market runs, where it stood still: nothing is decided before.
    runs_since: Option<Timestamp>,
    text: &'a RuleText,
    rules: &'a Snapshot,
}

impl<'a> Play<'a> {
    /// Announced, with the first offers of so many bidders where it is bid for by rounds.
    pub(super) fn of(
        blank: &lot::Model,
        bidders: u8,
        ranks: Vec<i32>,
        secret: Option<OpenedReserve>,
        text: &'a RuleText,
        rules: &'a Snapshot,
    ) -> Self {
        let (announced, lot) = announce::announced(blank, at(-1_000));
        let (closed, lot) = announce::registered(&lot, 3, at(-900));
        let start = lot.terms.start_price.minor;
        let offer = |who: u8| {
            let price = Money::fen(start + i64::from(who % 2));
            let offer = OpenedOffer { bidder: name(who.into()), price, at: at(i64::from(who) - 800), salt: String::new() };
            (admission(who.into()), offer)
        };
        let first_offers = if rounds::is_by_rounds(&lot.terms) { (1..=bidders).map(offer).collect() } else { Vec::new() };
        let envelopes = Envelopes { first_offers, turn_bid: None };
        let log = vec![announced, closed];
        let mut play = Self {
            blank: blank.clone(),
            lot,
            log,
            envelopes,
            hidden: None,
            placed: Vec::new(),
            sealed: Vec::new(),
            suspended: BTreeSet::new(),
            ranks,
            secret,
            now: at(-500),
            described: Vec::new(),
            runs_since: None,
            text,
            rules,
        };
        for (bidder, (_, offer)) in play.envelopes.first_offers.clone().into_iter().enumerate() {
            play.describes(offer.at, description::Deed::FirstOffer { bidder, price: offer.price, confirmed: true });
        }
        play
    }

    /// What was foreseen before the announcement is what is told after it.
    pub(super) fn is_as_planned(&self) -> Result<(), TestCaseError> {
        let dates = |steps: Vec<Step>| steps.into_iter().map(|step| (step.code, step.due_at)).collect::<Vec<_>>();
        prop_assert_eq!(dates(planned(&self.lot, self.rules)), dates(told(&self.lot, &self.log, self.rules)));
        self.agrees()
    }

    /// Every exact date of the timeline is the instant at which the engine does it.
    fn agrees(&self) -> Result<(), TestCaseError> {
        let (steps, comes) = (told(&self.lot, &self.log, self.rules), Comes::of(&self.lot, &self.envelopes));
        let waits_for_host = self.lot.hosted && clock::awaits_opening(&self.lot);
        let due = |code: &str| due(&steps, code, self.envelopes.first_offers.len(), waits_for_host);
        prop_assert_eq!(due("bidding_opens"), comes.opens, "{:?}", steps);
        prop_assert_eq!(due("timed_phase_begins"), comes.timed, "{:?}", steps);
        prop_assert_eq!(due("first_round_begins"), comes.first_round, "{:?}", steps);
        if let Some(turn_ends) = due("turn_ends") {
            prop_assert_eq!(Some(turn_ends), comes.turn_ends, "{:?}", steps);
        }
        for code in ["sold", "failed"] {
            if let Some(decided) = due(code) {
                prop_assert_eq!(decided, comes.decided, "{:?}", steps);
            }
        }
        let Some(ends) = due("bidding_ends") else { return Ok(()) };
        prop_assert_eq!(ends, comes.ends, "{:?}", steps);
        if !rounds::is_by_rounds(&self.lot.terms) {
            let refusal = |arrival: Timestamp| self.verdict(&self.lot, &attempt(99, 1, arrival)).err();
            prop_assert_eq!(refusal(ends), Some(Code::Closed));
            let is_last = self.lot.last_arrival.is_some_and(|last| last >= ends);
            prop_assert!(is_last || !matches!(refusal(ends - MICROSECOND), Some(Code::Closed | Code::NotOpen)));
        }
        Ok(())
    }

    /// What an attempt would come to: the price, or why it is refused. Nothing is changed.
    fn verdict(&self, lot: &lot::Model, attempt: &Attempt) -> Result<Money, Code> {
        let price = if sealed::are_sealed(lot) {
            sealed::judge(lot, attempt, None).map(|_| attempt.price)
        } else if rounds::is_by_rounds(&lot.terms) {
            rounds::judge(lot, &self.envelopes, attempt).map(|taken| taken.price)
        } else {
            let mut judgement = judge_knowing(lot, self.hidden, std::slice::from_ref(attempt));
            judgement.outcomes.pop().unwrap().map(|accepted| accepted.price)
        };
        price.map_err(|refusal| refusal.code)
    }

    /// Whatever is due by then comes to pass.
    fn passes(&mut self, now: Timestamp) {
        let (events, lot) = rounds::advance(&self.lot, &self.envelopes, rounds::heard_until(&self.lot, now));
        self.log.extend(events);
        (self.lot, self.now) = (lot, now);
    }

    /// The first deed is one before the opening.
    pub(super) fn does(&mut self, deed: &Deed) -> Result<(), TestCaseError> {
        if dutch::is_taken(&self.lot) || self.now >= self.lot.closes_at {
            return Ok(());
        }
        if self.now != at(-500) || self.log.len() > 2 {
            let left = (self.lot.closes_at - self.now).num_seconds();
            self.passes(self.now + TimeDelta::seconds(left * deed.share / 1_000));
        }
        // What is due waits for what may still be on its way.
        if rounds::hears(&self.lot, self.now) {
            return Ok(());
        }
        let length = TimeDelta::seconds(deed.seconds);
        match deed.what {
            What::Bid => self.bids(deed.seconds)?,
            What::Pause => self.pauses(length)?,
            What::Extend => {
                let ended = self.lot.closes_at;
                let (event, next) = pause::extend(&self.lot, deed.seconds, TimeDelta::days(1), &order(), self.now).unwrap();
                self.goes_on(event, next);
                self.describes(self.now, description::Deed::Extend { seconds: deed.seconds, reason: order().reason });
                prop_assert_eq!(self.lot.closes_at, ended + length);
            }
            What::Outage => self.stands_still(self.now + TimeDelta::seconds(30) + length)?,
            What::Suspend => self.suspends(if deed.seconds % 2 == 0 { 1 } else { HOLDER })?,
            What::Join => self.joins(deed.seconds)?,
        }
        self.agrees()
    }

    /// Paused and resumed: nothing is taken meanwhile, and every clock is moved by as much.
    fn pauses(&mut self, length: TimeDelta) -> Result<(), TestCaseError> {
        let ended = self.lot.closes_at;
        let (event, paused) = pause::pause(&self.lot, &order(), self.now).unwrap();
        let meanwhile = attempt(1, self.lot.terms.start_price.minor, self.now);
        prop_assert_eq!(self.verdict(&paused, &meanwhile), Err(Code::Paused));
        let (_, given_up) = abort::abort(&paused, &order(), None, self.now).unwrap();
        prop_assert_eq!(self.verdict(&given_up, &meanwhile).err(), Some(Code::Closed));
        let (resumed, next) = pause::resume(&paused, &order(), self.now + length).unwrap();
        self.log.extend([event, resumed]);
        self.lot = next;
        self.describes(self.now, description::Deed::Pause { reason: order().reason });
        self.describes(self.now + length, description::Deed::Resume { reason: order().reason });
        self.passes(self.now + length);
        prop_assert_eq!(self.lot.closes_at, ended + length);
        Ok(())
    }

    /// The market stands still until then.
    fn stands_still(&mut self, until: Timestamp) -> Result<(), TestCaseError> {
        let outages = [Outage { began_at: self.now, ended_at: until }];
        self.describes(self.now, description::Deed::Outage { seconds: (until - self.now).num_seconds() });
        let (window, last) = (outage::window(&self.lot).unwrap(), self.log.last().map_or(self.now, |event| event.at));
        let (events, next) = if rounds::is_by_rounds(&self.lot.terms) {
            rounds::extended(&self.lot, &self.envelopes, &outages, window, last)
        } else {
            outage::extended(&self.lot, &outages, window, until, last)
        };
        self.log.extend(events);
        self.lot = next;
        self.runs_since = Some(until);
        self.passes(until);
        let is_last = match self.lot.state {
            LotState::OpenFree => self.lot.terms.closing_mode != ClosingMode::TimedCycle && until > self.lot.opens_at,
            state => state == LotState::OpenTimed,
        };
        if let Some(left) = left_after_outage(self.text).filter(|_| is_last) {
            prop_assert!(self.lot.closes_at >= until + left, "{} closes too early after {}", self.lot.closes_at, until);
        }
        Ok(())
    }

    /// A bidder is suspended, or is no more. What he had bid stands, and no date moves.
    fn suspends(&mut self, who: u128) -> Result<(), TestCaseError> {
        let (bidder, reason) = (name(who), order().reason);
        let (body, deed) = if self.suspended.remove(&who) {
            (Body::BidderReinstated { bidder }, description::Deed::Reinstate { bidder: place(who), reason })
        } else {
            self.suspended.insert(who);
            (Body::BidderSuspended { bidder }, description::Deed::Suspend { bidder: place(who), reason })
        };
        self.describes(self.now, deed);
        let before = (self.lot.leader_pseudonym.clone(), self.lot.price_minor, self.lot.closes_at);
        let (event, next) = append(&self.lot, self.now, &body, Cause::default());
        self.goes_on(event, next);
        prop_assert_eq!((self.lot.leader_pseudonym.clone(), self.lot.price_minor, self.lot.closes_at), before);
        Ok(())
    }

    fn goes_on(&mut self, event: lot_event::Model, lot: lot::Model) {
        self.log.push(event);
        self.lot = lot;
    }

    /// An attempt of somebody now, with the right he holds.
    fn attempt(&self, who: u128, fen: i64) -> Attempt {
        let priority = self.holders().find(|(holder, _)| *holder == who).map(|(_, rank)| rank);
        Attempt { suspended: self.suspended.contains(&who), priority, ..attempt(who, fen, self.now) }
    }

    /// Somebody bids, by the rule of the format: one fen less does not do.
    fn bids(&mut self, number: i64) -> Result<(), TestCaseError> {
        let start = self.lot.terms.start_price.minor;
        if clock::awaits_opening(&self.lot) {
            if rounds::is_by_rounds(&self.lot.terms) {
                let seal = |fen: i64| rounds::may_seal(&self.lot, false, Money::fen(fen), self.now).map_err(|refusal| refusal.code);
                prop_assert_eq!((seal(start), seal(start - 1)), (Ok(()), Err(Code::TooLow)));
                let suspended = rounds::may_seal(&self.lot, true, Money::fen(start), self.now).map_err(|refusal| refusal.code);
                prop_assert_eq!(suspended, Err(Code::BidderSuspended));
            } else {
                prop_assert_eq!(self.verdict(&self.lot, &attempt(1, start, self.now)), Err(Code::NotOpen));
            }
            return Ok(());
        }
        for who in &self.suspended {
            prop_assert_eq!(self.verdict(&self.lot, &self.attempt(*who, start)), Err(Code::BidderSuspended));
        }
        match self.lot.terms.format {
            Format::English {} => self.bids_openly(number % 2 == 0),
            Format::Dutch { .. } => self.accepts(number % 2 == 0),
            Format::Rounds { .. } => self.bids_in_turn(),
            _ => self.seals(number % 3),
        }
    }

    /// Somebody bids who does not lead: a holder at the very price that stands, where he may and it is so drawn, else the next price.
    fn bids_openly(&mut self, at_par: bool) -> Result<(), TestCaseError> {
        let bids = |who: &u128| !self.leads(*who) && !self.suspended.contains(who);
        let who = [1, HOLDER, 3, 4].into_iter().find(bids).unwrap();
        if let Some(price) = self.lot.terms.buy_now {
            let bought = buy_now::buy(&self.lot, &attempt(who, 1, self.now)).outcomes.pop().unwrap();
            let due = if self.lot.price_minor.is_none() { Ok(price) } else { Err(Code::BuyNowOver) };
            prop_assert_eq!(bought.map(|accepted| accepted.price).map_err(|refusal| refusal.code), due);
        }
        if let Some(made) = self.best_at_par()?.filter(|_| at_par) {
            return self.counts(&made);
        }
        let Some(price) = least(&self.lot, self.now) else { return Ok(()) };
        let (worse, refusal) = match self.lot.terms.direction {
            Direction::Ascending => (price.minor - 1, Code::TooLow),
            Direction::Descending => (price.minor + 1, Code::TooHigh),
        };
        prop_assert_eq!(self.verdict(&self.lot, &attempt(who, worse, self.now)), Err(refusal));
        let made = self.attempt(who, price.minor);
        self.counts(&made)
    }

    /// Made, and told as it counts.
    fn counts(&mut self, attempt: &Attempt) -> Result<(), TestCaseError> {
        let mut judgement = judge_knowing(&self.lot, self.hidden, std::slice::from_ref(attempt));
        let made = judgement.outcomes.pop().unwrap();
        prop_assert!(made.is_ok(), "{:?}", made);
        let made = made.unwrap();
        self.describes_bid(attempt.person.0.as_u128(), attempt.price, self.now);
        let placed = made.maximum.map(|secret| Placed { seq: made.seq, admission: attempt.admission, secret });
        self.placed.extend(placed);
        prop_assert_eq!((Some(made.price.minor), made.closes_at), (judgement.lot.price_minor, judgement.lot.closes_at));
        self.log.extend(judgement.events);
        (self.lot, self.hidden) = (judgement.lot, judgement.hidden);
        self.says_the_rank(attempt)
    }

    fn accepts(&mut self, made: bool) -> Result<(), TestCaseError> {
        let price = dutch::clock_price(&self.lot, self.now).unwrap();
        let who = if self.suspended.contains(&1) { 2 } else { 1 };
        let offer = |fen: i64| self.verdict(&self.lot, &attempt(who, fen, self.now));
        prop_assert_eq!((offer(price.minor - 1), offer(price.minor + 1_000)), (Err(Code::TooLow), Ok(price)));
        if made { self.counts(&attempt(who, price.minor, self.now)) } else { Ok(()) }
    }

    /// Somebody seals a bid so much better than the start price.
    fn seals(&mut self, by: i64) -> Result<(), TestCaseError> {
        let start = self.lot.terms.start_price.minor;
        let (fen, worse, refusal) = match self.lot.terms.direction {
            Direction::Ascending => (start + by, start - 1, Code::TooLow),
            Direction::Descending => ((start - by).max(1), start + 1, Code::TooHigh),
        };
        let number = self.sealed.len() + 1;
        let who = u128::try_from(number).unwrap();
        if self.suspended.contains(&who) {
            return Ok(());
        }
        let offer = |fen: i64| self.verdict(&self.lot, &attempt(who, fen, self.now));
        prop_assert_eq!((offer(worse), offer(fen)), (Err(refusal), Ok(Money::fen(fen))));
        self.sealed.push(opened(i64::try_from(number).unwrap(), fen));
        self.describes_bid(who, Money::fen(fen), self.now);
        Ok(())
    }

    fn bids_in_turn(&mut self) -> Result<(), TestCaseError> {
        let now = self.now;
        let book = rounds::book(&self.lot).unwrap();
        let Some(turn) = book.turn.clone().filter(|turn| turn.starts_at <= now && now < turn.ends_at) else {
            prop_assert_eq!(self.verdict(&self.lot, &attempt(1, i64::MAX, now)), Err(Code::NotYourTurn));
            return Ok(());
        };
        let own = book.offers.iter().find(|offer| offer.bidder == turn.bidder).unwrap().price.minor;
        let who = (1..=3).find(|who| name(*who) == turn.bidder).unwrap();
        if self.suspended.contains(&who) {
            return Ok(());
        }
        let raise = rounds::next_price(&self.lot).unwrap();
        let less = self.verdict(&self.lot, &attempt(who, raise - 1, now)).err();
        prop_assert_eq!(less, (raise - 1 > own).then_some(Code::TooLow));
        let made = attempt(who, raise, now);
        prop_assert_eq!(self.verdict(&self.lot, &made), Ok(Money::fen(raise)));
        let taken = rounds::judge(&self.lot, &self.envelopes, &made).unwrap();
        let offer = TurnOffer { price: taken.price, at: taken.arrival };
        self.envelopes.turn_bid = Some(TurnBid { round: taken.round, turn: taken.turn, admission: made.admission, offer });
        self.describes_bid(who, taken.price, self.now);
        Ok(())
    }
}
