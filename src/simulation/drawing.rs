//! What a chart shows of a course.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{LotState, LotTerms};
use entity::money::Money;

use super::chart::{Drawing, yuan};
use super::course::Course;
use crate::auctions::rules::dutch::Fall;
use crate::auctions::rules::rounds::is_by_rounds;

impl Drawing {
    /// The drawing of a course.
    pub fn of(course: &Course) -> Self {
        let lot = &course.lot;
        // It begins with the bidding: an announcement may lie weeks before it.
        let from = course.lines.iter().find(|line| line.state != LotState::Scheduled).map_or(lot.opens_at, |line| line.at);
        let to = course.lines.last().map_or(lot.closes_at, |line| line.at).max(lot.closes_at);
        let phases = phases(course, from, to);
        let outages = course.outages.iter().map(|outage| (outage.began_at.max(from), outage.ended_at.min(to)));
        let bids = course.bids().filter_map(|line| Some((line.at, line.price?, line.bidder.clone()?)));
        Self {
            title: course.title.clone(),
            outcome: outcome(course),
            from,
            to,
            clock: clock(&lot.terms, &phases, lot.closes_at),
            phases,
            outages: outages.filter(|(began, ended)| began < ended).collect(),
            bids: if is_by_rounds(&lot.terms) { leading(bids) } else { bids.collect() },
            count: lot.bid_count,
            start: lot.terms.start_price,
            reserve: course.reserve,
        }
    }
}

/// By rounds an offer need not take the lead: the price over time is that of those that do.
fn leading(offers: impl Iterator<Item = (Timestamp, Money, String)>) -> Vec<(Timestamp, Money, String)> {
    let mut leading: Vec<(Timestamp, Money, String)> = Vec::new();
    for offer in offers {
        if leading.last().is_none_or(|best| offer.1.minor > best.1.minor) {
            leading.push(offer);
        }
    }
    leading
}

/// More prices than this are not told apart on paper.
const MOST_PRICES: i64 = 2_000;

/// The prices a falling clock has shown up to the end, each from when on: it runs while the lot is open.
fn clock(terms: &LotTerms, phases: &[(Timestamp, Timestamp, LotState)], closes_at: Timestamp) -> Vec<(Timestamp, Money)> {
    let Some(fall) = Fall::of(&terms.format, terms.start_price) else { return Vec::new() };
    let every = fall.ticks() / MOST_PRICES + 1;
    let (mut shown, mut ticks, mut ran) = (Vec::new(), 0, TimeDelta::zero());
    for (from, to, _) in phases.iter().filter(|phase| phase.2 == LotState::OpenFree) {
        let to = (*to).min(closes_at);
        while ticks < fall.ticks() {
            // Whoever made a course may have a price in it that comes after all time.
            let after = TimeDelta::try_seconds(ticks.saturating_mul(fall.tick_seconds)).and_then(|after| after.checked_sub(&ran));
            let at = after.and_then(|after| from.checked_add_signed(after));
            let Some(at) = at.filter(|at| *at <= to) else { break };
            shown.push((at, Money { minor: fall.after(ticks), ..terms.start_price }));
            ticks = ticks.saturating_add(every);
        }
        ran += to - *from;
    }
    shown
}

/// How long the lot was in which state.
fn phases(course: &Course, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp, LotState)> {
    let mut phases = Vec::new();
    let (mut since, mut state) = (from, LotState::Scheduled);
    for line in &course.lines {
        if line.state != state {
            phases.push((since, line.at, state));
            (since, state) = (line.at, line.state);
        }
    }
    phases.push((since, to, state));
    phases
}

fn outcome(course: &Course) -> String {
    match (course.lot.state, course.lot.price_minor) {
        (LotState::ClosedSold, Some(minor)) => format!("成交价 {} 元", yuan(minor.into())),
        (LotState::ClosedSold | LotState::ClosedUnsold, _) => "未成交".into(),
        (LotState::Aborted, _) => "项目失败".into(),
        (LotState::Scheduled | LotState::OpenFree | LotState::OpenTimed | LotState::Paused | LotState::PreemptionAsk, _) => {
            "尚未结束".into()
        }
    }
}
