//! What stands of a right, and what that says to a deed.

use chrono::NaiveDate;
use entity::achievements::{AssetKind, asset_owner};
use entity::encumbrances::{BurdenKind, BurdenStepKind, ConsentKind, IntendedDeed, burden, burden_consent, burden_step, owners_agreement};
use entity::identity::organisation;
use entity::ids::{AssetId, BurdenId};
use serde::{Deserialize, Serialize};

use super::agreement::OwnersClause;
use super::owners::together;
use super::table::{Facts, PRICE_TO_PLEDGEE, Said, Verdict, forbids};
use crate::achievements::store::AssetFacts;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Span, shanghai_date};

/// A burden with what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burden {
    /// As it was entered.
    pub row: burden::Model,
    /// What happened to it.
    pub steps: Vec<burden_step::Model>,
}

impl Burden {
    /// What happened to it of this kind, if it did.
    pub fn step(&self, kind: BurdenStepKind) -> Option<&burden_step::Model> {
        self.steps.iter().find(|step| step.kind == kind)
    }
}

/// A consent that was not taken back, with the deeds it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// As it was handed in.
    pub row: burden_consent::Model,
    /// The deeds.
    pub deeds: Vec<IntendedDeed>,
}

impl Consent {
    /// Of its row.
    pub fn of(row: burden_consent::Model) -> Result<Self, Problem> {
        let deeds = serde_json::from_value(row.deeds.clone()).map_err(|_| Code::Internal)?;
        Ok(Self { row, deeds })
    }

    /// Whether it is for a deed, and holds on a day.
    pub fn covers(&self, deed: IntendedDeed, on: NaiveDate) -> bool {
        self.deeds.contains(&deed) && self.row.valid_from <= on && self.row.valid_until.is_none_or(|last| on <= last)
    }
}

/// What the owners agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Who signs what.
    pub clauses: Vec<OwnersClause>,
    /// From when on.
    pub in_force_from: NaiveDate,
}

impl Agreement {
    /// Of its row.
    pub fn of(row: &owners_agreement::Model) -> Result<Self, Problem> {
        let clauses = serde_json::from_value(row.clauses.clone()).map_err(|_| Code::Internal)?;
        Ok(Self { clauses, in_force_from: row.in_force_from })
    }
}

/// All that is known of the burdens of a right, and of who owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The right.
    pub asset: AssetId,
    /// Its kind.
    pub kind: AssetKind,
    /// Its owners.
    pub owners: Vec<asset_owner::Model>,
    /// Its burdens, those too that do not stand any more.
    pub burdens: Vec<Burden>,
    /// The consents that were not taken back.
    pub consents: Vec<Consent>,
    /// What the owners agreed on last.
    pub agreement: Option<Agreement>,
}

impl Standing {
    /// Of a right of which nothing was entered.
    pub fn unburdened(facts: &AssetFacts) -> Self {
        let (asset, kind, owners) = (facts.asset.id, facts.asset.kind, facts.owners.clone());
        Self { asset, kind, owners, burdens: Vec::new(), consents: Vec::new(), agreement: None }
    }
}

/// What somebody means to do.
#[derive(Clone, Copy, Debug)]
pub struct Intended<'a> {
    /// The deed.
    pub deed: IntendedDeed,
    /// Whether whoever is to have the right is abroad.
    pub abroad: bool,
    /// Who means to.
    pub by: &'a organisation::Model,
}

/// What was found in the way of a deed, or is to be disclosed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Of which right.
    pub asset: AssetId,
    /// Of which burden; none where it is that others own the right too.
    pub burden: Option<(BurdenId, BurdenKind)>,
    /// Whether it stops the deed.
    pub blocks: bool,
    /// What is said of it.
    pub said: Said,
    /// The owners whose consent is missing.
    pub missing: Vec<String>,
}

/// Whether a burden stands on a day.
pub fn stands(held: &Burden, on: NaiveDate) -> bool {
    let lifted = held.step(BurdenStepKind::Lifted).and_then(|step| step.lifted_on);
    held.row.since <= on && held.row.until.is_none_or(|last| on <= last) && lifted.is_none_or(|day| on < day)
}

/// Those of the rights that are pledged on a day.
pub fn pledged(standings: &[Standing], on: NaiveDate) -> Vec<AssetId> {
    let is_pledged = |standing: &&Standing| standing.burdens.iter().any(|held| held.row.kind == BurdenKind::Pledge && stands(held, on));
    standings.iter().filter(is_pledged).map(|standing| standing.asset).collect()
}

/// Whose consent cures a burden; none where it has to be lifted, or is no more than disclosed.
pub fn cured_by(kind: BurdenKind) -> Option<ConsentKind> {
    match kind {
        BurdenKind::Pledge => Some(ConsentKind::Pledgee),
        BurdenKind::StateFunded => Some(ConsentKind::ProjectManager),
        BurdenKind::Preemption => Some(ConsentKind::PreemptionWaiver),
        BurdenKind::Preservation
        | BurdenKind::OwnershipDispute
        | BurdenKind::ExistingLicence
        | BurdenKind::OpenLicence
        | BurdenKind::GrantedUseRight
        | BurdenKind::StandardEssential
        | BurdenKind::CompulsoryLicence
        | BurdenKind::Secured
        | BurdenKind::StateSecret
        | BurdenKind::ExportProhibited => None,
    }
}

/// Whether a consent that was entered cures a burden for a deed.
pub fn is_cured(standing: &Standing, held: &burden::Model, deed: IntendedDeed, today: NaiveDate) -> bool {
    let cure = cured_by(held.kind);
    let fits = |consent: &Consent| Some(consent.row.kind) == cure && consent.row.burden_id == Some(held.id) && consent.covers(deed, today);
    standing.consents.iter().any(fits)
}

/// Everything that stands in the way of a deed or is to be disclosed, right by right in their order: first that others own it too.
pub fn verdicts(standings: &[Standing], intended: &Intended, today: NaiveDate) -> Vec<Finding> {
    let mut found = Vec::new();
    for standing in standings {
        let (verdict, missing) = together(standing, intended, today);
        let missing = missing.into_iter().map(ToOwned::to_owned).collect();
        found.extend(finding(standing.asset, None, verdict, missing));
        for held in standing.burdens.iter().filter(|held| stands(held, today)) {
            let verdict = weighed(standing, &held.row, intended, today);
            found.extend(finding(standing.asset, Some((held.row.id, held.row.kind)), verdict, Vec::new()));
        }
    }
    found
}

/// What a burden says to a deed, once it is asked what cures it.
fn weighed(standing: &Standing, held: &burden::Model, intended: &Intended, today: NaiveDate) -> Verdict {
    let verdict = forbids(held.kind, Facts { suspends: held.suspends, abroad: intended.abroad }, intended.deed);
    if verdict == Verdict::Pass || !is_cured(standing, held, intended.deed, today) {
        return verdict;
    }
    // The pledge goes on, and has the price.
    if held.kind == BurdenKind::Pledge { Verdict::Warn(PRICE_TO_PLEDGEE) } else { Verdict::Pass }
}

fn finding(asset: AssetId, burden: Option<(BurdenId, BurdenKind)>, verdict: Verdict, missing: Vec<String>) -> Option<Finding> {
    match verdict {
        Verdict::Pass => None,
        Verdict::Warn(said) => Some(Finding { asset, burden, blocks: false, said, missing }),
        Verdict::Block(said) => Some(Finding { asset, burden, blocks: true, said, missing }),
    }
}

/// The refusal of what stops a deed, at a place of what is sent: what a paper cures is missing that, all else has to be lifted first.
pub fn refusal(found: &Finding, place: &str) -> Problem {
    let (said, kind) = (found.said, found.burden.map(|(_, kind)| kind));
    let is_cured_by_paper = kind.is_none_or(|kind| matches!(kind, BurdenKind::Pledge | BurdenKind::OpenLicence));
    let code = if is_cured_by_paper { Code::DeclarationMissing } else { Code::StatusForbids };
    let problem = code.at(
        place,
        said.code,
        format!("{}；须{}（{}）", said.zh, said.cure_zh, said.rule),
        format!("{}; it takes this: {} ({})", said.en, said.cure_en, said.rule),
    );
    let problem = problem.with("asset_id", found.asset);
    match found.burden {
        Some((id, _)) => problem.with("encumbrance_id", id),
        None => problem.with("missing", &found.missing),
    }
}

/// Refuses a deed that anything found stops, with all of it. Kinds that a paper at hand cures are passed over.
pub fn allows(found: &[Finding], place: &str, papers: &[BurdenKind]) -> Result<(), Problem> {
    let stops = |finding: &&Finding| finding.blocks && !finding.burden.is_some_and(|(_, kind)| papers.contains(&kind));
    let mut refusals = found.iter().filter(stops).map(|finding| refusal(finding, place));
    let Some(first) = refusals.next() else { return Ok(()) };
    let errors = first.errors.into_iter().chain(refusals.flat_map(|other| other.errors)).collect();
    Err(Problem { code: Code::StatusForbids, errors, ..first })
}

/// What stops a deed now, and did not as it was last let pass; an owner counts whose consent was not missing then.
pub fn since<'a>(now: &'a [Finding], then: &[Finding]) -> impl Iterator<Item = &'a Finding> {
    let then: Vec<_> = then.iter().filter(|finding| finding.blocks).cloned().collect();
    now.iter().filter(move |finding| {
        let known = then.iter().any(|old| {
            (old.asset, old.burden) == (finding.asset, finding.burden) && finding.missing.iter().all(|owner| old.missing.contains(owner))
        });
        finding.blocks && !known
    })
}

/// The burdens that stand and whose source was asked too long ago, by how long that may be.
pub fn stale(standings: &[Standing], today: NaiveDate, freshness: Span) -> Vec<BurdenId> {
    let is_stale = |held: &&Burden| freshness.after_day(shanghai_date(held.row.as_of)).is_some_and(|last| last < today);
    let standing = standings.iter().flat_map(|standing| &standing.burdens).filter(|held| stands(held, today));
    standing.filter(is_stale).map(|held| held.row.id).collect()
}
