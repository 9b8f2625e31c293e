//! What is said of listings at the gates.

use chrono::{DateTime, Utc};
use entity::gates::{
    ClauseKind, ExportClass, FindingDecision, Gate, GateStage, GateVerdict, gate_acknowledgement, gate_declaration, gate_finding, gate_run,
};
use entity::ids::{DealId, GateAcknowledgementId, GateDeclarationId, GateRunId, ListingId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::gates::rules::case::{Declared, SecurityReview};
use crate::gates::rules::finding::GateFinding;
use crate::gates::rules::report::{Report, gates_at};
use crate::platform::http::NamedHash;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

/// What a person decides about a finding.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAcknowledgement {
    /// The finding, by its SHA-256 as it was told.
    pub finding_sha256: NamedHash,
    /// Whether it stands in nobody's way, or is as was feared.
    pub decision: FindingDecision,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "已对照控制要点，不属于目录所列技术")]
    pub reason: String,
}

/// What a seller declares for the gates.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GateDeclarationView {
    /// Id.
    pub id: GateDeclarationId,
    /// The listing.
    pub listing_id: ListingId,
    /// Whether foreign parties may buy.
    pub admits_foreign: bool,
    /// Entries of the catalogue it falls under.
    #[schema(max_items = 20)]
    pub export_entries: Vec<String>,
    /// Words that describe the technology.
    #[schema(max_items = 20)]
    pub keywords: Vec<String>,
    /// Clauses beside the offer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clauses: Option<String>,
    /// The kinds of clauses the contract has.
    #[schema(max_items = 6)]
    pub clause_kinds: Vec<ClauseKind>,
    /// Whether the transfer abroad of what public money paid for was approved.
    pub funding_approved: bool,
    /// The outbound review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_review: Option<SecurityReview>,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// Which declaration it is; the last counts.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl GateDeclarationView {
    /// Of a declaration as it is kept.
    pub fn of(row: &gate_declaration::Model) -> Result<Self, Problem> {
        let declared = Declared::of(Some(row))?;
        Ok(Self {
            id: row.id,
            listing_id: row.listing_id,
            admits_foreign: declared.admits_foreign,
            export_entries: declared.export_entries,
            keywords: declared.keywords,
            clauses: declared.clauses,
            clause_kinds: declared.clause_kinds,
            funding_approved: declared.funding_approved,
            security_review: declared.review,
            declared_at: row.declared_at,
            version: row.number,
        })
    }
}

impl Tagged for GateDeclarationView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What a person decided about a finding.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AcknowledgementView {
    /// Id.
    pub id: GateAcknowledgementId,
    /// The listing.
    pub listing_id: ListingId,
    /// The gate.
    pub gate: Gate,
    /// The finding.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub finding_sha256: String,
    /// What was decided.
    pub decision: FindingDecision,
    /// Why.
    pub reason: String,
    /// By whom.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// Always 1: a decision is not changed.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl From<&gate_acknowledgement::Model> for AcknowledgementView {
    fn from(row: &gate_acknowledgement::Model) -> Self {
        Self {
            id: row.id,
            listing_id: row.listing_id,
            gate: row.gate,
            finding_sha256: hex(&row.finding_sha256),
            decision: row.decision,
            reason: row.reason.clone(),
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            version: 1,
        }
    }
}

impl Tagged for AcknowledgementView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Something a gate found, with what was decided about it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FindingView {
    /// What was found.
    #[serde(flatten)]
    pub finding: GateFinding,
    /// What it is known by.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub finding_sha256: String,
    /// What a person decided about it; a finding that warns waits for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<FindingDecision>,
    /// Whether it stands in the way.
    pub in_the_way: bool,
}

/// A gate, and what it says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GateView {
    /// Which.
    pub gate: Gate,
    /// Its number, G1 to G12.
    #[schema(example = "G6")]
    pub number: String,
    /// The worst of what it found.
    pub verdict: GateVerdict,
    /// All it found.
    #[schema(max_items = 1000)]
    pub findings: Vec<FindingView>,
}

/// A run of the gates in which nothing stood in the way.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GateRunView {
    /// Id.
    pub id: GateRunId,
    /// When they are run.
    pub stage: GateStage,
    /// The deal, where one was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The edition of the rulebook.
    pub rulebook_version: i64,
    /// The version of the catalogue of technology export.
    pub catalogue_version: String,
    /// How the technology may leave the mainland.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_class: Option<ExportClass>,
    /// Who ran them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_by: Option<PersonId>,
    /// When.
    pub run_at: DateTime<Utc>,
    /// What was found, in the order of the gates.
    #[schema(max_items = 1000)]
    pub findings: Vec<GateFinding>,
}

impl GateRunView {
    /// A run with what it found.
    pub fn of(run: &gate_run::Model, findings: &[gate_finding::Model]) -> Result<Self, Problem> {
        let found = findings.iter().filter(|row| row.run_id == run.id).filter_map(|row| row.finding.clone());
        let found: Result<Vec<GateFinding>, _> = found.map(serde_json::from_value).collect();
        Ok(Self {
            id: run.id,
            stage: run.stage,
            deal_id: run.deal_id,
            rulebook_version: run.rulebook_version,
            catalogue_version: run.catalogue_version.clone(),
            export_class: run.export_class,
            run_by: run.run_by,
            run_at: run.run_at,
            findings: found.map_err(|_| Code::Internal)?,
        })
    }
}

/// What is missing before a listing can be approved, at every gate.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GatesView {
    /// The listing.
    pub listing_id: ListingId,
    /// Whether nothing stands in the way.
    pub passes: bool,
    /// The gates, in their order.
    #[schema(max_items = 12)]
    pub gates: Vec<GateView>,
    /// How the technology may leave the mainland; absent where no foreign party may buy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_class: Option<ExportClass>,
    /// What the seller last declared for the gates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<GateDeclarationView>,
    /// What was decided about findings.
    #[schema(max_items = 1000)]
    pub acknowledgements: Vec<AcknowledgementView>,
    /// The runs that were kept, newest first.
    #[schema(max_items = 50)]
    pub runs: Vec<GateRunView>,
}

/// What the gates say, gate by gate.
pub fn gates_of(report: &Report) -> Vec<GateView> {
    let of_gate = |gate: Gate| {
        let found = report.findings.iter().filter(move |one| one.finding.gate == gate);
        found.map(|one| FindingView {
            finding: one.finding.clone(),
            finding_sha256: hex(&one.finding.digest()),
            decision: one.decision,
            in_the_way: one.is_in_the_way(),
        })
    };
    let number = |gate: Gate| Gate::ALL.iter().position(|one| *one == gate).map_or(0, |index| index + 1);
    let told = |gate: &Gate| GateView {
        gate: *gate,
        number: format!("G{}", number(*gate)),
        verdict: report.verdict(*gate),
        findings: of_gate(*gate).collect(),
    };
    gates_at(report.stage).iter().map(told).collect()
}
