//! A course as it is told.

use entity::Timestamp;
use entity::auctions::{LotEventKind, LotState, UnitAward, lot, lot_event};
use entity::money::Money;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::auctions::rules::log::Body;
use crate::auctions::rules::outage::Outage;
use crate::auctions::rules::preemption;
use crate::platform::keys::hex;

/// The course of an auction.
#[derive(Clone, Debug)]
pub struct Course {
    /// What was sold.
    pub title: String,
    /// Everything that happened or was refused, in order.
    pub lines: Vec<Line>,
    /// The lot after it.
    pub lot: lot::Model,
    /// The reserve price, as far as the public knows of it now.
    pub reserve: Option<Money>,
    /// When the market stood still.
    pub outages: Vec<Outage>,
}

/// One thing that happened or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number in the lot's log; a refusal has none, for it changes nothing, nor has a sealed bid or an outage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// The kind of event, or the deed that was refused.
    pub what: String,
    /// Whom it concerns, by pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bidder: Option<String>,
    /// The price offered or reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the lot stands after it.
    pub state: LotState,
    /// When it closes after it, unless extended.
    pub closes_at: Timestamp,
    /// The refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}

/// A refusal, as the API would tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The code of the problem.
    pub code: &'static str,
    /// What it says.
    pub detail: String,
    /// What a program can act on.
    #[serde(flatten)]
    pub facts: Map<String, Value>,
}

impl Course {
    /// The bids that count, of sealed ones and of first offers the best of each opening.
    pub fn bids(&self) -> impl Iterator<Item = &Line> {
        use LotEventKind::{BidPlaced, BidsOpened, BoughtNow, FirstOffersOpened, MaximumPlaced, TurnEnded};
        let bids = [BidPlaced, BoughtNow, MaximumPlaced, BidsOpened, FirstOffersOpened, TurnEnded].map(LotEventKind::code);
        self.lines.iter().filter(move |line| line.price.is_some() && bids.contains(&line.what))
    }

    /// Who has how many of several units, whoever bid best first.
    pub fn awards(&self) -> &[UnitAward] {
        self.lot.opened.as_ref().map(|opened| opened.awards.as_slice()).unwrap_or_default()
    }

    /// The whole course with its outcome, for programs.
    pub fn json(&self) -> Value {
        let lot = &self.lot;
        let mut said = json!({
            "title": self.title,
            "terms": lot.terms,
            "course": self.lines,
            "outcome": {
                "state": lot.state,
                "price": lot.price_minor.map(|minor| Money { minor, currency: lot.currency }),
                "leader": lot.leader_pseudonym,
                "reserve": self.reserve,
                "bid_count": lot.bid_count,
                "closes_at": lot.closes_at,
                "log_hash": hex(&lot.head_hash),
            },
        });
        if lot.book.is_some() {
            said["book"] = json!(lot.book);
        }
        if lot.terms.format.units().is_some() {
            said["outcome"]["awards"] = json!(self.awards());
        }
        said
    }
}

/// What an event tells, with the lot after it.
pub fn line(event: &lot_event::Model, body: Body, after: &lot::Model) -> Line {
    let (bidder, price, reason) = match body {
        Body::BidPlaced { bidder, price, .. }
        | Body::MaximumPlaced { bidder, price, .. }
        | Body::Sold { bidder, price, .. }
        | Body::BoughtNow { bidder, price } => (Some(bidder), Some(price), None),
        Body::MaximaOpened { price, .. } => (None, Some(price), None),
        Body::BidderSuspended { bidder } | Body::BidderReinstated { bidder } => (Some(bidder), None, None),
        Body::Unsold { reason, .. } | Body::Paused { reason, .. } | Body::Extended { reason, .. } | Body::Postponed { reason, .. } => {
            (None, None, Some(reason))
        }
        Body::Aborted { reason, note } => (None, None, Some(note.map_or_else(|| reason.clone(), |note| format!("{reason}: {note}")))),
        Body::Resumed { reason, .. } => (None, None, reason),
        Body::BidsOpened { bids, .. } => {
            bids.into_iter().next().map_or((None, None, None), |best| (Some(best.bidder), Some(best.price), None))
        }
        Body::TieRound { bidders, at_least, .. } | Body::PreemptionRound { bidders, at_least, .. } => {
            (Some(bidders.join("、")), Some(at_least), None)
        }
        // Of the first offers the best is told; all of them are in the book.
        Body::FirstOffersOpened { .. } => {
            let best = after.price_minor.map(|minor| Money { minor, currency: after.currency });
            (after.leader_pseudonym.clone(), best, None)
        }
        Body::TurnEnded { bidder, offer, .. } => (Some(bidder), offer.map(|offer| offer.price), None),
        Body::Scheduled { .. }
        | Body::RegistrationClosed { .. }
        | Body::Opened { .. }
        | Body::TimedPhaseStarted { .. }
        | Body::ExtendedForOutage { .. }
        | Body::SessionJoined { .. }
        | Body::TurnCame { .. } => (None, None, None),
        Body::PreemptionAsked { price, .. } => {
            let asked: Vec<_> = preemption::asked(after).map(|holder| holder.bidder.as_str()).collect();
            (Some(asked.join("、")), Some(price), None)
        }
        Body::PreemptionAnswered { bidder, takes } => {
            (Some(bidder), None, Some(if takes { "takes it" } else { "does not take it" }.into()))
        }
    };
    let (state, closes_at) = (after.state, after.closes_at);
    Line { seq: Some(event.seq), at: event.at, what: event.kind.code(), bidder, price, reason, state, closes_at, refused: None }
}
