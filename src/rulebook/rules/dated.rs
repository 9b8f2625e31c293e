//! Which of several dated rows applies.

use chrono::NaiveDate;
use entity::identity::SellerClass;

/// For whom and when a row is meant.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    /// The only class it is for; none for every class without a row of its own.
    pub class: Option<SellerClass>,
    /// The first day in force.
    pub from: NaiveDate,
    /// The last day in force.
    pub to: Option<NaiveDate>,
}

impl Scope {
    /// Whether the last day does not come before the first.
    pub fn is_sound(&self) -> bool {
        self.to.is_none_or(|to| self.from <= to)
    }

    /// Whether both are meant for the same class on some day.
    pub fn clashes(&self, other: &Self) -> bool {
        self.class == other.class && self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }

    /// Whether a day is one of those.
    pub fn holds(&self, on: NaiveDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| on <= to)
    }
}

/// A row that is meant for some class on some days.
pub(super) trait Dated {
    fn scope(&self) -> Scope;
}

/// The row that applies to `class` on the day `on`, and whether it is in force then.
///
/// A class's own rows come before those for every class. Before its first row has come into force,
/// the first applies all the same, so that every day has an answer; once its rows have been repealed,
/// those for every class follow, and failing these the last that was repealed.
pub(super) fn applicable<'a, T: Dated>(
    rows: impl Iterator<Item = &'a T>,
    class: Option<SellerClass>,
    on: NaiveDate,
) -> Option<(&'a T, bool)> {
    let rows: Vec<_> = rows.map(|row| (row.scope(), row)).collect();
    let own = rows.iter().filter(|(scope, _)| class.is_some() && scope.class == class);
    let general = rows.iter().filter(|(scope, _)| scope.class.is_none());
    in_force_or_first(own.clone(), on)
        .or_else(|| in_force_or_first(general.clone(), on))
        .or_else(|| last_repealed(own, on))
        .or_else(|| last_repealed(general, on))
}

fn in_force_or_first<'r, 'a, T>(mut rows: impl Iterator<Item = &'r (Scope, &'a T)> + Clone, on: NaiveDate) -> Option<(&'a T, bool)>
where
    'a: 'r,
{
    let first = rows.clone().min_by_key(|(scope, _)| scope.from);
    let in_force = rows.find(|(scope, _)| scope.holds(on)).map(|(_, row)| (*row, true));
    in_force.or_else(|| first.filter(|(scope, _)| on < scope.from).map(|(_, row)| (*row, false)))
}

fn last_repealed<'r, 'a, T>(rows: impl Iterator<Item = &'r (Scope, &'a T)>, on: NaiveDate) -> Option<(&'a T, bool)>
where
    'a: 'r,
{
    let begun = rows.filter(|(scope, _)| scope.from <= on);
    begun.max_by_key(|(scope, _)| scope.from).map(|(_, row)| (*row, false))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    struct Row(&'static str, Scope);

    impl Dated for Row {
        fn scope(&self) -> Scope {
            self.1
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn scope(class: Option<SellerClass>, from: &str, to: Option<&str>) -> Scope {
        Scope { class, from: day(from), to: to.map(day) }
    }

    fn found(rows: &[Row], class: Option<SellerClass>, on: &str) -> Option<(&'static str, bool)> {
        applicable(rows.iter(), class, day(on)).map(|(row, in_force)| (row.0, in_force))
    }

    #[test]
    fn the_own_class_comes_first_and_the_first_row_reaches_back() {
        let soe = Some(SellerClass::Soe);
        let rows = [
            Row("old", scope(soe, "2009-07-01", Some("2025-02-17"))),
            Row("new", scope(soe, "2025-02-18", Some("2029-12-31"))),
            Row("all", scope(None, "2016-01-01", None)),
        ];
        assert_eq!(found(&rows, soe, "2009-06-30"), Some(("old", false)));
        assert_eq!(found(&rows, soe, "2009-07-01"), Some(("old", true)));
        assert_eq!(found(&rows, soe, "2025-02-17"), Some(("old", true)));
        assert_eq!(found(&rows, soe, "2025-02-18"), Some(("new", true)));
        // Repealed: the row for every class follows.
        assert_eq!(found(&rows, soe, "2030-01-01"), Some(("all", true)));
        assert_eq!(found(&rows[..2], soe, "2030-01-01"), Some(("new", false)));
        assert_eq!(found(&rows, Some(SellerClass::State), "2020-01-01"), Some(("all", true)));
        assert_eq!(found(&rows, None, "2010-01-01"), Some(("all", false)));
        assert_eq!(found(&rows[..2], None, "2020-01-01"), None);
        assert_eq!(found(&rows[..2], Some(SellerClass::State), "2020-01-01"), None);
    }

    #[test]
    fn the_row_for_every_class_fills_a_gap_between_own_rows() {
        let soe = Some(SellerClass::Soe);
        let rows = [
            Row("one", scope(soe, "2010-01-01", Some("2010-12-31"))),
            Row("two", scope(soe, "2012-01-01", None)),
            Row("all", scope(None, "2000-01-01", None)),
        ];
        assert_eq!(found(&rows, soe, "2011-06-01"), Some(("all", true)));
        assert_eq!(found(&rows[..2], soe, "2011-06-01"), Some(("one", false)));
    }

    #[test]
    fn rows_clash_when_one_class_has_two_on_a_day() {
        let soe = Some(SellerClass::Soe);
        let old = scope(soe, "2009-07-01", Some("2025-02-17"));
        assert!(!old.clashes(&scope(soe, "2025-02-18", None)));
        assert!(old.clashes(&scope(soe, "2025-02-17", None)));
        assert!(scope(soe, "2025-02-17", None).clashes(&old));
        assert!(scope(soe, "2000-01-01", None).clashes(&scope(soe, "2025-01-01", None)));
        assert!(!old.clashes(&scope(None, "2009-07-01", None)));
        assert!(old.is_sound());
        assert!(!scope(None, "2026-01-02", Some("2026-01-01")).is_sound());
    }
}
