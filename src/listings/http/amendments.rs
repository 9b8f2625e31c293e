//! Amendments of published listings over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::ids::{ListingAmendmentId, ListingId};
use entity::listings::listing_amendment;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{ListListingAmendments, ProposeListingAmendment, PublishListingAmendment, ReadListingAmendment, RefuseListingAmendment, flows};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::listings::views::{ListingAmendmentSummary, ListingAmendmentView, NewAmendmentPublication, NewListingAmendment};
use crate::paged;
use crate::platform::access::Context;
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(propose_listing_amendment)
        .service(list_listing_amendments)
        .service(read_listing_amendment)
        .service(publish_listing_amendment)
        .service(refuse_listing_amendment);
}

/// Propose to offer a published listing otherwise
///
/// What others decide by (实质性更正): rights, scope, mode, price, payment, conditions, deposit, format, pre-emption, dates. The whole offer
/// passes the gates again. Once a second person publishes it the notice has a further version and its period begins again, another lot is
/// announced in the place of the one before, and whoever is registered is told and may withdraw with his deposit. Where the deposit is
/// another, also since it is reckoned from another price, everybody registers again. A slip is set right by an erratum instead.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), request_body = NewListingAmendment, responses((status = 201, description = "Proposed", body = ListingAmendmentView)))]
#[post("/v1/listings/{id}/amendments")]
pub async fn propose_listing_amendment(
    house: Data<House>,
    call: Call<ProposeListingAmendment, Json<NewListingAmendment>>,
    id: Path<ListingId>,
) -> Answer {
    let done = flows::propose_amendment(&house, &call.context, call.permit, *id, call.body.0).await?;
    let id = done.value.id;
    let view = flows::amendment_told(&house, &call.context, &done.value).await?;
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/listing-amendments/{id}"), |()| view))
}

paged! {
    /// Which amendments.
    pub struct ListingAmendmentQuery {}
}

/// List what was proposed to be offered otherwise
///
/// Newest first, for officers and the seller; what was published everybody finds among the versions of the notice.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing"), ListingAmendmentQuery), responses((status = 200, description = "A page", body = Page<ListingAmendmentSummary>)))]
#[get("/v1/listings/{id}/amendments")]
pub async fn list_listing_amendments(
    house: Data<House>,
    call: Call<ListListingAmendments>,
    id: Path<ListingId>,
    query: Query<ListingAmendmentQuery>,
) -> Answer {
    Ok(answer::page(&house, flows::list_amendments(&house, &call.permit, *id, &query.into_inner().page()).await?))
}

/// Read an amendment of a listing
///
/// With the text as it is to be published, its hash, and every place where it differs from the one before.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The amendment")), responses((status = 200, description = "The amendment", body = ListingAmendmentView)))]
#[get("/v1/listing-amendments/{id}")]
pub async fn read_listing_amendment(house: Data<House>, call: Call<ReadListingAmendment>, id: Path<ListingAmendmentId>) -> Answer {
    Ok(answer::found(&flows::read_amendment(&house, &call.context, &call.permit, *id).await?))
}

/// Publish an amendment of a listing
///
/// By a second person, who names the hash of the text as it was read; the gates once more. While an objection is not decided nothing is
/// published. Registrations go on, and may be withdrawn with their deposits until registration closes; but where deposit or conditions are
/// others, or a buyer is barred now, they end and deposits go back. Registration closes no sooner than was told. A lot that was in a session
/// leaves it.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The amendment")), request_body = NewAmendmentPublication, responses((status = 200, description = "Published", body = ListingAmendmentView)))]
#[post("/v1/listing-amendments/{id}/publish")]
pub async fn publish_listing_amendment(
    house: Data<House>,
    call: Call<PublishListingAmendment, Json<NewAmendmentPublication>>,
    id: Path<ListingAmendmentId>,
) -> Answer {
    let done = flows::publish_amendment(&house, &call.context, call.permit, *id, call.body.0).await?;
    decided(&house, &call.context, done).await
}

/// Refuse an amendment of a listing, or take it back
///
/// With a reason: an officer refuses it, its seller takes it back. The listing stays as it is.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The amendment")), request_body = Reason, responses((status = 200, description = "Refused", body = ListingAmendmentView)))]
#[post("/v1/listing-amendments/{id}/refuse")]
pub async fn refuse_listing_amendment(
    house: Data<House>,
    call: Call<RefuseListingAmendment, Json<Reason>>,
    id: Path<ListingAmendmentId>,
) -> Answer {
    let done = flows::refuse_amendment(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    decided(&house, &call.context, done).await
}

async fn decided(house: &House, by: &Context, done: Done<listing_amendment::Model>) -> Answer {
    let view = flows::amendment_told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
