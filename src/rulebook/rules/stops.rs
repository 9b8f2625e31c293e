//! Days on which a period that the public watches stands still (停止计时): its page was taken down, or the market was out of
//! reach for too long. Source: platform rule (`outage_stops_clock`).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{end_of, shanghai_date, start_of};

/// A time in which something could not be read, its end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
}

impl Gap {
    /// The days in Shanghai it touches.
    fn days(self) -> impl Iterator<Item = NaiveDate> {
        let first = shanghai_date(self.from);
        first.iter_days().take_while(move |day| self.from < self.to && start_of(*day) < self.to)
    }

    /// How much of it falls on a day.
    fn on(self, day: NaiveDate) -> TimeDelta {
        (self.to.min(end_of(day)) - self.from.max(start_of(day))).max(TimeDelta::zero())
    }
}

/// The days that do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops(BTreeSet<NaiveDate>);

impl Stops {
    /// Every day on which a page was taken down, for however short a time, and every day of which outages took more than `most`.
    /// Outages do not overlap.
    pub fn of(taken_down: &[Gap], outages: &[Gap], most: TimeDelta) -> Self {
        let too_long = |day: &NaiveDate| outages.iter().map(|outage| outage.on(*day)).sum::<TimeDelta>() > most;
        let out_of_reach = outages.iter().flat_map(|outage| outage.days()).filter(too_long);
        Self(taken_down.iter().flat_map(|gap| gap.days()).chain(out_of_reach).collect())
    }

    /// Whether a day does not count.
    pub fn hold(&self, day: NaiveDate) -> bool {
        self.0.contains(&day)
    }

    /// How many days after one and up to another do not count.
    pub(super) fn between(&self, first: NaiveDate, last: NaiveDate) -> usize {
        if first < last { self.0.range(first..=last).filter(|day| **day > first).count() } else { 0 }
    }

    /// The days after an event and up to an end that did not count, in order.
    pub fn after(&self, event: DateTime<Utc>, end: DateTime<Utc>) -> Vec<NaiveDate> {
        let first = shanghai_date(event);
        self.0.iter().copied().filter(|day| *day > first && start_of(*day) < end).collect()
    }
}

impl FromIterator<NaiveDate> for Stops {
    fn from_iter<I: IntoIterator<Item = NaiveDate>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M %z").unwrap().to_utc()
    }

    fn gap(from: &str, to: &str) -> Gap {
        Gap { from: at(from), to: at(to) }
    }

    fn days(stops: &Stops) -> Vec<String> {
        stops.0.iter().map(ToString::to_string).collect()
    }

    const MOST: TimeDelta = TimeDelta::hours(4);

    #[test]
    fn each_day_on_which_the_page_was_away_stops() {
        let stops = |gaps: &[Gap]| days(&Stops::of(gaps, &[], MOST));
        assert_eq!(stops(&[gap("2026-03-05 09:00", "2026-03-05 09:01")]), ["2026-03-05"]);
        assert_eq!(stops(&[gap("2026-03-05 23:59", "2026-03-07 00:01")]), ["2026-03-05", "2026-03-06", "2026-03-07"]);
        assert_eq!(stops(&[gap("2026-03-05 22:00", "2026-03-06 00:00")]), ["2026-03-05"], "24:00 belongs to the day it ends");
        assert!(stops(&[gap("2026-03-05 22:00", "2026-03-05 22:00")]).is_empty());
        assert!(stops(&[]).is_empty());
    }

    #[test]
    fn a_day_stops_when_outages_took_more_than_four_hours_of_it() {
        let stops = |gaps: &[Gap]| days(&Stops::of(&[], gaps, MOST));
        assert!(stops(&[gap("2026-03-05 09:00", "2026-03-05 13:00")]).is_empty(), "four hours are not more than four hours");
        assert_eq!(stops(&[gap("2026-03-05 09:00", "2026-03-05 13:01")]), ["2026-03-05"]);
        assert_eq!(stops(&[gap("2026-03-05 01:00", "2026-03-05 03:30"), gap("2026-03-05 20:00", "2026-03-05 22:00")]), ["2026-03-05"]);
        // Six hours over midnight, three on each day.
        assert!(stops(&[gap("2026-03-05 21:00", "2026-03-06 03:00")]).is_empty());
        assert_eq!(stops(&[gap("2026-03-05 19:00", "2026-03-06 03:00")]), ["2026-03-05"]);
    }

    #[test]
    fn what_stopped_is_told_from_the_day_after_the_event_to_the_end() {
        let stops: Stops = ["2026-03-04", "2026-03-05", "2026-03-09", "2026-03-20"].iter().map(|day| day.parse().unwrap()).collect();
        let told = stops.after(at("2026-03-04 10:00"), at("2026-03-20 00:00"));
        assert_eq!(told.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-03-05", "2026-03-09"]);
    }
}
