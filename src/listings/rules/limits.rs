//! How far the host and outages may move the times of a lot.

use crate::rulebook::rules::{Snapshot, Span};

/// What the rules say of it, seconds; nothing where they are from before they said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// By how much the host may extend a lot at once.
    pub extend_limit: Option<i64>,
    /// The shortest outage that counts.
    pub outage_least: Option<i64>,
    /// The last stretch in which an outage counts, and the time given after it.
    pub outage_window: Option<i64>,
    /// How late the host of a session may open a lot.
    pub host_lateness: Option<i64>,
}

impl Limits {
    /// What rules say.
    pub fn of(rules: &Snapshot) -> Self {
        let seconds = |name: &str| rules.span(name).ok().and_then(Span::elapsed).map(|length| length.num_seconds());
        Self {
            extend_limit: seconds("extend_limit"),
            outage_least: seconds("outage_least"),
            outage_window: seconds("outage_window"),
            host_lateness: seconds("host_lateness"),
        }
    }
}
