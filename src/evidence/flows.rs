//! Gathering evidence.

mod gathered;

use entity::ids::{ListingId, NegotiationId, OpenLicenceId, RightsGrantId};
use entity::listings::listing;
use entity::negotiations::negotiation;
use entity::open_licences::open_licence;
use entity::rights_grants::rights_grant;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use gathered::Gathered;

use super::http::{ReadListingEvidence, ReadNegotiationEvidence, ReadOpenLicenceEvidence, ReadRightsGrantEvidence};
use super::rules::{signed, stated};
use super::views::{
    Evidence, EvidenceAmendment, EvidenceFile, EvidenceListing, EvidenceLot, EvidenceNegotiation, EvidenceOpenLicence, EvidenceRightsGrant,
};
use crate::admissions;
use crate::auctions;
use crate::deals;
use crate::house::House;
use crate::listings;
use crate::negotiations;
use crate::notices::rules::Matter;
use crate::open_licences;
use crate::platform::access::{Context, Permit};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};
use crate::questions;
use crate::rights_grants;

/// The evidence about a listing that was published, signed.
pub async fn file(house: &House, by: &Context, permit: &Permit<ReadListingEvidence>, id: ListingId) -> Result<EvidenceFile, Problem> {
    let found = listings::store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    if found.published_at.is_none() {
        return Err(listings::rules::machine::wrong_state(&found));
    }
    let evidence = of_listing(house, by, permit, &found).await?;
    sealed(house, Matter::Listing(id), evidence)
}

/// The evidence about a sale at a negotiated price that was announced, signed.
pub async fn negotiation_file(
    house: &House,
    by: &Context,
    permit: &Permit<ReadNegotiationEvidence>,
    id: NegotiationId,
) -> Result<EvidenceFile, Problem> {
    let found = negotiations::store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    if found.notice_id.is_none() {
        return Err(unannounced(found.state, negotiations::rules::machine::allowed(found.state)));
    }
    let evidence = of_negotiation(house, by, permit, &found).await?;
    sealed(house, Matter::Negotiation(id), evidence)
}

/// The evidence about a grant of rights that was announced, signed.
pub async fn grant_file(
    house: &House,
    by: &Context,
    permit: &Permit<ReadRightsGrantEvidence>,
    id: RightsGrantId,
) -> Result<EvidenceFile, Problem> {
    let found = rights_grants::store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    if found.notice_id.is_none() {
        return Err(unannounced(found.state, rights_grants::rules::machine::allowed(found.state)));
    }
    let evidence = of_grant(house, by, permit, &found).await?;
    sealed(house, Matter::RightsGrant(id), evidence)
}

/// The evidence about an open licence that was announced, signed.
pub async fn licence_file(
    house: &House,
    by: &Context,
    permit: &Permit<ReadOpenLicenceEvidence>,
    id: OpenLicenceId,
) -> Result<EvidenceFile, Problem> {
    let found = open_licences::store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    if found.notice_id.is_none() {
        return Err(unannounced(found.state, open_licences::rules::machine::allowed(found.state)));
    }
    let evidence = of_licence(house, by, permit, &found).await?;
    sealed(house, Matter::OpenLicence(id), evidence)
}

/// There is no evidence of what nobody was told of.
fn unannounced(state: impl Serialize, allowed: Vec<&'static str>) -> Problem {
    Code::WrongState.with("state", state).with("allowed", allowed)
}

fn sealed(house: &House, about: Matter, evidence: Evidence) -> Result<EvidenceFile, Problem> {
    let made_at = evidence.made_at;
    let content = serde_json::to_value(evidence).map_err(|_| Code::Internal)?;
    let statement = stated(about, made_at, &content);
    let jws = signed(&statement, house.keys.receipts());
    Ok(EvidenceFile { content, statement, jws })
}

async fn of_listing(
    house: &House,
    by: &Context,
    permit: &Permit<ReadListingEvidence>,
    about: &listing::Model,
) -> Result<Evidence, Problem> {
    let db = house.db.read_long();
    let mut found = Gathered::about(house, Matter::Listing(about.id)).await?;
    let questions = questions::store::published_about(db, about.id).await?;
    let deals = deals::store::of_listing(db, about.id).await?;
    found.things.push(about.id.into());
    found.things.extend(questions.iter().map(|row| Uuid::from(row.id)).chain(deals.iter().map(|row| row.id.into())));
    found.outsiders.extend(questions.iter().map(|row| (row.id.into(), row.asker)));
    let amendments = listings::store::amendments_of(db, about.id, None).await?;
    found.things.extend(amendments.iter().map(|row| Uuid::from(row.id)));
    let lots = lots_of(db, about).await?;
    let ids: Vec<_> = lots.iter().map(|lot| lot.id).collect();
    let steps = listings::flows::timeline(house, by, permit, about.id).await?.steps;
    let now = house.world.now();
    let evidence = found.told(house, by, permit, about.organisation_id, &ids).await?;
    Ok(Evidence {
        listing: Some(EvidenceListing::from(about)),
        steps,
        questions: questions.iter().map(|row| questions::flows::public(row, now)).collect::<Result<_, _>>()?,
        amendments: amendments.iter().map(EvidenceAmendment::of).collect::<Result<_, _>>()?,
        lots,
        deals: deals.iter().map(Into::into).collect(),
        ..evidence
    })
}

/// The logs of a listing's lots: of those in whose place another was announced, in order, and of the one that stands.
async fn lots_of(db: &impl ConnectionTrait, about: &listing::Model) -> Result<Vec<EvidenceLot>, Problem> {
    let ids = admissions::store::lots_called_to(db, about.id).await?;
    let mut lots = Vec::with_capacity(ids.len());
    for id in ids {
        let lot = auctions::store::lot(db, id).await?.ok_or(Code::Internal)?;
        lots.push(EvidenceLot { id: lot.id, entries: lot.seq, head_sha256: hex(&lot.head_hash) });
    }
    Ok(lots)
}

async fn of_negotiation(
    house: &House,
    by: &Context,
    permit: &Permit<ReadNegotiationEvidence>,
    about: &negotiation::Model,
) -> Result<Evidence, Problem> {
    let mut found = Gathered::about(house, Matter::Negotiation(about.id)).await?;
    found.things.push(about.id.into());
    let offers = negotiations::store::offers(house.db.read_long(), about.id).await?;
    let decisions = negotiations::store::decisions(house.db.read_long(), about.id).await?;
    let evidence = found.told(house, by, permit, about.organisation_id, &[]).await?;
    let negotiation = EvidenceNegotiation::of(about, &offers, &decisions, &evidence.notices)?;
    Ok(Evidence { negotiation: Some(negotiation), ..evidence })
}

async fn of_grant(
    house: &House,
    by: &Context,
    permit: &Permit<ReadRightsGrantEvidence>,
    about: &rights_grant::Model,
) -> Result<Evidence, Problem> {
    let mut found = Gathered::about(house, Matter::RightsGrant(about.id)).await?;
    found.things.push(about.id.into());
    let assets = rights_grants::store::assets(house.db.read_long(), about.id).await?;
    let evidence = found.told(house, by, permit, about.organisation_id, &[]).await?;
    Ok(Evidence { rights_grant: Some(EvidenceRightsGrant::of(about, assets)?), ..evidence })
}

async fn of_licence(
    house: &House,
    by: &Context,
    permit: &Permit<ReadOpenLicenceEvidence>,
    about: &open_licence::Model,
) -> Result<Evidence, Problem> {
    let mut found = Gathered::about(house, Matter::OpenLicence(about.id)).await?;
    found.things.push(about.id.into());
    let evidence = found.told(house, by, permit, about.organisation_id, &[]).await?;
    Ok(Evidence { open_licence: Some(EvidenceOpenLicence::of(about)?), ..evidence })
}
