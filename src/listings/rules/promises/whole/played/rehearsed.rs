//! What `zhepai simulate` foretells of the same deeds, line by line and to the end, held against what the log of the engine makes of
//! the lot.

use entity::Timestamp;
use entity::money::Money;
use proptest::prelude::*;

use super::{HOLDER, Play, name};
use crate::auctions::rules::log::{Body, apply};
use crate::auctions::rules::sealed::scores::Scores;
use crate::rulebook::rules::shipped::RULEBOOK;
use crate::simulation::course::{line, run};
use crate::simulation::description::{Deed, Description, Event};

/// The events before anything is done: it is announced, and registration closes, which a description says no instants of.
const BEFORE: usize = 2;

/// Where somebody stands in the list of bidders.
pub(super) fn place(who: u128) -> usize {
    usize::try_from(who).unwrap() - 1
}

impl Play<'_> {
    /// Describes a deed that counts, as whoever rehearses the lot would.
    pub(super) fn describes(&mut self, at: Timestamp, deed: Deed) {
        self.described.push(Event { at, deed });
    }

    /// The same of a bid that counts.
    pub(super) fn describes_bid(&mut self, who: u128, price: Money, at: Timestamp) {
        self.describes(at, Deed::Bid { bidder: place(who), price, further_units: Vec::new(), confirmed: true });
    }

    /// The rehearsal of all that was done refuses nothing and takes the very course of the log, to the end. It knows of no sessions.
    pub(super) fn was_foretold(&self) -> Result<(), TestCaseError> {
        if self.lot.session_id.is_some() {
            return Ok(());
        }
        let last = HOLDER + u128::try_from(self.ranks.len()).unwrap();
        let described = Description {
            title: self.blank.title.clone(),
            terms: self.blank.terms.clone(),
            reserve: self.secret.clone(),
            bidders: (1..=last).map(name).collect(),
            holders: self.holders().map(|(who, rank)| (name(who), rank)).collect(),
            scores: Scores::new(),
            events: self.described.clone(),
        };
        let simulated = run(&described, &RULEBOOK);
        prop_assert!(simulated.is_ok(), "{:?}", simulated.err());
        let lines = simulated.unwrap().lines;
        prop_assert_eq!(lines.iter().find(|line| line.refused.is_some()), None);
        let foretold: Vec<_> = lines.into_iter().filter(|line| line.seq.is_some()).skip(BEFORE).collect();

        let (mut lot, mut came) = (self.blank.clone(), Vec::new());
        for event in &self.log {
            let body: Body = serde_json::from_str(&event.body).unwrap();
            (lot, _) = apply(&lot, event, &body);
            came.push(line(event, body, &lot));
        }
        prop_assert_eq!(&lot, &self.lot);
        prop_assert_eq!(foretold, came.split_off(BEFORE));
        Ok(())
    }
}
