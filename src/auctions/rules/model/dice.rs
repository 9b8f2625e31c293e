//! What histories are drawn with: numbers that look random and are the same each time.

use entity::auctions::{ClosingMode, LotTerms, Rung, Step};
use entity::money::Money;

/// Splitmix64.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below a number.
    pub(super) fn below(&mut self, most: u64) -> i64 {
        i64::try_from(self.next() % most).unwrap()
    }

    pub(super) fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// One of the four who bid.
    pub(super) fn bidder(&mut self) -> u128 {
        u128::from(1 + self.next() % 4)
    }

    /// What tells the bidders' identifiers from their numbers, and puts them into another order.
    pub(super) fn mask(&mut self) -> u128 {
        u128::from(self.next())
    }

    /// Some of the four who bid, in whatever order, each with a rank; often several have the same.
    pub(super) fn ranks(&mut self) -> Vec<(u128, i32)> {
        let mut holders = [1, 2, 3, 4];
        self.shuffle(&mut holders);
        let count = usize::try_from(self.below(5)).unwrap();
        holders.into_iter().take(count).map(|who| (who, 1 + i32::try_from(self.below(3)).unwrap())).collect()
    }

    /// How many things come to their turn together: mostly one.
    pub(super) fn together(&mut self) -> i64 {
        if self.one_in(5) { 2 + self.below(2) } else { 1 }
    }

    /// How many are admitted; seldom too few.
    pub(super) fn admitted(&mut self, terms: &LotTerms) -> u32 {
        if self.one_in(25) { terms.min_bidders - 1 } else { terms.min_bidders + u32::try_from(self.below(3)).unwrap() }
    }

    pub(super) fn closing_mode(&mut self) -> ClosingMode {
        [ClosingMode::HardClose, ClosingMode::SoftClose, ClosingMode::TimedCycle][usize::try_from(self.below(3)).unwrap()]
    }

    pub(super) fn step(&mut self) -> Step {
        match self.below(3) {
            0 => Step::Fixed { amount: Money::fen(1 + self.below(300)) },
            1 => Step::Percent { rate_bp: 1 + u32::try_from(self.below(3_000)).unwrap() },
            _ => Step::Ladder {
                rungs: (0..=self.below(4))
                    .map(|rung| Rung { from: Money::fen(rung * 700), step: Money::fen(1 + self.below(200)) })
                    .collect(),
            },
        }
    }

    pub(super) fn shuffle<T>(&mut self, several: &mut [T]) {
        for place in (1..several.len()).rev() {
            let other = self.below(u64::try_from(place + 1).unwrap());
            several.swap(place, usize::try_from(other).unwrap());
        }
    }
}
