//! Periods that stand still, in plain dates and against a model that walks day by day.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use proptest::prelude::*;

use super::*;

static CALENDAR: LazyLock<Calendar> =
    LazyLock::new(|| Calendar::parse_csv(include_str!("../../../../seeds/calendar/cn_days.csv")).unwrap());

fn shanghai(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M %z").unwrap().to_utc()
}

fn stops(days: &[&str]) -> Stops {
    days.iter().map(|day| day.parse::<NaiveDate>().unwrap()).collect()
}

fn last_day(from: &str, span: &str, stopped: &[&str]) -> String {
    deadline_past(shanghai(from), span.parse().unwrap(), &CALENDAR, &stops(stopped)).last_day.unwrap().to_string()
}

#[test]
fn a_day_on_which_the_notice_was_away_is_made_up_for() {
    // Published on Tuesday the 3rd of March 2026: fifteen days end on Wednesday the 18th.
    assert_eq!(last_day("2026-03-03 09:30", "15d", &[]), "2026-03-18");
    assert_eq!(last_day("2026-03-03 09:30", "15d", &["2026-03-10"]), "2026-03-19");
    assert_eq!(last_day("2026-03-03 09:30", "15d", &["2026-03-18"]), "2026-03-19", "also the last");
    // Three days lead to Saturday the 21st, which leads to Monday.
    assert_eq!(last_day("2026-03-03 09:30", "15d", &["2026-03-10", "2026-03-11", "2026-03-12"]), "2026-03-23");
    assert_eq!(last_day("2026-03-03 09:30", "15d", &["2026-03-03", "2026-03-19"]), "2026-03-18", "before and after it costs nothing");
    assert_eq!(last_day("2026-03-03 09:30", "15d", &["2026-03-18", "2026-03-19"]), "2026-03-20", "what makes up may stand still too");
}

#[test]
fn what_is_announced_days_before_waits_for_as_many_days_that_count() {
    let first = |span: &str, stopped: &[&str]| {
        let day = first_day_past(shanghai("2026-03-03 09:30"), span.parse().unwrap(), &CALENDAR, &stops(stopped));
        day.map(|day| day.to_string())
    };
    // Announced on Tuesday the 3rd of March 2026: the 4th to the 10th are seven full days.
    assert_eq!(first("7d", &[]).as_deref(), Some("2026-03-11"));
    assert_eq!(first("7d", &["2026-03-05"]).as_deref(), Some("2026-03-12"));
    assert_eq!(first("7d", &["2026-03-05", "2026-03-11"]).as_deref(), Some("2026-03-13"), "what makes up may stand still too");
    assert_eq!(first("7d", &["2026-03-03", "2026-03-11"]).as_deref(), Some("2026-03-11"), "before and after it costs nothing");
    assert_eq!(first("5wd", &["2026-03-05", "2026-03-07"]).as_deref(), Some("2026-03-12"), "a Saturday costs no working day");
    assert_eq!([first("0d", &["2026-03-05"]), first("10min", &["2026-03-05"])], [None, None]);
}

proptest! {
    /// Where every day counts, it is the first day before which a notice could have been out in time.
    #[test]
    fn the_first_day_after_a_notice_is_the_first_it_is_in_time_for(hours in 0_i64..20_000, days in 1_u32..40, working in any::<bool>()) {
        let from = shanghai("2025-01-01 00:00") + chrono::TimeDelta::hours(hours);
        let span = if working { Span::WorkingDays(days) } else { Span::CalendarDays(days) };
        let day = first_day_past(from, span, &CALENDAR, &Stops::default()).unwrap();
        prop_assert!(from < days_before(start_of(day), span, &CALENDAR));
        prop_assert!(from >= days_before(start_of(day.pred_opt().unwrap()), span, &CALENDAR));
    }
}

#[test]
fn a_rest_day_that_stood_still_costs_no_working_day() {
    assert_eq!(last_day("2026-03-03 09:30", "5wd", &[]), "2026-03-10");
    assert_eq!(last_day("2026-03-03 09:30", "5wd", &["2026-03-07", "2026-03-08"]), "2026-03-10", "a weekend");
    assert_eq!(last_day("2026-03-03 09:30", "5wd", &["2026-03-05"]), "2026-03-11");
    // A worked Saturday, the 14th of February 2026, is a day to lose; then comes Spring Festival.
    assert_eq!(last_day("2026-02-11 09:30", "3wd", &[]), "2026-02-14");
    assert_eq!(last_day("2026-02-11 09:30", "3wd", &["2026-02-14"]), "2026-02-24");
}

#[test]
fn a_period_does_not_end_on_a_day_that_stood_still_after_a_holiday() {
    // Into National Day, to the first working day after it, on which the page was away.
    assert_eq!(last_day("2026-09-16 10:00", "15d", &[]), "2026-10-08");
    assert_eq!(last_day("2026-09-16 10:00", "15d", &["2026-10-08"]), "2026-10-09");
}

#[test]
fn over_the_end_of_a_year_and_a_leap_day() {
    assert_eq!(last_day("2025-12-22 10:00", "15d", &[]), "2026-01-06");
    assert_eq!(last_day("2025-12-22 10:00", "15d", &["2025-12-31", "2026-01-01"]), "2026-01-08");
    // The 29th of February 2024 was a Thursday.
    assert_eq!(last_day("2024-02-14 10:00", "15d", &[]), "2024-02-29");
    assert_eq!(last_day("2024-02-14 10:00", "15d", &["2024-02-29"]), "2024-03-01");
    assert_eq!(last_day("2024-01-31 10:00", "1mo", &["2024-02-29"]), "2024-03-01");
}

#[test]
fn what_runs_by_the_clock_runs_on() {
    let span = "36h".parse().unwrap();
    let from = shanghai("2026-03-03 09:30");
    assert_eq!(deadline_past(from, span, &CALENDAR, &stops(&["2026-03-03", "2026-03-04"])), deadline(from, span, &CALENDAR));
}

/// The last day, by walking from day to day and asking of each whether it counts.
fn walked(first: NaiveDate, span: Span, stopped: &Stops) -> NaiveDate {
    let next = |day: NaiveDate| day + Days::new(1);
    let counts = |day: NaiveDate| !stopped.hold(day);
    let mut day = first;
    let mut left = match span {
        Span::WorkingDays(count) => {
            let mut left = count;
            while left > 0 {
                day = next(day);
                left -= u32::from(counts(day) && CALENDAR.is_working_day(day));
            }
            return day;
        }
        Span::CalendarDays(count) => count,
        Span::Months(count) => days_of_months(first, count),
        _ => unreachable!("by the clock"),
    };
    while left > 0 {
        day = next(day);
        left -= u32::from(counts(day));
    }
    while !counts(day) || !CALENDAR.is_working_day(day) {
        day = next(day);
    }
    day
}

/// How many days lie between a day and the corresponding one so many months later, or the last of a month that has none.
fn days_of_months(first: NaiveDate, months: u32) -> u32 {
    let (mut day, mut days, mut passed) = (first, 0, 0);
    loop {
        let is_there = passed == months && (day.day() == first.day() || (day + Days::new(1)).month() != day.month());
        if is_there {
            return days;
        }
        day = day + Days::new(1);
        days += 1;
        passed += u32::from(day.day() == 1);
    }
}

fn spans() -> impl Strategy<Value = Span> {
    prop_oneof![(1..40_u32).prop_map(Span::WorkingDays), (1..70_u32).prop_map(Span::CalendarDays), (1..14_u32).prop_map(Span::Months)]
}

proptest! {
    #[test]
    fn an_end_is_where_walking_from_day_to_day_leads(
        second in 1_070_000_000_i64..1_800_000_000, span in spans(), away in prop::collection::btree_set(0..120_u64, 0..20),
    ) {
        let from = DateTime::from_timestamp(second, 0).unwrap();
        let first = shanghai_date(from);
        let stopped: Stops = away.iter().map(|day| first + Days::new(*day)).collect();
        let found = deadline_past(from, span, &CALENDAR, &stopped);
        prop_assert_eq!(found.last_day, Some(walked(first, span, &stopped)));
        prop_assert_eq!(found.ends_at, end_of(found.last_day.unwrap()));
    }

    #[test]
    fn one_more_day_away_never_brings_the_end_nearer(
        second in 1_070_000_000_i64..1_800_000_000, span in spans(), away in prop::collection::btree_set(0..120_u64, 0..20), one in 0..120_u64,
    ) {
        let from = DateTime::from_timestamp(second, 0).unwrap();
        let day = |after: u64| shanghai_date(from) + Days::new(after);
        let fewer: Stops = away.iter().map(|after| day(*after)).collect();
        let more: Stops = away.iter().copied().chain([one]).map(day).collect();
        let end = |stopped| deadline_past(from, span, &CALENDAR, stopped).ends_at;
        prop_assert!(end(&fewer) <= end(&more));
    }
}
