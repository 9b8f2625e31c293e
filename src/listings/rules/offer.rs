//! The offer: what a seller says when it lists, and whether it is said well.
//!
//! It is kept as it was written, but for a secret reserve, whose amount is sealed apart at once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::auctions::{AuctionLicence, ClosingMode, Step, StepBase};
use entity::identity::{SellerClass, organisation};
use entity::ids::{AchievementId, AssetId, DocumentId};
use entity::listings::{LicenceTerms, PriceBasis, TransferTerms};
use entity::money::Money;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::codes::is_known_division;
use crate::identity::rules::seller_class;
use crate::platform::problem::{Code, Fault, Faults, Problem};

/// Longest period in seconds an offer may speak of: a hundred days.
const LONGEST_SECONDS: i64 = 8_640_000;

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
    #[schema(min_length = 1, max_length = 5_000)]
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
    /// Lowest first bid (起拍价); the base price unless given.
    pub start_price: Option<Money>,
    /// Lowest price with effect (保留价).
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
    /// The seller asks that the result notice leave out the parties' names, where the rules permit it.
    #[serde(default)]
    pub party_confidential: bool,
    /// The seller asks that the result notice leave out the price, where the rules permit it.
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
}

/// A burden on an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Encumbrance {
    /// Which kind.
    pub kind: EncumbranceKind,
    /// What it is; this is published.
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

    /// Every document the offer leans on, each once, in a fixed order.
    pub fn documents(&self) -> Vec<DocumentId> {
        let cures = self.declarations.encumbrances.iter().filter_map(|e| e.cure_document_id);
        let consents = self.declarations.co_owner_consents.iter().map(|c| c.document_id);
        let all: BTreeSet<_> = self.basis_document_id.into_iter().chain(cures).chain(consents).collect();
        all.into_iter().collect()
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

/// Refuses what must not even be kept: an offer without the declaration that nothing in it is secret.
pub fn declares_no_secret(offer: &Offer) -> Result<(), Problem> {
    let declarations = &offer.declarations;
    if !declarations.secret_level_none {
        return Err(Code::DeclarationMissing.at(
            "/declarations/secret_level_none",
            "declaration_missing",
            "须声明不涉及国家秘密；涉密成果不得在本平台登记",
            "declare that nothing is a state secret; secret results are never put on this platform",
        ));
    }
    let number = declarations.confidentiality_review_number.as_deref().unwrap_or_default();
    if number.trim().is_empty() {
        return Err(Code::DeclarationMissing.at(
            "/declarations/confidentiality_review_number",
            "declaration_missing",
            "须填写本单位保密审查编号",
            "give the number of your organisation's confidentiality review",
        ));
    }
    Ok(())
}

/// Whether an offer is well said, whatever the rules and the rights make of it.
///
/// `sealed` tells whether a secret reserve is sealed already, so that it need not be given again.
pub fn well_formed(offer: &Offer, sealed: bool) -> Result<(), Problem> {
    let mut faults = Faults::new();
    texts(&mut faults, offer);
    assets(&mut faults, offer);
    prices(&mut faults, offer, sealed);
    auction(&mut faults, offer);
    terms(&mut faults, &offer.terms);
    declarations(&mut faults, &offer.declarations);
    contact(&mut faults, &offer.contact);
    faults.done()
}

fn texts(faults: &mut Faults, offer: &Offer) {
    faults
        .text("/title", &offer.title, 200)
        .optional_text("/title_en", offer.title_en.as_ref(), 300)
        .text("/summary", &offer.summary, 5_000)
        .optional_text("/summary_en", offer.summary_en.as_ref(), 5_000)
        .optional_text("/payment", offer.payment.as_ref(), 1_000)
        .optional_text("/taxes", offer.taxes.as_ref(), 1_000)
        .optional_text("/defects", offer.defects.as_ref(), 2_000);
    at_most(faults, "/conditions", offer.conditions.len(), 50);
    for (index, condition) in offer.conditions.iter().enumerate() {
        faults.text(&format!("/conditions/{index}"), condition, 500);
    }
}

fn at_most(faults: &mut Faults, pointer: &str, count: usize, most: usize) {
    let (zh, en) = (format!("至多 {most} 项"), format!("at most {most} entries"));
    faults.require(count <= most, pointer, "too_many", &zh, &en);
}

fn assets(faults: &mut Faults, offer: &Offer) {
    let different: BTreeSet<_> = offer.asset_ids.iter().collect();
    faults.require((1..=200).contains(&offer.asset_ids.len()), "/asset_ids", "range", "须为 1 至 200 项资产", "1 to 200 assets").require(
        different.len() == offer.asset_ids.len(),
        "/asset_ids",
        "repeated",
        "资产不得重复",
        "no asset twice",
    );
}

fn prices(faults: &mut Faults, offer: &Offer, sealed: bool) {
    let start = offer.starts_at();
    positive(faults, "/base_price", offer.base_price);
    positive(faults, "/start_price", start);
    if let Some(deposit) = offer.deposit {
        positive(faults, "/deposit", deposit);
    }
    match &offer.reserve {
        OfferedReserve::None {} => {}
        OfferedReserve::Open { amount } | OfferedReserve::Secret { amount: Some(amount) } => reserve_fits(faults, *amount, start),
        OfferedReserve::Secret { amount: None } => {
            faults.require(sealed, "/reserve/amount", "missing_field", "须填写保留价", "give the reserve price");
        }
    }
}

fn positive(faults: &mut Faults, pointer: &str, money: Money) {
    faults.require(money.minor > 0, pointer, "range", "金额须大于零", "the amount must be above zero");
}

fn reserve_fits(faults: &mut Faults, reserve: Money, start: Money) {
    faults.require(
        reserve.minor >= start.minor,
        "/reserve/amount",
        "range",
        "保留价不得低于起拍价",
        "a reserve lies at the start price or above",
    );
}

/// Whether a reserve that was sealed earlier still fits the start price.
pub fn sealed_reserve_fits(reserve: Money, start: Money) -> Result<(), Problem> {
    let mut faults = Faults::new();
    reserve_fits(&mut faults, reserve, start);
    faults.done()
}

fn auction(faults: &mut Faults, offer: &Offer) {
    let auction = &offer.auction;
    for (name, seconds) in [
        ("free_period_seconds", auction.free_period_seconds),
        ("timed_cycle_seconds", auction.timed_cycle_seconds),
        ("max_duration_seconds", auction.max_duration_seconds),
    ] {
        faults.require(
            seconds.is_none_or(|s| (1..=LONGEST_SECONDS).contains(&s)),
            &format!("/auction/{name}"),
            "range",
            "须在 1 至 8640000 秒之间",
            "must be between 1 and 8640000 seconds",
        );
    }
    faults
        .require(
            auction.min_bidders.is_none_or(|n| (1..=100).contains(&n)),
            "/auction/min_bidders",
            "range",
            "须在 1 至 100 之间",
            "must be between 1 and 100",
        )
        .require(
            !(auction.enforce_step == Some(false) && auction.multiples_only == Some(true)),
            "/auction/multiples_only",
            "contradiction",
            "不强制加价幅度时不能要求整数倍",
            "whole steps cannot be asked for where no step is demanded",
        );
    if let Some(step) = &auction.step {
        step_makes_sense(faults, step, offer.starts_at());
    }
    if let Some(licence) = &auction.auction_licence {
        faults.text("/auction/auction_licence/enterprise", &licence.enterprise, 200).text(
            "/auction/auction_licence/auctioneer_licence",
            &licence.auctioneer_licence,
            100,
        );
    }
}

fn step_makes_sense(faults: &mut Faults, step: &Step, start: Money) {
    match step {
        Step::Fixed { amount } => positive(faults, "/auction/step/amount", *amount),
        Step::Percent { rate_bp } => {
            faults.require(
                (1..=10_000).contains(rate_bp),
                "/auction/step/rate_bp",
                "range",
                "须在 1 至 10000 之间",
                "must be between 1 and 10000",
            );
        }
        Step::Ladder { rungs } => {
            let rising = rungs.windows(2).all(|pair| pair[0].from.minor < pair[1].from.minor);
            let covers = rungs.first().is_some_and(|rung| rung.from.minor <= start.minor);
            faults
                .require((1..=50).contains(&rungs.len()), "/auction/step/rungs", "range", "须为 1 至 50 级", "1 to 50 rungs")
                .require(rising, "/auction/step/rungs", "order", "各级起点须递增", "rungs rise by their start")
                .require(
                    covers,
                    "/auction/step/rungs",
                    "range",
                    "首级起点不得高于起拍价",
                    "the first rung starts at the start price or below",
                );
            for (index, rung) in rungs.iter().enumerate() {
                positive(faults, &format!("/auction/step/rungs/{index}/step"), rung.step);
            }
        }
    }
}

fn terms(faults: &mut Faults, terms: &TransferTerms) {
    match terms {
        TransferTerms::Assignment {} => {}
        TransferTerms::ExclusiveLicence(licence) | TransferTerms::SoleLicence(licence) | TransferTerms::NonExclusiveLicence(licence) => {
            licence_terms(faults, licence);
        }
        TransferTerms::Equity(equity) => {
            faults.text("/terms/company", &equity.company, 500).require(
                (1..=10_000).contains(&equity.least_share_bp),
                "/terms/least_share_bp",
                "range",
                "须在 1 至 10000 之间",
                "must be between 1 and 10000",
            );
        }
    }
}

fn licence_terms(faults: &mut Faults, licence: &LicenceTerms) {
    faults
        .require(
            (1..=600).contains(&licence.months),
            "/terms/months",
            "range",
            "须在 1 至 600 个月之间",
            "must be between 1 and 600 months",
        )
        .require((1..=50).contains(&licence.fields.len()), "/terms/fields", "range", "须为 1 至 50 项", "1 to 50 entries")
        .require((1..=50).contains(&licence.territory.len()), "/terms/territory", "range", "须为 1 至 50 项", "1 to 50 entries");
    for (index, field) in licence.fields.iter().enumerate() {
        faults.text(&format!("/terms/fields/{index}"), field, 200);
    }
    for (index, place) in licence.territory.iter().enumerate() {
        faults.require(
            place == "all" || is_known_division(place),
            &format!("/terms/territory/{index}"),
            "division",
            "须为行政区划代码或 all",
            "must be a division code or \"all\"",
        );
    }
    // "all" beside something narrower would leave open what was meant.
    let clear = |entries: &[String]| entries.len() == 1 || entries.iter().all(|entry| entry != "all");
    let different = |entries: &[String]| entries.iter().collect::<BTreeSet<_>>().len() == entries.len();
    for (pointer, entries) in [("/terms/fields", &licence.fields), ("/terms/territory", &licence.territory)] {
        faults.require(clear(entries), pointer, "contradiction", "all 不得与其他项并列", "\"all\" stands alone").require(
            different(entries),
            pointer,
            "repeated",
            "不得重复",
            "nothing twice",
        );
    }
}

fn declarations(faults: &mut Faults, declarations: &Declarations) {
    faults.optional_text("/declarations/confidentiality_review_number", declarations.confidentiality_review_number.as_ref(), 100);
    at_most(faults, "/declarations/encumbrances", declarations.encumbrances.len(), 100);
    at_most(faults, "/declarations/co_owner_consents", declarations.co_owner_consents.len(), 200);
    for (index, encumbrance) in declarations.encumbrances.iter().enumerate() {
        faults.text(&format!("/declarations/encumbrances/{index}/description"), &encumbrance.description, 1_000);
    }
    for (index, consent) in declarations.co_owner_consents.iter().enumerate() {
        faults.text(&format!("/declarations/co_owner_consents/{index}/owner"), &consent.owner, 200);
    }
}

fn contact(faults: &mut Faults, contact: &Contact) {
    let sound_phone = |phone: &str| {
        (3..=40).contains(&phone.len()) && phone.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'(' | b')' | b' ' | b'-'))
    };
    let sound_email = |email: &str| {
        (3..=254).contains(&email.len())
            && email.bytes().all(|b| b.is_ascii_graphic())
            && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
    };
    faults.text("/contact/office", &contact.office, 200);
    if let Some(phone) = &contact.phone {
        faults.require(sound_phone(phone), "/contact/phone", "phone", "电话格式不正确", "not a telephone number");
    }
    if let Some(email) = &contact.email {
        faults.require(sound_email(email), "/contact/email", "email", "邮箱格式不正确", "not an e-mail address");
    }
    if contact.phone.is_none() && contact.email.is_none() {
        let fault = Fault::new("/contact", "missing_field", "须填写电话或邮箱", "give a telephone number or an e-mail address");
        faults.push(fault);
    }
}
