//! A published course recomputed (复核): the numbers and hashes of its log, its terms, every event by the rules the market
//! itself runs on, its outcome, and the receipts that were given for its bids. Nothing else is needed: no database, no
//! network, no clock.
//!
//! A log tells all that decides price, winner and end. It does not tell why a bidder was suspended, how many were
//! admitted, which of them hold a right of pre-emption, how much longer registration ran, nor that the market stood still: these are
//! taken as they are said. Of lots from before their terms said so, neither how long a host may extend or be late, nor which outage
//! counts. Of a lot that was aborted it does not tell what was still hidden. Nor does it bind the lot's title or its listing, or name
//! anybody: a buyer's name is that of his result notice, and only that he may have bought is looked at. A course that was forged by the
//! rules as a whole is right in itself: what is [`Known`] from elsewhere shows it, or a receipt.

mod aborted;
mod bids;
mod fault;
mod first_offers;
mod follows;
mod known;
mod maxima;
mod outage;
mod published;
mod ranks;
mod receipts;
mod rounds;
mod sealed;
mod suspended;
#[cfg(test)]
mod tests;
mod weighted;

use std::fmt;

use entity::auctions::{LotTerms, RULES_VERSION, lot, lot_event};
use entity::money::Money;
use entity::{Timestamp, micros};
use serde::Deserialize;

use super::announce;
use super::clock::has_ended;
use super::course::{CourseEvent, CourseOutcome, LotCourse, SCHEMA, SCHEMA_VERSION, terms_text};
use super::log::{Body, hash};
use super::receipt::{SignedReceipt, Unsound};
use super::rounds::bearer;
use crate::platform::keys::{hex, sha256, unhex};
pub use fault::{Fault, Place, Wrong};
pub use first_offers::hold_first_offers;
use follows::{are_in_range, bidder_id, follows, is_in_range};
pub use known::Known;
use maxima::Maxima;
use ranks::Ranks;
pub use receipts::{Receipts, verify_with};
pub use rounds::hold_turns;
pub use sealed::hold_sealed;
use suspended::Suspended;

/// What was found to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// Numbers and hashes of so many events.
    Chain(usize),
    /// The terms are those that were announced.
    Terms,
    /// Every event follows by the rules, so many bids among them.
    Rules(i64),
    /// The outcome is what the log leads to.
    Outcome(CourseOutcome),
    /// The log ends in the hash that was published.
    Head,
    /// So many keys of the course are all among those noted.
    Keys(usize),
    /// A receipt, which the key of this id signed for the bid of this number.
    Receipt {
        /// The bid.
        seq: i64,
        /// The key.
        kid: String,
    },
    /// A receipt for a sealed bid, which the key of this id signed.
    SealedReceipt {
        /// The bidder.
        bidder: String,
        /// The round.
        round: i32,
        /// When the later bid arrived that stands in its place, if one does.
        replaced: Option<Timestamp>,
        /// The key.
        kid: String,
    },
    /// A receipt, which the key of this id signed for a bid of a turn.
    TurnReceipt {
        /// The round.
        round: u32,
        /// The turn in it.
        turn: u32,
        /// When the later bid arrived that stands in its place, if one does.
        replaced: Option<Timestamp>,
        /// The key.
        kid: String,
    },
    /// A receipt for a first offer, which the key of this id signed.
    FirstOfferReceipt {
        /// The bidder.
        bidder: String,
        /// When the later offer arrived that stands in its place, if one does.
        replaced: Option<Timestamp>,
        /// The key.
        kid: String,
    },
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(events) => write!(f, "chain: {events} events without a gap, every hash recomputed"),
            Self::Terms => f.write_str("terms: as announced"),
            Self::Rules(bids) => write!(f, "rules: every event follows from those before it, {bids} bids"),
            Self::Outcome(outcome @ CourseOutcome { state, awards, .. }) if !awards.is_empty() => {
                let name = |bidder: &str| published::beside(outcome, bidder);
                let told = awards.iter().map(|one| format!("{} units to {}{} for {}", one.units, one.bidder, name(&one.bidder), one.price));
                write!(f, "outcome: {}, {}", state.code(), told.collect::<Vec<_>>().join(", "))
            }
            Self::Outcome(outcome @ CourseOutcome { state, winner: Some(winner), price: Some(price), .. }) => {
                let (name, instead) = (published::beside(outcome, winner), published::instead_of(outcome, winner));
                write!(f, "outcome: {}, {winner}{name} for {price}{instead}", state.code())
            }
            Self::Outcome(outcome) => write!(f, "outcome: {}", outcome.state.code()),
            Self::Head => f.write_str("head: the log ends in the hash that was published"),
            Self::Keys(keys) => write!(f, "keys: all {keys} of the course are among those noted"),
            Self::Receipt { seq, kid } => write!(f, "receipt: bid {seq}, signed by key {kid}"),
            Self::SealedReceipt { bidder, round, replaced, kid } => {
                write!(f, "receipt: sealed bid of {bidder} in round {round}, signed by key {kid}{}", in_its_place(*replaced))
            }
            Self::TurnReceipt { round, turn, replaced, kid } => {
                write!(f, "receipt: round {round}, turn {turn}, signed by key {kid}{}", in_its_place(*replaced))
            }
            Self::FirstOfferReceipt { bidder, replaced, kid } => {
                write!(f, "receipt: first offer of {bidder}, signed by key {kid}{}", in_its_place(*replaced))
            }
        }
    }
}

/// What is added where a later one of the same bidder counts. He alone knows whether he made it.
fn in_its_place(replaced: Option<Timestamp>) -> String {
    replaced.map(|at| format!("; replaced by a later one of {at}")).unwrap_or_default()
}

/// An event as it is hashed, with what it says.
type Read = (lot_event::Model, Body);

/// Checks a course and the receipts given for its bids, telling what passes, up to the first thing wrong.
pub fn verify(course: &LotCourse, receipts: &[SignedReceipt], mut passed: impl FnMut(Passed)) -> Result<(), Fault> {
    if (course.schema.as_str(), course.schema_version) != (SCHEMA, SCHEMA_VERSION) {
        let why = format!("{} {}", course.schema, course.schema_version);
        return Err(Wrong::UnknownSchema.at(Place::Course, why));
    }
    let log = chain(course)?;
    passed(Passed::Chain(log.len()));
    let terms = terms(course, &log)?;
    passed(Passed::Terms);
    let maxima = Maxima::told(&log);
    let lot = replay(blank(course, terms), &log, &maxima)?;
    passed(Passed::Rules(lot.bid_count));
    outcome(course, &lot)?;
    published::hold(&course.outcome, &lot, &log)?;
    passed(Passed::Outcome(course.outcome.clone()));
    bids::hold_bids(course, &log, &maxima, receipts, passed)
}

/// The lot before its announcement with its whole log, if the course is right; else the first thing wrong.
pub fn proven(course: &LotCourse) -> Result<(lot::Model, Vec<(lot_event::Model, Body)>), Fault> {
    verify(course, &[], |_| {})?;
    let log = chain(course)?;
    let terms = terms(course, &log)?;
    Ok((blank(course, terms), log))
}

/// The log, if its numbers run from 1 and every hash is the one of what is said.
fn chain(course: &LotCourse) -> Result<Vec<Read>, Fault> {
    let mut log: Vec<Read> = Vec::new();
    for (seq, said) in (1..).zip(&course.events) {
        let place = Place::Event(seq);
        if said.seq != seq {
            return Err(Wrong::SequenceBroken.at(place, format!("number {} stands in its place", said.seq)));
        }
        let (event, body) = read(course, said).map_err(|wrong| wrong.at(place, ""))?;
        let before = log.last().map_or(vec![0; 32], |(before, _)| before.hash.clone());
        if event.prev_hash != before {
            return Err(Wrong::ChainBroken.at(place, ""));
        }
        if event.hash != hash(&event) {
            return Err(Wrong::EventChanged.at(place, ""));
        }
        if !is_in_range(event.at) {
            return Err(Wrong::OutOfRange.at(place, ""));
        }
        log.push((event, body));
    }
    Ok(log)
}

/// An event and what it says. A text that says anything beside is none of ours.
fn read(course: &LotCourse, said: &CourseEvent) -> Result<Read, Wrong> {
    let body: Body = serde_json::from_str(&said.body_text).map_err(|_| Wrong::EventUnreadable)?;
    // Nor is an instant finer than what is hashed.
    if serde_json::to_string(&body).ok().as_ref() != Some(&said.body_text) || micros(said.at) != said.at {
        return Err(Wrong::EventUnreadable);
    }
    let bytes = |text: &str| unhex(text).ok_or(Wrong::EventUnreadable);
    let event = lot_event::Model {
        lot_id: course.lot.id,
        seq: said.seq,
        at: said.at,
        kind: body.kind(),
        body: said.body_text.clone(),
        person_id: None,
        admission_id: whose(&body).map(|bidder| bidder_id(&bidder)),
        request_id: None,
        prev_hash: bytes(&said.prev_hash)?,
        hash: bytes(&said.hash)?,
        sealed: None,
    };
    Ok((event, body))
}

/// Whose admission stands beside an event: that of who bid or answered or whose turn it was, or of who is ahead once bids are
/// opened.
fn whose(body: &Body) -> Option<String> {
    match body {
        Body::BidsOpened { bids, .. } => bids.first().map(|best| best.bidder.clone()),
        Body::PreemptionAnswered { bidder, .. } => Some(bidder.clone()),
        _ => offered(body).map(|offered| offered.bidder.into()).or_else(|| bearer(body)),
    }
}

/// The terms, if they are those whose hash was announced.
fn terms(course: &LotCourse, log: &[Read]) -> Result<LotTerms, Fault> {
    let found = hex(&sha256(course.terms_text.as_bytes()));
    if found != course.terms_sha256 {
        return Err(Wrong::TermsChanged.at(Place::Course, "their hash is another"));
    }
    match log.first() {
        Some((_, Body::Scheduled { terms_sha256, .. })) if *terms_sha256 == found => {}
        Some((_, Body::Scheduled { .. })) => return Err(Wrong::TermsChanged.at(Place::Event(1), "another hash was announced")),
        _ => return Err(Wrong::NotWhatFollows.at(Place::Event(1), "a log begins with the announcement")),
    }
    if let Some(version) = unknown_version(&course.terms_text) {
        return Err(Wrong::UnknownRulesVersion.at(Place::Course, version.to_string()));
    }
    let terms: LotTerms =
        serde_json::from_str(&course.terms_text).map_err(|error| Wrong::TermsUnreadable.at(Place::Course, error.to_string()))?;
    if terms_text(&terms) != course.terms_text {
        return Err(Wrong::TermsUnreadable.at(Place::Course, ""));
    }
    // Of lots from before they were bound to a version of the rules nothing says it.
    if terms.rules_version.is_some() && terms.rehearsal != course.lot.rehearsal {
        return Err(Wrong::HeadDiffers.at(Place::Course, "rehearsal"));
    }
    if are_in_range(&terms) { Ok(terms) } else { Err(Wrong::OutOfRange.at(Place::Course, "in the terms")) }
}

/// The version of the rules that terms are bound to, if this program does not know it. The other members of such terms may be
/// unknown to it as well.
fn unknown_version(terms_text: &str) -> Option<u32> {
    #[derive(Deserialize)]
    struct Bound {
        rules_version: Option<u32>,
    }
    let bound: Bound = serde_json::from_str(terms_text).ok()?;
    bound.rules_version.filter(|version| !(1..=RULES_VERSION).contains(version))
}

/// The lot before its announcement. What is not in the course decides nothing.
fn blank(course: &LotCourse, terms: LotTerms) -> lot::Model {
    let blank = announce::blank(course.lot.id, course.lot.listing_id, course.lot.title.clone(), terms);
    lot::Model { rehearsal: course.lot.rehearsal, ..blank }
}

/// The lot at the end of its log, if every event is what the rules make of those before it.
fn replay(blank: lot::Model, log: &[Read], maxima: &Maxima) -> Result<lot::Model, Fault> {
    let (mut lot, mut suspended, mut ranks) = (blank, Suspended::default(), Ranks::default());
    let mut last = Timestamp::UNIX_EPOCH;
    for (event, body) in log {
        let next = follows(&lot, maxima, last, event, body).and_then(|next| {
            suspended.after(&lot.terms, body)?;
            ranks.after(&lot.terms, body)?;
            Ok(next)
        });
        lot = next.map_err(|finding| finding.wrong.at(Place::Event(event.seq), finding.why))?;
        last = event.at;
    }
    if has_ended(&lot) { Ok(lot) } else { Err(Wrong::NotEnded.at(Place::Event(lot.seq), "")) }
}

/// Whether a course says of its end what its log leads to. Whom result notices name is none of that.
fn outcome(course: &LotCourse, lot: &lot::Model) -> Result<(), Fault> {
    let due = CourseOutcome::of(lot);
    let said = CourseOutcome { published: Vec::new(), ..course.outcome.clone() };
    if said == due { Ok(()) } else { Err(Wrong::OutcomeDiffers.at(Place::Course, fault::difference(&said, &due))) }
}

/// What a bidder offered.
struct Offered<'a> {
    bidder: &'a str,
    price: Money,
    /// When the lot closes after it; absent where that ends it.
    closes_at: Option<Timestamp>,
    /// What hides his maximum.
    commitment: Option<&'a str>,
}

/// What a bidder offered; a purchase is such an offer too.
fn offered(body: &Body) -> Option<Offered<'_>> {
    match body {
        Body::BidPlaced { bidder, price, closes_at, .. } => {
            Some(Offered { bidder, price: *price, closes_at: Some(*closes_at), commitment: None })
        }
        Body::BoughtNow { bidder, price } => Some(Offered { bidder, price: *price, closes_at: None, commitment: None }),
        Body::MaximumPlaced { bidder, commitment, price, closes_at, .. } => {
            Some(Offered { bidder, price: *price, closes_at: Some(*closes_at), commitment: Some(commitment) })
        }
        _ => None,
    }
}

impl From<Unsound> for Wrong {
    fn from(unsound: Unsound) -> Self {
        match unsound {
            Unsound::Unreadable => Self::ReceiptUnreadable,
            Unsound::UnknownKey => Self::ReceiptKeyUnknown,
            Unsound::Signature => Self::ReceiptSignature,
            Unsound::Path => Self::ReceiptPath,
        }
    }
}
