//! A slip is asked back for, and nothing else.

use entity::auctions::{Direction, Format, LotTerms, Step, lot};
use entity::money::{MAX_MINOR, Money};
use proptest::prelude::*;

use super::{meant, near_enough};
use crate::auctions::rules::judge::judge;
use crate::auctions::rules::tests::{at, bid, lot, terms};
use crate::platform::problem::Code;

/// A lot that stands at a price.
fn standing(terms: LotTerms, fen: i64) -> lot::Model {
    lot::Model { price_minor: Some(fen), ..lot(terms) }
}

/// The price from which on a refused one would need no confirmation.
fn refused(lot: &lot::Model, fen: i64) -> Option<i64> {
    let problem = near_enough(lot, Money::fen(fen), 10, at(60)).err()?;
    assert_eq!(problem.code, Code::UnconfirmedJump);
    assert_eq!(problem.facts["confirm_with"], "confirmed");
    Some(serde_json::from_value::<Money>(problem.facts["jump_limit"].clone()).unwrap().minor)
}

#[test]
fn ten_times_the_price_that_stands_needs_no_confirmation_and_more_does() {
    let lot = standing(terms(), 20_000);
    assert_eq!((refused(&lot, 200_000), refused(&lot, 200_001), refused(&lot, MAX_MINOR)), (None, Some(200_000), Some(200_000)));
}

#[test]
fn before_the_first_bid_the_start_price_stands() {
    assert_eq!((refused(&lot(terms()), 100_000), refused(&lot(terms()), 100_001)), (None, Some(100_000)));
}

#[test]
fn in_a_descending_lot_it_is_less_than_a_tenth() {
    let falling = LotTerms { direction: Direction::Descending, enforce_step: false, multiples_only: false, ..terms() };
    assert_eq!((refused(&lot(falling.clone()), 1_000), refused(&lot(falling.clone()), 999)), (None, Some(1_000)));
    // A tenth of 10.01 lies between two prices: the lower one is less than it.
    assert_eq!((refused(&standing(falling.clone(), 1_001), 101), refused(&standing(falling, 1_001), 100)), (None, Some(101)));
}

#[test]
fn on_a_falling_clock_the_price_is_the_clocks() {
    let format = Format::Dutch { floor: Money::fen(1_000), decrement: Money::fen(1_000), tick_seconds: 60 };
    // A minute after the opening it has fallen once.
    assert_eq!(
        (refused(&lot(LotTerms { format: format.clone(), ..terms() }), 90_000), refused(&lot(LotTerms { format, ..terms() }), 90_001)),
        (None, Some(90_000))
    );
}

#[test]
fn what_has_to_be_bid_at_least_is_no_slip() {
    let lot = standing(LotTerms { step: Step::Fixed { amount: Money::fen(1_000_000) }, ..terms() }, 10_000);
    assert_eq!((refused(&lot, 1_010_000), refused(&lot, 1_010_001)), (None, Some(1_010_000)));
}

#[test]
fn a_price_is_asked_back_for_whatever_the_factor() {
    // A rule of nothing times the price would ask for every bid: it asks as one times it does.
    assert!(near_enough(&lot(terms()), Money::fen(10_000), 0, at(60)).is_ok());
    // So many times the price is more than there can be.
    assert!(near_enough(&lot(terms()), Money::fen(MAX_MINOR), i64::MAX, at(60)).is_ok());
}

#[test]
fn what_was_announced_counts_and_where_nothing_was_nobody_is_asked_back() {
    let refused = |lot: &lot::Model, fen: i64, confirmed: bool| meant(lot, Money::fen(fen), at(60), confirmed).is_err();
    let of_terms = lot(LotTerms { jump_factor: Some(2), ..terms() });
    assert_eq!([(20_000, false), (20_001, false), (20_001, true)].map(|(fen, sure)| refused(&of_terms, fen, sure)), [false, true, false]);
    // Of lots from before their terms said so, the rules they were announced under.
    let rule = serde_json::json!({"name": "bid_jump_factor", "value": "3", "source": "规则", "not_in_force": false});
    let rules = serde_json::json!({"version": 1, "class": "private", "on": "2026-01-01", "parameters": [rule]});
    let of_rules = lot::Model { rules: rules.into(), ..lot(terms()) };
    assert_eq!([30_000, 30_001].map(|fen| refused(&of_rules, fen, false)), [false, true]);
    assert!(!refused(&lot(terms()), MAX_MINOR, false));
}

proptest! {
    /// The guard looks at prices alone, and every bid it lets through is as far as it says.
    #[test]
    fn a_bid_is_near_exactly_if_it_is_no_more_than_so_many_times_the_price(
        stands in 1..=MAX_MINOR / 100, times in 2_i64..=50, price in 1..=MAX_MINOR,
    ) {
        let small = LotTerms { enforce_step: false, multiples_only: false, ..terms() };
        let near = near_enough(&standing(small.clone(), stands), Money::fen(price), times, at(60)).is_ok();
        prop_assert_eq!(near, price <= stands * times);
        let falling = LotTerms { direction: Direction::Descending, ..small };
        let near = near_enough(&standing(falling, stands), Money::fen(price), times, at(60)).is_ok();
        prop_assert_eq!(near, i128::from(price) * i128::from(times) >= i128::from(stands));
    }
}

#[test]
fn rules_of_bidding_know_nothing_of_it() {
    assert!(judge(&lot(terms()), &[bid(1, 10_000_000, 1)]).outcomes[0].is_ok());
}
