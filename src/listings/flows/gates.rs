//! The gates of a listing: what its seller declares for them, what they say, and who decides about what they only warn of.

use entity::gates::{Gate, GateStage, GateVerdict, gate_acknowledgement, gate_declaration};
use entity::ids::ListingId;
use entity::listings::listing;

use super::super::http::{AcknowledgeGate, DeclareForGates, ReadListingGates};
use super::super::rules::machine::{self, Deed};
use super::super::rules::offer::called_holders;
use super::super::rules::{self, gates as of_offer};
use super::super::store;
use super::look::{Sight, look};
use super::{officer, seller};
use crate::documents::flows::kept_if_named_within;
use crate::gates::flows::{Listed, entered_within, examine_within};
use crate::gates::rules::catalogue::Catalogue;
use crate::gates::rules::declared::{NewGateDeclaration, declaration_said_well, reason};
use crate::gates::rules::report::{Report, Settled};
use crate::gates::store as kept;
use crate::gates::views::{AcknowledgementView, GateDeclarationView, GateRunView, GatesView, NewAcknowledgement, gates_of};
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Runs the gates for a listing as it stands; nothing is kept.
pub(super) async fn examined(tx: &Tx, held: &listing::Model, sight: &Sight, stage: GateStage) -> Result<Report, Problem> {
    let offer = &sight.offer;
    let conditions = offer.conditions.iter().enumerate().map(|(index, text)| (format!("/conditions/{index}"), text.as_str()));
    let others = [("/payment", &offer.payment), ("/taxes", &offer.taxes), ("/defects", &offer.defects)];
    let others = others.into_iter().filter_map(|(place, text)| Some((place.to_owned(), text.as_deref()?)));
    let titles = [Some(offer.title.as_str()), offer.title_en.as_deref(), Some(sight.achievement.title.as_str())];
    let listed = Listed {
        stage,
        listing: held.id,
        seller: &sight.seller,
        assets: &sight.assets,
        mode: offer.terms.mode(),
        state_funded: sight.achievement.state_funded,
        titles: titles.into_iter().flatten().collect(),
        texts: conditions.chain(others).collect(),
        heard: of_offer::at_approval(&sight.case(tx.now)),
        brought: entered_within(tx, &sight.standing, offer.terms.mode(), &sight.seller).await?,
        holders: called_holders(offer).into_iter().map(|holder| holder.organisation_id).collect(),
    };
    examine_within(tx, listed).await
}

/// What is missing before a listing can be approved, at every gate, with how to cure it. Nothing is changed by asking.
pub async fn read_gates(house: &House, by: &Context, permit: &Permit<ReadListingGates>, id: ListingId) -> Result<GatesView, Problem> {
    // As a rehearsal: the gates look at rows that have to stand still meanwhile.
    let rehearsed = Context { dry_run: true, ..by.clone() };
    let done = house
        .write_aside(&rehearsed, (permit.clone(), id), |tx, (permit, id)| async move { Box::pin(gates_within(&tx, &permit, id)).await })
        .await?;
    Ok(done.value)
}

async fn gates_within(tx: &Tx, permit: &Permit<ReadListingGates>, id: ListingId) -> Result<GatesView, Problem> {
    let found = store::find(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let sight = look(tx, &found).await?;
    let report = examined(tx, &found, &sight, GateStage::Approval).await?;
    let runs = kept::runs(tx.conn(), id).await?;
    let ids: Vec<_> = runs.iter().map(|run| run.id).collect();
    let findings = kept::findings(tx.conn(), &ids).await?;
    let declaration = kept::declaration(tx.conn(), id).await?;
    Ok(GatesView {
        listing_id: id,
        passes: report.passed().is_ok(),
        gates: gates_of(&report),
        export_class: report.export_class,
        declaration: declaration.as_ref().map(GateDeclarationView::of).transpose()?,
        acknowledgements: kept::acknowledgements(tx.conn(), id).await?.iter().map(AcknowledgementView::from).collect(),
        runs: runs.iter().map(|run| GateRunView::of(run, &findings)).collect::<Result<_, _>>()?,
    })
}

/// A seller declares for the gates, while its offer is a draft or was returned.
pub async fn declare(
    house: &House,
    by: &Context,
    permit: Permit<DeclareForGates>,
    id: ListingId,
    new: NewGateDeclaration,
) -> Result<Done<gate_declaration::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(declare_within(&tx, &permit, id, new)).await }).await
}

async fn declare_within(
    tx: &Tx,
    permit: &Permit<DeclareForGates>,
    id: ListingId,
    new: NewGateDeclaration,
) -> Result<gate_declaration::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    let (person, organisation) = seller(tx)?;
    machine::require(&held, Deed::Replace)?;
    declaration_said_well(&new, Catalogue::shipped(), shanghai_date(tx.now))?;
    let number = kept::declaration(tx.conn(), id).await?.map_or(1, |last| last.number + 1);
    let row = gate_declaration::Model {
        id: tx.id(),
        listing_id: id,
        organisation_id: held.organisation_id,
        number,
        admits_foreign: new.admits_foreign,
        export_entries: rules::kept(&new.export_entries)?,
        keywords: rules::kept(&new.keywords)?,
        clauses: new.clauses,
        clause_kinds: rules::kept(&new.clause_kinds)?,
        funding_approval: kept_if_named_within(tx, new.funding_approval_document_id, organisation).await?,
        security_review: new.security_review.as_ref().map(rules::kept).transpose()?,
        declared_by: person,
        declared_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("gate_declaration", row.id, &row);
    Ok(row)
}

/// An officer decides about what a gate warns of.
pub async fn acknowledge(
    house: &House,
    by: &Context,
    permit: Permit<AcknowledgeGate>,
    (id, gate): (ListingId, Gate),
    new: NewAcknowledgement,
) -> Result<Done<gate_acknowledgement::Model>, Problem> {
    house
        .write(
            by,
            (permit, (id, gate), new),
            |tx, (permit, of, new)| async move { Box::pin(acknowledge_within(&tx, &permit, of, new)).await },
        )
        .await
}

async fn acknowledge_within(
    tx: &Tx,
    permit: &Permit<AcknowledgeGate>,
    (id, gate): (ListingId, Gate),
    new: NewAcknowledgement,
) -> Result<gate_acknowledgement::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    let officer = officer(tx, &held).await?;
    machine::may_acknowledge(&held, officer)?;
    reason(&new.reason)?;
    let digest = new.finding_sha256.bytes();
    let found = warned_of(tx, &held, gate, &digest).await?;
    if found.decision.is_some() {
        return Err(decided_already(&held));
    }
    let row = gate_acknowledgement::Model {
        id: tx.id(),
        listing_id: id,
        gate,
        finding_sha256: digest,
        decision: new.decision,
        reason: new.reason,
        decided_by: officer.person,
        decided_at: tx.now,
    };
    db::insert(tx.conn(), row.clone())
        .await
        .map_err(|error| if db::is_duplicate(&error) { decided_already(&held) } else { Problem::from(error) })?;
    tx.created("gate_acknowledgement", row.id, &row);
    Ok(row)
}

fn decided_already(held: &listing::Model) -> Problem {
    Code::FindingDecided.with("allowed", machine::allowed(held.state))
}

/// What a gate warns of under this digest: of the offer as it stands, or as it is proposed to be.
async fn warned_of(tx: &Tx, held: &listing::Model, gate: Gate, digest: &[u8]) -> Result<Settled, Problem> {
    let mut offers = vec![held.clone()];
    if let Some(proposed) = store::open_amendment(tx.conn(), held.id).await? {
        offers.push(listing::Model { offer: proposed.offer, reserve_sealed: proposed.reserve_sealed, ..held.clone() });
    }
    for offered in &offers {
        let sight = look(tx, offered).await?;
        let report = examined(tx, offered, &sight, GateStage::Approval).await?;
        let known = report.open(digest).filter(|one| one.finding.gate == gate);
        let warns = known.filter(|one| one.finding.verdict == GateVerdict::Warn || one.decision.is_some());
        if let Some(found) = warns {
            return Ok(found.clone());
        }
    }
    Err(Code::Invalid.at("/finding_sha256", "unknown", "该门现无此提示", "the gate warns of no such thing"))
}
