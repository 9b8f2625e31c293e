//! Reads what was bid off the log of a lot, event by event, whatever its format.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::admissions::admission;
use entity::auctions::{lot, lot_event};
use entity::ids::{AdmissionId, OrganisationId};

use super::course::{Bid, Sealed};
use crate::auctions::rules::direction::gain;
use crate::auctions::rules::log::Body;
use crate::auctions::rules::rounds::{OpenedOffer, TurnOffer};
use crate::auctions::rules::sealed::OpenedBid;
use crate::auctions::rules::step::step_at;

/// What was read so far.
pub(super) struct Reading<'a> {
    lot: &'a lot::Model,
    admissions: BTreeMap<AdmissionId, OrganisationId>,
    names: BTreeMap<&'a str, OrganisationId>,
    /// The best price so far, where bids are open.
    best: Option<i64>,
    /// By rounds, where everybody's offer stands.
    offers: BTreeMap<OrganisationId, i64>,
    /// Every bid, in order.
    pub bids: Vec<Bid>,
    /// What each sealed last before anything was opened.
    pub sealed: BTreeMap<OrganisationId, Sealed>,
    /// The turns each had.
    pub turns: BTreeMap<OrganisationId, i64>,
}

impl<'a> Reading<'a> {
    /// Nothing is read yet.
    pub fn of(lot: &'a lot::Model, admissions: &'a [admission::Model]) -> Self {
        let name = |held: &'a admission::Model| Some((held.pseudonym.as_deref()?, held.organisation_id));
        Self {
            lot,
            admissions: admissions.iter().map(|held| (held.id, held.organisation_id)).collect(),
            names: admissions.iter().filter_map(name).collect(),
            best: None,
            offers: BTreeMap::new(),
            bids: Vec::new(),
            sealed: BTreeMap::new(),
            turns: BTreeMap::new(),
        }
    }

    /// Whose admission this is.
    pub fn bidder(&self, id: AdmissionId) -> Option<OrganisationId> {
        self.admissions.get(&id).copied()
    }

    /// Reads one more event.
    pub fn take(&mut self, event: &lot_event::Model) {
        match serde_json::from_str(&event.body) {
            Ok(Body::BidPlaced { price, .. } | Body::BoughtNow { price, .. }) => self.open(event, price.minor, true),
            // How far a maximum raises the price is the platform's doing, and says nothing of its bidder.
            Ok(Body::MaximumPlaced { price, .. }) => self.open(event, price.minor, false),
            Ok(Body::BidsOpened { round, bids, .. }) => self.opened(round, bids),
            Ok(Body::FirstOffersOpened { offers, .. }) => self.first_offers(&offers),
            Ok(Body::TurnEnded { bidder, offer, .. }) => self.turn(&bidder, offer.as_ref()),
            _ => {}
        }
    }

    /// A bid that everybody saw at once.
    fn open(&mut self, event: &lot_event::Model, price: i64, by_himself: bool) {
        let Some(organisation) = event.admission_id.and_then(|id| self.bidder(id)) else { return };
        let gained = self.best.filter(|_| by_himself).map(|before| gain(price, before, self.lot.terms.direction));
        // Who meets a price by right raises nothing.
        let raise = gained.filter(|gained| *gained > 0);
        let least = step_at(&self.lot.terms, self.best);
        self.bids.push(Bid { organisation, at: event.at, raise, least, in_the_open: true });
        self.best = Some(price);
    }

    /// A bid that nobody saw when it was made.
    fn unseen(&mut self, organisation: OrganisationId, at: Timestamp) {
        let least = step_at(&self.lot.terms, None);
        self.bids.push(Bid { organisation, at, raise: None, least, in_the_open: false });
    }

    fn opened(&mut self, round: i32, mut bids: Vec<OpenedBid>) {
        bids.sort_by_key(|bid| (bid.at, bid.order));
        for bid in bids {
            let Some(organisation) = self.names.get(bid.bidder.as_str()).copied() else { continue };
            self.unseen(organisation, bid.at);
            // In the round among equals everybody knows what he is tied at.
            if round == 1 {
                self.sealed.insert(organisation, Sealed { price: bid.price.minor, at: bid.at });
            }
        }
    }

    fn first_offers(&mut self, offers: &[OpenedOffer]) {
        for offer in offers {
            let Some(organisation) = self.names.get(offer.bidder.as_str()).copied() else { continue };
            self.unseen(organisation, offer.at);
            self.sealed.insert(organisation, Sealed { price: offer.price.minor, at: offer.at });
            self.offers.insert(organisation, offer.price.minor);
        }
    }

    /// By rounds everybody raises his own offer, or leaves it.
    fn turn(&mut self, bidder: &str, offer: Option<&TurnOffer>) {
        let Some(organisation) = self.names.get(bidder).copied() else { return };
        *self.turns.entry(organisation).or_default() += 1;
        let own = self.offers.get(&organisation).copied();
        let Some((before, offer)) = own.zip(offer).filter(|(before, offer)| offer.price.minor > *before) else { return };
        let least = step_at(&self.lot.terms, Some(before));
        self.bids.push(Bid { organisation, at: offer.at, raise: Some(offer.price.minor - before), least, in_the_open: false });
        self.offers.insert(organisation, offer.price.minor);
    }
}
