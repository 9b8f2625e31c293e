//! Days off and make-up working days (调休).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The columns of a calendar file, in order.
const COLUMNS: [&str; 3] = ["day", "kind", "name"];

/// What the State Council made of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// A day off, be it a festival, a day in lieu or a weekend inside a holiday.
    Holiday,
    /// A Saturday or Sunday that is worked.
    MakeUpWorkday,
}

/// Which days are working days on mainland China.
///
/// Source: the yearly notices of the State Council's General Office on the holiday arrangements
/// (国务院办公厅关于部分节假日安排的通知). A day without a row follows its weekday.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<NaiveDate, DayKind>,
    years: BTreeSet<i32>,
}

/// Why a text is not a calendar.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// The columns differ, or a row cannot be read.
    #[error("calendar cannot be read: {0}")]
    Malformed(String),
    /// A day has two rows.
    #[error("{0} has two rows in the calendar")]
    Repeated(NaiveDate),
    /// A make-up working day that is no weekend.
    #[error("{0} is no Saturday or Sunday and cannot be a make-up working day")]
    NoWeekend(NaiveDate),
    /// There is no row at all.
    #[error("the calendar has no rows")]
    Empty,
}

impl Calendar {
    /// Builds a calendar from its rows; of two rows for a day the later stands.
    pub fn from_rows(rows: impl IntoIterator<Item = (NaiveDate, DayKind)>) -> Self {
        let days: BTreeMap<_, _> = rows.into_iter().collect();
        let years = days.keys().map(Datelike::year).collect();
        Self { days, years }
    }

    /// Reads a calendar file: columns `day,kind,name`, comment lines begin with `#`.
    ///
    /// Refuses unreadable rows, two rows for one day, make-up working days that are no weekend,
    /// and a file without rows.
    pub fn parse_csv(text: &str) -> Result<Self, CalendarError> {
        let malformed = |error: csv::Error| CalendarError::Malformed(error.to_string());
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        if !reader.headers().map_err(malformed)?.iter().eq(COLUMNS) {
            let expected = format!("the columns are {}", COLUMNS.join(","));
            return Err(CalendarError::Malformed(expected));
        }
        let mut days = BTreeMap::new();
        for row in reader.deserialize() {
            let (day, kind, _name): (NaiveDate, DayKind, String) = row.map_err(malformed)?;
            if kind == DayKind::MakeUpWorkday && !is_weekend(day) {
                return Err(CalendarError::NoWeekend(day));
            }
            if days.insert(day, kind).is_some() {
                return Err(CalendarError::Repeated(day));
            }
        }
        if days.is_empty() {
            return Err(CalendarError::Empty);
        }
        Ok(Self::from_rows(days))
    }

    /// Whether `day` is worked. In a year that is not announced yet, weekends alone decide.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        match self.days.get(&day) {
            Some(kind) => *kind == DayKind::MakeUpWorkday,
            None => !is_weekend(day),
        }
    }

    /// Whether the year of `day` has been announced; what is reckoned with other days is
    /// provisional. (The notice of a new year can still touch the last days of the old one.)
    pub fn knows(&self, day: NaiveDate) -> bool {
        self.years.contains(&day.year())
    }

    /// Every row, by day.
    pub fn rows(&self) -> impl Iterator<Item = (NaiveDate, DayKind)> {
        self.days.iter().map(|(day, kind)| (*day, *kind))
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const DAYS: &str = include_str!("../../../seeds/calendar/cn_days.csv");

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn real() -> Calendar {
        Calendar::parse_csv(DAYS).unwrap()
    }

    fn works(calendar: &Calendar, days: &[(&str, bool)]) {
        for (text, expected) in days {
            assert_eq!(calendar.is_working_day(day(text)), *expected, "{text}");
        }
    }

    #[test]
    fn national_day_takes_weekends_in_exchange() {
        works(
            &real(),
            &[
                // 2023: one holiday with Mid-autumn; Saturday and Sunday after it are worked.
                ("2023-09-28", true),
                ("2023-09-29", false),
                ("2023-10-06", false),
                ("2023-10-07", true),
                ("2023-10-08", true),
                ("2023-10-09", true),
                ("2023-10-14", false),
                // 2025: a worked Sunday before, a worked Saturday after.
                ("2025-09-28", true),
                ("2025-09-30", true),
                ("2025-10-01", false),
                ("2025-10-08", false),
                ("2025-10-09", true),
                ("2025-10-11", true),
                ("2025-10-12", false),
                // 2026
                ("2026-09-20", true),
                ("2026-10-07", false),
                ("2026-10-08", true),
                ("2026-10-10", true),
            ],
        );
    }

    #[test]
    fn spring_festival_takes_weekends_in_exchange() {
        works(
            &real(),
            &[
                ("2024-02-04", true),
                ("2024-02-09", true), // New Year's Eve was not a day off that year
                ("2024-02-10", false),
                ("2024-02-16", false),
                ("2024-02-18", true),
                ("2025-01-26", true),
                ("2025-01-28", false),
                ("2025-02-04", false),
                ("2025-02-08", true),
                ("2026-02-14", true),
                ("2026-02-16", false),
                ("2026-02-23", false),
                ("2026-02-24", true),
                ("2026-02-28", true),
            ],
        );
    }

    #[test]
    fn the_extraordinary_days_are_there() {
        works(
            &real(),
            &[
                ("2015-09-03", false), // seventy years after the war
                ("2015-09-06", true),
                ("2020-01-31", false), // Spring Festival lengthened by the epidemic
                ("2020-02-03", true),
            ],
        );
    }

    #[test]
    fn the_data_cover_their_years_without_a_gap() {
        let calendar = real();
        for year in 2004..=2026 {
            let national_day = NaiveDate::from_ymd_opt(year, 10, 1).unwrap();
            assert!(calendar.knows(national_day) && !calendar.is_working_day(national_day));
        }
        assert!(!calendar.knows(day("2003-12-31")));
        assert!(!calendar.knows(day("2027-01-01")));
        // An unannounced year has weekends only.
        works(&calendar, &[("2027-10-01", true), ("2027-10-02", false)]);
        assert_eq!(calendar.rows().count(), 771);
        assert_eq!(Calendar::from_rows(calendar.rows()), calendar);
    }

    #[test]
    fn a_faulty_file_is_refused() {
        let parse = Calendar::parse_csv;
        for text in [
            "day,kind\n2026-10-01,holiday\n",
            "date,kind,name\n2026-10-01,holiday,x\n",
            "day,kind,name\n2026-10-32,holiday,x\n",
            "day,kind,name\n2026-10-01,in_lieu_day,x\n",
            "day,kind,name\n2026-10-01,holiday\n",
        ] {
            assert!(matches!(parse(text), Err(CalendarError::Malformed(_))), "{text}");
        }
        assert_eq!(parse("day,kind,name\n2026-10-01,holiday,x\n2026-10-01,holiday,x\n"), Err(CalendarError::Repeated(day("2026-10-01"))));
        assert_eq!(parse("day,kind,name\n2026-10-09,make_up_workday,x\n"), Err(CalendarError::NoWeekend(day("2026-10-09"))));
        assert_eq!(parse("day,kind,name\n"), Err(CalendarError::Empty));
        assert!(parse("# why\nday,kind,name\n2026-10-10,make_up_workday,\"a, b\"\n").is_ok());
    }
}
