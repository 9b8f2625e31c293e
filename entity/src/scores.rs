//! Scores of bidders, where the price is one indicator among others (权重报价). Integers throughout; decimal text only at the edge.

use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sea_orm::FromJsonQueryResult;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::Timestamp;
use crate::ids::{AdmissionId, LotId, PersonId};

/// Points from 0 to 100, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, pattern = r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$", example = "85.50")]
pub struct Points(u16);

impl Points {
    /// The most there is, in hundredths.
    pub const MOST: u16 = 10_000;

    /// So many hundredths of a point; nothing beyond a hundred points.
    pub fn hundredths(hundredths: u16) -> Option<Self> {
        (hundredths <= Self::MOST).then_some(Self(hundredths))
    }

    /// How many hundredths of a point.
    pub fn in_hundredths(self) -> u16 {
        self.0
    }

    /// The points as a plain decimal text, `85.50`.
    pub fn decimal(self) -> String {
        Decimal::new(self.0.into(), 2).to_string()
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.decimal())
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hundredths = scaled(&text, 2).and_then(|scaled| u16::try_from(scaled).ok());
        let points = hundredths.and_then(Self::hundredths);
        points.ok_or_else(|| Error::custom("points are a decimal number from 0 to 100 with at most two places"))
    }
}

/// A reckoned score from 0 to 100, in ten-thousandths of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Total(pub i64);

impl Total {
    /// It as a plain decimal text, `86.0000`.
    pub fn decimal(self) -> String {
        Decimal::new(self.0, 4).to_string()
    }
}

impl Serialize for Total {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.decimal())
    }
}

impl<'de> Deserialize<'de> for Total {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        scaled(&text, 4).map(Self).ok_or_else(|| Error::custom("a total is a decimal number with at most four places"))
    }
}

/// Reads a plain decimal text with at most so many places, in units of the last; no sign, exponent or separators.
fn scaled(text: &str, places: u32) -> Option<i64> {
    let plain = !text.is_empty()
        && text.len() <= 12
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !text.starts_with('.')
        && !text.ends_with('.');
    if !plain {
        return None;
    }
    let value = Decimal::from_str(text).ok().filter(|value| value.normalize().scale() <= places)?;
    (value * Decimal::from(10_i64.pow(places))).to_i64()
}

/// An indicator beside the price (评审指标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, example = "实施方案")]
    pub name: String,
    /// How much it weighs, ten-thousandths.
    #[schema(minimum = 1, maximum = 9_999, example = 2_000)]
    pub weight_bp: u32,
    /// How it is scored.
    pub scored: Scoring,
}

/// How an indicator is scored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Scoring {
    /// By an announced table.
    Table {
        /// Its levels.
        #[schema(min_items = 2, max_items = 20)]
        levels: Vec<ScoreLevel>,
    },
    /// By experts, of whose points the mean counts; of five or more, one highest and one lowest are dropped first.
    Experts {
        /// How many: 3, 5 or 7.
        #[schema(minimum = 3, maximum = 7, example = 5)]
        count: u32,
    },
}

/// A level of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreLevel {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, example = "优")]
    pub name: String,
    /// What it is worth, 0 to 100.
    pub points: Points,
}

/// What a bidder was given for an indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum GivenScore {
    /// A level of its table.
    Level {
        /// The indicator.
        #[schema(min_length = 1, max_length = 100, example = "实施方案")]
        criterion: String,
        /// The level.
        #[schema(min_length = 1, max_length = 100, example = "优")]
        level: String,
    },
    /// The points of each expert, in whatever order; which expert gave which is not kept.
    Experts {
        /// The indicator.
        #[schema(min_length = 1, max_length = 100, example = "团队")]
        criterion: String,
        /// The points, each 0 to 100.
        #[schema(min_items = 3, max_items = 7, example = json!(["80.00", "82.50", "90.00", "77.00", "85.00"]))]
        points: Vec<Points>,
    },
}

impl GivenScore {
    /// The indicator.
    pub fn criterion(&self) -> &str {
        match self {
            Self::Level { criterion, .. } | Self::Experts { criterion, .. } => criterion,
        }
    }
}

/// What a bidder was given, indicator by indicator, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    /// One for each indicator, in the order announced.
    pub given: Vec<GivenScore>,
}

table! {
    /// The scores of a bidder, in every version there was; the last one counts.
    bidder_score "bidder_score" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub admission_id: AdmissionId,
        /// From 1; higher where they were corrected.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub lot_id: LotId,
        /// The officer.
        pub person_id: PersonId,
        pub request_id: String,
        pub scorecard: Scorecard,
        /// Which paper they stand in.
        pub protocol: String,
        /// Why they were corrected.
        pub reason: Option<String>,
        pub at: Timestamp,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn points_are_hundredths_spoken_as_decimals() {
        let read = |text: &str| serde_json::from_value::<Points>(text.into()).ok().map(Points::in_hundredths);
        for (text, hundredths) in [("0", 0), ("85.5", 8_550), ("85.50", 8_550), ("100.00", 10_000), ("0.01", 1), ("7.1000", 710)] {
            assert_eq!(read(text), Some(hundredths), "{text}");
        }
        for text in ["", "-1", "+1", "100.01", "1e1", "1.001", ".5", "5.", "1.2.3", "８５", "1 "] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(serde_json::to_value(Points::hundredths(8_550).unwrap()).unwrap(), "85.50");
        assert_eq!(serde_json::to_value(Total(860_000)).unwrap(), "86.0000");
        assert_eq!(serde_json::from_value::<Total>("99.99".into()).unwrap(), Total(999_900));
    }
}
