//! What a bidder may be given for the indicators beside the price, and what it is worth.

use std::collections::BTreeMap;

use entity::auctions::{Format, LotState, lot};
use entity::scores::{Criterion, GivenScore, Points, Scoring};

use crate::auctions::rules::clock;
use crate::auctions::rules::pause::wrong_state;
use crate::platform::problem::{Faults, Problem};

/// What bidders were given, by pseudonym.
pub type Scores = BTreeMap<String, Vec<GivenScore>>;

/// Into how many parts a hundredth of a point is cut, so that the mean of one, three or five of them is a whole number.
pub(super) const PARTS: i128 = 15;
/// From how many experts on a highest and a lowest are dropped.
const MANY: usize = 5;
/// The longest name of a paper, characters.
const LONGEST_PROTOCOL: usize = 200;
/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

/// The indicators beside the price; none where a lot is not judged by any.
pub fn criteria(format: &Format) -> &[Criterion] {
    if let Format::Weighted { criteria, .. } = format { criteria } else { &[] }
}

/// Whether a lot is judged by indicators beside the price.
pub fn is_weighted(format: &Format) -> bool {
    matches!(format, Format::Weighted { .. })
}

/// Refuses to take scores but from the end of registration until the bids are opened.
pub fn may_score(lot: &lot::Model) -> Result<(), Problem> {
    let is_sealed = matches!(clock::underlying(lot), LotState::Scheduled | LotState::OpenFree) && lot.opened.is_none();
    if is_weighted(&lot.terms.format) && clock::has_enough(lot) && is_sealed { Ok(()) } else { Err(wrong_state(lot)) }
}

/// What an officer writes down about a bidder.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What the bidder is given.
    pub scores: &'a [GivenScore],
    /// Which paper it stands in.
    pub protocol: &'a str,
    /// Why what stood before is corrected.
    pub reason: Option<&'a String>,
    /// Whether something stood before.
    pub corrects: bool,
}

/// Whether scores are those the announced indicators ask for, with their paper, and a reason where they are corrected.
pub fn well_given(criteria: &[Criterion], entry: Entry) -> Result<(), Problem> {
    let mut faults = Faults::new();
    faults.require(
        entry.scores.len() == criteria.len(),
        "/scores",
        "count",
        &format!("须为 {} 项，与公告的指标逐一对应", criteria.len()),
        &format!("must be {}, one for each announced indicator", criteria.len()),
    );
    for (index, (criterion, given)) in criteria.iter().zip(entry.scores).enumerate() {
        let (zh, en) = expected(criterion);
        faults.require(fits(criterion, given), &format!("/scores/{index}"), "criterion", &zh, &en);
    }
    faults
        .text("/protocol", entry.protocol, LONGEST_PROTOCOL)
        .optional_text("/reason", entry.reason, LONGEST_REASON)
        .require(!entry.corrects || entry.reason.is_some(), "/reason", "missing_field", "更正须说明理由", "a correction has its reason")
        .done()
}

/// What is due for an indicator.
fn expected(criterion: &Criterion) -> (String, String) {
    let name = &criterion.name;
    match &criterion.scored {
        Scoring::Table { levels } => {
            let levels: Vec<_> = levels.iter().map(|level| level.name.as_str()).collect();
            let levels = levels.join("、");
            (format!("须为「{name}」的等级：{levels}"), format!("must be a level of '{name}': {levels}"))
        }
        Scoring::Experts { count } => {
            (format!("须为 {count} 名专家对「{name}」的评分"), format!("must be the points {count} experts gave for '{name}'"))
        }
    }
}

/// Whether scores are complete: one for each indicator, as it is scored.
pub fn are_complete(criteria: &[Criterion], given: &[GivenScore]) -> bool {
    criteria.len() == given.len() && criteria.iter().zip(given).all(|(criterion, given)| fits(criterion, given))
}

fn fits(criterion: &Criterion, given: &GivenScore) -> bool {
    given.criterion() == criterion.name
        && match (&criterion.scored, given) {
            (Scoring::Table { levels }, GivenScore::Level { level, .. }) => levels.iter().any(|known| known.name == *level),
            (Scoring::Experts { count }, GivenScore::Experts { points, .. }) => usize::try_from(*count) == Ok(points.len()),
            _ => false,
        }
}

/// What a score is worth, in fifteenths of a hundredth of a point: the level's points, or the mean of the experts', of five or
/// more without one highest and one lowest.
pub(super) fn worth(criterion: &Criterion, given: &GivenScore) -> i128 {
    match (&criterion.scored, given) {
        (Scoring::Table { levels }, GivenScore::Level { level, .. }) => {
            let found = levels.iter().find(|known| known.name == *level);
            found.map_or(0, |level| i128::from(level.points.in_hundredths()) * PARTS)
        }
        (Scoring::Experts { .. }, GivenScore::Experts { points, .. }) => mean(points),
        _ => 0,
    }
}

fn mean(points: &[Points]) -> i128 {
    let mut sorted = points.to_vec();
    sorted.sort_unstable();
    let counted = if sorted.len() >= MANY { sorted.get(1..sorted.len() - 1).unwrap_or_default() } else { sorted.as_slice() };
    let sum: i128 = counted.iter().map(|points| i128::from(points.in_hundredths())).sum();
    let count = i128::try_from(counted.len()).unwrap_or(i128::MAX).max(1);
    sum * PARTS / count
}
