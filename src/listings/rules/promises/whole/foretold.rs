//! What a timeline says is to come, and what comes if nobody does anything any more.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::admission_call;
use entity::auctions::{LotEventKind, lot, lot_event};
use serde_json::json;

use crate::auctions::rules::clock;
use crate::auctions::rules::rounds::{self, Envelopes};
use crate::auctions::rules::timeline::{Course, Dates, course};
use crate::rulebook::rules::{Progress, Snapshot, Step};

/// What comes of a lot that is left to itself, by the engine.
pub(super) struct Comes {
    pub(super) opens: Option<Timestamp>,
    pub(super) timed: Option<Timestamp>,
    pub(super) first_round: Option<Timestamp>,
    pub(super) turn_ends: Option<Timestamp>,
    /// When nobody can bid any more.
    pub(super) ends: Timestamp,
    /// When it is decided who has it.
    pub(super) decided: Timestamp,
    pub(super) events: Vec<lot_event::Model>,
    /// The lot then.
    pub(super) over: lot::Model,
}

impl Comes {
    pub(super) fn of(lot: &lot::Model, envelopes: &Envelopes) -> Self {
        let (mut over, mut events) = (lot.clone(), Vec::new());
        let decided = loop {
            let now = clock::next_look(&over).unwrap();
            let (came, next) = rounds::advance(&over, envelopes, rounds::heard_until(&over, now));
            events.extend(came);
            over = next;
            if clock::is_over(&over, now) {
                break now;
            }
        };
        let all = |kind: LotEventKind| events.iter().filter(move |event| event.kind == kind).map(|event| event.at);
        let opened = all(LotEventKind::FirstOffersOpened).next();
        Self {
            opens: all(LotEventKind::Opened).next(),
            timed: all(LotEventKind::TimedPhaseStarted).next(),
            first_round: opened.and(rounds::book(&over)).map(|book| book.begins_at),
            turn_ends: all(LotEventKind::TurnEnded).next(),
            ends: all(LotEventKind::TurnEnded).next_back().unwrap_or_else(|| clock::bidding_end(&over)),
            decided,
            events,
            over,
        }
    }
}

/// The call that a lot's bidders are admitted under.
fn call(lot: &lot::Model) -> admission_call::Model {
    let closes_at = lot.terms.opens_at - TimeDelta::seconds(900);
    admission_call::Model {
        lot_id: lot.id,
        listing_id: lot.listing_id,
        seller_organisation_id: lot.seller_organisation_id,
        opens_at: closes_at - TimeDelta::days(1),
        closes_at,
        deposit_minor: 0,
        currency: lot.currency,
        conditions: json!({}),
        barred_organisations: json!([]),
        barred_persons: json!([]),
        refund_rule: json!({}),
        closed_at: None,
        holders: None,
    }
}

/// When an event of a kind last happened.
pub(super) fn last_at(log: &[lot_event::Model], kind: LotEventKind) -> Option<Timestamp> {
    log.iter().rev().find(|event| event.kind == kind).map(|event| event.at)
}

/// The steps of a lot as it stands after its log.
pub(super) fn told(lot: &lot::Model, log: &[lot_event::Model], rules: &Snapshot) -> Vec<Step> {
    let timed_since = last_at(log, LotEventKind::TimedPhaseStarted);
    course(&Course { timed_since, ..Course::of(lot, &call(lot), log.last(), &Dates::default(), rules) })
}

/// The steps of a lot before it is announced.
pub(super) fn planned(lot: &lot::Model, rules: &Snapshot) -> Vec<Step> {
    course(&Course::planned(&lot.terms, call(lot).closes_at, &Dates::default(), rules))
}

/// When a step comes to pass by itself; nothing where it has, will not, or is reckoned with one bidder where there are others. Where a
/// host is waited for, every date is the latest, and so the one on which it comes if he never does.
pub(super) fn due(steps: &[Step], code: &str, bidders: usize, waits_for_host: bool) -> Option<Timestamp> {
    let step = steps.iter().find(|step| step.code == code)?;
    let comes = !matches!(step.state, Progress::Done | Progress::Skipped) && (step.exact || waits_for_host);
    let reckoned = bidders > 1 && step.notes.iter().any(|note| note.code == "one_bidder");
    step.due_at.filter(|_| comes && !reckoned)
}
