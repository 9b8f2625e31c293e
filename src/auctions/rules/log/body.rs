//! What the events of a lot's log say.

use chrono::{DateTime, Utc};
use entity::auctions::{LotEventKind, PreemptionHolder, UnitAward};
use entity::ids::LotSessionId;
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auctions::rules::proxy::{OpenedMaximum, ProvenMaximum};
use crate::auctions::rules::rounds::{OpenedOffer, TurnOffer};
use crate::auctions::rules::sealed::OpenedBid;
use crate::auctions::rules::sealed::weighted::Weighing;

/// The public body of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LotEventBody)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// The lot was announced.
    Scheduled {
        /// Hash of the frozen terms.
        terms_sha256: String,
        /// When it opens.
        opens_at: DateTime<Utc>,
        /// When it closes unless extended.
        closes_at: DateTime<Utc>,
    },
    /// Registration closed. How many were admitted is nobody's business before the close.
    RegistrationClosed {
        /// Whether enough were admitted for the lot to open.
        enough_admitted: bool,
    },
    /// Bidding opened.
    Opened {
        /// When it closes unless extended.
        closes_at: DateTime<Utc>,
    },
    /// A bid took the lead.
    BidPlaced {
        /// The bidder's pseudonym in this lot.
        bidder: String,
        /// The price.
        price: Money,
        /// When the lot now closes.
        closes_at: DateTime<Utc>,
        /// The rank of the bidder's right of pre-emption, where bids at the price that stands are open to holders.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        priority: Option<i32>,
    },
    /// The free period ended; each bid now starts a full cycle.
    TimedPhaseStarted {
        /// When the lot now closes.
        closes_at: DateTime<Utc>,
    },
    /// A bidder may not bid for now.
    BidderSuspended {
        /// The bidder's pseudonym.
        bidder: String,
    },
    /// A bidder may bid again.
    BidderReinstated {
        /// The bidder's pseudonym.
        bidder: String,
    },
    /// Sold.
    Sold {
        /// The winner's pseudonym; of several units that of whoever bid best.
        bidder: String,
        /// The final price; of several units what he pays for all of his.
        price: Money,
        /// The secret reserve, opened.
        #[serde(skip_serializing_if = "Option::is_none")]
        reserve: Option<OpenedReserve>,
        /// Where several units are sold: who has how many, and for how much, whoever bid best first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        awards: Vec<UnitAward>,
    },
    /// Not sold.
    Unsold {
        /// `no_bid` or `below_reserve`, in a descending lot `above_reserve`.
        reason: String,
        /// The secret reserve, opened.
        #[serde(skip_serializing_if = "Option::is_none")]
        reserve: Option<OpenedReserve>,
    },
    /// Ended before anything was sold.
    Aborted {
        /// `too_few_bidders`, `listing_terminated` or `announced_anew` (another lot in its place), before bidding; `not_curable` of a paused lot, bid for or not.
        reason: String,
        /// What could not be cured, in the words of the auction host who ended it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The auction host interrupted the lot: every clock of the bidding stands.
    Paused {
        /// Why.
        reason: String,
        /// The session that was paused as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_id: Option<LotSessionId>,
    },
    /// The lot goes on where it was, every clock of the bidding moved by the length of the pause.
    Resumed {
        /// Why; absent only in logs from before one was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The session that was resumed as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_id: Option<LotSessionId>,
        /// Length of the pause, microseconds.
        shifted_us: i64,
        /// When it now opens, if it has not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens_at: Option<DateTime<Utc>>,
        /// When it now opens by itself if its host is late.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens_by: Option<DateTime<Utc>>,
        /// When it now closes.
        closes_at: DateTime<Utc>,
    },
    /// The auction host gave more time.
    Extended {
        /// Why.
        reason: String,
        /// The session that was extended as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_id: Option<LotSessionId>,
        /// By how much.
        seconds: i64,
        /// When it now closes.
        closes_at: DateTime<Utc>,
    },
    /// The market stood still close to the end, or to the opening of first offers, so that there is more time after it.
    ExtendedForOutage {
        /// Since when.
        began_at: DateTime<Utc>,
        /// Until when.
        ended_at: DateTime<Utc>,
        /// When it now closes.
        closes_at: DateTime<Utc>,
        /// When it now opens, where it had not opened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens_at: Option<DateTime<Utc>>,
    },
    /// The lot opens later than was announced, since registration for it runs longer, or its notice was not read for as long as it must be:
    /// everything keeps its length.
    Postponed {
        /// Why.
        reason: String,
        /// When it now opens.
        opens_at: DateTime<Utc>,
        /// When it now opens by itself if its host is late; only in logs from before such a lot gave its turn back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens_by: Option<DateTime<Utc>>,
        /// When it now closes.
        closes_at: DateTime<Utc>,
    },
    /// A bidder bought the lot at the announced price before the first bid, which ends the bidding.
    BoughtNow {
        /// The bidder's pseudonym in this lot.
        bidder: String,
        /// The price.
        price: Money,
    },
    /// The lot has a place in a session that was published.
    SessionJoined {
        /// The session.
        session_id: LotSessionId,
        /// Its place, from 1.
        ordinal: i32,
        /// When it now closes unless extended.
        closes_at: DateTime<Utc>,
        /// Whether the host opens it.
        hosted: bool,
        /// When it opens by itself if its host is late; absent until its turn has come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens_by: Option<DateTime<Utc>>,
    },
    /// Every lot before it in a hosted session has ended.
    TurnCame {
        /// When it opens by itself if its host is late.
        opens_by: DateTime<Utc>,
    },
    /// A maximum bid was made; how high it is stays hidden.
    MaximumPlaced {
        /// The bidder's pseudonym in this lot.
        bidder: String,
        /// What the amount can be held against once it is opened.
        commitment: String,
        /// Who leads after it.
        leader: String,
        /// The price that stands after it.
        price: Money,
        /// When the lot now closes.
        closes_at: DateTime<Utc>,
    },
    /// Bidding is over, and the maxima are opened, but for how far the winner's go beyond the price.
    MaximaOpened {
        /// The price at the end: the reserve where the winner's maximum reaches it and the others' do not.
        price: Money,
        /// Every maximum that did not win.
        losing: Vec<OpenedMaximum>,
        /// The winner's that reach the price; none if the lot is not sold.
        winner: Vec<ProvenMaximum>,
    },
    /// The sealed bids of a round were opened, all at once.
    BidsOpened {
        /// The round: 1, 2 for the one among equals, or 3 for the one among holders of a right of pre-emption who take the lot.
        round: i32,
        /// The last bid of each bidder, best first.
        bids: Vec<OpenedBid>,
        /// What that order follows from, where the price is one indicator among others.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weighing: Option<Weighing>,
    },
    /// The best bids are equal: those who made them seal one more.
    TieRound {
        /// Who they are, by pseudonym; who sealed earlier stands before.
        bidders: Vec<String>,
        /// The price they are tied at, and the least to be bid; in a descending lot the most.
        at_least: Money,
        /// When it now closes.
        closes_at: DateTime<Utc>,
    },
    /// The first offers of bidding by rounds, sealed until bidding opened.
    FirstOffersOpened {
        /// The last of each bidder, in the order they were sealed.
        offers: Vec<OpenedOffer>,
        /// When the result now comes.
        closes_at: DateTime<Utc>,
    },
    /// A bidder's turn in a round ended, and what he bid in it is shown.
    TurnEnded {
        /// Which round, from 1.
        round: u32,
        /// Which turn in it, from 1.
        turn: u32,
        /// The bidder's pseudonym.
        bidder: String,
        /// His last bid in it; without one his offer stands as it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<TurnOffer>,
    },
    /// Bidding has ended, and the first of these is asked whether he takes the lot at its price; where there may be a round among
    /// those of one rank, all of the rank of the first are.
    PreemptionAsked {
        /// The holders of a right of pre-emption who are left to be asked, in their order.
        holders: Vec<PreemptionHolder>,
        /// The price.
        price: Money,
        /// Before when they must answer who are asked.
        answers_by: DateTime<Utc>,
    },
    /// A holder who was asked has answered.
    PreemptionAnswered {
        /// The holder's pseudonym.
        bidder: String,
        /// Whether he takes the lot.
        takes: bool,
    },
    /// Several of those who were asked take the lot: they seal one more bid.
    PreemptionRound {
        /// Who they are, by pseudonym, in the order of their answers.
        bidders: Vec<String>,
        /// The price they were asked about, and the least to be bid; in a descending lot the most.
        at_least: Money,
        /// When it now closes.
        closes_at: DateTime<Utc>,
    },
}

/// A secret reserve after the close: anyone can recompute the commitment from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenedReserve {
    /// The reserve price.
    pub amount: Money,
    /// The salt, hexadecimal.
    pub salt: String,
}

impl Body {
    /// The end of a lot before its bidding, for such a reason.
    pub fn aborted(reason: &str) -> Self {
        Self::Aborted { reason: reason.into(), note: None }
    }

    /// The kind of event.
    pub fn kind(&self) -> LotEventKind {
        match self {
            Self::Scheduled { .. } => LotEventKind::Scheduled,
            Self::RegistrationClosed { .. } => LotEventKind::RegistrationClosed,
            Self::Opened { .. } => LotEventKind::Opened,
            Self::BidPlaced { .. } => LotEventKind::BidPlaced,
            Self::TimedPhaseStarted { .. } => LotEventKind::TimedPhaseStarted,
            Self::BidderSuspended { .. } => LotEventKind::BidderSuspended,
            Self::BidderReinstated { .. } => LotEventKind::BidderReinstated,
            Self::Sold { .. } => LotEventKind::Sold,
            Self::Unsold { .. } => LotEventKind::Unsold,
            Self::Aborted { .. } => LotEventKind::Aborted,
            Self::Paused { .. } => LotEventKind::Paused,
            Self::Resumed { .. } => LotEventKind::Resumed,
            Self::Extended { .. } => LotEventKind::Extended,
            Self::ExtendedForOutage { .. } => LotEventKind::ExtendedForOutage,
            Self::Postponed { .. } => LotEventKind::Postponed,
            Self::SessionJoined { .. } => LotEventKind::SessionJoined,
            Self::TurnCame { .. } => LotEventKind::TurnCame,
            Self::BoughtNow { .. } => LotEventKind::BoughtNow,
            Self::MaximumPlaced { .. } => LotEventKind::MaximumPlaced,
            Self::MaximaOpened { .. } => LotEventKind::MaximaOpened,
            Self::BidsOpened { .. } => LotEventKind::BidsOpened,
            Self::TieRound { .. } => LotEventKind::TieRound,
            Self::FirstOffersOpened { .. } => LotEventKind::FirstOffersOpened,
            Self::TurnEnded { .. } => LotEventKind::TurnEnded,
            Self::PreemptionAsked { .. } => LotEventKind::PreemptionAsked,
            Self::PreemptionAnswered { .. } => LotEventKind::PreemptionAnswered,
            Self::PreemptionRound { .. } => LotEventKind::PreemptionRound,
        }
    }
}
