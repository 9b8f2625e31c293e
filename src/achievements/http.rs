//! Achievements, assets and their legal status over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, patch, post};
use entity::achievements::{achievement, asset};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{AchievementId, AssetId, OrganisationId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{AchievementView, AchievementWithAssetsView, AssetView, LegalStatusView};
use super::{flows, rules};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page, PageQuery};
use crate::platform::problem::Code;

const EVERY_ROLE: &[OrgRole] = OrgRole::ALL;
const OPERATOR: &[OrgRole] = &[OrgRole::Operator];
const EVERY_STAFF: &[StaffRole] = StaffRole::ALL;
const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];

operations! {
    /// Register an achievement.
    CreateAchievement = Operation::deed("create_achievement", &[Allow::members(OPERATOR)])
        .for_keys(KeyScope::ListingsWrite)
        .refuses(&[Code::OrganisationNotVerified, Code::DeclarationMissing]);
    /// List achievements.
    ListAchievements = Operation::question("list_achievements", &[Allow::own(EVERY_ROLE), Allow::staff(EVERY_STAFF)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
    /// Read an achievement.
    ReadAchievement = Operation::question("read_achievement", &[Allow::own(EVERY_ROLE), Allow::staff(EVERY_STAFF)])
        .for_keys(KeyScope::ListingsRead);
    /// Change an achievement.
    AmendAchievement = Operation::deed("amend_achievement", &[Allow::own(OPERATOR)])
        .for_keys(KeyScope::ListingsWrite)
        .on_version()
        .refuses(&[Code::OrganisationNotVerified, Code::DeclarationMissing]);
    /// Add a right to an achievement.
    AddAsset = Operation::deed("add_asset", &[Allow::own(OPERATOR)])
        .for_keys(KeyScope::ListingsWrite)
        .refuses(&[Code::OrganisationNotVerified, Code::IdentifierInvalid, Code::IdentifierTaken, Code::DocumentUnusable]);
    /// Read a right.
    ReadAsset = Operation::question("read_asset", &[Allow::own(EVERY_ROLE), Allow::staff(EVERY_STAFF)]).for_keys(KeyScope::ListingsRead);
    /// Change a right.
    AmendAsset = Operation::deed("amend_asset", &[Allow::own(OPERATOR)]).for_keys(KeyScope::ListingsWrite).on_version().refuses(&[
        Code::OrganisationNotVerified,
        Code::AssetInUse,
        Code::IdentifierInvalid,
        Code::IdentifierTaken,
        Code::DocumentUnusable,
    ]);
    /// Record the legal status of a right.
    RecordLegalStatus = Operation::deed("record_legal_status", &[Allow::own(OPERATOR), Allow::staff(REVIEWER)])
        .for_keys(KeyScope::ListingsWrite)
        .refuses(&[Code::OrganisationNotVerified, Code::DocumentUnusable]);
    /// List the readings of a right's legal status.
    ListLegalStatuses = Operation::question("list_legal_statuses", &[Allow::own(EVERY_ROLE), Allow::staff(EVERY_STAFF)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_achievement)
        .service(list_achievements)
        .service(read_achievement)
        .service(amend_achievement)
        .service(add_asset)
        .service(read_asset)
        .service(amend_asset)
        .service(record_legal_status)
        .service(list_legal_statuses);
}

impl Thing for achievement::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

impl Thing for asset::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

/// Register an achievement
///
/// What an organisation has to offer (科技成果), described on its public level: what it does, never how.
#[utoipa::path(tag = "achievements", request_body = rules::NewAchievement, responses((status = 201, description = "Registered", body = AchievementView)))]
#[post("/v1/achievements")]
pub async fn create_achievement(house: Data<House>, call: Call<CreateAchievement, Json<rules::NewAchievement>>) -> Answer {
    let done = flows::create_achievement(&house, &call.context, &call.permit, call.body.0).await?;
    Ok(answer::created(done, false, |row| format!("/v1/achievements/{}", row.id), AchievementView::from))
}

/// List achievements
///
/// Those of the organisation acted for; officers see all. Newest first.
#[utoipa::path(tag = "achievements", params(PageQuery), responses((status = 200, description = "A page", body = Page<AchievementView>)))]
#[get("/v1/achievements")]
pub async fn list_achievements(house: Data<House>, call: Call<ListAchievements>, page: Query<PageQuery>) -> Answer {
    let rows = flows::list_achievements(&house, &call.context, &call.permit, &page).await?;
    Ok(answer::page(&house, page.page(rows, |row| (row.created_at, row.id.into()), AchievementView::from)?))
}

/// Read an achievement
///
/// With the rights in it and what the caller may do to it now, for its organisation and for officers.
#[utoipa::path(tag = "achievements", params(("id" = Uuid, Path, description = "The achievement")), responses((status = 200, description = "The achievement", body = AchievementWithAssetsView)))]
#[get("/v1/achievements/{id}")]
pub async fn read_achievement(house: Data<House>, call: Call<ReadAchievement>, id: Path<AchievementId>) -> Answer {
    Ok(answer::found(&flows::read_achievement(&house, &call.context, &call.permit, *id).await?))
}

/// Change an achievement
///
/// Fields left out stay as they are. What a listing has published does not change with it.
#[utoipa::path(tag = "achievements", params(("id" = Uuid, Path, description = "The achievement")), request_body = rules::AmendAchievement, responses((status = 200, description = "Changed", body = AchievementView)))]
#[patch("/v1/achievements/{id}")]
pub async fn amend_achievement(
    house: Data<House>,
    call: Call<AmendAchievement, Json<rules::AmendAchievement>>,
    id: Path<AchievementId>,
) -> Answer {
    let done = flows::amend_achievement(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(done, AchievementView::from))
}

/// Add a right to an achievement
///
/// The number (申请号, 登记号) is read by the rule of its registry and stands once in the whole market.
#[utoipa::path(tag = "achievements", params(("id" = Uuid, Path, description = "The achievement")), request_body = rules::NewAsset, responses((status = 201, description = "Added", body = AssetView)))]
#[post("/v1/achievements/{id}/assets")]
pub async fn add_asset(house: Data<House>, call: Call<AddAsset, Json<rules::NewAsset>>, id: Path<AchievementId>) -> Answer {
    let done = flows::add_asset(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::created(done, false, |facts| format!("/v1/assets/{}", facts.asset.id), AssetView::from))
}

/// Read a right
///
/// With its owners, its term, its latest legal status and what the caller may do to it now, for its organisation and
/// for officers.
#[utoipa::path(tag = "achievements", params(("id" = Uuid, Path, description = "The right")), responses((status = 200, description = "The right", body = AssetView)))]
#[get("/v1/assets/{id}")]
pub async fn read_asset(house: Data<House>, call: Call<ReadAsset>, id: Path<AssetId>) -> Answer {
    Ok(answer::found(&flows::read_asset(&house, &call.context, &call.permit, *id).await?))
}

/// Change a right
///
/// Fields left out stay as they are. A right that is under review or on offer cannot be changed.
#[utoipa::path(tag = "achievements", params(("id" = Uuid, Path, description = "The right")), request_body = rules::AmendAsset, responses((status = 200, description = "Changed", body = AssetView)))]
#[patch("/v1/assets/{id}")]
pub async fn amend_asset(house: Data<House>, call: Call<AmendAsset, Json<rules::AmendAsset>>, id: Path<AssetId>) -> Answer {
    let done = flows::amend_asset(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(done, AssetView::from))
}

/// Record the legal status of a right
///
/// What a source said of it at an instant (法律状态); earlier readings stay, the one of the latest instant counts.
#[utoipa::path(tag = "achievements", params(("id" = Uuid, Path, description = "The right")), request_body = rules::NewLegalStatus, responses((status = 201, description = "Recorded", body = LegalStatusView)))]
#[post("/v1/assets/{id}/legal-statuses")]
pub async fn record_legal_status(
    house: Data<House>,
    call: Call<RecordLegalStatus, Json<rules::NewLegalStatus>>,
    id: Path<AssetId>,
) -> Answer {
    let done = flows::record_status(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::created(done, false, |row| format!("/v1/assets/{}/legal-statuses", row.asset_id), LegalStatusView::from))
}

/// List the readings of a right's legal status
///
/// Last recorded first, for its organisation and for officers.
#[utoipa::path(tag = "achievements", params(("id" = Uuid, Path, description = "The right"), PageQuery), responses((status = 200, description = "A page", body = Page<LegalStatusView>)))]
#[get("/v1/assets/{id}/legal-statuses")]
pub async fn list_legal_statuses(house: Data<House>, call: Call<ListLegalStatuses>, id: Path<AssetId>, page: Query<PageQuery>) -> Answer {
    let rows = flows::list_statuses(&house, &call.permit, *id, &page).await?;
    Ok(answer::page(&house, page.page(rows, |row| (row.recorded_at, row.id.into()), LegalStatusView::from)?))
}
