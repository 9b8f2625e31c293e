//! A lot that was held, replayed from the course that was published of it.

use entity::auctions::Reserve;

use super::course::{Course, line};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::log::{Body, apply};
use crate::auctions::rules::outage::Outage;
use crate::auctions::rules::verify::{Fault, proven};

/// Replays it event by event, or says the first thing wrong with it. What was refused is in no log.
pub fn replay(published: &LotCourse) -> Result<Course, Fault> {
    let (mut lot, log) = proven(published)?;
    let mut reserve = match &lot.terms.reserve {
        Reserve::Open { amount } => Some(*amount),
        Reserve::Secret { .. } | Reserve::None {} => None,
    };
    let (mut lines, mut outages) = (Vec::new(), Vec::new());
    for (event, body) in log {
        (lot, _) = apply(&lot, &event, &body);
        if let Body::Sold { reserve: Some(opened), .. } | Body::Unsold { reserve: Some(opened), .. } = &body {
            reserve = Some(opened.amount);
        }
        if let Body::ExtendedForOutage { began_at, ended_at, .. } = body {
            outages.push(Outage { began_at, ended_at });
        }
        lines.push(line(&event, body, &lot));
    }
    Ok(Course { title: published.lot.title.clone(), lines, lot, reserve, outages })
}
