//! Versions of notices over HTTP, and what is proposed about a notice.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::ids::{NoticeId, NoticeProposalId};
use entity::notices::notice_proposal;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    CompareNoticeVersions, ListNoticeProposals, ProposeErratum, ProposeNoticeWithdrawal, PublishNoticeProposal, ReadNoticeVersion,
    ReadNoticeVersions, RefuseNoticeProposal,
};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::notices::flows;
use crate::notices::views::{NewErratum, NoticeDifference, NoticeProposalView, NoticeVersionView, NoticeVersions};
use crate::paged;
use crate::platform::access::Context;
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_notice_versions)
        .service(read_notice_version)
        .service(compare_notice_versions)
        .service(propose_erratum)
        .service(propose_notice_withdrawal)
        .service(list_notice_proposals)
        .service(publish_notice_proposal)
        .service(refuse_notice_proposal);
}

/// List the versions of a notice
///
/// No text that was public is ever changed: whatever sets it right (勘误) makes another version, and says what and why; so does the date at
/// which something it withholds opens by itself (到期公开).
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The notice")), responses((status = 200, description = "The versions, the first first", body = NoticeVersions)))]
#[get("/v1/notices/{id}/versions")]
pub async fn list_notice_versions(house: Data<House>, call: Call<ReadNoticeVersions>, id: Path<NoticeId>) -> Answer {
    Ok(answer::listed(&NoticeVersions { items: flows::versions(&house, &call.context, &call.permit, *id).await? }))
}

/// Read a version of a notice
///
/// Its exact text with its SHA-256, as it stood or stands.
#[utoipa::path(
    tag = "notices",
    params(("id" = Uuid, Path, description = "The notice"), ("version" = i64, Path, description = "Which version, from 1", minimum = 1)),
    responses((status = 200, description = "The version", body = NoticeVersionView))
)]
#[get("/v1/notices/{id}/versions/{version}")]
pub async fn read_notice_version(house: Data<House>, call: Call<ReadNoticeVersion>, place: Path<(NoticeId, i64)>) -> Answer {
    let (id, version) = place.into_inner();
    Ok(answer::found(&flows::version(&house, &call.context, &call.permit, id, version).await?))
}

/// Which versions are compared.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompareQuery {
    /// The one; the one before the other unless given.
    #[param(minimum = 1)]
    pub from: Option<i64>,
    /// The other; the one that stands unless given.
    #[param(minimum = 1)]
    pub to: Option<i64>,
}

/// Compare two versions of a notice
///
/// Every place where they differ, with the part of the notice in words.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The notice"), CompareQuery), responses((status = 200, description = "What they differ in", body = NoticeDifference)))]
#[get("/v1/notices/{id}/difference")]
pub async fn compare_notice_versions(
    house: Data<House>,
    call: Call<CompareNoticeVersions>,
    id: Path<NoticeId>,
    query: Query<CompareQuery>,
) -> Answer {
    Ok(answer::listed(&flows::difference(&house, &call.context, &call.permit, *id, query.from, query.to).await?))
}

/// Propose to set a slip in a notice right
///
/// A slip that changes nothing anybody decides by (勘误); which fields that can be, the redaction policy says. A second person publishes
/// it; the period runs on. What is material is refused: it is announced anew. In the last days of a listing's notice nothing is changed.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The notice")), request_body = NewErratum, responses((status = 201, description = "Proposed", body = NoticeProposalView)))]
#[post("/v1/notices/{id}/errata")]
pub async fn propose_erratum(house: Data<House>, call: Call<ProposeErratum, Json<NewErratum>>, id: Path<NoticeId>) -> Answer {
    let NewErratum { reason, changes } = call.body.0;
    let done = flows::propose_erratum(&house, &call.context, call.permit, *id, flows::NewErratum { reason, changes }).await?;
    proposed(&house, &call.context, done).await
}

/// Propose to withdraw a notice
///
/// That it stands no more (撤回); a second person publishes it. Its text and why stay readable. The notice of a listing is withdrawn
/// with the listing.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The notice")), request_body = Reason, responses((status = 201, description = "Proposed", body = NoticeProposalView)))]
#[post("/v1/notices/{id}/withdrawal")]
pub async fn propose_notice_withdrawal(
    house: Data<House>,
    call: Call<ProposeNoticeWithdrawal, Json<Reason>>,
    id: Path<NoticeId>,
) -> Answer {
    let done = flows::propose_withdrawal(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    proposed(&house, &call.context, done).await
}

async fn proposed(house: &House, by: &Context, done: Done<notice_proposal::Model>) -> Answer {
    let notice = done.value.notice_id;
    let view = told(house, by, &done).await?;
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, by.dry_run, |()| format!("/v1/notices/{notice}/proposals"), |()| view))
}

/// What a proposal is told as; one that was rehearsed is nowhere to be found.
async fn told(
    house: &House,
    by: &Context,
    done: &Done<notice_proposal::Model>,
) -> Result<NoticeProposalView, crate::platform::problem::Problem> {
    if by.dry_run { Ok(NoticeProposalView::of(&done.value, Vec::new())) } else { flows::proposal_told(house, by, done.value.id).await }
}

paged! {
    /// Which proposals.
    pub struct NoticeProposalQuery {}
}

/// List what was proposed about a notice
///
/// Newest first, for officers and its own organisation; what was done of it everybody finds among the versions.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The notice"), NoticeProposalQuery), responses((status = 200, description = "A page", body = Page<NoticeProposalView>)))]
#[get("/v1/notices/{id}/proposals")]
pub async fn list_notice_proposals(
    house: Data<House>,
    call: Call<ListNoticeProposals>,
    id: Path<NoticeId>,
    query: Query<NoticeProposalQuery>,
) -> Answer {
    Ok(answer::page(&house, flows::proposals(&house, &call.context, &call.permit, *id, &query.into_inner().page()).await?))
}

/// Do what was proposed about a notice
///
/// By a second person. An erratum makes the next version, of which everybody registered is told; a withdrawal ends it.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The proposal")), responses((status = 200, description = "Done", body = NoticeProposalView)))]
#[post("/v1/notice-proposals/{id}/publish")]
pub async fn publish_notice_proposal(house: Data<House>, call: Call<PublishNoticeProposal>, id: Path<NoticeProposalId>) -> Answer {
    let done = flows::publish_proposal(&house, &call.context, call.permit, *id).await?;
    decided(&house, &call.context, done).await
}

/// Refuse what was proposed about a notice, or take it back
///
/// With a reason, by a second person; whoever proposes it takes it back himself. The notice stays as it is, and something else can be
/// proposed.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The proposal")), request_body = Reason, responses((status = 200, description = "Refused", body = NoticeProposalView)))]
#[post("/v1/notice-proposals/{id}/refuse")]
pub async fn refuse_notice_proposal(
    house: Data<House>,
    call: Call<RefuseNoticeProposal, Json<Reason>>,
    id: Path<NoticeProposalId>,
) -> Answer {
    let done = flows::refuse_proposal(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    decided(&house, &call.context, done).await
}

async fn decided(house: &House, by: &Context, done: Done<notice_proposal::Model>) -> Answer {
    let view = told(house, by, &done).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
