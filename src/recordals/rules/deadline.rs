//! By when a licence is to be filed, and when its parties are reminded of that (PLIR art. 15: three months from when the contract took
//! effect).

use chrono::NaiveDate;
use entity::Timestamp;
use entity::licences::{LicenceMode, licence_grant};

use crate::deals::rules::unruled;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Rulebook, end_of, shanghai_date, start_of};

/// The time there is to file a licence.
const PERIOD: &str = "licence_recordal_period";
/// How long before its end the parties are reminded.
const REMINDER: &str = "licence_recordal_reminder";

/// Whether a licence is to be filed at all: what the authority granted rests on no contract.
pub fn is_filed(licence: &licence_grant::Model) -> bool {
    licence.mode != LicenceMode::Compulsory
}

/// The last day on which a licence is filed in time, by the rule in force as its contract took effect.
pub fn due_on(effective_on: NaiveDate, rulebook: &Rulebook) -> Result<NaiveDate, Problem> {
    let period = rulebook.span(PERIOD, None, effective_on).map_err(|error| unruled(&error))?;
    period.after_day(effective_on).ok_or_else(|| Code::Internal.into())
}

/// When the parties are next told of a day by which a licence is to be filed: so long before it, and when it has passed; nothing any more
/// after that.
pub fn next_call(due_on: NaiveDate, rulebook: &Rulebook, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let ahead = rulebook.span(REMINDER, None, shanghai_date(now)).map_err(|error| unruled(&error))?.elapsed().ok_or(Code::Internal)?;
    let reminder = start_of(due_on).checked_sub_signed(ahead);
    Ok([reminder, Some(end_of(due_on))].into_iter().flatten().find(|at| now < *at))
}

/// Whether that day has passed.
pub fn is_over(due_on: NaiveDate, now: Timestamp) -> bool {
    due_on < shanghai_date(now)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rulebook::rules::shipped::RULEBOOK;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_licence_is_filed_within_three_months_of_its_contract() {
        for (effective, due) in [("2026-03-02", "2026-06-02"), ("2026-11-30", "2027-02-28"), ("2027-11-30", "2028-02-29")] {
            assert_eq!(due_on(day(effective), &RULEBOOK).unwrap(), day(due), "{effective}");
        }
    }

    #[test]
    fn the_parties_are_told_a_month_before_and_once_it_is_over() {
        let due = day("2026-06-02");
        let calls = ["2026-03-02T01:00:00Z", "2026-05-02T16:00:00Z", "2026-05-03T00:00:00Z", "2026-06-02T15:59:59Z"];
        let next = calls.map(|now| next_call(due, &RULEBOOK, at(now)).unwrap().unwrap());
        let (reminder, over) = (at("2026-05-02T16:00:00Z"), at("2026-06-02T16:00:00Z"));
        assert_eq!(next, [reminder, over, over, over]);
        assert_eq!(next_call(due, &RULEBOOK, over).unwrap(), None);
        assert!(!is_over(due, at("2026-06-02T15:59:59Z")) && is_over(due, over));
    }

    proptest! {
        #[test]
        fn a_call_lies_ahead_and_the_last_comes_when_it_is_over(days in 0_i64..20_000, hours in 0_i64..5_000) {
            let effective = day("2026-01-01") + chrono::TimeDelta::days(days);
            let due = due_on(effective, &RULEBOOK).unwrap();
            prop_assert!(effective < due);
            let now = start_of(effective) + chrono::TimeDelta::hours(hours);
            match next_call(due, &RULEBOOK, now).unwrap() {
                Some(at) => prop_assert!(now < at && !is_over(due, now)),
                None => prop_assert!(is_over(due, now)),
            }
        }
    }
}
