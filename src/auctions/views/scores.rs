//! What is said about scores of bidders, and what is asked for.

use chrono::{DateTime, Utc};
use entity::ids::AdmissionId;
use entity::scores::{GivenScore, bidder_score};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auctions::flows::{LotScores, Scored};
use crate::platform::http::answer::Tagged;

/// Scores to record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScores {
    /// The bidder's admission to this lot.
    pub admission_id: AdmissionId,
    /// What the bidder was given, one for each announced indicator, in their order.
    #[schema(min_items = 1, max_items = 10)]
    pub scores: Vec<GivenScore>,
    /// The paper in which the experts or officers signed them, by its name or number; no person is named.
    #[schema(min_length = 1, max_length = 200, example = "评审记录 2026-017")]
    pub protocol: String,
    /// Why earlier scores are corrected; needed for that alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500, example = "录入错误")]
    pub reason: Option<String>,
}

/// Scores as they were recorded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScoresView {
    /// The bidder's admission.
    pub admission_id: AdmissionId,
    /// The bidder's pseudonym in this lot.
    pub bidder: String,
    /// Which version of the bidder's scores, from 1.
    pub revision: i64,
    /// What the bidder was given.
    pub scores: Vec<GivenScore>,
    /// Which paper they stand in.
    pub protocol: String,
    /// Why they were corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When they were recorded.
    pub recorded_at: DateTime<Utc>,
}

impl ScoresView {
    fn of(bidder: String, row: bidder_score::Model) -> Self {
        Self {
            admission_id: row.admission_id,
            bidder,
            revision: row.version,
            scores: row.scorecard.given,
            protocol: row.protocol,
            reason: row.reason,
            recorded_at: row.at,
        }
    }
}

impl From<Scored> for ScoresView {
    fn from(scored: Scored) -> Self {
        Self::of(scored.bidder, scored.row)
    }
}

impl Tagged for ScoresView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// The scores of the bidders of a lot, for officers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LotScoresView {
    /// Whether every admitted bidder is scored.
    pub complete: bool,
    /// Whether bidding has ended and the bids are opened as soon as nobody's scores are missing.
    pub waits: bool,
    /// Every admitted bidder, whether or not a bid was sealed.
    pub items: Vec<ScoredBidder>,
}

/// A bidder with the scores recorded so far.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScoredBidder {
    /// The bidder's admission.
    pub admission_id: AdmissionId,
    /// The bidder's pseudonym in this lot.
    pub bidder: String,
    /// Every version, the latest first, which counts; none where the bidder is not scored yet.
    pub versions: Vec<ScoresView>,
}

impl From<LotScores> for LotScoresView {
    fn from(scores: LotScores) -> Self {
        let items = scores.bidders.into_iter().map(|(admission, rows)| {
            let bidder = admission.pseudonym.unwrap_or_default();
            let versions = rows.into_iter().map(|row| ScoresView::of(bidder.clone(), row)).collect();
            ScoredBidder { admission_id: admission.id, bidder, versions }
        });
        let items: Vec<_> = items.collect();
        let complete = items.iter().all(|one| !one.versions.is_empty());
        Self { complete, waits: scores.waits && !complete, items }
    }
}
