//! What is said about listings.

mod amendments;

use chrono::{DateTime, Utc};
use entity::achievements::{AssetKind, LegalStatus, StatusSource};
use entity::auctions::LotState;
use entity::identity::SellerClass;
use entity::ids::{AchievementId, AssetId, ListingId, LotId, NoticeId, OrganisationId, PersonId};
use entity::listings::{ListingState, TransferMode, listing};
use entity::money::Money;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::rules::content::{is_unpublished, public_offer};
use super::rules::machine;
use super::rules::offer::{Offer, asking_price};
use crate::achievements::store::AssetFacts;
use crate::achievements::views::OwnerView;
use crate::platform::http::answer::Tagged;

pub use amendments::{ListingAmendmentSummary, ListingAmendmentView, NewAmendmentPublication, NewListingAmendment};

/// A listing in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListingSummary {
    /// Id.
    pub id: ListingId,
    /// The seller.
    pub organisation_id: OrganisationId,
    /// Title.
    pub title: String,
    /// Title in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// How the rights pass.
    pub mode: TransferMode,
    /// Where it stands.
    pub state: ListingState,
    /// A rehearsal without legal effect.
    pub rehearsal: bool,
    /// Lowest first bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_price: Option<Money>,
    /// Its lot, once published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// Its notice, once drafted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_id: Option<NoticeId>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// When registration closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_closes_at: Option<DateTime<Utc>>,
    /// When bidding opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auction_opens_at: Option<DateTime<Utc>>,
}

impl From<listing::Model> for ListingSummary {
    fn from(row: listing::Model) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            title_en: row.offer.get("title_en").and_then(Value::as_str).map(ToOwned::to_owned),
            start_price: asking_price(&row.offer),
            title: row.title,
            mode: row.mode,
            state: row.state,
            rehearsal: row.rehearsal,
            lot_id: row.lot_id,
            notice_id: row.notice_id,
            published_at: row.published_at,
            registration_closes_at: row.registration_closes_at,
            auction_opens_at: row.auction_opens_at,
        }
    }
}

/// A listing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListingView {
    /// Id.
    pub id: ListingId,
    /// The seller.
    pub organisation_id: OrganisationId,
    /// The seller's name, where a single listing is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller_name: Option<String>,
    /// The class of the seller, which decides the rules.
    pub seller_class: SellerClass,
    /// The achievement on offer.
    pub achievement_id: AchievementId,
    /// Title.
    pub title: String,
    /// How the rights pass.
    pub mode: TransferMode,
    /// A rehearsal without legal effect.
    pub rehearsal: bool,
    /// Where it stands.
    pub state: ListingState,
    /// Why it was returned, rejected or terminated, in words; or why it failed, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// What can be done to it in this state, by whoever may.
    pub allowed: Vec<String>,
    /// What the caller may do to it now, as operation ids, where a single listing is read: by his rights, its state,
    /// and who had a hand in it. Whether the offer passes the gates a dry run tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["submit_listing", "replace_listing", "terminate_listing"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// The offer. A secret reserve shows only that there is one; the numbers of papers are shown only
    /// to the seller and to staff.
    #[schema(value_type = Offer)]
    pub offer: Value,
    /// The assets with their legal status as last read, where a single listing is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assets: Option<Vec<ListingAssetView>>,
    /// The assets whose legal status, as last read, will be too old when bidding opens: read it again, or
    /// the lot opens with its date shown. Told to the seller and to staff from the day of the warning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stale_at_opening: Vec<AssetId>,
    /// Edition of the rulebook it was approved under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook_version: Option<i64>,
    /// Its notice: the frozen text, with the rules in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_id: Option<NoticeId>,
    /// The notice of its auction (拍卖公告), where it is one in the sense of the auction law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auction_notice_id: Option<NoticeId>,
    /// Its lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// Where its lot stands, `paused` while the auction host interrupts it; where a single listing is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_state: Option<LotState>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// When registration closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_closes_at: Option<DateTime<Utc>>,
    /// Until when anybody who is signed in may ask about it (`ask_question`); absent while nobody may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks_until: Option<DateTime<Utc>>,
    /// When bidding opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auction_opens_at: Option<DateTime<Utc>>,
    /// Who did what; shown to the seller and to staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<ListingProcedure>,
    /// When it was first written.
    pub created_at: DateTime<Utc>,
    /// Version, as in the entity tag.
    pub version: i64,
}

/// Who did what to a listing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListingProcedure {
    /// Who wrote it.
    pub created_by: PersonId,
    /// Who handed it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_by: Option<PersonId>,
    /// Who reviews it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<PersonId>,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_by: Option<PersonId>,
}

/// An asset of a listing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListingAssetView {
    /// The asset.
    pub asset_id: AssetId,
    /// What kind of right it is.
    pub kind: AssetKind,
    /// Title; not public while the application is unpublished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Registry number; not public while the application is unpublished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Its owners, in the order of the register, with their shares.
    pub owners: Vec<OwnerView>,
    /// Legal status as last read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_status: Option<LegalStatus>,
    /// When it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<DateTime<Utc>>,
    /// Where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<StatusSource>,
}

impl ListingAssetView {
    fn of(facts: AssetFacts, insider: bool) -> Self {
        let open = insider || !is_unpublished(&facts);
        Self {
            asset_id: facts.asset.id,
            kind: facts.asset.kind,
            title: open.then_some(facts.asset.title),
            identifier: facts.asset.identifier.filter(|_| open),
            legal_status: facts.status.as_ref().map(|status| status.status),
            as_of: facts.status.as_ref().map(|status| status.as_of),
            source: facts.status.as_ref().map(|status| status.source),
            owners: facts.owners.into_iter().map(OwnerView::from).collect(),
        }
    }
}

impl ListingView {
    /// As its seller and staff see it, with the offer as it was written.
    pub fn of(row: listing::Model, offer: Value) -> Self {
        let asks_until = machine::asks_until(&row);
        let procedure = ListingProcedure {
            created_by: row.created_by,
            submitted_by: row.submitted_by,
            reviewer: row.reviewer,
            published_by: row.published_by,
        };
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            seller_name: None,
            seller_class: row.seller_class,
            achievement_id: row.achievement_id,
            title: row.title,
            mode: row.mode,
            rehearsal: row.rehearsal,
            state: row.state,
            state_reason: row.state_reason,
            allowed: machine::allowed(row.state).into_iter().map(ToOwned::to_owned).collect(),
            allowed_deeds: None,
            offer,
            assets: None,
            stale_at_opening: Vec::new(),
            rulebook_version: row.rulebook_version,
            notice_id: row.notice_id,
            auction_notice_id: row.auction_notice_id,
            lot_id: row.lot_id,
            lot_state: None,
            published_at: row.published_at,
            registration_closes_at: row.registration_closes_at,
            asks_until,
            auction_opens_at: row.auction_opens_at,
            procedure: Some(procedure),
            created_at: row.created_at,
            version: row.version,
        }
    }

    /// As it is read: with its assets, and without what only its seller and staff may see.
    pub fn read(
        row: listing::Model,
        offer: Value,
        seller_name: Option<String>,
        assets: Vec<AssetFacts>,
        stale_at_opening: Vec<AssetId>,
        insider: bool,
    ) -> Self {
        let whole = Self::of(row, offer);
        let assets = assets.into_iter().map(|facts| ListingAssetView::of(facts, insider)).collect();
        let whole = Self { seller_name, assets: Some(assets), stale_at_opening, ..whole };
        if insider {
            return whole;
        }
        Self { offer: public_offer(whole.offer), procedure: None, ..whole }
    }
}

impl Tagged for ListingView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
