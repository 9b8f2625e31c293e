//! The rules and the calendar as they are shipped, for tests.

use std::sync::LazyLock;

use super::{Calendar, Rulebook};

/// Parameters; the redaction policy is not needed where this is used.
pub static RULEBOOK: LazyLock<Rulebook> =
    LazyLock::new(|| Rulebook::parse(1, include_str!("../../../seeds/rules/parameters.toml"), "rule = []").unwrap());

/// Working days.
pub static CALENDAR: LazyLock<Calendar> =
    LazyLock::new(|| Calendar::parse_csv(include_str!("../../../seeds/calendar/cn_days.csv")).unwrap());
