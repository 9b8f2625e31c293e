//! Evidence over HTTP.

use actix_web::get;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{ListingId, NegotiationId, OpenLicenceId, RightsGrantId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::views::EvidenceFile;
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Class, Operation};
use crate::platform::http::Call;
use crate::platform::http::answer::Answer;
use crate::platform::problem::Code;

operations! {
    /// Read the evidence about a listing.
    ReadListingEvidence =
        Operation::question("read_listing_evidence", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).counted_as(Class::Export).refuses(&[Code::WrongState]);
    /// Read the evidence about a sale at a negotiated price.
    ReadNegotiationEvidence =
        Operation::question("read_negotiation_evidence", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).counted_as(Class::Export).refuses(&[Code::WrongState]);
    /// Read the evidence about a grant of rights.
    ReadRightsGrantEvidence =
        Operation::question("read_rights_grant_evidence", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).counted_as(Class::Export).refuses(&[Code::WrongState]);
    /// Read the evidence about an open licence.
    ReadOpenLicenceEvidence =
        Operation::question("read_open_licence_evidence", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).counted_as(Class::Export).refuses(&[Code::WrongState]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(read_listing_evidence)
        .service(read_negotiation_evidence)
        .service(read_rights_grant_evidence)
        .service(read_open_licence_evidence);
}

/// Read the evidence about a listing
///
/// What shows that the procedure of a listing was followed, as one signed file (公示证据): every text that was published, as it was frozen,
/// with its hash, its period and its versions; what was objected to, and what became of it; the questions that were published; and the rows
/// of the audit trail about it all. `zhepai verify evidence` checks it without a server. Who asked or objected does not stand in it, and who
/// bought only where a published text names him.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The listing")), responses((status = 200, description = "The file", body = EvidenceFile)))]
#[get("/v1/listings/{id}/evidence")]
pub async fn read_listing_evidence(house: Data<House>, call: Call<ReadListingEvidence>, id: Path<ListingId>) -> Answer {
    let file = flows::file(&house, &call.context, &call.permit, *id).await?;
    Ok(attached(id.0, &file))
}

/// Read the evidence about a sale at a negotiated price
///
/// The same as of a listing (公示证据), once its notice was published: every version of it, what was objected to, the hashes of the offers
/// that were announced, every decision of the seller and every notice he showed in his own place, also of what was agreed anew since, when
/// both parties confirmed, and the rows of the audit trail.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The negotiation")), responses((status = 200, description = "The file", body = EvidenceFile)))]
#[get("/v1/negotiations/{id}/evidence")]
pub async fn read_negotiation_evidence(house: Data<House>, call: Call<ReadNegotiationEvidence>, id: Path<NegotiationId>) -> Answer {
    let file = flows::negotiation_file(&house, &call.context, &call.permit, *id).await?;
    Ok(attached(id.0, &file))
}

/// Read the evidence about a grant of rights
///
/// The same as of a listing (公示证据), once its notice was published: the unit's decision and each of its own notices, the text that was
/// frozen then and every version of it, what was objected to, when it was agreed with the team and by the hash of what, what the register
/// shows, and the rows of the audit trail.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The grant")), responses((status = 200, description = "The file", body = EvidenceFile)))]
#[get("/v1/rights-grants/{id}/evidence")]
pub async fn read_rights_grant_evidence(house: Data<House>, call: Call<ReadRightsGrantEvidence>, id: Path<RightsGrantId>) -> Answer {
    let file = flows::grant_file(&house, &call.context, &call.permit, *id).await?;
    Ok(attached(id.0, &file))
}

/// Read the evidence about an open licence
///
/// The same as of a listing (公示证据), once its notice was published: the text that was handed in and every version of it, what was objected
/// to, what the patent office announced, when and why it was withdrawn, and the rows of the audit trail.
#[utoipa::path(tag = "evidence", params(("id" = Uuid, Path, description = "The open licence")), responses((status = 200, description = "The file", body = EvidenceFile)))]
#[get("/v1/open-licences/{id}/evidence")]
pub async fn read_open_licence_evidence(house: Data<House>, call: Call<ReadOpenLicenceEvidence>, id: Path<OpenLicenceId>) -> Answer {
    let file = flows::licence_file(&house, &call.context, &call.permit, *id).await?;
    Ok(attached(id.0, &file))
}

fn attached(id: uuid::Uuid, file: &EvidenceFile) -> actix_web::HttpResponse {
    let name = format!("attachment; filename=\"evidence-{id}.json\"");
    actix_web::HttpResponse::Ok().insert_header((header::CONTENT_DISPOSITION, name)).json(file)
}
