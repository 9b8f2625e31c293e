//! When the notice is over in each of its two places.

use entity::Timestamp;
use entity::negotiations::NegotiationState;

use super::Sight;
use crate::deals::rules::unruled;
use crate::negotiations::rules::notice::PERIOD;
use crate::notices::rules::period::Period;
use crate::platform::problem::Problem;
use crate::rulebook::rules::{deadline, shanghai_date, start_of};

/// When the notice is over in each of its two places, as far as is known.
pub(super) struct Places {
    /// Whether it has to stand in the seller's own place too.
    pub in_unit: bool,
    /// Here: reckoned as if it were published now where it waits for that; unknown while its page is away.
    pub platform: Option<Timestamp>,
    /// In the seller's own place: reckoned from the day of his decision where it was not shown yet, for it was not put up before.
    pub unit: Option<Timestamp>,
}

impl Places {
    pub fn of(sight: &Sight) -> Result<Self, Problem> {
        let period = Period::of(sight.rules, PERIOD)?;
        let over = |since: Timestamp| deadline(since, period.span, sight.calendar).ends_at;
        let platform = match sight.held.state {
            NegotiationState::Open | NegotiationState::Agreed => None,
            NegotiationState::Decided => Some(over(sight.now)),
            NegotiationState::Noticed | NegotiationState::Confirmed | NegotiationState::ResultPublished | NegotiationState::Ended => {
                sight.price.filter(|price| price.notice.taken_down_at.is_none()).and_then(|price| price.ends_at)
            }
        };
        let shown = sight.unit_notice.map(|(unit, _)| unit.ends_at(&period, sight.calendar));
        let decided = || sight.held.decided_at.map(|at| over(start_of(shanghai_date(at))));
        let in_unit = sight.rules.flag("negotiated_unit_notice").map_err(|error| unruled(&error))?;
        Ok(Self { in_unit, platform, unit: shown.or_else(decided) })
    }

    /// When it is over in both at the earliest.
    pub fn earliest(&self) -> Option<Timestamp> {
        if self.in_unit { Some(self.platform?.max(self.unit?)) } else { self.platform }
    }

    /// When it was over in both and no objection was open any more.
    pub fn opened_at(&self, sight: &Sight) -> Timestamp {
        let unit = self.unit.filter(|_| self.in_unit);
        let closed = sight.objections.iter().filter_map(|objection| objection.settled_at.or(objection.closed_at));
        self.platform.into_iter().chain(unit).chain(closed).max().unwrap_or(sight.now)
    }
}
