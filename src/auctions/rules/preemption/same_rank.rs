//! Several holders of one rank: they are asked at once, and those who take the lot seal one more bid.

use ed25519_dalek::SigningKey;
use entity::auctions::LotTerms;
use entity::ids::AdmissionId;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::log::replay;
use crate::auctions::rules::receipt::{ReceiptKey, ReceiptKeys};
use crate::auctions::rules::sealed::receipt::SealedReceipt;
use crate::auctions::rules::sealed::tests::{KEY, seal};
use crate::auctions::rules::sealed::{self, Opened};
use crate::auctions::rules::tests::{at, bid, lot, terms};
use crate::auctions::rules::verify::{hold_sealed, verify};
use crate::auctions::rules::{Attempt, announce, clock, close, judge};

const ANSWER: i64 = 300;
const ONCE_MORE: i64 = 120;
/// What bidder 9 bids, in fen, who leads when holders are asked.
const FOUND: i64 = 10_000;

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
        seal(&self.lot, attempt, Vec::new(), &mut self.sealed, &mut self.receipts)
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
        if let Some(step) = round(&self.lot, now).or_else(|| ask(&self.lot, None, &self.holders, now)) {
            self.takes(step);
        } else {
            let closing = close::close(&self.lot, None, now);
            self.takes((closing.event, closing.lot));
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

mod tests;
