//! What may become of a lot, and when, written down from the transition table and from nothing that decides it in earnest.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, LotState, LotTerms, Reserve};

use super::{Deed, MOST, STEP, WINDOW};

/// A lot as the transition table has it, reckoned apart from the rules.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub(super) terms: LotTerms,
    pub(super) state: LotState,
    pub(super) paused: Option<(Timestamp, LotState)>,
    pub(super) enough: Option<bool>,
    pub(super) opens: Timestamp,
    pub(super) end: Timestamp,
    pub(super) latest: Option<Timestamp>,
    pub(super) price: Option<i64>,
    pub(super) leader: Option<u128>,
    pub(super) bids: i64,
    pub(super) suspended: BTreeSet<u128>,
}

impl Table {
    pub(super) fn of(terms: &LotTerms) -> Self {
        Self {
            terms: terms.clone(),
            state: LotState::Scheduled,
            paused: None,
            enough: None,
            opens: terms.opens_at,
            end: terms.opens_at + TimeDelta::seconds(terms.free_period_seconds),
            latest: terms.max_duration_seconds.map(|longest| terms.opens_at + TimeDelta::seconds(longest)),
            price: None,
            leader: None,
            bids: 0,
            suspended: BTreeSet::new(),
        }
    }

    /// What comes by itself: the opening (A1), and the timed phase (A2).
    fn pass(&mut self, now: Timestamp) {
        if self.state == LotState::Scheduled && self.enough == Some(true) && now >= self.opens {
            self.state = LotState::OpenFree;
        }
        if self.state == LotState::OpenFree && self.terms.closing_mode == ClosingMode::TimedCycle && now >= self.end {
            self.state = LotState::OpenTimed;
            self.restart(self.end);
        }
    }

    /// There is a whole cycle from an instant, within the longest duration; an end never moves back.
    fn restart(&mut self, from: Timestamp) {
        let whole = from + TimeDelta::seconds(self.terms.timed_cycle_seconds);
        self.end = self.end.max(self.latest.map_or(whole, |latest| whole.min(latest)));
    }

    /// The market gives time: the end and the latest end are later by this.
    fn give(&mut self, time: TimeDelta) {
        self.end += time;
        self.latest = self.latest.map(|latest| latest + time);
    }

    fn is_open(&self) -> bool {
        matches!(self.state, LotState::OpenFree | LotState::OpenTimed)
    }

    fn runs(&self, now: Timestamp) -> bool {
        self.state == LotState::Scheduled || (self.is_open() && now < self.end)
    }

    fn awaits_opening(&self) -> bool {
        self.paused.map_or(self.state, |(_, before)| before) == LotState::Scheduled
    }

    fn has_ended(&self) -> bool {
        !self.is_open() && !matches!(self.state, LotState::Scheduled | LotState::Paused)
    }

    /// What a bid of so many half steps more comes to.
    pub(super) fn price_with(&self, halves: i64) -> i64 {
        self.price.unwrap_or(self.terms.start_price.minor) + halves * STEP / 2
    }

    /// The lot after a deed, if the table lets it.
    pub(super) fn after(&self, deed: &Deed, now: Timestamp) -> Option<Self> {
        let mut next = self.clone();
        let lets = match deed {
            // Decided by what stands in the log, whatever has come by itself meanwhile.
            Deed::Announce => false,
            Deed::Register(admitted) => next.registers(*admitted, now),
            Deed::Abort => next.aborts(),
            Deed::Suspend(who) => {
                next.suspended.insert(*who);
                !next.has_ended()
            }
            Deed::Reinstate(who) => {
                next.suspended.remove(who);
                !next.has_ended()
            }
            _ => {
                next.pass(now);
                let came = *self != next;
                next.goes_on(deed, now, came)
            }
        };
        lets.then_some(next)
    }

    fn registers(&mut self, admitted: u32, now: Timestamp) -> bool {
        let lets = self.awaits_opening() && self.enough.is_none();
        self.enough = Some(admitted >= self.terms.min_bidders);
        self.pass(now);
        lets
    }

    fn aborts(&mut self) -> bool {
        let lets = self.awaits_opening();
        (self.state, self.paused) = (LotState::Aborted, None);
        lets
    }

    fn goes_on(&mut self, deed: &Deed, now: Timestamp, came: bool) -> bool {
        match deed {
            Deed::Bid(who, halves) => self.bids(*who, *halves, now),
            Deed::Pause => {
                let lets = self.runs(now);
                (self.paused, self.state) = (Some((now, self.state)), LotState::Paused);
                lets
            }
            Deed::Resume => self.resumes(now),
            Deed::Extend(seconds) => {
                let lets = *seconds <= MOST && (self.paused.is_some() || self.runs(now));
                self.give(TimeDelta::seconds(*seconds));
                lets
            }
            Deed::Outage(length) => self.is_held_up(now - TimeDelta::seconds(*length), now),
            Deed::Close => self.closes(now),
            _ => came,
        }
    }

    /// A bid in time, by whom it may be, of whole steps: the first may equal the start price (4.4).
    fn bids(&mut self, who: u128, halves: i64, now: Timestamp) -> bool {
        let in_time = self.is_open() && now < self.end;
        let may = !self.suspended.contains(&who) && (self.leader != Some(who) || self.terms.allow_self_raise);
        let enough = halves % 2 == 0 && halves >= if self.price.is_some() { 2 } else { 0 };
        (self.price, self.leader, self.bids) = (Some(self.price_with(halves)), Some(who), self.bids + 1);
        if self.state == LotState::OpenTimed || self.terms.closing_mode == ClosingMode::SoftClose {
            self.restart(now);
        }
        in_time && may && enough
    }

    /// A6b: every clock is moved by the length of the pause.
    fn resumes(&mut self, now: Timestamp) -> bool {
        let Some((since, before)) = self.paused.take() else { return false };
        self.state = before;
        self.give(now - since);
        if before == LotState::Scheduled {
            self.opens += now - since;
        }
        true
    }

    /// The market stood still where the lot might have ended.
    fn is_held_up(&mut self, since: Timestamp, until: Timestamp) -> bool {
        let may_end = match self.state {
            LotState::OpenFree => self.terms.closing_mode != ClosingMode::TimedCycle,
            state => state == LotState::OpenTimed,
        };
        let lets = may_end && since < self.end && until > self.opens && until + WINDOW > self.end;
        self.give(until + WINDOW - self.end);
        lets
    }

    /// A4 and A5: the best bid at the reserve or above has it.
    fn closes(&mut self, now: Timestamp) -> bool {
        let lets = self.is_open() && now >= self.end + TimeDelta::milliseconds(self.terms.close_grace_ms);
        self.state = if self.sells() { LotState::ClosedSold } else { LotState::ClosedUnsold };
        lets
    }

    /// Whether the best bid reaches the reserve.
    pub(super) fn sells(&self) -> bool {
        let reserve = if let Reserve::Open { amount } = &self.terms.reserve { amount.minor } else { 0 };
        self.price.is_some_and(|price| price >= reserve)
    }
}
