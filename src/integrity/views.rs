//! What is said about signals.

use chrono::{DateTime, Utc};
use entity::ids::{IntegritySignalId, LotId, OrganisationId};
use entity::integrity::{SignalKind, SignalReason, integrity_signal};
use serde::Serialize;
use utoipa::ToSchema;

use super::rules;
use super::store::Wanted;
use crate::paged;
use crate::platform::http::PageQuery;

paged! {
    /// Which signals, and which page.
    pub struct IntegritySignalQuery {
        /// Of this lot.
        pub lot_id: Option<LotId>,
        /// Of this kind.
        pub kind: Option<SignalKind>,
        /// About this bidder, alone or with another.
        pub organisation_id: Option<OrganisationId>,
    }
}

impl IntegritySignalQuery {
    /// What is asked for, and which page.
    pub fn parts(self) -> (Wanted, PageQuery) {
        let wanted = Wanted { lot: self.lot_id, kind: self.kind, organisation: self.organisation_id };
        (wanted, self.page())
    }
}

/// A signal of collusion (围标串标线索): something to look at, and no finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IntegritySignalView {
    /// Id.
    pub id: IntegritySignalId,
    /// The lot it was read off.
    pub lot_id: LotId,
    /// Who offered the lot.
    pub seller_organisation_id: OrganisationId,
    /// What it is about.
    pub kind: SignalKind,
    /// The bidder it is about.
    pub organisation_id: OrganisationId,
    /// The other bidder, where it is about two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_organisation_id: Option<OrganisationId>,
    /// How strong it is, in ten-thousandths.
    #[schema(minimum = 0, maximum = 10_000, example = 9000)]
    pub score_bp: i64,
    /// What it says, in Chinese.
    pub zh: String,
    /// What it says, in English.
    #[schema(example = "the deposits of both bidders came from one account")]
    pub en: String,
    /// What shows it.
    pub reasons: Vec<SignalReason>,
    /// Edition of the rulebook whose thresholds and weights (`integrity_…`) it was reckoned by.
    pub rulebook_version: i64,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}

impl From<integrity_signal::Model> for IntegritySignalView {
    fn from(row: integrity_signal::Model) -> Self {
        let (zh, en) = rules::words(row.kind);
        Self {
            id: row.id,
            lot_id: row.lot_id,
            seller_organisation_id: row.seller_organisation_id,
            kind: row.kind,
            organisation_id: row.organisation_id,
            other_organisation_id: row.other_organisation_id,
            score_bp: row.score_bp,
            zh: zh.into(),
            en: en.into(),
            reasons: row.reasons.0,
            rulebook_version: row.rulebook_version,
            created_at: row.created_at,
        }
    }
}
