//! Burdens, consents and agreements of owners over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post, put};
use chrono::{DateTime, Utc};
use entity::encumbrances::IntendedDeed;
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{AssetId, BurdenConsentId, BurdenId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::flows;
use super::rules::{NewBurden, NewConsent, NewLifting, NewOwnersAgreement};
use super::views::{DeedFindings, EncumbranceConsentView, EncumbranceView, OwnersAgreementView};
use crate::house::House;
use crate::identity::views::Reason;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page, PageQuery};
use crate::platform::problem::Code;

/// Who enters for the owner, as they enter rights.
const OPERATOR: &[OrgRole] = &[OrgRole::Operator];
const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];

operations! {
    /// Enter a burden.
    RecordEncumbrance = Operation::deed("record_encumbrance", &[Allow::own(OPERATOR)])
        .refuses(&[Code::OrganisationNotVerified, Code::DocumentUnusable]);
    /// List the burdens of a right.
    ListEncumbrances = Operation::question("list_encumbrances", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).with_query();
    /// See a burden.
    SeeEncumbrance = Operation::deed("see_encumbrance", &[Allow::staff(REVIEWER)])
        .second_person("nobody who entered it or has a place with whose right it is")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Lift a burden.
    LiftEncumbrance = Operation::deed("lift_encumbrance", &[Allow::own(OPERATOR)]).refuses(&[
        Code::WrongState,
        Code::OrganisationNotVerified,
        Code::DocumentUnusable,
    ]);
    /// Hand a consent in.
    RecordEncumbranceConsent = Operation::deed("record_encumbrance_consent", &[Allow::own(OPERATOR)])
        .refuses(&[Code::OrganisationNotVerified, Code::DocumentUnusable]);
    /// List the consents of a right.
    ListEncumbranceConsents =
        Operation::question("list_encumbrance_consents", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).with_query();
    /// Take a consent back.
    WithdrawEncumbranceConsent = Operation::deed("withdraw_encumbrance_consent", &[Allow::own(OPERATOR)])
        .refuses(&[Code::WrongState, Code::OrganisationNotVerified]);
    /// Enter what the owners of a right agreed on.
    PutOwnersAgreement = Operation::deed("put_owners_agreement", &[Allow::own(OPERATOR)])
        .on_version_if_sent()
        .refuses(&[Code::OrganisationNotVerified, Code::DocumentUnusable]);
    /// Read what the owners of a right agreed on.
    ReadOwnersAgreement =
        Operation::question("read_owners_agreement", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).with_query();
    /// Ask what stands in the way of a deed.
    ReadDeedFindings = Operation::question("read_deed_findings", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(record_encumbrance)
        .service(list_encumbrances)
        .service(see_encumbrance)
        .service(lift_encumbrance)
        .service(record_encumbrance_consent)
        .service(list_encumbrance_consents)
        .service(withdraw_encumbrance_consent)
        .service(put_owners_agreement)
        .service(read_owners_agreement)
        .service(read_deed_findings);
}

paged! {
    /// Which burdens.
    pub struct EncumbranceQuery {
        /// As they stood at this instant; now if left out.
        pub as_of: Option<DateTime<Utc>>,
    }
}

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOfQuery {
    /// As it stood at this instant; now if left out.
    pub as_of: Option<DateTime<Utc>>,
}

/// Which deed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeedQuery {
    /// What is meant to be done.
    #[param(inline)]
    pub deed: IntendedDeed,
    /// Whether whoever is to have the right is abroad; not if left out.
    pub abroad: Option<bool>,
    /// As things stood at this instant; now if left out.
    pub as_of: Option<DateTime<Utc>>,
}

/// Enter a burden
///
/// On a right of the caller's organisation (权利负担): since when, whose, under which number, and where that was read. An offer that does not
/// declare it is refused. Of a state secret, and of what may not leave the country, nothing is kept but that it is so.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The right")), request_body = NewBurden, responses((status = 201, description = "Entered", body = EncumbranceView)))]
#[post("/v1/assets/{id}/encumbrances")]
pub async fn record_encumbrance(house: Data<House>, call: Call<RecordEncumbrance, Json<NewBurden>>, id: Path<AssetId>) -> Answer {
    let done = flows::record(&house, &call.context, call.permit, *id, call.body.0).await?;
    let done = done.try_map(|held| EncumbranceView::of(held, house.world.now()))?;
    Ok(answer::created(done, false, |view| format!("/v1/assets/{}/encumbrances", view.asset_id), |view| view))
}

/// List the burdens of a right
///
/// As they stood at an instant, last entered first, with those that stand no more: for whose right it is and for officers.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The right"), EncumbranceQuery), responses((status = 200, description = "A page", body = Page<EncumbranceView>)))]
#[get("/v1/assets/{id}/encumbrances")]
pub async fn list_encumbrances(
    house: Data<House>,
    call: Call<ListEncumbrances>,
    id: Path<AssetId>,
    query: Query<EncumbranceQuery>,
) -> Answer {
    let page = query.page();
    let (at, held) = flows::list_burdens(&house, &call.permit, *id, query.as_of, &page).await?;
    let told = held.into_iter().map(|held| EncumbranceView::of(held, at)).collect::<Result<Vec<_>, _>>()?;
    Ok(answer::page(&house, page.page(told, |view| (view.recorded_at, Uuid::from(view.id)), |view| view)?))
}

/// See a burden
///
/// An officer looked at it and its paper; once.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The burden")), responses((status = 200, description = "Seen", body = EncumbranceView)))]
#[post("/v1/encumbrances/{id}/see")]
pub async fn see_encumbrance(house: Data<House>, call: Call<SeeEncumbrance>, id: Path<BurdenId>) -> Answer {
    let done = flows::see(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(done.try_map(|held| EncumbranceView::of(held, house.world.now()))?, |view| view))
}

/// Lift a burden
///
/// With the paper that does so (解除): the order of the court, the cancellation of the pledge, the judgment, the withdrawal. It stays readable.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The burden")), request_body = NewLifting, responses((status = 200, description = "Lifted", body = EncumbranceView)))]
#[post("/v1/encumbrances/{id}/lift")]
pub async fn lift_encumbrance(house: Data<House>, call: Call<LiftEncumbrance, Json<NewLifting>>, id: Path<BurdenId>) -> Answer {
    let done = flows::lift(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(done.try_map(|held| EncumbranceView::of(held, house.world.now()))?, |view| view))
}

/// Hand a consent in
///
/// Of the pledgee, of a co-owner, of who manages the project that paid, or the waiver of a right of pre-emption: for which deeds and how long.
/// What it cures needs no second paper in an offer.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The right")), request_body = NewConsent, responses((status = 201, description = "Handed in", body = EncumbranceConsentView)))]
#[post("/v1/assets/{id}/encumbrance-consents")]
pub async fn record_encumbrance_consent(
    house: Data<House>,
    call: Call<RecordEncumbranceConsent, Json<NewConsent>>,
    id: Path<AssetId>,
) -> Answer {
    let done = flows::record_consent(&house, &call.context, call.permit, *id, call.body.0).await?;
    let done = done.try_map(EncumbranceConsentView::of)?;
    Ok(answer::created(done, false, |view| format!("/v1/assets/{}/encumbrance-consents", view.asset_id), |view| view))
}

/// List the consents of a right
///
/// Last handed in first, with those that were taken back: for whose right it is and for officers.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The right"), PageQuery), responses((status = 200, description = "A page", body = Page<EncumbranceConsentView>)))]
#[get("/v1/assets/{id}/encumbrance-consents")]
pub async fn list_encumbrance_consents(
    house: Data<House>,
    call: Call<ListEncumbranceConsents>,
    id: Path<AssetId>,
    page: Query<PageQuery>,
) -> Answer {
    let rows = flows::list_consents(&house, &call.permit, *id, &page).await?;
    let told = rows.into_iter().map(EncumbranceConsentView::of).collect::<Result<Vec<_>, _>>()?;
    Ok(answer::page(&house, page.page(told, |view| (view.recorded_at, Uuid::from(view.id)), |view| view)?))
}

/// Take a consent back
///
/// With a reason; it cures nothing from then on, and stays readable.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The consent")), request_body = Reason, responses((status = 200, description = "Taken back", body = EncumbranceConsentView)))]
#[post("/v1/encumbrance-consents/{id}/withdraw")]
pub async fn withdraw_encumbrance_consent(
    house: Data<House>,
    call: Call<WithdrawEncumbranceConsent, Json<Reason>>,
    id: Path<BurdenConsentId>,
) -> Answer {
    let done = flows::withdraw_consent(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(done.try_map(EncumbranceConsentView::of)?, |view| view))
}

/// Enter what the owners of a right agreed on
///
/// Who signs which deeds (共有人约定). A version takes the place of the last, which stays; what no clause names is as the law says: a
/// non-exclusive licence any of them may grant, everything else needs all.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The right")), request_body = NewOwnersAgreement, responses((status = 200, description = "Entered", body = OwnersAgreementView)))]
#[put("/v1/assets/{id}/owners-agreement")]
pub async fn put_owners_agreement(
    house: Data<House>,
    call: Call<PutOwnersAgreement, Json<NewOwnersAgreement>>,
    id: Path<AssetId>,
) -> Answer {
    let done = flows::put_agreement(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(done.try_map(OwnersAgreementView::of)?, |view| view))
}

/// Read what the owners of a right agreed on
///
/// Last by an instant, for whose right it is and for officers.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The right"), AsOfQuery), responses((status = 200, description = "What they agreed on", body = OwnersAgreementView)))]
#[get("/v1/assets/{id}/owners-agreement")]
pub async fn read_owners_agreement(
    house: Data<House>,
    call: Call<ReadOwnersAgreement>,
    id: Path<AssetId>,
    query: Query<AsOfQuery>,
) -> Answer {
    let row = flows::read_agreement(&house, &call.permit, *id, query.as_of).await?;
    Ok(answer::found(&OwnersAgreementView::of(row)?))
}

/// Ask what stands in the way of a deed
///
/// Of whoever registered the right: what that is entered stops it, by which rule, what cures that, and what is to be disclosed.
#[utoipa::path(tag = "encumbrances", params(("id" = Uuid, Path, description = "The right"), DeedQuery), responses((status = 200, description = "What was found", body = DeedFindings)))]
#[get("/v1/assets/{id}/deed-findings")]
pub async fn read_deed_findings(house: Data<House>, call: Call<ReadDeedFindings>, id: Path<AssetId>, query: Query<DeedQuery>) -> Answer {
    let asked = (query.deed, query.abroad.unwrap_or(false));
    Ok(answer::listed(&flows::findings(&house, &call.permit, *id, asked, query.as_of).await?))
}
