//! Taking open licences over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{OpenLicenceAcceptanceId, OpenLicenceId, OrganisationId};
use entity::open_licences::{AcceptanceState, open_licence_acceptance};
use utoipa_actix_web::service_config::ServiceConfig;

use super::AUTHORS;
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::open_licences::flows::take;
use crate::open_licences::rules::acceptance::{NewAcceptance, NewRecordal};
use crate::open_licences::store::taken::Wanted;
use crate::open_licences::views::taken::{OpenLicenceAcceptanceDetail, OpenLicenceAcceptanceView};
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];

operations! {
    /// Take an open licence.
    TakeOpenLicence = Operation::deed("take_open_licence", &[Allow::members(AUTHORS)]).refuses(&[
        Code::WrongState,
        Code::ConflictOfInterest,
        Code::OrganisationNotVerified,
        Code::StatusForbids,
        Code::LicenceConflict,
        Code::DocumentUnusable,
    ]);
    /// List open licences that were taken.
    ListOpenLicenceAcceptances =
        Operation::question("list_open_licence_acceptances", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
            .for_keys(KeyScope::ListingsRead)
            .with_query();
    /// Read an open licence that was taken.
    ReadOpenLicenceAcceptance =
        Operation::question("read_open_licence_acceptance", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
            .for_keys(KeyScope::ListingsRead);
    /// Confirm that an open licence was paid.
    ConfirmOpenLicencePayment = Operation::deed("confirm_open_licence_payment", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[
        Code::WrongState,
        Code::StatusForbids,
        Code::LicenceConflict,
    ]);
    /// Enter that the patent office put an open licence on record.
    RecordOpenLicenceRecordal =
        Operation::deed("record_open_licence_recordal", &[Allow::party(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Find that an open licence was not paid.
    RefuteOpenLicencePayment = Operation::deed("refute_open_licence_payment", &[Allow::staff(REVIEWER)])
        .on_version_if_sent()
        .second_person("nobody who has a place with the patentee or with who took it")
        .refuses(&[Code::WrongState, Code::ConflictOfInterest]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(take_open_licence)
        .service(list_open_licence_acceptances)
        .service(read_open_licence_acceptance)
        .service(confirm_open_licence_payment)
        .service(record_open_licence_recordal)
        .service(refute_open_licence_payment);
}

impl Thing for open_licence_acceptance::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.patentee_id]
    }

    fn parties(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

paged! {
    /// Which open licences that were taken.
    pub struct OpenLicenceAcceptanceQuery {
        /// Only of this open licence.
        pub open_licence_id: Option<OpenLicenceId>,
        /// Only in this state.
        pub state: Option<AcceptanceState>,
    }
}

/// Take an open licence
///
/// For the caller's organisation, in one call (实施开放许可): the call is the notice in writing to the patentee, and with the payment that the
/// announced standard asks for the licence arises at once and stands in the register. Without the payment the notice is sent; the same call
/// with the payment, by `pay_by`, makes the licence. Whoever has the licence already is told so again. The patentee is told, not asked.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "The open licence")), request_body = NewAcceptance, responses((status = 201, description = "Taken", body = OpenLicenceAcceptanceDetail)))]
#[post("/v1/open-licences/{id}/acceptances")]
pub async fn take_open_licence(house: Data<House>, call: Call<TakeOpenLicence, Json<NewAcceptance>>, id: Path<OpenLicenceId>) -> Answer {
    let done = take::take(&house, &call.context, call.permit, *id, call.body.0).await?;
    let id = done.value.id;
    let view = take::told(&house, &call.context, &done.value).await?;
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/open-licence-acceptances/{id}"), |()| view))
}

/// List open licences that were taken
///
/// Of the patents of the caller's organisation, and those it took itself; officers see all. Newest first.
#[utoipa::path(tag = "open licences", params(OpenLicenceAcceptanceQuery), responses((status = 200, description = "A page", body = Page<OpenLicenceAcceptanceView>)))]
#[get("/v1/open-licence-acceptances")]
pub async fn list_open_licence_acceptances(
    house: Data<House>,
    call: Call<ListOpenLicenceAcceptances>,
    query: Query<OpenLicenceAcceptanceQuery>,
) -> Answer {
    let query = query.into_inner();
    let wanted = Wanted { open_licence_id: query.open_licence_id, state: query.state, of: call.context.lists_unpublished(None) };
    Ok(answer::page(&house, take::list(&house, &wanted, &query.page()).await?))
}

/// Read an open licence that was taken
///
/// For the patentee, who took it, and officers.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "What was taken")), responses((status = 200, description = "What was taken", body = OpenLicenceAcceptanceDetail)))]
#[get("/v1/open-licence-acceptances/{id}")]
pub async fn read_open_licence_acceptance(
    house: Data<House>,
    call: Call<ReadOpenLicenceAcceptance>,
    id: Path<OpenLicenceAcceptanceId>,
) -> Answer {
    Ok(answer::found(&take::read(&house, &call.context, &call.permit, *id).await?))
}

/// Confirm that an open licence was paid
///
/// By the patentee, whom the money reached (确认收款). The licence arises with it, where it has not yet; where it has, its payment is not in
/// question any more.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "What was taken")), responses((status = 200, description = "Confirmed", body = OpenLicenceAcceptanceDetail)))]
#[post("/v1/open-licence-acceptances/{id}/confirm")]
pub async fn confirm_open_licence_payment(
    house: Data<House>,
    call: Call<ConfirmOpenLicencePayment>,
    id: Path<OpenLicenceAcceptanceId>,
) -> Answer {
    let done = take::confirm(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

/// Enter that the patent office put an open licence on record
///
/// By either side, with number and day (许可备案). What is entered again takes the place of what was.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "What was taken")), request_body = NewRecordal, responses((status = 200, description = "Entered", body = OpenLicenceAcceptanceDetail)))]
#[post("/v1/open-licence-acceptances/{id}/recordal")]
pub async fn record_open_licence_recordal(
    house: Data<House>,
    call: Call<RecordOpenLicenceRecordal, Json<NewRecordal>>,
    id: Path<OpenLicenceAcceptanceId>,
) -> Answer {
    let done = take::record_recordal(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Find that an open licence was not paid
///
/// By an officer, with a reason both sides read: what was shown as paid was not. The licence ends with it. What the patentee confirmed is not
/// looked at again.
#[utoipa::path(tag = "open licences", params(("id" = Uuid, Path, description = "What was taken")), request_body = Reason, responses((status = 200, description = "Found", body = OpenLicenceAcceptanceDetail)))]
#[post("/v1/open-licence-acceptances/{id}/refute")]
pub async fn refute_open_licence_payment(
    house: Data<House>,
    call: Call<RefuteOpenLicencePayment, Json<Reason>>,
    id: Path<OpenLicenceAcceptanceId>,
) -> Answer {
    let done = take::refute(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

async fn moved(house: &House, by: &Context, done: Done<open_licence_acceptance::Model>) -> Answer {
    let view = take::told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
