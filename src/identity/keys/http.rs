//! Keys over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get, post};
use entity::identity::{OrgRole, StaffRole, api_key};
use entity::ids::{ApiKeyId, OrganisationId, PersonId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows::{self, Told};
use super::views::{ApiKeyQuery, ApiKeyRotation, ApiKeyView, KeyCallQuery, KeyCallView, NewApiKey, NewlyMadeKey};
use crate::house::House;
use crate::identity::views::Reason;
use crate::operations;
use crate::platform::access::{Allow, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

const OWNER: &[OrgRole] = &[OrgRole::Owner];
const SECURITY: &[StaffRole] = &[StaffRole::SecurityAdmin];
const OVERSEERS: &[StaffRole] = &[StaffRole::SecurityAdmin, StaffRole::Auditor, StaffRole::Supervisor];

operations! {
    /// Make a key.
    CreateApiKey = Operation::deed("create_api_key", &[Allow::members(OrgRole::ALL)])
        .with_step_up()
        .refuses(&[Code::TooManyKeys, Code::SecretAlreadyShown]);
    /// List keys.
    ListApiKeys = Operation::question("list_api_keys", &[Allow::members(OrgRole::ALL), Allow::staff(OVERSEERS)]).with_query();
    /// Read a key.
    ReadApiKey = Operation::question("read_api_key", &[Allow::own_self(OrgRole::ALL), Allow::own(OWNER), Allow::staff(OVERSEERS)]);
    /// Which key am I?
    ReadCurrentKey = Operation::question("read_current_key", &[Allow::SELF]).for_any_key().refuses(&[Code::WrongState]);
    /// Rotate a key.
    RotateApiKey = Operation::deed("rotate_api_key", &[Allow::own_self(OrgRole::ALL)])
        .with_step_up()
        .refuses(&[Code::WrongState, Code::TooManyKeys, Code::SecretAlreadyShown]);
    /// Revoke a key.
    RevokeApiKey = Operation::deed("revoke_api_key", &[Allow::own_self(OrgRole::ALL), Allow::own(OWNER), Allow::staff(SECURITY)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState]);
    /// List the calls made with a key.
    ListKeyCalls = Operation::question("list_key_calls", &[Allow::own_self(OrgRole::ALL), Allow::own(OWNER), Allow::staff(OVERSEERS)]).with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_api_key)
        .service(list_api_keys)
        .service(read_current_key)
        .service(read_api_key)
        .service(rotate_api_key)
        .service(revoke_api_key)
        .service(list_key_calls);
}

impl Thing for api_key::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
    fn person(&self) -> Option<PersonId> {
        Some(self.person_id)
    }
}

/// A key's text is told once, and no cache keeps it.
fn told(house: &House, told: Told) -> HttpResponse {
    let place = format!("/v1/api-keys/{}", told.key.id);
    let made = NewlyMadeKey { key: ApiKeyView::at(told.key, house.world.real_now()), secret: told.secret };
    answer::told_once(&place, &made)
}

/// Make a key
///
/// For a program that acts for the caller in the organisation he acts for (API 密钥). It may do what its scopes
/// say and its owner may do at that moment, and nothing that needs a second factor. Its text is told this once;
/// it is sent as `Authorization: Bearer zpk_…`, never in an address.
#[utoipa::path(tag = "api keys", request_body = NewApiKey, responses((status = 201, description = "Made", body = NewlyMadeKey)))]
#[post("/v1/api-keys")]
pub async fn create_api_key(house: Data<House>, call: Call<CreateApiKey, Json<NewApiKey>>) -> Answer {
    let made = flows::create(&house, &call.context, call.body.0.wanted()?).await?;
    Ok(told(&house, made))
}

/// List keys
///
/// One's own, an owner's organisation's, for officers all; newest first.
#[utoipa::path(tag = "api keys", params(ApiKeyQuery), responses((status = 200, description = "A page", body = Page<ApiKeyView>)))]
#[get("/v1/api-keys")]
pub async fn list_api_keys(house: Data<House>, call: Call<ListApiKeys>, query: Query<ApiKeyQuery>) -> Answer {
    let (filter, page) = query.into_inner().parts();
    let found = flows::list(&house, &call.context, filter, &page).await?;
    let now = house.world.real_now();
    Ok(answer::page(&house, page.page(found, |key| (key.created_at, key.id.0), |key| ApiKeyView::at(key, now))?))
}

/// Which key am I?
///
/// The key the call is made with: whom it acts for, in which organisation, and what it is for. Called without
/// one there is none.
#[utoipa::path(tag = "api keys", responses((status = 200, description = "The key", body = ApiKeyView)))]
#[get("/v1/api-keys/current")]
pub async fn read_current_key(house: Data<House>, call: Call<ReadCurrentKey>) -> Answer {
    Ok(answer::found(&flows::current(&house, &call.context).await?))
}

/// Read a key
///
/// With when it was last used, and from where; its text is told to nobody. What is told to its own organisation alone (see the list of
/// calls) is not a use to others.
#[utoipa::path(tag = "api keys", params(("id" = Uuid, Path, description = "The key")), responses((status = 200, description = "The key", body = ApiKeyView)))]
#[get("/v1/api-keys/{id}")]
pub async fn read_api_key(house: Data<House>, call: Call<ReadApiKey>, id: Path<ApiKeyId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, call.permit, *id).await?))
}

/// Rotate a key
///
/// Gives another key with the same powers; the old one is good for a day longer, so that programs can be
/// changed one after the other, or not at all if it is to end at once.
#[utoipa::path(tag = "api keys", params(("id" = Uuid, Path, description = "The key")), request_body = ApiKeyRotation, responses((status = 201, description = "The next key", body = NewlyMadeKey)))]
#[post("/v1/api-keys/{id}/rotate")]
pub async fn rotate_api_key(house: Data<House>, call: Call<RotateApiKey, Json<ApiKeyRotation>>, id: Path<ApiKeyId>) -> Answer {
    let next = flows::rotate(&house, &call.context, call.permit, *id, call.body.0.at_once).await?;
    Ok(told(&house, next))
}

/// Revoke a key
///
/// It is good for nothing from the next call on; feeds opened with it end within a second.
#[utoipa::path(tag = "api keys", params(("id" = Uuid, Path, description = "The key")), request_body = Reason, responses((status = 200, description = "Revoked", body = ApiKeyView)))]
#[post("/v1/api-keys/{id}/revoke")]
pub async fn revoke_api_key(house: Data<House>, call: Call<RevokeApiKey, Json<Reason>>, id: Path<ApiKeyId>) -> Answer {
    let done = flows::revoke(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    let now = house.world.real_now();
    Ok(answer::done(done, |key| ApiKeyView::at(key, now)))
}

/// List the calls made with a key
///
/// Newest first (调用记录), those refused included, also with a key that was no longer good: all of them, or only those
/// with an outcome, a status or of an operation, from an instant on or before one. A call shows within two seconds and
/// is kept for thirty days. Calls by which something is sealed, or what was sealed is read, are told to the key's own
/// organisation alone.
#[utoipa::path(tag = "api keys", params(("id" = Uuid, Path, description = "The key"), KeyCallQuery), responses((status = 200, description = "A page", body = Page<KeyCallView>)))]
#[get("/v1/api-keys/{id}/calls")]
pub async fn list_key_calls(house: Data<House>, call: Call<ListKeyCalls>, id: Path<ApiKeyId>, query: Query<KeyCallQuery>) -> Answer {
    let (asked, page) = query.into_inner().parts()?;
    let found = flows::calls(&house, &call.context, call.permit, *id, asked, &page).await?;
    Ok(answer::page(&house, page.page(found, |call| (call.made_at, call.id.0), KeyCallView::from)?))
}
