//! Sealed bids, proved: the vectors of the field's rules, and what neither the order of arrival nor one's own bid changes.
#![allow(clippy::unwrap_used)]

mod falling;

use chrono::TimeDelta;
use ed25519_dalek::SigningKey;
use entity::auctions::{ClosingMode, Format, LotState, LotTerms, Reserve, lot, lot_event};
use entity::money::Money;
use proptest::prelude::*;

use super::receipt::{SealedBidStatement, SealedReceipt, sign};
use super::{Opened, OpenedBid, envelope, judge, limit, open, round, tie_round, units};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::judge::Attempt;
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::receipt::{ReceiptKey, ReceiptKeys};
use crate::auctions::rules::tests::{at, bid, lot, terms};
use crate::auctions::rules::verify::{Wrong, hold_sealed};
use crate::auctions::rules::{announce, clock, close, log};
use crate::platform::keys::hex;
use crate::platform::problem::Code;

pub(crate) const FIRST_PRICE: Format = Format::FirstPrice { tie_round_seconds: 300 };
/// What signs receipts.
pub(crate) const KEY: [u8; 32] = [1; 32];
const VICKREY: Format = Format::Vickrey {};
const ONE_SHOT: Format = Format::OneShot { tie_round_seconds: 300 };

/// Sealed bids for an hour, from 10.00 yuan on.
pub(crate) fn sealed_terms(format: Format) -> LotTerms {
    LotTerms { format, closing_mode: ClosingMode::HardClose, start_price: Money::fen(1_000), ..terms() }
}

pub(crate) fn name(who: u128) -> String {
    format!("竞买人 {who:04}")
}

fn attempt(who: u128, fen: i64, second: i64) -> Attempt {
    Attempt { pseudonym: name(who), ..bid(who, fen, second) }
}

/// Seals a bid among others with their rounds, in place of the bidder's earlier one, and gives a receipt, if the rules take it.
pub(crate) fn seal(
    lot: &lot::Model,
    attempt: &Attempt,
    further_units: Vec<Money>,
    sealed: &mut Vec<(i32, Opened)>,
    receipts: &mut Vec<SealedReceipt>,
) -> Result<(), Code> {
    let last = sealed.iter().rfind(|(_, before)| before.admission == attempt.admission).map(|(_, before)| before.bid.at);
    let (round, at) = judge(lot, attempt, last).map_err(|problem| problem.code)?;
    units::may_bid_for(lot, attempt.price, &further_units).map_err(|problem| problem.code)?;
    let order = i64::try_from(receipts.len()).unwrap() + 1;
    let salt = [u8::try_from(order).unwrap(); 16];
    let statement = SealedBidStatement {
        arrived_at: at,
        bidder: attempt.pseudonym.clone(),
        commitment: hex(&envelope::commitment(lot.id, &salt, attempt.price, &further_units)),
        further_units,
        log_hash: hex(&lot.head_hash),
        lot_id: lot.id,
        price: attempt.price,
        round,
        salt: hex(&salt),
    };
    let SealedBidStatement { bidder, price, salt, commitment, further_units, .. } = statement.clone();
    let jws = sign(&statement, &SigningKey::from_bytes(&KEY), at);
    receipts.push(SealedReceipt::of(statement, jws));
    sealed.retain(|(of, before)| (*of, before.admission) != (round, attempt.admission));
    let bid = OpenedBid { bidder, price, at, order, salt, commitment, further_units };
    sealed.push((round, Opened { admission: attempt.admission, bid }));
    Ok(())
}

/// A lot as it is played, with its log, what is sealed, and the receipts given.
pub(crate) struct Story {
    pub(crate) lot: lot::Model,
    pub(crate) log: Vec<lot_event::Model>,
    pub(crate) receipts: Vec<SealedReceipt>,
    blank: lot::Model,
    sealed: Vec<(i32, Opened)>,
}

impl Story {
    pub(crate) fn open(terms: LotTerms) -> Self {
        let blank = lot::Model { enough_admitted: None, ..lot(terms) };
        let mut story = Self { lot: blank.clone(), log: Vec::new(), receipts: Vec::new(), blank, sealed: Vec::new() };
        story.takes(announce::announced(&story.lot, at(-1_000)));
        story.takes(announce::registered(&story.lot, 3, at(-1)));
        let (events, next) = clock::advance(&story.lot, at(0));
        story.log.extend(events);
        story.lot = next;
        story
    }

    fn takes(&mut self, (event, next): (lot_event::Model, lot::Model)) {
        self.log.push(event);
        self.lot = next;
    }

    /// Seals a bid in place of the bidder's earlier one, if the rules take it.
    pub(crate) fn seals(&mut self, who: u128, fen: i64, second: i64) -> Result<(), Code> {
        self.seals_units(who, &[fen], second)
    }

    /// The same for several units, with a price for each.
    pub(crate) fn seals_units(&mut self, who: u128, prices: &[i64], second: i64) -> Result<(), Code> {
        let further_units = prices[1..].iter().map(|fen| Money::fen(*fen)).collect();
        seal(&self.lot, &attempt(who, prices[0], second), further_units, &mut self.sealed, &mut self.receipts)
    }

    /// The lot as its bids are opened.
    pub(crate) fn opened(&mut self) -> lot::Model {
        let now = clock::next_look(&self.lot).unwrap();
        let of = round(&self.lot);
        let bids = self.sealed.iter().filter(|(round, _)| *round == of).map(|(_, bid)| bid.clone()).collect();
        self.takes(open(&self.lot, bids, now));
        self.lot.clone()
    }

    /// Runs out: the bids are opened, and what follows.
    pub(crate) fn ends(&mut self) {
        let now = clock::next_look(&self.lot).unwrap();
        self.opened();
        if let Some(round) = tie_round(&self.lot, close::floor(&self.lot.terms, None), now) {
            self.takes(round);
        } else {
            let closing = close::close(&self.lot, None, now);
            self.takes((closing.event, closing.lot));
        }
        assert_eq!(log::replay(self.blank.clone(), &self.log).as_ref(), Ok(&self.lot), "it can be rebuilt from its log");
    }

    pub(crate) fn course(&self) -> LotCourse {
        let key = ReceiptKey::of(SigningKey::from_bytes(&[1; 32]).verifying_key().as_bytes());
        LotCourse::of(&self.lot, self.log.clone(), ReceiptKeys { keys: vec![key] })
    }

    /// Who has it, and for how many fen.
    fn sale(&self) -> Option<(String, i64)> {
        let sold = self.lot.state == LotState::ClosedSold;
        self.lot.leader_pseudonym.clone().zip(self.lot.price_minor).filter(|_| sold)
    }
}

/// What bids of bidders 1, 2, 3, .., sealed one second after another, come to at the opening.
fn opened(format: Format, reserve: Option<i64>, prices: &[i64]) -> Story {
    opened_of(sealed_terms(format), reserve, prices)
}

/// The same on such terms, but for the reserve.
fn opened_of(terms: LotTerms, reserve: Option<i64>, prices: &[i64]) -> Story {
    let reserve = reserve.map_or(Reserve::None {}, |fen| Reserve::Open { amount: Money::fen(fen) });
    let mut story = Story::open(LotTerms { reserve, ..terms });
    for (who, fen) in (1..).zip(prices) {
        story.seals(who, *fen, i64::try_from(who).unwrap()).unwrap();
    }
    story.ends();
    story
}

#[test]
fn the_winner_of_a_vickrey_lot_pays_the_second_price() {
    let paid = |reserve, prices: &[i64]| opened(VICKREY, reserve, prices).sale();
    assert_eq!(paid(None, &[9_000, 10_000, 9_000]), Some((name(2), 9_000)));
    assert_eq!(paid(Some(6_000), &[10_000]), Some((name(1), 6_000)), "nobody else bid");
    assert_eq!(paid(Some(6_000), &[5_000, 10_000]), Some((name(2), 6_000)), "the second is below the reserve");
    assert_eq!(paid(None, &[10_000]), Some((name(1), 1_000)), "never less than the start price");
    assert_eq!(paid(None, &[10_000, 10_000]), Some((name(1), 10_000)), "of equals the earlier pays");
    assert_eq!(paid(Some(10_001), &[10_000, 9_000]), None);
}

#[test]
fn the_highest_of_sealed_bids_pays_its_own_price() {
    for format in [FIRST_PRICE, ONE_SHOT] {
        let paid = |reserve, prices: &[i64]| opened(format.clone(), reserve, prices).sale();
        assert_eq!(paid(None, &[9_000, 10_000, 8_000]), Some((name(2), 10_000)));
        assert_eq!(paid(Some(10_000), &[10_000]), Some((name(1), 10_000)));
        assert_eq!(paid(Some(10_001), &[10_000, 10_000]), None, "equals below the reserve are not asked again");
        assert_eq!(paid(None, &[]), None);
    }
}

/// Bidders 1 and 2 are tied at 100 yuan, 3 is below them.
fn tied() -> Story {
    let story = opened(FIRST_PRICE, None, &[10_000, 10_000, 9_000]);
    assert_eq!((story.lot.state, round(&story.lot)), (LotState::OpenFree, 2));
    assert_eq!(story.lot.closes_at, at(3_900) + TimeDelta::milliseconds(300), "five minutes after the opening");
    story
}

#[test]
fn equals_at_the_top_bid_once_more() {
    let ended = |bids: &[(u128, i64)]| {
        let mut story = tied();
        for (who, fen) in bids {
            story.seals(*who, *fen, 3_700).unwrap();
        }
        story.ends();
        story.sale()
    };
    assert_eq!(ended(&[(1, 10_500), (2, 11_000)]), Some((name(2), 11_000)));
    assert_eq!(ended(&[(2, 10_000)]), Some((name(2), 10_000)), "who bids again is before who does not");
    assert_eq!(ended(&[(2, 11_000), (1, 11_000)]), Some((name(1), 11_000)), "equal again: who was ahead before");
    assert_eq!(ended(&[]), Some((name(1), 10_000)), "nobody: the earlier, at the price they were tied at");
}

#[test]
fn only_the_tied_bid_in_their_round_and_not_below_it() {
    let mut story = tied();
    assert_eq!(limit(&story.lot), 10_000);
    assert_eq!(story.seals(3, 20_000, 3_700), Err(Code::NotInTieRound));
    assert_eq!(story.seals(1, 9_999, 3_700), Err(Code::TooLow));
    assert_eq!(story.seals(1, 12_000, 3_599), Err(Code::Busy), "it was meant for the first round");
    assert_eq!(story.seals(1, 12_000, 3_901), Err(Code::Closed));
}

#[test]
fn of_a_bidders_bids_the_last_counts_with_its_own_time() {
    let mut story = Story::open(sealed_terms(VICKREY));
    for (who, fen, second) in [(1, 50_000, 1), (2, 10_000, 2), (1, 10_000, 3), (3, 9_000, 3)] {
        story.seals(who, fen, second).unwrap();
    }
    story.ends();
    assert_eq!((story.sale(), story.lot.bid_count), (Some((name(2), 10_000)), 3));
}

#[test]
fn of_one_bidders_bids_no_two_arrive_at_one_instant() {
    let mut story = Story::open(sealed_terms(VICKREY));
    for (who, fen) in [(1, 50_000), (1, 40_000), (2, 10_000), (1, 30_000)] {
        story.seals(who, fen, 1).unwrap();
    }
    let arrived: Vec<_> = story.receipts.iter().map(|receipt| (receipt.statement.arrived_at - at(1)).num_microseconds()).collect();
    assert_eq!(arrived, [Some(0), Some(1), Some(0), Some(2)]);
    story.ends();
    let course = story.course();
    assert_eq!(hold_sealed(&course, &story.receipts, |_| {}), Ok(()));
    // Of two that claim one instant one is made up.
    let statement = SealedBidStatement { arrived_at: story.receipts[3].statement.arrived_at, ..story.receipts[1].statement.clone() };
    let jws = sign(&statement, &SigningKey::from_bytes(&[1; 32]), at(1));
    let fault = hold_sealed(&course, &[SealedReceipt::of(statement, jws)], |_| {}).unwrap_err();
    assert_eq!(fault.wrong, Wrong::ReceiptWithoutBid);
}

#[test]
fn what_is_sealed_is_judged_as_any_bid_is() {
    let mut story = Story::open(sealed_terms(VICKREY));
    let before = story.lot.clone();
    assert_eq!(story.seals(1, 999, 1), Err(Code::TooLow));
    assert_eq!(story.seals(1, 1_000, -1), Err(Code::NotOpen));
    assert_eq!(story.seals(1, 1_000, 3_600), Err(Code::Closed));
    assert_eq!(story.seals(1, 1_000, 0), Ok(()));
    assert_eq!(story.lot, before, "a sealed bid leaves nothing to be seen");
    let suspended = Attempt { suspended: true, ..attempt(2, 1_000, 1) };
    assert_eq!(judge(&story.lot, &suspended, None).unwrap_err().code, Code::BidderSuspended);
    let (_, paused) = pause::pause(&story.lot, &Order { reason: "故障".into(), ..Order::default() }, at(5)).unwrap();
    assert_eq!(judge(&paused, &attempt(2, 1_000, 6), None).unwrap_err().code, Code::Paused);
}

#[test]
fn each_lot_is_bid_for_in_its_own_way() {
    let open = clock::advance(&lot(terms()), at(1)).1;
    let problem = judge(&open, &attempt(1, 10_000, 1), None).unwrap_err();
    assert_eq!((problem.code, &problem.facts["operation"]), (Code::WrongFormat, &"place_bid".into()));
    let sealed = Story::open(sealed_terms(FIRST_PRICE)).lot;
    let problem = crate::auctions::rules::judge(&sealed, &[attempt(1, 10_000, 1)]).outcomes.remove(0).unwrap_err();
    assert_eq!((problem.code, &problem.facts["operation"]), (Code::WrongFormat, &"place_sealed_bid".into()));
}

/// Different prices, and the same in another order.
fn shuffled() -> impl Strategy<Value = (Vec<i64>, Vec<i64>)> {
    prop::collection::btree_set(1_000_i64..50_000, 1..8).prop_flat_map(|prices| {
        let prices: Vec<_> = prices.into_iter().collect();
        (Just(prices.clone()).prop_shuffle(), Just(prices).prop_shuffle())
    })
}

fn any_format() -> impl Strategy<Value = Format> {
    prop::sample::select(vec![FIRST_PRICE, VICKREY, ONE_SHOT])
}

proptest! {
    #[test]
    fn the_order_in_which_different_prices_arrive_changes_nothing(
        (one, other) in shuffled(), format in any_format(), reserve in prop::option::of(1_000_i64..60_000),
    ) {
        let sale = |prices: &[i64]| {
            let story = opened(format.clone(), reserve, prices);
            // Bidders are numbered as they arrive: by what they bid they are known again.
            let (winner, paid) = story.sale()?;
            let own = (1_u128..).zip(prices).find(|(who, _)| name(*who) == winner).map(|(_, own)| *own)?;
            Some((own, paid))
        };
        prop_assert_eq!(sale(&one), sale(&other));
    }

    #[test]
    fn nobody_pays_more_than_he_bid_or_less_than_the_reserve(
        prices in prop::collection::vec(1_000_i64..1_010, 1..6), format in any_format(), reserve in prop::option::of(1_000_i64..1_010),
    ) {
        let mut story = opened(format, reserve, &prices);
        if round(&story.lot) == 2 {
            story.ends();
        }
        let highest = prices.iter().copied().max().unwrap_or_default();
        let floor = reserve.unwrap_or_default();
        match story.sale() {
            Some((_, paid)) => prop_assert!(floor.max(1_000) <= paid && paid <= highest),
            None => prop_assert!(highest < floor),
        }
    }

    #[test]
    fn what_a_vickrey_winner_pays_does_not_hang_on_his_own_bid(
        prices in prop::collection::vec(1_000_i64..50_000, 1..6), reserve in prop::option::of(1_000_i64..50_000), more in 0_i64..10_000,
    ) {
        if let Some((winner, paid)) = opened(VICKREY, reserve, &prices).sale() {
            let raised: Vec<_> = (1_u128..).zip(&prices).map(|(who, fen)| if name(who) == winner { fen + more } else { *fen }).collect();
            prop_assert_eq!(opened(VICKREY, reserve, &raised).sale(), Some((winner, paid)));
        }
    }
}
