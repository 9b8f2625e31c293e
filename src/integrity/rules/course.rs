//! What is known of a lot that has closed: who might bid, who did, and how.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::{AdmissionState, admission};
use entity::auctions::{Format, LotState, lot, lot_event};
use entity::ids::{AdmissionId, LotId, OrganisationId};
use entity::integrity::integrity_bidder;

use super::reading::Reading;
use super::share;
use crate::auctions::rules::buy_now::is_bought;
use crate::auctions::rules::clock::bidding_end;

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
    /// What each bidder sealed last before anything was opened, where bids or first offers are sealed.
    pub sealed: BTreeMap<OrganisationId, Sealed>,
    /// The turns each bidder had, where bids are by rounds.
    pub turns: BTreeMap<OrganisationId, i64>,
    /// The price bidding started at, in minor units.
    pub start: i64,
}

/// A bid or first offer that was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The price, in minor units.
    pub price: i64,
    /// When it was sealed.
    pub at: Timestamp,
}

/// A bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Whose.
    pub organisation: OrganisationId,
    /// When it arrived.
    pub at: Timestamp,
    /// By how much it was better than the bid before, by rounds than its bidder's own offer, in minor units; the first betters none,
    /// nor does what is sealed, nor is that told of maxima.
    pub raise: Option<i64>,
    /// The step that applied.
    pub least: i64,
    /// Whether it was made before everybody's eyes, when its bidder chose to: neither sealed nor in a turn.
    pub in_the_open: bool,
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

/// Reads a closed lot off its row, its admissions and the events that tell of bids.
pub fn course(lot: &lot::Model, admissions: &[admission::Model], events: &[lot_event::Model]) -> Course {
    // Only who was admitted has a name to bid under.
    let admitted: BTreeMap<_, _> =
        admissions.iter().filter(|held| held.pseudonym.is_some()).map(|held| (held.organisation_id, held.id)).collect();
    // Whoever was found unfit cannot withdraw any more.
    let fit = |held: &&admission::Model| held.state == AdmissionState::Withdrawn && held.decided_by.is_some();
    let withdrawn = admissions.iter().filter(fit).filter(|held| !admitted.contains_key(&held.organisation_id));
    let withdrawn = withdrawn.map(|held| (held.organisation_id, held.id)).collect();
    let mut reading = Reading::of(lot, admissions);
    for event in events {
        reading.take(event);
    }
    let leader = lot.leader_admission_id.filter(|_| lot.state == LotState::ClosedSold);
    Course {
        lot: lot.id,
        seller: lot.seller_organisation_id,
        opened_at: lot.opens_at,
        closed_at: bidding_end(lot),
        admitted,
        withdrawn,
        winner: leader.and_then(|id| reading.bidder(id)),
        bids: reading.bids,
        ends_with_first: matches!(lot.terms.format, Format::Dutch { .. }) || is_bought(lot),
        sealed: reading.sealed,
        turns: reading.turns,
        start: lot.terms.start_price.minor,
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
    // What is sealed answers nothing, and a turn comes when it comes.
    let answers: Vec<_> =
        pairs.filter(|(before, bid)| bid.in_the_open && bid.organisation == organisation && before.organisation != organisation).collect();
    let sealed = course.sealed.get(&organisation);
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
        early_bp: if first.in_the_open { share(length(first.at), length(course.opened_at)) } else { 0 },
        closed_at: course.closed_at,
        sealed_minor: sealed.map(|sealed| sealed.price),
        sealed_at: sealed.map(|sealed| sealed.at),
        turns: course.turns.get(&organisation).copied(),
    })
}

/// A number of things as it is kept.
pub(super) fn count(things: usize) -> i64 {
    i64::try_from(things).unwrap_or(i64::MAX)
}
