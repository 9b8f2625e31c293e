//! What a file of evidence says.

mod negotiation;
mod open_licence;
mod rights_grant;
mod unit_notice;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::deals::{DealState, deal};
use entity::identity::StaffRole;
use entity::ids::{DealId, ListingAmendmentId, ListingId, LotId, NoticeId, NoticeProposalId, OrganisationId, PersonId};
use entity::listings::{AmendmentState, ListingState, listing, listing_amendment};
use entity::notices::{NoticeProposalKind, NoticeProposalState, notice_proposal};
use entity::platform::audit;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::EvidenceStatement;
use crate::documents::views::DocumentRef;
use crate::notices::views::{NoticeSummary, NoticeVersionSummary};
use crate::objections::views::ObjectionView;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};
use crate::questions::views::QuestionView;
use crate::rulebook::rules::Step;

pub use negotiation::EvidenceNegotiation;
pub use open_licence::EvidenceOpenLicence;
pub use rights_grant::EvidenceRightsGrant;
pub use unit_notice::EvidenceUnitNotice;

/// A file of evidence (公示证据), signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceFile {
    /// What it says.
    #[schema(value_type = Evidence)]
    pub content: Value,
    /// What the platform signed of it.
    pub statement: EvidenceStatement,
    /// The signature (RFC 7515, compact) over the root of a tree that has one leaf, the statement: as a receipt's, and by a key that
    /// `GET /v1/receipt-keys` tells.
    pub jws: String,
}

/// What shows that the procedure of a listing, a sale at a negotiated price, a grant of rights or an open licence was followed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Evidence {
    /// Its form.
    #[schema(example = "zhepai-evidence/1")]
    pub format: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The listing it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing: Option<EvidenceListing>,
    /// The sale at a negotiated price it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiation: Option<EvidenceNegotiation>,
    /// The grant of rights it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights_grant: Option<EvidenceRightsGrant>,
    /// The open licence it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_licence: Option<EvidenceOpenLicence>,
    /// The steps of a listing's procedure, those that happened and those that follow.
    pub steps: Vec<Step>,
    /// The notices that were published, in order.
    pub notices: Vec<EvidenceNotice>,
    /// What was objected to, as the public sees it, in order.
    pub objections: Vec<ObjectionView>,
    /// What was asked and answered, where it was published, in order.
    pub questions: Vec<QuestionView>,
    /// What its seller proposed to offer otherwise after the publication, and what became of it, in order.
    pub amendments: Vec<EvidenceAmendment>,
    /// The logs of its lots, which are published by themselves once they have ended: of those in whose place another was announced, in
    /// order, and of the one that stands last.
    pub lots: Vec<EvidenceLot>,
    /// Its deals, in order.
    pub deals: Vec<EvidenceDeal>,
    /// The rows of the audit trail that say what was changed of all of these, in order: those that had their place in the chain when the
    /// file was made, and are still kept.
    pub deeds: Vec<EvidenceDeed>,
    /// Where the trail ended when the file was made.
    pub trail: EvidenceTrail,
}

/// The listing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceListing {
    /// Id.
    pub id: ListingId,
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: ListingState,
    /// The edition of the rules it was approved under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook_version: Option<i64>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
}

impl From<&listing::Model> for EvidenceListing {
    fn from(row: &listing::Model) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            title: row.title.clone(),
            state: row.state,
            rulebook_version: row.rulebook_version,
            published_at: row.published_at,
        }
    }
}

/// A notice with all its texts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceNotice {
    /// The notice, its period and the days that did not count.
    #[serde(flatten)]
    pub notice: NoticeSummary,
    /// The versions of its text, the first first.
    pub versions: Vec<EvidenceVersion>,
    /// What was proposed about it, in order.
    pub proposals: Vec<EvidenceProposal>,
    /// The notices of the unit in its own place that were shown beside it, in order: also those of what was agreed anew since.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unit_notices: Vec<EvidenceUnitNotice>,
}

impl EvidenceNotice {
    /// Whether what stands of its text tells the price of a sale at a negotiated price, and not its band.
    fn tells_price(&self) -> bool {
        self.versions.last().is_some_and(EvidenceVersion::tells_price)
    }
}

/// A version of a text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceVersion {
    /// The version, and its hash.
    #[serde(flatten)]
    pub summary: NoticeVersionSummary,
    /// Who published it; nobody, where it opened by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_by: Option<PersonId>,
    /// The exact text.
    pub content_text: String,
}

impl EvidenceVersion {
    /// Whether it tells the price of a sale at a negotiated price, and not its band.
    fn tells_price(&self) -> bool {
        let text = serde_json::from_str::<Value>(&self.content_text).ok();
        text.is_some_and(|text| ["intended_price", "final_price"].iter().any(|name| text.get(name).is_some()))
    }
}

/// What was proposed about a notice, by whom, and who decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceProposal {
    /// Id.
    pub id: NoticeProposalId,
    /// The notice.
    pub notice_id: NoticeId,
    /// What was proposed.
    pub kind: NoticeProposalKind,
    /// What became of it.
    pub state: NoticeProposalState,
    /// Why it was proposed.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who did or refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<PersonId>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_reason: Option<String>,
}

impl From<&notice_proposal::Model> for EvidenceProposal {
    fn from(row: &notice_proposal::Model) -> Self {
        Self {
            id: row.id,
            notice_id: row.notice_id,
            kind: row.kind,
            state: row.state,
            reason: row.reason.clone(),
            proposed_by: row.proposed_by,
            proposed_at: row.proposed_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            decision_reason: row.decision_reason.clone(),
        }
    }
}

/// What was proposed to be offered otherwise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceAmendment {
    /// Id.
    pub id: ListingAmendmentId,
    /// Where it stands.
    pub state: AmendmentState,
    /// Why.
    pub reason: String,
    /// SHA-256 of the text that was drafted, hexadecimal.
    pub drafted_sha256: String,
    /// The decision of the seller it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_document: Option<DocumentRef>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// When it was published or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused or taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_reason: Option<String>,
}

impl EvidenceAmendment {
    /// An amendment, without who did what: the deeds say it.
    pub fn of(row: &listing_amendment::Model) -> Result<Self, Problem> {
        let document = row.decision_document.clone().map(serde_json::from_value).transpose();
        Ok(Self {
            id: row.id,
            state: row.state,
            reason: row.reason.clone(),
            drafted_sha256: hex(&row.drafted_sha256),
            decision_document: document.map_err(|_| Code::Internal)?,
            proposed_at: row.proposed_at,
            decided_at: row.decided_at,
            decision_reason: row.decision_reason.clone(),
        })
    }
}

/// The log of a lot.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceLot {
    /// The lot.
    pub id: LotId,
    /// How many entries its log has.
    pub entries: i64,
    /// The hash it ends in, hexadecimal.
    pub head_sha256: String,
}

/// A deal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceDeal {
    /// Id.
    pub id: DealId,
    /// Where it stands.
    pub state: DealState,
}

impl From<&deal::Model> for EvidenceDeal {
    fn from(row: &deal::Model) -> Self {
        Self { id: row.id, state: row.state }
    }
}

/// On whose side somebody acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceSide {
    /// For the seller, or for whoever grants or declares it.
    Seller,
    /// As an officer of the platform.
    Platform,
    /// The platform itself, when something was due.
    System,
    /// Anybody else: a buyer, or who asks or objects. Who he is does not stand in the file.
    Other,
}

/// A row of the audit trail.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceDeed {
    /// Its place in the chain.
    pub position: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// On whose side.
    pub side: EvidenceSide,
    /// Who, on the side of the seller or the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// As what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What was done, by its id in the API document.
    pub operation: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Uuid>,
    /// The hash that links the row to the one before it, hexadecimal.
    pub sha256: String,
}

/// By whose side rows of the trail are told apart.
pub struct Sides {
    /// Whose matter it is.
    pub seller: OrganisationId,
    /// Who asked or objected, with what: he is named nowhere, whatever else he is.
    pub outsiders: HashSet<(Uuid, PersonId)>,
}

impl Sides {
    fn of(&self, row: &audit::Model) -> EvidenceSide {
        let thing = row.object_id.zip(row.person_id);
        if thing.is_some_and(|thing| self.outsiders.contains(&thing)) { EvidenceSide::Other } else { EvidenceSide::of(row, self.seller) }
    }
}

impl EvidenceSide {
    fn of(row: &audit::Model, seller: OrganisationId) -> Self {
        if row.organisation_id == Some(seller) {
            return Self::Seller;
        }
        match row.role.as_deref() {
            Some("system") => Self::System,
            Some(role) if row.organisation_id.is_none() && StaffRole::codes().iter().any(|code| code == role) => Self::Platform,
            _ => Self::Other,
        }
    }
}

impl EvidenceDeed {
    /// A row of the trail.
    pub fn of(row: &audit::Model, sides: &Sides) -> Self {
        let side = sides.of(row);
        let is_named = matches!(side, EvidenceSide::Seller | EvidenceSide::Platform);
        Self {
            position: row.position.unwrap_or_default(),
            at: row.at,
            side,
            person_id: row.person_id.filter(|_| is_named),
            role: row.role.clone().filter(|_| is_named),
            operation: row.operation.clone(),
            object_kind: row.object_kind.clone(),
            object_id: row.object_id,
            sha256: row.hash.as_deref().map(hex).unwrap_or_default(),
        }
    }
}

/// Where the audit trail ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceTrail {
    /// The last place in the chain.
    pub position: i64,
    /// The hash there, hexadecimal.
    pub sha256: String,
}
