//! Asked after every format that finds one price for one thing: whoever takes the lot has it at that price, and otherwise the one
//! who has it by the bidding does.

use entity::auctions::{ClosingMode, LotTerms, Reserve};
use entity::ids::AdmissionId;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::log::replay;
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::proxy::{self, Hidden, Placed};
use crate::auctions::rules::receipt::ReceiptKeys;
use crate::auctions::rules::rounds::{self, Envelopes, OpenedOffer};
use crate::auctions::rules::sealed::{self, Opened, OpenedBid, envelope};
use crate::auctions::rules::tests::{at, attempt, lot, sole, terms};
use crate::auctions::rules::verify::verify;
use crate::auctions::rules::{Attempt, announce, clock, close, judge_knowing, reserve};
use crate::platform::keys::{hex, sha256};

const ANSWER: i64 = 300;
const ONCE_MORE: i64 = 120;
const SALT: [u8; 16] = [3; 16];

fn name(who: u128) -> String {
    format!("竞买人 {who}")
}

fn admission(who: u128) -> AdmissionId {
    AdmissionId(Uuid::from_u128(who))
}

/// The only holder: he is of the first rank and bids for nothing.
fn holder() -> PreemptionHolder {
    PreemptionHolder { bidder: name(1), rank: 1 }
}

fn secret(fen: i64) -> OpenedReserve {
    OpenedReserve { amount: Money::fen(fen), salt: hex(&SALT) }
}

/// A lot as it is played, its secret reserve, and what is hidden in it.
#[derive(Clone)]
pub(crate) struct Story {
    blank: lot::Model,
    lot: lot::Model,
    log: Vec<lot_event::Model>,
    secret: Option<OpenedReserve>,
    envelopes: Envelopes,
    hidden: Option<Hidden>,
    placed: Vec<Placed>,
}

impl Story {
    /// Announced, with holders who are asked after the bidding, and open. A `reserve` is secret.
    fn open(terms: LotTerms, reserve: Option<i64>, first_offers: &[(u128, i64)]) -> Self {
        let secret = reserve.map(secret);
        let commitment = secret.as_ref().map(|opened| reserve::commitment(&SALT, opened.amount));
        let reserve = commitment.map_or(Reserve::None {}, |commitment| Reserve::Secret { commitment });
        let preemption = Some(Preemption::AskAfter { answer_seconds: ANSWER, round_seconds: Some(ONCE_MORE) });
        let terms = LotTerms { preemption, reserve, ..terms };
        let blank = lot::Model { enough_admitted: None, ..lot(terms) };
        let sealed = |(who, fen): &(u128, i64), second| {
            let offer = OpenedOffer { bidder: name(*who), price: Money::fen(*fen), at: at(second), salt: hex(&SALT) };
            (admission(*who), offer)
        };
        let first_offers = first_offers.iter().zip(-800..).map(|(offer, second)| sealed(offer, second)).collect();
        let envelopes = Envelopes { first_offers, turn_bid: None };
        let mut story = Self { lot: blank.clone(), blank, log: Vec::new(), secret, envelopes, hidden: None, placed: Vec::new() };
        story.takes(announce::announced(&story.lot, at(-1_000)));
        story.takes(announce::registered(&story.lot, 3, at(-900)));
        story.passes(at(0));
        story
    }

    fn takes(&mut self, (event, next): (lot_event::Model, lot::Model)) {
        self.log.push(event);
        self.lot = next;
    }

    fn passes(&mut self, now: Timestamp) {
        let (events, next) = rounds::advance(&self.lot, &self.envelopes, now);
        self.log.extend(events);
        self.lot = next;
    }

    fn bids(&mut self, who: u128, fen: i64, second: i64) {
        let seed = sha256(&second.to_be_bytes());
        let mut judged = judge_knowing(&self.lot, self.hidden, &[Attempt { seed, ..attempt(who, fen, at(second)) }]);
        let accepted = judged.outcomes.remove(0).unwrap();
        self.placed.extend(accepted.maximum.map(|secret| Placed { seq: accepted.seq, admission: admission(who), secret }));
        self.log.extend(judged.events);
        (self.lot, self.hidden) = (judged.lot, judged.hidden);
    }

    /// Runs out: when.
    fn over(&mut self) -> Timestamp {
        loop {
            let now = clock::next_look(&self.lot).unwrap();
            self.passes(now);
            if clock::is_over(&self.lot, now) {
                return now;
            }
        }
    }

    /// Runs out, and these bids are opened; when.
    fn opens(&mut self, bids: &[(u128, i64)]) -> Timestamp {
        let opened_at = self.lot.opened.as_ref().map(|opened| opened.at);
        let (now, from) = (self.over(), round_since(&self.lot).or(opened_at).unwrap_or(at(0)));
        let bid = |((who, fen), order): (&(u128, i64), i64)| {
            let price = Money::fen(*fen);
            let commitment = hex(&envelope::commitment(self.lot.id, &SALT, price, &[]));
            let at = from + TimeDelta::seconds(order);
            let bid = OpenedBid { bidder: name(*who), price, at, order, salt: hex(&SALT), commitment, further_units: Vec::new() };
            Opened { admission: admission(*who), bid }
        };
        let bids = bids.iter().zip(1..).map(bid).collect();
        self.takes(sealed::open(&self.lot, bids, now));
        now
    }

    /// The next holder is asked.
    fn asks(&mut self, now: Timestamp) {
        self.takes(ask(&self.lot, self.secret.as_ref(), &[holder()], now).unwrap());
    }

    fn answers(&mut self, takes: bool, now: Timestamp) {
        let cause = Cause { admission: Some(admission(1)), ..Cause::default() };
        self.takes(answer(&self.lot, &name(1), false, takes, now, cause).unwrap());
    }

    /// Nobody else is asked, and nothing is opened a second time but the maxima of whoever lost the lot to a holder: it closes.
    fn closes(&mut self) -> Option<(AdmissionId, Money)> {
        let now = self.over();
        assert_eq!(ask(&self.lot, self.secret.as_ref(), &[holder()], now), None);
        assert!(!sealed::awaits_opening(&self.lot));
        if let Some(opened) = proxy::opened(&self.lot, &self.placed, self.secret.as_ref(), now) {
            assert_ne!(self.lot.leader_pseudonym, Some(name(9)), "the leader has lost it");
            self.takes(opened);
        }
        let closing = close::close(&self.lot, self.secret.clone(), now);
        let sale = sole(&closing);
        self.takes((closing.event, closing.lot));
        assert_eq!(replay(self.blank.clone(), &self.log).as_ref(), Ok(&self.lot), "it can be rebuilt from its log");
        sale
    }

    pub(crate) fn course(&self) -> LotCourse {
        LotCourse::of(&self.lot, self.log.clone(), ReceiptKeys { keys: Vec::new() })
    }
}

/// A lot whose bidding has ended and of which nothing is hidden any more, at that instant; bidder 9 has it, for so many fen.
pub(crate) struct Case {
    pub(crate) what: &'static str,
    story: Story,
    now: Timestamp,
    pub(crate) price: i64,
}

/// What the holder says.
const TAKES: Option<bool> = Some(true);
const DECLINES: Option<bool> = Some(false);

impl Case {
    /// The holder is asked, and answers after ten seconds or not at all; the lot is closed.
    fn ended(&self, says: Option<bool>) -> (Story, Option<(AdmissionId, Money)>) {
        let mut story = self.story.clone();
        story.asks(self.now);
        if let Some(takes) = says {
            story.answers(takes, self.now + TimeDelta::seconds(10));
        }
        let sale = story.closes();
        (story, sale)
    }

    /// The same where he takes it.
    pub(crate) fn taken(&self) -> Story {
        self.ended(TAKES).0
    }
}

fn hard(format: Format) -> LotTerms {
    LotTerms { format, closing_mode: ClosingMode::HardClose, ..terms() }
}

fn maxima() -> Case {
    let terms = LotTerms { proxy: true, multiples_only: false, allow_self_raise: true, ..terms() };
    let mut story = Story::open(terms, Some(14_000), &[]);
    story.bids(8, 12_000, 60);
    story.bids(9, 15_000, 120);
    assert_eq!(story.lot.price_minor, Some(13_000));
    let now = story.over();
    let opened = proxy::opened(&story.lot, &story.placed, story.secret.as_ref(), now).unwrap();
    story.takes(opened);
    Case { what: "maxima: the reserve", story, now, price: 14_000 }
}

/// From 100.00 by 5.00 a minute: taken after four of them.
fn clock_taken() -> Case {
    let format = Format::Dutch { floor: Money::fen(6_000), decrement: Money::fen(500), tick_seconds: 60 };
    let mut story = Story::open(LotTerms { free_period_seconds: 540, ..hard(format) }, None, &[]);
    story.bids(9, 8_100, 240);
    let now = story.over();
    Case { what: "dutch: the price on the clock", story, now, price: 8_000 }
}

fn sealed_case(what: &'static str, format: Format, reserve: Option<i64>, bids: &[(u128, i64)], price: i64) -> Case {
    let mut story = Story::open(hard(format), reserve, &[]);
    let now = story.opens(bids);
    Case { what, story, now, price }
}

/// Two are equal, and bid once more before anybody is asked.
fn tied() -> Case {
    let mut story = Story::open(hard(Format::FirstPrice { tie_round_seconds: 300 }), None, &[]);
    let now = story.opens(&[(8, 20_000), (9, 20_000), (7, 15_000)]);
    let round = sealed::tie_round(&story.lot, close::floor(&story.lot.terms, None), now).unwrap();
    story.takes(round);
    let now = story.opens(&[(9, 21_000)]);
    Case { what: "first price: what was bid among equals", story, now, price: 21_000 }
}

fn by_rounds() -> Case {
    let format = Format::Rounds { rounds: 2, first_pause_seconds: 300, pause_seconds: 120, turn_seconds: 120, result_seconds: 120 };
    let free_period_seconds = rounds::shortest_seconds(&format).unwrap();
    let terms = LotTerms { multiples_only: false, allow_self_raise: true, free_period_seconds, ..hard(format) };
    let mut story = Story::open(terms, None, &[(8, 10_000), (9, 12_000)]);
    let now = story.over();
    Case { what: "rounds: the best offer", story, now, price: 12_000 }
}

pub(crate) fn cases() -> Vec<Case> {
    let bids = [(8, 16_000), (9, 20_000), (7, 15_000)];
    vec![
        maxima(),
        clock_taken(),
        tied(),
        sealed_case("vickrey: the second price", Format::Vickrey {}, None, &bids, 16_000),
        sealed_case("vickrey: the reserve", Format::Vickrey {}, Some(18_000), &bids, 18_000),
        sealed_case("one shot: its own price", Format::OneShot { tie_round_seconds: 300 }, Some(20_000), &bids, 20_000),
        by_rounds(),
    ]
}

#[test]
fn whoever_takes_it_has_it_at_the_price_found_and_otherwise_the_best_bidder_has() {
    for case in cases() {
        for (says, winner) in [(TAKES, 1), (DECLINES, 9), (None, 9)] {
            let (story, sale) = case.ended(says);
            assert_eq!(sale, Some((admission(winner), Money::fen(case.price))), "{}, {says:?}", case.what);
            assert_eq!((story.lot.leader_pseudonym.clone(), story.lot.price_minor), (Some(name(winner)), Some(case.price)));
            assert_eq!(verify(&story.course(), &[], |_| {}), Ok(()), "{}, {says:?}", case.what);
        }
    }
}

/// Whatever the format, the round comes after all of its own, and its bids are not mixed with others.
#[test]
fn several_who_take_it_seal_one_more_bid_in_every_format() {
    for Case { what, mut story, now, price } in cases() {
        let both = [holder(), PreemptionHolder { bidder: name(2), rank: 1 }];
        story.takes(ask(&story.lot, story.secret.as_ref(), &both, now).unwrap());
        for who in [1, 2] {
            let cause = Cause { admission: Some(admission(who)), ..Cause::default() };
            story.takes(answer(&story.lot, &name(who), false, true, now + TimeDelta::seconds(10), cause).unwrap());
        }
        let over = story.over();
        story.takes(round(&story.lot, over).unwrap());
        assert_eq!(story.lot.closes_at, over + TimeDelta::seconds(ONCE_MORE), "{what}");
        story.opens(&[(1, price), (2, price + 100)]);
        assert_eq!(story.closes(), Some((admission(2), Money::fen(price + 100))), "{what}");
        assert_eq!(verify(&story.course(), &[], |_| {}), Ok(()), "{what}");
    }
}

#[test]
fn who_is_asked_is_heard_out_in_every_format() {
    for Case { what, mut story, now, .. } in cases() {
        let ended_at = clock::bidding_end(&story.lot);
        story.asks(now);
        assert_eq!((story.lot.state, clock::bidding_end(&story.lot)), (LotState::PreemptionAsk, ended_at), "{what}");
        let until = now + TimeDelta::seconds(ANSWER);
        let grace = TimeDelta::milliseconds(story.lot.terms.close_grace_ms);
        assert_eq!((story.lot.closes_at, clock::next_look(&story.lot)), (until, Some(until + grace)), "{what}");
        assert!(!clock::is_over(&story.lot, until) && clock::is_over(&story.lot, until + grace), "{what}");
    }
}

#[test]
fn a_pause_and_an_outage_move_the_time_to_answer_in_every_format() {
    let order = Order { reason: "网络故障".into(), ..Order::default() };
    for Case { what, mut story, now, .. } in cases() {
        story.asks(now);
        let later = |seconds: i64| now + TimeDelta::seconds(seconds);
        story.takes(pause::pause(&story.lot, &order, later(10)).unwrap());
        story.takes(pause::resume(&story.lot, &order, later(110)).unwrap());
        assert_eq!(story.lot.closes_at, later(400), "{what}");
        let window = TimeDelta::minutes(5);
        let silence = [Outage { began_at: later(350), ended_at: later(390) }];
        assert!(!outage::is_by_turns(&story.lot), "{what}");
        let (events, next) = outage::extended(&story.lot, &silence, window, later(390), later(110));
        assert_eq!((events.len(), next.closes_at), (1, later(690)), "{what}");
        // What was over before he was asked took none of his time.
        let before = [Outage { began_at: later(-60), ended_at: later(-1) }];
        assert!(outage::extended(&story.lot, &before, TimeDelta::minutes(10), later(390), later(110)).0.is_empty(), "{what}");
    }
}

#[test]
fn nobody_is_asked_about_bids_below_the_reserve_nor_where_there_is_no_one_price() {
    let bids = [(8, 16_000), (9, 20_000)];
    let below = sealed_case("", Format::Vickrey {}, Some(20_001), &bids, 0);
    assert_eq!(ask(&below.story.lot, below.story.secret.as_ref(), &[holder()], below.now), None);
    let several = sealed_case("", Format::PayAsBid { units: 2, cap: 1 }, None, &bids, 0);
    assert_eq!(ask(&several.story.lot, None, &[holder()], several.now), None);
    let weighted = Format::Weighted { price_weight_bp: 5_000, criteria: Vec::new() };
    assert!(!finds_one_price(&weighted) && !finds_one_price(&Format::PayAsBid { units: 2, cap: 1 }));
}
