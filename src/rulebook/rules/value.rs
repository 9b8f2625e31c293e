//! Values of rule parameters.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Span, SpanError};

/// The value of a rule parameter, written as one text: a span `10wd`, a rate `1000bp`, a count `2`,
/// a flag `true` or an amount `1000000.00CNY`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Value {
    /// A span of time.
    Span(Span),
    /// A rate in ten-thousandths, `1000bp` being a tenth.
    BasisPoints(u32),
    /// A number of things.
    Count(u32),
    /// Yes or no.
    Flag(bool),
    /// An amount of money.
    Money {
        /// Minor units (fen).
        minor: i64,
        /// ISO 4217 code; every currency here has two decimal places.
        currency: String,
    },
}

/// Why a text is not a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// Neither flag, rate, count nor amount, and no span either.
    #[error(transparent)]
    NoSpan(#[from] SpanError),
    /// A rate, count or amount with a leading zero, the wrong number of decimals, or too large.
    #[error("\"{0}\" is not a plain number in range; amounts have two decimals, as in 1000000.00CNY")]
    BadNumber(String),
}

impl Value {
    /// What kind of value this is, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Span(_) => "span",
            Self::BasisPoints(_) => "rate",
            Self::Count(_) => "count",
            Self::Flag(_) => "flag",
            Self::Money { .. } => "amount",
        }
    }

    /// Whether this value is certain to be as large as `other`: as long, as much, as many; of
    /// flags, yes is more than no. Values of different kinds or currencies are not comparable.
    pub fn at_least(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Span(mine), Self::Span(theirs)) => mine.never_shorter_than(*theirs),
            (Self::BasisPoints(mine), Self::BasisPoints(theirs)) | (Self::Count(mine), Self::Count(theirs)) => mine >= theirs,
            (Self::Flag(mine), Self::Flag(theirs)) => mine >= theirs,
            (Self::Money { minor: mine, currency }, Self::Money { minor: theirs, currency: other }) => currency == other && mine >= theirs,
            _ => false,
        }
    }

    /// Whether this value is certain to lie between the bounds, both included.
    pub(super) fn lies_within(&self, min: Option<&Self>, max: Option<&Self>) -> bool {
        min.is_none_or(|min| self.at_least(min)) && max.is_none_or(|max| max.at_least(self))
    }

    pub(super) fn as_span(&self) -> Option<Span> {
        if let Self::Span(span) = self { Some(*span) } else { None }
    }

    pub(super) fn as_basis_points(&self) -> Option<u32> {
        if let Self::BasisPoints(rate) = self { Some(*rate) } else { None }
    }

    pub(super) fn as_count(&self) -> Option<u32> {
        if let Self::Count(count) = self { Some(*count) } else { None }
    }

    pub(super) fn as_flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }

    pub(super) fn as_money(&self) -> Option<(i64, &str)> {
        if let Self::Money { minor, currency } = self { Some((*minor, currency)) } else { None }
    }
}

/// Reads digits without sign or leading zeros.
fn plain<T: FromStr>(digits: &str) -> Option<T> {
    let canonical = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if canonical { digits.parse().ok() } else { None }
}

/// Reads an amount with two decimals and its currency, `1000000.00CNY`.
fn money(text: &str) -> Option<Value> {
    let (amount, currency) = text.split_at_checked(text.len().checked_sub(3)?)?;
    let (whole, decimals) = amount.split_once('.')?;
    if decimals.len() != 2 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = plain(whole)?;
    let minor = whole.checked_mul(100)?.checked_add(decimals.parse().ok()?)?;
    Some(Value::Money { minor, currency: currency.to_owned() })
}

impl FromStr for Value {
    type Err = ValueError;

    /// Reads the one way to write a value.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        let number = |value: Option<Self>| value.ok_or_else(|| ValueError::BadNumber(text.to_owned()));
        if let Ok(flag) = text.parse() {
            return Ok(Self::Flag(flag));
        }
        if let Some(rate) = text.strip_suffix("bp") {
            return number(plain(rate).map(Self::BasisPoints));
        }
        if text.bytes().last().is_some_and(|b| b.is_ascii_digit()) {
            return number(plain(text).map(Self::Count));
        }
        if text.len() > 3 && text.bytes().rev().take(3).all(|b| b.is_ascii_uppercase()) {
            return number(money(text));
        }
        Ok(Self::Span(text.parse()?))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Span(span) => span.fmt(f),
            Self::BasisPoints(rate) => write!(f, "{rate}bp"),
            Self::Count(count) => count.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Money { minor, currency } => {
                write!(f, "{}.{:02}{currency}", minor.div_euclid(100), minor.rem_euclid(100))
            }
        }
    }
}

impl TryFrom<String> for Value {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        text.parse()
    }
}

impl From<Value> for String {
    fn from(value: Value) -> Self {
        value.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str) -> Value {
        text.parse().unwrap()
    }

    fn yuan(minor: i64) -> Value {
        Value::Money { minor, currency: "CNY".into() }
    }

    #[test]
    fn every_kind_reads_and_shows() {
        for (text, kind, expected) in [
            ("10wd", "span", Value::Span(Span::WorkingDays(10))),
            ("300ms", "span", Value::Span(Span::Milliseconds(300))),
            ("1000bp", "rate", Value::BasisPoints(1000)),
            ("0bp", "rate", Value::BasisPoints(0)),
            ("2", "count", Value::Count(2)),
            ("true", "flag", Value::Flag(true)),
            ("false", "flag", Value::Flag(false)),
            ("1000000.00CNY", "amount", yuan(100_000_000)),
            ("0.05CNY", "amount", yuan(5)),
            ("92233720368547758.07CNY", "amount", yuan(i64::MAX)),
        ] {
            assert_eq!(value(text), expected);
            assert_eq!(expected.to_string(), text);
            assert_eq!(expected.kind(), kind);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "01",
            "-1",
            "+1",
            "1.5",
            "4294967296",
            "010bp",
            "bp",
            "-5bp",
            "1.5bp",
            "1000000CNY",
            "1000000.0CNY",
            "1000000.000CNY",
            "01.00CNY",
            ".00CNY",
            "-1.00CNY",
            "1.+1CNY",
            "1,000.00CNY",
            "92233720368547758.08CNY",
            "值CNY",
        ] {
            let refused = ValueError::BadNumber(text.to_owned());
            assert_eq!(text.parse::<Value>(), Err(refused), "{text}");
        }
        for text in ["", "True", "yes", "10 wd", "1.00cny", "CNY", "10%"] {
            assert!(matches!(text.parse::<Value>(), Err(ValueError::NoSpan(_))), "{text}");
        }
    }

    #[test]
    fn only_like_is_compared_with_like() {
        for (larger, smaller) in
            [("10wd", "5wd"), ("10d", "24h"), ("500bp", "500bp"), ("3", "2"), ("true", "false"), ("2.00CNY", "1.99CNY")]
        {
            assert!(value(larger).at_least(&value(smaller)));
            assert!(larger == "500bp" || !value(smaller).at_least(&value(larger)));
        }
        for (one, other) in [("3", "2bp"), ("3bp", "2"), ("2.00CNY", "1.00USD"), ("1d", "1")] {
            assert!(!value(one).at_least(&value(other)));
        }
        let (low, high) = (value("60s"), value("10min"));
        assert!(value("5min").lies_within(Some(&low), Some(&high)));
        assert!(value("1h").lies_within(Some(&low), None));
        assert!(!value("59s").lies_within(Some(&low), Some(&high)));
        assert!(!value("601s").lies_within(None, Some(&high)));
    }

    proptest! {
        #[test]
        fn amounts_read_back(minor in 0..=i64::MAX) {
            prop_assert_eq!(value(&yuan(minor).to_string()), yuan(minor));
        }

        #[test]
        fn no_text_upsets_it(text in "\\PC{0,12}") {
            if let Ok(value) = text.parse::<Value>() {
                prop_assert_eq!(value.to_string(), text);
            }
        }
    }
}
