//! Where a lot stands: read off its row and its log, or as it would be if it were announced now.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::admission_call;
use entity::auctions::{ClosingMode, Format, LotState, LotTerms, RoundsBook, lot, lot_event};
use serde::{Deserialize, Serialize};

use super::super::buy_now::{self, is_bought};
use super::super::clock::{after_grace, announced_end, bidding_end, decided_at, earliest_end, free_end, latest_end, underlying};
use super::super::log::{ANNOUNCED_ANEW, Body, NOT_CURABLE, TERMINATED};
use super::super::preemption::round_since;
use super::super::rounds;
use crate::rulebook::rules::Snapshot;

/// How the dates of a lot came about when it was announced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// The rule that says how long registration is open; not known of lots from before it was kept.
    pub registration_rule: Option<String>,
    /// Whether the seller chose when registration closes.
    pub registration_chosen: bool,
    /// Whether the seller chose when bidding opens.
    pub opening_chosen: bool,
}

/// How a lot ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// Whether its listing was terminated, or offered under other terms, with another lot.
    pub terminated: bool,
}

impl End {
    /// Read off the last event of a lot's log; none while the lot goes on.
    pub fn of(last: &lot_event::Model) -> Option<Self> {
        let terminated = match serde_json::from_str::<Body>(&last.body).ok()? {
            Body::Sold { .. } | Body::Unsold { .. } => false,
            Body::Aborted { reason, .. } => reason == TERMINATED || reason == ANNOUNCED_ANEW,
            _ => return None,
        };
        Some(Self { at: last.at, terminated })
    }
}

/// How far a lot had come that was aborted since a fault could not be cured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// It waited for its opening.
    Waiting,
    /// Its bidding had opened.
    Opened,
}

/// Whether a lot ended with this since a fault could not be cured.
fn is_not_curable(last: &lot_event::Model) -> bool {
    let body = serde_json::from_str::<Body>(&last.body);
    body.is_ok_and(|body| matches!(body, Body::Aborted { reason, .. } if reason == NOT_CURABLE))
}

/// The course of a lot.
#[derive(Clone, Copy)]
pub struct Course<'a> {
    /// Where it stands.
    pub state: LotState,
    /// How it is bid for.
    pub terms: &'a LotTerms,
    /// When it opens; where its host opens it, at the latest, once its turn has come.
    pub opens_at: Timestamp,
    /// Whether it opens at the word of its host.
    pub hosted: bool,
    /// When it opens by itself if the host says nothing, once its turn has come.
    pub opens_by: Option<Timestamp>,
    /// When its bidding closes unless extended.
    pub closes_at: Timestamp,
    /// Whether holders of a right of pre-emption are or were asked after it.
    pub asked: bool,
    /// Until when those who are asked may answer, or bid once more.
    pub answers_by: Option<Timestamp>,
    /// Since when several of them who take it bid, or bade, once more.
    pub holders_seal_since: Option<Timestamp>,
    /// The rule that end follows.
    pub closing_rule: &'static str,
    /// When registration closes.
    pub registration_closes_at: Timestamp,
    /// When registration was closed.
    pub registration_closed_at: Option<Timestamp>,
    /// The latest end, where one was announced.
    pub latest: Option<Timestamp>,
    /// Whether its clocks stand for now.
    pub paused: bool,
    /// How it stands with buying it at once.
    pub buy_now: buy_now::Standing,
    /// How it ended.
    pub end: Option<End>,
    /// How its dates came about.
    pub dates: &'a Dates,
    /// The rules it follows.
    pub rules: &'a Snapshot,
    /// Where bidding by rounds stands, once its first offers were opened.
    pub book: Option<&'a RoundsBook>,
    /// When its timed phase began, where that is known: by the log, for what was paused or extended before began later.
    pub timed_since: Option<Timestamp>,
    /// How far it had come, where it was aborted since a fault could not be cured; that too is known by the log.
    pub given_up: Option<GivenUp>,
}

impl<'a> Course<'a> {
    /// The course of a lot that was announced.
    pub fn of(
        lot: &'a lot::Model,
        call: &admission_call::Model,
        last: Option<&lot_event::Model>,
        dates: &'a Dates,
        rules: &'a Snapshot,
    ) -> Self {
        // A lot that waits for its host opens by then at the latest, and what follows comes as much later.
        let opens_by = lot.opens_by.filter(|_| underlying(lot) == LotState::Scheduled);
        let late = opens_by.map_or(TimeDelta::zero(), |opens_by| opens_by - lot.opens_at);
        Self {
            state: underlying(lot),
            latest: latest_end(lot).map(|latest| latest + late),
            paused: lot.pause.is_some(),
            terms: &lot.terms,
            opens_at: lot.opens_at + late,
            hosted: lot.hosted,
            opens_by: lot.opens_by,
            closes_at: bidding_end(lot) + late,
            asked: lot.asking.is_some(),
            answers_by: (underlying(lot) == LotState::PreemptionAsk).then_some(lot.closes_at),
            holders_seal_since: round_since(lot),
            closing_rule: closing_rule(lot),
            registration_closes_at: call.closes_at,
            registration_closed_at: call.closed_at,
            buy_now: buy_now::standing(lot),
            end: last.and_then(End::of),
            dates,
            rules,
            book: rounds::book(lot),
            timed_since: None,
            given_up: last.is_some_and(is_not_curable).then_some(GivenUp::Waiting),
        }
    }

    /// The course of a lot that was not announced yet.
    pub fn planned(terms: &'a LotTerms, registration_closes_at: Timestamp, dates: &'a Dates, rules: &'a Snapshot) -> Self {
        Self {
            state: LotState::Scheduled,
            latest: announced_end(terms, terms.opens_at),
            paused: false,
            terms,
            opens_at: terms.opens_at,
            hosted: false,
            opens_by: None,
            closes_at: free_end(terms, terms.opens_at),
            asked: false,
            answers_by: None,
            holders_seal_since: None,
            closing_rule: own_rule(terms),
            registration_closes_at,
            registration_closed_at: None,
            buy_now: if terms.buy_now.is_some() { buy_now::Standing::OnOffer } else { buy_now::Standing::Absent },
            end: None,
            dates,
            rules,
            book: None,
            timed_since: None,
            given_up: None,
        }
    }

    /// When it is decided who has it, if nobody bids or answers any more.
    pub fn decided_at(&self) -> Timestamp {
        if let Some(answers_by) = self.answers_by {
            return after_grace(self.terms, answers_by);
        }
        let ends_at = if rounds::is_by_rounds(self.terms) { self.closes_at } else { self.ends_at() };
        decided_at(self.terms, ends_at)
    }

    /// When its bidding ends at the earliest. By rounds that is with the last turn, some time before the result.
    pub(super) fn ends_at(&self) -> Timestamp {
        if let Format::Rounds { result_seconds, .. } = self.terms.format {
            let ended_at = self.book.and_then(|book| book.ended_at);
            return ended_at.unwrap_or_else(|| self.opens_at.max(self.closes_at - TimeDelta::seconds(result_seconds)));
        }
        if self.is_bought() { self.closes_at } else { earliest_end(self.terms, self.state, self.closes_at, self.latest) }
    }

    /// Whether a purchase ended its bidding.
    pub(super) fn is_bought(&self) -> bool {
        self.buy_now == buy_now::Standing::Bought
    }

    /// Whether it has ended.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted)
    }

    /// By when it opens, where that is known, and the rule that date follows.
    pub(super) fn opening(&self) -> (Option<Timestamp>, &'static str) {
        if self.hosted { (self.opens_by, "host_lateness") } else { (Some(self.opens_at), "auction_lead") }
    }
}

/// The rule of the end of a round among equals.
pub(super) const TIE_ROUND: &str = "tie_round";

/// The rule the end of a lot follows: that of a purchase, of late bids, of a round among equals, of its place in a session, or
/// of its own length.
pub(super) fn closing_rule(lot: &lot::Model) -> &'static str {
    if rounds::is_by_rounds(&lot.terms) {
        return own_rule(&lot.terms);
    }
    if lot.opened.as_ref().is_some_and(|opened| opened.tie.is_some()) {
        return TIE_ROUND;
    }
    let closes_at = bidding_end(lot);
    let window = TimeDelta::seconds(lot.terms.timed_cycle_seconds);
    let is_late = |bid: Timestamp| closes_at - bid <= window;
    let own_end = free_end(&lot.terms, lot.opens_at) + TimeDelta::microseconds(lot.shifted_us);
    if is_bought(lot) {
        "buy_now_allowed"
    } else if lot.terms.closing_mode == ClosingMode::SoftClose && lot.bid_count > 0 && lot.last_arrival.is_some_and(is_late) {
        "timed_cycle"
    } else if lot.session_id.is_some() && !lot.hosted && closes_at > own_end {
        "session_stagger"
    } else {
        own_rule(&lot.terms)
    }
}

/// The rule a lot's own length follows.
fn own_rule(terms: &LotTerms) -> &'static str {
    match terms.format {
        Format::English {}
        | Format::FirstPrice { .. }
        | Format::Vickrey {}
        | Format::OneShot { .. }
        | Format::Weighted { .. }
        | Format::UniformPrice { .. }
        | Format::PayAsBid { .. } => "free_period",
        Format::Dutch { .. } => "dutch_tick",
        // Its bidding ends with the last turn.
        Format::Rounds { .. } => "rounds_turn",
    }
}
