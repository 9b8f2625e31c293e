//! Rounds, proved: one worked to the end by hand, and many random ones.

mod grace;
mod receipts;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use ed25519_dalek::SigningKey;
use entity::Timestamp;
use entity::auctions::{ClosingMode, Format, LotState, LotTerms, RoundsBook, lot, lot_event};
use entity::ids::{AdmissionId, LotSessionId};
use entity::money::Money;
use proptest::prelude::*;
use uuid::Uuid;

use super::receipt::{TurnBidStatement, TurnReceipt, issue};
use super::{Envelopes, OpenedOffer, TurnBid, TurnOffer, advance, best_beside, book, extended, judge, may_seal};
use crate::auctions::rules::announce;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::judge::{self, Attempt};
use crate::auctions::rules::log::{Body, Cause, replay};
use crate::auctions::rules::outage::Outage;
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::receipt::{ReceiptKey, ReceiptKeys};
use crate::auctions::rules::session::{self, Place};
use crate::auctions::rules::tests::{at, lot, terms};
use crate::auctions::rules::verify::{Fault, Wrong, hold_turns, verify};
use crate::auctions::rules::{clock, close, tests};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

const STEP: i64 = 1_000;
const WINDOW: TimeDelta = TimeDelta::minutes(5);

/// Three rounds as the rules have them; start price 100.00, step 10.00.
fn by_rounds() -> LotTerms {
    LotTerms {
        closing_mode: ClosingMode::HardClose,
        multiples_only: false,
        allow_self_raise: true,
        free_period_seconds: 300 + 2 * 120 + 3 * 120 + 120,
        timed_cycle_seconds: 120,
        format: Format::Rounds { rounds: 3, first_pause_seconds: 300, pause_seconds: 120, turn_seconds: 120, result_seconds: 120 },
        ..terms()
    }
}

fn name(who: u128) -> String {
    format!("竞买人 {who}")
}

fn order() -> Order {
    Order { reason: "故障".into(), ..Order::default() }
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn attempt(who: u128, fen: i64, arrival: Timestamp) -> Attempt {
    Attempt { suspended: who == 9, ..tests::attempt(who, fen, arrival) }
}

/// Whether a course holds, and receipts against it.
fn held(course: &LotCourse, receipts: &[TurnReceipt]) -> Result<(), Fault> {
    verify(course, &[], |_| {}).and_then(|()| hold_turns(course, receipts, |_| {}))
}

/// A lot as it is played, with what is sealed in it.
pub(crate) struct Play {
    blank: lot::Model,
    lot: lot::Model,
    log: Vec<lot_event::Model>,
    envelopes: Envelopes,
    pub(crate) receipts: Vec<TurnReceipt>,
}

impl Play {
    fn announced() -> Self {
        let blank = lot::Model { enough_admitted: None, ..lot(by_rounds()) };
        let (announced, lot) = announce::announced(&blank, at(-1_000));
        let (closed, lot) = announce::registered(&lot, 3, at(-900));
        Self { blank, lot, log: vec![announced, closed], envelopes: Envelopes::default(), receipts: Vec::new() }
    }

    /// Opened with these first offers, sealed one after the other.
    pub(crate) fn opened(offers: &[(u128, i64)]) -> Self {
        let mut play = Self::announced();
        for ((who, fen), second) in offers.iter().zip(-800..) {
            play.seals(*who, *fen, second);
        }
        play.passes(at(0));
        play
    }

    fn seals(&mut self, who: u128, fen: i64, second: i64) {
        may_seal(&self.lot, false, Money::fen(fen), at(second)).unwrap();
        let offer = OpenedOffer { bidder: name(who), price: Money::fen(fen), at: at(second), salt: hex(&[0; 16]) };
        let admission = AdmissionId(Uuid::from_u128(who));
        self.envelopes.first_offers.retain(|(known, _)| *known != admission);
        self.envelopes.first_offers.push((admission, offer));
    }

    fn passes(&mut self, now: Timestamp) {
        let (events, lot) = advance(&self.lot, &self.envelopes, now);
        self.log.extend(events);
        self.lot = lot;
    }

    /// Bids, after what was due; the refusal, if it is one.
    pub(crate) fn bids(&mut self, who: u128, fen: i64, arrival: Timestamp) -> Result<(), Problem> {
        self.passes(arrival);
        let attempt = attempt(who, fen, arrival);
        let taken = judge(&self.lot, &self.envelopes, &attempt)?;
        let said = TurnBidStatement {
            arrived_at: taken.arrival,
            bidder: name(who),
            log_hash: hex(&self.lot.head_hash),
            lot_id: self.lot.id,
            price: taken.price,
            round: taken.round,
            turn: taken.turn,
        };
        self.receipts.push(issue(said, &key(), arrival));
        let offer = TurnOffer { price: taken.price, at: taken.arrival };
        self.envelopes.turn_bid = Some(TurnBid { round: taken.round, turn: taken.turn, admission: attempt.admission, offer });
        Ok(())
    }

    fn refusal(&mut self, who: u128, fen: i64, second: i64) -> Option<Code> {
        self.bids(who, fen, at(second)).err().map(|problem| problem.code)
    }

    /// Does to the lot what a rule says.
    fn does(&mut self, second: i64, rule: impl FnOnce(&lot::Model) -> Result<(lot_event::Model, lot::Model), Problem>) {
        self.passes(at(second));
        let (event, next) = rule(&self.lot).unwrap();
        self.log.push(event);
        self.lot = next;
    }

    /// Runs out.
    pub(crate) fn ends(&mut self) {
        while let Some(now) = clock::next_look(&self.lot) {
            self.passes(now);
            if clock::is_over(&self.lot, now) {
                let closing = close::close(&self.lot, None, now);
                self.log.push(closing.event);
                self.lot = closing.lot;
            }
        }
    }

    fn book(&self) -> &RoundsBook {
        book(&self.lot).unwrap()
    }

    fn order(&self) -> Vec<&str> {
        self.book().order.iter().map(|bidder| bidder.split_once(' ').unwrap().1).collect()
    }

    pub(crate) fn course(&self) -> LotCourse {
        let keys = vec![ReceiptKey::of(key().verifying_key().as_bytes())];
        LotCourse::of(&self.lot, self.log.clone(), ReceiptKeys { keys })
    }
}

/// Where lots close one after another, their ends are set beforehand; where the host opens them, each takes its time.
#[test]
fn only_a_hosted_session_takes_it() {
    let lot = Play::announced().lot;
    let joins = |hosted| {
        let place = Place { session: LotSessionId(Uuid::from_u128(8)), ordinal: 1, closes_at: lot.closes_at, hosted, opens_by: None };
        session::join(&lot, &place, Cause::default(), at(-500)).map(|_| ()).map_err(|problem| (problem.code, problem.errors.len()))
    };
    assert_eq!((joins(true), joins(false)), (Ok(()), Err((Code::OutsideRule, 1))), "the refusal says why");
}

/// Three bidders over three rounds, with ties: worked out by hand.
#[test]
fn three_rounds_are_as_they_are_worked_out_by_hand() {
    let mut play = Play::opened(&[(1, 10_000), (2, 12_000), (3, 10_000)]);
    assert_eq!(play.lot.closes_at, at(300 + 3 * 360 + 2 * 120 + 120));
    assert_eq!((play.lot.price_minor, play.lot.leader_pseudonym.clone()), (Some(12_000), Some(name(2))));
    assert_eq!(play.order(), ["3", "1", "2"], "of equal offers the later first");

    assert_eq!(play.refusal(3, 12_000, 299), Some(Code::NotYourTurn), "the pause lasts five minutes");
    assert_eq!(play.refusal(3, 12_000, 300), None);
    assert_eq!(play.refusal(1, 11_000, 300), Some(Code::NotYourTurn));
    assert_eq!(play.refusal(3, 12_000, 420), Some(Code::NotYourTurn), "a turn ends after two minutes");
    assert_eq!(play.refusal(1, 10_999, 421), Some(Code::TooLow));
    assert_eq!(play.refusal(1, 11_000, 422), None);
    assert_eq!(play.refusal(1, 13_000, 539), None, "it is changed");
    assert_eq!(play.lot.price_minor, Some(12_000), "nothing of it is shown before the turn ends");
    play.passes(at(660));
    assert_eq!((play.lot.price_minor, play.lot.leader_pseudonym.clone()), (Some(13_000), Some(name(1))));

    assert_eq!(play.order(), ["3", "2", "1"]);
    let second = play.book().turn.clone().unwrap();
    assert_eq!((second.round, second.starts_at), (2, at(780)), "the pause lasts two minutes");
    assert_eq!(play.refusal(3, 13_000, 780), None);
    assert_eq!(play.refusal(2, 14_000, 900), None);
    play.passes(at(1_140));
    assert_eq!(play.lot.leader_pseudonym, Some(name(2)));

    assert_eq!(play.order(), ["3", "1", "2"]);
    assert_eq!(play.refusal(1, 14_000, 1_499), None, "who draws level is behind whoever was there before");
    assert_eq!(play.refusal(2, 14_000, 1_619), None, "his own offer again leaves it");
    play.passes(at(1_620));
    assert_eq!((play.book().turn.clone(), play.lot.bid_count), (None, 8));
    assert_eq!(play.refusal(2, 99_000, 1_700), Some(Code::NotYourTurn));
    assert_eq!(best_beside(play.book(), &name(2)).map(|offer| offer.bidder.clone()), Some(name(1)));

    play.ends();
    assert_eq!((play.lot.state, play.log.last().unwrap().at), (LotState::ClosedSold, at(1_740)));
    assert_eq!((play.lot.price_minor, play.lot.leader_pseudonym.clone()), (Some(14_000), Some(name(2))));
    assert_eq!(play.lot.leader_admission_id, Some(AdmissionId(Uuid::from_u128(2))));
    assert_eq!(replay(play.blank.clone(), &play.log).unwrap(), play.lot);
    assert_eq!(held(&play.course(), &play.receipts), Ok(()));
}

#[test]
fn a_refusal_says_when_the_turn_comes() {
    let mut play = Play::opened(&[(1, 10_000), (2, 11_000), (3, 12_000)]);
    let told = |refusal: Problem| refusal.facts.get("your_turn_at").cloned();
    let turn_at = |second: i64| Some(serde_json::to_value(at(second)).unwrap());
    assert_eq!(told(play.bids(3, 13_000, at(301)).unwrap_err()), turn_at(540));
    assert_eq!(told(play.bids(1, 13_000, at(430)).unwrap_err()), None, "his turn in this round is over");
    assert_eq!(told(play.bids(4, 13_000, at(431)).unwrap_err()), None, "who has no first offer takes no part");
    assert_eq!(told(play.bids(1, 13_000, at(661)).unwrap_err()), turn_at(780), "between the rounds the order is known");
}

#[test]
fn the_last_first_offer_of_a_bidder_counts_as_made_when_it_was_sealed() {
    let play = Play::opened(&[(1, 11_000), (2, 10_000), (1, 10_000)]);
    assert_eq!((play.order(), play.lot.bid_count), (vec!["1", "2"], 2));
}

#[test]
fn a_first_offer_is_sealed_before_the_opening_and_at_the_start_price_at_least() {
    let lot = Play::announced().lot;
    let refused = |lot: &lot::Model, fen: i64, second: i64| may_seal(lot, false, Money::fen(fen), at(second)).err().map(|p| p.code);
    assert_eq!(refused(&lot, 10_000, -1), None);
    assert_eq!(refused(&lot, 9_999, -1), Some(Code::TooLow));
    assert_eq!(refused(&lot, 10_000, 0), Some(Code::WrongState));
    assert_eq!(may_seal(&lot, true, Money::fen(10_000), at(-1)).unwrap_err().code, Code::BidderSuspended);
    let waiting = lot::Model { enough_admitted: None, ..lot.clone() };
    assert_eq!(refused(&waiting, 10_000, 5), Some(Code::WrongState), "its time has come, though registration closes late");
    let english = lot::Model { terms: terms(), ..lot };
    assert_eq!(refused(&english, 10_000, -1), Some(Code::WrongState));
}

#[test]
fn there_is_one_way_to_bid_for_a_lot() {
    let play = Play::opened(&[(1, 10_000)]);
    let ways = |lot: &lot::Model, who: u128| {
        let attempt = attempt(who, 11_000, at(310));
        let in_the_open = judge::judge(lot, std::slice::from_ref(&attempt)).outcomes.remove(0).map(|_| ());
        let in_turn = super::judge(lot, &Envelopes::default(), &attempt).map(|_| ());
        [in_the_open, in_turn].map(|way| way.err().map(|problem| (problem.code, problem.facts["operation"].clone())))
    };
    let due = |operation: &str| Some((Code::WrongFormat, serde_json::Value::from(operation)));
    assert_eq!(ways(&play.lot, 1), [due("place_turn_bid"), None]);
    let english = lot::Model { terms: terms(), ..play.lot };
    assert_eq!(ways(&english, 2), [None, due("place_bid")]);
}

#[test]
fn without_a_first_offer_it_ends_unsold_at_once() {
    let mut play = Play::opened(&[]);
    assert_eq!(play.lot.closes_at, at(0));
    play.ends();
    assert_eq!((play.lot.state, play.log.last().unwrap().at), (LotState::ClosedUnsold, at(0)));
    assert_eq!(verify(&play.course(), &[], |_| {}), Ok(()));
}

#[test]
fn the_turn_of_a_suspended_bidder_passes() {
    let mut play = Play::opened(&[(9, 10_000), (1, 11_000)]);
    assert_eq!(play.refusal(9, 20_000, 301), Some(Code::BidderSuspended));
    assert_eq!(play.refusal(1, 12_000, 421), None, "the other's comes when it was to");
}

#[test]
fn a_pause_moves_every_clock_by_its_length() {
    let mut play = Play::opened(&[(1, 10_000), (2, 11_000)]);
    let end = play.lot.closes_at;
    assert_eq!(play.refusal(1, 12_000, 310), None);
    play.does(330, |lot| pause::pause(lot, &order(), at(330)));
    assert_eq!(play.refusal(1, 13_000, 340), Some(Code::Paused));
    play.does(1_330, |lot| pause::resume(lot, &order(), at(1_330)));
    let turn = play.book().turn.clone().unwrap();
    assert_eq!((turn.number, turn.starts_at, turn.ends_at), (1, at(300), at(1_420)));
    assert_eq!(play.refusal(1, 13_000, 1_419), None);
    // Before a turn, its beginning is moved too.
    play.does(1_600, |lot| pause::pause(lot, &order(), at(1_600)));
    play.does(1_700, |lot| pause::resume(lot, &order(), at(1_700)));
    let turn = play.book().turn.clone().unwrap();
    assert_eq!((turn.round, turn.starts_at), (2, at(540 + 120 + 1_000 + 100)));
    assert_eq!(play.lot.closes_at, end + TimeDelta::seconds(1_100));
    play.ends();
    assert_eq!(held(&play.course(), &play.receipts), Ok(()));
}

#[test]
fn more_time_is_the_turn_s_that_runs() {
    let hour = TimeDelta::hours(1);
    let mut play = Play::opened(&[(1, 10_000), (2, 11_000)]);
    let end = play.lot.closes_at;
    play.does(310, |lot| pause::extend(lot, 60, hour, &order(), at(310)));
    let turn = play.book().turn.clone().unwrap();
    assert_eq!((turn.starts_at, turn.ends_at, play.lot.closes_at), (at(300), at(480), end + TimeDelta::seconds(60)));
    play.does(610, |lot| pause::extend(lot, 60, hour, &order(), at(610)));
    let turn = play.book().turn.clone().unwrap();
    assert_eq!((turn.round, turn.starts_at, turn.ends_at), (2, at(780), at(900)), "the pause that runs is longer");
    play.ends();
    assert_eq!(verify(&play.course(), &[], |_| {}), Ok(()));
}

#[test]
fn a_turn_the_market_stood_still_in_is_had_again() {
    let play = Play::opened(&[(1, 10_000), (2, 11_000)]);
    let after = |began: i64, ended: i64| {
        let outage = Outage { began_at: at(began), ended_at: at(ended) };
        let (events, lot) = extended(&play.lot, &play.envelopes, &[outage], WINDOW, at(0));
        assert_eq!(replay(play.lot.clone(), &events).unwrap(), lot);
        assert!(extended(&lot, &play.envelopes, &[outage], WINDOW, at(ended)).0.is_empty(), "it counts once");
        let turn = book(&lot).unwrap().turn.clone().unwrap();
        (!events.is_empty()).then_some((turn.number, turn.starts_at, turn.ends_at))
    };
    assert_eq!(after(100, 290), None, "nobody had a turn");
    assert_eq!(after(310, 350), Some((1, at(300), at(470))));
    assert_eq!(after(290, 350), Some((1, at(350), at(470))));
    assert_eq!(after(310, 5_000), Some((1, at(300), at(5_120))), "it passed meanwhile");
    assert_eq!(after(430, 500), Some((2, at(420), at(620))), "the one before was over");
}

#[test]
fn an_outage_before_the_opening_moves_it() {
    let mut play = Play::announced();
    play.seals(1, 10_000, -800);
    let length = play.lot.closes_at - play.lot.opens_at;
    let after = |lot: &lot::Model, began: i64, ended: i64| {
        extended(lot, &Envelopes::default(), &[Outage { began_at: at(began), ended_at: at(ended) }], WINDOW, at(-800))
    };
    assert!(after(&play.lot, -700, -300).0.is_empty(), "it ended before the last five minutes");
    let (_, moved) = after(&play.lot, -700, -299);
    assert_eq!((moved.opens_at, moved.closes_at), (at(1), at(1) + length));
    let hosted = lot::Model { hosted: true, ..play.lot.clone() };
    assert!(after(&hosted, -10, 60).0.is_empty(), "whoever opens it decides when");

    let (events, moved) = after(&play.lot, -10, 60);
    assert_eq!((moved.opens_at, moved.closes_at), (at(360), at(360) + length), "its time passed meanwhile");
    assert!(after(&moved, -10, 60).0.is_empty(), "it counts once");
    play.log.extend(events);
    play.lot = moved;
    play.seals(2, 11_000, 300);
    play.passes(at(360));
    assert_eq!(play.book().offers.len(), 2);
    let turn = play.book().turn.clone().unwrap();
    assert_eq!(turn.starts_at, at(660), "the first pause is no longer for it");
    play.ends();
    assert_eq!(replay(play.blank.clone(), &play.log).unwrap(), play.lot.clone());
    assert_eq!(held(&play.course(), &[]), Ok(()));
}

#[test]
fn a_changed_turn_and_a_receipt_it_belies_are_named() {
    let mut play = Play::opened(&[(1, 10_000), (2, 11_000)]);
    play.bids(1, 12_000, at(310)).unwrap();
    play.ends();
    let fault = |course: &LotCourse, receipts: &[TurnReceipt]| held(course, receipts).unwrap_err().wrong;
    assert_eq!(held(&play.course(), &play.receipts), Ok(()));

    let mut other = Play::opened(&[(1, 10_000), (2, 11_000)]);
    other.ends();
    assert_eq!(fault(&other.course(), &play.receipts), Wrong::ReceiptDiffers, "what was bid is not there");
    let foreign = TurnBidStatement { round: 4, ..play.receipts[0].statement.clone() };
    assert_eq!(fault(&play.course(), &[issue(foreign, &key(), at(310))]), Wrong::ReceiptWithoutBid);
    let dearer = TurnBidStatement { price: Money::fen(13_000), ..play.receipts[0].statement.clone() };
    assert_eq!(fault(&play.course(), &[issue(dearer, &key(), at(310))]), Wrong::ReceiptDiffers);

    // A turn told as another's, and a bid that raises by less than a step.
    for (of, with) in [("竞买人 1", "竞买人 2"), ("120.00", "105.00")] {
        let mut forged = play.course();
        let place = forged.events.iter().position(|event| event.body_text.contains("turn_ended")).unwrap();
        let mut head = forged.events[place].prev_hash.clone();
        forged.events[place].body_text = forged.events[place].body_text.replacen(of, with, 1);
        for event in forged.events.iter_mut().skip(place) {
            event.prev_hash.clone_from(&head);
            let bytes = |text: &str| crate::platform::keys::unhex(text).unwrap();
            let said = [
                bytes(&head).as_slice(),
                play.lot.id.0.as_bytes(),
                &event.seq.to_be_bytes(),
                &event.at.timestamp_micros().to_be_bytes(),
                event.body_text.as_bytes(),
            ]
            .concat();
            event.hash = hex(&crate::platform::keys::sha256(&said));
            head.clone_from(&event.hash);
        }
        let wrong = fault(&forged, &[]);
        assert!(matches!(wrong, Wrong::NotWhatFollows | Wrong::AgainstTheRules), "{wrong:?}");
    }
}

proptest! {
    /// Everybody has one turn in each round, from the worst offer to the best, among equals the later first; no offer falls,
    /// the best leads, and the log alone gives the same book.
    #[test]
    fn rounds_go_as_they_are_told(
        firsts in prop::collection::vec(0_i64..3, 1..5),
        moves in prop::collection::vec((0_i64..3, 0_i64..3), 0..15),
    ) {
        let offers: Vec<(u128, i64)> = (1..).zip(&firsts).map(|(who, steps)| (who, 10_000 + steps * STEP)).collect();
        let mut play = Play::opened(&offers);
        // Who stands at what, and in which order the offers were made.
        let mut stands: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for ((who, fen), made) in offers.iter().zip(0_i64..) {
            stands.insert(name(*who), (*fen, made));
        }
        let (mut made, mut moves) = (100, moves.into_iter());
        while let Some(turn) = play.book().turn.clone() {
            if turn.number == 1 {
                let mut due: Vec<_> = stands.iter().map(|(bidder, (fen, made))| (*fen, -made, bidder.clone())).collect();
                due.sort();
                let due: Vec<_> = due.into_iter().map(|(.., bidder)| bidder).collect();
                prop_assert_eq!(&play.book().order, &due);
            }
            let own = stands[&turn.bidder].0;
            let who = turn.bidder.split_once(' ').unwrap().1.parse().unwrap();
            let (first, second) = moves.next().unwrap_or_default();
            let mut last = own;
            for (steps, second) in [(first, 1), (second, 1)] {
                last = own + steps * STEP;
                prop_assert!(play.bids(who, last, turn.starts_at + TimeDelta::seconds(second)).is_ok());
            }
            if last > own {
                made += 1;
                stands.insert(turn.bidder.clone(), (last, made));
            }
            play.passes(turn.ends_at);
            for offer in &play.book().offers {
                prop_assert_eq!(offer.price.minor, stands[&offer.bidder].0);
            }
        }
        play.ends();
        prop_assert_eq!(replay(play.blank.clone(), &play.log).unwrap(), play.lot.clone());
        prop_assert_eq!(held(&play.course(), &play.receipts), Ok(()));

        let mut turns: BTreeMap<(u32, String), u32> = BTreeMap::new();
        for event in &play.log {
            if let Body::TurnEnded { round, bidder, .. } = serde_json::from_str(&event.body).unwrap() {
                *turns.entry((round, bidder)).or_default() += 1;
            }
        }
        prop_assert_eq!(turns.len(), 3 * offers.len());
        prop_assert!(turns.values().all(|count| *count == 1));
        let best = stands.iter().max_by_key(|(_, (fen, made))| (*fen, -made)).map(|(bidder, _)| bidder.clone());
        prop_assert_eq!(&play.lot.leader_pseudonym, &best);
        prop_assert_eq!(play.lot.state, LotState::ClosedSold);
    }
}
