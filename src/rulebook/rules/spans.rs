//! Spans of time as rules state them.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, Months, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// No rule reaches further than this many years.
const LONGEST_YEARS: u32 = 100;

/// A length of time as a rule states it, written `300ms`, `60s`, `5min`, `24h`, `15d`, `10wd`,
/// `12mo` or `10y`. How long it lasts in fact can depend on the calendar; see
/// [`deadline`](super::deadline).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Span {
    /// Thousandths of a second, `300ms`.
    Milliseconds(u32),
    /// Seconds, `60s`.
    Seconds(u32),
    /// Minutes, `5min`.
    Minutes(u32),
    /// Hours, `24h`.
    Hours(u32),
    /// Calendar days (日), `15d`.
    CalendarDays(u32),
    /// Working days (工作日), `10wd`.
    WorkingDays(u32),
    /// Calendar months, `12mo`.
    Months(u32),
    /// Calendar years, `10y`.
    Years(u32),
}

/// Why a text is not a span.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SpanError {
    /// Not a whole number followed by a unit.
    #[error("\"{0}\" is not a span: write a whole number and one of ms, s, min, h, d, wd, mo, y")]
    Malformed(String),
    /// Longer than a hundred years.
    #[error("\"{0}\" is longer than {LONGEST_YEARS} years")]
    TooLong(String),
}

impl Span {
    /// Whether nothing has to be waited for.
    pub fn is_zero(self) -> bool {
        self.parts().0 == 0
    }

    /// The length as plain elapsed time, with days of 24 hours, for technical lives and timers;
    /// none for working days, months and years, which have no length of their own.
    pub fn elapsed(self) -> Option<TimeDelta> {
        let (count, unit) = match self {
            Self::CalendarDays(count) => (count, 86_400_000),
            _ => self.by_the_clock()?,
        };
        i64::from(count).checked_mul(unit).and_then(TimeDelta::try_milliseconds)
    }

    /// Whether it is counted in days, months or years, of which some may not count.
    pub fn is_by_the_day(self) -> bool {
        self.by_the_clock().is_none()
    }

    /// The day that lies this span after another, by the calendar: the thirty-first becomes the last
    /// day of a shorter month. None for working days and for spans that run by the clock.
    pub fn after_day(self, day: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::CalendarDays(count) => day.checked_add_days(Days::new(count.into())),
            Self::Months(count) => day.checked_add_months(Months::new(count)),
            Self::Years(count) => day.checked_add_months(Months::new(count.checked_mul(12)?)),
            _ => None,
        }
    }

    /// Whether this span is certain to last at least as long as `other`, whatever the day it
    /// starts and whatever the holidays. Two spans of different units can each be uncertain
    /// against the other: fifteen days may hold more or fewer than ten working days.
    pub fn never_shorter_than(self, other: Self) -> bool {
        if other.is_zero() {
            return true;
        }
        if let Some(needed) = other.clock_millis() {
            let certain = self.clock_millis().unwrap_or_else(|| self.fewest_days().saturating_mul(86_400_000));
            return certain >= needed;
        }
        match (self, other) {
            (Self::WorkingDays(mine), Self::WorkingDays(theirs)) => mine >= theirs,
            (Self::Months(_) | Self::Years(_), Self::Months(_) | Self::Years(_)) => self.months() >= other.months(),
            _ => other.most_days().is_some_and(|most| self.fewest_days() >= most),
        }
    }

    /// As it is said in Chinese and English.
    pub fn spoken(self) -> (String, String) {
        let (count, zh, en) = match self {
            Self::Milliseconds(count) => (count, "毫秒", "millisecond"),
            Self::Seconds(count) => (count, "秒", "second"),
            Self::Minutes(count) => (count, "分钟", "minute"),
            Self::Hours(count) => (count, "小时", "hour"),
            Self::CalendarDays(count) => (count, "日", "day"),
            Self::WorkingDays(count) => (count, "个工作日", "working day"),
            Self::Months(count) => (count, "个月", "month"),
            Self::Years(count) => (count, "年", "year"),
        };
        (format!("{count}{zh}"), format!("{count} {en}{}", if count == 1 { "" } else { "s" }))
    }

    /// The number and its unit as written.
    fn parts(self) -> (u32, &'static str) {
        match self {
            Self::Milliseconds(count) => (count, "ms"),
            Self::Seconds(count) => (count, "s"),
            Self::Minutes(count) => (count, "min"),
            Self::Hours(count) => (count, "h"),
            Self::CalendarDays(count) => (count, "d"),
            Self::WorkingDays(count) => (count, "wd"),
            Self::Months(count) => (count, "mo"),
            Self::Years(count) => (count, "y"),
        }
    }

    /// Count and milliseconds of the unit, for spans that run by the clock.
    fn by_the_clock(self) -> Option<(u32, i64)> {
        match self {
            Self::Milliseconds(count) => Some((count, 1)),
            Self::Seconds(count) => Some((count, 1_000)),
            Self::Minutes(count) => Some((count, 60_000)),
            Self::Hours(count) => Some((count, 3_600_000)),
            _ => None,
        }
    }

    fn clock_millis(self) -> Option<u64> {
        let (count, unit) = self.by_the_clock()?;
        Some(u64::from(count).saturating_mul(unit.unsigned_abs()))
    }

    fn months(self) -> u64 {
        match self {
            Self::Months(count) => u64::from(count),
            Self::Years(count) => u64::from(count) * 12,
            _ => 0,
        }
    }

    /// Whole days that certainly pass; none are promised by spans that run by the clock.
    fn fewest_days(self) -> u64 {
        match self {
            Self::CalendarDays(count) | Self::WorkingDays(count) => u64::from(count),
            Self::Months(count) => u64::from(count) * 28,
            Self::Years(count) => u64::from(count) * 365,
            _ => 0,
        }
    }

    /// Whole days after which the span is over at the latest, but for a rest day at its end.
    fn most_days(self) -> Option<u64> {
        match self {
            Self::CalendarDays(count) => Some(u64::from(count)),
            Self::Months(count) => Some(u64::from(count) * 31),
            Self::Years(count) => Some(u64::from(count) * 366),
            _ => None,
        }
    }

    fn is_within_reach(self) -> bool {
        let (count, most) = match self {
            Self::Milliseconds(_) => return true,
            Self::Seconds(count) => (count, LONGEST_YEARS * 365 * 86_400),
            Self::Minutes(count) => (count, LONGEST_YEARS * 365 * 1_440),
            Self::Hours(count) => (count, LONGEST_YEARS * 365 * 24),
            Self::CalendarDays(count) | Self::WorkingDays(count) => (count, LONGEST_YEARS * 365),
            Self::Months(count) => (count, LONGEST_YEARS * 12),
            Self::Years(count) => (count, LONGEST_YEARS),
        };
        count <= most
    }
}

impl FromStr for Span {
    type Err = SpanError;

    /// Reads the one way to write a span: no sign, no blanks, no leading zeros.
    fn from_str(text: &str) -> Result<Self, SpanError> {
        let malformed = || SpanError::Malformed(text.to_owned());
        let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(malformed());
        }
        let of_unit = match unit {
            "ms" => Self::Milliseconds,
            "s" => Self::Seconds,
            "min" => Self::Minutes,
            "h" => Self::Hours,
            "d" => Self::CalendarDays,
            "wd" => Self::WorkingDays,
            "mo" => Self::Months,
            "y" => Self::Years,
            _ => return Err(malformed()),
        };
        let span = digits.parse().map(of_unit).ok().filter(|span| span.is_within_reach());
        span.ok_or_else(|| SpanError::TooLong(text.to_owned()))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = self.parts();
        write!(f, "{count}{unit}")
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;

    fn try_from(text: String) -> Result<Self, SpanError> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(text: &str) -> Span {
        text.parse().unwrap()
    }

    #[test]
    fn every_unit_reads_and_shows() {
        for (text, expected) in [
            ("300ms", Span::Milliseconds(300)),
            ("60s", Span::Seconds(60)),
            ("5min", Span::Minutes(5)),
            ("24h", Span::Hours(24)),
            ("15d", Span::CalendarDays(15)),
            ("10wd", Span::WorkingDays(10)),
            ("12mo", Span::Months(12)),
            ("10y", Span::Years(10)),
            ("0wd", Span::WorkingDays(0)),
        ] {
            assert_eq!(span(text), expected);
            assert_eq!(expected.to_string(), text);
        }
    }

    #[test]
    fn a_span_is_spoken_in_both_languages() {
        assert_eq!(span("1h").spoken(), ("1小时".to_owned(), "1 hour".to_owned()));
        assert_eq!(span("3wd").spoken(), ("3个工作日".to_owned(), "3 working days".to_owned()));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "10", "wd", "-1d", "+1d", " 1d", "1 d", "1d ", "01d", "00d", "1.5h", "1m", "1D", "１d", "1w", "1dd", "十日"] {
            assert_eq!(text.parse::<Span>(), Err(SpanError::Malformed(text.to_owned())), "{text}");
        }
        for text in ["101y", "1201mo", "36501d", "36501wd", "876001h", "99999999999s"] {
            assert_eq!(text.parse::<Span>(), Err(SpanError::TooLong(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn elapsed_time_has_days_of_24_hours() {
        assert_eq!(span("300ms").elapsed(), TimeDelta::try_milliseconds(300));
        assert_eq!(span("15min").elapsed(), TimeDelta::try_minutes(15));
        assert_eq!(span("30d").elapsed(), TimeDelta::try_days(30));
        for text in ["10wd", "1mo", "5y"] {
            assert_eq!(span(text).elapsed(), None);
        }
    }

    #[test]
    fn spans_of_different_units_compare_only_where_it_is_certain() {
        for (longer, shorter) in [
            ("10wd", "5wd"),
            ("10wd", "10d"),
            ("10d", "24h"),
            ("1d", "24h"),
            ("600s", "5min"),
            ("1y", "12mo"),
            ("12mo", "1y"),
            ("1mo", "28d"),
            ("31d", "1mo"),
            ("1y", "365d"),
            ("1min", "0wd"),
            ("0wd", "0d"),
        ] {
            assert!(span(longer).never_shorter_than(span(shorter)), "{longer} {shorter}");
        }
        for (one, other) in [
            ("5wd", "10wd"),
            ("15d", "10wd"),
            ("9wd", "10d"),
            ("48h", "1d"),
            ("0wd", "1min"),
            ("1mo", "29d"),
            ("30d", "1mo"),
            ("11mo", "1y"),
            ("299s", "5min"),
            ("1y", "1wd"),
        ] {
            assert!(!span(one).never_shorter_than(span(other)), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(count in 0..=100_u32, unit in 0..8_usize) {
            let unit = ["ms", "s", "min", "h", "d", "wd", "mo", "y"][unit];
            let text = format!("{count}{unit}");
            prop_assert_eq!(span(&text).to_string(), text);
        }

        #[test]
        fn no_text_upsets_it(text in "\\PC{0,12}") {
            let _ = text.parse::<Span>();
        }
    }
}
