//! Figures as whole numbers: ratios in ten-thousandths, the middle and the ends of several rounds.

use std::fmt;

use serde_json::Value;

/// A figure in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figure(pub u64);

impl Figure {
    /// How many times the one is the other; nothing where the other is nothing.
    pub fn ratio(one: u64, other: u64) -> Option<Self> {
        let ratio = (u128::from(one) * 10_000).checked_div(other.into())?;
        u64::try_from(ratio).ok().map(Self)
    }

    /// As a JSON number.
    pub fn json(self) -> Value {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        serde_json::from_str(&text).unwrap_or_default()
    }
}

impl fmt::Display for Figure {
    /// With as many decimals as tell something.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        let text = match whole {
            0 => format!("0.{rest:04}"),
            1..=9 => format!("{whole}.{:02}", rest / 100),
            _ => format!("{whole}.{}", rest / 1_000),
        };
        f.pad(&text)
    }
}

/// The middle and the ends of what several rounds came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The median.
    pub median: Figure,
    /// The least.
    pub min: Figure,
    /// The most.
    pub max: Figure,
    /// How many rounds there were.
    pub rounds: usize,
}

impl Spread {
    /// Of the figures of all rounds; nothing where there was none.
    pub fn of(mut figures: Vec<Figure>) -> Option<Self> {
        figures.sort_unstable();
        let (min, max) = (*figures.first()?, *figures.last()?);
        let middle = figures.len() / 2;
        let upper = *figures.get(middle)?;
        let lower = if figures.len().is_multiple_of(2) { *figures.get(middle - 1)? } else { upper };
        Some(Self { median: Figure(u64::midpoint(lower.0, upper.0)), min, max, rounds: figures.len() })
    }
}

/// The value below which so many thousandths of the samples lie, by nearest rank; nothing of none.
pub fn percentile(samples: &mut [u64], thousandths: usize) -> Option<u64> {
    samples.sort_unstable();
    let rank = (samples.len() * thousandths).div_ceil(1_000).max(1);
    samples.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_told_with_as_many_decimals_as_tell_something() {
        let told = |one, other| Figure::ratio(one, other).map(|ratio| ratio.to_string());
        assert_eq!(told(1, 8).as_deref(), Some("0.1250"));
        assert_eq!(told(3, 2).as_deref(), Some("1.50"));
        assert_eq!(told(61, 2).as_deref(), Some("30.5"));
        assert_eq!(told(1, 0), None);
        assert_eq!(Figure(12_500).json(), serde_json::json!(1.25));
    }

    #[test]
    fn the_median_of_an_even_number_of_rounds_lies_between_the_two_in_the_middle() {
        let spread = |figures: &[u64]| Spread::of(figures.iter().copied().map(Figure).collect());
        let of = |median, min, max, rounds| Some(Spread { median: Figure(median), min: Figure(min), max: Figure(max), rounds });
        assert_eq!(spread(&[3, 1, 2]), of(2, 1, 3, 3));
        assert_eq!(spread(&[4, 1, 2, 8]), of(3, 1, 8, 4));
        assert_eq!(spread(&[]), None);
    }

    #[test]
    fn a_percentile_is_one_of_the_samples() {
        let mut samples: Vec<u64> = (1..=200).rev().collect();
        assert_eq!(percentile(&mut samples, 990), Some(198));
        assert_eq!(percentile(&mut samples, 500), Some(100));
        assert_eq!(percentile(&mut [7], 990), Some(7));
        assert_eq!(percentile(&mut [], 990), None);
    }
}
