//! All gates in their order, and what follows from what they found.

use std::collections::BTreeSet;

use entity::gates::{ExportClass, FindingDecision, Gate, GateStage, GateVerdict};

use super::case::GateCase;
use super::finding::{GateFinding, heard};
use super::{clauses, export, related, restrictions, title};
use crate::platform::problem::{Code, Fault, Problem};

/// What is asked again when a deal is confirmed; the rest was settled when its offer was approved.
const AT_CONFIRMATION: [Gate; 8] = [
    Gate::SecretDeclaration,
    Gate::LegalStatus,
    Gate::Title,
    Gate::Encumbrances,
    Gate::LicenceConflict,
    Gate::Export,
    Gate::RelatedParty,
    Gate::Integrity,
];

/// The gates that are run at a stage, in their order.
pub fn gates_at(stage: GateStage) -> &'static [Gate] {
    match stage {
        GateStage::Approval | GateStage::Amendment => Gate::ALL,
        GateStage::Confirmation => &AT_CONFIRMATION,
    }
}

/// A finding, and what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The finding.
    pub finding: GateFinding,
    /// What a person decided about it.
    pub decision: Option<FindingDecision>,
}

impl Settled {
    /// Whether it stands in the way.
    pub fn is_in_the_way(&self) -> bool {
        match self.finding.verdict {
            GateVerdict::Block => true,
            GateVerdict::Warn => self.decision.is_none(),
            GateVerdict::Pass => false,
        }
    }
}

/// What all gates found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When they were run.
    pub stage: GateStage,
    /// Everything found, in the order of the gates.
    pub findings: Vec<Settled>,
    /// How the technology may leave the mainland, where foreign parties may buy.
    pub export_class: Option<ExportClass>,
    refusals: Vec<Problem>,
}

/// Runs the gates: all of them, in their order.
pub fn run(case: &GateCase) -> Report {
    let (of_export, export_class) = export::export(case);
    let mut findings = Vec::new();
    for gate in gates_at(case.stage) {
        findings.extend(case.heard.iter().filter(|(of, _)| of == gate).flat_map(|(of, refusal)| heard(*of, refusal)));
        findings.extend(case.brought.iter().filter(|finding| finding.gate == *gate).cloned());
        match gate {
            Gate::Title => findings.extend(title::title(case)),
            Gate::Export => findings.extend(of_export.iter().cloned()),
            Gate::StateFunding => findings.extend(export::funding(case)),
            Gate::RelatedParty => findings.extend(related::related(case)),
            Gate::Integrity => findings.extend(restrictions::integrity(case)),
            Gate::Clauses => findings.extend(clauses::clauses(case)),
            Gate::SecretDeclaration
            | Gate::LegalStatus
            | Gate::Encumbrances
            | Gate::LicenceConflict
            | Gate::PriceBasis
            | Gate::Publicity => {}
        }
    }
    // What is found twice is said once.
    let mut known = BTreeSet::new();
    findings.retain(|finding| known.insert((finding.digest(), finding.zh.clone())));
    let gates = gates_at(case.stage);
    let refusals = case.heard.iter().filter(|(gate, _)| gates.contains(gate)).map(|(_, refusal)| refusal.clone()).collect();
    Report { stage: case.stage, findings: findings.into_iter().map(|finding| settled(case, finding)).collect(), export_class, refusals }
}

/// A finding after what was decided about it: what was confirmed to be as was feared blocks.
fn settled(case: &GateCase, finding: GateFinding) -> Settled {
    let decision = case.decision(&finding).filter(|_| finding.verdict == GateVerdict::Warn);
    let is_confirmed = decision == Some(FindingDecision::Confirmed);
    let verdict = if is_confirmed { GateVerdict::Block } else { finding.verdict };
    Settled { finding: GateFinding { verdict, ..finding }, decision }
}

impl Report {
    /// What a gate says: the worst of what it found.
    pub fn verdict(&self, gate: Gate) -> GateVerdict {
        let of_gate = self.findings.iter().filter(|one| one.finding.gate == gate).map(|one| one.finding.verdict);
        of_gate.max().unwrap_or(GateVerdict::Pass)
    }

    /// Refuses while anything stands in the way, with all of it. What the rules of the offer refuse is refused under their own code.
    pub fn passed(&self) -> Result<(), Problem> {
        // A fault of ours is none of the seller's.
        if let Some(ours) = self.refusals.iter().find(|refusal| refusal.code.status() >= 500) {
            return Err(ours.clone());
        }
        let in_the_way: Vec<_> = self.findings.iter().filter(|one| one.is_in_the_way()).map(|one| &one.finding).collect();
        if in_the_way.is_empty() {
            return Ok(());
        }
        let mut refusals = self.refusals.iter().cloned();
        let mut first = refusals.next().unwrap_or_else(|| Code::GateBlocked.into());
        first.errors.extend(refusals.flat_map(|other| other.errors));
        first.errors.extend(in_the_way.iter().filter(|finding| !finding.is_of_the_offer()).map(|finding| fault(finding)));
        Err(first.with("gates", &in_the_way))
    }

    /// A finding that waits for a decision, by its digest.
    pub fn open(&self, digest: &[u8]) -> Option<&Settled> {
        self.findings.iter().find(|one| one.finding.digest() == digest)
    }
}

/// A finding as a fault of the request.
fn fault(finding: &GateFinding) -> Fault {
    let pointer = if finding.subject.starts_with('/') { finding.subject.clone() } else { format!("/gates/{}", finding.gate.code()) };
    Fault::new(&pointer, &finding.code, finding.zh.clone(), finding.en.clone())
}
