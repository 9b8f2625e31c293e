//! Bidding by rounds with turns (分轮报价). Each bidder's first offer is sealed until bidding opens. Then, in each round,
//! everybody has one turn, from the worst offer to the best, among equals the later first: he raises his own offer by the
//! step at least, or leaves it. What he bids may be changed until his turn ends, and is shown then.
//!
//! What is sealed is handed in as plain data. Beside it, the schedule follows from the log alone.

mod book;
mod first_offer;
pub mod first_receipt;
mod outage;
pub mod receipt;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests;
mod turn;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Direction, Format, LotState, LotTerms, RoundsBook, RoundsOffer, Turn, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::clock;
use super::log::{Body, Cause, append};
use super::precedence::Claim;
pub use book::{end_turn, moved, put_offers};
pub use first_offer::{counts_at, may_seal, moment};
pub use outage::{extended, look_from};
pub use turn::{Taken, accepts, judge, may_bid, next_price};

/// The most rounds that are reckoned with.
const MOST_ROUNDS: u32 = 100;
/// The longest turn or pause that is reckoned with, seconds: a day.
const LONGEST: i64 = 86_400;

/// A first offer once it is opened: its bidder can recompute his commitment from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenedOffer {
    /// The bidder's pseudonym.
    pub bidder: String,
    /// How much.
    pub price: Money,
    /// When it arrived.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Timestamp,
    /// The salt, hexadecimal.
    pub salt: String,
}

/// The last bid of a turn, once it is shown. At the bidder's own offer it leaves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnOffer {
    /// How much.
    pub price: Money,
    /// When it arrived.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Timestamp,
}

/// What is sealed in a lot and will be shown in its time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelopes {
    /// The first offers that count, in the order they were sealed, each with its bidder's admission.
    pub first_offers: Vec<(AdmissionId, OpenedOffer)>,
    /// The last bid of the turn that runs.
    pub turn_bid: Option<TurnBid>,
}

/// A bid of a turn that is not shown yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnBid {
    /// Of which round.
    pub round: u32,
    /// Of which turn in it.
    pub turn: u32,
    /// The admission bid under.
    pub admission: AdmissionId,
    /// How much, and when it arrived.
    pub offer: TurnOffer,
}

/// The lengths of bidding by rounds, as announced.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    rounds: u32,
    first_pause: i64,
    pause: i64,
    turn: i64,
    result: i64,
}

impl Lengths {
    /// Nothing where a lot is bid for otherwise.
    fn of(format: &Format) -> Option<Self> {
        let Format::Rounds { rounds, first_pause_seconds, pause_seconds, turn_seconds, result_seconds } = format else { return None };
        Some(Self {
            rounds: *rounds,
            first_pause: *first_pause_seconds,
            pause: *pause_seconds,
            turn: *turn_seconds,
            result: *result_seconds,
        })
    }

    /// From the opening to the result with so many bidders, seconds.
    fn whole(self, bidders: i64) -> i64 {
        let rounds = i64::from(self.rounds);
        self.first_pause + (rounds - 1).max(0) * self.pause + rounds * bidders * self.turn + self.result
    }
}

/// Whether a lot is bid for by rounds.
pub fn is_by_rounds(terms: &LotTerms) -> bool {
    Lengths::of(&terms.format).is_some()
}

/// From the opening to the result with a single bidder, seconds; nothing where a lot is bid for otherwise.
pub fn shortest_seconds(format: &Format) -> Option<i64> {
    Lengths::of(format).map(|lengths| lengths.whole(1))
}

/// Whether a format's numbers are such that reckoning with them cannot fail.
pub fn can_be_reckoned(format: &Format) -> bool {
    Lengths::of(format).is_none_or(|lengths| {
        let pauses = [lengths.first_pause, lengths.pause, lengths.result];
        (1..=MOST_ROUNDS).contains(&lengths.rounds)
            && (1..=LONGEST).contains(&lengths.turn)
            && pauses.iter().all(|pause| (0..=LONGEST).contains(pause))
    })
}

/// Where bidding by rounds stands; nothing before its first offers are opened.
pub fn book(lot: &lot::Model) -> Option<&RoundsBook> {
    lot.book.as_ref()
}

/// The bidders from the worst offer to the best, among equals the later first: the last one leads.
pub fn order(offers: &[RoundsOffer]) -> Vec<String> {
    let mut worst_first: Vec<_> = claims(offers.iter()).collect();
    worst_first.sort_by(|(one, _), (other, _)| other.stands_to(one, Direction::Ascending));
    worst_first.into_iter().map(|(_, offer)| offer.bidder.clone()).collect()
}

/// The best offer of anybody but one bidder; among equals the earlier.
pub fn best_beside<'a>(book: &'a RoundsBook, bidder: &str) -> Option<&'a RoundsOffer> {
    let others = claims(book.offers.iter().filter(|offer| offer.bidder != bidder));
    others.min_by(|(one, _), (other, _)| one.stands_to(other, Direction::Ascending)).map(|(_, offer)| offer)
}

/// What decides between offers, which stand in the order they were made.
fn claims<'a>(offers: impl Iterator<Item = &'a RoundsOffer>) -> impl Iterator<Item = (Claim<usize>, &'a RoundsOffer)> {
    offers.enumerate().map(|(made, offer)| (Claim::at(offer.price.minor, made), offer))
}

/// Everything due by `now` short of closing, with what was sealed until then. Events carry the time they were due.
/// A lot of another format is advanced as it always is.
pub fn advance(lot: &lot::Model, envelopes: &Envelopes, now: Timestamp) -> (Vec<lot_event::Model>, lot::Model) {
    let (mut events, mut lot) = clock::advance(lot, now);
    while let Some((at, body, cause)) = due(&lot, envelopes).filter(|(at, ..)| now >= *at) {
        let (event, next) = append(&lot, at, &body, cause);
        events.push(event);
        lot = next;
    }
    (events, lot)
}

/// What comes next in a lot that is being bid for by rounds, and when; nothing once its last turn is over.
fn due(lot: &lot::Model, envelopes: &Envelopes) -> Option<(Timestamp, Body, Cause)> {
    let lengths = Lengths::of(&lot.terms.format)?;
    if lot.state != LotState::OpenFree {
        return None;
    }
    match book(lot) {
        None => Some(opening(lot, lengths, envelopes)),
        Some(book) => book.turn.as_ref().map(|turn| turn_over(turn, envelopes)),
    }
}

fn opening(lot: &lot::Model, lengths: Lengths, envelopes: &Envelopes) -> (Timestamp, Body, Cause) {
    let offers: Vec<OpenedOffer> = envelopes.first_offers.iter().map(|(_, offer)| offer.clone()).collect();
    let bidders = i64::try_from(offers.len()).unwrap_or(i64::MAX);
    // Without an offer there is nothing to wait for.
    let length = if bidders == 0 { TimeDelta::zero() } else { TimeDelta::seconds(lengths.whole(bidders)) + more_time(lot) };
    let standing: Vec<RoundsOffer> = offers.iter().map(book::standing).collect();
    let leader = order(&standing).pop();
    let admission = envelopes.first_offers.iter().find(|(_, offer)| Some(&offer.bidder) == leader.as_ref()).map(|(id, _)| *id);
    let body = Body::FirstOffersOpened { offers, closes_at: lot.opens_at + length };
    (lot.opens_at, body, Cause { admission, ..Cause::default() })
}

/// What the host gave before the opening: the first pause is so much longer.
fn more_time(lot: &lot::Model) -> TimeDelta {
    TimeDelta::microseconds(lot.shifted_us)
}

fn turn_over(turn: &Turn, envelopes: &Envelopes) -> (Timestamp, Body, Cause) {
    let bid = envelopes.turn_bid.as_ref().filter(|bid| (bid.round, bid.turn) == (turn.round, turn.number));
    let cause = Cause { admission: bid.map(|bid| bid.admission), ..Cause::default() };
    // A pause or an outage that came before the turn had run long may have moved its beginning past the bid.
    let offer = bid.map(|bid| TurnOffer { at: bid.offer.at.max(turn.starts_at), ..bid.offer.clone() });
    (turn.ends_at, Body::TurnEnded { round: turn.round, turn: turn.number, bidder: turn.bidder.clone(), offer }, cause)
}

/// Up to when everything that arrived in a lot has been heard out by now. By rounds nothing is opened before that: of a turn, as of
/// the first offers, what arrived in time may still be on its way.
pub fn heard_until(lot: &lot::Model, now: Timestamp) -> Timestamp {
    if is_by_rounds(&lot.terms) { now - TimeDelta::milliseconds(lot.terms.close_grace_ms) } else { now }
}

/// Whether something is due by now in a lot by rounds that waits for its grace: until then nothing else is written down.
pub fn hears(lot: &lot::Model, now: Timestamp) -> bool {
    is_by_rounds(&lot.terms) && !advance(lot, &Envelopes::default(), now).0.is_empty()
}

/// When somebody must look at a lot that is being bid for by rounds: at the opening of its first offers and after each
/// turn, once what arrived in time had its grace. Nothing where only the result is waited for.
pub fn next_look(lot: &lot::Model) -> Option<Timestamp> {
    Lengths::of(&lot.terms.format)?;
    match book(lot) {
        None => Some(clock::after_grace(&lot.terms, lot.opens_at)),
        Some(book) => book.turn.as_ref().map(|turn| clock::after_grace(&lot.terms, turn.ends_at)),
    }
}

/// Whether a turn runs or is still to come.
pub fn is_under_way(lot: &lot::Model) -> bool {
    next_look(lot).is_some()
}

/// The bidder whose admission an event bears: the one who leads by it, or whose turn it was.
pub fn bearer(body: &Body) -> Option<String> {
    match body {
        Body::FirstOffersOpened { offers, .. } => order(&offers.iter().map(book::standing).collect::<Vec<_>>()).pop(),
        Body::TurnEnded { bidder, offer: Some(_), .. } => Some(bidder.clone()),
        _ => None,
    }
}
