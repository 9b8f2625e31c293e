//! Several identical units for the best sealed bids, at one price or each at its own.

use entity::auctions::{Format, UniformPays};
use entity::money::Money;

use super::dice::Dice;
use super::play::Play;
use super::sealed::any_terms;

pub(super) fn one_price(dice: &mut Dice, units: u32, cap: u32) -> Format {
    let pays = if dice.one_in(2) { UniformPays::HighestRejected } else { UniformPays::LowestAccepted };
    Format::UniformPrice { units, cap, pays }
}

pub(super) fn own_prices(_: &mut Dice, units: u32, cap: u32) -> Format {
    Format::PayAsBid { units, cap }
}

/// Somebody bids for as many units as he may, or one too many; now and then the prices rise, or end below the start price.
fn one_seals(play: &mut Play, dice: &mut Dice, cap: u32) {
    let start = play.lot.terms.start_price.minor;
    let (arrival, who) = (play.arrives(dice), dice.bidder());
    let most = u64::from(cap) + u64::from(dice.one_in(8));
    let count = 1 + dice.below(most);
    let mut prices: Vec<_> = (0..count).map(|_| start + dice.below(8)).collect();
    prices.sort_unstable_by(|one, other| other.cmp(one));
    match dice.below(10) {
        0 => prices.reverse(),
        // Of a bid that is wrong in two ways either may be said.
        1 if count <= i64::from(cap) => prices[usize::try_from(count).unwrap() - 1] = start - 1,
        _ => {}
    }
    let further: Vec<_> = prices.iter().skip(1).map(|price| Money::fen(*price)).collect();
    let several = !further.is_empty();
    let attempt = play.attempt(dice, who, prices[0], arrival);
    if play.seals(&attempt, further) && several {
        play.notes.push("several units");
    }
}

/// Now and then several come to their turn together, not in the order in which they arrived.
fn seals(play: &mut Play, dice: &mut Dice, cap: u32) {
    for _ in 0..dice.together() {
        one_seals(play, dice, cap);
    }
}

pub(super) fn history(dice: &mut Dice, format: impl Fn(&mut Dice, u32, u32) -> Format) -> Play {
    let units = 2 + u32::try_from(dice.below(4)).unwrap();
    let cap = 1 + u32::try_from(dice.below(u64::from(units))).unwrap();
    let format = format(dice, units, cap);
    let terms = any_terms(dice, format);
    let admitted = dice.admitted(&terms);
    let play = Play::announced(dice, terms, admitted).goes(dice, 16, |play, dice| seals(play, dice, cap));
    play.resumes_and_ends().noting_awards()
}
