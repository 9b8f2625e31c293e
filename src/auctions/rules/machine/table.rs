//! What may become of a lot, and when, written down from the transition table and from nothing that decides it in earnest.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{ClosingMode, LotState, LotTerms, Reserve};

use super::{ANSWER, Deed, HOLDERS, MOST, STEP, WINDOW};

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
    bought: bool,
    /// Who is asked, and behind him who is left.
    asking: Vec<u128>,
    answered: bool,
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
            bought: false,
            asking: Vec::new(),
            answered: false,
        }
    }

    /// What comes by itself: the opening (A1), and the timed phase (A2).
    fn pass(&mut self, now: Timestamp) {
        if self.state == LotState::Scheduled && self.enough == Some(true) && now >= self.opens {
            self.state = LotState::OpenFree;
        }
        let ends_free_period = self.terms.closing_mode == ClosingMode::TimedCycle && !self.bought;
        if self.state == LotState::OpenFree && ends_free_period && now >= self.end {
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

    /// Whether something is waited for that has an end: bids, or an answer.
    fn has_end(&self) -> bool {
        self.is_open() || self.state == LotState::PreemptionAsk
    }

    fn runs(&self, now: Timestamp) -> bool {
        self.state == LotState::Scheduled || (self.has_end() && now < self.end)
    }

    /// Whether the end has come, and what arrived before it was heard out.
    fn is_over(&self, now: Timestamp) -> bool {
        self.has_end() && now >= self.end + TimeDelta::milliseconds(self.terms.close_grace_ms)
    }

    fn awaits_opening(&self) -> bool {
        self.paused.map_or(self.state, |(_, before)| before) == LotState::Scheduled
    }

    fn has_ended(&self) -> bool {
        !self.has_end() && !matches!(self.state, LotState::Scheduled | LotState::Paused)
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
            Deed::Postpone(seconds) => next.opens_later(TimeDelta::seconds(*seconds), now),
            Deed::Abort => {
                next.pass(now);
                // What was to come before cannot be left out.
                *self == next && next.aborts()
            }
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
            Deed::Buy(who) => self.buys(*who, now),
            Deed::Ask => self.asks(now),
            Deed::Answer(who, takes) => self.answers(*who, *takes, now),
            Deed::Pause => {
                let lets = self.runs(now);
                (self.paused, self.state) = (Some((now, self.state)), LotState::Paused);
                lets
            }
            Deed::Resume => self.resumes(now),
            // A6b: only a paused lot.
            Deed::GiveUp => {
                let lets = self.paused.take().is_some();
                self.state = LotState::Aborted;
                lets
            }
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

    /// Until the first bid it is had at the announced price, which ends it.
    fn buys(&mut self, who: u128, now: Timestamp) -> bool {
        let on_offer = self.terms.buy_now.filter(|_| self.price.is_none());
        let lets = self.is_open() && now < self.end && on_offer.is_some() && !self.suspended.contains(&who);
        (self.price, self.leader, self.bids) = (on_offer.map(|price| price.minor), Some(who), self.bids + 1);
        (self.end, self.bought) = (now, true);
        lets
    }

    /// A3: the next holder is asked, once the bidding is over or the time of the one before him.
    fn asks(&mut self, now: Timestamp) -> bool {
        let left = self.left();
        let lets = self.is_over(now) && !left.is_empty();
        (self.asking, self.answered, self.state) = (left, false, LotState::PreemptionAsk);
        self.end = now + TimeDelta::seconds(ANSWER);
        lets
    }

    /// Who is still to be asked about a price with effect: by rank, nobody who is suspended or leads, and where a holder leads only
    /// those before him.
    fn left(&self) -> Vec<u128> {
        if self.terms.preemption.is_none() || !self.sells() {
            return Vec::new();
        }
        if self.state == LotState::PreemptionAsk {
            return self.asking.iter().skip(1).skip_while(|who| self.suspended.contains(who)).copied().collect();
        }
        let before = self.leader.filter(|leader| *leader <= HOLDERS).unwrap_or(HOLDERS + 1);
        (1..before).filter(|who| !self.suspended.contains(who)).collect()
    }

    /// Who is asked and has not answered.
    pub(super) fn asked(&self) -> Option<u128> {
        self.asking.first().copied().filter(|_| self.state == LotState::PreemptionAsk && !self.answered)
    }

    /// Whoever takes it leads, and nobody is asked after him; his time is over with his answer. Who is suspended may only decline.
    fn answers(&mut self, who: u128, takes: bool, now: Timestamp) -> bool {
        let lets = self.asked() == Some(who) && now < self.end && !(takes && self.suspended.contains(&who));
        (self.answered, self.end) = (true, now);
        if takes {
            self.leader = Some(who);
            self.asking.truncate(1);
        }
        lets
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

    /// Until it opens it may be put off, once registration has closed to a time that lies ahead, and every clock is moved by as much.
    fn opens_later(&mut self, time: TimeDelta, now: Timestamp) -> bool {
        let may_open = self.enough.is_none_or(|enough| enough && self.opens + time > now);
        let lets = self.awaits_opening() && may_open && time > TimeDelta::zero();
        self.give(time);
        self.opens += time;
        lets
    }

    /// The market stood still where the lot might have ended.
    fn is_held_up(&mut self, since: Timestamp, until: Timestamp) -> bool {
        let may_end = match self.state {
            LotState::OpenFree => self.terms.closing_mode != ClosingMode::TimedCycle,
            LotState::PreemptionAsk => !self.answered,
            state => state == LotState::OpenTimed,
        };
        let lets = may_end && since < self.end && until > self.opens && until + WINDOW > self.end;
        self.give(until + WINDOW - self.end);
        lets
    }

    /// A4 and A5: once nobody is left to be asked, who leads at the reserve or above has it.
    fn closes(&mut self, now: Timestamp) -> bool {
        let lets = self.is_over(now) && self.left().is_empty();
        self.state = if self.sells() { LotState::ClosedSold } else { LotState::ClosedUnsold };
        lets
    }

    /// Whether the best bid reaches the reserve.
    pub(super) fn sells(&self) -> bool {
        let reserve = if let Reserve::Open { amount } = &self.terms.reserve { amount.minor } else { 0 };
        self.price.is_some_and(|price| price >= reserve)
    }
}
