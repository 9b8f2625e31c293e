//! What is known of a lot that has closed: who might bid, who did, and how.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::{AdmissionState, admission};
use entity::auctions::{Format, LotState, lot, lot_event};
use entity::ids::{AdmissionId, LotId, OrganisationId};
use entity::integrity::integrity_bidder;

use super::share;
use crate::auctions::rules::buy_now::is_bought;
use crate::auctions::rules::clock::bidding_end;
use crate::auctions::rules::direction::gain;
use crate::auctions::rules::log::Body;
use crate::auctions::rules::step::step_at;

/// A lot that has closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The lot.
    pub lot: LotId,
    /// Who offered it.
    pub seller: OrganisationId,
    /// When bidding opened.
    pub opened_at: Timestamp,
    /// When it ended.
    pub closed_at: Timestamp,
    /// Everybody who was admitted.
    pub admitted: BTreeMap<OrganisationId, AdmissionId>,
    /// Everybody who was found fit and withdrew.
    pub withdrawn: BTreeMap<OrganisationId, AdmissionId>,
    /// Every bid, in order.
    pub bids: Vec<Bid>,
    /// Who has it.
    pub winner: Option<OrganisationId>,
    /// Whether one bid is all there can be, as on a falling clock or where it was bought at once: that nobody else bid then
    /// says nothing.
    pub ends_with_first: bool,
}

/// A bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Whose.
    pub organisation: OrganisationId,
    /// When it arrived.
    pub at: Timestamp,
    /// By how much it was better than the bid before, in minor units; the first betters none, nor is that told of maxima.
    pub raise: Option<i64>,
    /// The step that applied.
    pub least: i64,
}

impl Bid {
    /// Whether it was better by no more than the least.
    pub fn is_small(&self) -> bool {
        self.raise.is_some_and(|raise| raise <= self.least)
    }
}

impl Course {
    /// Everybody who bid.
    pub fn bidding(&self) -> BTreeSet<OrganisationId> {
        self.bids.iter().map(|bid| bid.organisation).collect()
    }
}

/// Reads a closed lot off its row, its admissions and its bids.
pub fn course(lot: &lot::Model, admissions: &[admission::Model], events: &[lot_event::Model]) -> Course {
    let who: BTreeMap<AdmissionId, OrganisationId> = admissions.iter().map(|held| (held.id, held.organisation_id)).collect();
    // Only who was admitted has a name to bid under.
    let admitted: BTreeMap<_, _> =
        admissions.iter().filter(|held| held.pseudonym.is_some()).map(|held| (held.organisation_id, held.id)).collect();
    // Whoever was found unfit cannot withdraw any more.
    let fit = |held: &&admission::Model| held.state == AdmissionState::Withdrawn && held.decided_by.is_some();
    let withdrawn = admissions.iter().filter(fit).filter(|held| !admitted.contains_key(&held.organisation_id));
    let withdrawn = withdrawn.map(|held| (held.organisation_id, held.id)).collect();
    let (mut bids, mut best) = (Vec::new(), None);
    for event in events {
        let (price, by_himself) = match serde_json::from_str(&event.body) {
            Ok(Body::BidPlaced { price, .. } | Body::BoughtNow { price, .. }) => (price, true),
            // How far a maximum raises the price is the platform's doing, and says nothing of its bidder.
            Ok(Body::MaximumPlaced { price, .. }) => (price, false),
            _ => continue,
        };
        let Some(organisation) = event.admission_id.and_then(|id| who.get(&id)) else { continue };
        let gained = best.filter(|_| by_himself).map(|before| gain(price.minor, before, lot.terms.direction));
        // Who meets a price by right raises nothing.
        let raise = gained.filter(|gained| *gained > 0);
        bids.push(Bid { organisation: *organisation, at: event.at, raise, least: step_at(&lot.terms, best) });
        best = Some(price.minor);
    }
    let leader = lot.leader_admission_id.filter(|_| lot.state == LotState::ClosedSold);
    Course {
        lot: lot.id,
        seller: lot.seller_organisation_id,
        opened_at: lot.opens_at,
        closed_at: bidding_end(lot),
        admitted,
        withdrawn,
        bids,
        winner: leader.and_then(|id| who.get(&id).copied()),
        ends_with_first: matches!(lot.terms.format, Format::Dutch { .. }) || is_bought(lot),
    }
}

/// What each bidder did in it, to be kept for the lots that follow.
pub fn parts(course: &Course, quick: TimeDelta) -> Vec<integrity_bidder::Model> {
    course.bidding().into_iter().filter_map(|bidder| part(course, bidder, quick)).collect()
}

fn part(course: &Course, organisation: OrganisationId, quick: TimeDelta) -> Option<integrity_bidder::Model> {
    let own: Vec<_> = course.bids.iter().filter(|bid| bid.organisation == organisation).collect();
    let first = own.first()?;
    let pairs = course.bids.windows(2).filter_map(|two| if let [before, bid] = two { Some((before, bid)) } else { None });
    let answers: Vec<_> = pairs.filter(|(before, bid)| bid.organisation == organisation && before.organisation != organisation).collect();
    let length = |from: Timestamp| (course.closed_at - from).num_microseconds().unwrap_or(0);
    Some(integrity_bidder::Model {
        lot_id: course.lot,
        organisation_id: organisation,
        seller_organisation_id: course.seller,
        won: course.winner == Some(organisation),
        bids: count(own.len()),
        lot_bids: count(course.bids.len()),
        raises: count(own.iter().filter(|bid| bid.raise.is_some()).count()),
        small_raises: count(own.iter().filter(|bid| bid.is_small()).count()),
        answers: count(answers.len()),
        quick_answers: count(answers.iter().filter(|(before, bid)| bid.at - before.at <= quick).count()),
        early_bp: share(length(first.at), length(course.opened_at)),
        closed_at: course.closed_at,
    })
}

/// A number of things as it is kept.
pub(super) fn count(things: usize) -> i64 {
    i64::try_from(things).unwrap_or(i64::MAX)
}
