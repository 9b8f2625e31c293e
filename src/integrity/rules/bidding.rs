//! How a lot was bid for: in turn at the least raise, or by one alone among silent rivals.

use std::collections::BTreeMap;

use entity::ids::OrganisationId;
use entity::integrity::{SignalFact, SignalKind, SignalReason};

use super::course::count;
use super::{Course, Finding, Thresholds, WHOLE, share};

/// Bids at the least raise, each by other hands than the one before, by two bidders.
#[derive(Clone, Copy)]
struct Run {
    last: OrganisationId,
    before: Option<OrganisationId>,
    bids: i64,
}

impl Run {
    fn goes_on(self, by: OrganisationId) -> Self {
        match self.before {
            _ if self.last == by => Self { last: by, before: None, bids: 1 },
            Some(before) if before != by => Self { last: by, before: Some(self.last), bids: 2 },
            _ => Self { last: by, before: Some(self.last), bids: self.bids + 1 },
        }
    }
}

/// The longest run of each pair, the lower id first.
fn longest_runs(course: &Course) -> BTreeMap<(OrganisationId, OrganisationId), i64> {
    let mut longest = BTreeMap::new();
    let mut run: Option<Run> = None;
    for bid in &course.bids {
        let by = bid.organisation;
        run = bid.is_small().then(|| run.map_or(Run { last: by, before: None, bids: 1 }, |run| run.goes_on(by)));
        if let Some(Run { last, before: Some(before), bids }) = run {
            let known = longest.entry((last.min(before), last.max(before))).or_insert(bids);
            *known = bids.max(*known);
        }
    }
    longest
}

/// Pairs who outbid each other in turn by the least there is, or by rounds raise their offers by it, and hardly ever by more.
pub fn alternating(course: &Course, limits: &Thresholds) -> Vec<Finding> {
    // By rounds there are few turns, and nobody can bid out of them.
    let least = if course.turns.is_empty() { limits.alternating } else { limits.alternating_turns };
    let found = longest_runs(course).into_iter().filter(|(_, bids)| *bids >= least);
    found.filter_map(|((one, other), bids)| pair(course, one, other, bids, limits)).collect()
}

fn pair(course: &Course, one: OrganisationId, other: OrganisationId, bids: i64, limits: &Thresholds) -> Option<Finding> {
    let raises = |by: OrganisationId| course.bids.iter().filter(move |bid| bid.organisation == by && bid.raise.is_some());
    let all = |by| count(raises(by).count());
    let larger = |by| count(raises(by).filter(|bid| !bid.is_small()).count());
    let more = share(larger(one) + larger(other), all(one) + all(other));
    if more > limits.larger {
        return None;
    }
    let mut reasons = vec![SignalReason::of(SignalFact::AlternatingBids).number(bids)];
    for by in [one, other] {
        reasons.push(SignalReason::of(SignalFact::Raises).by(by).number(all(by)));
        reasons.push(SignalReason::of(SignalFact::LargerRaises).by(by).number(larger(by)));
    }
    Some(Finding { kind: SignalKind::MinimalAlternating, organisation: one, other: Some(other), score_bp: WHOLE - more, reasons })
}

/// The only one who bid, where all rivals were silent or had withdrawn. Who buys at once leaves nobody the time to bid.
pub fn withdrawn_rivals(course: &Course, limits: &Thresholds) -> Option<Finding> {
    if course.ends_with_first {
        return None;
    }
    let bidding = course.bidding();
    let alone = bidding.first().filter(|_| bidding.len() == 1)?;
    let silent = course.admitted.iter().filter(|(rival, _)| *rival != alone).map(|rival| (SignalFact::NeverBid, rival));
    let withdrawn = course.withdrawn.iter().map(|rival| (SignalFact::Withdrew, rival));
    let rivals = silent.chain(withdrawn);
    let reasons: Vec<_> =
        rivals.map(|(fact, (rival, admission))| SignalReason::of(fact).by(*rival).shown_by("admission", *admission)).collect();
    if reasons.is_empty() || reasons.len() < limits.rivals {
        return None;
    }
    // The more fell silent, the more it says.
    let score_bp = share(count(reasons.len()), count(reasons.len() + 1));
    Some(Finding { kind: SignalKind::WithdrawnRivals, organisation: *alone, other: None, score_bp, reasons })
}
