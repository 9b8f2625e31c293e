//! How far the host and outages may move the times of a lot: as its terms say, and for lots from before they did, as the rules it
//! was announced under.

use chrono::TimeDelta;
use entity::auctions::lot;
use serde::Deserialize;

use crate::rulebook::rules::{Snapshot, Span};

/// A length of time that a lot was announced with, where it was: from its terms (`seconds`), else from the rule of that name.
pub fn announced(lot: &lot::Model, seconds: Option<i64>, name: &str) -> Option<TimeDelta> {
    seconds.and_then(TimeDelta::try_seconds).or_else(|| {
        let rules = Snapshot::deserialize(&*lot.rules).ok()?;
        rules.span(name).ok().and_then(Span::elapsed)
    })
}
