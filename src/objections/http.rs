//! Objections over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{ListingId, NegotiationId, NoticeId, ObjectionId, OpenLicenceId, OrganisationId, PersonId, RightsGrantId};
use entity::objections::{ObjectionState, objection};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::store::Wanted;
use super::views::{NewObjection, ObjectionDecision, ObjectionView, ReviewRequest, Settlement};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

/// Who handles objections: reviewers, none of whom had a hand in the matter. Those who oversee change nothing.
const HANDLERS: &[StaffRole] = &[StaffRole::Reviewer];
/// Who may not.
const OTHER_HANDS: &str = "nobody who decided the matter, published the notice, objects or has a place with either side";

operations! {
    /// Object to a notice.
    SubmitObjection = Operation::deed("submit_objection", &[Allow::SIGNED_IN]).refuses(&[
        Code::ObjectionsClosed, Code::AlreadyObjected, Code::DocumentUnusable, Code::AddressUnproved,
    ]);
    /// List objections.
    ListObjections = Operation::question("list_objections", &[Allow::ANYONE]).with_query();
    /// Read an objection.
    ReadObjection = Operation::question("read_objection", &[Allow::PUBLIC, Allow::SELF, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]);
    /// Accept an objection.
    AcceptObjection = Operation::deed("accept_objection", &[Allow::staff(HANDLERS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Not accept an objection.
    RefuseObjection = Operation::deed("refuse_objection", &[Allow::staff(HANDLERS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Take more time to look into an objection.
    ExtendObjection = Operation::deed("extend_objection", &[Allow::staff(HANDLERS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Decide an objection.
    DecideObjection = Operation::deed("decide_objection", &[Allow::staff(HANDLERS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Ask for a review of an objection.
    RequestObjectionReview = Operation::deed("request_objection_review", &[Allow::SELF]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Decide the review of an objection.
    DecideObjectionReview = Operation::deed("decide_objection_review", &[Allow::staff(HANDLERS)])
        .on_version_if_sent()
        .second_person("nobody who decided the matter or the objection, published the notice, objects or has a place with either side")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Say how an objection was put right.
    SettleObjection = Operation::deed("settle_objection", &[Allow::staff(HANDLERS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Withdraw an objection.
    WithdrawObjection = Operation::deed("withdraw_objection", &[Allow::SELF]).on_version_if_sent().refuses(&[Code::WrongState]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(submit_objection)
        .service(list_objections)
        .service(read_objection)
        .service(accept_objection)
        .service(refuse_objection)
        .service(extend_objection)
        .service(decide_objection)
        .service(request_objection_review)
        .service(decide_objection_review)
        .service(settle_objection)
        .service(withdraw_objection);
}

impl Thing for objection::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn person(&self) -> Option<PersonId> {
        Some(self.objector)
    }

    /// That there is one, on what ground, and what was decided.
    fn is_public(&self) -> bool {
        true
    }
}

paged! {
    /// Which objections.
    pub struct ObjectionQuery {
        /// Only to this notice.
        pub notice_id: Option<NoticeId>,
        /// Only about this listing.
        pub listing_id: Option<ListingId>,
        /// Only about this sale at a negotiated price.
        pub negotiation_id: Option<NegotiationId>,
        /// Only about this grant of rights.
        pub rights_grant_id: Option<RightsGrantId>,
        /// Only about this open licence.
        pub open_licence_id: Option<OpenLicenceId>,
        /// Only in this state.
        pub state: Option<ObjectionState>,
        /// Only the caller's own.
        pub mine: Option<bool>,
    }
}

/// Object to a notice
///
/// While it runs, by anybody who gives his name (异议); where letters are sent, his address must be known to be his. What shows it are documents
/// of the organisation acted for, or, for none, his own, which only he and the officers who handle objections read. Whether it is accepted is
/// decided within the rule `objection_acceptance`; as long as it is open, what it is about does not go on.
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The notice")), request_body = NewObjection, responses((status = 201, description = "Handed in", body = ObjectionView)))]
#[post("/v1/notices/{id}/objections")]
pub async fn submit_objection(house: Data<House>, call: Call<SubmitObjection, Json<NewObjection>>, id: Path<NoticeId>) -> Answer {
    let done = flows::submit(&house, &call.context, *id, call.body.0).await?;
    let (id, view) = (done.value.id, flows::told(&house, &call.context, &done.value).await?);
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/objections/{id}"), |()| view))
}

/// List objections
///
/// Newest first, as the public sees them: to what, on what ground, where they stand, and what was decided why.
#[utoipa::path(tag = "objections", params(ObjectionQuery), responses((status = 200, description = "A page", body = Page<ObjectionView>)))]
#[get("/v1/objections")]
pub async fn list_objections(house: Data<House>, call: Call<ListObjections>, query: Query<ObjectionQuery>) -> Answer {
    let query = query.into_inner();
    let objector = if query.mine == Some(true) { Some(call.context.actor()?.person) } else { None };
    let wanted = Wanted {
        notice_id: query.notice_id,
        listing_id: query.listing_id,
        negotiation_id: query.negotiation_id,
        rights_grant_id: query.rights_grant_id,
        open_licence_id: query.open_licence_id,
        state: query.state,
        objector,
    };
    Ok(answer::page(&house, flows::list(&house, &wanted, &query.page()).await?))
}

/// Read an objection
///
/// With who objects, what he wrote and what shows it for himself, the organisation concerned and officers.
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The objection")), responses((status = 200, description = "The objection", body = ObjectionView)))]
#[get("/v1/objections/{id}")]
pub async fn read_objection(house: Data<House>, call: Call<ReadObjection>, id: Path<ObjectionId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Accept an objection
///
/// It is looked into (受理), by the deadline of the rule `objection_investigation`. A lot that is being bid for is paused.
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The objection")), responses((status = 200, description = "Accepted", body = ObjectionView)))]
#[post("/v1/objections/{id}/accept")]
pub async fn accept_objection(house: Data<House>, call: Call<AcceptObjection>, id: Path<ObjectionId>) -> Answer {
    let done = flows::accept(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

/// Not accept an objection
///
/// With a reason that is published (不予受理).
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The objection")), request_body = Reason, responses((status = 200, description = "Not accepted", body = ObjectionView)))]
#[post("/v1/objections/{id}/refuse")]
pub async fn refuse_objection(house: Data<House>, call: Call<RefuseObjection, Json<Reason>>, id: Path<ObjectionId>) -> Answer {
    let done = flows::refuse(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

/// Take more time to look into an objection
///
/// Once, by the rule `objection_extension` (延长调查).
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The objection")), responses((status = 200, description = "Extended", body = ObjectionView)))]
#[post("/v1/objections/{id}/extend")]
pub async fn extend_objection(house: Data<House>, call: Call<ExtendObjection>, id: Path<ObjectionId>) -> Answer {
    let done = flows::extend(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

/// Decide an objection
///
/// With reasons, which are published (异议处理决定). Whoever objected may ask for a review within the rule `objection_review`.
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The objection")), request_body = ObjectionDecision, responses((status = 200, description = "Decided", body = ObjectionView)))]
#[post("/v1/objections/{id}/decide")]
pub async fn decide_objection(house: Data<House>, call: Call<DecideObjection, Json<ObjectionDecision>>, id: Path<ObjectionId>) -> Answer {
    let done = flows::decide(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Ask for a review of an objection
///
/// Once, by whoever objected (复核申请).
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The objection")), request_body = ReviewRequest, responses((status = 200, description = "Asked for", body = ObjectionView)))]
#[post("/v1/objections/{id}/request-review")]
pub async fn request_objection_review(
    house: Data<House>,
    call: Call<RequestObjectionReview, Json<ReviewRequest>>,
    id: Path<ObjectionId>,
) -> Answer {
    let done = flows::request_review(&house, &call.context, call.permit, *id, call.body.0.statement).await?;
    moved(&house, &call.context, done).await
}

/// Decide the review of an objection
///
/// For good, by another than who decided before (复核决定).
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The objection")), request_body = ObjectionDecision, responses((status = 200, description = "Decided", body = ObjectionView)))]
#[post("/v1/objections/{id}/decide-review")]
pub async fn decide_objection_review(
    house: Data<House>,
    call: Call<DecideObjectionReview, Json<ObjectionDecision>>,
    id: Path<ObjectionId>,
) -> Answer {
    let done = flows::decide_review(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Say how an objection was put right
///
/// Where it was right, in whole or in part, what it is about goes on once that is said (整改完成), or ends: deals that are not signed
/// by all then lapse, and those that are are rescinded (撤销成交) with their result notices, by nobody's fault; an objection to a result ends
/// that deal alone. Before there is a deal the listing is terminated (终止), or the lot that is being bid for is given up, and deposits go back.
/// Published.
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The objection")), request_body = Settlement, responses((status = 200, description = "Put right", body = ObjectionView)))]
#[post("/v1/objections/{id}/settle")]
pub async fn settle_objection(house: Data<House>, call: Call<SettleObjection, Json<Settlement>>, id: Path<ObjectionId>) -> Answer {
    let done = flows::settle(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Withdraw an objection
///
/// By whoever objected (撤回异议), while it is not decided. What was decided before a review was asked for stands.
#[utoipa::path(tag = "objections", params(("id" = Uuid, Path, description = "The objection")), responses((status = 200, description = "Withdrawn", body = ObjectionView)))]
#[post("/v1/objections/{id}/withdraw")]
pub async fn withdraw_objection(house: Data<House>, call: Call<WithdrawObjection>, id: Path<ObjectionId>) -> Answer {
    let done = flows::withdraw(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

async fn moved(house: &House, by: &Context, done: Done<objection::Model>) -> Answer {
    let view = flows::told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
