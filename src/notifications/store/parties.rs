//! Whom events concern.

use entity::ids::{AdmissionId, DealId, ListingId, LotId, NegotiationId, OrganisationId};
use sea_orm::{ConnectionTrait, DbErr};

use crate::{admissions, deals, listings, negotiations};

/// Whose listing this is.
pub async fn seller(db: &impl ConnectionTrait, id: ListingId) -> Result<Option<OrganisationId>, DbErr> {
    Ok(listings::store::find(db, id).await?.map(|row| row.organisation_id))
}

/// Who sells and who buys at a negotiated price.
pub async fn negotiators(db: &impl ConnectionTrait, id: NegotiationId) -> Result<Option<[OrganisationId; 2]>, DbErr> {
    Ok(negotiations::store::find(db, id).await?.map(|row| [row.organisation_id, row.buyer_organisation_id]))
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

/// Everybody who has applied for the lot of a listing and was not sent away.
pub async fn registered(db: &impl ConnectionTrait, id: ListingId) -> Result<Vec<OrganisationId>, DbErr> {
    match listings::store::find(db, id).await?.and_then(|listing| listing.lot_id) {
        Some(lot) => admissions::store::registered(db, lot).await,
        None => Ok(Vec::new()),
    }
}
