//! What a file of evidence says.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::deals::{DealState, deal};
use entity::identity::StaffRole;
use entity::ids::{DealId, ListingId, LotId, NegotiationId, NoticeId, NoticeProposalId, OrganisationId, PersonId};
use entity::listings::{ListingState, listing};
use entity::negotiations::{NegotiationSide, NegotiationState, negotiation, negotiation_offer};
use entity::notices::{NoticeProposalKind, NoticeProposalState, notice_proposal};
use entity::platform::audit;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::EvidenceStatement;
use crate::documents::views::DocumentRef;
use crate::negotiations::rules::confirmation::UnitNotice;
use crate::negotiations::views::NegotiationView;
use crate::notices::views::{NoticeSummary, NoticeVersionSummary};
use crate::objections::views::ObjectionView;
use crate::platform::keys::hex;
use crate::platform::problem::Problem;
use crate::questions::views::QuestionView;
use crate::rulebook::rules::Step;

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

/// What shows that the procedure of a listing, or of a sale at a negotiated price, was followed.
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
    /// The steps of a listing's procedure, those that happened and those that follow.
    pub steps: Vec<Step>,
    /// The notices that were published, in order.
    pub notices: Vec<EvidenceNotice>,
    /// What was objected to, as the public sees it, in order.
    pub objections: Vec<ObjectionView>,
    /// What was asked and answered, where it was published, in order.
    pub questions: Vec<QuestionView>,
    /// The log of its lot, which is published by itself once it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<EvidenceLot>,
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

/// A sale at a negotiated price.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceNegotiation {
    /// Id.
    pub id: NegotiationId,
    /// Who sells.
    pub organisation_id: OrganisationId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: NegotiationState,
    /// The offers, in order.
    pub offers: Vec<EvidenceOffer>,
    /// The offer that is agreed on, by its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_offer: Option<i64>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<DateTime<Utc>>,
    /// The seller's own decision, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_document: Option<DocumentRef>,
    /// When the seller decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// The seller's own notice, as it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_notice: Option<UnitNotice>,
    /// When the parties confirmed.
    pub confirmations: Vec<EvidenceConfirmation>,
}

/// An offer: that there was one, since only what was agreed on was published.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceOffer {
    /// Its number.
    pub number: i64,
    /// Whose it is.
    pub side: NegotiationSide,
    /// SHA-256 of the text of its terms, hexadecimal, where they were announced: of others prices could be tried by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_sha256: Option<String>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// A confirmation of a party.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceConfirmation {
    /// For which party.
    pub side: NegotiationSide,
    /// When.
    pub confirmed_at: DateTime<Utc>,
}

impl EvidenceNegotiation {
    /// Of a negotiation with its offers.
    pub fn of(row: &negotiation::Model, offers: &[negotiation_offer::Model]) -> Result<Self, Problem> {
        let view = NegotiationView::of(row)?;
        let offers = offers.iter().map(|offer| EvidenceOffer {
            number: offer.number,
            side: offer.side,
            terms_sha256: (row.noticed_offer == Some(offer.number)).then(|| hex(&offer.sha256)),
            made_at: offer.made_at,
        });
        let confirmations =
            view.confirmations.iter().map(|given| EvidenceConfirmation { side: given.side, confirmed_at: given.confirmed_at });
        Ok(Self {
            id: row.id,
            organisation_id: row.organisation_id,
            title: row.title.clone(),
            state: row.state,
            offers: offers.collect(),
            agreed_offer: row.agreed_offer,
            agreed_at: row.agreed_at,
            decided_at: row.decided_at,
            confirmations: confirmations.collect(),
            decision_document: view.decision_document,
            unit_notice: view.unit_notice,
        })
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
}

/// A version of a text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceVersion {
    /// The version, and its hash.
    #[serde(flatten)]
    pub summary: NoticeVersionSummary,
    /// The exact text.
    pub content_text: String,
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
    /// For the seller.
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
    /// Who sells.
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
