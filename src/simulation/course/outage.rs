//! The market stands still: nothing comes to pass meanwhile, and a lot whose end it came too close to is given more time once it runs
//! again.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{LotEventKind, lot_event};

use super::{Line, Run};
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::rounds;
use crate::rulebook::rules::{Span, shanghai_date};

impl Run<'_> {
    /// What an outage adds to the log, once the market runs again. It is no event itself, but stands in the course that is shown.
    pub(super) fn stands_still(&mut self, outage: Outage) -> Vec<lot_event::Model> {
        let seconds = (outage.ended_at - outage.began_at).num_seconds();
        self.lines.push(Line {
            seq: None,
            at: outage.began_at,
            what: "outage".into(),
            bidder: None,
            price: None,
            reason: Some(format!("the market stands still for {seconds} seconds")),
            state: self.lot.state,
            closes_at: self.lot.closes_at,
            refused: None,
        });
        self.outages.push(outage);
        self.after_outages(outage.ended_at)
    }

    /// What the outages so far add to the log of the lot as it is found at an instant; nothing where none came too close to its end, or
    /// its log has told it. Which count and for how long, the terms say, and where they do not, the rules.
    pub(super) fn after_outages(&self, now: Timestamp) -> Vec<lot_event::Model> {
        let lot = &self.lot;
        let length = |seconds: Option<i64>, name: &str| {
            let ruled = || self.rules.span(name, None, shanghai_date(lot.created_at)).ok().and_then(Span::elapsed);
            seconds.and_then(TimeDelta::try_seconds).or_else(ruled)
        };
        let Some(window) = length(lot.terms.outage_window_seconds, "outage_window") else { return Vec::new() };
        let least = length(lot.terms.outage_least_seconds, "outage_least").unwrap_or_default();
        // A pause had stopped the clocks: what fell into it cost nobody any time.
        let resumed = self.lines.iter().rev().find(|line| line.what == LotEventKind::Resumed.code()).map(|line| line.at);
        let counts = |outage: &Outage| resumed.is_none_or(|at| outage.ended_at > at) && outage.ended_at - outage.began_at >= least;
        let outages: Vec<_> = self.outages.iter().copied().filter(counts).collect();
        let told_at = self.lines.iter().rev().find(|line| line.seq.is_some()).map_or(lot.created_at, |line| line.at);
        let (events, _) = if outage::is_by_turns(lot) {
            rounds::extended(lot, &self.envelopes, &outages, window, told_at)
        } else {
            outage::extended(lot, &outages, window, now, told_at)
        };
        events
    }
}
