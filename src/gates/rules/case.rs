//! Everything the gates look at, by value: whoever runs them puts it together from rows.

use chrono::NaiveDate;
use entity::gates::{ClauseKind, FindingDecision, Gate, GateStage, RelationKind, RestrictionScope, gate_declaration};
use entity::identity::organisation;
use entity::ids::OrganisationId;
use entity::listings::TransferMode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::Catalogue;
use super::finding::GateFinding;
use crate::achievements::store::AssetFacts;
use crate::platform::problem::{Code, Problem};

/// What the authority said in the outbound review of the rights (知识产权对外转让审查, 国办发〔2018〕19号).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOpinion {
    /// The rights may go abroad.
    Permitted,
    /// They may not.
    NotPermitted,
}

/// The outbound review of the rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityReview {
    /// Which authority.
    #[schema(min_length = 1, max_length = 200, example = "浙江省知识产权局")]
    pub authority: String,
    /// What it said.
    pub opinion: ReviewOpinion,
    /// On which day, in Shanghai.
    #[schema(example = "2026-03-02")]
    pub given_on: NaiveDate,
}

/// What a seller declares for the gates, beside its offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Whether foreign parties may buy.
    pub admits_foreign: bool,
    /// Keys or numbers of entries of the catalogue it falls under.
    pub export_entries: Vec<String>,
    /// Words that describe the technology.
    pub keywords: Vec<String>,
    /// Clauses of the contract beside the offer's.
    pub clauses: Option<String>,
    /// The kinds of clauses the contract has.
    pub clause_kinds: Vec<ClauseKind>,
    /// Whether the transfer abroad of what public money paid for was approved.
    pub funding_approved: bool,
    /// The outbound review, where there was one.
    pub review: Option<SecurityReview>,
}

impl Declared {
    /// As it is kept; nothing where nothing was declared.
    pub fn of(row: Option<&gate_declaration::Model>) -> Result<Self, Problem> {
        let Some(row) = row else { return Ok(Self::default()) };
        let unreadable = |_| Problem::from(Code::Internal);
        Ok(Self {
            admits_foreign: row.admits_foreign,
            export_entries: serde_json::from_value(row.export_entries.clone()).map_err(unreadable)?,
            keywords: serde_json::from_value(row.keywords.clone()).map_err(unreadable)?,
            clauses: row.clauses.clone(),
            clause_kinds: serde_json::from_value(row.clause_kinds.clone()).map_err(unreadable)?,
            funding_approved: row.funding_approval.is_some(),
            review: row.security_review.clone().map(serde_json::from_value).transpose().map_err(unreadable)?,
        })
    }
}

/// Somebody who is related, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Related {
    /// Who.
    pub organisation_id: OrganisationId,
    /// How.
    pub kind: RelationKind,
}

/// A restriction that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restricted {
    /// Whose.
    pub organisation_id: OrganisationId,
    /// From what.
    pub scope: RestrictionScope,
    /// The number of the decision.
    pub source_number: String,
}

/// Who buys, where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// Who.
    pub organisation_id: OrganisationId,
    /// Whether it is a foreign party.
    pub is_foreign: bool,
    /// Whether a letter of intent of its export licence was verified, and is valid.
    pub has_letter: bool,
}

/// What a named person decided about a finding, known by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The finding.
    pub digest: Vec<u8>,
    /// What.
    pub decision: FindingDecision,
}

/// Everything the gates look at.
pub struct GateCase<'a> {
    /// When they are run.
    pub stage: GateStage,
    /// What the rules of the offer itself refuse, at which gate.
    pub heard: Vec<(Gate, Problem)>,
    /// What the rooms of licences, encumbrances and recordals found at the gates that are theirs.
    pub brought: Vec<GateFinding>,
    /// The seller.
    pub seller: &'a organisation::Model,
    /// The rights.
    pub assets: &'a [AssetFacts],
    /// How they pass.
    pub mode: TransferMode,
    /// Whether public money paid for them.
    pub state_funded: bool,
    /// Titles of what is sold, beside those of the rights.
    pub titles: Vec<&'a str>,
    /// The texts that become clauses of the contract, each at its place in the offer.
    pub texts: Vec<(String, &'a str)>,
    /// What the seller declares for the gates.
    pub declared: &'a Declared,
    /// Who buys, where that is known.
    pub buyer: Option<Buyer>,
    /// Who of those that may buy is related to the seller.
    pub related: Vec<Related>,
    /// The restrictions in force of the seller, and of the buyer where he is known.
    pub restrictions: Vec<Restricted>,
    /// What was decided about findings of this listing.
    pub decisions: &'a [Decided],
    /// The catalogue of technology export.
    pub catalogue: &'a Catalogue,
    /// Today, in Shanghai.
    pub today: NaiveDate,
}

impl GateCase<'_> {
    /// What was decided about a finding.
    pub fn decision(&self, finding: &GateFinding) -> Option<FindingDecision> {
        let digest = finding.digest();
        self.decisions.iter().find(|one| one.digest == digest).map(|one| one.decision)
    }
}
