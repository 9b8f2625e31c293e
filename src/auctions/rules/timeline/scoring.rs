//! Where the price is one indicator among others, the bids are opened once every admitted bidder is scored.

use entity::Timestamp;
use entity::auctions::LotState;

use super::super::sealed::scores::is_weighted;
use super::standing::Course;
use crate::rulebook::rules::{By, Progress, Step, StepNote};

const BIDDERS_SCORED: &str = "bidders_scored";
/// What the opening of the bids hangs on.
const OPENS_THE_BIDS: StepNote = StepNote::of(
    "opens_the_bids",
    "全部竞买人评分录入完毕且报价截止后开启报价",
    "the bids are opened once every admitted bidder is scored and bidding has ended",
);
/// What the lot waits for.
pub(super) const WAITS_FOR_SCORES: StepNote = StepNote::of(
    "waits_for_scores",
    "报价已截止，待评分录齐后开启",
    "bidding has ended: the bids are opened when the last scores are recorded",
);

/// That every admitted bidder is scored; nothing where nobody is.
pub(super) fn scoring(of: &Course) -> Option<Step> {
    if !is_weighted(&of.terms.format) {
        return None;
    }
    let step = Step::coming(BIDDERS_SCORED, "评分录入完毕", "Every admitted bidder is scored", By::Reviewer).note(OPENS_THE_BIDS);
    Some(match (of.state, of.end) {
        (LotState::Aborted, _) => step.skipped(),
        // Before the opening nobody outside is told how far it is.
        (_, Some(end)) => step.done(end.at),
        (_, None) => step,
    })
}

/// The steps of a lot as they are told at an instant: while its bids wait for scores, bidding has ended, and of what follows no
/// date is known.
pub fn while_scored(of: &Course, steps: Vec<Step>, now: Timestamp) -> Vec<Step> {
    let waits = is_weighted(&of.terms.format) && of.state == LotState::OpenFree && !of.paused && now >= of.decided_at();
    if !waits {
        return steps;
    }
    let told = |step: Step| match step.code {
        "bidding_ends" => step.done(of.ends_at()),
        BIDDERS_SCORED => step.awaited().note(WAITS_FOR_SCORES),
        _ if step.state == Progress::Done => step,
        _ => Step { due_at: None, exact: false, provisional: false, ..step },
    };
    steps.into_iter().map(told).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::TimeDelta;
    use entity::identity::SellerClass;

    use super::super::{Beyond, Dates, End, steps};
    use super::*;
    use crate::auctions::rules::sealed::tests::sealed_terms;
    use crate::auctions::rules::sealed::weighted::tests::format;
    use crate::auctions::rules::tests::at;
    use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};
    use crate::rulebook::rules::timeline::proof::is_a_timeline;

    #[test]
    fn bids_that_wait_for_scores_say_so_and_name_no_date() {
        let rules = RULEBOOK.snapshot(SellerClass::State, "2026-02-25".parse().unwrap());
        let (terms, dates) = (sealed_terms(format()), Dates::default());
        let planned = Course::planned(&terms, at(-100), &dates, &rules);
        let open = Course { state: LotState::OpenFree, registration_closed_at: Some(at(-100)), ..planned };
        let told = |course: &Course, now: Timestamp| {
            let told = steps(at(-1_000), course, &Beyond::default(), &CALENDAR, now).unwrap();
            is_a_timeline(&told, now).unwrap();
            told
        };
        let find = |told: &[Step], code: &str| told.iter().find(|step| step.code == code).unwrap().clone();

        let before = told(&open, at(10));
        assert_eq!((find(&before, "bidding_ends").state, find(&before, BIDDERS_SCORED).state), (Progress::Next, Progress::Coming));
        assert_eq!(find(&before, "sold").due_at, Some(open.decided_at()));

        let waiting = told(&open, open.decided_at() + TimeDelta::hours(1));
        assert_eq!(find(&waiting, "bidding_ends").at, Some(open.closes_at));
        let scored = find(&waiting, BIDDERS_SCORED);
        assert!(scored.state == Progress::Next && scored.notes.contains(&WAITS_FOR_SCORES), "{scored:?}");
        assert_eq!(find(&waiting, "sold").due_at, None);

        let end = open.decided_at() + TimeDelta::hours(2);
        let sold = Course { state: LotState::ClosedSold, end: Some(End { at: end, terminated: false }), ..open };
        assert_eq!(find(&told(&sold, end), BIDDERS_SCORED).at, Some(end));
        let plain = terms_of_open_bids();
        let open_bids = Course { terms: &plain, ..open };
        assert!(told(&open_bids, at(10)).iter().all(|step| step.code != BIDDERS_SCORED));
    }

    fn terms_of_open_bids() -> entity::auctions::LotTerms {
        crate::auctions::rules::tests::terms()
    }
}
