//! What a declaration says, and what it may not.
//!
//! Source: Patent Law art. 50 to 52 (the patentee says in writing what a licence costs and how it is paid; utility models and designs need an
//! evaluation report); Implementing Rules art. 85 (what else it says), 86 (when it is not accepted).

use chrono::{Datelike, NaiveDate};
use entity::achievements::{AssetKind, asset};
use entity::ids::{AssetId, DocumentId};
use entity::money::Money;
use entity::open_licences::{FeeStandard, open_licence};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes::promotional;
use crate::listings::rules::findings;
use crate::platform::problem::{Code, Fault, Faults, Problem, YEARS};

/// The longest text of a part, characters.
const LONGEST: usize = 2_000;
/// The longest words for what a royalty is reckoned from, and the longest number of the office, characters.
const LONGEST_NAME: usize = 200;
/// All of what a royalty is reckoned from, in ten-thousandths.
const WHOLE: i32 = 10_000;

/// What a patentee declares of a patent: each rules out what its licence would not be accepted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(clippy::struct_excessive_bools)] // Each is declared by itself.
#[serde(deny_unknown_fields)]
pub struct OpenLicenceDeclarations {
    /// No exclusive or sole licence of it is in force (无独占、排他许可).
    pub no_exclusive_licence: bool,
    /// Its proceedings are not suspended (未中止).
    pub not_suspended: bool,
    /// Its annuities are paid (已缴年费).
    pub annuities_paid: bool,
    /// Nothing else stands in the way of a licence, and no pledge without the pledgee's consent (无其他妨碍).
    pub no_other_obstacle: bool,
}

/// An open licence to declare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOpenLicence {
    /// The patent, which is granted and the declarant's alone.
    pub asset_id: AssetId,
    /// What a licence costs.
    pub fee: FeeStandard,
    /// How and by when that is paid.
    #[schema(min_length = 1, max_length = 2_000, example = "许可生效后30日内一次性付清")]
    pub payment: String,
    /// The first day of the licences, in Shanghai.
    #[schema(example = "2026-04-01")]
    pub term_from: NaiveDate,
    /// The day on which they end, which is not after the end of the patent.
    #[schema(example = "2031-04-01")]
    pub term_until: NaiveDate,
    /// What else is said.
    #[schema(min_length = 1, max_length = 2_000, example = "被许可人应当在产品上标注专利号。")]
    pub other: Option<String>,
    /// The evaluation report (专利权评价报告), which a utility model or a design needs.
    pub evaluation_document_id: Option<DocumentId>,
    /// Whether the patent is pledged (质押). It is open to nobody then without the consent of the pledgee.
    #[serde(default)]
    pub pledged: bool,
    /// The consent of the pledgee, where the patent is pledged (质权人同意).
    pub pledgee_consent_document_id: Option<DocumentId>,
    /// What the patentee declares. Anything but true is refused and nothing is kept.
    pub declarations: OpenLicenceDeclarations,
}

/// What the patent office decided against a declaration (国家知识产权局不予公告、终止).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CnipaOutcome {
    /// It does not announce it (PLIR art. 86).
    NotAccepted,
    /// It announced it once, and ended it (PLIR art. 88).
    Terminated,
}

/// What the patent office decided, under which number and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCnipaDecision {
    /// What.
    pub outcome: CnipaOutcome,
    /// The number.
    #[schema(min_length = 1, max_length = 200, example = "KF2026330000123")]
    pub number: String,
    /// The day, in Shanghai.
    #[schema(example = "2026-04-20")]
    pub decided_on: NaiveDate,
    /// Why, which everybody reads.
    #[schema(min_length = 1, max_length = 500, example = "未缴年费")]
    pub reason: String,
}

/// Under which number and when the patent office announced it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCnipaAnnouncement {
    /// The number.
    #[schema(min_length = 1, max_length = 200, example = "KF2026330000123")]
    pub number: String,
    /// The day, in Shanghai.
    #[schema(example = "2026-04-20")]
    pub announced_on: NaiveDate,
}

/// Refuses a declaration of which anything is not declared.
pub fn declared(of: OpenLicenceDeclarations) -> Result<(), Problem> {
    findings::declared([
        (of.no_exclusive_licence, "no_exclusive_licence", "须声明无有效的独占或者排他许可", "declare that nobody has an exclusive licence"),
        (of.not_suspended, "not_suspended", "须声明专利权未处于中止状态", "declare that no proceedings are suspended"),
        (of.annuities_paid, "annuities_paid", "须声明已按规定缴纳年费", "declare that the annuities are paid"),
        (of.no_other_obstacle, "no_other_obstacle", "须声明无其他妨碍实施许可的情形", "declare that nothing else stands in the way"),
    ])
}

/// Refuses what cannot be meant, what is over, and praise, which no declaration has.
pub fn said_well(new: &NewOpenLicence, today: NaiveDate) -> Result<(), Problem> {
    let mut faults = Faults::new();
    costs(&mut faults, &new.fee);
    faults.text("/payment", &new.payment, LONGEST).optional_text("/other", new.other.as_ref(), LONGEST);
    for (pointer, day) in [("/term_from", new.term_from), ("/term_until", new.term_until)] {
        in_range(&mut faults, pointer, day);
    }
    faults.require(new.term_from < new.term_until, "/term_until", "range", "须晚于起始日", "must be after the first day");
    faults.require(today < new.term_until, "/term_until", "past", "须晚于今日", "must be after today");
    let base = if let FeeStandard::Royalty { base, .. } = &new.fee { Some(base.as_str()) } else { None };
    for (pointer, text) in [("/payment", Some(new.payment.as_str())), ("/other", new.other.as_deref()), ("/fee/base", base)] {
        let words = text.map(|text| promotional(text, today)).unwrap_or_default();
        if !words.is_empty() {
            let (zh, en) = (format!("不得有商业宣传用语“{}”", words.join("”“")), format!("must not promote itself: {}", words.join(", ")));
            faults.push(Fault::new(pointer, "promotional", zh, en));
        }
    }
    faults.done()
}

/// Notes what a licence cannot cost.
pub fn costs(faults: &mut Faults, fee: &FeeStandard) {
    match fee {
        FeeStandard::OneOff { amount } | FeeStandard::PerYear { amount } => positive(faults, "/fee/amount", *amount),
        FeeStandard::Royalty { rate_bp, entry_fee, base } => {
            faults.text("/fee/base", base, LONGEST_NAME);
            let is_part = (1..=WHOLE).contains(rate_bp);
            faults.require(is_part, "/fee/rate_bp", "range", "须在 1 至 10000 之间", "must be between 1 and 10000");
            if let Some(entry_fee) = entry_fee {
                positive(faults, "/fee/entry_fee", *entry_fee);
            }
        }
    }
}

fn positive(faults: &mut Faults, pointer: &str, amount: Money) {
    faults.require(amount.minor > 0, pointer, "range", "须大于零", "must be more than nothing");
}

/// Notes a day that no register can mean.
pub(super) fn in_range(faults: &mut Faults, pointer: &str, day: NaiveDate) {
    faults.require(YEARS.contains(&day.year()), pointer, "range", "日期超出范围", "the day is out of range");
}

/// Refuses what is no patent, and licences that would outlast it.
pub fn of_a_patent(patent: &asset::Model, term_until: NaiveDate) -> Result<(), Problem> {
    let is_patent = matches!(patent.kind, AssetKind::Invention | AssetKind::UtilityModel | AssetKind::Design);
    let ends_in_time = patent.expires_on.is_none_or(|end| term_until <= end);
    Faults::new()
        .require(is_patent, "/asset_id", "no_patent", "只有专利权可以声明开放许可", "is no patent: nothing else is licensed so")
        .require(ends_in_time, "/term_until", "beyond_term", "许可期限超出专利权期限", "the licences would outlast the patent")
        .done()
}

/// Whether a patent of this kind needs an evaluation report: nobody examined whether it is new.
pub fn needs_report(kind: AssetKind) -> bool {
    matches!(kind, AssetKind::UtilityModel | AssetKind::Design)
}

/// Refuses an announcement of the office that cannot be one.
pub fn announced_well(new: &NewCnipaAnnouncement, today: NaiveDate) -> Result<(), Problem> {
    entered_well(("/number", &new.number), ("/announced_on", new.announced_on), today)
}

/// Refuses a decision of the office that cannot be one.
pub fn decided_well(new: &NewCnipaDecision, today: NaiveDate) -> Result<(), Problem> {
    entered_well(("/number", &new.number), ("/decided_on", new.decided_on), today)
}

/// Refuses a number of the office that is none, and a day that has not come.
pub fn entered_well(number: (&str, &str), (pointer, day): (&str, NaiveDate), today: NaiveDate) -> Result<(), Problem> {
    let mut faults = Faults::new();
    in_range(&mut faults, pointer, day);
    faults.text(number.0, number.1, LONGEST_NAME).require(day <= today, pointer, "future", "不得晚于今日", "must not be after today").done()
}

/// What a licence costs, as it is kept.
pub fn fee_of(held: &open_licence::Model) -> Result<FeeStandard, Problem> {
    serde_json::from_value(held.fee.clone()).map_err(|_| Code::Internal.into())
}
