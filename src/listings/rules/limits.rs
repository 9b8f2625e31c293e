//! How far the host and outages may move the times of a lot, and how far a bid may jump unasked.

use crate::rulebook::rules::{Snapshot, Span};

/// What the rules say of it; nothing where they are from before they said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// By how much the host may extend a lot at once, seconds.
    pub extend_limit: Option<i64>,
    /// The shortest outage that counts, seconds.
    pub outage_least: Option<i64>,
    /// The last stretch in which an outage counts, and the time given after it, seconds.
    pub outage_window: Option<i64>,
    /// How late the host of a session may open a lot, seconds.
    pub host_lateness: Option<i64>,
    /// How many times the price that stands a bid may be without being confirmed.
    pub jump_factor: Option<u32>,
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
            jump_factor: rules.count("bid_jump_factor").ok(),
        }
    }
}
