//! A short course of every format, made by the rules: ids, times, seeds and keys are fixed, so it is always the same.

use entity::auctions::{ClosingMode, Direction, Format, LotTerms, Preemption, Reserve, UniformPays};
use entity::money::Money;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::{Story, asked, key, weighted};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::log::Body;
use crate::auctions::rules::preemption::same_rank;
use crate::auctions::rules::receipt::{ReceiptKey, ReceiptKeys};
use crate::auctions::rules::reserve;
use crate::auctions::rules::rounds::OpenedOffer;
use crate::auctions::rules::rounds::first_receipt::{self, FirstOfferReceipt, FirstOfferStatement};
use crate::auctions::rules::rounds::tests::{Play, key as turn_key};
use crate::auctions::rules::sealed;
use crate::auctions::rules::sealed::receipt::{SealedBidStatement, SealedReceipt, sign};
use crate::auctions::rules::sealed::tests::{FIRST_PRICE, sealed_terms};
use crate::auctions::rules::tests::{at, terms};

/// A course with all receipts that were given.
pub(crate) struct Made {
    pub(crate) name: &'static str,
    pub(crate) course: LotCourse,
    pub(crate) receipts: Vec<Value>,
}

impl Made {
    pub(super) fn of(name: &'static str, course: LotCourse, receipts: &[impl Serialize]) -> Self {
        Self { name, course, receipts: receipts.iter().map(|receipt| json!(receipt)).collect() }
    }
}

/// Terms that say all that is announced under the first version of the rules.
pub(super) fn bound(terms: LotTerms) -> LotTerms {
    LotTerms {
        extend_limit_seconds: Some(600),
        outage_least_seconds: Some(30),
        outage_window_seconds: Some(300),
        host_lateness_seconds: Some(1_800),
        rules_version: Some(1),
        ..terms
    }
}

fn closing(closing_mode: ClosingMode) -> LotTerms {
    bound(LotTerms { closing_mode, ..terms() })
}

fn ended(name: &'static str, story: &mut Story) -> Made {
    story.ends(None);
    Made::of(name, story.course(), &story.receipts())
}

/// Bid after bid: who bids, how many fen, and at which second.
fn english(name: &'static str, terms: LotTerms, bids: &[(u128, i64, i64)]) -> Made {
    let mut story = Story::open(terms);
    for (who, fen, second) in bids {
        story.bids(*who, *fen, *second);
    }
    ended(name, &mut story)
}

fn bought_at_once() -> Made {
    let mut story = Story::open(bound(LotTerms { buy_now: Some(Money::fen(20_000)), ..terms() }));
    story.buys(1, 100);
    ended("buy_now", &mut story)
}

/// Holders of a better rank take the lead at the price that stands.
fn parity() -> Made {
    let mut story = Story::open(bound(LotTerms { preemption: Some(Preemption::Parity {}), ..terms() }));
    for (who, rank, second) in [(9, None, 60), (2, Some(2), 120), (1, Some(1), 180)] {
        story.bids_as(who, rank, 10_000, second);
    }
    ended("preemption_parity", &mut story)
}

fn asked_after() -> Made {
    let story = asked();
    Made::of("preemption_ask_after", story.course(), &story.receipts())
}

/// Two holders of the first rank take the lot, 2 before 1, and seal one more bid each; 2 replaces his, and 1 has it for 105.00.
fn of_one_rank() -> Made {
    let mut story = same_rank::sealing(bound(terms()));
    for (who, fen, second) in [(2, 11_000, 10), (1, 10_500, 20), (2, 10_400, 30)] {
        story.seals(who, fen, second).unwrap();
    }
    story.runs_out();
    Made::of("preemption_same_rank", story.course(), &story.receipts)
}

/// From 100.00 by 5.00 to 60.00, a minute each: taken at 80.00.
fn dutch() -> Made {
    let format = Format::Dutch { floor: Money::fen(6_000), decrement: Money::fen(500), tick_seconds: 60 };
    english("dutch", LotTerms { free_period_seconds: 540, format, ..closing(ClosingMode::HardClose) }, &[(1, 8_100, 240)])
}

/// Three bidders over three rounds; a bid is changed, and who draws level is behind whoever was there before.
fn by_rounds() -> Made {
    let mut play = Play::opened(&[(1, 10_000), (2, 12_000), (3, 10_000)]);
    let bids = [(3, 12_000, 300), (1, 11_000, 422), (1, 13_000, 539), (3, 13_000, 780), (2, 14_000, 900), (1, 14_000, 1_499)];
    for (who, fen, second) in bids {
        play.bids(who, fen, at(second)).unwrap();
    }
    play.ends();
    let mut made = Made::of("rounds", play.course(), &play.receipts);
    made.receipts.extend(of_first_offers(&made.course).iter().map(|receipt| json!(receipt)));
    made
}

/// What the events of a course say.
fn said(course: &LotCourse) -> impl Iterator<Item = Body> {
    course.events.iter().map(|event| serde_json::from_str(&event.body_text).unwrap())
}

/// The receipts of first offers that were sealed once registration had closed, made of what was opened.
fn of_first_offers(course: &LotCourse) -> Vec<FirstOfferReceipt> {
    let opened = said(course).find_map(|body| if let Body::FirstOffersOpened { offers, .. } = body { Some(offers) } else { None });
    let receipt = |offer: OpenedOffer| {
        let statement = FirstOfferStatement {
            arrived_at: offer.at,
            bidder: offer.bidder,
            commitment: reserve::commitment(&[0; 16], offer.price),
            log_hash: course.events[1].hash.clone(),
            lot_id: course.lot.id,
            price: offer.price,
            salt: offer.salt,
        };
        let jws = first_receipt::sign(&statement, &turn_key(), offer.at);
        FirstOfferReceipt::of(statement, jws)
    };
    opened.unwrap().into_iter().map(receipt).collect()
}

/// Bids of bidders 1, 2, 3, .., for one unit or several.
pub(super) fn sealed_bids(name: &'static str, terms: LotTerms, bids: &[&[i64]]) -> Made {
    let mut story = sealed::tests::Story::open(terms);
    for (who, prices) in (1..).zip(bids) {
        story.seals_units(who, prices, 1).unwrap();
    }
    story.ends();
    Made::of(name, story.course(), &story.receipts)
}

/// A bid is replaced; 1 and 2 are tied at 100.00, and 2 has it for 110.00.
fn tied() -> Made {
    let mut story = sealed::tests::Story::open(bound(sealed_terms(FIRST_PRICE)));
    for (who, fen, second) in [(1, 5_000, 1), (1, 10_000, 2), (2, 10_000, 3), (3, 9_000, 4)] {
        story.seals(who, fen, second).unwrap();
    }
    story.ends();
    story.seals(2, 11_000, 3_700).unwrap();
    story.ends();
    Made::of("first_price_tie_round", story.course(), &story.receipts)
}

/// A course of weighted quotes, with the receipts its opened bids were given.
fn weighted_quotes() -> Made {
    let keys = vec![ReceiptKey::of(key(1).verifying_key().as_bytes())];
    let course = LotCourse { receipt_keys: ReceiptKeys { keys }, ..weighted::course() };
    let opened = said(&course).find_map(|body| if let Body::BidsOpened { bids, .. } = body { Some(bids) } else { None });
    let receipt = |bid: sealed::OpenedBid| {
        let statement = SealedBidStatement {
            arrived_at: bid.at,
            bidder: bid.bidder,
            commitment: bid.commitment,
            further_units: bid.further_units,
            log_hash: course.events[2].hash.clone(),
            lot_id: course.lot.id,
            price: bid.price,
            round: 1,
            salt: bid.salt,
        };
        let jws = sign(&statement, &key(1), bid.at);
        SealedReceipt::of(statement, jws)
    };
    let receipts: Vec<_> = opened.unwrap().into_iter().map(receipt).collect();
    Made::of("weighted", course, &receipts)
}

/// Three units of three bidders, of whom the first gets two and the last none.
fn units(name: &'static str, format: Format) -> Made {
    let reserve = Reserve::Open { amount: Money::fen(3_000) };
    sealed_bids(name, bound(LotTerms { reserve, ..sealed_terms(format) }), &[&[5_000, 4_500], &[4_800], &[3_900]])
}

/// All of them.
pub(crate) fn all() -> Vec<Made> {
    let uniform = |pays| Format::UniformPrice { units: 3, cap: 2, pays };
    let with_reserve = LotTerms { reserve: Reserve::Open { amount: Money::fen(6_000) }, ..sealed_terms(Format::Vickrey {}) };
    let maxima = bound(LotTerms { proxy: true, multiples_only: false, ..terms() });
    let falling = bound(LotTerms { direction: Direction::Descending, ..terms() });
    vec![
        english("english_hard_close", closing(ClosingMode::HardClose), &[(1, 10_000, 100), (2, 11_000, 3_400), (1, 13_000, 3_599)]),
        english("english_soft_close", closing(ClosingMode::SoftClose), &[(1, 10_000, 100), (2, 11_000, 3_400), (1, 13_000, 3_650)]),
        english("english_timed_cycle", closing(ClosingMode::TimedCycle), &[(1, 10_000, 100), (2, 11_000, 3_700), (1, 12_000, 3_900)]),
        english("english_proxy", maxima, &[(1, 15_000, 100), (2, 13_000, 200), (3, 20_000, 300), (3, 30_000, 400), (1, 18_000, 500)]),
        english("english_descending", falling, &[(1, 10_000, 100), (2, 8_000, 3_400), (1, 7_000, 3_500)]),
        bought_at_once(),
        parity(),
        asked_after(),
        of_one_rank(),
        by_rounds(),
        dutch(),
        tied(),
        sealed_bids("vickrey", bound(with_reserve), &[&[8_000], &[10_000], &[7_000]]),
        sealed_bids("one_shot", bound(sealed_terms(Format::OneShot { tie_round_seconds: 300 })), &[&[8_000], &[10_000], &[9_000]]),
        weighted_quotes(),
        units("uniform_price_highest_rejected", uniform(UniformPays::HighestRejected)),
        units("uniform_price_lowest_accepted", uniform(UniformPays::LowestAccepted)),
        units("pay_as_bid", Format::PayAsBid { units: 3, cap: 2 }),
    ]
}
