//! Whom events concern.

use entity::ids::{AdmissionId, DealId, ListingId, LotId, NegotiationId, OpenLicenceId, OrganisationId, RightsGrantId};
use sea_orm::{ConnectionTrait, DbErr};

use crate::admissions::rules::is_ended_anew;
use crate::{admissions, deals, listings, negotiations, open_licences, rights_grants};

/// Whose listing this is.
pub async fn seller(db: &impl ConnectionTrait, id: ListingId) -> Result<Option<OrganisationId>, DbErr> {
    Ok(listings::store::find(db, id).await?.map(|row| row.organisation_id))
}

/// Who sells and who buys at a negotiated price.
pub async fn negotiators(db: &impl ConnectionTrait, id: NegotiationId) -> Result<Option<[OrganisationId; 2]>, DbErr> {
    Ok(negotiations::store::find(db, id).await?.map(|row| [row.organisation_id, row.buyer_organisation_id]))
}

/// The unit that grants rights.
pub async fn granting_unit(db: &impl ConnectionTrait, id: RightsGrantId) -> Result<Option<OrganisationId>, DbErr> {
    Ok(rights_grants::store::find(db, id).await?.map(|row| row.organisation_id))
}

/// The patentee of an open licence.
pub async fn patentee(db: &impl ConnectionTrait, id: OpenLicenceId) -> Result<Option<OrganisationId>, DbErr> {
    Ok(open_licences::store::find(db, id).await?.map(|row| row.organisation_id))
}

/// The buyer of a deal.
pub async fn buyer(db: &impl ConnectionTrait, id: DealId) -> Result<Option<OrganisationId>, DbErr> {
    Ok(deals::store::find(db, id).await?.map(|row| row.buyer_organisation_id))
}

/// Whose admission this is.
pub async fn applicant(db: &impl ConnectionTrait, id: AdmissionId) -> Result<Option<OrganisationId>, DbErr> {
    Ok(admissions::store::admission(db, id).await?.map(|row| row.organisation_id))
}

/// Everybody who was admitted to a lot.
pub async fn bidders(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<OrganisationId>, DbErr> {
    admissions::store::bidders(db, id).await
}

/// Everybody who has applied for the lot of a listing and was not sent away, or for one in whose place it was announced.
pub async fn registered(db: &impl ConnectionTrait, id: ListingId) -> Result<Vec<OrganisationId>, DbErr> {
    let Some(lot) = listings::store::find(db, id).await?.and_then(|listing| listing.lot_id) else { return Ok(Vec::new()) };
    let mut found = admissions::store::registered(db, lot).await?;
    let all = admissions::store::of_listing(db, id).await?;
    found.extend(all.iter().filter(|admission| is_ended_anew(admission)).map(|admission| admission.organisation_id));
    Ok(found)
}
