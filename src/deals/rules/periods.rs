//! By when what of a deal is to be done, by the rules as they were announced.

use chrono::TimeDelta;
use entity::Timestamp;

use super::unruled;
use crate::platform::problem::Problem;
use crate::rulebook::rules::{Calendar, Deadline, Snapshot, deadline};

/// By when a confirmation drawn up at an instant is to be signed.
pub fn confirm_by(rules: &Snapshot, opened_at: Timestamp, calendar: &Calendar) -> Result<Deadline, Problem> {
    period(rules, "confirm_deadline", opened_at, calendar)
}

/// By when the result of a deal confirmed at an instant is to be made public.
pub fn publish_by(rules: &Snapshot, confirmed_at: Timestamp, calendar: &Calendar) -> Result<Deadline, Problem> {
    period(rules, "publish_result", confirmed_at, calendar)
}

/// Until when a result notice published at an instant is shown.
pub fn shown_until(rules: &Snapshot, published_at: Timestamp, calendar: &Calendar) -> Result<Deadline, Problem> {
    period(rules, "result_notice_period", published_at, calendar)
}

/// By when the parties of a deal confirmed at an instant are to sign their contract.
pub fn contract_by(rules: &Snapshot, confirmed_at: Timestamp, calendar: &Calendar) -> Result<Deadline, Problem> {
    period(rules, "contract_deadline", confirmed_at, calendar)
}

/// By when the price is to be paid at the latest, where the contract is signed on the last day for it.
/// A deadline of 24:00 belongs to the day it ends.
pub fn pay_by(rules: &Snapshot, contract: Deadline, calendar: &Calendar) -> Result<Deadline, Problem> {
    let last_instant = contract.ends_at.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(contract.ends_at);
    let period = period(rules, "pay_deadline", last_instant, calendar)?;
    Ok(Deadline { provisional: period.provisional || contract.provisional, ..period })
}

fn period(rules: &Snapshot, name: &str, from: Timestamp, calendar: &Calendar) -> Result<Deadline, Problem> {
    let span = rules.span(name).map_err(|error| unruled(&error))?;
    Ok(deadline(from, span, calendar))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::identity::SellerClass;

    use super::*;
    use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};

    fn rules() -> Snapshot {
        RULEBOOK.snapshot(SellerClass::State, "2026-02-12".parse().unwrap())
    }

    #[test]
    fn spring_festival_counts_for_nothing() {
        // Thursday the 12th of February 2026. The 14th, a Saturday, is worked; the 15th to the 23rd are holidays.
        let confirmed = "2026-02-12T02:00:00Z".parse().unwrap();
        let last_day = |period: Deadline| period.last_day.unwrap().to_string();
        assert_eq!(last_day(confirm_by(&rules(), confirmed, &CALENDAR).unwrap()), "2026-02-24");
        let contract = contract_by(&rules(), confirmed, &CALENDAR).unwrap();
        assert_eq!(last_day(contract), "2026-02-26");
        // Five working days more, of which the worked Saturday, the 28th, is one.
        assert_eq!(last_day(pay_by(&rules(), contract, &CALENDAR).unwrap()), "2026-03-04");
    }

    #[test]
    fn a_missing_rule_is_a_fault_of_ours() {
        let empty = Snapshot { parameters: Vec::new(), ..rules() };
        let refused = confirm_by(&empty, "2026-02-12T02:00:00Z".parse().unwrap(), &CALENDAR).unwrap_err();
        assert_eq!(refused.code, crate::platform::problem::Code::Internal);
    }
}
