//! A falling clock, which the first to accept stops.

use entity::auctions::{ClosingMode, Format, LotTerms};
use entity::money::Money;

use super::dice::Dice;
use super::play::Play;
use super::preemption::asking_or_not;
use crate::auctions::rules::clock;
use crate::auctions::rules::dutch::{Fall, clock_price};
use crate::auctions::rules::tests::terms;

/// Somebody accepts a price close to the one on the clock, often too early; now and then several come to their turn together.
fn accepts(play: &mut Play, dice: &mut Dice, is_early: bool) {
    let mut attempts = Vec::new();
    for arrival in play.arrive_together(dice) {
        let shows = clock_price(&clock::advance(&play.lot, arrival).1, arrival).unwrap().minor;
        let fen = match dice.below(4) {
            1 if !is_early => shows,
            2 if !is_early => shows + dice.below(300),
            0 => shows - 1,
            _ => (shows - 1 - dice.below(200)).max(0),
        };
        let who = dice.bidder();
        attempts.push(play.attempt(dice, who, fen, arrival));
    }
    play.bids(&attempts);
}

pub(super) fn history(dice: &mut Dice) -> Play {
    let (floor, tick_seconds) = (Money::fen(1 + dice.below(1_000)), 5 + dice.below(40));
    let start_price = Money::fen(floor.minor + dice.below(2_000));
    let format = Format::Dutch { floor, decrement: Money::fen(50 + dice.below(400)), tick_seconds };
    let free_period_seconds = Fall::of(&format, start_price).and_then(Fall::seconds).unwrap();
    let min_bidders = 1 + u32::from(dice.one_in(2));
    let terms = LotTerms { closing_mode: ClosingMode::HardClose, start_price, format, free_period_seconds, min_bidders, ..terms() };
    let terms = asking_or_not(dice, terms);
    let admitted = dice.admitted(&terms);
    // Where all are always too early, nobody has it.
    let is_early = dice.one_in(3);
    Play::announced(dice, terms, admitted).goes(dice, 12, |play, dice| accepts(play, dice, is_early)).ends()
}
