//! Listings: offers of rights with their procedure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;
use crate::identity::SellerClass;
use crate::ids::{AchievementId, AssetId, ListingAmendmentId, ListingId, LotId, NoticeId, OrganisationId, PersonId};
use crate::sealed::Sealed;

codes! {
    /// Where a listing stands (挂牌项目状态).
    ListingState {
        Draft, Submitted, UnderReview, Returned, Rejected, Approved, Published, RegistrationClosed,
        Bidding, Sold, Failed, Terminated,
    }
}

codes! {
    /// How the technology passes (转化方式), for filters and conflict checks.
    TransferMode { Assignment, ExclusiveLicence, SoleLicence, NonExclusiveLicence, Equity }
}

impl TransferMode {
    /// Whether the same right cannot be offered twice at once under this mode.
    pub fn is_exclusive(self) -> bool {
        !matches!(self, Self::NonExclusiveLicence)
    }

    /// Whether nobody else may be licensed under this mode (独占许可、排他许可).
    pub fn shuts_out_licensees(self) -> bool {
        matches!(self, Self::ExclusiveLicence | Self::SoleLicence)
    }
}

codes! {
    /// What the base price rests on (底价依据).
    PriceBasis { Appraisal, CollectiveDecision, MarketComparison, OwnDecision }
}

table! {
    listing "listing" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ListingId,
        pub organisation_id: OrganisationId,
        pub achievement_id: AchievementId,
        pub seller_class: SellerClass,
        pub rehearsal: bool,
        pub state: ListingState,
        pub state_reason: Option<String>,
        pub mode: TransferMode,
        pub title: String,
        /// The offer as its author wrote it, but for a secret reserve and the contact.
        pub offer: sea_orm::JsonValue,
        /// Whom to ask, as text of JSON. Not in records of deeds from before it was sealed.
        #[serde(default)]
        pub contact: Sealed,
        /// The rule snapshot taken at approval.
        pub rules: Option<sea_orm::JsonValue>,
        pub rulebook_version: Option<i64>,
        /// A secret reserve, sealed as soon as it is given; opened only at close.
        #[serde(skip)]
        pub reserve_sealed: Option<Vec<u8>>,
        pub submitted_by: Option<PersonId>,
        pub reviewer: Option<PersonId>,
        pub published_by: Option<PersonId>,
        pub notice_id: Option<NoticeId>,
        /// The notice of its auction, where it is one in the sense of the auction law.
        #[serde(default)]
        pub auction_notice_id: Option<NoticeId>,
        pub lot_id: Option<LotId>,
        pub registration_closes_at: Option<Timestamp>,
        pub auction_opens_at: Option<Timestamp>,
        pub published_at: Option<Timestamp>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// The rights a listing offers; an exclusive live offer holds each of them alone.
    listing_asset "listing_asset" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub listing_id: ListingId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub asset_id: AssetId,
        /// True from submission to the end of the offer, for modes that exclude any other.
        pub held: bool,
    }
}

codes! {
    /// Where an amendment of a published listing (实质性更正) stands.
    AmendmentState {
        /// It waits for a second person.
        Open,
        /// It was published.
        Published,
        /// It was refused, or taken back by whoever proposed it.
        Refused,
    }
}

table! {
    /// What a seller proposes to offer otherwise than was published; a second person publishes or refuses it.
    listing_amendment "listing_amendment" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ListingAmendmentId,
        pub listing_id: ListingId,
        pub organisation_id: OrganisationId,
        pub state: AmendmentState,
        /// The whole offer as it is to be, but for a secret reserve and the contact, which stays.
        pub offer: sea_orm::JsonValue,
        /// A secret reserve, sealed as that of the listing is.
        #[serde(skip)]
        pub reserve_sealed: Option<Vec<u8>>,
        /// The decision of the seller, where the rules ask for one, as it was then.
        pub decision_document: Option<sea_orm::JsonValue>,
        /// The rule snapshot it was drafted under.
        pub rules: sea_orm::JsonValue,
        /// The text for the public as it was drafted.
        pub drafted: String,
        pub drafted_sha256: Vec<u8>,
        /// Which version of the notice it is to take the place of.
        pub base_version: i64,
        /// Why, for everybody to read.
        pub reason: String,
        pub proposed_by: PersonId,
        pub proposed_at: Timestamp,
        pub decided_by: Option<PersonId>,
        pub decided_at: Option<Timestamp>,
        /// Why it was refused.
        pub decision_reason: Option<String>,
        /// The lot that was announced with it.
        pub lot_id: Option<LotId>,
        pub version: i64,
    }
}

/// How the rights pass, stated as terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum TransferTerms {
    /// Assignment of the right (转让).
    Assignment {},
    /// Exclusive licence (独占许可).
    ExclusiveLicence(LicenceTerms),
    /// Sole licence (排他许可).
    SoleLicence(LicenceTerms),
    /// Non-exclusive licence (普通许可).
    NonExclusiveLicence(LicenceTerms),
    /// Investment for equity (作价投资).
    Equity(EquityTerms),
}

impl TransferTerms {
    /// The mode these terms are of.
    pub fn mode(&self) -> TransferMode {
        match self {
            Self::Assignment {} => TransferMode::Assignment,
            Self::ExclusiveLicence(_) => TransferMode::ExclusiveLicence,
            Self::SoleLicence(_) => TransferMode::SoleLicence,
            Self::NonExclusiveLicence(_) => TransferMode::NonExclusiveLicence,
            Self::Equity(_) => TransferMode::Equity,
        }
    }
}

/// Scope of a licence on offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenceTerms {
    /// What may be done: `make`, `use`, `offer`, `sell`, `import` (PL art. 11), or `all`, which is meant where nothing is said.
    #[serde(default = "LicenceTerms::every_act", skip_serializing_if = "LicenceTerms::is_every_act")]
    #[schema(min_items = 1, max_items = 50, example = json!(["all"]))]
    pub acts: Vec<String>,
    /// Codes of the tree of fields, each with all under it; `all` is said explicitly.
    #[schema(min_items = 1, max_items = 50, example = json!(["all"]))]
    pub fields: Vec<String>,
    /// Division codes of the mainland, each with all under it; `all` is said explicitly.
    #[schema(min_items = 1, max_items = 50, example = json!(["330000"]))]
    pub territory: Vec<String>,
    /// Length in months.
    #[schema(minimum = 1, maximum = 600, example = 60)]
    pub months: u32,
    /// Whether the licensee may grant sub-licences.
    pub sublicence: bool,
}

impl LicenceTerms {
    /// Every act.
    pub fn every_act() -> Vec<String> {
        vec!["all".to_owned()]
    }

    fn is_every_act(acts: &[String]) -> bool {
        acts == ["all"]
    }
}

/// What is given for the technology when it is invested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EquityTerms {
    /// Whether title or only use is contributed (SPC-TC art. 16 wants it said).
    pub contributes: EquityContribution,
    /// What kind of company takes it in, in words.
    #[schema(min_length = 1, max_length = 500, example = "设在浙江、从事水处理装备制造的有限责任公司")]
    pub company: String,
    /// Smallest share asked for, in ten-thousandths.
    #[schema(minimum = 1, maximum = 10_000, example = 1000)]
    pub least_share_bp: u32,
}

/// What is contributed for equity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EquityContribution {
    /// The right itself.
    Title,
    /// Only its use.
    Use,
}
