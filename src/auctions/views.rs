//! What is said about lots and bids, and what is asked for.

pub mod live;
pub mod scores;

use chrono::{DateTime, Utc};
use entity::auctions::{Asking, LotEventKind, LotState, LotTerms, Pause, RoundsBook, TieRound, UnitAward, lot, lot_event};
use entity::ids::{ListingId, LotId, LotSessionId, OrganisationId};
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::flows::Receipt;
use super::rules::buy_now::on_offer;
use super::rules::dutch::counts_from;
use super::rules::judge::least;
use super::rules::log::Body;
use super::rules::receipt::SignedReceipt;
use super::rules::rounds::first_receipt::FirstOfferReceipt;
use super::rules::rounds::receipt::TurnReceipt;
use super::rules::sealed::receipt::SealedReceipt;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;

/// A bid to place.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBid {
    /// The price offered. On a falling clock it is the most to be paid: accepted is the price on the clock. Where bids are
    /// maxima (`terms.proxy`), it is the most the bidder will pay.
    pub price: Money,
    /// You mean a price as far from the one that stands as this. Without it such a bid is refused (409 `unconfirmed_jump`): none is
    /// withdrawn, and a slip would bind.
    #[serde(default)]
    pub confirmed: bool,
}

/// Whether a lot is taken at the price it is offered for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Whether it is.
    pub takes: bool,
}

/// More time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// How much, seconds; a rule says how much at most.
    #[schema(minimum = 1, example = 1800)]
    pub seconds: i64,
    /// Why; public.
    #[schema(min_length = 1, max_length = 500, example = "部分竞买人网络中断")]
    pub reason: String,
}

/// A receipt: the bid counts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BidReceipt {
    /// The lot.
    pub lot_id: LotId,
    /// The bid's number in the lot's log.
    pub seq: i64,
    /// The bidder's pseudonym in this lot.
    pub bidder: String,
    /// The price; where bids are maxima, the one that stands after this one.
    pub price: Money,
    /// Where bids are maxima: who leads after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader: Option<String>,
    /// Where bids are maxima: the bidder's own, which nobody else is told before the close.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Money>,
    /// When the bid counts as arrived.
    pub arrived_at: DateTime<Utc>,
    /// When the lot now closes.
    pub closes_at: DateTime<Utc>,
    /// Hash of the lot's log up to and with this bid.
    pub log_hash: String,
    /// The same, signed by the platform: keep it, and hold it against the published course (`zhepai verify lot`). Absent
    /// from a rehearsal, and from the repeated answer to a bid from before bids were signed for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<SignedReceipt>,
}

impl From<Receipt> for BidReceipt {
    fn from(receipt: Receipt) -> Self {
        Self {
            lot_id: receipt.lot_id,
            seq: receipt.seq,
            bidder: receipt.bidder,
            price: receipt.price,
            leader: receipt.leader,
            maximum: receipt.maximum,
            arrived_at: receipt.arrived_at,
            closes_at: receipt.closes_at,
            log_hash: hex(&receipt.log_hash),
            receipt: receipt.signed,
        }
    }
}

impl Tagged for BidReceipt {
    fn version(&self) -> Option<i64> {
        Some(self.seq)
    }
}

/// A bidder's own first offer, sealed until bidding opens.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FirstOffer {
    /// The lot.
    pub lot_id: LotId,
    /// How much.
    pub price: Money,
    /// When it counts as arrived.
    pub arrived_at: DateTime<Utc>,
    /// SHA-256 of a salt and the amount in fen (eight bytes, big-endian), hexadecimal: the log tells the salt once the first
    /// offers are opened, so that its bidder can see that it is the one he sealed.
    pub commitment: String,
    /// The same, signed by the platform; told in the answer to the offer, unless it was only rehearsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<FirstOfferReceipt>,
}

impl Tagged for FirstOffer {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A bid to seal.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSealedBid {
    /// The price offered; where several units are sold, that of the first.
    pub price: Money,
    /// Where several units are sold (`terms.format.units`): the prices of those wanted beside the first, none above the one before,
    /// so many in all as `terms.format.cap` allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 999)]
    pub further_units: Vec<Money>,
    /// You mean a price as far from the start price as this. Without it such a bid is refused (409 `unconfirmed_jump`): none is
    /// withdrawn, and a slip would bind.
    #[serde(default)]
    pub confirmed: bool,
}

/// A sealed bid, as its bidder alone is told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SealedBidView {
    /// The lot.
    pub lot_id: LotId,
    /// The round: 1, 2 for the one among those tied at the top, or 3 for the one among holders who take the lot.
    pub round: i32,
    /// The bidder's pseudonym in this lot.
    pub bidder: String,
    /// The price; where several units are sold, that of the first.
    pub price: Money,
    /// Where several units are sold: the prices of those beside the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub further_units: Vec<Money>,
    /// What hides the price in the commitment, hexadecimal.
    pub salt: String,
    /// The commitment, which is opened with the bid: SHA-256 of `zhepai/sealed-bid/1`, the lot's id, the salt, and the amount in
    /// fen (eight bytes, big-endian), followed by those of further units.
    pub commitment: String,
    /// When the bid counts as arrived.
    pub arrived_at: DateTime<Utc>,
    /// Hash of the lot's log when it was sealed; told in the answer to the bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_hash: Option<String>,
    /// The same, signed by the platform; told in the answer to the bid, unless it was only rehearsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<SealedReceipt>,
}

impl Tagged for SealedBidView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A bid of a turn to place.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTurnBid {
    /// The price offered: one's own offer raised by the step at least, or as it stands, to leave it.
    pub price: Money,
    /// You mean a price as far from the one that stands as this. Without it such a bid is refused (409 `unconfirmed_jump`): none is
    /// withdrawn, and a slip would bind.
    #[serde(default)]
    pub confirmed: bool,
}

/// A bid of a turn, as its bidder alone is told of it before the turn ends.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TurnBidView {
    /// The lot.
    pub lot_id: LotId,
    /// The round it was bid in, from 1.
    pub round: u32,
    /// The turn in that round, from 1.
    pub turn: u32,
    /// The bidder's pseudonym in this lot.
    pub bidder: String,
    /// The price.
    pub price: Money,
    /// When the bid counts as arrived.
    pub arrived_at: DateTime<Utc>,
    /// Hash of the lot's log as everybody saw it then.
    pub log_hash: String,
    /// The same, signed by the platform, unless it was only rehearsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<TurnReceipt>,
}

impl Tagged for TurnBidView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A bid as everybody sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BidView {
    /// Number in the lot's log.
    pub seq: i64,
    /// Pseudonym.
    pub bidder: String,
    /// Price; where bids are maxima, the one that stood after this one.
    pub price: Money,
    /// Where bids are maxima: who led after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader: Option<String>,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// The rank of the bidder's right of pre-emption, where holders may bid the price that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
}

impl BidView {
    /// Reads a bid off its event.
    pub fn of(event: &lot_event::Model) -> Option<Self> {
        let (bidder, price, leader, priority) = match serde_json::from_str(&event.body).ok()? {
            Body::BidPlaced { bidder, price, priority, .. } => (bidder, price, None, priority),
            Body::BoughtNow { bidder, price } => (bidder, price, None, None),
            Body::MaximumPlaced { bidder, price, leader, .. } => (bidder, price, Some(leader), None),
            _ => return None,
        };
        Some(Self { seq: event.seq, bidder, price, leader, at: event.at, priority })
    }
}

/// A page of bids, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BidPage {
    /// The bids.
    pub items: Vec<BidView>,
    /// Ask for bids before this number next; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_before: Option<i64>,
}

/// An event of a lot's log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LotEventView {
    /// The lot.
    pub lot_id: LotId,
    /// Number, from 1 without gaps.
    pub seq: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: LotEventKind,
    /// The public body exactly as hashed.
    pub body_text: String,
    /// The same, read.
    pub body: serde_json::Value,
    /// Hash of the event before.
    pub prev_hash: String,
    /// SHA-256 over the previous hash, the lot's id, number, time (microseconds) and body.
    pub hash: String,
    /// The server's time when this was said (live feed only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_time: Option<DateTime<Utc>>,
}

impl LotEventView {
    /// An event as said at a time.
    pub fn at(event: lot_event::Model, server_time: Option<DateTime<Utc>>) -> Self {
        Self {
            lot_id: event.lot_id,
            seq: event.seq,
            at: event.at,
            kind: event.kind,
            body: serde_json::from_str(&event.body).unwrap_or_default(),
            body_text: event.body,
            prev_hash: hex(&event.prev_hash),
            hash: hex(&event.hash),
            server_time,
        }
    }
}

/// A lot: everything a bidder needs in one read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LotView {
    /// Id.
    pub id: LotId,
    /// Of which listing.
    pub listing_id: ListingId,
    /// The seller.
    pub seller_organisation_id: OrganisationId,
    /// Title.
    pub title: String,
    /// Sandbox rehearsal without legal effect.
    pub rehearsal: bool,
    /// Where it stands.
    pub state: LotState,
    /// The interruption it is in, with its reason; its clocks stand until it is resumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
    /// The session of lots it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<LotSessionId>,
    /// How it is bid for.
    pub terms: LotTerms,
    /// The price that stands; absent before the first bid. Of several units, once they are sold: what one costs where all pay one
    /// price, and where each pays his own the best bid.
    pub price: Option<Money>,
    /// Who holds it, under the pseudonym; of several units whoever bid best.
    pub leader: Option<String>,
    /// The rank of the leader's right of pre-emption: where holders may bid the price that stands, one of a better rank
    /// may, and any where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leader_priority: Option<i32>,
    /// The holders of a right of pre-emption who are asked after the bidding whether they take it; the first has until `closes_at`, where
    /// `terms.preemption` has `round_seconds` all of his rank. Several of them who take it may seal one more bid (`round`) until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asking: Option<Asking>,
    /// Where the best sealed bids were equal: who may seal one more, and from what price on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie_round: Option<TieRound>,
    /// The lowest price the next bid may have, in a descending lot the highest, on a falling clock the price now; absent once
    /// it has ended or was taken, where none is low enough any more, and where bids are sealed. By rounds: the lowest that raises
    /// the offer of whose turn it is or comes.
    pub next_price: Option<Money>,
    /// The price at which it can be bought at once; absent once a bid stands, and where none was announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buy_now: Option<Money>,
    /// How many bids.
    pub bid_count: i64,
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// On a falling clock: from when on its ticks are counted, which is its opening, moved by every pause since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts_from: Option<DateTime<Utc>>,
    /// In a hosted session, once its turn has come: when it opens by itself if the host is late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_by: Option<DateTime<Utc>>,
    /// When it closes unless extended.
    pub closes_at: DateTime<Utc>,
    /// The server's time now.
    pub server_time: DateTime<Utc>,
    /// The newest bids, at most fifty; `GET /v1/lots/{id}/bids` has them all.
    pub bids: Vec<BidView>,
    /// Ask there for bids before this number for those that are not here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bids_before: Option<i64>,
    /// What the caller may do about it now, as operation ids: bid, buy it at once, apply to be admitted, or as its host conduct it;
    /// told where a single lot is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["place_bid"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Number of the last event; the version.
    pub version: i64,
    /// Hash of the log so far.
    pub log_hash: String,
    /// Where the lot is bid for by rounds, once the first offers were opened: the offers, and whose turn it is until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub book: Option<RoundsBook>,
    /// Where several units were sold: who has how many, and what he pays for all of his, whoever bid best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<UnitAward>,
    /// The first prices the next bid may have now, at most three, from the least on, step after step (for whoever does not lead); one far
    /// from the price that stands must be confirmed, as any such bid. Absent while nobody may bid, and where the price is a clock's or bids
    /// are sealed or come in turns; told where a single lot is read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggested_prices: Vec<Money>,
}

/// How many bids a lot is shown with.
pub const NEWEST_BIDS: usize = 50;

impl LotView {
    /// A lot with its newest bids at a time.
    pub fn at(row: lot::Model, bids: Vec<BidView>, server_time: DateTime<Utc>) -> Self {
        let money = |minor| Money { minor, currency: row.currency };
        Self {
            awards: row.opened.as_ref().map(|opened| opened.awards.clone()).unwrap_or_default(),
            price: row.price_minor.map(money),
            next_price: least(&row, server_time),
            counts_from: counts_from(&row),
            buy_now: on_offer(&row),
            id: row.id,
            listing_id: row.listing_id,
            seller_organisation_id: row.seller_organisation_id,
            title: row.title,
            rehearsal: row.rehearsal,
            state: row.state,
            pause: row.pause,
            session_id: row.session_id,
            terms: row.terms,
            leader: row.leader_pseudonym,
            leader_priority: row.leader_priority,
            asking: row.asking,
            tie_round: row.opened.and_then(|opened| opened.tie),
            bid_count: row.bid_count,
            opens_at: row.opens_at,
            opens_by: row.opens_by,
            closes_at: row.closes_at,
            server_time,
            bids_before: bids.last().filter(|_| bids.len() == NEWEST_BIDS).map(|bid| bid.seq),
            bids,
            allowed_deeds: None,
            version: row.seq,
            log_hash: hex(&row.head_hash),
            book: row.book,
            suggested_prices: Vec::new(),
        }
    }
}

impl Tagged for LotView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A lot in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LotSummary {
    /// Id.
    pub id: LotId,
    /// Of which listing.
    pub listing_id: ListingId,
    /// Title.
    pub title: String,
    /// Sandbox rehearsal.
    pub rehearsal: bool,
    /// Where it stands.
    pub state: LotState,
    /// The interruption it is in, with its reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
    /// The price that stands.
    pub price: Option<Money>,
    /// Start price.
    pub start_price: Money,
    /// How many bids.
    pub bid_count: i64,
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// In a hosted session, once its turn has come: when it opens by itself if the host is late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_by: Option<DateTime<Utc>>,
    /// When it closes unless extended.
    pub closes_at: DateTime<Utc>,
}

impl From<lot::Model> for LotSummary {
    fn from(row: lot::Model) -> Self {
        Self {
            price: row.price_minor.map(|minor| Money { minor, currency: row.currency }),
            start_price: row.terms.start_price,
            id: row.id,
            listing_id: row.listing_id,
            title: row.title,
            rehearsal: row.rehearsal,
            state: row.state,
            pause: row.pause,
            bid_count: row.bid_count,
            opens_at: row.opens_at,
            opens_by: row.opens_by,
            closes_at: row.closes_at,
        }
    }
}
