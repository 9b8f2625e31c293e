//! The gates: what must be true of an offer before it is taken up, and again before it is approved.
//!
//! These are the rules of the offer itself, each under the gate it belongs to; the room `gates` looks beyond the offer. Each looks at
//! everything and says all it finds; a refusal names every fault of every gate, under the code of the first.

use chrono::{Months, NaiveDate};
use entity::Timestamp;
use entity::achievements::AssetKind;
use entity::gates::Gate;
use entity::identity::organisation;
use entity::ids::{AssetId, OpenLicenceId, RightsGrantId};
use entity::listings::{LicenceTerms, PriceBasis, TransferTerms, listing};

use super::findings::{Findings, unruled};
use super::offer::{EncumbranceKind, Offer};
use super::schedule::is_fresh;
use super::{burdens, exhibition, machine, offer, pricing, schedule};
use crate::achievements::rules::{Permitted, being_granted, is_over, licensed_openly, permitted};
use crate::achievements::store::AssetFacts;
use crate::encumbrances::rules::Standing;
use crate::licences::flows::Beside;
use crate::platform::problem::{Code, Fault, Problem};
use crate::rulebook::rules::{Calendar, Snapshot, shanghai_date};

/// Everything the gates look at.
pub struct Case<'a> {
    /// The offer as kept.
    pub offer: &'a Offer,
    /// The seller.
    pub seller: &'a organisation::Model,
    /// The assets on offer, in the order of the offer.
    pub assets: &'a [AssetFacts],
    /// What is entered of the burdens and the owners of each, in the same order.
    pub standing: &'a [Standing],
    /// Those of them that another live listing holds alone.
    pub held_elsewhere: &'a [AssetId],
    /// Those of them that are being granted to who made them, each with the grant.
    pub granted: &'a [(AssetId, RightsGrantId)],
    /// Those of them of which anybody may have a licence, each with the declaration.
    pub declared_open: &'a [(AssetId, OpenLicenceId)],
    /// What the register says of them.
    pub licensed: &'a Beside,
    /// The rules for this seller today.
    pub rules: &'a Snapshot,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Now.
    pub now: Timestamp,
}

/// Whether an offer may be handed in: every gate but the freshness of the legal status.
pub fn submission(case: &Case) -> Result<(), Problem> {
    refused(found(case, false))
}

/// Whether an offer may be approved: every gate again, and every legal status fresh.
pub fn approval(case: &Case) -> Result<(), Problem> {
    refused(at_approval(case))
}

/// What the rules of the offer refuse as it is approved, at which gate, in the order of the gates.
pub fn at_approval(case: &Case) -> Vec<(Gate, Problem)> {
    found(case, true)
}

fn refused(found: Vec<(Gate, Problem)>) -> Result<(), Problem> {
    let mut findings = Findings::new();
    for (_, problem) in found {
        findings.add(problem);
    }
    findings.done()
}

fn found(case: &Case, must_be_fresh: bool) -> Vec<(Gate, Problem)> {
    let mut found = Vec::new();
    for gate in Gate::ALL {
        let mut findings = Findings::new();
        match gate {
            Gate::SecretDeclaration => {
                findings.hear(offer::declares_no_secret(case.offer));
            }
            Gate::LegalStatus => {
                rights(&mut findings, case);
                if must_be_fresh {
                    findings.hear(fresh(case));
                }
            }
            Gate::Title => burdens::co_owners(&mut findings, case),
            Gate::Encumbrances => burdens::encumbrances(&mut findings, case),
            Gate::LicenceConflict => {
                held(&mut findings, case);
                licensed(&mut findings, case);
            }
            Gate::PriceBasis => {
                base_price(&mut findings, case);
                findings.hear(pricing::settle(case.offer, case.rules, None));
            }
            Gate::Publicity => publicity(&mut findings, case),
            // These look beyond the offer.
            Gate::Export | Gate::StateFunding | Gate::RelatedParty | Gate::Integrity | Gate::Clauses => {}
        }
        found.extend(findings.all().into_iter().map(|problem| (*gate, problem)));
    }
    found
}

/// What is announced, and when.
fn publicity(findings: &mut Findings, case: &Case) {
    findings.hear(offer::asks_no_secrecy(case.offer));
    let timing = findings.hear(schedule::plan(case.offer, case.rules, case.calendar, case.now));
    let opens_at = timing.map(|timing| timing.auction_opens_at);
    findings.hear(exhibition::keeps_the_rules(case.offer, case.rules, opens_at, case.now));
}

/// What the seller is warned of: the assets whose legal status, as last read, will be too old when
/// bidding opens. Nothing before the warning is due, and nothing once bidding has opened.
pub fn stale_at_opening(
    held: &listing::Model,
    assets: &[AssetFacts],
    rules: &Snapshot,
    calendar: &Calendar,
    now: Timestamp,
) -> Result<Vec<AssetId>, Problem> {
    let Some(opens_at) = held.auction_opens_at.filter(|_| machine::awaits_bidding(held.state)) else { return Ok(Vec::new()) };
    if now < schedule::warning_at(opens_at, rules, calendar)? {
        return Ok(Vec::new());
    }
    stale_at(assets, opens_at, rules, calendar)
}

/// The assets whose legal status, as last read, will be stale at an instant.
fn stale_at(assets: &[AssetFacts], at: Timestamp, rules: &Snapshot, calendar: &Calendar) -> Result<Vec<AssetId>, Problem> {
    let mut stale = Vec::new();
    for facts in assets {
        let fresh = match &facts.status {
            Some(status) => is_fresh(status.as_of, at, rules, calendar)?,
            None => false,
        };
        if !fresh {
            stale.push(facts.asset.id);
        }
    }
    Ok(stale)
}

fn fresh(case: &Case) -> Result<(), Problem> {
    let stale = stale_at(case.assets, case.now, case.rules, case.calendar)?;
    if stale.is_empty() {
        return Ok(());
    }
    let errors = case.assets.iter().enumerate().filter(|(_, facts)| stale.contains(&facts.asset.id));
    let errors = errors.map(|(index, _)| {
        Fault::new(&asset_pointer(index), "status_stale", "法律状态已过有效期，须重新查询", "the legal status is too old; read it again")
    });
    let problem = Code::ListingNotReady.with("reason", "legal_status_stale").with("asset_ids", &stale);
    Err(Problem { errors: errors.collect(), ..problem })
}

fn asset_pointer(index: usize) -> String {
    format!("/asset_ids/{index}")
}

/// Whether a public registry keeps rights of this kind and numbers them.
fn is_registered(kind: AssetKind) -> bool {
    matches!(
        kind,
        AssetKind::Invention
            | AssetKind::UtilityModel
            | AssetKind::Design
            | AssetKind::PatentApplication
            | AssetKind::IcLayout
            | AssetKind::PlantVariety
    )
}

/// Number, legal status and remaining term of every asset.
fn rights(findings: &mut Findings, case: &Case) {
    let today = shanghai_date(case.now);
    let mode = case.offer.terms.mode();
    let licence = licence_of(&case.offer.terms);
    for (index, facts) in case.assets.iter().enumerate() {
        let pointer = asset_pointer(index);
        let asset = &facts.asset;
        if is_registered(asset.kind) && asset.identifier.is_none() {
            let problem =
                Code::IdentifierInvalid.at(&pointer, "identifier_missing", "缺少申请号或登记号", "the registry number is missing");
            findings.add(problem.with("reason", "identifier_missing").with("asset_id", asset.id));
        }
        let Some(status) = &facts.status else {
            let problem = Code::StatusForbids.at(&pointer, "status_missing", "未登记法律状态", "no legal status has been recorded");
            findings.add(problem.with("asset_id", asset.id));
            continue;
        };
        if let Permitted::No(reason) = permitted(status.status, asset.kind, mode) {
            let problem = Code::StatusForbids.at(&pointer, reason.code, reason.zh, reason.en);
            findings.add(problem.with("asset_id", asset.id).with("legal_status", status.status).with("mode", mode));
        }
        if asset.expires_on.is_some_and(|end| is_over(asset.kind, end, today)) {
            let problem = Code::StatusForbids.at(&pointer, "expired", "权利已届满", "the right has expired");
            findings.add(problem.with("asset_id", asset.id).with("expires_on", asset.expires_on));
        } else if let (Some(licence), Some(last)) = (licence, asset.expires_on)
            && !fits(licence, today, last)
        {
            let problem = Code::Invalid.at(
                "/terms/months",
                "beyond_term",
                format!("许可期限超出资产 {} 的剩余有效期（至 {last}）", asset.id),
                format!("the licence would outlast asset {}, which ends on {last}", asset.id),
            );
            findings.add(problem);
        }
    }
}

fn licence_of(terms: &TransferTerms) -> Option<&LicenceTerms> {
    match terms {
        TransferTerms::ExclusiveLicence(terms) | TransferTerms::SoleLicence(terms) | TransferTerms::NonExclusiveLicence(terms) => {
            Some(terms)
        }
        TransferTerms::Assignment {} | TransferTerms::Equity(_) => None,
    }
}

/// Whether a licence from today ends within the life of the right (CC art. 865).
fn fits(licence: &LicenceTerms, today: NaiveDate, last: NaiveDate) -> bool {
    today.checked_add_months(Months::new(licence.months)).is_some_and(|end| end <= last)
}

fn held(findings: &mut Findings, case: &Case) {
    if let Some(problem) = asset_held(case.offer, case.held_elsewhere) {
        findings.add(problem);
    }
    let mode = case.offer.terms.mode();
    // What is being granted to who made it may be licensed to several meanwhile, but goes to nobody alone.
    if mode.is_exclusive() {
        let judged = being_granted(case.granted);
        held_otherwise(findings, case.offer, case.granted, judged, ("正在办理赋权", "is being granted to who made it"));
    }
    // Of what anybody may have a licence nobody is the only licensee; it may be sold, with the licences there are (PL art. 51).
    if mode.shuts_out_licensees() {
        let judged = licensed_openly(case.declared_open);
        held_otherwise(findings, case.offer, case.declared_open, judged, ("已声明开放许可", "is open to everybody's licence"));
    }
}

/// Refuses an offer of what cannot be granted beside what is in the register.
pub fn beside_the_register(licensed: &Beside) -> Result<(), Problem> {
    if licensed.in_the_way.is_empty() {
        return Ok(());
    }
    let (zh, en) = ("与已登记的在先许可冲突", "it cannot stand beside licences in the register");
    let problem = Code::LicenceConflict.at("/terms", "licence_conflict", zh, en);
    Err(problem.with("conflicts", &licensed.in_the_way))
}

/// What is granted cannot be granted otherwise, and whoever takes the rights with licences on them is told so (SPC-TC art. 24).
fn licensed(findings: &mut Findings, case: &Case) {
    findings.hear(beside_the_register(case.licensed));
    findings.require(
        case.licensed.standing.is_empty() || says_licensed(case.offer) || !case.offer.terms.mode().is_exclusive(),
        Code::DeclarationMissing,
        "/declarations/encumbrances",
        "licence_undeclared",
        "须列明已登记的在先许可",
        "name the licences that are in the register",
    );
}

/// Whether an offer says that there are licences of what it offers.
pub fn says_licensed(offer: &Offer) -> bool {
    offer.declarations.encumbrances.iter().any(|encumbrance| encumbrance.kind == EncumbranceKind::ExistingLicence)
}

/// Notes that something else than an offer holds some of the assets, at their places in the offer.
fn held_otherwise<T>(findings: &mut Findings, offer: &Offer, held: &[(AssetId, T)], judged: Result<(), Problem>, (zh, en): (&str, &str)) {
    if let Err(problem) = judged {
        let errors = faults_of(offer, |id| held.iter().any(|(asset, _)| asset == id), zh, en);
        findings.add(Problem { errors, ..problem });
    }
}

/// The refusal of assets that another live listing holds alone, if there are any.
pub fn asset_held(offer: &Offer, held_elsewhere: &[AssetId]) -> Option<Problem> {
    let (zh, en) = ("已在另一项目中排他性报价", "already on offer exclusively in another listing");
    let errors = faults_of(offer, |id| held_elsewhere.contains(id), zh, en);
    let problem = Code::AssetHeld.with("asset_ids", held_elsewhere);
    (!errors.is_empty()).then_some(Problem { errors, ..problem })
}

/// What is wrong with those of the assets that are held, at their places in the offer.
fn faults_of(offer: &Offer, is_held: impl Fn(&AssetId) -> bool, zh: &str, en: &str) -> Vec<Fault> {
    let places = offer.asset_ids.iter().enumerate().filter(|&(_, id)| is_held(id));
    places.map(|(index, _)| Fault::new(&asset_pointer(index), "asset_held", zh, en)).collect()
}

/// What a base price may rest on, and whether that must be shown, is a rule for each class of seller:
/// public sellers must be able to show it (ZJ-TTR art. 17); a state enterprise's asset is appraised.
fn base_price(findings: &mut Findings, case: &Case) {
    let basis = case.offer.base_price_basis;
    let (Some(allowed), Some(must_show)) = (
        findings.hear(case.rules.flag(basis_rule(basis)).map_err(|error| unruled(&error))),
        findings.hear(case.rules.flag("price_basis_document").map_err(|error| unruled(&error))),
    ) else {
        return;
    };
    findings.require(
        allowed,
        Code::Invalid,
        "/base_price_basis",
        "basis",
        "国有企业须以评估结果、高校院所须以评估、集体决策或市场比较确定底价",
        "a state enterprise needs an appraisal; a university or institute an appraisal, a collective decision or a market comparison",
    );
    // Market prices can be looked up by anybody.
    let shown = basis == PriceBasis::MarketComparison || case.offer.basis_document_id.is_some();
    findings.require(
        shown || !allowed || !must_show,
        Code::DeclarationMissing,
        "/basis_document_id",
        "basis_missing",
        "须附底价依据文件",
        "give the document the base price rests on",
    );
}

/// The rule that says whether a price may rest on this.
pub fn basis_rule(basis: PriceBasis) -> &'static str {
    match basis {
        PriceBasis::Appraisal => "price_basis_appraisal",
        PriceBasis::CollectiveDecision => "price_basis_collective_decision",
        PriceBasis::MarketComparison => "price_basis_market_comparison",
        PriceBasis::OwnDecision => "price_basis_own_decision",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
