//! From which day on a patent is on the list, if nobody uses it.
//!
//! Source: Regulations of Zhejiang on intellectual property art. 12 (a patent that public money paid for, of a university or a research
//! institute, unused without a good reason for three years after its grant); how many years is a dated rule (`open_implementation_after`).

use chrono::{Datelike, NaiveDate};
use entity::achievements::{AssetKind, achievement, asset};
use entity::identity::{OrganisationKind, Ownership, organisation};

use crate::rulebook::rules::Span;

/// The kinds of patents.
pub const PATENTS: [AssetKind; 3] = [AssetKind::Invention, AssetKind::UtilityModel, AssetKind::Design];
/// Whose patents are listed.
pub const OWNERS: [OrganisationKind; 2] = [OrganisationKind::University, OrganisationKind::ResearchInstitute];

/// More days than any rule reaches.
const MOST_DAYS: i32 = 36_600;

/// Whether patents of an organisation are listed.
pub fn is_bound(owner: &organisation::Model) -> bool {
    owner.ownership == Ownership::State && OWNERS.contains(&owner.kind)
}

/// The day from which on a patent is on the list; nothing where it never will be.
pub fn due(patent: &asset::Model, of: &achievement::Model, owner: &organisation::Model, after: Span) -> Option<NaiveDate> {
    let is_listed = PATENTS.contains(&patent.kind) && of.state_funded && is_bound(owner);
    patent.granted_on.filter(|_| is_listed).and_then(|granted| after.after_day(granted))
}

/// The last day of a grant from which a patent is on the list by a day. Months are of different lengths, so it is looked for.
pub fn granted_by(day: NaiveDate, after: Span) -> Option<NaiveDate> {
    let at = NaiveDate::from_num_days_from_ce_opt;
    let is_due = |granted: i32| at(granted).and_then(|granted| after.after_day(granted)).is_some_and(|due| due <= day);
    let today = day.num_days_from_ce();
    let (mut due, mut not_due) = (today - MOST_DAYS, today + 1);
    while not_due - due > 1 {
        let between = due + (not_due - due) / 2;
        if is_due(between) {
            due = between;
        } else {
            not_due = between;
        }
    }
    at(due)
}

/// The day on which the owner is reminded: so long before it is on the list.
pub fn remind_on(due_on: NaiveDate, before: Span) -> Option<NaiveDate> {
    // The last day from which a reminder of this length reaches the day.
    granted_by(due_on, before)
}
