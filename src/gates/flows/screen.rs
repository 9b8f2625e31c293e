//! Who may take part in a listing: asked as somebody registers, again when what is known of him changes, and wherever else it matters.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::Timestamp;
use entity::gates::{ExportPaperKind, organisation_facts};
use entity::ids::{ListingId, OrganisationId};
use sea_orm::ConnectionTrait;

use crate::gates::rules::case::Related;
use crate::gates::rules::party::{self, Abroad};
use crate::gates::rules::{machine, related, restrictions};
use crate::gates::store;
use crate::house::{House, Tx};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Everybody related to an organisation, each once: as either side declares, or as what both declare of themselves shows.
pub async fn related_to(house: &House, db: &impl ConnectionTrait, of: OrganisationId, now: Timestamp) -> Result<Vec<Related>, Problem> {
    let counts = house.rules_at(now, |rules, on| rules.basis_points("related_share", None, on))?;
    let relations = store::relations(db, of).await?;
    let own = store::facts(db, of).await?;
    let mut others = BTreeMap::new();
    if let Some(own) = &own {
        for row in store::alike(db, own).await? {
            // What was declared before and is declared no more shows nothing.
            let last = store::facts(db, row.organisation_id).await?.filter(|last| last.id == row.id);
            others.extend(last.map(|last| (last.organisation_id, last)));
        }
    }
    let others: Vec<_> = others.into_values().collect();
    Ok(related::all(of, &relations, own.as_ref(), &others, counts))
}

/// Whether what an organisation declares of itself makes it a foreign party.
pub(super) fn is_foreign(house: &House, facts: Option<&organisation_facts::Model>, now: Timestamp) -> Result<bool, Problem> {
    let counts = house.rules_at(now, |rules, on| rules.basis_points("foreign_beneficial_share", None, on))?;
    Ok(party::is_foreign(&party::signs(facts, counts)))
}

/// The same of whoever it is, by what he last declared.
pub async fn is_abroad(tx: &Tx, who: OrganisationId) -> Result<bool, Problem> {
    is_foreign(&tx.house, store::facts(tx.conn(), who).await?.as_ref(), tx.now)
}

/// What a listing lets foreign parties do, as it was approved or last changed.
async fn abroad(db: &impl ConnectionTrait, listing: ListingId) -> Result<Abroad, Problem> {
    let admits_foreign = store::declaration(db, listing).await?.is_some_and(|declared| declared.admits_foreign);
    let class = store::last_run(db, listing).await?.and_then(|run| run.export_class);
    Ok(Abroad { admits_foreign, class })
}

/// Refuses whoever may not register for a listing, enter its data room, or bid: who is related to the seller, may not trade, or is a foreign
/// party the listing does not admit, or not yet.
pub async fn may_take_part_within(tx: &Tx, listing: ListingId, seller: OrganisationId, who: OrganisationId) -> Result<(), Problem> {
    let relations = related_to(&tx.house, tx.conn(), seller, tx.now).await?;
    if let Some(related) = relations.iter().find(|one| one.organisation_id == who) {
        return Err(Code::ConflictOfInterest.with("relation", related.kind));
    }
    let today = shanghai_date(tx.now);
    let kept = store::kept_from_trading(tx.conn(), who).await?;
    if let Some(row) = kept.iter().find(|row| restrictions::in_force(row, today)) {
        return Err(Code::TradeRestricted.with("source_number", &row.source_number).with("until", row.until_day));
    }
    let facts = store::facts(tx.conn(), who).await?;
    let foreign = is_foreign(&tx.house, facts.as_ref(), tx.now)?;
    if !foreign {
        return Ok(());
    }
    let has_letter = has_paper(tx, listing, who, ExportPaperKind::LetterOfIntent, today).await?;
    party::may_take_part(abroad(tx.conn(), listing).await?, foreign, has_letter)
}

/// Refuses to pay out and register what a foreign party bought before its papers are there.
pub async fn may_settle_within(tx: &Tx, listing: ListingId, buyer: OrganisationId) -> Result<(), Problem> {
    let facts = store::facts(tx.conn(), buyer).await?;
    let foreign = is_foreign(&tx.house, facts.as_ref(), tx.now)?;
    let today = shanghai_date(tx.now);
    let has_licence = has_paper(tx, listing, buyer, ExportPaperKind::ExportLicence, today).await?;
    let is_registered = has_paper(tx, listing, buyer, ExportPaperKind::ContractRegistration, today).await?;
    party::may_settle(abroad(tx.conn(), listing).await?, foreign, has_licence, is_registered)
}

/// Whether an organisation has a verified paper of a kind for a listing, valid on a day.
pub(super) async fn has_paper(
    tx: &Tx,
    listing: ListingId,
    of: OrganisationId,
    kind: ExportPaperKind,
    on: NaiveDate,
) -> Result<bool, Problem> {
    Ok(machine::has_paper(&store::papers_for(tx.conn(), listing, of).await?, kind, on))
}
