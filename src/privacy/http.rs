//! Personal data over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::identity::StaffRole;
use entity::ids::PersonId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::views::{ClosedAccount, DataKeyView, DataKeys, DataRequestQuery, DataRequestView, PersonalData, Purge, Purged, Retention};
use crate::house::House;
use crate::identity::views::{PasswordProof, Reason};
use crate::operations;
use crate::platform::access::{Allow, Class, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

const SECURITY: &[StaffRole] = &[StaffRole::SecurityAdmin];
const OVERSEERS: &[StaffRole] = &[StaffRole::SecurityAdmin, StaffRole::Auditor, StaffRole::Supervisor];

operations! {
    /// Read all that is held of oneself.
    ExportMyData = Operation::question("export_my_data", &[Allow::SELF]).counted_as(Class::Export);
    /// Close one's account.
    CloseMyAccount = Operation::plain_deed("close_my_account", &[Allow::SELF]).counted_as(Class::Long)
        .refuses(&[Code::CredentialsWrong, Code::AccountNeeded, Code::TooManyAttempts]);
    /// Hand out all that is held of a person.
    ExportPersonalData = Operation::deed("export_personal_data", &[Allow::staff(SECURITY)]).with_step_up();
    /// List what officers did at people's requests with their personal data.
    ListDataRequests = Operation::question("list_data_requests", &[Allow::staff(OVERSEERS)]).with_query();
    /// Close somebody's account.
    ClosePerson = Operation::deed("close_person", &[Allow::staff(SECURITY)])
        .with_step_up()
        .refuses(&[Code::SamePerson, Code::WrongState, Code::AccountNeeded]);
    /// List the keys personal data is sealed under.
    ListDataKeys = Operation::question("list_data_keys", &[Allow::staff(OVERSEERS)]);
    /// Rotate the key personal data is sealed under.
    RotateDataKey = Operation::deed("rotate_data_key", &[Allow::staff(SECURITY)]).with_step_up().refuses(&[Code::WrongState]);
    /// List how long records are kept.
    ListRetention = Operation::question("list_retention", &[Allow::staff(OVERSEERS)]);
    /// Purge records whose time is over.
    PurgeRecords = Operation::plain_deed("purge_records", &[Allow::staff(SECURITY)]).counted_as(Class::Long)
        .with_step_up()
        .refuses(&[Code::RetentionRuns, Code::WrongState]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(export_my_data)
        .service(close_my_account)
        .service(export_personal_data)
        .service(close_person)
        .service(list_data_requests)
        .service(list_data_keys)
        .service(rotate_data_key)
        .service(list_retention)
        .service(purge_records);
}

/// Read all that is held of oneself
///
/// A copy of one's personal data (个人信息查阅、复制): account, places, sessions, keys, bids,
/// signatures and what one did.
#[utoipa::path(tag = "privacy", responses((status = 200, description = "What is held", body = PersonalData)))]
#[get("/v1/me/data")]
pub async fn export_my_data(house: Data<House>, call: Call<ExportMyData>) -> Answer {
    Ok(answer::found(&flows::tell(&house, &call.context).await?))
}

/// Close one's account
///
/// For good (账号注销). Sessions, keys and memberships end at once. Name and address go at once too, or, where the law
/// asks for records of what one did, when it no longer does: `forget_at`. Whoever holds a staff place or is an
/// organisation's only owner hands that over first.
#[utoipa::path(tag = "privacy", request_body = PasswordProof, responses((status = 200, description = "Closed", body = ClosedAccount)))]
#[post("/v1/me/close")]
pub async fn close_my_account(house: Data<House>, call: Call<CloseMyAccount, Json<PasswordProof>>) -> Answer {
    let done = flows::close_own(&house, &call.context, &call.body.0.password).await?;
    Ok(answer::done(done, ClosedAccount::from))
}

/// Hand out all that is held of a person
///
/// At his request, which the reason names; that it was done stays in the audit trail.
#[utoipa::path(tag = "privacy", params(("id" = Uuid, Path, description = "The person")), request_body = Reason, responses((status = 200, description = "What is held", body = PersonalData)))]
#[post("/v1/persons/{id}/export")]
pub async fn export_personal_data(house: Data<House>, call: Call<ExportPersonalData, Json<Reason>>, id: Path<PersonId>) -> Answer {
    let done = flows::tell_of(&house, &call.context, *id, call.body.0.reason).await?;
    Ok(answer::done(done, |told| told))
}

/// List what officers did at people's requests with their personal data
///
/// Copies handed out and accounts closed, with the request each was done for; newest first.
#[utoipa::path(tag = "privacy", params(DataRequestQuery), responses((status = 200, description = "A page", body = Page<DataRequestView>)))]
#[get("/v1/data-requests")]
pub async fn list_data_requests(house: Data<House>, _call: Call<ListDataRequests>, query: Query<DataRequestQuery>) -> Answer {
    let (person, page) = query.into_inner().parts();
    Ok(answer::page(&house, flows::requests::list(&house, person, &page).await?))
}

/// Close somebody's account
///
/// At his request, which the reason names, as `close_my_account` does.
#[utoipa::path(tag = "privacy", params(("id" = Uuid, Path, description = "The person")), request_body = Reason, responses((status = 200, description = "Closed", body = ClosedAccount)))]
#[post("/v1/persons/{id}/close")]
pub async fn close_person(house: Data<House>, call: Call<ClosePerson, Json<Reason>>, id: Path<PersonId>) -> Answer {
    let done = flows::close(&house, &call.context, *id, call.body.0.reason).await?;
    Ok(answer::done(done, ClosedAccount::from))
}

/// List the keys personal data is sealed under
///
/// And how much is still sealed under those before the newest.
#[utoipa::path(tag = "privacy", responses((status = 200, description = "The keys", body = DataKeys)))]
#[get("/v1/data-keys")]
pub async fn list_data_keys(house: Data<House>, _call: Call<ListDataKeys>) -> Answer {
    let (keys, waiting) = flows::data_keys::list(&house).await?;
    Ok(answer::listed(&DataKeys { keys: keys.into_iter().map(DataKeyView::from).collect(), waiting }))
}

/// Rotate the key personal data is sealed under
///
/// The next key seals in a few seconds; then all is sealed anew while the market goes on, and the keys before it are destroyed.
#[utoipa::path(tag = "privacy", responses((status = 201, description = "The next key", body = DataKeyView)))]
#[post("/v1/data-keys/rotate")]
pub async fn rotate_data_key(house: Data<House>, call: Call<RotateDataKey>) -> Answer {
    let done = flows::data_keys::rotate(&house, &call.context).await?;
    Ok(answer::created(done, false, |_| "/v1/data-keys".into(), DataKeyView::from))
}

/// List how long records are kept
///
/// Each kind with its rule, how it goes (保存期与清除), and what the caller may do to it now.
#[utoipa::path(tag = "privacy", responses((status = 200, description = "The kinds", body = Retention)))]
#[get("/v1/retention")]
pub async fn list_retention(house: Data<House>, call: Call<ListRetention>) -> Answer {
    Ok(answer::listed(&Retention { classes: flows::list_retention(&house, &call.context)? }))
}

/// Purge records whose time is over
///
/// Of a kind that is purged by officers, what is from before an instant. Refused while the retention of any of it still runs.
#[utoipa::path(tag = "privacy", params(("class" = String, Path, description = "The kind", max_length = 40)), request_body = Purge, responses((status = 200, description = "Purged", body = Purged)))]
#[post("/v1/retention/{class}/purge")]
pub async fn purge_records(house: Data<House>, call: Call<PurgeRecords, Json<Purge>>, class: Path<String>) -> Answer {
    let done = flows::purge(&house, &call.context, &class, entity::micros(call.body.0.before)).await?;
    Ok(answer::done(done, |rows| Purged { rows }))
}
