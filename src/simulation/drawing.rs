//! What a chart shows of a course.

use entity::Timestamp;
use entity::auctions::LotState;

use super::chart::{Drawing, yuan};
use super::course::Course;

impl Drawing {
    /// The drawing of a course.
    pub fn of(course: &Course) -> Self {
        let lot = &course.lot;
        let from = course.lines.first().map_or(lot.opens_at, |line| line.at);
        let to = course.lines.last().map_or(lot.closes_at, |line| line.at).max(lot.closes_at);
        let bids = course.bids().filter_map(|line| Some((line.at, line.price?, line.bidder.clone()?)));
        Self {
            title: course.title.clone(),
            outcome: outcome(course),
            from,
            to,
            phases: phases(course, from, to),
            bids: bids.collect(),
            start: lot.terms.start_price,
            reserve: course.reserve,
        }
    }
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
