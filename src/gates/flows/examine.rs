//! Running the gates, and keeping what they found.

use std::collections::BTreeSet;

use entity::gates::{ExportPaperKind, Gate, GateStage, GateVerdict, gate_finding, gate_run};
use entity::identity::organisation;
use entity::ids::{AssetId, DealId, ListingId, OrganisationId};
use entity::listings::TransferMode;
use entity::open_licences::OpenLicenceState;

use super::entered::entered_since;
use super::screen::{has_paper, is_foreign, related_to};
use crate::achievements;
use crate::achievements::store::AssetFacts;
use crate::gates::rules::burdens;
use crate::gates::rules::case::{Buyer, Decided, Declared, GateCase};
use crate::gates::rules::catalogue::Catalogue;
use crate::gates::rules::finding::{GateFinding, said};
use crate::gates::rules::report::{Report, gates_at, run};
use crate::gates::rules::restrictions;
use crate::gates::store;
use crate::house::Tx;
use crate::identity;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// An offer to run the gates for.
pub struct Listed<'a> {
    /// When.
    pub stage: GateStage,
    /// The listing.
    pub listing: ListingId,
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
    /// What the rules of the offer itself refuse, at which gate.
    pub heard: Vec<(Gate, Problem)>,
    /// What other rooms found at the gates that are theirs.
    pub brought: Vec<GateFinding>,
    /// Who has a right of pre-emption.
    pub holders: Vec<OrganisationId>,
}

/// Runs the gates for an offer; nothing is kept.
pub async fn examine_within(tx: &Tx, of: Listed<'_>) -> Result<Report, Problem> {
    let today = shanghai_date(tx.now);
    let declared = Declared::of(store::declaration(tx.conn(), of.listing).await?.as_ref())?;
    let decisions = decisions(tx, of.listing).await?;
    let holders: BTreeSet<_> = of.holders.into_iter().collect();
    let mut related = Vec::new();
    if !holders.is_empty() {
        related = related_to(&tx.house, tx.conn(), of.seller.id, tx.now).await?;
        related.retain(|one| holders.contains(&one.organisation_id));
    }
    let restrictions = restrictions::live(&store::restrictions(tx.conn(), &[of.seller.id]).await?, today);
    Ok(run(&GateCase {
        stage: of.stage,
        heard: of.heard,
        brought: of.brought,
        seller: of.seller,
        assets: of.assets,
        mode: of.mode,
        state_funded: of.state_funded,
        titles: of.titles,
        texts: of.texts,
        declared: &declared,
        buyer: None,
        related,
        restrictions,
        decisions: &decisions,
        catalogue: Catalogue::shipped(),
        today,
    }))
}

/// A deal whose last party signs.
#[derive(Clone, Copy)]
pub struct Confirmed<'a> {
    /// The deal.
    pub deal: DealId,
    /// Its listing.
    pub listing: ListingId,
    /// Who sells.
    pub seller: OrganisationId,
    /// Who buys.
    pub buyer: OrganisationId,
    /// The rights sold, as they stand.
    pub assets: &'a [AssetFacts],
    /// How they pass.
    pub mode: TransferMode,
    /// The title of what is sold.
    pub title: &'a str,
}

/// Runs the gates for a deal that is confirmed, and keeps what they found unless it stands in the way.
pub async fn confirm_within(tx: &Tx, of: Confirmed<'_>) -> Result<(), Problem> {
    let today = shanghai_date(tx.now);
    let seller = identity::store::organisation(tx.conn(), of.seller).await?.ok_or(Code::Internal)?;
    let declared = Declared::of(store::declaration(tx.conn(), of.listing).await?.as_ref())?;
    let decisions = decisions(tx, of.listing).await?;
    let mut related = related_to(&tx.house, tx.conn(), of.seller, tx.now).await?;
    related.retain(|one| one.organisation_id == of.buyer);
    let facts = store::facts(tx.conn(), of.buyer).await?;
    let buyer = Buyer {
        organisation_id: of.buyer,
        is_foreign: is_foreign(&tx.house, facts.as_ref(), tx.now)?,
        has_letter: has_paper(tx, of.listing, of.buyer, ExportPaperKind::LetterOfIntent, today).await?,
    };
    let restrictions = restrictions::live(&store::restrictions(tx.conn(), &[of.seller, of.buyer]).await?, today);
    let mut brought = standing_against(tx, &of).await?;
    let ids: Vec<AssetId> = of.assets.iter().map(|facts| facts.asset.id).collect();
    brought.extend(entered_since(tx, of.listing, (&ids, of.mode), (&seller, buyer.is_foreign)).await?);
    let report = run(&GateCase {
        stage: GateStage::Confirmation,
        heard: Vec::new(),
        brought,
        seller: &seller,
        assets: of.assets,
        mode: of.mode,
        state_funded: false,
        titles: vec![of.title],
        texts: Vec::new(),
        declared: &declared,
        buyer: Some(buyer),
        related,
        restrictions,
        decisions: &decisions,
        catalogue: Catalogue::shipped(),
        today,
    });
    report.passed()?;
    record_within(tx, of.listing, Some(of.deal), &report).await
}

/// What was granted of the rights meanwhile and stands against the deal: grants to who made them, and open licences beside one licensee.
async fn standing_against(tx: &Tx, of: &Confirmed<'_>) -> Result<Vec<GateFinding>, Problem> {
    let ids: Vec<AssetId> = of.assets.iter().map(|facts| facts.asset.id).collect();
    let mut found = Vec::new();
    if of.mode.is_exclusive() {
        for (asset, _) in achievements::store::held_by_grants(tx.conn(), &ids).await? {
            found.push(burdens::conflict(asset, "being_granted", said("该权利正在办理赋权", "the right is being granted to who made it")));
        }
    }
    if of.mode.shuts_out_licensees() {
        for (asset, _) in achievements::store::declared_open(tx.conn(), &ids, &[OpenLicenceState::Announced]).await? {
            found.push(burdens::conflict(
                asset,
                "licensed_openly",
                said("该专利已声明开放许可", "anybody may have a licence of the patent"),
            ));
        }
    }
    Ok(found)
}

/// What was decided about findings of a listing.
async fn decisions(tx: &Tx, listing: ListingId) -> Result<Vec<Decided>, Problem> {
    let rows = store::acknowledgements(tx.conn(), listing).await?;
    Ok(rows.into_iter().map(|row| Decided { digest: row.finding_sha256, decision: row.decision }).collect())
}

/// Keeps a run in which nothing stands in the way: a row for each finding, and for each gate that found nothing.
pub async fn record_within(tx: &Tx, listing: ListingId, deal: Option<DealId>, report: &Report) -> Result<(), Problem> {
    let today = shanghai_date(tx.now);
    let run = gate_run::Model {
        id: tx.id(),
        listing_id: listing,
        deal_id: deal,
        stage: report.stage,
        rulebook_version: tx.house.rulebook.current().rulebook.version,
        catalogue_version: Catalogue::shipped().version(today).map(|version| version.code.clone()).unwrap_or_default(),
        export_class: report.export_class,
        run_by: tx.by.actor().ok().map(|actor| actor.person),
        run_at: tx.now,
    };
    let mut rows = Vec::new();
    for gate in gates_at(report.stage) {
        let of_gate: Vec<_> = report.findings.iter().map(|one| &one.finding).filter(|finding| finding.gate == *gate).collect();
        if of_gate.is_empty() {
            rows.push((*gate, GateVerdict::Pass, None));
        }
        rows.extend(of_gate.into_iter().map(|finding| (*gate, finding.verdict, Some(finding))));
    }
    db::insert(tx.conn(), run.clone()).await?;
    for (number, (gate, verdict, finding)) in (1..).zip(rows) {
        let kept = finding.map(serde_json::to_value).transpose().map_err(|_| Code::Internal)?;
        let row = gate_finding::Model {
            run_id: run.id,
            number,
            gate,
            verdict,
            finding: kept,
            finding_sha256: finding.map(|finding| finding.digest().to_vec()),
        };
        db::insert(tx.conn(), row).await?;
    }
    tx.created("gate_run", run.id, &run);
    Ok(())
}
