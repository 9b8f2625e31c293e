//! A course recomputed: what was played by the rules passes, and the first thing touched is named.
#![allow(clippy::unwrap_used)]

mod aborted;
mod asked;
mod formats;
mod host;
mod kept;
mod known;
mod limits;
mod published;
mod random;
mod receipts;
mod same_rank;
mod schema;
mod sealed;
mod ways;
mod weighted;

use chrono::{TimeDelta, TimeZone, Utc};
use ed25519_dalek::SigningKey;
use entity::auctions::{ClosingMode, Format, LotEventKind, LotState, LotTerms, Preemption, PreemptionHolder, Reserve, lot, lot_event};
use entity::ids::{AdmissionId, LotId, LotSessionId, PersonId};
use entity::money::{Currency, Money};
use uuid::Uuid;

use super::{Passed, Wrong, verify};
use crate::auctions::rules::course::{CourseEvent, CourseOutcome, LotCourse, terms_text};
use crate::auctions::rules::judge::{Attempt, judge_knowing};
use crate::auctions::rules::log::{Body, Cause, OpenedReserve, append, hash};
use crate::auctions::rules::pause;
use crate::auctions::rules::pause::tests::order;
use crate::auctions::rules::proxy::{self, Hidden, Placed};
use crate::auctions::rules::receipt::{BidStatement, ReceiptKey, ReceiptKeys, SignedReceipt, issue};
use crate::auctions::rules::session::{self, Place};
use crate::auctions::rules::tests::{at, lot, terms};
use crate::auctions::rules::{clock, close, preemption, reserve};
use crate::platform::keys::{hex, sha256};
use crate::platform::problem::Problem;

pub(super) fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

pub(super) fn name(who: u128) -> String {
    format!("竞买人 {who:04}")
}

/// A lot as it is played, with its log and the receipts given.
pub(super) struct Story {
    pub(super) lot: lot::Model,
    pub(super) log: Vec<lot_event::Model>,
    pub(super) said: Vec<BidStatement>,
    hidden: Option<Hidden>,
    placed: Vec<Placed>,
}

impl Story {
    fn announced(terms: LotTerms) -> Self {
        let lot = lot::Model { enough_admitted: None, ..lot(terms) };
        let terms_sha256 = hex(&sha256(terms_text(&lot.terms).as_bytes()));
        let body = Body::Scheduled { terms_sha256, opens_at: lot.opens_at, closes_at: lot.closes_at };
        let mut story = Self { lot, log: Vec::new(), said: Vec::new(), hidden: None, placed: Vec::new() };
        story.says(-1_000, &body);
        story
    }

    pub(super) fn open(terms: LotTerms) -> Self {
        let mut story = Self::announced(terms);
        story.says(-1, &Body::RegistrationClosed { enough_admitted: true });
        story.passes(0);
        story
    }

    fn takes(&mut self, events: Vec<lot_event::Model>, next: lot::Model) {
        self.log.extend(events);
        self.lot = next;
    }

    fn says(&mut self, second: i64, body: &Body) {
        let (event, next) = append(&self.lot, at(second), body, Cause::default());
        self.takes(vec![event], next);
    }

    fn passes(&mut self, second: i64) {
        let (events, next) = clock::advance(&self.lot, at(second));
        self.takes(events, next);
    }

    /// Bids, if the rules take it.
    pub(super) fn bids(&mut self, who: u128, fen: i64, second: i64) {
        self.bids_as(who, None, fen, second);
    }

    /// Bids with a right of pre-emption of a rank, if the rules take it.
    fn bids_as(&mut self, who: u128, priority: Option<i32>, fen: i64, second: i64) {
        let attempt = Attempt {
            admission: AdmissionId(Uuid::from_u128(who)),
            pseudonym: name(who),
            suspended: false,
            price: Money::fen(fen),
            arrival: at(second),
            person: PersonId(Uuid::from_u128(who)),
            request_id: "r".into(),
            seed: sha256(format!("{who} {second}").as_bytes()),
            priority,
        };
        let mut judgement = judge_knowing(&self.lot, self.hidden, std::slice::from_ref(&attempt));
        self.hidden = judgement.hidden;
        if let Ok(accepted) = judgement.outcomes.remove(0) {
            self.placed.extend(accepted.maximum.map(|secret| Placed { seq: accepted.seq, admission: attempt.admission, secret }));
            self.said.push(BidStatement {
                arrived_at: accepted.arrival,
                bidder: name(who),
                closes_at: accepted.closes_at,
                commitment: accepted.maximum.map(|secret| secret.commitment()),
                log_hash: hex(&accepted.hash),
                lot_id: self.lot.id,
                maximum: accepted.maximum.map(|secret| secret.amount),
                price: accepted.price,
                seq: accepted.seq,
            });
        }
        self.takes(judgement.events, judgement.lot);
    }

    /// Does to the lot what a rule says, if it says so.
    fn does(&mut self, second: i64, rule: impl FnOnce(&lot::Model) -> Result<(lot_event::Model, lot::Model), Problem>) {
        self.passes(second);
        if let Ok((event, next)) = rule(&self.lot) {
            self.takes(vec![event], next);
        }
    }

    /// Runs out.
    pub(super) fn ends(&mut self, opened: Option<OpenedReserve>) {
        loop {
            let now = clock::next_look(&self.lot).unwrap();
            let (events, next) = clock::advance(&self.lot, now);
            self.takes(events, next);
            if clock::is_over(&self.lot, now) {
                if let Some((event, next)) = proxy::opened(&self.lot, &self.placed, opened.as_ref(), now) {
                    self.takes(vec![event], next);
                }
                let closing = close::close(&self.lot, opened, now);
                self.takes(vec![closing.event], closing.lot);
                return;
            }
        }
    }

    pub(super) fn course(&self) -> LotCourse {
        let keys = [1, 2].map(|number| ReceiptKey::of(key(number).verifying_key().as_bytes()));
        LotCourse::of(&self.lot, self.log.clone(), ReceiptKeys { keys: keys.into() })
    }

    pub(super) fn receipts(&self) -> Vec<SignedReceipt> {
        self.said.iter().flat_map(|said| issue(std::slice::from_ref(said), &key(1), said.arrived_at)).collect()
    }
}

/// Announced, registration closed, opened, three bids of which the last two extend, sold: seven events.
fn sale() -> Story {
    let mut story = Story::open(terms());
    story.bids(1, 10_000, 100);
    story.bids(2, 11_000, 3_400);
    story.bids(1, 13_000, 3_650);
    story.ends(None);
    assert_eq!((story.lot.seq, story.lot.state), (7, LotState::ClosedSold));
    story
}

/// What is found, and in which event.
pub(super) fn found(course: &LotCourse, receipts: &[SignedReceipt]) -> (Wrong, Option<i64>) {
    let fault = verify(course, receipts, |_| {}).unwrap_err();
    (fault.wrong, fault.seq())
}

/// What is found and why, where somebody who keeps the log changes it and makes every number and hash good again.
pub(super) fn forged(course: &LotCourse, change: impl FnOnce(&mut Vec<CourseEvent>)) -> (Wrong, Option<i64>, String) {
    let fault = verify(&reforged(course, change), &[], |_| {}).unwrap_err();
    (fault.wrong, fault.seq(), fault.why)
}

pub(super) fn reforged(course: &LotCourse, change: impl FnOnce(&mut Vec<CourseEvent>)) -> LotCourse {
    let mut forged = course.clone();
    change(&mut forged.events);
    let mut head = vec![0; 32];
    for (seq, event) in (1..).zip(&mut forged.events) {
        event.seq = seq;
        event.prev_hash = hex(&head);
        head = hash(&lot_event::Model {
            lot_id: course.lot.id,
            seq,
            at: event.at,
            kind: LotEventKind::Scheduled,
            body: event.body_text.clone(),
            person_id: None,
            admission_id: None,
            request_id: None,
            prev_hash: head,
            hash: Vec::new(),
            sealed: None,
        })
        .to_vec();
        event.hash = hex(&head);
    }
    forged
}

/// Puts other words into an event, of which there are some to be replaced.
pub(super) fn says(event: &mut CourseEvent, words: &str, others: &str) {
    assert!(event.body_text.contains(words), "{} in {}", words, event.body_text);
    event.body_text = event.body_text.replace(words, others);
}

#[test]
fn what_was_played_by_the_rules_passes_with_its_receipts() {
    let story = sale();
    let mut told = Vec::new();
    assert_eq!(verify(&story.course(), &story.receipts(), |passed| told.push(passed)), Ok(()));
    let kid = ReceiptKey::of(key(1).verifying_key().as_bytes()).kid;
    let (winner, price) = (Some(name(1)), Some(Money::fen(13_000)));
    let outcome = CourseOutcome { state: LotState::ClosedSold, winner, price, awards: Vec::new(), published: Vec::new() };
    let signed = |seq| Passed::Receipt { seq, kid: kid.clone() };
    let due = [Passed::Chain(7), Passed::Terms, Passed::Rules(3), Passed::Outcome(outcome), signed(4), signed(5), signed(6)];
    assert_eq!(told, due);
    // It is the same after it was written down and read.
    let written = serde_json::to_string(&story.course()).unwrap();
    assert_eq!(serde_json::from_str::<LotCourse>(&written).unwrap(), story.course());
}

#[test]
fn what_was_touched_is_named() {
    let whole = sale().course();
    let touched = |change: fn(&mut LotCourse)| {
        let mut course = whole.clone();
        change(&mut course);
        found(&course, &[])
    };
    assert_eq!(touched(|course| says(&mut course.events[3], "\"100.00\"", "\"120.00\"")), (Wrong::EventChanged, Some(4)));
    assert_eq!(touched(|course| course.events[3].at += TimeDelta::seconds(1)), (Wrong::EventChanged, Some(4)));
    assert_eq!(touched(|course| course.events[3].at += TimeDelta::nanoseconds(1)), (Wrong::EventUnreadable, Some(4)));
    assert_eq!(touched(|course| course.events[3].hash = "00".repeat(32)), (Wrong::EventChanged, Some(4)));
    assert_eq!(touched(|course| course.events[3].prev_hash = "00".repeat(32)), (Wrong::ChainBroken, Some(4)));
    assert_eq!(touched(|course| says(&mut course.events[3], "{", "{ ")), (Wrong::EventUnreadable, Some(4)));
    assert_eq!(touched(|course| course.events.swap(3, 4)), (Wrong::SequenceBroken, Some(4)));
    assert_eq!(touched(|course| drop(course.events.remove(4))), (Wrong::SequenceBroken, Some(5)));
    assert_eq!(touched(|course| course.events.insert(4, course.events[3].clone())), (Wrong::SequenceBroken, Some(5)));
    assert_eq!(touched(|course| drop(course.events.pop())), (Wrong::NotEnded, Some(6)));
    assert_eq!(touched(|course| course.events.clear()), (Wrong::NotWhatFollows, Some(1)));
    assert_eq!(touched(|course| course.lot.id = LotId(Uuid::from_u128(9))), (Wrong::EventChanged, Some(1)));
    assert_eq!(touched(|course| course.outcome.winner = Some(name(2))), (Wrong::OutcomeDiffers, None));
    assert_eq!(touched(|course| course.outcome.price = Some(Money::fen(12_000))), (Wrong::OutcomeDiffers, None));
    assert_eq!(touched(|course| course.schema_version += 1), (Wrong::UnknownSchema, None));
}

#[test]
fn other_terms_than_those_announced_are_named() {
    let mut story = Story::open(LotTerms { rules_version: Some(2), ..terms() });
    story.bids(1, 10_000, 100);
    story.ends(None);
    let whole = story.course();
    assert_eq!(verify(&whole, &[], |_| {}), Ok(()));
    for (announced, other) in [("\"allow_self_raise\":false", "\"allow_self_raise\":true"), ("\"rules_version\":2", "\"rules_version\":1")]
    {
        let mut course = whole.clone();
        course.terms_text = course.terms_text.replace(announced, other);
        assert_eq!(found(&course, &[]), (Wrong::TermsChanged, None), "{other}");
        course.terms_sha256 = hex(&sha256(course.terms_text.as_bytes()));
        assert_eq!(found(&course, &[]), (Wrong::TermsChanged, Some(1)), "{other}");
    }
}

#[test]
fn a_bid_that_the_rules_refuse_is_named_whoever_keeps_the_log() {
    let whole = sale().course();
    let against = |why: &str, change: fn(&mut Vec<CourseEvent>)| {
        assert_eq!(forged(&whole, change), (Wrong::AgainstTheRules, Some(5), why.to_owned()));
    };
    against("too_low", |events| says(&mut events[4], "110.00", "105.00"));
    against("not_a_step", |events| says(&mut events[4], "110.00", "115.00"));
    against("already_leading", |events| says(&mut events[4], &name(2), &name(1)));
    against("closed", |events| events[4].at = at(3_600));
    against("too_low", |events| events.swap(3, 4));
    // Without the bid that extended the lot, the next one is too late.
    against("closed", |events| drop(events.remove(4)));
}

#[test]
fn what_follows_otherwise_by_the_rules_is_named() {
    let whole = sale().course();
    let otherwise = |seq: i64, member: &str, change: fn(&mut Vec<CourseEvent>)| {
        let (wrong, at, why) = forged(&whole, change);
        assert_eq!((wrong, at), (Wrong::NotWhatFollows, Some(seq)), "{why}");
        assert!(why.starts_with(member), "{why}");
    };
    otherwise(6, "closes_at", |events| says(&mut events[5], "23:19:10", "23:59:59"));
    otherwise(3, "at ", |events| events[2].at = at(1));
    otherwise(3, "kind", |events| drop(events.remove(2)));
    otherwise(7, "bidder", |events| says(&mut events[6], &name(1), &name(2)));
    otherwise(7, "price", |events| says(&mut events[6], "130.00", "120.00"));
    otherwise(1, "opens_at", |events| says(&mut events[0], "22:13:20", "22:13:21"));
    let early = forged(&whole, |events| events[6].at = at(3_950));
    assert_eq!(early, (Wrong::AgainstTheRules, Some(7), "its time has not come".to_owned()));
    let after = forged(&whole, |events| events.push(events[6].clone()));
    assert_eq!((after.0, after.1), (Wrong::AfterTheEnd, Some(8)));
    let twice = forged(&whole, |events| events.insert(1, events[0].clone()));
    assert_eq!((twice.0, twice.1), (Wrong::AgainstTheRules, Some(2)));
}

#[test]
fn a_bid_at_par_follows_only_for_a_holder_of_a_better_rank() {
    let mut story = Story::open(LotTerms { preemption: Some(Preemption::Parity {}), ..terms() });
    story.bids_as(2, Some(2), 10_000, 60);
    story.bids_as(1, Some(1), 10_000, 120);
    story.ends(None);
    let course = story.course();
    assert_eq!(verify(&course, &story.receipts(), |_| {}), Ok(()));
    assert_eq!((course.outcome.winner.clone(), course.outcome.price), (Some(name(1)), Some(Money::fen(10_000))));
    for rank in ["", ",\"priority\":2", ",\"priority\":3"] {
        let (wrong, seq, why) = forged(&course, |events| says(&mut events[4], ",\"priority\":1", rank));
        assert_eq!((wrong, seq, why.as_str()), (Wrong::AgainstTheRules, Some(5), "too_low"));
    }
    // Where no such right was announced no bid bears a rank.
    let plain = sale().course();
    let (wrong, seq, _) = forged(&plain, |events| says(&mut events[4], "Z\"}", "Z\",\"priority\":1}"));
    assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(5)));
}

/// Bidder 9 leads; holders 1 and 2 are asked, of whom the first declines and the second takes the lot: nine events.
fn asked() -> Story {
    let mut story =
        Story::open(LotTerms { preemption: Some(Preemption::AskAfter { answer_seconds: 300, round_seconds: None }), ..terms() });
    story.bids(9, 10_000, 60);
    let holders = [(1, 1), (2, 2)].map(|(who, rank)| PreemptionHolder { bidder: name(who), rank });
    for (who, takes) in [(1, false), (2, true)] {
        let now = clock::next_look(&story.lot).unwrap();
        let (event, next) = preemption::ask(&story.lot, None, &holders, now).unwrap();
        story.takes(vec![event], next);
        let cause = Cause { admission: Some(AdmissionId(Uuid::from_u128(who))), ..Cause::default() };
        let (event, next) = preemption::answer(&story.lot, &name(who), false, takes, now + TimeDelta::seconds(10), cause).unwrap();
        story.takes(vec![event], next);
    }
    story.ends(None);
    assert_eq!((story.lot.seq, story.lot.state), (9, LotState::ClosedSold));
    story
}

#[test]
fn holders_are_asked_in_their_turn_and_none_who_is_known_is_left_out() {
    let course = asked().course();
    assert_eq!(verify(&course, &[], |_| {}), Ok(()));
    assert_eq!((course.outcome.winner.clone(), course.outcome.price), (Some(name(2)), Some(Money::fen(10_000))));
    let wrong = |change: fn(&mut Vec<CourseEvent>)| {
        let (wrong, seq, _) = forged(&course, change);
        (wrong, seq)
    };
    // The first took it, or the second was never asked.
    assert_eq!(wrong(|events| says(&mut events[5], "false", "true")), (Wrong::AgainstTheRules, Some(7)));
    assert_eq!(wrong(|events| drop(events.drain(6..8))), (Wrong::NotWhatFollows, Some(7)));
    // Another answered for him; another has it; the time to answer was another.
    assert_eq!(wrong(|events| says(&mut events[5], &name(1), &name(2))), (Wrong::AgainstTheRules, Some(6)));
    assert_eq!(wrong(|events| says(&mut events[8], &name(2), &name(9))), (Wrong::NotWhatFollows, Some(9)));
    assert_eq!(wrong(|events| events[4].at = at(3_650)), (Wrong::NotWhatFollows, Some(5)));
    assert_eq!(wrong(|events| says(&mut events[6], &name(2), &name(3))), (Wrong::NotWhatFollows, Some(7)));
    // Whoever leads is not asked for his own lot.
    assert_eq!(wrong(|events| says(&mut events[4], &name(2), &name(9))), (Wrong::NotWhatFollows, Some(5)));
}

#[test]
fn a_reserve_is_the_one_committed_to() {
    let opened = |fen| reserve::unpack(&reserve::pack(&[5; 16], Money::fen(fen)), Currency::Cny);
    let secret = LotTerms { reserve: Reserve::Secret { commitment: reserve::commitment(&[5; 16], Money::fen(15_000)) }, ..terms() };
    let played = |secret: LotTerms, opened| {
        let mut story = Story::open(secret);
        story.bids(1, 10_000, 100);
        story.ends(opened);
        story.course()
    };
    let unsold = played(secret.clone(), opened(15_000));
    assert_eq!((verify(&unsold, &[], |_| {}), unsold.outcome.state), (Ok(()), LotState::ClosedUnsold));
    // Neither another amount, nor none, nor one where none was announced.
    for course in [played(secret.clone(), opened(9_000)), played(secret, None), played(terms(), opened(9_000))] {
        assert_eq!(found(&course, &[]), (Wrong::ReserveNotCommitted, Some(5)));
    }
}

#[test]
fn a_lot_fails_only_for_too_few() {
    let ended = |registered: bool| {
        let mut story = Story::announced(terms());
        if registered {
            story.says(-1, &Body::RegistrationClosed { enough_admitted: true });
        }
        story.says(-1, &Body::aborted("too_few_bidders"));
        verify(&story.course(), &[], |_| {}).map_err(|fault| (fault.wrong, fault.seq()))
    };
    assert_eq!(ended(false), Ok(()));
    assert_eq!(ended(true), Err((Wrong::AgainstTheRules, Some(3))));
}

#[test]
fn what_cannot_be_reckoned_with_is_refused_and_breaks_nothing() {
    let story = sale();
    let mut endless = story.course();
    let announced = endless.terms_sha256.clone();
    endless.terms_text = endless.terms_text.replace("\"free_period_seconds\":3600", "\"free_period_seconds\":9223372036854775807");
    endless.terms_sha256 = hex(&sha256(endless.terms_text.as_bytes()));
    let told = endless.terms_sha256.clone();
    let endless = reforged(&endless, |events| says(&mut events[0], &announced, &told));
    assert_eq!(found(&endless, &[]), (Wrong::OutOfRange, None));

    let far = Utc.with_ymd_and_hms(12_000, 1, 1, 0, 0, 0).unwrap();
    let (wrong, seq, _) = forged(&story.course(), |events| events[4].at = far);
    assert_eq!((wrong, seq), (Wrong::OutOfRange, Some(5)));

    let mut more = Story::open(terms());
    more.does(100, |lot| pause::extend(lot, 600, TimeDelta::hours(24), &order(), at(100)));
    more.ends(None);
    let (wrong, seq, why) = forged(&more.course(), |events| says(&mut events[3], "600", "9223372036854775807"));
    assert_eq!((wrong, seq, why.as_str()), (Wrong::AgainstTheRules, Some(4), "outside_rule"));

    let mut joined = Story::announced(terms());
    let place = Place { session: LotSessionId(Uuid::from_u128(8)), ordinal: 1, closes_at: far, hosted: false, opens_by: None };
    joined.does(-500, |lot| session::join(lot, &place, Cause::default(), at(-500)));
    assert_eq!(found(&joined.course(), &[]), (Wrong::OutOfRange, Some(2)));
}

/// A sale forged by the rules as a whole, so that its last bid and its price are 150.
fn dearer(sale: &LotCourse) -> LotCourse {
    let mut forged = reforged(sale, |events| {
        says(&mut events[5], "130.00", "150.00");
        says(&mut events[6], "130.00", "150.00");
    });
    forged.outcome.price = Some(Money::fen(15_000));
    forged
}
