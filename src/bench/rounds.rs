//! Rounds that alternate: what counts is the ratio within a round.

use std::path::Path;
use std::time::Duration;

use super::Failure;
use super::base::Base;
use super::figures::Figure;
use super::market::Market;

/// What is measured on, and how long.
pub struct Bench<'a> {
    /// The market.
    pub market: &'a Market,
    /// On what others like it are set up.
    pub base: &'a Base,
    /// Where.
    pub folder: &'a Path,
    /// How many rounds.
    pub rounds: u32,
    /// How long a run lasts.
    pub lasts: Duration,
    /// Tells how it goes.
    pub tell: &'a dyn Fn(&str),
}

/// What a measure came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The figure of each round.
    pub figures: Vec<Figure>,
    /// What must hold beside the figure and does not.
    pub broken: Option<String>,
}

/// Runs the one and the other, first to warm up, then in rounds, each of which begins with the one that came last.
pub async fn compare(
    rounds: u32,
    mut one: impl AsyncFnMut() -> Result<u64, Failure>,
    mut other: impl AsyncFnMut() -> Result<u64, Failure>,
) -> Result<Vec<(u64, u64)>, Failure> {
    one().await?;
    other().await?;
    let mut pairs = Vec::new();
    for round in 0..rounds {
        let pair = if round % 2 == 0 {
            let first = other().await?;
            (one().await?, first)
        } else {
            let first = one().await?;
            (first, other().await?)
        };
        pairs.push(pair);
    }
    Ok(pairs)
}

/// How many times the one is the other, in each round.
pub fn ratios(pairs: &[(u64, u64)]) -> Result<Outcome, Failure> {
    let figures = pairs.iter().map(|(one, other)| Figure::ratio(*one, *other)).collect::<Option<_>>();
    Ok(Outcome { figures: figures.ok_or("a round came to nothing")?, broken: None })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn rounds_alternate_and_the_first_runs_do_not_count() {
        let order = RefCell::new(String::new());
        let run = async |name: char, figure: u64| -> Result<u64, Failure> {
            order.borrow_mut().push(name);
            Ok(figure)
        };
        let pairs = compare(3, async || run('a', 6).await, async || run('b', 4).await).await.unwrap();
        assert_eq!((order.borrow().as_str(), pairs.as_slice()), ("abbaabba", [(6, 4); 3].as_slice()));
        assert_eq!(ratios(&pairs).unwrap().figures, [Figure(15_000); 3]);
        assert!(ratios(&[(1, 0)]).is_err());
    }
}
