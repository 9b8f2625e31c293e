//! Lots, their event log and awards.

mod format;
mod standing;
mod terms;

use crate::Timestamp;
use crate::ids::{AdmissionId, AwardId, ListingId, LotId, LotSessionId, OrganisationId, PersonId, ReceiptTreeId, SealedBidId};
use crate::kept::Kept;
use crate::money::Currency;

pub use format::*;
pub use standing::*;
pub use terms::*;

codes! {
    /// Where a lot stands.
    LotState {
        /// Announced; not yet open.
        Scheduled,
        /// Free bidding period.
        OpenFree,
        /// Timed bidding period, only where the closing mode is `timed_cycle`.
        OpenTimed,
        /// Interrupted by the auction host (暂停): every clock of the bidding stands until it is resumed.
        Paused,
        /// Sold.
        ClosedSold,
        /// No bid, or none at the reserve price.
        ClosedUnsold,
        /// Ended without bidding: too few admitted, or the listing was terminated.
        Aborted,
        /// Bidding has ended, and a holder of a right of pre-emption is asked whether he takes it at that price.
        PreemptionAsk,
    }
}

codes! {
    /// What happened in a lot.
    LotEventKind {
        Scheduled, RegistrationClosed, Opened, BidPlaced, TimedPhaseStarted, BidderSuspended, BidderReinstated,
        Sold, Unsold, Aborted, Paused, Resumed, Extended, SessionJoined, TurnCame, ExtendedForOutage, BoughtNow, MaximumPlaced,
        MaximaOpened, BidsOpened, TieRound, FirstOffersOpened, TurnEnded, PreemptionAsked, PreemptionAnswered,
        PreemptionRound, Postponed,
    }
}

table! {
    /// A lot: the projection of its event log.
    lot "lot" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LotId,
        pub listing_id: ListingId,
        pub seller_organisation_id: OrganisationId,
        pub title: String,
        pub rehearsal: bool,
        pub state: LotState,
        pub terms: LotTerms,
        #[serde(skip)]
        pub reserve_sealed: Option<Vec<u8>>,
        pub currency: Currency,
        /// Sequence number of the last event; the lot's version.
        pub seq: i64,
        pub head_hash: Vec<u8>,
        pub price_minor: Option<i64>,
        pub leader_admission_id: Option<AdmissionId>,
        pub leader_pseudonym: Option<String>,
        /// The rank of the leader's right of pre-emption, where his bid bore one.
        pub leader_priority: Option<i32>,
        pub bid_count: i64,
        pub opens_at: Timestamp,
        pub closes_at: Timestamp,
        pub last_arrival: Option<Timestamp>,
        pub enough_admitted: Option<bool>,
        /// The interruption it is in.
        pub pause: Option<Pause>,
        /// How far pauses since the opening, and extensions, have moved its latest end, microseconds. A falling clock is
        /// moved by pauses alone.
        pub shifted_us: i64,
        /// The session of lots it belongs to.
        pub session_id: Option<LotSessionId>,
        /// Whether the host of its session opens it.
        pub hosted: bool,
        /// In a hosted session, once its turn has come: when it opens by itself if the host is late.
        pub opens_by: Option<Timestamp>,
        /// Where bidding by rounds stands.
        pub book: Option<RoundsBook>,
        /// The holders of a right of pre-emption who are or were asked after the bidding.
        pub asking: Option<Asking>,
        pub barred_persons: sea_orm::JsonValue,
        /// The rules it was announced under.
        pub rules: Kept,
        /// What is sold and how, by value, for the deal that follows.
        pub facts: Kept,
        pub created_at: Timestamp,
        /// What its sealed bids came to, once they are opened. Not in records of deeds from before there were any.
        #[serde(default)]
        pub opened: Option<OpenedRound>,
        /// What is hidden of the maxima that stand, sealed; nothing after the close.
        #[serde(skip)]
        pub hidden_sealed: Option<Vec<u8>>,
    }
}

table! {
    /// What happened in a lot, chained by hash; the only truth about it.
    lot_event "lot_event" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub at: Timestamp,
        pub kind: LotEventKind,
        pub body: String,
        /// Who caused it; not part of the public body.
        pub person_id: Option<PersonId>,
        pub admission_id: Option<AdmissionId>,
        pub request_id: Option<String>,
        pub prev_hash: Vec<u8>,
        pub hash: Vec<u8>,
        /// What the public body hides behind a commitment, sealed.
        #[serde(skip)]
        pub sealed: Option<Vec<u8>>,
    }
}

table! {
    /// The public half of a key receipts are or were signed with: what it signed can be checked for ever.
    receipt_key "receipt_key" {
        /// Its thumbprint (RFC 7638).
        #[sea_orm(primary_key, auto_increment = false)]
        pub kid: String,
        pub public_key: Vec<u8>,
        pub first_used_at: Timestamp,
    }
}

table! {
    /// What the receipts of one transaction share, for as long as its outcomes are kept.
    receipt_tree "receipt_tree" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ReceiptTreeId,
        /// Hashes, 32 bytes each, in order.
        pub leaves: Vec<u8>,
        /// The signature over the root.
        pub jws: String,
        pub made_at: Timestamp,
    }
}

table! {
    award "award" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AwardId,
        pub lot_id: LotId,
        /// Which of several identical units, the first of his; 1 for a single lot.
        pub unit: i32,
        /// 1 for the winner, higher where a next bidder was asked.
        pub turn: i32,
        pub admission_id: AdmissionId,
        /// What he pays for all of his units.
        pub price_minor: i64,
        pub currency: Currency,
        pub created_at: Timestamp,
        /// How many units are his; 1 for a single lot.
        pub units: i32,
    }
}

table! {
    /// A first offer of bidding by rounds, sealed until bidding opens. A bidder's last one counts; earlier ones stay.
    first_offer "first_offer" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        /// Its place among all that were sealed for the lot, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i64,
        pub admission_id: AdmissionId,
        /// Salt and amount.
        #[serde(skip)]
        pub sealed: Vec<u8>,
        /// SHA-256 of salt and amount, which the bidder is told, hexadecimal.
        pub commitment: String,
        pub arrived_at: Timestamp,
        /// Who sealed it; unknown of those from before it was kept.
        pub person_id: Option<PersonId>,
    }
}

table! {
    /// A bid of a turn, sealed until the turn ends. The last one counts; earlier ones stay.
    turn_bid "turn_bid" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        /// Its place among all bids of turns of the lot, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i64,
        pub round: i32,
        pub turn: i32,
        pub admission_id: AdmissionId,
        /// Salt and amount.
        #[serde(skip)]
        pub sealed: Vec<u8>,
        pub arrived_at: Timestamp,
        /// Who bid; unknown of those from before it was kept.
        pub person_id: Option<PersonId>,
    }
}

table! {
    /// A sealed bid, which neither the lot nor its log tells of before all are opened. The last of a bidder in a round counts.
    sealed_bid "sealed_bid" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SealedBidId,
        pub lot_id: LotId,
        /// 1, 2 for the round among equals, or 3 for that among holders of a right of pre-emption.
        pub round: i32,
        /// In which order it was sealed, in its lot.
        pub seq: i64,
        pub admission_id: AdmissionId,
        pub person_id: PersonId,
        pub request_id: String,
        /// When it counts as arrived.
        pub at: Timestamp,
        /// The hash of what is in the envelope.
        pub commitment: Vec<u8>,
        /// Price and salt, sealed.
        pub envelope: Vec<u8>,
    }
}
