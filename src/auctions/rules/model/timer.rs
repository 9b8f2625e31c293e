//! What comes of a lot that is played without anybody's doing.

use entity::Timestamp;
use entity::auctions::{lot, lot_event};

use super::play::Play;
use crate::auctions::rules::sealed::scores::is_weighted;
use crate::auctions::rules::sealed::{self, weighted};
use crate::auctions::rules::{clock, close, preemption, proxy, rounds};

impl Play {
    /// The timer comes to every end by an instant that something follows. An end that is the last is left to the last.
    pub(super) fn serves(&mut self, now: Timestamp) {
        loop {
            let (due, ahead) = rounds::advance(&self.lot, &self.envelopes, now);
            let look = clock::next_look(&ahead).filter(|look| now >= *look && clock::is_over(&ahead, *look));
            let Some((events, next)) = look.and_then(|look| self.after_end(&ahead, look)) else { return };
            self.log.extend(due);
            self.takes_all(events, next);
        }
    }

    /// What follows an end that is not the last: those who are equal bid once more, or several holders who take it, or the next are
    /// asked at the price that is found once all that was hidden is opened.
    fn after_end(&self, lot: &lot::Model, now: Timestamp) -> Option<(Vec<lot_event::Model>, lot::Model)> {
        let (mut events, ready) = self.bids_opened(lot, now);
        if let Some((round, next)) = sealed::tie_round(&ready, close::floor(&ready.terms, None), now) {
            events.push(round);
            return Some((events, next));
        }
        if let Some((round, next)) = preemption::round(&ready, now) {
            events.push(round);
            return Some((events, next));
        }
        // To open maxima takes long, and nothing follows it where nobody is asked.
        ready.terms.preemption.as_ref()?;
        let (maxima, ready) = self.maxima_opened(ready, now);
        let (question, next) = preemption::ask(&ready, None, &self.to_be_asked(&ready), now)?;
        events.extend(maxima);
        events.push(question);
        Some((events, next))
    }

    /// The lot with the bids of its round opened, if they are still sealed.
    fn bids_opened(&self, lot: &lot::Model, now: Timestamp) -> (Vec<lot_event::Model>, lot::Model) {
        if !sealed::awaits_opening(lot) {
            return (Vec::new(), lot.clone());
        }
        let of = sealed::round(lot);
        let bids = self.sealed.iter().filter(|(round, _)| *round == of).map(|(_, bid)| bid.clone()).collect();
        let (event, next) =
            if is_weighted(&lot.terms.format) { weighted::open(lot, bids, &self.scores, None, now) } else { sealed::open(lot, bids, now) };
        (vec![event], next)
    }

    /// The lot with its maxima opened, if any were placed that are not.
    fn maxima_opened(&self, lot: lot::Model, now: Timestamp) -> (Option<lot_event::Model>, lot::Model) {
        match proxy::opened(&lot, &self.placed, None, now) {
            Some((event, next)) => (Some(event), next),
            None => (None, lot),
        }
    }

    /// What is paused is resumed, and then nobody does anything any more.
    pub(super) fn resumes_and_ends(mut self) -> Self {
        if self.lot.pause.is_some() {
            self.resumes();
        }
        self.ends()
    }

    /// Nobody does anything any more. What is paused stays so.
    pub(super) fn ends(mut self) -> Self {
        while let Some(look) = clock::next_look(&self.lot) {
            let (due, ahead) = rounds::advance(&self.lot, &self.envelopes, look);
            self.takes_all(due, ahead);
            if clock::is_over(&self.lot, look) {
                self.ends_at(look);
            }
        }
        self
    }

    fn ends_at(&mut self, now: Timestamp) {
        if let Some((events, next)) = self.after_end(&self.lot, now) {
            return self.takes_all(events, next);
        }
        let (mut events, opened) = self.bids_opened(&self.lot, now);
        let (maxima, opened) = self.maxima_opened(opened, now);
        let closing = close::close(&opened, None, now);
        events.extend(maxima);
        events.push(closing.event);
        self.takes_all(events, closing.lot);
    }
}
