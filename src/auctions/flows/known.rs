//! What judging needs to know of those who bid: a right that was taken away counts no more.

use std::collections::{BTreeSet, HashMap};

use entity::admissions::admission_call;
use entity::ids::{LotId, PersonId};

use super::read::applying;
use crate::admissions;
use crate::admissions::store::{Bidder, Pair};
use crate::auctions::http::PlaceBid;
use crate::auctions::rules::bidder;
use crate::house::Tx;
use crate::identity::credentials::{self, AskedCredentials, Credentials};
use crate::identity::store::{PlaceRow, Places, ask_places, places_of};
use crate::platform::access::{Actor, Caller, Context, Permit, Seat};
use crate::platform::db::{Answers, Question, Questions};
use crate::platform::problem::{Code, Problem};

/// What is known.
#[derive(Default)]
pub struct Known {
    /// The places of those whose account lets them in.
    places: Places,
    calls: HashMap<LotId, admission_call::Model>,
    bidders: HashMap<Pair, Bidder>,
    credentials: Credentials,
}

/// What is to be known of some callers and the lots that they bid for.
#[derive(Clone, Default)]
pub(super) struct Wanted {
    actors: Vec<Actor>,
    people: BTreeSet<PersonId>,
    lots: BTreeSet<LotId>,
    pairs: BTreeSet<Pair>,
}

/// That it was asked for.
pub(super) struct AskedKnown {
    places: Question<PlaceRow>,
    calls: Question<admission_call::Model>,
    bidders: Question<Bidder>,
    credentials: AskedCredentials,
}

impl Wanted {
    /// Of callers and lots.
    pub fn of<'a>(bids: impl IntoIterator<Item = (&'a Context, LotId)>) -> Self {
        let mut wanted = Self::default();
        for (by, lot) in bids {
            wanted.lots.insert(lot);
            let Ok(actor) = by.actor() else { continue };
            wanted.people.insert(actor.person);
            wanted.pairs.extend(actor.organisation().map(|organisation| Pair { lot, organisation }));
            wanted.actors.push(actor.clone());
        }
        wanted
    }

    /// But for what is known.
    pub fn but_for(&self, known: &Known) -> Self {
        Self {
            actors: self.actors.iter().filter(|actor| !known.credentials.knows(actor.credential.id())).cloned().collect(),
            people: self.people.iter().filter(|person| !known.places.contains_key(person)).copied().collect(),
            lots: self.lots.iter().filter(|lot| !known.calls.contains_key(lot)).copied().collect(),
            pairs: self.pairs.iter().filter(|pair| !known.bidders.contains_key(pair)).copied().collect(),
        }
    }

    /// Whether it is nothing.
    pub fn is_empty(&self) -> bool {
        self.actors.is_empty() && self.people.is_empty() && self.lots.is_empty() && self.pairs.is_empty()
    }

    /// Asks for it.
    pub fn ask(&self, questions: &mut Questions) -> AskedKnown {
        AskedKnown {
            places: ask_places(questions, self.people.iter().copied()),
            calls: admissions::store::ask_calls(questions, self.lots.iter().copied()),
            bidders: admissions::store::ask_bidders(questions, &self.pairs),
            credentials: credentials::ask(questions, &self.actors),
        }
    }
}

impl AskedKnown {
    /// What was found.
    pub fn found(self, answers: &mut Answers) -> Result<Known, Problem> {
        let bidders = answers.take(self.bidders)?.into_iter().filter(Bidder::counts);
        Ok(Known {
            places: places_of(answers.take(self.places)?),
            calls: admissions::store::by_lot(answers.take(self.calls)?),
            bidders: bidders.map(|held| (Pair { lot: held.lot_id, organisation: held.organisation_id }, held)).collect(),
            credentials: self.credentials.found(answers)?,
        })
    }
}

impl Known {
    /// This and more.
    pub(super) fn learn(&mut self, more: Self) {
        self.places.extend(more.places);
        self.calls.extend(more.calls);
        self.bidders.extend(more.bidders);
        self.credentials.learn(more.credentials);
    }

    /// How much it is.
    pub(super) fn size(&self) -> usize {
        self.places.len() + self.calls.len() + self.bidders.len() + self.credentials.size()
    }

    /// The admission a caller bids under.
    pub(super) fn admission(&self, tx: &Tx, lot: LotId) -> Result<Bidder, Problem> {
        let (actor, seat) = (tx.by.actor()?, tx.by.seat()?);
        if !self.credentials.are_in_force(actor.credential.id(), tx.house.world.real_now()) {
            return Err(Code::TokenInvalid.into());
        }
        let places = self.places.get(&actor.person).ok_or(Code::Forbidden)?;
        let place = places.get(&seat.organisation).ok_or(Code::Forbidden)?;
        let seat = Seat { verified: place.verified, roles: place.roles.clone(), ..seat.clone() };
        // He was let in with the roles he had then.
        Permit::<PlaceBid>::grant(&Caller::Person(Actor { seat: Some(seat.clone()), ..actor.clone() }))?;
        let by = applying(actor, &seat, places.keys().copied().collect());
        let call = self.calls.get(&lot).ok_or(Code::Internal)?;
        bidder::admitted(&by, call, self.bidders.get(&Pair { lot, organisation: seat.organisation }).cloned())
    }
}
