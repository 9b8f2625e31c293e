//! The offer: what a seller says when it lists, and (in `check`) whether it is said well.
//!
//! It is kept as it was written, but for a secret reserve, whose amount is sealed apart at once.

mod buy_now;
mod check;
mod exhibition;
mod preemption;
mod standing_aside;

use chrono::{DateTime, Utc};
use entity::auctions::{AuctionLicence, ClosingMode, Direction, Reserve, Step, StepBase, UniformPays};
use entity::identity::{SellerClass, organisation};
use entity::ids::{AchievementId, AssetId, DocumentId, OrganisationId};
use entity::listings::{PriceBasis, TransferTerms};
use entity::money::Money;
use entity::scores::Criterion;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::identity::rules::seller_class;
use crate::notices::rules::attachment::AttachmentKind;
use crate::platform::problem::{Code, Problem};

pub use buy_now::buy_now_makes_sense;
pub use check::{
    asks_no_secrecy, declares_no_secret, lengths_make_sense, maxima_make_sense, may_descend, sealed_reserve_fits, step_makes_sense,
    terms_make_sense, well_formed,
};
pub use exhibition::Exhibition;
pub use preemption::{
    OfferedHolder, OfferedPreemption, PreemptionVariant, announced as announced_preemption, by_rank as holders_by_rank,
    called as called_holders, hide_organisations as hide_holders, preemption_makes_sense, settled as settled_preemption,
};

/// What is offered and how: the whole of a listing as its seller writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The achievement the assets belong to (科技成果).
    pub achievement_id: AchievementId,
    /// The assets on offer, as one lot (标的).
    #[schema(min_items = 1, max_items = 200)]
    pub asset_ids: Vec<AssetId>,
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
    /// How the rights pass (转化方式).
    pub terms: TransferTerms,
    /// A rehearsal (演练) without legal effect; sandbox only.
    #[serde(default)]
    pub rehearsal: bool,
    /// Base price (底价).
    pub base_price: Money,
    /// What the base price rests on.
    pub base_price_basis: PriceBasis,
    /// The appraisal or decision it rests on.
    pub basis_document_id: Option<DocumentId>,
    /// Lowest first bid (起拍价), in a descending lot the highest; the base price unless given.
    pub start_price: Option<Money>,
    /// Lowest price with effect (保留价), in a descending lot the highest.
    #[serde(default)]
    pub reserve: OfferedReserve,
    /// Deposit (保证金); the rule's share of the start price unless given.
    pub deposit: Option<Money>,
    /// How it is bid for.
    pub auction: OfferedAuction,
    /// When, where the seller wants other dates than the rules give.
    #[serde(default)]
    pub schedule: OfferedSchedule,
    /// How the price is paid, where it is not in one payment by the rule's deadline.
    #[schema(min_length = 1, max_length = 1_000)]
    pub payment: Option<String>,
    /// Who bears which taxes, where not each party its own.
    #[schema(min_length = 1, max_length = 1_000)]
    pub taxes: Option<String>,
    /// Known defects, in words.
    #[schema(min_length = 1, max_length = 2_000)]
    pub defects: Option<String>,
    /// Refused where it is true: whoever announces a listing is named in its notice. A buyer asks for himself as he registers.
    #[serde(default)]
    pub party_confidential: bool,
    /// Refused where it is true: a price that is found by bids is read in their log. That of a sale at a negotiated price can be kept
    /// secret, where the rules permit it, and for as long.
    #[serde(default)]
    pub amount_confidential: bool,
    /// What a buyer must be or bring; none may point at one buyer.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub conditions: Vec<String>,
    /// What the seller declares.
    pub declarations: Declarations,
    /// Whom to ask; this is published.
    pub contact: Contact,
}

/// The reserve price as its seller gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OfferedReserve {
    /// None beside the start price, and announced so.
    None {},
    /// Public.
    Open {
        /// The reserve price.
        amount: Money,
    },
    /// Kept secret until the close. Never shown again, not even to its seller.
    Secret {
        /// The reserve price; when an offer is replaced, leaving it out keeps the one sealed before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
    },
}

impl Default for OfferedReserve {
    fn default() -> Self {
        Self::None {}
    }
}

/// How the lot is bid for, as far as the seller chooses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferedAuction {
    /// How it ends.
    pub closing_mode: ClosingMode,
    /// How much a bid must add (加价幅度); unless given, a round sum near the rule's share of the start price.
    pub step: Option<Step>,
    /// What the step is reckoned from; the start price unless given.
    pub step_base: Option<StepBase>,
    /// Whether a bid must lie a whole number of steps above the price; by the rule unless given.
    pub multiples_only: Option<bool>,
    /// Whether the step is demanded at all; true unless given.
    pub enforce_step: Option<bool>,
    /// Whether the leader may raise his own bid; by the rule unless given.
    pub allow_self_raise: Option<bool>,
    /// Free bidding period, seconds; the rule's unless given.
    #[schema(minimum = 1, maximum = 8_640_000)]
    pub free_period_seconds: Option<i64>,
    /// Timed cycle or soft-close window, seconds; the rule's unless given.
    #[schema(minimum = 1, maximum = 8_640_000)]
    pub timed_cycle_seconds: Option<i64>,
    /// Latest end after opening, seconds; none unless given.
    #[schema(minimum = 1, maximum = 8_640_000)]
    pub max_duration_seconds: Option<i64>,
    /// Fewer admitted bidders mean the lot failed; the rule's number unless given.
    #[schema(minimum = 1, maximum = 100)]
    pub min_bidders: Option<u32>,
    /// Whether the runner-up may be asked when the winner defaults (递补); by the rule unless given.
    pub next_bidder_rule: Option<bool>,
    /// The auction enterprise, where this is an auction in the sense of the auction law.
    pub auction_licence: Option<AuctionLicence>,
    /// The exhibition before it, where this is an auction in the sense of the auction law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exhibition: Option<Exhibition>,
    /// How the price is found; English unless given.
    #[serde(default)]
    pub format: OfferedFormat,
    /// Which way prices go, where the rules let it be chosen; ascending unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The price at which the lot can be bought at once until the first bid (一口价), where the rules let there be one: above
    /// the start price, not below an open reserve, and never beside a secret one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buy_now: Option<Money>,
    /// Whether a bid is the most its bidder would pay, and the platform bids for him no more than is needed (代理出价);
    /// false unless given.
    pub proxy: Option<bool>,
    /// Who holds a right of pre-emption and how it is used (优先购买权), where somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemption: Option<OfferedPreemption>,
}

/// How the price is found, as far as the seller chooses it: its numbers are the rules'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OfferedFormat {
    /// Ascending, bid after bid (多次报价).
    English {},
    /// Descending (降价式): the price falls from the start price to the floor, and the first to accept it has it. It is as long
    /// as the clock takes; there is no reserve beside the floor, and no step to bid by.
    Dutch {
        /// The lowest price.
        floor: Money,
        /// By how much the price falls with each tick.
        decrement: Money,
        /// How long a price stands, seconds; the rule's time unless given.
        #[schema(minimum = 1, maximum = 8_640_000, example = 60)]
        tick_seconds: Option<i64>,
    },
    /// Sealed: the highest bid, descending the lowest, wins at its own price (一次密封报价).
    FirstPrice {},
    /// Sealed: the highest bid wins and pays the second-best (次高价报价).
    Vickrey {},
    /// One quote each, sealed (一次报价).
    OneShot {},
    /// Ascending, by rounds in which each bidder has one turn (分轮报价); it has no periods of its own, so that its closing
    /// mode is `hard_close`.
    Rounds {},
    /// Sealed: announced indicators are scored, the price among them, and the highest total wins at its own price (权重报价).
    Weighted {
        /// How much the price weighs, ten-thousandths; with the weights of the others 10000.
        #[schema(minimum = 1, maximum = 9_999, example = 6_000)]
        price_weight_bp: u32,
        /// The indicators beside the price.
        #[schema(min_items = 1, max_items = 10)]
        criteria: Vec<Criterion>,
    },
    /// Sealed: several identical non-exclusive licences for the best bids, all at one price (统一价).
    UniformPrice {
        /// How many licences there are.
        #[schema(minimum = 2, maximum = 1_000, example = 3)]
        units: u32,
        /// How many of them one bidder may bid for.
        #[schema(minimum = 1, maximum = 1_000, example = 1)]
        cap: u32,
        /// Which price that is.
        pays: UniformPays,
    },
    /// Sealed: several identical non-exclusive licences for the best bids, each at its own price (按各自报价).
    PayAsBid {
        /// How many licences there are.
        #[schema(minimum = 2, maximum = 1_000, example = 3)]
        units: u32,
        /// How many of them one bidder may bid for.
        #[schema(minimum = 1, maximum = 1_000, example = 1)]
        cap: u32,
    },
}

impl Default for OfferedFormat {
    fn default() -> Self {
        Self::English {}
    }
}

/// Dates the seller wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferedSchedule {
    /// When registration closes (报名截止); the end of the listing period unless given.
    pub registration_closes_at: Option<DateTime<Utc>>,
    /// When bidding opens; 10:00 in Shanghai on the first working day that the rules allow unless given.
    pub auction_opens_at: Option<DateTime<Utc>>,
}

/// What the seller declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declarations {
    /// Nothing on offer is a state secret (不涉密). Anything but true is refused and nothing is kept.
    pub secret_level_none: bool,
    /// Number of the organisation's own confidentiality review (保密审查).
    #[schema(min_length = 1, max_length = 100, example = "BM-2026-017")]
    pub confidentiality_review_number: Option<String>,
    /// Burdens on the assets (权利负担).
    #[serde(default)]
    #[schema(max_items = 100)]
    pub encumbrances: Vec<Encumbrance>,
    /// There are no others.
    pub no_other_encumbrances: bool,
    /// Written consents of the other co-owners.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub co_owner_consents: Vec<CoOwnerConsent>,
    /// Organisations that must stand aside (回避), beside the seller: who appraised what is sold, who brokers for the seller. Neither
    /// they nor their people buy. This is published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub standing_aside: Vec<OrganisationId>,
}

/// A burden on an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Encumbrance {
    /// Which kind.
    pub kind: EncumbranceKind,
    /// What it is, and whose. This is published and stays: name organisations, and a person by what he is to the
    /// right (a co-owner, the inventor).
    #[schema(min_length = 1, max_length = 1_000)]
    pub description: String,
    /// The paper that cures it: the pledgee's consent, the lifting of the preservation, the
    /// judgment, the withdrawal of the open licence.
    pub cure_document_id: Option<DocumentId>,
}

/// The kinds of burden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EncumbranceKind {
    /// Pledge (质押).
    Pledge,
    /// Court preservation (财产保全).
    Preservation,
    /// Dispute over who owns it (权属纠纷).
    Dispute,
    /// A licence that goes on (已有许可).
    ExistingLicence,
    /// An open licence in force (开放许可).
    OpenLicence,
    /// A right of pre-emption (优先受让权).
    Preemption,
    /// A use right granted to the inventors (赋权长期使用权).
    GrantedUseRight,
    /// Made with public money (财政性资金形成).
    StateFunded,
    /// Essential to a standard (标准必要专利).
    StandardEssential,
}

/// A co-owner's consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoOwnerConsent {
    /// The co-owner's name exactly as among the asset's owners.
    #[schema(min_length = 1, max_length = 200)]
    pub owner: String,
    /// The consent.
    pub document_id: DocumentId,
}

/// Whom to ask: an office, not a person's private line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The office.
    #[schema(min_length = 1, max_length = 200, example = "技术转移中心")]
    pub office: String,
    /// Its telephone.
    #[schema(min_length = 3, max_length = 40, pattern = r"^[0-9+() \-]{3,40}$", example = "0571-88000000")]
    pub phone: Option<String>,
    /// Its e-mail address.
    #[schema(min_length = 3, max_length = 254)]
    pub email: Option<String>,
}

impl Offer {
    /// Lowest first bid.
    pub fn starts_at(&self) -> Money {
        self.start_price.unwrap_or(self.base_price)
    }

    /// Which way prices go.
    pub fn direction(&self) -> Direction {
        self.auction.direction.unwrap_or_default()
    }

    /// The reserve as it is announced, a secret one by its commitment; without one yet, that stays empty.
    pub fn announced_reserve(&self, commitment: Option<&str>) -> Reserve {
        match &self.reserve {
            OfferedReserve::None {} => Reserve::None {},
            OfferedReserve::Open { amount } => Reserve::Open { amount: *amount },
            OfferedReserve::Secret { .. } => Reserve::Secret { commitment: commitment.unwrap_or_default().to_owned() },
        }
    }

    /// Every document the offer leans on, by what it is, in the order of the offer.
    pub fn documents(&self) -> Vec<(AttachmentKind, DocumentId)> {
        let cures = self.declarations.encumbrances.iter().filter_map(|e| e.cure_document_id);
        let consents = self.declarations.co_owner_consents.iter().map(|c| c.document_id);
        let basis = self.basis_document_id.map(|id| (AttachmentKind::Basis, id));
        let cures = cures.map(|id| (AttachmentKind::Cure, id));
        basis.into_iter().chain(cures).chain(consents.map(|id| (AttachmentKind::Consent, id))).collect()
    }

    /// The offer as it is kept, and the secret reserve that must be sealed apart from it.
    pub fn without_secret(mut self) -> (Self, Option<Money>) {
        let secret = match &mut self.reserve {
            OfferedReserve::Secret { amount } => amount.take(),
            OfferedReserve::None {} | OfferedReserve::Open { .. } => None,
        };
        (self, secret)
    }
}

/// Lowest first bid of an offer as it is kept.
pub fn asking_price(offer: &Value) -> Option<Money> {
    let given = |name: &str| offer.get(name).filter(|price| !price.is_null()).cloned();
    let price = given("start_price").or_else(|| given("base_price"))?;
    serde_json::from_value(price).ok()
}

/// Whether a rehearsal may be offered here.
pub fn may_rehearse(offer: &Offer, sandbox: bool) -> Result<(), Problem> {
    if offer.rehearsal && !sandbox { Err(Code::SandboxOnly.into()) } else { Ok(()) }
}

/// The class of seller whose rules apply: a rehearsal is a class of its own.
pub fn class_of(offer: &Offer, seller: &organisation::Model) -> SellerClass {
    if offer.rehearsal { SellerClass::Rehearsal } else { seller_class(seller) }
}
