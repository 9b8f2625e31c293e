//! The gates of a listing over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use entity::gates::Gate;
use entity::ids::ListingId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AcknowledgeGate, DeclareForGates, ReadListingGates, flows};
use crate::gates::rules::declared::NewGateDeclaration;
use crate::gates::views::{AcknowledgementView, GateDeclarationView, GatesView, NewAcknowledgement};
use crate::house::House;
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json};

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read_listing_gates).service(declare_for_gates).service(acknowledge_gate);
}

/// Read the gates of a listing
///
/// A rehearsal (合规预检): everything that is missing before it can be approved, at every gate from G1 to G12, with how to cure it, what was
/// decided about findings, and the runs that were kept. It changes nothing. For the seller and officers.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), responses((status = 200, description = "The gates", body = GatesView)))]
#[get("/v1/listings/{id}/gates")]
pub async fn read_listing_gates(house: Data<House>, call: Call<ReadListingGates>, id: Path<ListingId>) -> Answer {
    Ok(answer::listed(&flows::read_gates(&house, &call.context, &call.permit, *id).await?))
}

/// Declare for the gates of a listing
///
/// Beside the offer, while it is a draft or was returned (合规声明): whether foreign parties may buy, what of the catalogue of technology export
/// it falls under, clauses of the contract, the approval of a transfer abroad, the outbound review. The last declaration counts. Unless it is
/// declared otherwise foreign parties may not buy.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), request_body = NewGateDeclaration, responses((status = 201, description = "Declared", body = GateDeclarationView)))]
#[post("/v1/listings/{id}/gate-declarations")]
pub async fn declare_for_gates(house: Data<House>, call: Call<DeclareForGates, Json<NewGateDeclaration>>, id: Path<ListingId>) -> Answer {
    let done = flows::declare(&house, &call.context, call.permit, *id, call.body.0).await?;
    let done = done.try_map(|row| GateDeclarationView::of(&row))?;
    Ok(answer::created(done, call.context.dry_run, place_of, |view| view))
}

fn place_of(view: &GateDeclarationView) -> String {
    gates_of(view.listing_id)
}

/// Decide about what a gate warns of
///
/// By a named officer who had no hand in the listing, with his reason (提示的判断): it stands in nobody's way (`accepted`), or is as was feared
/// (`confirmed`) and blocks from now on. It counts for this very finding alone: with another clause, or another version of the catalogue, it
/// is another one.
#[utoipa::path(
    tag = "listings",
    params(("id" = Uuid, Path, description = "The listing"), ("gate" = Gate, Path, description = "The gate")),
    request_body = NewAcknowledgement,
    responses((status = 201, description = "Decided", body = AcknowledgementView))
)]
#[post("/v1/listings/{id}/gates/{gate}/acknowledgements")]
pub async fn acknowledge_gate(
    house: Data<House>,
    call: Call<AcknowledgeGate, Json<NewAcknowledgement>>,
    of: Path<(ListingId, Gate)>,
) -> Answer {
    let done = flows::acknowledge(&house, &call.context, call.permit, of.into_inner(), call.body.0).await?;
    Ok(answer::created(done, call.context.dry_run, |row| gates_of(row.listing_id), |row| AcknowledgementView::from(&row)))
}

fn gates_of(id: ListingId) -> String {
    format!("/v1/listings/{id}/gates")
}
