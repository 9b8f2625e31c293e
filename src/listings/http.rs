//! Listings over HTTP.

mod amendments;
mod gates;

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post, put};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{AssetId, ListingId, OrganisationId};
use entity::listings::{ListingState, TransferMode};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows::{self, Whose};
use super::rules::Offer;
use super::store::{self, Wanted};
use super::views::{ListingSummary, ListingView};
use crate::house::House;
use crate::identity::views::Reason;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, KeyScope, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page, PageQuery};
use crate::platform::problem::Code;
use crate::rulebook::dates::calendar_file;
use crate::rulebook::rules::Timeline;

const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];

operations! {
    /// Write a listing.
    CreateListing = Operation::deed("create_listing", &[Allow::own(AUTHORS)])
        .for_keys(KeyScope::ListingsWrite)
        .refuses(&[Code::OrganisationNotVerified, Code::DeclarationMissing, Code::SandboxOnly]);
    /// Write a draft anew.
    ReplaceListing = Operation::deed("replace_listing", &[Allow::own(AUTHORS)])
        .for_keys(KeyScope::ListingsWrite)
        .on_version()
        .refuses(&[Code::OrganisationNotVerified, Code::DeclarationMissing, Code::SandboxOnly, Code::WrongState]);
    /// Read a listing.
    ReadListing = Operation::question("read_listing", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead);
    /// Read the timeline of a listing.
    ReadListingTimeline =
        Operation::question("read_listing_timeline", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
            .for_keys(KeyScope::ListingsRead);
    /// Read the coming dates of a listing.
    ReadListingCalendar =
        Operation::question("read_listing_calendar", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
            .for_keys(KeyScope::ListingsRead);
    /// List listings.
    ListListings = Operation::question("list_listings", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query()
        .refuses(&[Code::NotSignedIn, Code::Forbidden]);
    /// Hand a listing in.
    SubmitListing = Operation::deed("submit_listing", &[Allow::own(AUTHORS)])
        .for_keys(KeyScope::ListingsWrite)
        .on_version_if_sent()
        .rehearsable()
        .refuses(&[
            Code::OrganisationNotVerified,
            Code::WrongState,
            Code::DeclarationMissing,
            Code::IdentifierInvalid,
            Code::StatusForbids,
            Code::AssetHeld,
            Code::LicenceConflict,
            Code::OutsideRule,
            Code::DocumentUnusable,
        ]);
    /// Take a listing for review.
    TakeListing = Operation::deed("take_listing", &[Allow::staff(REVIEWER)])
        .on_version_if_sent()
        .second_person("not the author or submitter")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Send a listing back.
    ReturnListing = Operation::deed("return_listing", &[Allow::staff(REVIEWER)])
        .on_version_if_sent()
        .second_person("not the author or submitter")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Reject a listing.
    RejectListing = Operation::deed("reject_listing", &[Allow::staff(REVIEWER)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Approve a listing.
    ApproveListing = Operation::deed("approve_listing", &[Allow::staff(REVIEWER)])
        .on_version_if_sent()
        .rehearsable()
        .second_person("not the author or submitter")
        .refuses(&[
            Code::WrongState,
            Code::SamePerson,
            Code::ConflictOfInterest,
            Code::OrganisationNotVerified,
            Code::DeclarationMissing,
            Code::IdentifierInvalid,
            Code::StatusForbids,
            Code::AssetHeld,
            Code::LicenceConflict,
            Code::ListingNotReady,
            Code::OutsideRule,
            Code::DocumentUnusable,
            Code::GateBlocked,
        ]);
    /// Read the gates of a listing.
    ReadListingGates = Operation::question("read_listing_gates", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .refuses(&[Code::OrganisationNotVerified]);
    /// Declare for the gates of a listing.
    DeclareForGates = Operation::deed("declare_for_gates", &[Allow::own(AUTHORS)])
        .refuses(&[Code::OrganisationNotVerified, Code::WrongState, Code::DocumentUnusable]);
    /// Decide about what a gate warns of.
    AcknowledgeGate = Operation::deed("acknowledge_gate", &[Allow::staff(REVIEWER)])
        .second_person("not the author or submitter")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest, Code::FindingDecided]);
    /// Publish a listing.
    PublishListing = Operation::deed("publish_listing", &[Allow::staff(&[StaffRole::Publisher])])
        .on_version_if_sent()
        .rehearsable()
        .second_person("not the author, submitter or reviewer")
        .refuses(&[
            Code::WrongState,
            Code::SamePerson,
            Code::ConflictOfInterest,
            Code::OrganisationNotVerified,
            Code::LicenceConflict,
            Code::OutsideRule,
        ]);
    /// Propose to offer a published listing otherwise.
    ProposeListingAmendment = Operation::deed("propose_listing_amendment", &[Allow::own(AUTHORS)])
        .for_keys(KeyScope::ListingsWrite)
        .on_version_if_sent()
        .rehearsable()
        .refuses(&[
            Code::OrganisationNotVerified,
            Code::WrongState,
            Code::ProposalOpen,
            Code::DeclarationMissing,
            Code::IdentifierInvalid,
            Code::StatusForbids,
            Code::AssetHeld,
            Code::LicenceConflict,
            Code::ListingNotReady,
            Code::OutsideRule,
            Code::DocumentUnusable,
        ]);
    /// List what was proposed to be offered otherwise.
    ListListingAmendments =
        Operation::question("list_listing_amendments", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).with_query();
    /// Read an amendment of a listing.
    ReadListingAmendment = Operation::question("read_listing_amendment", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]);
    /// Publish an amendment of a listing.
    PublishListingAmendment = Operation::deed("publish_listing_amendment", &[Allow::staff(&[StaffRole::Publisher])])
        .on_version_if_sent()
        .rehearsable()
        .second_person("not the author, submitter or reviewer, nor who proposes it")
        .refuses(&[
            Code::WrongState,
            Code::SamePerson,
            Code::ConflictOfInterest,
            Code::ObjectionOpen,
            Code::OrganisationNotVerified,
            Code::DeclarationMissing,
            Code::IdentifierInvalid,
            Code::StatusForbids,
            Code::AssetHeld,
            Code::LicenceConflict,
            Code::ListingNotReady,
            Code::OutsideRule,
            Code::DocumentUnusable,
            Code::GateBlocked,
        ]);
    /// Refuse an amendment of a listing, or take it back.
    RefuseListingAmendment = Operation::deed(
        "refuse_listing_amendment",
        &[Allow::own(AUTHORS), Allow::staff(&[StaffRole::Reviewer, StaffRole::Publisher])],
    )
    .on_version_if_sent()
    .refuses(&[Code::WrongState, Code::ConflictOfInterest]);
    /// Terminate a listing.
    TerminateListing = Operation::deed(
        "terminate_listing",
        &[Allow::own(AUTHORS), Allow::staff(&[StaffRole::Reviewer, StaffRole::Publisher])],
    )
    .on_version_if_sent()
    .refuses(&[Code::WrongState]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_listing)
        .service(list_listings)
        .service(read_listing)
        .service(read_listing_timeline)
        .service(read_listing_calendar)
        .service(replace_listing)
        .service(submit_listing)
        .service(take_listing)
        .service(return_listing)
        .service(reject_listing)
        .service(approve_listing)
        .service(publish_listing)
        .service(terminate_listing);
    amendments::routes(config);
    gates::routes(config);
}

paged! {
    /// Which listings.
    pub struct ListingQuery {
        /// Only in this state.
        pub state: Option<ListingState>,
        /// Only of this mode of transfer.
        pub mode: Option<TransferMode>,
        /// Only of this organisation.
        pub organisation_id: Option<OrganisationId>,
        /// Only those that offer this asset: every attempt to sell it.
        pub asset_id: Option<AssetId>,
        /// All of my own organisation, drafts too, newest draft first.
        pub mine: Option<bool>,
        /// All of everybody, drafts too, newest draft first; for staff.
        pub all: Option<bool>,
    }
}

impl ListingQuery {
    fn parts(self) -> (Whose, Wanted, PageQuery) {
        let whose = match (self.mine, self.all) {
            (Some(true), _) => Whose::Mine,
            (_, Some(true)) => Whose::All,
            _ => Whose::Public,
        };
        let wanted = Wanted {
            state: self.state,
            mode: self.mode,
            organisation_id: self.organisation_id,
            asset_id: self.asset_id,
            unpublished: false,
        };
        (whose, wanted, self.page())
    }
}

/// Write a listing
///
/// A draft (草稿) for the caller's organisation, which must be verified. Without the declaration that
/// nothing is a state secret nothing is kept. A secret reserve (保密保留价) is sealed at once and never shown again.
#[utoipa::path(tag = "listings", request_body = Offer, responses((status = 201, description = "Written", body = ListingView)))]
#[post("/v1/listings")]
pub async fn create_listing(house: Data<House>, call: Call<CreateListing, Json<Offer>>) -> Answer {
    let outcome = flows::create(&house, &call.context, call.permit, call.body.0).await?;
    let outcome = flows::told(&house, outcome).await?;
    Ok(answer::created(outcome, call.context.dry_run, |told| format!("/v1/listings/{}", told.id), |told| told))
}

/// List listings
///
/// What is or was public (挂牌项目), newest publication first. With `mine=true` everything of the
/// caller's own organisation, with `all=true` everything, for staff.
#[utoipa::path(tag = "listings", params(ListingQuery), responses((status = 200, description = "A page", body = Page<ListingSummary>)))]
#[get("/v1/listings")]
pub async fn list_listings(house: Data<House>, call: Call<ListListings>, query: Query<ListingQuery>) -> Answer {
    let (whose, wanted, page) = query.into_inner().parts();
    Ok(answer::page(&house, flows::list(&house, &call.context, whose, wanted, &page).await?))
}

/// Read a listing
///
/// Public from publication on; before that for its organisation and for staff. Shows the legal status
/// of each asset with the date it was read, and what the caller may do to it now.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), responses((status = 200, description = "The listing", body = ListingView)))]
#[get("/v1/listings/{id}")]
pub async fn read_listing(house: Data<House>, call: Call<ReadListing>, id: Path<ListingId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Read the timeline of a listing
///
/// What happened, what comes next and by when (时间线), each step with the rule its date follows. Before publication the
/// dates are reckoned as if it were published now. Everybody sees the public steps; the seller and staff also the
/// procedure up to the publication and the warning of stale legal statuses. What follows a sale is in the lot's timeline.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), responses((status = 200, description = "The timeline", body = Timeline)))]
#[get("/v1/listings/{id}/timeline")]
pub async fn read_listing_timeline(house: Data<House>, call: Call<ReadListingTimeline>, id: Path<ListingId>) -> Answer {
    Ok(answer::listed(&flows::timeline(&house, &call.context, &call.permit, *id).await?))
}

/// Read the coming dates of a listing
///
/// The steps of its timeline that come at a known time, as a file for calendars (iCalendar, RFC 5545).
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), responses((status = 200, description = "The file", content(("text/calendar")))))]
#[get("/v1/listings/{id}/timeline.ics")]
pub async fn read_listing_calendar(house: Data<House>, call: Call<ReadListingCalendar>, id: Path<ListingId>) -> Answer {
    let told = flows::timeline(&house, &call.context, &call.permit, *id).await?;
    let title = store::find(house.db.read(), *id).await?.ok_or(Code::NotFound)?.title;
    Ok(answer::calendar(&calendar_file(&told, &title, &id.to_string())))
}

/// Write a draft anew
///
/// The whole offer in the place of the one before; only while it is a draft or was returned (退回). A
/// secret reserve that is not given again stays as it was sealed.
#[utoipa::path(
    tag = "listings",
    params(("id" = Uuid, Path, description = "The listing")),
    request_body = Offer,
    responses((status = 200, description = "Written", body = ListingView))
)]
#[put("/v1/listings/{id}")]
pub async fn replace_listing(house: Data<House>, call: Call<ReplaceListing, Json<Offer>>, id: Path<ListingId>) -> Answer {
    let outcome = flows::replace(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(flows::told(&house, outcome).await?, |told| told))
}

/// Hand a listing in
///
/// Passes the gates (提交审核): numbers, legal status, declarations, consents, burdens, base price and
/// the bounds of the rules; a refusal names everything found. From now on an exclusive offer holds its
/// assets alone.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), responses((status = 200, description = "Handed in", body = ListingView)))]
#[post("/v1/listings/{id}/submit")]
pub async fn submit_listing(house: Data<House>, call: Call<SubmitListing>, id: Path<ListingId>) -> Answer {
    let outcome = flows::submit(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(flows::told(&house, outcome).await?, |told| told))
}

/// Take a listing for review
///
/// The reviewer (审核员) who takes it decides it, and had no hand in it.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), responses((status = 200, description = "Taken", body = ListingView)))]
#[post("/v1/listings/{id}/take")]
pub async fn take_listing(house: Data<House>, call: Call<TakeListing>, id: Path<ListingId>) -> Answer {
    let outcome = flows::take(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(flows::told(&house, outcome).await?, |told| told))
}

/// Send a listing back
///
/// Back to its author (退回), who may write it anew and hand it in again, by who took it for review; once it is approved, and until it is
/// published, by any reviewer who had no hand in it. Its assets are let go, and the notices that were drawn up never come out: others are
/// at its next approval.
#[utoipa::path(
    tag = "listings",
    params(("id" = Uuid, Path, description = "The listing")),
    request_body = Reason,
    responses((status = 200, description = "Sent back", body = ListingView))
)]
#[post("/v1/listings/{id}/return")]
pub async fn return_listing(house: Data<House>, call: Call<ReturnListing, Json<Reason>>, id: Path<ListingId>) -> Answer {
    let outcome = flows::send_back(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(flows::told(&house, outcome).await?, |told| told))
}

/// Reject a listing
///
/// For good (驳回). Its assets are let go.
#[utoipa::path(
    tag = "listings",
    params(("id" = Uuid, Path, description = "The listing")),
    request_body = Reason,
    responses((status = 200, description = "Rejected", body = ListingView))
)]
#[post("/v1/listings/{id}/reject")]
pub async fn reject_listing(house: Data<House>, call: Call<RejectListing, Json<Reason>>, id: Path<ListingId>) -> Answer {
    let outcome = flows::reject(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(flows::told(&house, outcome).await?, |told| told))
}

/// Approve a listing
///
/// Through all the gates (合规门, G1 to G12), every legal status fresh (审核通过). What blocks is cured first, and about what warns somebody has
/// decided; a refusal names everything found, with how to cure it. Freezes the rules that apply and draws up the listing notice, whose
/// text and hash do not change any more.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), responses((status = 200, description = "Approved", body = ListingView)))]
#[post("/v1/listings/{id}/approve")]
pub async fn approve_listing(house: Data<House>, call: Call<ApproveListing>, id: Path<ListingId>) -> Answer {
    let outcome = flows::approve(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(flows::told(&house, outcome).await?, |told| told))
}

/// Publish a listing
///
/// Puts the notice out (公告), announces the lot and opens registration. Done again by the same
/// publisher it changes nothing.
#[utoipa::path(tag = "listings", params(("id" = Uuid, Path, description = "The listing")), responses((status = 200, description = "Published", body = ListingView)))]
#[post("/v1/listings/{id}/publish")]
pub async fn publish_listing(house: Data<House>, call: Call<PublishListing>, id: Path<ListingId>) -> Answer {
    let outcome = flows::publish(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(flows::told(&house, outcome).await?, |told| told))
}

/// Terminate a listing
///
/// Before bidding opens: its seller withdraws it, or a reviewer or publisher orders it (终结). Every
/// deposit goes back; the reason becomes public if the listing is.
#[utoipa::path(
    tag = "listings",
    params(("id" = Uuid, Path, description = "The listing")),
    request_body = Reason,
    responses((status = 200, description = "Terminated", body = ListingView))
)]
#[post("/v1/listings/{id}/terminate")]
pub async fn terminate_listing(house: Data<House>, call: Call<TerminateListing, Json<Reason>>, id: Path<ListingId>) -> Answer {
    let outcome = flows::terminate(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(flows::told(&house, outcome).await?, |told| told))
}
