//! Every price that is suggested would do, and they go the way of the steps.

use entity::auctions::{Direction, Format, LotTerms, Rung, Step, StepBase, lot};
use entity::money::Money;
use proptest::prelude::*;

use super::suggested;
use crate::auctions::rules::judge::{judge, judge_knowing, least};
use crate::auctions::rules::tests::{at, bid, lot, terms};

/// What is suggested a minute after the opening, in fen.
fn prices(lot: &lot::Model) -> Vec<i64> {
    suggested(lot, at(60)).into_iter().map(|price| price.minor).collect()
}

/// The lot once somebody has bid the start price.
fn bid_for(terms: LotTerms) -> lot::Model {
    let start = terms.start_price.minor;
    judge(&lot(terms), &[bid(1, start, 1)]).lot
}

fn ladder() -> Step {
    let rung = |from, step| Rung { from: Money::fen(from), step: Money::fen(step) };
    Step::Ladder { rungs: vec![rung(0, 700), rung(10_000, 1_000), rung(11_000, 2_500)] }
}

#[test]
fn they_begin_with_the_least_and_go_on_by_steps() {
    assert_eq!(prices(&lot(terms())), [10_000, 11_000, 12_000]);
    assert_eq!(prices(&bid_for(terms())), [11_000, 12_000, 13_000]);
    let falling = LotTerms { direction: Direction::Descending, ..terms() };
    assert_eq!(prices(&bid_for(falling)), [9_000, 8_000, 7_000]);
}

#[test]
fn they_climb_the_ladder() {
    let climbing = LotTerms { step: ladder(), step_base: StepBase::BestBid, multiples_only: false, ..terms() };
    assert_eq!(prices(&bid_for(climbing.clone())), [11_000, 13_500, 16_000]);
    // Where whole steps are demanded they are those of the price that stands.
    assert_eq!(prices(&bid_for(LotTerms { multiples_only: true, ..climbing })), [11_000, 14_000, 17_000]);
}

#[test]
fn below_one_fen_nothing_is_suggested() {
    let small = LotTerms { direction: Direction::Descending, start_price: Money::fen(2_500), ..terms() };
    assert_eq!(prices(&bid_for(small)), [1_500, 500]);
}

#[test]
fn where_nobody_may_bid_nothing_is_suggested() {
    assert!(suggested(&lot(terms()), at(-1)).is_empty(), "it has not opened");
    assert!(suggested(&bid_for(terms()), at(3_600)).is_empty(), "its time is over");
    let sealed = LotTerms { format: Format::Vickrey {}, ..terms() };
    let clock = Format::Dutch { floor: Money::fen(1_000), decrement: Money::fen(1_000), tick_seconds: 60 };
    for terms in [sealed, LotTerms { format: clock, ..terms() }] {
        assert!(suggested(&lot(terms), at(60)).is_empty());
    }
}

/// Terms of any steps, up or down; maxima only ever go up.
fn any_terms() -> impl Strategy<Value = LotTerms> {
    let step = prop_oneof![
        (1_i64..5_000).prop_map(|fen| Step::Fixed { amount: Money::fen(fen) }),
        (1_u32..3_000).prop_map(|rate_bp| Step::Percent { rate_bp }),
        Just(ladder()),
    ];
    (step, 1_i64..20_000, any::<[bool; 5]>()).prop_map(|(step, start, [falls, of_best, whole, enforced, proxy])| LotTerms {
        step,
        start_price: Money::fen(start),
        step_base: if of_best { StepBase::BestBid } else { StepBase::StartPrice },
        multiples_only: whole,
        enforce_step: enforced,
        direction: if falls { Direction::Descending } else { Direction::Ascending },
        proxy: proxy && !falls,
        ..terms()
    })
}

proptest! {
    /// By whomever does not lead, however many bids there were.
    #[test]
    fn each_suggested_price_is_accepted(terms in any_terms(), bids in 0_u8..5) {
        let mut stands = judge(&lot(terms), &[]);
        for who in 1..=bids {
            let Some(price) = suggested(&stands.lot, at(who.into())).pop() else { break };
            stands = judge_knowing(&stands.lot, stands.hidden, &[bid(who.into(), price.minor, who.into())]);
            prop_assert!(stands.outcomes[0].is_ok(), "{:?}", stands.outcomes);
        }
        let found = prices(&stands.lot);
        // Nothing is left only where no price is better by a step.
        let whole = stands.lot.terms.multiples_only && !stands.lot.terms.enforce_step;
        prop_assert!(!found.is_empty() || whole || least(&stands.lot, at(60)).is_none());
        for price in found {
            let accepted = judge_knowing(&stands.lot, stands.hidden, &[bid(9, price, 60)]);
            prop_assert!(accepted.outcomes[0].is_ok(), "{price}: {:?}", accepted.outcomes);
        }
    }
}
