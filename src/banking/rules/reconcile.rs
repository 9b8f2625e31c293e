//! The ledger against the statement: by how much they differ, and how much of it is explained.

use chrono::{Datelike, NaiveDate};
use entity::Timestamp;

use crate::ledger::rules::Side;
use crate::platform::problem::{Code, Problem, YEARS};
use crate::rulebook::rules::end_of;

/// What moved on one side of the bank's account in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The side.
    pub side: Side,
    /// Whether statements show it.
    pub stated: bool,
    /// Minor units.
    pub minor: i64,
}

/// Ledger and statement, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// What the bank holds by the ledger.
    pub ledger: i64,
    /// What it holds by the latest statement; nothing where there is none.
    pub statement: i64,
    /// By how much the ledger has more.
    pub difference: i64,
    /// What of it was booked by hand and stands on no statement yet.
    pub explained: i64,
    /// What is left.
    pub unexplained: i64,
}

/// The end of a day in Shanghai, up to which is reckoned.
pub fn cut_off(day: NaiveDate) -> Result<Timestamp, Problem> {
    if YEARS.contains(&day.year()) {
        return Ok(end_of(day));
    }
    Err(Code::Invalid.at("#query/as_of", "range", "日期超出范围", "the day is out of range"))
}

/// Holds the ledger against the closing balance of the latest statement.
pub fn reconcile(moved: &[Moved], closing: Option<i64>) -> Result<Reconciliation, Problem> {
    let net = |wanted: &dyn Fn(&Moved) -> bool| {
        moved.iter().filter(|one| wanted(one)).try_fold(0_i64, |sum, one| match one.side {
            Side::Debit => sum.checked_add(one.minor),
            Side::Credit => sum.checked_sub(one.minor),
        })
    };
    let statement = closing.unwrap_or_default();
    let (ledger, explained) = net(&|_| true).zip(net(&|one| !one.stated)).ok_or(Code::Internal)?;
    let difference = ledger.checked_sub(statement).ok_or(Code::Internal)?;
    let unexplained = difference.checked_sub(explained).ok_or(Code::Internal)?;
    Ok(Reconciliation { ledger, statement, difference, explained, unexplained })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moved(side: Side, stated: bool, minor: i64) -> Moved {
        Moved { side, stated, minor }
    }

    #[test]
    fn what_was_booked_by_hand_explains_a_difference() {
        let all =
            [moved(Side::Debit, true, 300), moved(Side::Credit, true, 100), moved(Side::Debit, false, 50), moved(Side::Credit, false, 20)];
        let found = reconcile(&all, Some(200)).unwrap();
        assert_eq!((found.ledger, found.difference, found.explained, found.unexplained), (230, 30, 30, 0));
        assert_eq!(reconcile(&all, Some(190)).unwrap().unexplained, 10);
        assert_eq!(reconcile(&all[2..], None).unwrap().unexplained, 0);
    }

    #[test]
    fn a_day_is_reckoned_to_its_end_in_shanghai() {
        assert_eq!(cut_off("2026-03-02".parse().unwrap()).unwrap(), "2026-03-02T16:00:00Z".parse::<Timestamp>().unwrap());
        assert!(cut_off(NaiveDate::MAX).is_err() && cut_off(NaiveDate::MIN).is_err());
    }

    proptest! {
        #[test]
        fn a_ledger_that_holds_every_line_of_the_statements_leaves_nothing(
            rows in prop::collection::vec((any::<bool>(), any::<bool>(), 1..1_000_000_i64), 0..40),
        ) {
            let side = |comes| if comes { Side::Debit } else { Side::Credit };
            let all: Vec<_> = rows.iter().map(|(comes, stated, minor)| moved(side(*comes), *stated, *minor)).collect();
            let closing = rows.iter().filter(|row| row.1).map(|row| if row.0 { row.2 } else { -row.2 }).sum();
            prop_assert_eq!(reconcile(&all, Some(closing)).unwrap().unexplained, 0);
        }
    }
}
