//! A place in a session: what it does to the end of a lot, or to its opening.

use chrono::TimeDelta;
use entity::auctions::LotState;
use entity::ids::LotSessionId;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::super::Promises;
use super::super::told::{ends_after_another, time_of_the_host};
use super::Play;
use crate::auctions::rules::clock;
use crate::auctions::rules::log::Cause;
use crate::auctions::rules::session::{self, Place};
use crate::platform::problem::Code;

impl Play<'_> {
    /// Given a place, hosted or after another lot, as it is promised; refused once it is open, or has one.
    pub(super) fn joins(&mut self, number: i64) -> Result<(), TestCaseError> {
        let waits = self.lot.state == LotState::Scheduled && self.lot.session_id.is_none() && self.now < self.lot.opens_at;
        let may_join = session::may_join(&self.lot, self.now).map_err(|refusal| refusal.code);
        prop_assert_eq!(may_join, if waits { Ok(()) } else { Err(Code::WrongState) });
        match (waits, number % 3) {
            (false, _) => Ok(()),
            (true, 0) => self.follows_another(TimeDelta::seconds(number - 500)),
            (true, turn) => self.waits_for_its_host(turn == 1),
        }
    }

    /// Its end is asked for so much later than it is.
    fn follows_another(&mut self, by: TimeDelta) -> Result<(), TestCaseError> {
        let before = (self.lot.opens_at, self.lot.closes_at);
        let place = Place { closes_at: before.1 + by, ..self.place(false) };
        let joined = session::join(&self.lot, &place, Cause::default(), self.now).map_err(|refusal| refusal.code);
        let is_promised = ends_after_another(&Promises(self.text.en.clone()));
        let fits = clock::latest_end(&self.lot).is_none_or(|latest| before.1.max(place.closes_at) <= latest);
        if !is_promised || !fits {
            prop_assert_eq!(joined.err(), Some(Code::OutsideRule));
            return Ok(());
        }
        let (event, lot) = joined.unwrap();
        self.goes_on(event, lot);
        prop_assert_eq!((self.lot.opens_at, self.lot.closes_at), (before.0, before.1.max(before.1 + by)));
        Ok(())
    }

    /// Its turn comes at once, where it is the first, or a little later. Left alone it opens so late, and ends as much later.
    fn waits_for_its_host(&mut self, is_first: bool) -> Result<(), TestCaseError> {
        let late = time_of_the_host(&Promises(self.text.en.clone())).unwrap();
        let announced = (self.lot.opens_at, self.lot.closes_at);
        let opens_by = is_first.then_some(announced.0 + late);
        let place = Place { opens_by, ..self.place(true) };
        let (event, lot) = session::join(&self.lot, &place, Cause::default(), self.now).unwrap();
        self.goes_on(event, lot);
        if !is_first {
            prop_assert_eq!(clock::next_look(&self.lot), None);
            // What its session says of it counts only where nothing was announced.
            let (event, lot) = session::turn(&self.lot, TimeDelta::zero(), self.now).unwrap();
            self.goes_on(event, lot);
        }
        prop_assert_eq!(self.lot.opens_by, Some(announced.0 + late));
        for wait in [TimeDelta::zero(), late / 2] {
            let (_, opened) = session::open(&self.lot, Cause::default(), announced.0 + wait).unwrap();
            prop_assert_eq!((opened.opens_at, opened.closes_at), (announced.0 + wait, announced.1 + wait));
        }
        let early = session::open(&self.lot, Cause::default(), self.now).map_err(|refusal| refusal.code);
        prop_assert_eq!(early.err(), Some(Code::NotOpen));
        Ok(())
    }

    fn place(&self, hosted: bool) -> Place {
        Place { session: LotSessionId(Uuid::from_u128(9)), ordinal: 2, closes_at: self.lot.closes_at, hosted, opens_by: None }
    }
}
