//! What is said about deals, and what is asked for.

use chrono::{DateTime, Utc};
use entity::deals::{DealState, SignatureSide, deal, deal_signature};
use entity::ids::{AdmissionId, DealId, ListingId, LotId, NoticeId, OrganisationId, PersonId};
use entity::money::Money;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::rules;
use crate::platform::http::NamedHash;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;

/// A signature to give.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignature {
    /// SHA-256 of the confirmation as it was read: what is signed is this very text.
    pub confirmation_sha256: NamedHash,
}

/// A deal, as its parties and officers see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DealView {
    /// Id.
    pub id: DealId,
    /// Where it stands.
    pub state: DealState,
    /// Title of the lot.
    pub title: String,
    /// The same in English, where its listing gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// The lot that was sold.
    pub lot_id: LotId,
    /// The listing that offered it.
    pub listing_id: ListingId,
    /// Who sells.
    pub seller_organisation_id: OrganisationId,
    /// The seller's name when the deal was opened.
    pub seller_name: String,
    /// Who buys.
    pub buyer_organisation_id: OrganisationId,
    /// The buyer's name when the deal was opened.
    pub buyer_name: String,
    /// The buyer's admission to the lot.
    pub buyer_admission_id: AdmissionId,
    /// The name under which the buyer bid.
    pub pseudonym: String,
    /// The price found (成交价); of several units what all of the buyer's cost.
    pub price: Money,
    /// How many of several identical units the buyer has; absent where the lot is one thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub units: Option<u32>,
    /// What each of them costs, where all cost the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Money>,
    /// How much more than the start price it is, in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^-?[0-9]+\.[0-9]{2}$", example = "33.33")]
    pub premium_percent: Option<String>,
    /// How much less than the start price it is, in per cent; after descending bids, instead of a premium.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^-?[0-9]+\.[0-9]{2}$", example = "12.50")]
    pub saving_percent: Option<String>,
    /// The deposit, which becomes part of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit: Option<Money>,
    /// Whether the auction host signs too.
    pub host_required: bool,
    /// A rehearsal without legal effect.
    pub rehearsal: bool,
    /// SHA-256 of the confirmation, hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub confirmation_sha256: String,
    /// Until when it must be signed; whoever has not signed by then is in default.
    pub confirm_by: DateTime<Utc>,
    /// When the last signature was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The result notice, drafted when the last signature was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_notice_id: Option<NoticeId>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// Whether what comes next waits for an objection: the signatures, or what follows the result; told where a single deal is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for_objection: Option<bool>,
    /// What the caller may do to it now, as operation ids; told where a single deal is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["sign_deal"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl From<deal::Model> for DealView {
    fn from(row: deal::Model) -> Self {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let money = |value: &Value| serde_json::from_value::<Money>(value.clone()).ok();
        let facts = &row.facts;
        let start = money(&facts["start_price"]);
        let format = facts["format"].as_str().unwrap_or_default();
        let units = facts["units"].as_u64().and_then(|units| u32::try_from(units).ok());
        let price = Money { minor: row.price_minor, currency: row.currency };
        let beside = start.and_then(|start| rules::beside_price(format, rules::units::times(start.minor, units), row.price_minor));
        let percent = |name: &str| beside.as_ref().filter(|(known, _)| *known == name).map(|(_, percent)| percent.clone());
        Self {
            id: row.id,
            state: row.state,
            title: word(&facts["title"]),
            title_en: facts["title_en"].as_str().map(ToOwned::to_owned),
            lot_id: row.lot_id,
            listing_id: row.listing_id,
            seller_organisation_id: row.seller_organisation_id,
            seller_name: word(&facts["seller"]["name"]),
            buyer_organisation_id: row.buyer_organisation_id,
            buyer_name: word(&facts["buyer"]["name"]),
            buyer_admission_id: row.buyer_admission_id,
            pseudonym: word(&facts["pseudonym"]),
            price,
            units,
            unit_price: rules::units::unit_price(format, price, units),
            premium_percent: percent("premium_percent"),
            saving_percent: percent("saving_percent"),
            deposit: money(&facts["deposit"]),
            host_required: row.host_required,
            rehearsal: facts["rehearsal"].as_bool().unwrap_or_default(),
            confirmation_sha256: hex(&row.confirmation_sha256),
            confirm_by: row.confirm_by,
            confirmed_at: row.confirmed_at,
            result_notice_id: row.result_notice_id,
            created_at: row.created_at,
            waits_for_objection: None,
            allowed_deeds: None,
            version: row.version,
        }
    }
}

impl Tagged for DealView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A signature under a confirmation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignatureView {
    /// For which side.
    pub side: SignatureSide,
    /// Who signed.
    pub person_id: PersonId,
    /// For which organisation; none for the auction host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// When.
    pub signed_at: DateTime<Utc>,
}

impl From<deal_signature::Model> for SignatureView {
    fn from(row: deal_signature::Model) -> Self {
        Self { side: row.side, person_id: row.person_id, organisation_id: row.organisation_id, signed_at: row.signed_at }
    }
}

/// A deal confirmation (成交确认书) with the signatures under it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConfirmationView {
    /// The deal.
    pub deal_id: DealId,
    /// Where the deal stands.
    pub state: DealState,
    /// What it says, every particular labelled in Chinese and English.
    #[schema(value_type = Object)]
    pub content: Value,
    /// The same as the exact text that was hashed: its SHA-256 is `sha256`.
    pub content_text: String,
    /// SHA-256 of the text, hexadecimal; sent back to sign it.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Until when it must be signed.
    pub confirm_by: DateTime<Utc>,
    /// The signatures given, in order.
    pub signatures: Vec<SignatureView>,
    /// Whose are missing.
    pub missing: Vec<SignatureSide>,
    /// Version of the deal, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl ConfirmationView {
    /// The confirmation of a deal.
    pub fn of(row: deal::Model, signatures: Vec<deal_signature::Model>) -> Self {
        let signed: Vec<_> = signatures.iter().map(|signature| signature.side).collect();
        Self {
            deal_id: row.id,
            state: row.state,
            content: serde_json::from_str(&row.confirmation).unwrap_or_default(),
            content_text: row.confirmation,
            sha256: hex(&row.confirmation_sha256),
            confirm_by: row.confirm_by,
            signatures: signatures.into_iter().map(SignatureView::from).collect(),
            missing: rules::missing(row.host_required, &signed),
            version: row.version,
        }
    }
}

impl Tagged for ConfirmationView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
