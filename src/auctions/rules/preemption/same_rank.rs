//! Several holders of one rank: they are asked at once, and those who take the lot seal one more bid.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;
use entity::auctions::{ClosingMode, LotTerms};
use entity::ids::AdmissionId;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::log::replay;
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::receipt::{ReceiptKey, ReceiptKeys};
use crate::auctions::rules::sealed::receipt::{SealedBidStatement, SealedReceipt, sign};
use crate::auctions::rules::sealed::{self, Opened, OpenedBid, envelope};
use crate::auctions::rules::tests::{at, bid, lot, terms};
use crate::auctions::rules::verify::{hold_sealed, verify};
use crate::auctions::rules::{Attempt, announce, clock, close, judge};
use crate::platform::keys::hex;

const ANSWER: i64 = 300;
const ONCE_MORE: i64 = 120;
/// What bidder 9 bids, in fen, who leads when holders are asked.
const FOUND: i64 = 10_000;
/// What signs receipts.
const KEY: [u8; 32] = [1; 32];

pub(crate) fn name(who: u128) -> String {
    format!("竞买人 {who}")
}

fn attempt(who: u128, fen: i64, now: Timestamp, suspended: bool) -> Attempt {
    Attempt { suspended, arrival: now, ..bid(who, fen, 0) }
}

/// A lot as it is played, with its log, what is sealed, and the receipts given.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) lot: lot::Model,
    pub(crate) receipts: Vec<SealedReceipt>,
    blank: lot::Model,
    log: Vec<lot_event::Model>,
    sealed: Vec<(i32, Opened)>,
    holders: Vec<PreemptionHolder>,
    /// Since when somebody is asked, or the round runs.
    now: Timestamp,
}

impl Story {
    /// These are holders, by rank, who are asked after bidding of such terms; it is open.
    fn open(terms: LotTerms, holders: &[(u128, i32)]) -> Self {
        let preemption = Some(Preemption::AskAfter { answer_seconds: ANSWER, round_seconds: Some(ONCE_MORE) });
        let blank = lot::Model { enough_admitted: None, ..lot(LotTerms { preemption, ..terms }) };
        let holders = holders.iter().map(|(who, rank)| PreemptionHolder { bidder: name(*who), rank: *rank }).collect();
        let (lot, now) = (blank.clone(), at(0));
        let mut story = Self { lot, receipts: Vec::new(), blank, log: Vec::new(), sealed: Vec::new(), holders, now };
        story.takes(announce::announced(&story.lot, at(-1_000)));
        story.takes(announce::registered(&story.lot, 3, at(-900)));
        let (events, next) = clock::advance(&story.lot, now);
        story.log.extend(events);
        story.lot = next;
        story
    }

    /// The same once bidder 9 has bid and the first holders are asked.
    pub(crate) fn asked(terms: LotTerms, holders: &[(u128, i32)]) -> Self {
        let mut story = Self::open(terms, holders);
        let judged = judge(&story.lot, &[bid(9, FOUND, 60)]);
        story.log.extend(judged.events);
        story.lot = judged.lot;
        story.runs_out();
        story
    }

    fn takes(&mut self, (event, next): (lot_event::Model, lot::Model)) {
        self.log.push(event);
        self.lot = next;
    }

    fn later(&self, seconds: i64) -> Timestamp {
        self.now + TimeDelta::seconds(seconds)
    }

    fn says(&mut self, body: &Body, seconds: i64) {
        self.takes(append(&self.lot, self.later(seconds), body, Cause::default()));
    }

    /// Somebody says whether he takes the lot, so many seconds after it was asked.
    pub(crate) fn answers(&mut self, who: u128, takes: bool, seconds: i64) -> Result<(), Code> {
        let cause = Cause { admission: Some(AdmissionId(Uuid::from_u128(who))), ..Cause::default() };
        let answered = answer(&self.lot, &name(who), false, takes, self.later(seconds), cause);
        self.takes(answered.map_err(|refusal| refusal.code)?);
        Ok(())
    }

    /// Somebody seals a bid in place of his earlier one, so many seconds after the round began, if the rules take it.
    pub(crate) fn seals(&mut self, who: u128, fen: i64, seconds: i64) -> Result<(), Code> {
        self.seals_as(&attempt(who, fen, self.later(seconds), false))
    }

    fn seals_as(&mut self, attempt: &Attempt) -> Result<(), Code> {
        let is_own = |(_, before): &&(i32, Opened)| before.admission == attempt.admission;
        let last = self.sealed.iter().rfind(is_own).map(|(_, before)| before.bid.at);
        let (round, at) = sealed::judge(&self.lot, attempt, last).map_err(|refusal| refusal.code)?;
        let order = i64::try_from(self.receipts.len()).unwrap() + 1;
        let salt = [u8::try_from(order).unwrap(); 16];
        let statement = SealedBidStatement {
            arrived_at: at,
            bidder: attempt.pseudonym.clone(),
            commitment: hex(&envelope::commitment(self.lot.id, &salt, attempt.price, &[])),
            further_units: Vec::new(),
            log_hash: hex(&self.lot.head_hash),
            lot_id: self.lot.id,
            price: attempt.price,
            round,
            salt: hex(&salt),
        };
        let SealedBidStatement { bidder, price, salt, commitment, further_units, .. } = statement.clone();
        let jws = sign(&statement, &SigningKey::from_bytes(&KEY), at);
        self.receipts.push(SealedReceipt::of(statement, jws));
        self.sealed.retain(|(of, before)| (*of, before.admission) != (round, attempt.admission));
        let bid = OpenedBid { bidder, price, at, order, salt, commitment, further_units };
        self.sealed.push((round, Opened { admission: attempt.admission, bid }));
        Ok(())
    }

    /// The time is over: what is sealed is opened, and several who take it bid once more, or the next are asked, or it is closed.
    pub(crate) fn runs_out(&mut self) {
        let now = clock::next_look(&self.lot).unwrap();
        assert!(clock::is_over(&self.lot, now));
        if sealed::awaits_opening(&self.lot) {
            let of = sealed::round(&self.lot);
            let bids = self.sealed.iter().filter(|(round, _)| *round == of).map(|(_, bid)| bid.clone()).collect();
            self.takes(sealed::open(&self.lot, bids, now));
        }
        match round(&self.lot, now).or_else(|| ask(&self.lot, None, &self.holders, now)) {
            Some(step) => self.takes(step),
            None => {
                let closing = close::close(&self.lot, None, now);
                self.takes((closing.event, closing.lot));
            }
        }
        self.now = now;
        assert_eq!(replay(self.blank.clone(), &self.log).as_ref(), Ok(&self.lot), "it can be rebuilt from its log");
    }

    /// Who has it, and for how many fen: anybody can recompute that, and every receipt holds.
    fn sale(&self) -> (String, i64) {
        assert_eq!(self.lot.state, LotState::ClosedSold);
        assert_eq!(verify(&self.course(), &[], |_| {}), Ok(()));
        assert_eq!(hold_sealed(&self.course(), &self.receipts, |_| {}), Ok(()));
        (self.lot.leader_pseudonym.clone().unwrap(), self.lot.price_minor.unwrap())
    }

    pub(crate) fn course(&self) -> LotCourse {
        let key = ReceiptKey::of(SigningKey::from_bytes(&KEY).verifying_key().as_bytes());
        LotCourse::of(&self.lot, self.log.clone(), ReceiptKeys { keys: vec![key] })
    }

    fn asked_now(&self) -> Vec<String> {
        asked(&self.lot).map(|holder| holder.bidder.clone()).collect()
    }
}

/// 1 and 2 are of the first rank, 3 of the second.
const HOLDERS: [(u128, i32); 3] = [(1, 1), (2, 1), (3, 2)];

/// 2 takes the lot, then 1: their round runs.
pub(crate) fn sealing(terms: LotTerms) -> Story {
    let mut story = Story::asked(terms, &HOLDERS);
    story.answers(2, true, 10).unwrap();
    story.answers(1, true, 20).unwrap();
    story.runs_out();
    story
}

#[test]
fn all_of_the_best_rank_are_asked_at_once_and_their_time_ends_with_the_last_answer() {
    let mut story = Story::asked(terms(), &HOLDERS);
    assert_eq!((story.asked_now(), story.lot.closes_at), (vec![name(1), name(2)], story.later(ANSWER)));
    assert_eq!(story.answers(3, true, 5), Err(Code::WrongState), "he is of the next rank");
    story.answers(2, false, 10).unwrap();
    assert_eq!(story.answers(2, true, 11), Err(Code::WrongState), "he has answered");
    assert_eq!((story.asked_now(), story.lot.closes_at), (vec![name(1)], story.later(ANSWER)), "the other still may");
    assert_eq!(story.answers(1, true, ANSWER), Err(Code::Closed));
    story.answers(1, false, 20).unwrap();
    assert_eq!((story.asked_now(), story.lot.closes_at), (Vec::new(), story.later(20)));
    story.runs_out();
    assert_eq!(story.asked_now(), [name(3)], "nobody of the first rank takes it");
}

#[test]
fn where_nobody_of_a_rank_takes_it_the_next_is_asked_without_those_who_are_suspended() {
    let mut story = Story::asked(terms(), &[(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 4)]);
    for who in [4, 5, 6] {
        story.says(&Body::BidderSuspended { bidder: name(who) }, 5);
    }
    story.answers(1, false, 10).unwrap();
    story.runs_out();
    assert_eq!(story.asked_now(), [name(3)], "2 let the time pass, 4 is suspended");
    // Whoever is reinstated before his turn is asked then.
    story.says(&Body::BidderReinstated { bidder: name(6) }, 5);
    story.runs_out();
    assert_eq!(story.asked_now(), [name(6)], "the third rank is passed over as a whole");
    story.runs_out();
    assert_eq!(story.sale(), (name(9), FOUND));
}

#[test]
fn one_alone_of_his_rank_who_takes_it_has_it_at_the_price_found() {
    for other in [Some(false), None] {
        let mut story = Story::asked(terms(), &HOLDERS);
        story.answers(2, true, 10).unwrap();
        if let Some(takes) = other {
            story.answers(1, takes, 20).unwrap();
        }
        let until = if other.is_some() { 20 } else { ANSWER };
        assert_eq!(story.lot.closes_at, story.later(until), "the others are waited for");
        story.runs_out();
        assert_eq!(story.sale(), (name(2), FOUND));
    }
}

#[test]
fn several_who_take_it_seal_one_more_bid_and_the_best_has_it_at_his_own() {
    let mut story = sealing(terms());
    assert_eq!((story.lot.state, story.lot.closes_at), (LotState::PreemptionAsk, story.later(ONCE_MORE)));
    let of = round_of(&story.lot).unwrap();
    assert_eq!((of.bidders.clone(), of.at_least), (vec![name(2), name(1)], Money::fen(FOUND)), "in the order of their answers");
    assert_eq!((story.asked_now(), ask(&story.lot, None, &[], story.now)), (Vec::new(), None));
    let before = story.lot.clone();
    assert_eq!(story.seals(2, FOUND - 1, 1), Err(Code::TooLow));
    story.seals(2, FOUND + 500, 2).unwrap();
    story.seals(1, FOUND + 1, 3).unwrap();
    // The last of a bidder counts, also where it is less.
    story.seals(2, FOUND, 4).unwrap();
    for outsider in [3, 9] {
        assert_eq!(story.seals(outsider, FOUND + 900, 5), Err(Code::NotInTieRound));
    }
    let suspended = attempt(1, FOUND + 900, story.later(6), true);
    assert_eq!(story.seals_as(&suspended), Err(Code::BidderSuspended));
    assert_eq!(story.seals(1, FOUND + 900, ONCE_MORE), Err(Code::Closed));
    assert_eq!(story.lot, before, "nobody learns of what is sealed");
    story.runs_out();
    assert_eq!((story.sale(), story.receipts.len()), ((name(1), FOUND + 1), 3));
}

#[test]
fn of_equals_whoever_sealed_first_has_it_and_where_nobody_does_whoever_took_it_first() {
    let mut equals = sealing(terms());
    equals.seals(1, FOUND, 1).unwrap();
    equals.seals(2, FOUND, 2).unwrap();
    equals.runs_out();
    assert_eq!(equals.sale(), (name(1), FOUND), "2 took it first, and sealed later");
    let mut silent = sealing(terms());
    silent.runs_out();
    assert_eq!(silent.sale(), (name(2), FOUND));
    let mut one = sealing(terms());
    one.seals(1, FOUND, 1).unwrap();
    one.runs_out();
    assert_eq!(one.sale(), (name(1), FOUND), "who seals nothing stands behind who does");
}

#[test]
fn nothing_is_sealed_before_the_round_or_where_there_is_none() {
    let mut story = Story::asked(terms(), &HOLDERS);
    assert_eq!(story.seals(1, FOUND, 5), Err(Code::WrongFormat));
    story.answers(2, true, 10).unwrap();
    story.answers(1, true, 20).unwrap();
    let early = story.later(20);
    story.runs_out();
    // It came before the round began, and was judged after that.
    assert_eq!(story.seals_as(&attempt(1, FOUND, early, false)), Err(Code::Busy));
    assert_eq!(round(&story.lot, story.now), None, "there is one");
}

#[test]
fn a_pause_an_extension_and_an_outage_move_the_end_of_the_round() {
    let order = Order { reason: "网络故障".into(), ..Order::default() };
    let mut story = sealing(terms());
    story.takes(pause::pause(&story.lot, &order, story.later(10)).unwrap());
    assert_eq!(story.seals(1, FOUND, 11), Err(Code::Paused));
    story.takes(pause::resume(&story.lot, &order, story.later(110)).unwrap());
    assert_eq!(story.lot.closes_at, story.later(ONCE_MORE + 100));
    story.takes(pause::extend(&story.lot, 30, TimeDelta::hours(1), &order, story.later(120)).unwrap());
    let silence = [Outage { began_at: story.later(200), ended_at: story.later(240) }];
    let (events, next) = outage::extended(&story.lot, &silence, TimeDelta::minutes(5), story.later(240));
    story.log.extend(events);
    story.lot = next;
    assert_eq!(story.lot.closes_at, story.later(540));
    story.seals(1, FOUND + 700, 530).unwrap();
    story.runs_out();
    assert_eq!(story.sale(), (name(1), FOUND + 700));
}

/// What was sealed by the format stays what it came to: the second price is found, and what holders bid is another round.
#[test]
fn a_lot_of_sealed_bids_has_the_round_beside_its_own() {
    let format = Format::Vickrey {};
    let mut story = Story::open(LotTerms { format, closing_mode: ClosingMode::HardClose, ..terms() }, &HOLDERS);
    for (who, fen) in [(8, 30_000), (9, 40_000), (3, 20_000)] {
        story.seals(who, fen, 60).unwrap();
    }
    story.runs_out();
    assert_eq!(story.asked_now(), [name(1), name(2)]);
    assert_eq!(story.seals(1, 50_000, 5), Err(Code::Closed), "the bidding has ended");
    story.answers(1, true, 10).unwrap();
    story.answers(2, true, 20).unwrap();
    story.runs_out();
    assert_eq!(story.seals(2, 29_999, 5), Err(Code::TooLow), "the price found is the second");
    story.seals(2, 30_001, 6).unwrap();
    story.runs_out();
    assert_eq!(story.sale(), (name(2), 30_001));
    let rounds: Vec<_> = story.receipts.iter().map(|receipt| receipt.statement.round).collect();
    assert_eq!(rounds, [1, 1, 1, ROUND]);
}

#[test]
fn in_a_lot_from_before_one_is_asked_after_another() {
    let preemption = Some(Preemption::AskAfter { answer_seconds: ANSWER, round_seconds: None });
    let before = lot(LotTerms { preemption, ..terms() });
    let judged = judge(&before, &[bid(9, FOUND, 60)]);
    let holders = HOLDERS.map(|(who, rank)| PreemptionHolder { bidder: name(who), rank });
    let (_, first) = ask(&judged.lot, None, &holders, at(3_601)).unwrap();
    assert_eq!(asked(&first).map(|holder| holder.bidder.as_str()).collect::<Vec<_>>(), [name(1)]);
    let (_, taken) = answer(&first, &name(1), false, true, at(3_700), Cause::default()).unwrap();
    assert_eq!((round(&taken, at(3_701)), ask(&taken, None, &[], at(3_701))), (None, None));
    assert!(taken.asking.unwrap().answers.is_empty(), "its row is what it was");
}

proptest! {
    /// Whoever answers and seals what, the lot goes to whom the announcement says, and anybody can recompute it.
    #[test]
    fn the_lot_goes_to_the_best_sealed_bid_of_those_who_take_it(
        said in prop::collection::vec((1_u128..5, any::<bool>()), 0..6), bids in prop::collection::vec((1_u128..5, 0_i64..4), 0..6),
    ) {
        let mut story = Story::asked(terms(), &[(1, 1), (2, 1), (3, 1), (4, 2)]);
        let (mut heard, mut takers) = (BTreeSet::new(), Vec::new());
        for ((who, takes), second) in said.into_iter().zip(1..) {
            let counts = who < 4 && heard.insert(who);
            prop_assert_eq!(story.answers(who, takes, second).is_ok(), counts);
            if counts && takes {
                takers.push(who);
            }
        }
        story.runs_out();
        let due = match takers.as_slice() {
            [] => {
                prop_assert_eq!(story.asked_now(), [name(4)]);
                story.runs_out();
                (9, FOUND)
            }
            [alone] => (*alone, FOUND),
            [first, ..] => {
                // The last of each, by what it offers more and how early it is.
                let mut standing = BTreeMap::new();
                for ((who, more), second) in bids.into_iter().zip(1..) {
                    let counts = takers.contains(&who);
                    prop_assert_eq!(story.seals(who, FOUND + more, second).is_ok(), counts);
                    if counts {
                        standing.insert(who, (more, -second));
                    }
                }
                story.runs_out();
                let best = standing.into_iter().max_by_key(|(_, claim)| *claim);
                best.map_or((*first, FOUND), |(who, (more, _))| (who, FOUND + more))
            }
        };
        prop_assert_eq!(story.sale(), (name(due.0), due.1));
    }
}
