//! What must be true of a patent before its open licence is handed in, and again before it is announced.
//!
//! Source: Patent Law art. 14 (of what is owned together all have to agree), 50 (evaluation report); Implementing Rules art. 85 (only what is
//! granted), 86 (not under an exclusive or sole licence, nor suspended, nor with fees unpaid, nor pledged without the pledgee's consent, nor where
//! anything else stands in the way).

use entity::Timestamp;
use entity::encumbrances::BurdenKind;
use entity::identity::organisation;
use entity::ids::{AssetId, OpenLicenceId, RightsGrantId};
use entity::listings::TransferMode;
use entity::open_licences::open_licence;

use super::terms::{needs_report, of_a_patent};
use crate::achievements::rules::{Permitted, being_granted, is_owner, licensed_openly, openable};
use crate::achievements::store::AssetFacts;
use crate::deals::rules::rights_stand;
use crate::encumbrances::rules::{Finding, allows};
use crate::licences::views::InTheWay;
use crate::listings::rules::findings::Findings;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, Snapshot, shanghai_date};

/// Everything the gates look at.
pub struct Case<'a> {
    /// The declaration.
    pub held: &'a open_licence::Model,
    /// The patentee.
    pub patentee: &'a organisation::Model,
    /// The patent.
    pub patent: &'a AssetFacts,
    /// It, where a listing or a sale at a negotiated price holds it alone; what was sold so stays held.
    pub held_alone: &'a [AssetId],
    /// It with the grant, where it is being granted to who made it.
    pub granted: &'a [(AssetId, RightsGrantId)],
    /// Whether who made it was granted a share of it.
    pub shared: bool,
    /// It with another declaration that is open.
    pub declared_open: &'a [(AssetId, OpenLicenceId)],
    /// What is entered of its burdens.
    pub burdens: &'a [Finding],
    /// Licences in the register beside which it cannot be declared.
    pub in_the_way: &'a [InTheWay],
    /// The rules for the patentee today.
    pub rules: &'a Snapshot,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Now.
    pub now: Timestamp,
}

/// Whether a declaration may be handed in; a refusal names everything found.
pub fn submission(case: &Case) -> Result<(), Problem> {
    let mut findings = Findings::new();
    runs(&mut findings, case);
    findings.hear(stands(case));
    findings.hear(of_a_patent(&case.patent.asset, case.held.term_until));
    findings.require(
        !case.shared && case.patent.owners.iter().all(|owner| is_owner(owner, case.patentee)),
        Code::DeclarationMissing,
        "/asset_id",
        "co_owned",
        "专利权由他人共有，须由全体共有人共同声明",
        "others own it too, and all of them have to declare it together",
    );
    findings.require(
        case.held.evaluation_document.is_some() || !needs_report(case.patent.asset.kind),
        Code::DeclarationMissing,
        "/evaluation_document_id",
        "report_missing",
        "实用新型、外观设计专利须附专利权评价报告",
        "a utility model or a design needs its evaluation report",
    );
    findings.require(
        case.held.pledgee_consent_document.is_some() || !case.held.pledged,
        Code::DeclarationMissing,
        "/pledgee_consent_document_id",
        "consent_missing",
        "专利权已质押，须附质权人同意的书面文件",
        "it is pledged, and the written consent of the pledgee is missing",
    );
    findings.hear(is_unburdened(case));
    findings.hear(is_free(case));
    findings.done()
}

/// Whether it may be announced: what may have changed since it was handed in.
pub fn publication(case: &Case) -> Result<(), Problem> {
    let mut findings = Findings::new();
    runs(&mut findings, case);
    findings.hear(stands(case));
    findings.hear(is_unburdened(case));
    findings.hear(is_free(case));
    findings.done()
}

/// Whether no burden stands in its way, but a pledge whose pledgee consents.
fn is_unburdened(case: &Case) -> Result<(), Problem> {
    let papers: &[BurdenKind] = if case.held.pledgee_consent_document.is_some() { &[BurdenKind::Pledge] } else { &[] };
    allows(case.burdens, "/asset_id", papers)
}

/// Whether its term is not over.
fn runs(findings: &mut Findings, case: &Case) {
    let (zh, en) = ("须在今日之后", "must be after today");
    findings.require(shanghai_date(case.now) < case.held.term_until, Code::Invalid, "/term_until", "past", zh, en);
}

/// Whether the patent stands, as was read lately, and in a way that lets anybody have a licence of it.
fn stands(case: &Case) -> Result<(), Problem> {
    rights_stand(std::slice::from_ref(case.patent), TransferMode::NonExclusiveLicence, case.rules, case.calendar, case.now)?;
    let status = case.patent.status.as_ref().map(|read| read.status);
    let kind = case.patent.asset.kind;
    if status.is_some_and(|status| !matches!(openable(status, kind), Permitted::No(_))) {
        return Ok(());
    }
    Err(Code::StatusForbids.with("asset_id", case.patent.asset.id).with("legal_status", status))
}

/// Whether nobody has it alone, or is about to.
fn is_free(case: &Case) -> Result<(), Problem> {
    if !case.held_alone.is_empty() {
        return Err(Code::AssetHeld.with("asset_ids", case.held_alone));
    }
    if !case.in_the_way.is_empty() {
        return Err(Code::LicenceConflict.with("conflicts", case.in_the_way));
    }
    being_granted(case.granted)?;
    licensed_openly(case.declared_open)
}
