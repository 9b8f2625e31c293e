//! Drafting what is to be filed: what it follows from is looked up, and whose it is.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::achievements::{AssetKind, asset};
use entity::deals::DealState;
use entity::ids::{AssetId, DealId, LicenceGrantId, NegotiationId, OrganisationId};
use entity::recordals::{RecordalKind, recordal};
use serde_json::{Value, json};

use super::follow::{is_concluded, sold_at_a_negotiated_price};
use crate::documents::flows::{kept_if_named_within, kept_within};
use crate::encumbrances::rules::{Intended, verdicts};
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::licences::rules::{consent, grant};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};
use crate::recordals::http::DraftRecordal;
use crate::recordals::rules::deadline;
use crate::recordals::rules::effect::{Effect, effect, is_licence_filed, is_pledge_filed, passes_title};
use crate::recordals::rules::machine::{self, Drafted, Source};
use crate::recordals::rules::precheck::deed_of;
use crate::recordals::rules::terms::{self, NewCounterparty, NewRecordal};
use crate::recordals::store;
use crate::rulebook::rules::shanghai_date;
use crate::{achievements, deals, encumbrances, identity, licences, negotiations};

/// What a recordal is about, once it was looked up.
struct About {
    source: Source,
    holder: OrganisationId,
    other: (Option<OrganisationId>, String),
    assets: Vec<AssetId>,
    effective_on: NaiveDate,
}

/// Drafts what is to be filed.
pub async fn draft(house: &House, by: &Context, _: Permit<DraftRecordal>, new: NewRecordal) -> Result<Done<recordal::Model>, Problem> {
    house.write(by, new, |tx, new| async move { Box::pin(draft_within(&tx, new)).await }).await
}

async fn draft_within(tx: &Tx, new: NewRecordal) -> Result<recordal::Model, Problem> {
    let (person, own) = (tx.by.actor()?.person, tx.by.seat()?.organisation);
    verified_within(tx, own).await?;
    terms::said_well(&new)?;
    let about = about_within(tx, &new, own).await?;
    of_such_rights(new.kind, &rights(tx, &about.assets).await?)?;
    let licence = if let Source::Licence(id) = about.source { Some(id) } else { None };
    let transferred: &[AssetId] = if new.kind == RecordalKind::Transfer { &about.assets } else { &[] };
    if let Some(open) = store::is_under_way(tx.conn(), transferred, licence).await? {
        return Err(Code::RecordalOpen.with("recordal_id", open));
    }
    let due_on = match licence {
        Some(_) => Some(deadline::due_on(about.effective_on, &tx.house.rulebook.current().rulebook)?),
        None => None,
    };
    let row = machine::drafted(Drafted {
        id: tx.id(),
        kind: new.kind,
        holder: about.holder,
        other: about.other,
        source: about.source,
        document: kept_within(tx, new.document_id, own).await?,
        acceptance_document: kept_if_named_within(tx, new.acceptance_document_id, own).await?,
        pledgee_consent_document: kept_if_named_within(tx, new.pledgee_consent_document_id, own).await?,
        consents: consents(tx, &new, own).await?,
        declarations: serde_json::to_value(new.declarations).map_err(|_| Code::Internal)?,
        secured: new.secured.map(|secured| (secured.amount, secured.until)),
        effective_on: about.effective_on,
        due_on,
        by: (person, tx.now),
    });
    store::enter(tx.conn(), &row, &about.assets).await?;
    tx.created("recordal", row.id, &row);
    Ok(row)
}

/// What it follows from. Another's is as unknown to the caller as what does not exist.
async fn about_within(tx: &Tx, new: &NewRecordal, own: OrganisationId) -> Result<About, Problem> {
    match (new.deal_id, new.negotiation_id, new.licence_id, &new.counterparty) {
        (Some(deal), ..) => of_deal(tx, new, deal, own).await,
        (_, Some(negotiation), ..) => of_negotiation(tx, new, negotiation, own).await,
        (_, _, Some(licence), _) => of_licence(tx, licence, own).await,
        (.., Some(other)) => by_contract(tx, new, other, own).await,
        _ => Err(Code::Internal.into()),
    }
}

fn unknown(pointer: &str) -> Problem {
    let (zh, en) = ("没有可据以办理的此项", "there is no such thing that this could follow from");
    Code::Invalid.at(pointer, "unknown", zh, en)
}

/// The rights that are named, if all of them were sold.
fn of_what_was_sold(new: &NewRecordal, sold: &BTreeSet<AssetId>) -> Result<Vec<AssetId>, Problem> {
    if new.asset_ids.iter().all(|id| sold.contains(id)) { Ok(new.asset_ids.clone()) } else { Err(unknown("/asset_ids")) }
}

/// A confirmed deal by which the right itself was sold.
async fn of_deal(tx: &Tx, new: &NewRecordal, id: DealId, own: OrganisationId) -> Result<About, Problem> {
    let found = deals::store::find(tx.conn(), id).await?.filter(|deal| {
        [deal.seller_organisation_id, deal.buyer_organisation_id].contains(&own)
            && matches!(deal.state, DealState::Confirmed | DealState::ResultPublished)
    });
    let deal = found.ok_or_else(|| unknown("/deal_id"))?;
    let facts = deals::rules::facts(&deal)?;
    if facts.deal.rehearsal || !passes_title(&deals::rules::transfer_terms(&facts.deal)?) {
        return Err(unknown("/deal_id"));
    }
    let sold: BTreeSet<AssetId> = deals::rules::sold_assets(&facts.deal)?.into_iter().map(|sold| sold.id).collect();
    Ok(About {
        source: Source::Deal(id),
        holder: deal.seller_organisation_id,
        other: (Some(deal.buyer_organisation_id), facts.buyer.name),
        assets: of_what_was_sold(new, &sold)?,
        effective_on: shanghai_date(deal.confirmed_at.ok_or(Code::Internal)?),
    })
}

/// The same of a sale at a negotiated price.
async fn of_negotiation(tx: &Tx, new: &NewRecordal, id: NegotiationId, own: OrganisationId) -> Result<About, Problem> {
    let found = negotiations::store::find(tx.conn(), id).await?;
    let is_party = |held: &entity::negotiations::negotiation::Model| [held.organisation_id, held.buyer_organisation_id].contains(&own);
    let held = found.filter(|held| is_party(held) && is_concluded(held)).ok_or_else(|| unknown("/negotiation_id"))?;
    let (terms, confirmed_on) = sold_at_a_negotiated_price(tx, &held).await?;
    if !passes_title(&terms) {
        return Err(unknown("/negotiation_id"));
    }
    let buyer = identity::store::organisation(tx.conn(), held.buyer_organisation_id).await?.ok_or(Code::Internal)?;
    let sold: BTreeSet<AssetId> = negotiations::store::assets(tx.conn(), id).await?.into_iter().collect();
    Ok(About {
        source: Source::Negotiation(id),
        holder: held.organisation_id,
        other: (Some(buyer.id), buyer.name),
        assets: of_what_was_sold(new, &sold)?,
        effective_on: confirmed_on,
    })
}

/// A licence in the register.
async fn of_licence(tx: &Tx, id: LicenceGrantId, own: OrganisationId) -> Result<About, Problem> {
    let found = licences::store::find(tx.conn(), id).await?.filter(|row| licences::store::is_party(row, Some(own)));
    let row = found.filter(|row| grant::stands(row, shanghai_date(tx.now))).ok_or_else(|| unknown("/licence_id"))?;
    let assets = licences::store::assets_of(tx.conn(), [id]).await?.remove(&id).unwrap_or_default();
    Ok(About {
        source: Source::Licence(id),
        holder: row.licensor_id,
        other: (row.grantee_id, row.grantee_name),
        assets: assets.into_iter().collect(),
        effective_on: row.starts_on,
    })
}

/// A contract of the caller's organisation that was made elsewhere: a transfer to an organisation here, or a pledge. All owners agree.
async fn by_contract(tx: &Tx, new: &NewRecordal, other: &NewCounterparty, own: OrganisationId) -> Result<About, Problem> {
    let effective_on = new.effective_on.ok_or(Code::Internal)?;
    terms::took_effect(effective_on, shanghai_date(tx.now))?;
    let held = licences::store::hold_assets(tx.conn(), &new.asset_ids).await?;
    if held.len() != new.asset_ids.len() || held.iter().any(|asset| asset.organisation_id != own) {
        return Err(unknown("/asset_ids"));
    }
    if new.kind == RecordalKind::Transfer {
        let elsewhere = achievements::store::held_alone(tx.conn(), (None, None), &new.asset_ids).await?;
        if !elsewhere.is_empty() {
            return Err(Code::AssetHeld.with("asset_ids", elsewhere));
        }
    }
    let holder = identity::store::organisation(tx.conn(), own).await?.ok_or(Code::Internal)?;
    let deed = deed_of(new.kind);
    let standing = encumbrances::store::standing(tx.conn(), &new.asset_ids, tx.now).await?;
    let found = verdicts(&standing, &Intended { deed, abroad: false, by: &holder }, shanghai_date(tx.now));
    // Burdens are asked as it is handed in.
    let shared = found.into_iter().filter(|finding| finding.burden.is_none());
    consent::of_every_owner(shared.flat_map(|finding| finding.missing), &new.co_owner_consents)?;
    Ok(About {
        source: Source::Contract,
        holder: own,
        other: counterparty_within(tx, other, own).await?,
        assets: new.asset_ids.clone(),
        effective_on,
    })
}

/// Who gets it, as he is kept; refuses an organisation that there is not, and the caller's own.
async fn counterparty_within(tx: &Tx, other: &NewCounterparty, own: OrganisationId) -> Result<(Option<OrganisationId>, String), Problem> {
    let Some(id) = other.organisation_id else { return Ok((None, other.name.clone().unwrap_or_default())) };
    let found = identity::store::organisation(tx.conn(), id).await?.filter(|found| found.id != own);
    let found = found.ok_or_else(|| unknown("/counterparty/organisation_id"))?;
    Ok((Some(id), found.name))
}

async fn rights(tx: &Tx, ids: &[AssetId]) -> Result<Vec<asset::Model>, Problem> {
    Ok(achievements::store::assets_in_order(tx.conn(), ids).await?)
}

/// Refuses rights that are not filed so: what passes by contract, what is licensed without the patent office, what is not pledged with it.
fn of_such_rights(kind: RecordalKind, rights: &[asset::Model]) -> Result<(), Problem> {
    let is_filed = |of: AssetKind| match kind {
        RecordalKind::Transfer => effect(of) == Effect::AtRegistration,
        RecordalKind::Licence => is_licence_filed(of),
        RecordalKind::Pledge => is_pledge_filed(of),
    };
    if rights.iter().all(|right| is_filed(right.kind)) {
        return Ok(());
    }
    let (zh, en) = ("其中有的标的无须或者不能办理此项登记、备案", "not all of these rights are filed so");
    Err(Code::Invalid.at("/asset_ids", "not_of_kind", zh, en))
}

/// Owners that agreed, each with his paper, as they are kept.
async fn consents(tx: &Tx, new: &NewRecordal, own: OrganisationId) -> Result<Value, Problem> {
    let mut kept = Vec::with_capacity(new.co_owner_consents.len());
    for consent in &new.co_owner_consents {
        kept.push(json!({"owner": consent.owner, "document": kept_within(tx, consent.document_id, own).await?}));
    }
    Ok(kept.into())
}
