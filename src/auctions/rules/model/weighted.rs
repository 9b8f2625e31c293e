//! Quotes of which the price is one indicator among others.

use entity::auctions::Format;
use entity::scores::{Criterion, GivenScore, Scoring};

use super::dice::Dice;
use super::play::{Play, name};
use super::sealed::any_terms;
use crate::auctions::rules::sealed::limit;
use crate::listings::rules::weighted::tests::{experts, points};

/// One to three indicators beside the price, each by three, five or seven experts.
fn any_format(dice: &mut Dice) -> Format {
    let (mut left, mut criteria) = (10_000 - 1 - dice.below(6_000), Vec::new());
    let price_weight_bp = u32::try_from(10_000 - left).unwrap();
    for number in (0..dice.below(3)).rev() {
        let weight = 1 + dice.below(u64::try_from(left / 4).unwrap());
        left -= weight;
        criteria.push(experts(&format!("指标 {number}"), u32::try_from(weight).unwrap(), 3 + 2 * u32::try_from(dice.below(3)).unwrap()));
    }
    criteria.push(experts("方案", u32::try_from(left).unwrap(), 5));
    Format::Weighted { price_weight_bp, criteria }
}

/// What experts gave a bidder: whole points, close to one another, so that totals are often equal.
fn given(dice: &mut Dice, criterion: &Criterion) -> GivenScore {
    let Scoring::Experts { count } = criterion.scored else { unreachable!("it is drawn so") };
    let points = (0..count).map(|_| points(100 * u16::try_from(90 + dice.below(3)).unwrap())).collect();
    GivenScore::Experts { criterion: criterion.name.clone(), points }
}

/// Somebody seals a bid; now and then several come to their turn together, not in the order in which they arrived.
fn seals(play: &mut Play, dice: &mut Dice) {
    for _ in 0..dice.together() {
        let (arrival, who) = (play.arrives(dice), dice.bidder());
        let add = if dice.one_in(10) { dice.below(300) } else { dice.below(4) - 1 };
        let attempt = play.attempt(dice, who, limit(&play.lot) + add, arrival);
        play.seals(&attempt, Vec::new());
    }
}

pub(super) fn history(dice: &mut Dice) -> Play {
    let format = any_format(dice);
    let Format::Weighted { criteria, .. } = &format else { unreachable!("it is drawn so") };
    let scores = (1..=4).map(|who| (name(who), criteria.iter().map(|criterion| given(dice, criterion)).collect())).collect();
    let terms = any_terms(dice, format);
    let admitted = dice.admitted(&terms);
    let mut play = Play::announced(dice, terms, admitted);
    play.scores = scores;
    play.goes(dice, 16, seals).resumes_and_ends().noting_totals()
}
