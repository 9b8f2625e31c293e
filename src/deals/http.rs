//! Deals over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::deals::{DealState, deal};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{DealId, ListingId, LotId, OrganisationId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::store::Wanted;
use super::views::{ConfirmationView, DealView, NewSignature};
use crate::house::House;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page, PageQuery};
use crate::platform::problem::Code;
use crate::rulebook::rules::Timeline;

const SIGNATORY: &[OrgRole] = &[OrgRole::Signatory];
const HOST: &[StaffRole] = &[StaffRole::AuctionHost];
const PUBLISHER: &[StaffRole] = &[StaffRole::Publisher];

operations! {
    /// List deals.
    ListDeals = Operation::question("list_deals", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::DealsRead)
        .with_query();
    /// Read a deal.
    ReadDeal = Operation::question("read_deal", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).for_keys(KeyScope::DealsRead);
    /// Read the timeline of a deal.
    ReadDealTimeline = Operation::question("read_deal_timeline", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::DealsRead);
    /// Read a deal confirmation.
    ReadConfirmation = Operation::question("read_confirmation", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::DealsRead);
    /// Sign a deal confirmation.
    SignDeal = Operation::deed("sign_deal", &[Allow::party(SIGNATORY), Allow::staff(HOST)])
        .with_step_up()
        .on_version_if_sent()
        .refuses(&[
            Code::WrongState,
            Code::AlreadySigned,
            Code::ListingNotReady,
            Code::StatusForbids,
            Code::SamePerson,
            Code::OrganisationNotVerified,
            Code::ObjectionOpen,
            Code::GateBlocked,
        ]);
    /// Publish the result of a deal.
    PublishResult = Operation::deed("publish_result", &[Allow::staff(PUBLISHER)])
        .on_version_if_sent()
        .second_person("nobody who reviewed the listing or signed the confirmation")
        .refuses(&[Code::WrongState, Code::SamePerson]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_deals)
        .service(read_deal)
        .service(read_deal_timeline)
        .service(read_confirmation)
        .service(sign_deal)
        .service(publish_result);
}

impl Thing for deal::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.seller_organisation_id]
    }

    fn parties(&self) -> Vec<OrganisationId> {
        vec![self.buyer_organisation_id]
    }
}

paged! {
    /// Which deals.
    pub struct DealQuery {
        /// Only in this state.
        pub state: Option<DealState>,
        /// Only of this listing.
        pub listing_id: Option<ListingId>,
        /// Only of this lot.
        pub lot_id: Option<LotId>,
    }
}

impl DealQuery {
    fn parts(self) -> (Wanted, PageQuery) {
        let wanted = Wanted { party: None, state: self.state, listing_id: self.listing_id, lot_id: self.lot_id };
        (wanted, self.page())
    }
}

/// List deals
///
/// The deals (成交) the caller's organisation is a party to, newest first; all of them for officers.
#[utoipa::path(tag = "deals", params(DealQuery), responses((status = 200, description = "A page", body = Page<DealView>)))]
#[get("/v1/deals")]
pub async fn list_deals(house: Data<House>, call: Call<ListDeals>, query: Query<DealQuery>) -> Answer {
    let (wanted, page) = query.into_inner().parts();
    Ok(answer::page(&house, flows::list(&house, &call.context, wanted, &page).await?))
}

/// Read a deal
///
/// For its parties and for officers, with what the caller may do to it now.
#[utoipa::path(tag = "deals", params(("id" = Uuid, Path, description = "The deal")), responses((status = 200, description = "The deal", body = DealView)))]
#[get("/v1/deals/{id}")]
pub async fn read_deal(house: Data<House>, call: Call<ReadDeal>, id: Path<DealId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Read the timeline of a deal
///
/// What happened, what comes next and by when (时间线), each step with the rule its date follows: the signatures and what
/// it means to miss them, the result notice, and the parties' deadlines for contract and payment.
#[utoipa::path(tag = "deals", params(("id" = Uuid, Path, description = "The deal")), responses((status = 200, description = "The timeline", body = Timeline)))]
#[get("/v1/deals/{id}/timeline")]
pub async fn read_deal_timeline(house: Data<House>, call: Call<ReadDealTimeline>, id: Path<DealId>) -> Answer {
    Ok(answer::listed(&flows::timeline(&house, &call.permit, *id).await?))
}

/// Read a deal confirmation
///
/// The confirmation (成交确认书) exactly as it is signed, its SHA-256, the signatures given and whose are missing.
#[utoipa::path(tag = "deals", params(("id" = Uuid, Path, description = "The deal")), responses((status = 200, description = "The confirmation", body = ConfirmationView)))]
#[get("/v1/deals/{id}/confirmation")]
pub async fn read_confirmation(house: Data<House>, call: Call<ReadConfirmation>, id: Path<DealId>) -> Answer {
    Ok(answer::found(&flows::read_confirmation(&house, &call.permit, *id).await?))
}

/// Sign a deal confirmation
///
/// A signatory signs for his organisation, the auction host where one is needed, in any order and each side once. The
/// last signature confirms the deal if the legal status of every right is fresh and permits it; the result notice then
/// drafts itself.
#[utoipa::path(tag = "deals", params(("id" = Uuid, Path, description = "The deal")), request_body = NewSignature, responses((status = 200, description = "Signed", body = DealView)))]
#[post("/v1/deals/{id}/sign")]
pub async fn sign_deal(house: Data<House>, call: Call<SignDeal, Json<NewSignature>>, id: Path<DealId>) -> Answer {
    let done = flows::sign(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(done, DealView::from))
}

/// Publish the result of a deal
///
/// Puts the drafted result notice (成交公示) out for the period of the rules, by a publisher who decided nothing in the case.
#[utoipa::path(tag = "deals", params(("id" = Uuid, Path, description = "The deal")), responses((status = 200, description = "Published", body = DealView)))]
#[post("/v1/deals/{id}/publish-result")]
pub async fn publish_result(house: Data<House>, call: Call<PublishResult>, id: Path<DealId>) -> Answer {
    let done = flows::publish_result(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(done, DealView::from))
}
