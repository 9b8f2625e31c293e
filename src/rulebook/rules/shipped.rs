//! The rules and the calendar as they are shipped, for tests.

use std::sync::LazyLock;

use super::{Calendar, Rulebook};

/// Parameters and redaction policy.
pub static RULEBOOK: LazyLock<Rulebook> = LazyLock::new(|| {
    let parameters = include_str!("../../../seeds/rules/parameters.toml");
    Rulebook::parse(1, parameters, include_str!("../../../seeds/rules/redaction.toml")).unwrap()
});

/// Working days.
pub static CALENDAR: LazyLock<Calendar> =
    LazyLock::new(|| Calendar::parse_csv(include_str!("../../../seeds/calendar/cn_days.csv")).unwrap());
