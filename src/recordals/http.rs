//! What is filed with registries over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{AssetId, OrganisationId, RecordalId};
use entity::recordals::{RecordalKind, RecordalState, recordal};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::rules::granted::NewPatentGrant;
use super::rules::terms::{NewDefect, NewEnd, NewFiling, NewRecordal, NewRegistration, NewResubmission};
use super::store::Wanted;
use super::views::{AssetTitles, RecordalDetail, RecordalView};
use crate::achievements::views::AssetView;
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

/// Who files for an organisation.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];

operations! {
    /// Draft something to be filed with a registry.
    DraftRecordal = Operation::deed("draft_recordal", &[Allow::members(AUTHORS)]).refuses(&[
        Code::OrganisationNotVerified,
        Code::RecordalOpen,
        Code::AssetHeld,
        Code::DeclarationMissing,
        Code::DocumentUnusable,
    ]);
    /// List what is filed with registries.
    ListRecordals = Operation::question("list_recordals", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::DealsRead)
        .with_query();
    /// Read something that is filed with a registry.
    ReadRecordal = Operation::question("read_recordal", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::DealsRead);
    /// Say that it was handed in.
    SubmitRecordal = Operation::deed("submit_recordal", &[Allow::party(AUTHORS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::NotRecordable, Code::ExportPaperMissing]);
    /// Enter what the registry wants mended.
    RecordRecordalDefect = Operation::deed("record_recordal_defect", &[Allow::party(AUTHORS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::DocumentUnusable]);
    /// Say that it was mended.
    ResubmitRecordal =
        Operation::deed("resubmit_recordal", &[Allow::party(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Enter what the register shows.
    EnterRegistration = Operation::deed("enter_registration", &[Allow::party(AUTHORS), Allow::staff(REVIEWER)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::ConflictOfInterest, Code::DocumentUnusable]);
    /// Confirm what the register shows.
    ConfirmRegistration = Operation::deed("confirm_registration", &[Allow::party(AUTHORS), Allow::staff(REVIEWER)])
        .on_version_if_sent()
        .second_person("nobody who entered it or acts for the side that did")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Enter that the registry refused it.
    RecordRecordalRefusal = Operation::deed("record_recordal_refusal", &[Allow::party(AUTHORS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::DocumentUnusable]);
    /// Take it back.
    WithdrawRecordal =
        Operation::deed("withdraw_recordal", &[Allow::party(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Rescind a transfer of an application that was lost.
    RescindTransfer = Operation::deed("rescind_transfer", &[Allow::own(AUTHORS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::StatusForbids, Code::DocumentUnusable]);
    /// Enter that an application was granted.
    RecordPatentGrant = Operation::deed("record_patent_grant", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[
        Code::WrongState,
        Code::OrganisationNotVerified,
        Code::IdentifierInvalid,
        Code::IdentifierTaken,
        Code::DocumentUnusable,
    ]);
    /// List whose a right was.
    ListAssetTitles = Operation::question("list_asset_titles", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(draft_recordal)
        .service(list_recordals)
        .service(read_recordal)
        .service(submit_recordal)
        .service(record_recordal_defect)
        .service(resubmit_recordal)
        .service(enter_registration)
        .service(confirm_registration)
        .service(record_recordal_refusal)
        .service(withdraw_recordal)
        .service(rescind_transfer)
        .service(record_patent_grant)
        .service(list_asset_titles);
}

impl Thing for recordal::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn parties(&self) -> Vec<OrganisationId> {
        self.counterparty_id.into_iter().collect()
    }
}

/// A transfer as what its buyer bought: he alone may rescind it.
pub struct BoughtRight<'a>(pub &'a recordal::Model);

impl Thing for BoughtRight<'_> {
    fn owners(&self) -> Vec<OrganisationId> {
        self.0.counterparty_id.into_iter().collect()
    }

    fn parties(&self) -> Vec<OrganisationId> {
        vec![self.0.organisation_id]
    }
}

/// A right with everybody whose it was.
pub struct Titled {
    /// Whose it is.
    pub owner: OrganisationId,
    /// Whose it was before.
    pub former: Vec<OrganisationId>,
}

impl Thing for Titled {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.owner]
    }

    fn parties(&self) -> Vec<OrganisationId> {
        self.former.clone()
    }
}

paged! {
    /// What is filed.
    pub struct RecordalQuery {
        /// Only of this kind.
        pub kind: Option<RecordalKind>,
        /// Only in this state.
        pub state: Option<RecordalState>,
        /// Only of this right.
        pub asset_id: Option<AssetId>,
    }
}

/// When somebody asks whose a right was.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TitleQuery {
    /// On which day, in Shanghai; today where none is said.
    pub on: Option<NaiveDate>,
    /// As it was known at which instant; now where none is said.
    pub at: Option<DateTime<Utc>>,
}

/// Draft something to be filed with a registry
///
/// A transfer of what was sold here or by contract elsewhere (转让登记), a licence in the register (许可备案), or a pledge (质押登记). What was sold
/// or licensed here is known; a contract made elsewhere says with whom and since when, and every owner agrees.
#[utoipa::path(tag = "recordals", request_body = NewRecordal, responses((status = 201, description = "Drafted", body = RecordalDetail)))]
#[post("/v1/recordals")]
pub async fn draft_recordal(house: Data<House>, call: Call<DraftRecordal, Json<NewRecordal>>) -> Answer {
    let done = flows::draft(&house, &call.context, call.permit, call.body.0).await?;
    let id = done.value.id;
    let view = flows::told(&house, &call.context, &done.value).await?;
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/recordals/{id}"), |()| view))
}

/// List what is filed with registries
///
/// That the caller's organisation is a party to; officers see all. Newest first.
#[utoipa::path(tag = "recordals", params(RecordalQuery), responses((status = 200, description = "A page", body = Page<RecordalView>)))]
#[get("/v1/recordals")]
pub async fn list_recordals(house: Data<House>, call: Call<ListRecordals>, query: Query<RecordalQuery>) -> Answer {
    let query = query.into_inner();
    let of = call.context.lists_unpublished(None);
    let wanted = Wanted { asset_id: query.asset_id, kind: query.kind, state: query.state, of };
    Ok(answer::page(&house, flows::list(&house, &wanted, &query.page()).await?))
}

/// Read something that is filed with a registry
///
/// For both sides and for officers, with what the caller may do to it now.
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The recordal")), responses((status = 200, description = "The recordal", body = RecordalDetail)))]
#[get("/v1/recordals/{id}")]
pub async fn read_recordal(house: Data<House>, call: Call<ReadRecordal>, id: Path<RecordalId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Say that it was handed in
///
/// By either side. What the registry would refuse is refused here, with every ground at its place; with `dry_run=1` it is only told. What was
/// deemed not filed may be handed in again.
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The recordal")), request_body = NewFiling, responses((status = 200, description = "Handed in", body = RecordalDetail)))]
#[post("/v1/recordals/{id}/submit")]
pub async fn submit_recordal(house: Data<House>, call: Call<SubmitRecordal, Json<NewFiling>>, id: Path<RecordalId>) -> Answer {
    let done = flows::submit(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Enter what the registry wants mended
///
/// With its paper and the last day for an answer (补正通知). What is not mended by then is deemed not filed.
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The recordal")), request_body = NewDefect, responses((status = 200, description = "Entered", body = RecordalDetail)))]
#[post("/v1/recordals/{id}/defect")]
pub async fn record_recordal_defect(house: Data<House>, call: Call<RecordRecordalDefect, Json<NewDefect>>, id: Path<RecordalId>) -> Answer {
    let done = flows::record_defect(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Say that it was mended
///
/// Within the time that the registry gave (补正).
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The recordal")), request_body = NewResubmission, responses((status = 200, description = "Noted", body = RecordalDetail)))]
#[post("/v1/recordals/{id}/resubmit")]
pub async fn resubmit_recordal(house: Data<House>, call: Call<ResubmitRecordal, Json<NewResubmission>>, id: Path<RecordalId>) -> Answer {
    let done = flows::resubmit(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Enter what the register shows
///
/// As of which day, under which number, with the paper that says so, by either side or an officer (登记、备案结果). It counts once somebody else has
/// confirmed it; what is entered again before takes the place of what was.
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The recordal")), request_body = NewRegistration, responses((status = 200, description = "Entered", body = RecordalDetail)))]
#[post("/v1/recordals/{id}/registration")]
pub async fn enter_registration(house: Data<House>, call: Call<EnterRegistration, Json<NewRegistration>>, id: Path<RecordalId>) -> Answer {
    let done = flows::enter(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Confirm what the register shows
///
/// By the other side or by an officer (复核). From the day of the registry on a right that was transferred is its buyer's, in an achievement of his
/// own, with the licences on it; its seller offers it no more.
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The recordal")), responses((status = 200, description = "Confirmed", body = RecordalDetail)))]
#[post("/v1/recordals/{id}/confirm")]
pub async fn confirm_registration(house: Data<House>, call: Call<ConfirmRegistration>, id: Path<RecordalId>) -> Answer {
    let done = flows::confirm(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

/// Enter that the registry refused it
///
/// With its reason and its paper (不予登记、不予备案).
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The recordal")), request_body = NewEnd, responses((status = 200, description = "Entered", body = RecordalDetail)))]
#[post("/v1/recordals/{id}/refuse")]
pub async fn record_recordal_refusal(house: Data<House>, call: Call<RecordRecordalRefusal, Json<NewEnd>>, id: Path<RecordalId>) -> Answer {
    let done = flows::refuse(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Take it back
///
/// By either side, before it is in the register (撤回).
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The recordal")), request_body = Reason, responses((status = 200, description = "Taken back", body = RecordalDetail)))]
#[post("/v1/recordals/{id}/withdraw")]
pub async fn withdraw_recordal(house: Data<House>, call: Call<WithdrawRecordal, Json<Reason>>, id: Path<RecordalId>) -> Answer {
    let done = flows::withdraw(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

/// Rescind a transfer of an application that was lost
///
/// By its buyer, where the application was rejected or deemed withdrawn before the day of the registry (SPC-TC art. 23). The sale that it follows
/// from ends with it.
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The recordal")), request_body = NewEnd, responses((status = 200, description = "Rescinded", body = RecordalDetail)))]
#[post("/v1/recordals/{id}/rescind")]
pub async fn rescind_transfer(house: Data<House>, call: Call<RescindTransfer, Json<NewEnd>>, id: Path<RecordalId>) -> Answer {
    let done = flows::rescind(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Enter that an application was granted
///
/// As which patent, on which day, under which numbers, with the certificate (授权). The right becomes the patent; licences of the application go on
/// as licences of the patent without a new contract, and what was sold of it keeps its text.
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The right")), request_body = NewPatentGrant, responses((status = 200, description = "The patent", body = AssetView)))]
#[post("/v1/assets/{id}/grant")]
pub async fn record_patent_grant(house: Data<House>, call: Call<RecordPatentGrant, Json<NewPatentGrant>>, id: Path<AssetId>) -> Answer {
    let done = flows::grant(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(done, AssetView::from))
}

/// List whose a right was
///
/// On a day, as it was known at an instant, with everything that is known of that; for whose it is or was, and for officers.
#[utoipa::path(tag = "recordals", params(("id" = Uuid, Path, description = "The right"), TitleQuery), responses((status = 200, description = "Whose it was", body = AssetTitles)))]
#[get("/v1/assets/{id}/titles")]
pub async fn list_asset_titles(house: Data<House>, call: Call<ListAssetTitles>, id: Path<AssetId>, query: Query<TitleQuery>) -> Answer {
    let TitleQuery { on, at } = query.into_inner();
    Ok(answer::listed(&flows::titles(&house, &call.permit, *id, (on, at)).await?))
}

async fn moved(house: &House, by: &Context, done: Done<recordal::Model>) -> Answer {
    let view = flows::told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
