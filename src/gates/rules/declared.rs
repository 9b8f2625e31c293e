//! What organisations, sellers and officers declare for the gates, and whether it is said well.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use entity::gates::{ClauseKind, Establishment, ExportPaperKind, RelationKind, RestrictionScope};
use entity::ids::{DocumentId, OrganisationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case::SecurityReview;
use super::catalogue::Catalogue;
use crate::platform::problem::{Faults, Problem, YEARS};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;
/// The longest name or number, characters.
const LONGEST_NAME: usize = 200;
/// The longest clauses, characters.
const LONGEST_CLAUSES: usize = 10_000;
/// The most words that describe a technology, and entries it falls under.
const MOST_WORDS: usize = 20;

/// What an organisation declares of itself.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganisationFacts {
    /// Where it is established.
    pub established: Establishment,
    /// Whether foreigners control it (外资控制).
    pub foreign_control: bool,
    /// The largest share a foreign beneficial owner has, in ten-thousandths (受益所有人).
    #[schema(minimum = 0, maximum = 10_000, example = 0)]
    pub foreign_beneficial_bp: i32,
    /// Whether technical data would go outside the mainland, to servers or people there (技术资料出境).
    pub data_leaves: bool,
    /// The number of the identity document of its legal representative. Kept as a keyed hash, for comparison alone.
    #[schema(min_length = 1, max_length = 200)]
    pub legal_representative: Option<String>,
    /// The code or number of the identity document of who controls it. Kept so too.
    #[schema(min_length = 1, max_length = 200)]
    pub controller: Option<String>,
    /// Its address. Kept so too.
    #[schema(min_length = 1, max_length = 200)]
    pub address: Option<String>,
    /// Its telephone. Kept so too.
    #[schema(min_length = 1, max_length = 200)]
    pub phone: Option<String>,
    /// The number of its bank account. Kept so too.
    #[schema(min_length = 1, max_length = 200)]
    pub bank_account: Option<String>,
}

/// A relation of two organisations to declare.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRelation {
    /// The other one.
    pub organisation_id: OrganisationId,
    /// How they are related.
    pub kind: RelationKind,
    /// The share held, directly or through others, in ten-thousandths; of a shareholding alone.
    #[schema(minimum = 1, maximum = 10_000, example = 2_500)]
    pub share_bp: Option<i32>,
}

/// A restriction to enter.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRestriction {
    /// From what the organisation is kept.
    pub scope: RestrictionScope,
    /// The number of the decision it rests on.
    #[schema(min_length = 1, max_length = 200, example = "国科监罚〔2026〕3号")]
    pub source_number: String,
    /// Its first day, in Shanghai.
    #[schema(example = "2026-03-02")]
    pub from_day: NaiveDate,
    /// Its last day; none where it is for good.
    #[schema(example = "2029-03-01")]
    pub until_day: Option<NaiveDate>,
}

/// A paper of a technology export to hand in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExportPaper {
    /// Which.
    pub kind: ExportPaperKind,
    /// Its number.
    #[schema(min_length = 1, max_length = 200, example = "浙技出意〔2026〕12号")]
    pub number: String,
    /// The last day it is valid, as it says.
    #[schema(example = "2027-03-01")]
    pub valid_until: NaiveDate,
    /// The paper, a document of the organisation.
    pub document_id: DocumentId,
}

/// What an officer found of a paper.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportPaperDecision {
    /// Whether it is what it claims to be, of this technology and this buyer.
    pub verified: bool,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "与省商务厅核对一致")]
    pub reason: String,
}

/// What a seller declares for the gates, beside its offer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGateDeclaration {
    /// Whether foreign parties may buy (境外主体可受让). Unless declared they may not.
    pub admits_foreign: bool,
    /// Keys or official numbers of entries of the catalogue of technology export the technology falls under, as the seller finds.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["252604X"]))]
    pub export_entries: Vec<String>,
    /// Words that describe the technology, for the search through the catalogue.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["磷酸铁锂"]))]
    pub keywords: Vec<String>,
    /// Clauses of the contract beside what the offer says.
    #[schema(min_length = 1, max_length = 10_000)]
    pub clauses: Option<String>,
    /// The kinds of clauses the contract has (技术合同司法解释第十条), as the seller finds.
    #[serde(default)]
    #[schema(max_items = 6)]
    pub clause_kinds: Vec<ClauseKind>,
    /// The approval of the project's manager, where public money paid for it and it may go abroad.
    pub funding_approval_document_id: Option<DocumentId>,
    /// The outbound review of the rights, where there was one.
    pub security_review: Option<SecurityReview>,
}

/// Whether facts are said well.
pub fn facts_said_well(new: &NewOrganisationFacts) -> Result<(), Problem> {
    let mut faults = Faults::new();
    faults
        .require(
            (0..=10_000).contains(&new.foreign_beneficial_bp),
            "/foreign_beneficial_bp",
            "range",
            "须在 0 至 10000 之间",
            "must be between 0 and 10000",
        )
        .optional_text("/legal_representative", new.legal_representative.as_ref(), LONGEST_NAME)
        .optional_text("/controller", new.controller.as_ref(), LONGEST_NAME)
        .optional_text("/address", new.address.as_ref(), LONGEST_NAME)
        .optional_text("/phone", new.phone.as_ref(), LONGEST_NAME)
        .optional_text("/bank_account", new.bank_account.as_ref(), LONGEST_NAME)
        .done()
}

/// Whether a relation is said well.
pub fn relation_said_well(of: OrganisationId, new: &NewRelation) -> Result<(), Problem> {
    let is_share = new.kind == RelationKind::Shareholding;
    let fits = new.share_bp.map_or(!is_share, |share| is_share && (1..=10_000).contains(&share));
    Faults::new()
        .require(new.organisation_id != of, "/organisation_id", "itself", "不能是本机构", "must be another one")
        .require(
            fits,
            "/share_bp",
            "range",
            "持股关系须填写 1 至 10000 的持股比例，其他关系不填",
            "a shareholding has a share from 1 to 10000, nothing else has one",
        )
        .done()
}

/// Whether a restriction is said well.
pub fn restriction_said_well(new: &NewRestriction) -> Result<(), Problem> {
    let mut faults = Faults::new();
    faults
        .name("/source_number", &new.source_number, LONGEST_NAME)
        .require(in_range(new.from_day), "/from_day", "range", "日期超出范围", "the day is out of range")
        .require(
            new.until_day.is_none_or(|last| in_range(last) && new.from_day <= last),
            "/until_day",
            "range",
            "不得早于起始日",
            "must not be before the first day",
        )
        .done()
}

/// Whether a paper is said well.
pub fn paper_said_well(new: &NewExportPaper, today: NaiveDate) -> Result<(), Problem> {
    let mut faults = Faults::new();
    faults
        .name("/number", &new.number, LONGEST_NAME)
        .require(
            in_range(new.valid_until) && today <= new.valid_until,
            "/valid_until",
            "past",
            "已过有效期或超出范围",
            "is over, or out of range",
        )
        .done()
}

/// Whether what a seller declares is said well.
pub fn declaration_said_well(new: &NewGateDeclaration, catalogue: &Catalogue, today: NaiveDate) -> Result<(), Problem> {
    let mut faults = Faults::new();
    faults.optional_text("/clauses", new.clauses.as_ref(), LONGEST_CLAUSES);
    for (place, words) in [("/keywords", &new.keywords), ("/export_entries", &new.export_entries)] {
        faults.require(words.len() <= MOST_WORDS, place, "too_many", "至多 20 项", "at most 20 entries");
        for (index, word) in words.iter().enumerate() {
            faults.text(&format!("{place}/{index}"), word, LONGEST_NAME);
        }
    }
    for (index, name) in new.export_entries.iter().enumerate() {
        let is_known = catalogue.named(name, today).is_some();
        faults.require(
            is_known,
            &format!("/export_entries/{index}"),
            "unknown",
            "现行目录中没有此条目",
            "the catalogue in force has no such entry",
        );
    }
    let kinds: BTreeSet<_> = new.clause_kinds.iter().collect();
    faults.require(kinds.len() == new.clause_kinds.len(), "/clause_kinds", "repeated", "不得重复", "none twice");
    if let Some(review) = &new.security_review {
        faults.text("/security_review/authority", &review.authority, LONGEST_NAME);
        let given = in_range(review.given_on) && review.given_on <= today;
        faults.require(given, "/security_review/given_on", "future", "不得晚于今日", "must not be after today");
    }
    faults.done()
}

/// Whether a reason is one.
pub fn reason(reason: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", reason, LONGEST_REASON).done()
}

fn in_range(day: NaiveDate) -> bool {
    YEARS.contains(&day.year())
}
