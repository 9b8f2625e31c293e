//! Burdens and owners of what is offered: what the seller declares held against what is entered of the rights.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::encumbrances::{BurdenKind, IntendedDeed};
use entity::listings::TransferMode;

use super::findings::Findings;
use super::gates::Case;
use super::offer::{EncumbranceKind, Offer};
use crate::encumbrances::rules::{Intended, is_cured, owners, refusal, stands, verdicts};
use crate::platform::problem::Code;
use crate::rulebook::rules::shanghai_date;

/// The deed that is offered: whoever buys is not known yet, so that he is not known to be abroad.
fn intended<'a>(case: &Case<'a>) -> Intended<'a> {
    Intended { deed: IntendedDeed::from(case.offer.terms.mode()), abroad: false, by: case.seller }
}

/// What the law or an agreement of the owners leaves to all of them needs the consent of each beside the seller (PL art. 14; SPC-TC art.
/// 20): one that is entered, or one that goes with the offer.
pub(super) fn co_owners(findings: &mut Findings, case: &Case) {
    let consents: BTreeSet<_> = case.offer.declarations.co_owner_consents.iter().map(|consent| consent.owner.trim()).collect();
    let (intended, today) = (intended(case), shanghai_date(case.now));
    let needed = case.standing.iter().flat_map(|standing| owners::missing(standing, &intended, today));
    let missing: BTreeSet<_> = needed.filter(|name| !consents.contains(name)).collect();
    for owner in missing {
        let problem = Code::DeclarationMissing.at(
            "/declarations/co_owner_consents",
            "consent_missing",
            format!("缺少共有人“{owner}”的书面同意"),
            format!("the written consent of the co-owner {owner} is missing"),
        );
        findings.add(problem);
    }
}

/// Burdens that forbid the deal need the paper that cures them or a consent that is entered, and all must be declared.
pub(super) fn encumbrances(findings: &mut Findings, case: &Case) {
    let (declarations, today) = (&case.offer.declarations, shanghai_date(case.now));
    let mode = case.offer.terms.mode();
    findings.require(
        declarations.no_other_encumbrances,
        Code::DeclarationMissing,
        "/declarations/no_other_encumbrances",
        "declaration_missing",
        "须声明除已列明者外无其他权利负担",
        "declare that there are no burdens but those listed",
    );
    for (index, encumbrance) in declarations.encumbrances.iter().enumerate() {
        findings.require(
            encumbrance.cure_document_id.is_some()
                || !needs_cure(encumbrance.kind, mode)
                || is_cured_already(case, encumbrance.kind, today),
            Code::DeclarationMissing,
            &format!("/declarations/encumbrances/{index}/cure_document_id"),
            "cure_missing",
            "该权利负担须附解除或同意的证明文件",
            "this burden needs the document that lifts it or consents",
        );
    }
    undeclared(findings, case, today);
    forbidden(findings, case, today);
}

/// Whether a burden forbids the deal until a paper cures it: a pledge without the pledgee (CC art.
/// 444), a preservation (PLIR art. 104-105), a dispute, an open licence beside an exclusive or sole
/// one (PL art. 51).
fn needs_cure(kind: EncumbranceKind, mode: TransferMode) -> bool {
    match kind {
        EncumbranceKind::Pledge | EncumbranceKind::Preservation | EncumbranceKind::Dispute => true,
        EncumbranceKind::OpenLicence => mode.shuts_out_licensees(),
        EncumbranceKind::ExistingLicence
        | EncumbranceKind::Preemption
        | EncumbranceKind::GrantedUseRight
        | EncumbranceKind::StateFunded
        | EncumbranceKind::StandardEssential => false,
    }
}

/// The kind under which an offer declares what is entered; none of what no offer has a word for.
fn declared_as(kind: BurdenKind) -> Option<EncumbranceKind> {
    match kind {
        BurdenKind::Pledge => Some(EncumbranceKind::Pledge),
        BurdenKind::Preservation => Some(EncumbranceKind::Preservation),
        BurdenKind::OwnershipDispute => Some(EncumbranceKind::Dispute),
        BurdenKind::ExistingLicence => Some(EncumbranceKind::ExistingLicence),
        BurdenKind::OpenLicence => Some(EncumbranceKind::OpenLicence),
        BurdenKind::Preemption => Some(EncumbranceKind::Preemption),
        BurdenKind::GrantedUseRight => Some(EncumbranceKind::GrantedUseRight),
        BurdenKind::StateFunded => Some(EncumbranceKind::StateFunded),
        BurdenKind::StandardEssential => Some(EncumbranceKind::StandardEssential),
        BurdenKind::CompulsoryLicence | BurdenKind::Secured | BurdenKind::StateSecret | BurdenKind::ExportProhibited => None,
    }
}

/// Whether burdens of a kind are entered, and a consent that is entered cures each of them for this deal.
fn is_cured_already(case: &Case, kind: EncumbranceKind, today: NaiveDate) -> bool {
    let deed = intended(case).deed;
    let (mut known, mut cured) = (0_usize, 0_usize);
    for standing in case.standing {
        let of_kind = standing.burdens.iter().filter(|held| declared_as(held.row.kind) == Some(kind) && stands(held, today));
        for held in of_kind {
            known += 1;
            cured += usize::from(is_cured(standing, &held.row, deed, today));
        }
    }
    known > 0 && known == cured
}

/// What is entered, and not declared: the offer contradicts the register.
fn undeclared(findings: &mut Findings, case: &Case, today: NaiveDate) {
    let declared: BTreeSet<_> = case.offer.declarations.encumbrances.iter().map(|encumbrance| encumbrance.kind).collect();
    for standing in case.standing {
        for held in standing.burdens.iter().filter(|held| stands(held, today)) {
            if declared_as(held.row.kind).is_none_or(|kind| declared.contains(&kind)) {
                continue;
            }
            let problem = Code::Invalid.at(
                "/declarations/encumbrances",
                "contradiction",
                "已登记的权利负担未在报价中声明",
                "a burden is entered of the right and not declared in the offer",
            );
            findings.add(problem.with("asset_id", standing.asset).with("encumbrance_id", held.row.id));
        }
    }
}

/// What is entered and forbids the deal. A pledge and an open licence may be cured by a paper of the offer; what has to be lifted is lifted
/// where it is entered.
fn forbidden(findings: &mut Findings, case: &Case, today: NaiveDate) {
    for found in verdicts(case.standing, &intended(case), today).into_iter().filter(|found| found.blocks) {
        let Some((_, kind)) = found.burden else { continue };
        if is_cured_by_offer(case.offer, kind) {
            continue;
        }
        findings.add(refusal(&found, "/declarations/encumbrances"));
    }
}

/// Whether the offer declares a burden with the paper that cures it, where a paper can.
fn is_cured_by_offer(offer: &Offer, kind: BurdenKind) -> bool {
    let papers = matches!(kind, BurdenKind::Pledge | BurdenKind::OpenLicence);
    let mut declared = offer.declarations.encumbrances.iter();
    papers && declared.any(|burden| Some(burden.kind) == declared_as(kind) && burden.cure_document_id.is_some())
}
