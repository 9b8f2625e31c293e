//! Legal periods: from an event and a span to the instant at which the period is over.
//!
//! Days are those of Asia/Shanghai. China has kept UTC+8 in every season since the summer times of
//! 1986 to 1991 ended, so a fixed offset is all the time zone there is.

use chrono::{DateTime, Days, FixedOffset, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{Calendar, Span, Stops};

/// Time in Shanghai.
const SHANGHAI: FixedOffset = match FixedOffset::east_opt(8 * 3_600) {
    Some(offset) => offset,
    None => panic!("eight hours are a valid offset"),
};

/// When a period is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The instant at which the period is over: what happens before it is in time. For periods by
    /// the day this is 24:00 in Shanghai at the end of the last day.
    pub ends_at: DateTime<Utc>,
    /// The last day of a period by the day, in Shanghai; none for periods that run by the clock
    /// and for spans of zero.
    pub last_day: Option<NaiveDate>,
    /// Whether a day was reckoned with whose year has not been announced yet; the deadline is then
    /// to be reckoned again when it has.
    pub provisional: bool,
}

/// When a period of `span` that begins with an event at `from` is over.
///
/// The day of the event does not count, hours run from the moment (Civil Code art. 201). Months and
/// years end on the corresponding day, or on the last day of a month that has none (art. 202). A
/// period of days, months or years whose last day is a rest day ends with the next working day, at
/// 24:00 (art. 203); working days are counted one by one and end on a working day anyway. A span of
/// zero is over at once. What would lie beyond the end of the calendar ends there.
pub fn deadline(from: DateTime<Utc>, span: Span, calendar: &Calendar) -> Deadline {
    deadline_past(from, span, calendar, &Stops::default())
}

/// The same for a period that stood still on some days: none of them is one of its days, and it ends on none of them. What runs by the
/// clock runs on.
pub fn deadline_past(from: DateTime<Utc>, span: Span, calendar: &Calendar, stops: &Stops) -> Deadline {
    let at_once = Deadline { ends_at: from, last_day: None, provisional: false };
    if span.is_zero() {
        return at_once;
    }
    let first = shanghai_date(from);
    let corresponding = |months| first.checked_add_months(Months::new(months));
    let last = match span {
        Span::WorkingDays(count) => return count_off(first, count, calendar, stops),
        Span::CalendarDays(count) => first.checked_add_days(Days::new(count.into())),
        Span::Months(count) => corresponding(count),
        Span::Years(count) => count.checked_mul(12).and_then(corresponding),
        Span::Milliseconds(_) | Span::Seconds(_) | Span::Minutes(_) | Span::Hours(_) => {
            let end = span.elapsed().and_then(|length| from.checked_add_signed(length));
            return Deadline { ends_at: end.unwrap_or(DateTime::<Utc>::MAX_UTC), ..at_once };
        }
    };
    roll(put_off(first, last.unwrap_or(NaiveDate::MAX), stops), calendar, stops)
}

/// When a period is over whose end was chosen, past the days after `from` on which it stood still: as many days later, on a working day,
/// at the time of day that was chosen.
pub fn chosen_past(from: DateTime<Utc>, end: DateTime<Utc>, calendar: &Calendar, stops: &Stops) -> Deadline {
    // 24:00 belongs to the day that it ends.
    let day = shanghai_date(end.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(end));
    let chosen = Deadline { ends_at: end, last_day: (end == end_of(day)).then_some(day), provisional: false };
    let moved = put_off(shanghai_date(from), day, stops);
    if moved == day {
        return chosen;
    }
    let rolled = roll(moved, calendar, stops);
    let ends_at = end.checked_add_signed(rolled.last_day.unwrap_or(moved) - day).unwrap_or(rolled.ends_at);
    Deadline { ends_at, last_day: rolled.last_day.filter(|_| chosen.last_day.is_some()), ..rolled }
}

/// The instant before which a notice must be out, so that `span` lies in full between it and an
/// event at `event`.
///
/// For days, working days, months and years it is 00:00 in Shanghai of the first of those full days:
/// the notice comes out on an earlier day, and neither its day nor that of the event counts. That is
/// the safe reading of "seven days before the day of the auction" (Auction Law art. 45) and of the
/// notices of court sales (SPC rules on online judicial auctions art. 12). Spans by the clock are
/// counted back from the event; a span of zero asks only that the notice precede it.
pub fn days_before(event: DateTime<Utc>, span: Span, calendar: &Calendar) -> DateTime<Utc> {
    if span.is_zero() {
        return event;
    }
    let day = shanghai_date(event);
    let corresponding = |months| day.checked_sub_months(Months::new(months));
    let first_full_day = match span {
        Span::WorkingDays(count) => count_back(day, count, calendar),
        Span::CalendarDays(count) => day.checked_sub_days(Days::new(count.into())),
        Span::Months(count) => corresponding(count),
        Span::Years(count) => count.checked_mul(12).and_then(corresponding),
        Span::Milliseconds(_) | Span::Seconds(_) | Span::Minutes(_) | Span::Hours(_) => {
            let start = span.elapsed().and_then(|length| event.checked_sub_signed(length));
            return start.unwrap_or(DateTime::<Utc>::MIN_UTC);
        }
    };
    first_full_day.map_or(DateTime::<Utc>::MIN_UTC, start_of)
}

/// The first day on which what was announced at `from` may take place, so that `span` lies in full between the day of the announcement
/// and it, past the days that do not count; nothing of a span of zero, and of what runs by the clock. See [`days_before`].
pub fn first_day_past(from: DateTime<Utc>, span: Span, calendar: &Calendar, stops: &Stops) -> Option<NaiveDate> {
    if span.is_zero() || !span.is_by_the_day() {
        return None;
    }
    let first = shanghai_date(from);
    let last = if let Span::WorkingDays(count) = span {
        count_off(first, count, calendar, stops).last_day?
    } else {
        let day = first.iter_days().find(|day| from < days_before(start_of(*day), span, calendar))?;
        put_off(first, day.pred_opt()?, stops)
    };
    last.succ_opt()
}

/// The `count`-th working day after `day` that counts.
fn count_off(day: NaiveDate, count: u32, calendar: &Calendar, stops: &Stops) -> Deadline {
    let mut last = day;
    let mut left = count;
    let mut provisional = false;
    while left > 0 {
        let Some(next) = last.succ_opt() else { break };
        last = next;
        provisional |= !calendar.knows(last);
        left -= u32::from(calendar.is_working_day(last) && !stops.hold(last));
    }
    Deadline { ends_at: end_of(last), last_day: Some(last), provisional }
}

/// The `count`-th working day before `day`.
fn count_back(day: NaiveDate, count: u32, calendar: &Calendar) -> Option<NaiveDate> {
    let mut first = day;
    let mut left = count;
    while left > 0 {
        first = first.pred_opt()?;
        left -= u32::from(calendar.is_working_day(first));
    }
    Some(first)
}

/// The last day of a period after `first` that would end on `last`, put off by every day of it that does not count.
fn put_off(first: NaiveDate, last: NaiveDate, stops: &Stops) -> NaiveDate {
    let mut last = last;
    let mut left = stops.between(first, last);
    while left > 0 {
        let Some(next) = last.succ_opt() else { break };
        last = next;
        left -= usize::from(!stops.hold(last));
    }
    last
}

/// A period that would end on `day`, moved past the rest days it falls on, and days that do not count.
fn roll(day: NaiveDate, calendar: &Calendar, stops: &Stops) -> Deadline {
    let mut last = day;
    let mut provisional = !calendar.knows(last);
    while !calendar.is_working_day(last) || stops.hold(last) {
        let Some(next) = last.succ_opt() else { break };
        last = next;
        provisional |= !calendar.knows(last);
    }
    Deadline { ends_at: end_of(last), last_day: Some(last), provisional }
}

/// The date in Shanghai at an instant: the day on which rules in force are looked up.
pub fn shanghai_date(at: DateTime<Utc>) -> NaiveDate {
    at.naive_utc().checked_add_offset(SHANGHAI).map_or(NaiveDate::MAX, |local| local.date())
}

/// The time in Shanghai at an instant, to the minute, as people write it.
pub fn shanghai_minute(at: DateTime<Utc>) -> String {
    shanghai_time(at, "%Y-%m-%d %H:%M")
}

/// The time in Shanghai at an instant, in a form of `strftime`.
pub fn shanghai_time(at: DateTime<Utc>, form: &str) -> String {
    at.naive_utc().checked_add_offset(SHANGHAI).map_or_else(String::new, |local| local.format(form).to_string())
}

/// 00:00 of `day` in Shanghai.
pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN).checked_sub_offset(SHANGHAI);
    midnight.map_or(DateTime::<Utc>::MIN_UTC, |utc| utc.and_utc())
}

/// 24:00 of `day` in Shanghai.
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    day.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, start_of)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod stopped;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::LazyLock;

    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    static CALENDAR: LazyLock<Calendar> =
        LazyLock::new(|| Calendar::parse_csv(include_str!("../../../seeds/calendar/cn_days.csv")).unwrap());

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// An instant given in Shanghai time, `2026-11-23 21:07:00`.
    fn shanghai(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M:%S %z").unwrap().to_utc()
    }

    fn after(from: &str, span: &str) -> Deadline {
        deadline(shanghai(from), span.parse().unwrap(), &CALENDAR)
    }

    fn before(event: &str, span: &str) -> DateTime<Utc> {
        days_before(shanghai(event), span.parse().unwrap(), &CALENDAR)
    }

    fn working_days(after: NaiveDate, until: NaiveDate) -> usize {
        after.iter_days().skip(1).take_while(|day| *day <= until).filter(|day| CALENDAR.is_working_day(*day)).count()
    }

    #[test]
    fn the_day_of_the_event_does_not_count() {
        // Fifteen days of notice: published on a Tuesday, the last day is a Wednesday.
        let notice = after("2026-03-03 09:30:00", "15d");
        assert_eq!(notice.last_day, Some(day("2026-03-18")));
        assert_eq!(notice.ends_at, shanghai("2026-03-19 00:00:00"));
        assert_eq!(notice.ends_at.to_rfc3339(), "2026-03-18T16:00:00+00:00");
        assert!(!notice.provisional);
        // The hour of publication makes no difference, the day in Shanghai does.
        assert_eq!(after("2026-03-03 00:00:00", "15d"), notice);
        assert_eq!(after("2026-03-03 23:59:59", "15d"), notice);
        assert_eq!(after("2026-03-04 00:00:00", "15d").last_day, Some(day("2026-03-19")));
    }

    #[test]
    fn the_date_turns_at_midnight_in_shanghai() {
        let at = |text: &str| shanghai_date(text.parse().unwrap());
        assert_eq!(at("2026-11-23T15:59:59Z"), day("2026-11-23"));
        assert_eq!(at("2026-11-23T16:00:00Z"), day("2026-11-24"));
        assert_eq!(shanghai_minute("2026-11-23T16:00:59Z".parse().unwrap()), "2026-11-24 00:00");
    }

    #[test]
    fn a_rest_day_at_the_end_moves_the_end() {
        for (from, span, last) in [
            ("2026-03-06 10:00:00", "15d", "2026-03-23"), // Saturday, to Monday
            ("2026-09-16 10:00:00", "15d", "2026-10-08"), // into National Day
            ("2026-02-01 10:00:00", "15d", "2026-02-24"), // into Spring Festival
            ("2026-01-30 10:00:00", "15d", "2026-02-14"), // a worked Saturday stays
            ("2026-09-10 10:00:00", "10d", "2026-09-20"), // a worked Sunday stays
            ("2025-08-31 10:00:00", "1mo", "2025-09-30"),
            ("2025-09-01 10:00:00", "1mo", "2025-10-09"), // 1 October
            ("2021-10-01 10:00:00", "5y", "2026-10-08"),  // 1 October
        ] {
            assert_eq!(after(from, span).last_day, Some(day(last)), "{from} {span}");
        }
    }

    #[test]
    fn working_days_skip_holidays_and_count_make_up_days() {
        for (from, span, last) in [
            ("2026-03-03 10:00:00", "10wd", "2026-03-17"),
            // 24 September to 8 October 2026: two holidays, then a worked Saturday.
            ("2026-09-24 10:00:00", "5wd", "2026-10-09"),
            ("2026-09-24 10:00:00", "6wd", "2026-10-10"),
            ("2026-09-24 10:00:00", "7wd", "2026-10-12"),
            // National Day 2025 with a worked Sunday before and a worked Saturday after.
            ("2025-09-26 10:00:00", "1wd", "2025-09-28"),
            ("2025-09-26 10:00:00", "10wd", "2025-10-16"),
            // Spring Festival 2025.
            ("2025-01-24 10:00:00", "3wd", "2025-02-05"),
            ("2025-01-24 10:00:00", "10wd", "2025-02-13"),
            // Published on a day off.
            ("2026-10-01 10:00:00", "1wd", "2026-10-08"),
        ] {
            let found = after(from, span);
            assert_eq!(found.last_day, Some(day(last)), "{from} {span}");
            assert_eq!(found.ends_at, end_of(day(last)));
            assert!(!found.provisional);
        }
    }

    #[test]
    fn months_end_on_the_corresponding_day_or_the_last() {
        for (from, span, last) in [
            ("2025-01-31 10:00:00", "1mo", "2025-02-28"),
            ("2024-01-31 10:00:00", "1mo", "2024-02-29"),
            ("2024-02-29 10:00:00", "1y", "2025-02-28"),
            ("2024-02-29 10:00:00", "12mo", "2025-02-28"),
            ("2025-03-31 10:00:00", "3mo", "2025-06-30"),
            ("2025-01-15 10:00:00", "2mo", "2025-03-17"), // Saturday, to Monday
        ] {
            assert_eq!(after(from, span).last_day, Some(day(last)), "{from} {span}");
        }
    }

    #[test]
    fn hours_run_from_the_moment_through_days_off() {
        let free_period = after("2026-10-01 10:00:00", "24h");
        assert_eq!(free_period.ends_at, shanghai("2026-10-02 10:00:00"));
        assert_eq!((free_period.last_day, free_period.provisional), (None, false));
        let cycle = after("2026-10-01 10:00:00", "300s");
        assert_eq!(cycle, after("2026-10-01 10:00:00", "5min"));
        let grace = after("2026-10-01 10:00:00", "300ms").ends_at - shanghai("2026-10-01 10:00:00");
        assert_eq!(grace, TimeDelta::milliseconds(300));
    }

    #[test]
    fn a_span_of_zero_is_over_at_once() {
        for span in ["0ms", "0h", "0d", "0wd", "0mo", "0y"] {
            let now = "2027-10-01 10:00:00";
            let over = Deadline { ends_at: shanghai(now), last_day: None, provisional: false };
            assert_eq!(after(now, span), over);
            assert_eq!(before(now, span), shanghai(now));
        }
    }

    #[test]
    fn what_reaches_into_unannounced_years_is_provisional() {
        assert!(!after("2026-12-16 10:00:00", "15d").provisional);
        let into_next_year = after("2026-12-17 10:00:00", "15d");
        assert_eq!(into_next_year.last_day, Some(day("2027-01-01")));
        assert!(into_next_year.provisional);
        assert!(!after("2026-12-21 10:00:00", "8wd").provisional);
        assert!(after("2026-12-21 10:00:00", "9wd").provisional);
        assert!(after("2003-12-25 10:00:00", "10wd").provisional);
        assert!(after("2026-01-05 10:00:00", "10y").provisional);
    }

    #[test]
    fn notice_days_lie_in_full_between_notice_and_event() {
        // Auction on the 20th, seven days: the 13th to the 19th are full, the 12th is the last day.
        assert_eq!(before("2026-11-20 09:00:00", "7d"), shanghai("2026-11-13 00:00:00"));
        // Three working days before Friday 9 October 2026: 8 October, 30 and 29 September.
        assert_eq!(before("2026-10-09 09:00:00", "3wd"), shanghai("2026-09-29 00:00:00"));
        assert_eq!(before("2026-03-31 09:00:00", "1mo"), shanghai("2026-02-28 00:00:00"));
        assert_eq!(before("2026-03-31 09:00:00", "36h"), shanghai("2026-03-29 21:00:00"));
    }

    #[test]
    fn the_ends_of_time_hold() {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        for span in ["4294967295ms", "876000h", "36500d", "3wd", "1200mo", "100y"] {
            let span = span.parse().unwrap();
            assert_eq!(deadline(last, span, &CALENDAR).ends_at, last);
            assert!(days_before(last, span, &CALENDAR) < last);
            assert_eq!(days_before(first, span, &CALENDAR), first);
            assert!(deadline(first, span, &CALENDAR).ends_at > first);
        }
        assert_eq!(deadline(last, Span::Years(u32::MAX), &CALENDAR).ends_at, last);
    }

    fn instants() -> impl Strategy<Value = DateTime<Utc>> {
        // 2001 to 2033: before, within and after the announced years.
        (1_000_000_000_i64..2_000_000_000).prop_map(|second| DateTime::from_timestamp(second, 0).unwrap())
    }

    fn spans() -> impl Strategy<Value = Span> {
        prop_oneof![
            (0..90_000_000_u32).prop_map(Span::Milliseconds),
            (0..2_000_000_u32).prop_map(Span::Seconds),
            (0..50_000_u32).prop_map(Span::Minutes),
            (0..800_u32).prop_map(Span::Hours),
            (0..70_u32).prop_map(Span::CalendarDays),
            (0..40_u32).prop_map(Span::WorkingDays),
            (0..30_u32).prop_map(Span::Months),
            (0..12_u32).prop_map(Span::Years),
        ]
    }

    proptest! {
        #[test]
        fn a_later_event_never_has_an_earlier_deadline(
            one in instants(), other in instants(), near in 0..200_000_i64, span in spans(),
        ) {
            for later in [one.max(other), one.min(other) + TimeDelta::seconds(near)] {
                let earlier = one.min(other);
                let ends = |from| deadline(from, span, &CALENDAR).ends_at;
                prop_assert!(ends(earlier) <= ends(later));
                let starts = |event| days_before(event, span, &CALENDAR);
                prop_assert!(starts(earlier) <= starts(later));
            }
        }

        #[test]
        fn a_longer_span_never_ends_earlier(at in instants(), one in spans(), other in spans()) {
            let end = deadline(at, one, &CALENDAR).ends_at;
            prop_assert!(end >= at && days_before(at, one, &CALENDAR) <= at);
            if one.never_shorter_than(other) {
                prop_assert!(end >= deadline(at, other, &CALENDAR).ends_at);
                prop_assert!(
                    days_before(at, one, &CALENDAR) <= days_before(at, other, &CALENDAR)
                );
            }
        }

        #[test]
        fn one_more_is_never_earlier(at in instants(), count in 0..60_u32) {
            for unit in [Span::CalendarDays, Span::WorkingDays, Span::Months, Span::Years] {
                let (shorter, longer) = (unit(count), unit(count + 1));
                prop_assert!(longer.never_shorter_than(shorter));
                let ends = |span| deadline(at, span, &CALENDAR).ends_at;
                prop_assert!(ends(shorter) <= ends(longer));
            }
        }

        #[test]
        fn as_many_working_days_pass_as_were_asked(at in instants(), count in 1..60_u32) {
            let found = deadline(at, Span::WorkingDays(count), &CALENDAR);
            let last = found.last_day.unwrap();
            prop_assert!(CALENDAR.is_working_day(last));
            prop_assert_eq!(working_days(shanghai_date(at), last), usize::try_from(count).unwrap());
            prop_assert_eq!(found.ends_at, end_of(last));
        }

        #[test]
        fn periods_by_the_day_end_on_a_working_day(at in instants(), count in 1..60_u32) {
            for span in [Span::CalendarDays(count), Span::Months(count), Span::Years(count)] {
                let last = deadline(at, span, &CALENDAR).last_day.unwrap();
                prop_assert!(CALENDAR.is_working_day(last));
            }
            let least = shanghai_date(at) + Days::new(count.into());
            let last = deadline(at, Span::CalendarDays(count), &CALENDAR).last_day.unwrap();
            prop_assert!(last >= least);
            prop_assert_eq!(working_days(least, last), usize::from(last > least));
        }

        #[test]
        fn a_notice_in_time_leaves_the_full_days(event in instants(), count in 1..60_u32) {
            let bound = days_before(event, Span::CalendarDays(count), &CALENDAR);
            let full_days = |notice: DateTime<Utc>| {
                (shanghai_date(event) - shanghai_date(notice)).num_days() - 1
            };
            prop_assert_eq!(full_days(bound - TimeDelta::seconds(1)), i64::from(count));
            prop_assert_eq!(full_days(bound), i64::from(count) - 1);
            let bound = days_before(event, Span::WorkingDays(count), &CALENDAR);
            let eve = shanghai_date(bound - TimeDelta::seconds(1));
            let last = shanghai_date(event).pred_opt().unwrap();
            prop_assert_eq!(working_days(eve, last), usize::try_from(count).unwrap());
        }
    }
}
