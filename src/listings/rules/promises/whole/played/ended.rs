//! The end of such a history: what is sealed is opened, holders are asked, and somebody has the lot or nobody.

use entity::Timestamp;
use entity::auctions::{Format, LotEventKind, Reserve, lot_event};
use entity::money::Money;
use proptest::prelude::*;

use super::super::foretold::{Comes, last_at, told};
use super::super::told::reaches;
use super::{Answer, HOLDER, Play, name};
use crate::auctions::rules::log::Body;
use crate::auctions::rules::sealed::scores::Scores;
use crate::auctions::rules::sealed::{self, Opened, weighted};
use crate::auctions::rules::tests::attempt;
use crate::auctions::rules::{close, next_bidder, proxy};
use crate::listings::rules::promises::sealed::opened;
use crate::platform::problem::Code;

impl Play<'_> {
    /// Left to itself until it is decided; what it came to is what was told.
    pub(in super::super) fn ends(mut self, answers: [Answer; 2]) -> Result<(), TestCaseError> {
        let (mut ends, mut decided) = self.runs_out();
        prop_assert!(self.secret.iter().all(|secret| self.log.iter().all(|event| !event.body.contains(&secret.salt))));
        if self.lot.terms.format.is_sealed() {
            let bids = std::mem::take(&mut self.sealed);
            let sealed_by = bids.len();
            self.opens(bids, decided);
            // Also what was sealed by somebody who was suspended then.
            prop_assert_eq!(usize::try_from(self.lot.bid_count).unwrap(), sealed_by);
            let floor = close::floor(&self.lot.terms, self.secret.as_ref());
            if let Some((event, tied)) = sealed::tie_round(&self.lot, floor, decided) {
                self.goes_on(event, tied);
                self.agrees()?;
                let once_more = if answers[1] == Answer::Silence { Vec::new() } else { vec![self.seals_once_more(decided)?] };
                (ends, decided) = self.runs_out();
                self.opens(once_more, decided);
            }
        }
        self.opens_maxima(decided);
        let direction = self.lot.terms.direction;
        let has_effect = |minor: i64| reaches(self.text, self.secret.as_ref(), direction, Money::fen(minor));
        let reached = self.lot.price_minor.is_some_and(has_effect);
        let found = close::price_found(&self.lot, self.secret.as_ref());
        prop_assert_eq!(found.is_some(), reached);
        let led = self.lot.leader_pseudonym.clone();
        let (decided, taken) = self.asks(answers, reached, decided)?;
        // Whoever lost the lot to a holder has the rest of his opened.
        if self.lot.asking.is_some() {
            self.opens_maxima(decided);
        }
        let closing = close::close(&self.lot, self.secret.clone(), decided);
        prop_assert_eq!(!closing.awards.is_empty(), reached);
        if let Some(award) = closing.awards.first() {
            prop_assert_eq!(Some(&award.bidder), taken.as_ref().map(|(bidder, _)| bidder).or(led.as_ref()));
            let paid = taken.map(|(_, fen)| Money::fen(fen)).or(found);
            prop_assert!(self.lot.terms.format.units().is_some() || paid == Some(award.price));
        }
        self.is_followed(&closing)?;
        let opened = match serde_json::from_str(&closing.event.body) {
            Ok(Body::Sold { reserve, .. } | Body::Unsold { reserve, .. }) => reserve,
            _ => None,
        };
        prop_assert_eq!(&opened, &self.secret);
        self.goes_on(closing.event, closing.lot);
        let over = told(&self.lot, &self.log, self.rules);
        let found = |code: &str| over.iter().find(|step| step.code == code).and_then(|step| step.at);
        prop_assert_eq!(found("timed_phase_begins"), last_at(&self.log, LotEventKind::TimedPhaseStarted));
        // Of rounds the end may have come before the last deed.
        let last_turn = last_at(&self.log, LotEventKind::TurnEnded);
        prop_assert_eq!(found("bidding_ends"), Some(last_turn.unwrap_or(ends)));
        prop_assert_eq!(found(if reached { "sold" } else { "failed" }), Some(decided));
        self.was_foretold()
    }

    /// Nobody does anything until it is decided: when bidding ended, and when that is.
    pub(super) fn runs_out(&mut self) -> (Timestamp, Timestamp) {
        let comes = Comes::of(&self.lot, &self.envelopes);
        self.log.extend(comes.events);
        self.lot = comes.over;
        // Nothing is closed while the market stands still.
        (comes.ends, self.runs_since.map_or(comes.decided, |since| since.max(comes.decided)))
    }

    /// Of equals the last bids once more at the price they are tied at, as soon as they may.
    fn seals_once_more(&mut self, since: Timestamp) -> Result<Opened, TestCaseError> {
        let tie = self.lot.opened.as_ref().and_then(|opened| opened.tie.clone()).unwrap();
        let last = tie.bidders.last().unwrap();
        let number = (1..HOLDER).find(|who| name(*who) == *last).unwrap();
        let made = attempt(number, tie.at_least.minor, since);
        prop_assert_eq!(self.verdict(&self.lot, &made), Ok(tie.at_least));
        prop_assert_eq!(self.verdict(&self.lot, &attempt(HOLDER, tie.at_least.minor, since)), Err(Code::NotInTieRound));
        self.describes_bid(number, tie.at_least, since);
        Ok(opened(i64::try_from(number).unwrap(), tie.at_least.minor))
    }

    /// The maxima are opened, where there are any.
    fn opens_maxima(&mut self, now: Timestamp) {
        if let Some((event, told)) = proxy::opened(&self.lot, &self.placed, self.secret.as_ref(), now) {
            self.goes_on(event, told);
        }
    }

    pub(super) fn opens(&mut self, bids: Vec<Opened>, now: Timestamp) {
        let (event, told) = if matches!(self.lot.terms.format, Format::Weighted { .. }) {
            weighted::open(&self.lot, bids, &Scores::new(), self.secret.as_ref(), now)
        } else {
            sealed::open(&self.lot, bids, now)
        };
        self.goes_on(event, told);
    }

    /// The runner-up of open bids is asked exactly where that was announced and there is one.
    fn is_followed(&self, closing: &close::Closing) -> Result<(), TestCaseError> {
        let terms = &self.lot.terms;
        let Some(award) = closing.awards.first().filter(|_| matches!(terms.format, Format::English {}) && !terms.proxy) else {
            return Ok(());
        };
        let next = next_bidder::next(&closing.lot, award.admission, &self.log, &[], &[], &closing.event);
        let of_another = |event: &lot_event::Model| event.kind == LotEventKind::BidPlaced && event.admission_id != Some(award.admission);
        let has_runner_up = self.log.iter().any(of_another);
        prop_assert!(next.is_none() || terms.next_bidder_rule);
        if terms.reserve == (Reserve::None {}) {
            prop_assert_eq!(next.is_some(), terms.next_bidder_rule && has_runner_up);
        }
        Ok(())
    }
}
