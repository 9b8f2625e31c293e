//! What is said about sales at a negotiated price, and what is asked for.

use chrono::{DateTime, Utc};
use entity::ids::{AchievementId, AssetId, DocumentId, NegotiationId, NoticeId, OrganisationId, PersonId};
use entity::listings::PriceBasis;
use entity::money::Money;
use entity::negotiations::{BuyerRelation, NegotiationSide, NegotiationState, negotiation, negotiation_offer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::machine::DeclaredRelation;
use super::rules::offers::{NegotiatedTerms, terms_of, text_of};
use crate::documents::views::DocumentRef;
use crate::notices::rules::both_places::{Awaited, UnitNotice};
use crate::notices::rules::difference::{Difference, differences};
use crate::platform::http::NamedHash;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;
use crate::platform::problem::Problem;

/// An offer to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOffer {
    /// What is proposed.
    pub terms: NegotiatedTerms,
    /// Until when it can be accepted; as long as the rule `negotiated_offer_validity` says unless given.
    pub expires_at: Option<DateTime<Utc>>,
    /// What binds the buyer to the seller, where something does. It counts once the offer is agreed on, and stands until something else is.
    pub relation: Option<DeclaredRelation>,
    /// The buyer asks that his name be kept secret, where the rules let him and he is not related.
    pub name_confidential: Option<bool>,
}

/// A sale at a negotiated price, with its first offer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNegotiation {
    /// The achievement the rights belong to.
    pub achievement_id: AchievementId,
    /// The rights, as one thing.
    #[schema(min_items = 1, max_items = 200)]
    pub asset_ids: Vec<AssetId>,
    /// Who is to buy.
    pub buyer_organisation_id: OrganisationId,
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "一种锂电池正极材料的制备方法")]
    pub title: String,
    /// Title in English.
    #[schema(min_length = 1, max_length = 300)]
    pub title_en: Option<String>,
    /// What the technology does, never how: this is published.
    #[schema(min_length = 1, max_length = 5_000, example = "削减河岸带面源污染的方法，可用于小流域治理。")]
    pub summary: String,
    /// The same in English.
    #[schema(min_length = 1, max_length = 5_000)]
    pub summary_en: Option<String>,
    /// What the seller values it at (基准价).
    pub base_price: Money,
    /// On what that rests.
    pub base_price_basis: PriceBasis,
    /// The appraisal or decision that shows it.
    pub basis_document_id: Option<DocumentId>,
    /// Nothing of it is a state secret (不涉密). Anything but true is refused and nothing is kept.
    pub secret_level_none: bool,
    /// A rehearsal (演练) without legal effect; sandbox only.
    #[serde(default)]
    pub rehearsal: bool,
    /// What the seller offers first.
    pub offer: NewOffer,
}

/// An offer to accept.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// SHA-256 of the terms as they were read: what is accepted is this very text.
    pub terms_sha256: NamedHash,
    /// What binds the buyer to the seller, where something does.
    pub relation: Option<DeclaredRelation>,
    /// The buyer asks that his name be kept secret, where the rules let him and he is not related.
    pub name_confidential: Option<bool>,
}

/// The seller's decision.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SellerDecision {
    /// SHA-256 of the terms that were agreed on, as they were read.
    pub terms_sha256: NamedHash,
    /// The document that says so. Needed where the price is lower than the rule `negotiated_decision_below` lets pass without.
    pub decision_document_id: Option<DocumentId>,
}

/// A confirmation to give.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConfirmation {
    /// SHA-256 of the terms as they were read.
    pub terms_sha256: NamedHash,
}

/// An offer of one party to the other.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfferView {
    /// Its number, from 1.
    #[schema(minimum = 1)]
    pub number: i64,
    /// Whose it is.
    pub side: NegotiationSide,
    /// What it proposes.
    pub terms: NegotiatedTerms,
    /// The text it is known by.
    pub terms_text: String,
    /// SHA-256 of that text, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub terms_sha256: String,
    /// How the buyer is related, as its party declares it; it counts once the offer is agreed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<DeclaredRelation>,
    /// Whether the buyer asks with it that his name be kept secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_confidential: Option<bool>,
    /// In what it differs from the one before.
    #[schema(max_items = 1000)]
    pub differences: Vec<Difference>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// Whether it can be accepted still.
    pub open: bool,
    /// Who made it.
    pub made_by: PersonId,
    /// When.
    pub made_at: DateTime<Utc>,
}

impl OfferView {
    /// Offers in order, each beside the one before; the last of them is open while it stands and was not accepted.
    pub fn all(rows: &[negotiation_offer::Model], agreed: Option<i64>, now: DateTime<Utc>) -> Result<Vec<Self>, Problem> {
        let before = std::iter::once(None).chain(rows.iter().map(Some));
        let last = rows.last().map(|offer| offer.number);
        let views = rows.iter().zip(before).map(|(offer, before)| {
            Ok(Self {
                number: offer.number,
                side: offer.side,
                terms: terms_of(offer)?,
                terms_text: text_of(offer.negotiation_id, &offer.terms),
                terms_sha256: hex(&offer.sha256),
                relation: offer.relation.zip(offer.relation_note.clone()).map(|(kind, note)| DeclaredRelation { kind, note }),
                name_confidential: offer.name_confidential,
                differences: before.map_or_else(Vec::new, |before| differences(&before.terms, &offer.terms)),
                expires_at: offer.expires_at,
                open: Some(offer.number) == last && agreed < Some(offer.number) && now < offer.expires_at,
                made_by: offer.made_by,
                made_at: offer.made_at,
            })
        });
        views.collect()
    }
}

/// A confirmation that was given.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConfirmationGiven {
    /// For which party.
    pub side: NegotiationSide,
    /// By whom.
    pub person_id: PersonId,
    /// When.
    pub confirmed_at: DateTime<Utc>,
}

/// A sale at a negotiated price, as its parties and officers see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NegotiationView {
    /// Id.
    pub id: NegotiationId,
    /// Where it stands.
    pub state: NegotiationState,
    /// Title.
    pub title: String,
    /// Title in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// What the technology does.
    pub summary: String,
    /// The same in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary_en: Option<String>,
    /// Who sells.
    pub seller_organisation_id: OrganisationId,
    /// Who is to buy.
    pub buyer_organisation_id: OrganisationId,
    /// The achievement the rights belong to.
    pub achievement_id: AchievementId,
    /// What the seller values it at.
    pub base_price: Money,
    /// On what that rests.
    pub base_price_basis: PriceBasis,
    /// The document that shows it, with the hash it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis_document: Option<DocumentRef>,
    /// A rehearsal without legal effect.
    pub rehearsal: bool,
    /// How the buyer is related, as the parties declare; absent where he is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<BuyerRelation>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation_note: Option<String>,
    /// Whether the buyer asks that his name be kept secret.
    pub name_confidential: bool,
    /// The offer that was accepted last, by its number.
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
    /// The notice of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_id: Option<NoticeId>,
    /// The seller's own notice, once it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_notice: Option<UnitNotice>,
    /// The confirmations given.
    pub confirmations: Vec<ConfirmationGiven>,
    /// The notice of the result, drafted when both have confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_notice_id: Option<NoticeId>,
    /// When it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// A sale at a negotiated price with its offers, where a single one is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NegotiationDetail {
    /// The negotiation.
    #[serde(flatten)]
    pub negotiation: NegotiationView,
    /// The rights, by id.
    #[schema(max_items = 200)]
    pub asset_ids: Vec<AssetId>,
    /// Its offers, in order.
    pub offers: Vec<OfferView>,
    /// The text of the notice that waits to be published, exactly as it is hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drafted_text: Option<String>,
    /// SHA-256 of that text, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub drafted_sha256: Option<String>,
    /// What the parties wait for before they may confirm, once the notice is public.
    pub waits_for: Vec<Awaited>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["accept_offer", "make_offer"]))]
    pub allowed_deeds: Vec<String>,
}

impl NegotiationView {
    /// Of a negotiation, without what is told of a single one.
    pub fn of(row: &negotiation::Model) -> Result<Self, Problem> {
        let given = [
            (NegotiationSide::Seller, row.seller_confirmed_by, row.seller_confirmed_at),
            (NegotiationSide::Buyer, row.buyer_confirmed_by, row.buyer_confirmed_at),
        ];
        let given =
            given.into_iter().filter_map(|(side, person, at)| Some(ConfirmationGiven { side, person_id: person?, confirmed_at: at? }));
        Ok(Self {
            id: row.id,
            state: row.state,
            title: row.title.clone(),
            title_en: row.title_en.clone(),
            summary: row.summary.clone(),
            summary_en: row.summary_en.clone(),
            seller_organisation_id: row.organisation_id,
            buyer_organisation_id: row.buyer_organisation_id,
            achievement_id: row.achievement_id,
            base_price: Money { minor: row.base_price_minor, currency: row.currency },
            base_price_basis: row.base_price_basis,
            basis_document: DocumentRef::kept(row.basis_document.as_ref())?,
            rehearsal: row.rehearsal,
            relation: row.relation,
            relation_note: row.relation_note.clone(),
            name_confidential: row.buyer_confidential,
            agreed_offer: row.agreed_offer,
            agreed_at: row.agreed_at,
            decision_document: DocumentRef::kept(row.decision_document.as_ref())?,
            decided_at: row.decided_at,
            notice_id: row.notice_id,
            unit_notice: UnitNotice::kept(row.unit_notice.as_ref())?,
            confirmations: given.collect(),
            result_notice_id: row.result_notice_id,
            ended_at: row.ended_at,
            end_reason: row.end_reason.clone(),
            created_at: row.created_at,
            version: row.version,
        })
    }
}

impl Tagged for NegotiationDetail {
    fn version(&self) -> Option<i64> {
        Some(self.negotiation.version)
    }
}
