//! Open licences over HTTP.

pub mod taken;

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post, put};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{AssetId, OpenLicenceId, OrganisationId};
use entity::open_licences::{OpenLicenceState, open_licence};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::rules::terms::{NewCnipaAnnouncement, NewCnipaDecision, NewOpenLicence};
use super::store::Wanted;
use super::views::{OpenLicenceDetail, OpenLicenceView};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::notices::views::NewPublication;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

/// Who declares for a patentee.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];
const PUBLISHER: &[StaffRole] = &[StaffRole::Publisher];
/// Which officers end one.
const KEEPERS: &[StaffRole] = &[StaffRole::Reviewer, StaffRole::Publisher];

operations! {
    /// Draft an open licence.
    DraftOpenLicence = Operation::deed("draft_open_licence", &[Allow::own(AUTHORS)]).refuses(&[
        Code::OrganisationNotVerified,
        Code::DeclarationMissing,
        Code::DocumentUnusable,
    ]);
    /// List open licences.
    ListOpenLicences = Operation::question("list_open_licences", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
    /// Read an open licence.
    ReadOpenLicence = Operation::question("read_open_licence", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead);
    /// Write the draft of an open licence anew.
    ReplaceOpenLicence = Operation::deed("replace_open_licence", &[Allow::own(AUTHORS)]).on_version().refuses(&[
        Code::WrongState,
        Code::OrganisationNotVerified,
        Code::DeclarationMissing,
        Code::DocumentUnusable,
    ]);
    /// Hand an open licence in.
    SubmitOpenLicence = Operation::deed("submit_open_licence", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[
        Code::WrongState,
        Code::OrganisationNotVerified,
        Code::StatusForbids,
        Code::ListingNotReady,
        Code::DeclarationMissing,
        Code::AssetHeld,
        Code::LicenceConflict,
    ]);
    /// Send an open licence back.
    ReturnOpenLicence = Operation::deed("return_open_licence", &[Allow::staff(REVIEWER)])
        .on_version_if_sent()
        .second_person("nobody who wrote it, handed it in or has a place with the patentee")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Publish the notice of an open licence.
    PublishOpenLicence = Operation::deed("publish_open_licence", &[Allow::staff(PUBLISHER)])
        .on_version_if_sent()
        .second_person("nobody who wrote it, handed it in or has a place with the patentee")
        .refuses(&[
            Code::WrongState,
            Code::SamePerson,
            Code::ConflictOfInterest,
            Code::OrganisationNotVerified,
            Code::StatusForbids,
            Code::ListingNotReady,
            Code::AssetHeld,
        ]);
    /// Enter that the patent office announced an open licence.
    RecordCnipaAnnouncement =
        Operation::deed("record_cnipa_announcement", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Enter that the patent office decided against an open licence.
    RecordCnipaDecision = Operation::deed("record_cnipa_decision", &[Allow::own(AUTHORS), Allow::staff(KEEPERS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::ConflictOfInterest]);
    /// Withdraw an open licence.
    WithdrawOpenLicence = Operation::deed("withdraw_open_licence", &[Allow::own(AUTHORS), Allow::staff(KEEPERS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::ConflictOfInterest]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(draft_open_licence)
        .service(list_open_licences)
        .service(read_open_licence)
        .service(replace_open_licence)
        .service(submit_open_licence)
        .service(return_open_licence)
        .service(publish_open_licence)
        .service(record_cnipa_announcement)
        .service(record_cnipa_decision)
        .service(withdraw_open_licence);
    taken::routes(config);
}

impl Thing for open_licence::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn is_public(&self) -> bool {
        // What was announced once stays so, whatever became of it.
        self.notice_id.is_some()
    }
}

paged! {
    /// Which open licences.
    pub struct OpenLicenceQuery {
        /// Only in this state.
        pub state: Option<OpenLicenceState>,
        /// Only of this patentee.
        pub organisation_id: Option<OrganisationId>,
        /// Only of this patent.
        pub asset_id: Option<AssetId>,
    }
}

/// Draft an open licence
///
/// Of a granted patent of the caller's organisation (开放许可声明): what a licence costs, how that is paid, for how long it is given. Nothing in
/// it praises the patent. Nobody else reads it before it is announced.
#[utoipa::path(tag = "open licences", request_body = NewOpenLicence, responses((status = 201, description = "Drafted", body = OpenLicenceDetail)))]
#[post("/v1/open-licences")]
pub async fn draft_open_licence(house: Data<House>, call: Call<DraftOpenLicence, Json<NewOpenLicence>>) -> Answer {
    let done = flows::draft(&house, &call.context, call.permit, call.body.0).await?;
    let id = done.value.id;
    let view = flows::told(&house, &call.context, &done.value).await?;
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/open-licences/{id}"), |()| view))
}

/// List open licences
///
/// What is or was announced, newest first; with those of the caller's own organisation that were not, and all of them for officers.
#[utoipa::path(tag = "open licences", params(OpenLicenceQuery), responses((status = 200, description = "A page", body = Page<OpenLicenceView>)))]
#[get("/v1/open-licences")]
pub async fn list_open_licences(house: Data<House>, call: Call<ListOpenLicences>, query: Query<OpenLicenceQuery>) -> Answer {
    let query = query.into_inner();
    let wanted = Wanted {
        organisation_id: query.organisation_id,
        asset_id: query.asset_id,
        state: query.state,
        unannounced: call.context.lists_unpublished(None),
    };
    Ok(answer::page(&house, flows::list(&house, &wanted, &query.page()).await?))
}

/// Read an open licence
///
/// Public once it is announced, and from then on whatever became of it; before that for the patentee and officers.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "The open licence")), responses((status = 200, description = "The open licence", body = OpenLicenceDetail)))]
#[get("/v1/open-licences/{id}")]
pub async fn read_open_licence(house: Data<House>, call: Call<ReadOpenLicence>, id: Path<OpenLicenceId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Write the draft of an open licence anew
///
/// All of it in the place of what stood there; only while it is a draft or was sent back (退回).
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "The open licence")), request_body = NewOpenLicence, responses((status = 200, description = "Written", body = OpenLicenceDetail)))]
#[put("/v1/open-licences/{id}")]
pub async fn replace_open_licence(
    house: Data<House>,
    call: Call<ReplaceOpenLicence, Json<NewOpenLicence>>,
    id: Path<OpenLicenceId>,
) -> Answer {
    let done = flows::replace(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Hand an open licence in
///
/// Passes the gates: the patent is granted, as was read lately, and the patentee's alone; its fees are paid; nobody has it alone; a utility
/// model or a design has its evaluation report. A refusal names everything found. The text of the notice is frozen for whoever publishes it.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "The open licence")), responses((status = 200, description = "Handed in", body = OpenLicenceDetail)))]
#[post("/v1/open-licences/{id}/submit")]
pub async fn submit_open_licence(house: Data<House>, call: Call<SubmitOpenLicence>, id: Path<OpenLicenceId>) -> Answer {
    let done = flows::submit(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

/// Send an open licence back
///
/// To its author, with a reason (退回), who may write it anew and hand it in again.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "The open licence")), request_body = Reason, responses((status = 200, description = "Sent back", body = OpenLicenceDetail)))]
#[post("/v1/open-licences/{id}/return")]
pub async fn return_open_licence(house: Data<House>, call: Call<ReturnOpenLicence, Json<Reason>>, id: Path<OpenLicenceId>) -> Answer {
    let done = flows::send_back(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

/// Publish the notice of an open licence
///
/// By an officer who read its text, and names its hash (开放许可公告). What may have changed since it was handed in is looked at again. The notice
/// has no end: it stands until it is withdrawn, and anybody may object to it. Meanwhile nobody is given an exclusive or a sole licence here.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "The open licence")), request_body = NewPublication, responses((status = 200, description = "Published", body = OpenLicenceDetail)))]
#[post("/v1/open-licences/{id}/publish")]
pub async fn publish_open_licence(
    house: Data<House>,
    call: Call<PublishOpenLicence, Json<NewPublication>>,
    id: Path<OpenLicenceId>,
) -> Answer {
    let done = flows::publish(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Enter that the patent office announced an open licence
///
/// Under which number and on which day (国家知识产权局公告). What is entered again takes the place of what was.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "The open licence")), request_body = NewCnipaAnnouncement, responses((status = 200, description = "Entered", body = OpenLicenceDetail)))]
#[post("/v1/open-licences/{id}/cnipa")]
pub async fn record_cnipa_announcement(
    house: Data<House>,
    call: Call<RecordCnipaAnnouncement, Json<NewCnipaAnnouncement>>,
    id: Path<OpenLicenceId>,
) -> Answer {
    let done = flows::record_cnipa(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Enter that the patent office decided against an open licence
///
/// That it did not accept the declaration (不予公告), or ended what it had announced (终止), with number, day and reason. The public notice is
/// withdrawn with it, and says why; who told the patentee and has not paid has no licence. Whoever has one by then keeps it.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "The open licence")), request_body = NewCnipaDecision, responses((status = 200, description = "Ended", body = OpenLicenceDetail)))]
#[post("/v1/open-licences/{id}/cnipa-decision")]
pub async fn record_cnipa_decision(
    house: Data<House>,
    call: Call<RecordCnipaDecision, Json<NewCnipaDecision>>,
    id: Path<OpenLicenceId>,
) -> Answer {
    let done = flows::record_decision(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Withdraw an open licence
///
/// By the patentee, or by an officer, with a reason (撤回开放许可). A public notice is withdrawn with it, and says why. Whoever has a licence by
/// then keeps it to its end, and an exclusive licence needs its holder's acceptance of that (`carve_outs`); who told the patentee and has not
/// paid has none.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "The open licence")), request_body = Reason, responses((status = 200, description = "Withdrawn", body = OpenLicenceDetail)))]
#[post("/v1/open-licences/{id}/withdraw")]
pub async fn withdraw_open_licence(house: Data<House>, call: Call<WithdrawOpenLicence, Json<Reason>>, id: Path<OpenLicenceId>) -> Answer {
    let done = flows::withdraw(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

async fn moved(house: &House, by: &Context, done: Done<open_licence::Model>) -> Answer {
    let view = flows::told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
