//! Short courses of what befalls lots beside bids, under the second version of the rules: the host, outages, suspensions, a secret
//! reserve, and ends without a buyer.

use chrono::TimeDelta;
use entity::auctions::{ClosingMode, Direction, LotTerms, Reserve};
use entity::money::Money;

use super::super::{Story, name, order};
use super::made::{Made, bound, sealed_bids};
use crate::auctions::rules::log::{Body, OpenedReserve};
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::pause;
use crate::auctions::rules::reserve;
use crate::auctions::rules::sealed::tests::{FIRST_PRICE, sealed_terms};
use crate::auctions::rules::tests::{at, terms};
use crate::platform::keys::hex;

const SALT: [u8; 16] = [7; 16];

/// Terms that say all that is announced under the second version of the rules.
fn bound_again(terms: LotTerms) -> LotTerms {
    LotTerms { rules_version: Some(2), jump_factor: Some(10), ..bound(terms) }
}

/// The same with a secret reserve, as it is opened.
fn secret(fen: i64, terms: LotTerms) -> (LotTerms, OpenedReserve) {
    let amount = Money::fen(fen);
    let reserve = Reserve::Secret { commitment: reserve::commitment(&SALT, amount) };
    (bound_again(LotTerms { reserve, ..terms }), OpenedReserve { amount, salt: hex(&SALT) })
}

fn ended(name: &'static str, story: &mut Story, reserve: Option<OpenedReserve>) -> Made {
    story.ends(reserve);
    Made::of(name, story.course(), &story.receipts())
}

/// Paused for five minutes and given one more; the market stands still close to the end that the short cycle makes.
fn interrupted() -> Made {
    let cycle = LotTerms { closing_mode: ClosingMode::TimedCycle, timed_cycle_seconds: 60, ..terms() };
    let (terms, reserve) = secret(11_500, cycle);
    let mut story = Story::open(terms);
    story.bids(1, 10_000, 100);
    story.says(150, &Body::BidderSuspended { bidder: name(3) });
    story.does(200, |lot| pause::pause(lot, &order(), at(200)));
    story.does(500, |lot| pause::resume(lot, &order(), at(500)));
    story.does(600, |lot| pause::extend(lot, 60, TimeDelta::seconds(600), &order(), at(600)));
    story.says(700, &Body::BidderReinstated { bidder: name(3) });
    let outage = Outage { began_at: at(3_700), ended_at: at(3_900) };
    let (events, next) = outage::extended(&story.lot, &[outage], TimeDelta::seconds(300), at(3_900), at(700));
    assert_eq!((events.len(), next.closes_at), (1, at(4_140)));
    story.takes(events, next);
    story.bids(3, 11_000, 4_000);
    story.bids(1, 12_000, 4_190);
    ended("interrupted", &mut story, Some(reserve))
}

fn below_a_secret_reserve() -> Made {
    let (terms, reserve) = secret(11_500, terms());
    let mut story = Story::open(terms);
    story.bids(1, 10_000, 100);
    story.bids(2, 11_000, 200);
    ended("unsold_secret_reserve", &mut story, Some(reserve))
}

fn without_a_bid() -> Made {
    ended("unsold_without_a_bid", &mut Story::open(bound_again(terms())), None)
}

fn given_up() -> Made {
    let mut story = Story::open(bound_again(terms()));
    story.bids(1, 10_000, 100);
    story.is_given_up(300);
    Made::of("aborted_not_curable", story.course(), &story.receipts())
}

fn sealed_and_falling() -> Made {
    let terms = LotTerms { direction: Direction::Descending, start_price: Money::fen(10_000), ..sealed_terms(FIRST_PRICE) };
    sealed_bids("first_price_descending", bound_again(terms), &[&[8_000], &[6_000], &[7_000]])
}

/// All of them.
pub(super) fn all() -> Vec<Made> {
    vec![interrupted(), below_a_secret_reserve(), without_a_bid(), given_up(), sealed_and_falling()]
}
