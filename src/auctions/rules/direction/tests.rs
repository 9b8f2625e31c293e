//! Descending bids: judged as they are announced, and the mirror image of ascending ones.

use entity::Timestamp;
use entity::auctions::{ClosingMode, LotState, LotTerms, Reserve, Step, StepBase, lot};
use entity::ids::AdmissionId;
use entity::money::{Currency, Money};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::step::next_price;
use crate::auctions::rules::tests::{at, bid, lot, sole, terms};
use crate::auctions::rules::{Accepted, Attempt, close, judge, next_bidder, reserve};
use crate::platform::problem::{Code, Problem};

/// From 100.00 down, in whole steps of 10.00.
fn falling() -> LotTerms {
    LotTerms { direction: Direction::Descending, ..terms() }
}

fn refusals(terms: LotTerms, attempts: &[Attempt]) -> Vec<Option<Code>> {
    judge(&lot(terms), attempts).outcomes.into_iter().map(|outcome| outcome.err().map(|problem| problem.code)).collect()
}

#[test]
fn the_first_bid_may_equal_the_start_price_and_each_later_one_lies_whole_steps_lower() {
    let attempts = [bid(1, 10_001, 1), bid(1, 9_500, 1), bid(1, 10_000, 1), bid(2, 9_001, 2), bid(2, 8_500, 2), bid(2, 7_000, 3)];
    assert_eq!(
        refusals(falling(), &attempts),
        [Some(Code::TooHigh), Some(Code::NotAStep), None, Some(Code::TooHigh), Some(Code::NotAStep), None]
    );
    let free = LotTerms { enforce_step: false, multiples_only: false, ..falling() };
    assert_eq!(refusals(free, &[bid(1, 9_999, 1), bid(2, 9_999, 2), bid(2, 9_998, 3)]), [None, Some(Code::TooHigh), None]);
}

#[test]
fn a_refusal_says_what_would_do() {
    let judged = judge(&lot(falling()), &[bid(1, 10_000, 1), bid(2, 9_500, 2)]);
    let refusal = judged.outcomes[1].clone().unwrap_err();
    assert_eq!((refusal.code, &refusal.facts["at_most"]), (Code::TooHigh, &json!({"amount": "90.00", "currency": "CNY"})));
}

#[test]
fn no_bid_goes_below_one_fen() {
    let small = LotTerms { start_price: Money::fen(1_000), ..falling() };
    let judged = judge(&lot(small), &[bid(1, 0, 1), bid(1, 1_000, 1), bid(2, 1, 2)]);
    let refusal = |place: usize| judged.outcomes[place].clone().unwrap_err();
    assert_eq!((refusal(0).code, &refusal(0).facts["at_least"]), (Code::TooLow, &json!({"amount": "0.01", "currency": "CNY"})));
    // A whole step lower there is nothing, and that is said.
    assert_eq!((refusal(2).code, &refusal(2).facts["at_most"]), (Code::TooHigh, &json!({"amount": "0.00", "currency": "CNY"})));
    assert_eq!(next_price(&judged.lot), None);
}

#[test]
fn the_leader_may_lower_his_own_bid_only_where_announced() {
    let attempts = [bid(1, 10_000, 1), bid(1, 9_000, 2)];
    assert_eq!(refusals(falling(), &attempts), [None, Some(Code::AlreadyLeading)]);
    assert_eq!(refusals(LotTerms { allow_self_raise: true, ..falling() }, &attempts), [None, None]);
}

#[test]
fn a_percentage_of_the_best_bid_shrinks_with_it() {
    let percent = LotTerms { step: Step::Percent { rate_bp: 1_000 }, step_base: StepBase::BestBid, multiples_only: false, ..falling() };
    let best = judge(&lot(percent), &[bid(1, 1_001, 1)]).lot;
    assert_eq!(next_price(&best), Some(900), "100.1 fen are rounded up");
}

#[test]
fn a_lowest_bid_above_the_reserve_has_no_effect() {
    let ended = |reserve: Reserve, opened, fen: i64| {
        let played = judge(&lot(LotTerms { reserve, ..falling() }), &[bid(1, fen, 1)]).lot;
        let closing = close::close(&played, opened, at(3_601));
        (closing.lot.state, sole(&closing).map(|award| award.1), closing.event.body.contains("above_reserve"))
    };
    let open = || Reserve::Open { amount: Money::fen(9_000) };
    let sold = (LotState::ClosedSold, Some(Money::fen(9_000)), false);
    let unsold = (LotState::ClosedUnsold, None, true);
    assert_eq!((ended(open(), None, 9_000), ended(open(), None, 10_000)), (sold, unsold));
    let secret = || Reserve::Secret { commitment: reserve::commitment(&[5; 16], Money::fen(9_000)) };
    let opened = || reserve::unpack(&reserve::pack(&[5; 16], Money::fen(9_000)), Currency::Cny);
    assert_eq!((ended(secret(), opened(), 9_000), ended(secret(), opened(), 10_000)), (sold, unsold));
    assert_eq!(ended(secret(), None, 9_000), unsold, "a reserve that cannot be opened sells nothing");
}

#[test]
fn the_runner_up_is_the_lowest_of_the_others() {
    let judged = judge(&lot(falling()), &[bid(1, 10_000, 1), bid(2, 9_000, 2), bid(3, 8_000, 3), bid(2, 7_000, 4)]);
    let other = next_bidder::last_bid(&judged.events, AdmissionId(Uuid::from_u128(2)));
    assert_eq!(other, Some((AdmissionId(Uuid::from_u128(3)), Money::fen(8_000))));
}

/// What is seen where a price is looked at in a mirror.
const MIRROR: i64 = 10_000_000;

fn mirrored(fen: i64) -> i64 {
    MIRROR - fen
}

type Told = Result<(i64, i64, Timestamp), Code>;

fn told(outcome: &Result<Accepted, Problem>) -> Told {
    match outcome {
        Ok(accepted) => Ok((accepted.seq, accepted.price.minor, accepted.closes_at)),
        Err(refusal) => Err(refusal.code),
    }
}

fn in_a_mirror(told: Told) -> Told {
    match told {
        Ok((seq, price, closes_at)) => Ok((seq, mirrored(price), closes_at)),
        Err(Code::TooLow) => Err(Code::TooHigh),
        Err(other) => Err(other),
    }
}

proptest! {
    #[test]
    fn a_descending_lot_is_an_ascending_one_in_a_mirror(
        mode in prop::sample::select(ClosingMode::ALL.to_vec()),
        step in 1_i64..5_000,
        reserve in 8_000_i64..40_000,
        flags in (any::<bool>(), any::<bool>(), any::<bool>()),
        tries in prop::collection::vec((1_u128..4, 0_u8..5, 0_i64..4, 1_i64..900), 1..40),
    ) {
        let rising = LotTerms {
            closing_mode: mode,
            step: Step::Fixed { amount: Money::fen(step) },
            reserve: Reserve::Open { amount: Money::fen(reserve) },
            enforce_step: flags.0,
            multiples_only: flags.0 && flags.1,
            allow_self_raise: flags.2,
            ..terms()
        };
        let falling = LotTerms {
            direction: Direction::Descending,
            start_price: Money::fen(mirrored(rising.start_price.minor)),
            reserve: Reserve::Open { amount: Money::fen(mirrored(reserve)) },
            ..rising.clone()
        };
        let (mut up, mut down) = (lot(rising), lot(falling));
        let mut second = 0;
        for (who, kind, more, later) in tries {
            second += later;
            let next = next_price(&up).unwrap();
            prop_assert_eq!(next_price(&down), Some(mirrored(next)));
            let price = if kind == 0 { next - 1 - more } else { next + more * step };
            let (one, other) = (judge(&up, &[bid(who, price, second)]), judge(&down, &[bid(who, mirrored(price), second)]));
            prop_assert_eq!(told(&other.outcomes[0]), in_a_mirror(told(&one.outcomes[0])));
            (up, down) = (one.lot, other.lot);
        }
        let closed = |lot: &lot::Model| {
            let closing = close::close(lot, None, lot.closes_at);
            (closing.lot.state, sole(&closing).map(|(admission, price)| (admission, price.minor)))
        };
        let ((state, award), falling) = (closed(&up), closed(&down));
        prop_assert_eq!(falling, (state, award.map(|(admission, price)| (admission, mirrored(price)))));
    }
}
