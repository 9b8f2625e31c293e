//! How a lot stands while it is bid for, beside its price and its leader.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::LotState;
use crate::Timestamp;
use crate::ids::LotSessionId;
use crate::money::Money;

/// An interruption of a lot by the auction host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Where the lot stood, and stands again once it is resumed.
    pub before: LotState,
    /// Since when.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Timestamp,
    /// Why; public.
    pub reason: String,
    /// The session it was paused with, which must be resumed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<LotSessionId>,
}

/// The offers of bidding by rounds, from their opening on, and whose turn it is. Everybody may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult)]
pub struct RoundsBook {
    /// The offer of each bidder, in the order they were made.
    pub offers: Vec<RoundsOffer>,
    /// The bidders in the order of their turns in this round, from the worst offer to the best.
    pub order: Vec<String>,
    /// When the first round begins or began.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub begins_at: Timestamp,
    /// The turn that runs, or comes next; absent after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
    /// When the last turn ended, which ended the bidding; without a first offer, when that was found. Absent in lots from before
    /// it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub ended_at: Option<Timestamp>,
}

/// An offer that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoundsOffer {
    /// The bidder's pseudonym in the lot.
    pub bidder: String,
    /// How much.
    pub price: Money,
    /// When it arrived.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Timestamp,
}

/// A turn: the time in which one bidder may raise his own offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Turn {
    /// Which round, from 1.
    pub round: u32,
    /// Its place in the round, from 1.
    pub number: u32,
    /// Whose, by pseudonym.
    pub bidder: String,
    /// When it begins.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub starts_at: Timestamp,
    /// When it ends.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub ends_at: Timestamp,
}

/// A bidder with a right of pre-emption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreemptionHolder {
    /// Its pseudonym in the lot.
    pub bidder: String,
    /// Its rank, 1 before 2.
    #[schema(minimum = 1)]
    pub rank: i32,
}

/// Holders of a right of pre-emption being asked whether they take a lot at its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    /// Who is asked now, and after him the others in their order. Where there may be a round among those of one rank, all of the
    /// rank of the first are asked at once.
    pub holders: Vec<PreemptionHolder>,
    /// Since when they are asked, or since when their round runs.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub asked_at: Timestamp,
    /// Whether all who are asked have answered.
    pub answered: bool,
    /// When bidding had ended.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub bidding_ended_at: Timestamp,
    /// Who has been suspended since, by pseudonym: he is passed over when his turn comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspended: Vec<String>,
    /// Where several are asked at once: what those said who have answered, in the order of their answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<HolderAnswer>,
    /// The round of sealed bids among several who take it, once there is one; whoever took it earlier stands before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<TieRound>,
}

/// What a holder said who was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolderAnswer {
    /// His pseudonym in the lot.
    pub bidder: String,
    /// Whether he takes the lot.
    pub takes: bool,
    /// When it counts as arrived.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Timestamp,
}

/// What the sealed bids of a lot came to when they were opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
pub struct OpenedRound {
    /// The round: 1, 2 for the one among equals, or 3 for the one among holders of a right of pre-emption who take the lot.
    pub round: i32,
    /// When it was opened.
    pub at: Timestamp,
    /// Its bids, best first; of several units those for each single one that can decide: as many as there are units, and the
    /// first that goes empty.
    pub ranking: Vec<RankedBid>,
    /// The round among equals, once there is one.
    pub tie: Option<TieRound>,
    /// Who has how many of several units, once they are sold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<UnitAward>,
}

/// What one bidder has of several identical units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitAward {
    /// The bidder's pseudonym in the lot.
    pub bidder: String,
    /// How many units.
    pub units: u32,
    /// What he pays for all of them.
    pub price: Money,
}

/// An opened bid in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankedBid {
    /// The bidder's pseudonym.
    pub bidder: String,
    /// The price.
    pub price: Money,
}

/// One more round of sealed bids, among those tied at the top, or among several holders who take the lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TieRound {
    /// Who may bid in it, by pseudonym; who sealed his bid, or took the lot, earlier stands before.
    pub bidders: Vec<String>,
    /// The price they are tied at or take it at, and the least to be bid; in a descending lot the most.
    pub at_least: Money,
}
