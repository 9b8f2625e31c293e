//! A history as the rules alone play it, without a database, a server or keys.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::admission;
use entity::auctions::{Preemption, PreemptionHolder, lot, lot_event};
use entity::ids::{AdmissionId, PersonId};
use entity::money::Money;
use uuid::Uuid;
use zhepai::auctions::rules::log::{Body, Cause, OpenedReserve, append};
use zhepai::auctions::rules::maximum::Seed;
use zhepai::auctions::rules::outage::{self, Outage};
use zhepai::auctions::rules::pause::{self, Order};
use zhepai::auctions::rules::proxy::{self, Placed};
use zhepai::auctions::rules::rounds::{self, Envelopes, OpenedOffer, TurnBid, TurnOffer};
use zhepai::auctions::rules::sealed::envelope::{self, Salt};
use zhepai::auctions::rules::sealed::scores::{Scores, is_weighted};
use zhepai::auctions::rules::sealed::{self, Opened, OpenedBid, units, weighted};
use zhepai::auctions::rules::{Attempt, announce, buy_now, clock, close, judge_knowing, preemption};
use zhepai::platform::keys::{hex, unhex};
use zhepai::platform::problem::Problem;

use super::histories::{Deed, History};
use super::{REASON, scorecard};

/// How long before the opening registration closes.
const REGISTRATION_ENDS: TimeDelta = TimeDelta::seconds(30);

/// What a market has drawn, as its log tells it in the end or keeps it sealed beside.
#[derive(Default)]
pub struct Drawn {
    /// The admissions, by the number of the bidder.
    pub admissions: Vec<admission::Model>,
    /// The salts of sealed bids by round and bidder; those of first offers as of round 0.
    pub salts: BTreeMap<(i32, String), String>,
    /// The seeds of maxima by their numbers in the log.
    pub seeds: BTreeMap<i64, Seed>,
    /// The secret reserve, opened.
    pub reserve: Option<OpenedReserve>,
}

/// The lot as it stands in memory.
pub struct Memory<'a> {
    drawn: &'a Drawn,
    pub lot: lot::Model,
    pub log: Vec<lot_event::Model>,
    now: Timestamp,
    maxima: Vec<Placed>,
    /// The sealed bids that count, by round, and how many there were.
    sealed: Vec<(i32, Opened)>,
    sealings: i64,
    first_offers: Vec<(AdmissionId, OpenedOffer)>,
    turn_bid: Option<TurnBid>,
    scores: Scores,
}

impl<'a> Memory<'a> {
    /// A history of the lot that a market has kept, from its announcement at an instant on.
    pub fn of(history: &History, kept: &lot::Model, drawn: &'a Drawn, begun: Timestamp) -> Self {
        let blank = announce::blank(kept.id, kept.listing_id, kept.title.clone(), kept.terms.clone());
        let (announced, lot) = announce::announced(&lot::Model { rehearsal: kept.rehearsal, ..blank }, begun);
        let mut memory = Self {
            drawn,
            lot,
            log: vec![announced],
            now: begun,
            maxima: Vec::new(),
            sealed: Vec::new(),
            sealings: 0,
            first_offers: Vec::new(),
            turn_bid: None,
            scores: Scores::new(),
        };
        for (seconds, deed) in history.deeds {
            memory.passes(*seconds);
            memory.does(*deed).unwrap_or_else(|problem| panic!("{}: {deed:?}: {problem:?}", history.title));
        }
        memory.passes(history.rest);
        memory
    }

    fn takes(&mut self, events: Vec<lot_event::Model>, lot: lot::Model) {
        self.log.extend(events);
        self.lot = lot;
    }

    /// What comes by itself, each at its own time.
    fn passes(&mut self, seconds: i64) {
        let until = self.now + TimeDelta::seconds(seconds);
        while let Some(at) = self.next_look().filter(|at| *at <= until) {
            self.now = at;
            self.looks();
        }
        self.now = until;
    }

    fn next_look(&self) -> Option<Timestamp> {
        if self.lot.enough_admitted.is_none() { Some(self.lot.opens_at - REGISTRATION_ENDS) } else { clock::next_look(&self.lot) }
    }

    fn looks(&mut self) {
        if self.lot.enough_admitted.is_none() {
            let (event, lot) = announce::registered(&self.lot, 3, self.now);
            return self.takes(vec![event], lot);
        }
        let envelopes = Envelopes { first_offers: self.first_offers.clone(), turn_bid: self.turn_bid.clone() };
        let (events, lot) = rounds::advance(&self.lot, &envelopes, rounds::heard_until(&self.lot, self.now));
        self.takes(events, lot);
        if clock::is_over(&self.lot, self.now) {
            self.ends();
        }
    }

    /// All is opened, and who is tied bids once more, or the next holder is asked, or it is closed.
    fn ends(&mut self) {
        let secret = self.drawn.reserve.as_ref();
        if sealed::awaits_opening(&self.lot) {
            let round = sealed::round(&self.lot);
            let bids = self.sealed.iter().filter(|(of, _)| *of == round).map(|(_, opened)| opened.clone()).collect();
            let (event, lot) = if is_weighted(&self.lot.terms.format) {
                weighted::open(&self.lot, bids, &self.scores, secret, self.now)
            } else {
                sealed::open(&self.lot, bids, self.now)
            };
            self.takes(vec![event], lot);
        }
        if let Some((event, lot)) = sealed::tie_round(&self.lot, close::floor(&self.lot.terms, secret), self.now) {
            return self.takes(vec![event], lot);
        }
        if let Some((event, lot)) = preemption::round(&self.lot, self.now) {
            return self.takes(vec![event], lot);
        }
        if let Some((event, lot)) = proxy::opened(&self.lot, &self.maxima, secret, self.now) {
            self.takes(vec![event], lot);
        }
        if let Some((event, lot)) = preemption::ask(&self.lot, secret, &self.holders(), self.now) {
            return self.takes(vec![event], lot);
        }
        let closing = close::close(&self.lot, secret.cloned(), self.now);
        self.takes(vec![closing.event], closing.lot);
    }

    fn holders(&self) -> Vec<PreemptionHolder> {
        let asks = matches!(self.lot.terms.preemption, Some(Preemption::AskAfter { .. }));
        let named = (0..self.drawn.admissions.len()).filter_map(|who| {
            let rank = self.drawn.admissions[who].preemption_rank?;
            Some(PreemptionHolder { bidder: self.name(who), rank })
        });
        named.filter(|_| asks).collect()
    }

    fn name(&self, who: usize) -> String {
        self.drawn.admissions[who].pseudonym.clone().unwrap()
    }

    fn attempt(&self, who: usize, fen: i64) -> Attempt {
        Attempt {
            admission: AdmissionId(Uuid::from_u128(who as u128)),
            pseudonym: self.name(who),
            suspended: false,
            price: Money::fen(fen),
            arrival: self.now,
            person: PersonId(Uuid::from_u128(who as u128)),
            request_id: String::new(),
            seed: self.drawn.seeds.get(&(self.lot.seq + 1)).copied().unwrap_or_default(),
            priority: self.drawn.admissions[who].preemption_rank,
        }
    }

    fn does(&mut self, deed: Deed) -> Result<(), Problem> {
        let (lot, now) = (&self.lot, self.now);
        let order = Order { reason: REASON.into(), ..Order::default() };
        let (event, next) = match deed {
            Deed::Bid(who, fen) => return self.bids(&self.attempt(who, fen)),
            Deed::Seal(who, prices) => return self.seals(&self.attempt(who, prices[0]), &prices[1..]),
            Deed::Offer(who, fen) => return self.offers(&self.attempt(who, fen)),
            Deed::Turn(who, fen) => return self.bids_in_turn(&self.attempt(who, fen)),
            Deed::Score(who, level) => {
                self.scores.insert(self.name(who), serde_json::from_value(scorecard(level)).unwrap());
                return Ok(());
            }
            Deed::Buy(who) => return self.buys(&self.attempt(who, 0)),
            Deed::Outage(seconds) => {
                let outage = Outage { began_at: now - TimeDelta::seconds(seconds), ended_at: now };
                let window = outage::window(lot).expect("no outage counts for it");
                let (events, next) = outage::extended(lot, &[outage], window, now, self.log.last().unwrap().at);
                self.takes(events, next);
                return Ok(());
            }
            Deed::Answer(who, takes) => preemption::answer(lot, &self.name(who), false, takes, now, Cause::default())?,
            Deed::Pause => pause::pause(lot, &order, now)?,
            Deed::Resume => pause::resume(lot, &order, now)?,
            Deed::Extend(seconds) => pause::extend(lot, seconds, TimeDelta::hours(1), &order, now)?,
            Deed::Suspend(who) => append(lot, now, &Body::BidderSuspended { bidder: self.name(who) }, Cause::default()),
            Deed::Reinstate(who) => append(lot, now, &Body::BidderReinstated { bidder: self.name(who) }, Cause::default()),
        };
        self.takes(vec![event], next);
        Ok(())
    }

    fn bids(&mut self, attempt: &Attempt) -> Result<(), Problem> {
        let standing = proxy::standing(self.maxima.iter().map(|one| (one.admission, one.secret.amount.minor)));
        let mut judged = judge_knowing(&self.lot, standing.map(|(_, hidden)| hidden), std::slice::from_ref(attempt));
        let accepted = judged.outcomes.remove(0)?;
        let placed = accepted.maximum.map(|secret| Placed { seq: accepted.seq, admission: attempt.admission, secret });
        self.maxima.extend(placed);
        self.takes(judged.events, judged.lot);
        Ok(())
    }

    fn buys(&mut self, attempt: &Attempt) -> Result<(), Problem> {
        let mut judged = buy_now::buy(&self.lot, attempt);
        judged.outcomes.remove(0)?;
        self.takes(judged.events, judged.lot);
        Ok(())
    }

    fn seals(&mut self, attempt: &Attempt, further: &[i64]) -> Result<(), Problem> {
        let own = |(_, opened): &&(i32, Opened)| opened.admission == attempt.admission;
        let last = self.sealed.iter().rev().find(own).map(|(_, opened)| opened.bid.at);
        let (round, at) = sealed::judge(&self.lot, attempt, last)?;
        let further_units: Vec<_> = further.iter().map(|fen| Money::fen(*fen)).collect();
        units::may_bid_for(&self.lot, attempt.price, &further_units)?;
        let drawn = self.drawn.salts.get(&(round, attempt.pseudonym.clone())).expect("it was never opened");
        let salt = Salt::try_from(unhex(drawn).unwrap()).unwrap();
        let commitment = hex(&envelope::commitment(self.lot.id, &salt, attempt.price, &further_units));
        self.sealings += 1;
        let bidder = attempt.pseudonym.clone();
        let bid = OpenedBid { bidder, price: attempt.price, at, order: self.sealings, salt: drawn.clone(), commitment, further_units };
        self.sealed.retain(|(of, opened)| (*of, opened.admission) != (round, attempt.admission));
        self.sealed.push((round, Opened { admission: attempt.admission, bid }));
        Ok(())
    }

    fn offers(&mut self, attempt: &Attempt) -> Result<(), Problem> {
        rounds::may_seal(&self.lot, false, attempt.price, attempt.arrival)?;
        let bidder = attempt.pseudonym.clone();
        let salt = self.drawn.salts.get(&(0, bidder.clone())).expect("it was never opened").clone();
        self.first_offers.retain(|(admission, _)| *admission != attempt.admission);
        self.first_offers.push((attempt.admission, OpenedOffer { bidder, price: attempt.price, at: attempt.arrival, salt }));
        Ok(())
    }

    fn bids_in_turn(&mut self, attempt: &Attempt) -> Result<(), Problem> {
        let envelopes = Envelopes { first_offers: Vec::new(), turn_bid: self.turn_bid.clone() };
        let taken = rounds::judge(&self.lot, &envelopes, attempt)?;
        let offer = TurnOffer { price: taken.price, at: taken.arrival };
        self.turn_bid = Some(TurnBid { round: taken.round, turn: taken.turn, admission: attempt.admission, offer });
        Ok(())
    }
}
