//! The register of licences over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{AssetId, LicenceGrantId, OrganisationId};
use entity::licences::{LicenceGrantState, licence_grant};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows::{self, Question};
use super::rules::grant::{NewLicence, NewSubLicence, NewTermination};
use super::rules::scope::AskedUse;
use super::store::Wanted;
use super::views::{LicenceDetail, LicenceView, RegisterAnswer};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

/// Who grants for an organisation.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];

operations! {
    /// Enter a licence.
    RecordLicence = Operation::deed("record_licence", &[Allow::own(AUTHORS)]).refuses(&[
        Code::OrganisationNotVerified,
        Code::LicenceConflict,
        Code::AssetHeld,
        Code::DeclarationMissing,
        Code::StatusForbids,
        Code::DocumentUnusable,
    ]);
    /// List licences.
    ListLicences = Operation::question("list_licences", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
    /// Read a licence.
    ReadLicence = Operation::question("read_licence", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead);
    /// Ask the register.
    AskRegister = Operation::question("ask_register", &[Allow::members(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
    /// Grant a licence under a licence.
    GrantSubLicence = Operation::deed("grant_sub_licence", &[Allow::own(AUTHORS)]).refuses(&[
        Code::WrongState,
        Code::OrganisationNotVerified,
        Code::DocumentUnusable,
    ]);
    /// End a licence.
    TerminateLicence = Operation::deed("terminate_licence", &[Allow::own(AUTHORS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::DocumentUnusable]);
    /// Report that a licence is not kept to.
    ReportLicenceBreach =
        Operation::deed("report_licence_breach", &[Allow::party(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(record_licence)
        .service(list_licences)
        .service(read_licence)
        .service(ask_register)
        .service(grant_sub_licence)
        .service(terminate_licence)
        .service(report_licence_breach);
}

impl Thing for licence_grant::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.licensor_id]
    }

    fn parties(&self) -> Vec<OrganisationId> {
        self.grantee_id.into_iter().collect()
    }
}

/// A licence as its holder's, who may grant others under it.
pub struct Holding<'a>(pub &'a licence_grant::Model);

impl Thing for Holding<'_> {
    fn owners(&self) -> Vec<OrganisationId> {
        self.0.grantee_id.into_iter().collect()
    }

    fn parties(&self) -> Vec<OrganisationId> {
        vec![self.0.licensor_id]
    }
}

paged! {
    /// Which licences.
    pub struct LicenceQuery {
        /// Only in this state.
        pub state: Option<LicenceGrantState>,
        /// Only of this right.
        pub asset_id: Option<AssetId>,
    }
}

/// What the register is asked.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RegisterQuery {
    /// Which act: `make`, `use`, `offer`, `sell` or `import`; any where none is said.
    #[param(max_length = 20, example = "make")]
    pub act: Option<String>,
    /// In which field, by its code; any where none is said.
    #[param(max_length = 20, example = "06.01")]
    pub field: Option<String>,
    /// Where, by its division code; anywhere where none is said.
    #[param(max_length = 20, example = "330100")]
    pub territory: Option<String>,
    /// On which day, in Shanghai; today where none is said.
    pub on: Option<NaiveDate>,
    /// As it was known at which instant; now where none is said.
    pub at: Option<DateTime<Utc>>,
}

/// Enter a licence
///
/// That the caller's organisation granted, with its contract (登记许可). It is held against every licence of the same rights that stands: where
/// both would cover something and cannot stand together, it is refused with each that is in its way and what would cure it. A licence for its
/// holder that covers at least as much takes the place of his earlier one, so a trial is turned into a purchase by entering that.
#[utoipa::path(tag = "licences", request_body = NewLicence, responses((status = 201, description = "Entered", body = LicenceDetail)))]
#[post("/v1/licences")]
pub async fn record_licence(house: Data<House>, call: Call<RecordLicence, Json<NewLicence>>) -> Answer {
    let done = flows::enter(&house, &call.context, call.permit, call.body.0).await?;
    entered(&house, &call.context, done).await
}

/// List licences
///
/// Those that the caller's organisation granted or holds; officers see all. Newest first.
#[utoipa::path(tag = "licences", params(LicenceQuery), responses((status = 200, description = "A page", body = Page<LicenceView>)))]
#[get("/v1/licences")]
pub async fn list_licences(house: Data<House>, call: Call<ListLicences>, query: Query<LicenceQuery>) -> Answer {
    let query = query.into_inner();
    let wanted = Wanted { asset_id: query.asset_id, state: query.state, of: call.context.lists_unpublished(None) };
    Ok(answer::page(&house, flows::list(&house, &wanted, &query.page()).await?))
}

/// Read a licence
///
/// For who granted it, who holds it, and officers.
#[utoipa::path(tag = "licences", params(("id" = Uuid, Path, description = "The licence")), responses((status = 200, description = "The licence", body = LicenceDetail)))]
#[get("/v1/licences/{id}")]
pub async fn read_licence(house: Data<House>, call: Call<ReadLicence>, id: Path<LicenceGrantId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Ask the register
///
/// Who may use a right so on a day, as the register stood at an instant: every licence that covers any of that use, and for each kind of
/// licence whether it could still be granted, or what is in its way. Whose a licence is, only its parties and officers are told.
#[utoipa::path(tag = "licences", params(("id" = Uuid, Path, description = "The right"), RegisterQuery), responses((status = 200, description = "The answer", body = RegisterAnswer)))]
#[get("/v1/assets/{id}/licences")]
pub async fn ask_register(house: Data<House>, call: Call<AskRegister>, id: Path<AssetId>, query: Query<RegisterQuery>) -> Answer {
    let RegisterQuery { act, field, territory, on, at } = query.into_inner();
    let question = Question { asked: AskedUse { act, field, territory }, on, at };
    Ok(answer::listed(&flows::ask(&house, &call.context, &call.permit, *id, &question).await?))
}

/// Grant a licence under a licence
///
/// By who holds that, where it allows it (分许可): never wider in any dimension. It ends with the licence it is under, and nobody grants another
/// under it.
#[utoipa::path(tag = "licences", params(("id" = Uuid, Path, description = "The licence it is under")), request_body = NewSubLicence, responses((status = 201, description = "Entered", body = LicenceDetail)))]
#[post("/v1/licences/{id}/sub-licences")]
pub async fn grant_sub_licence(house: Data<House>, call: Call<GrantSubLicence, Json<NewSubLicence>>, id: Path<LicenceGrantId>) -> Answer {
    let done = flows::sub_license(&house, &call.context, call.permit, *id, call.body.0).await?;
    entered(&house, &call.context, done).await
}

/// End a licence
///
/// Before its days are over, by who granted it, with a reason and the paper that shows it (终止许可). Licences under it end with it.
#[utoipa::path(tag = "licences", params(("id" = Uuid, Path, description = "The licence")), request_body = NewTermination, responses((status = 200, description = "Ended", body = LicenceDetail)))]
#[post("/v1/licences/{id}/terminate")]
pub async fn terminate_licence(house: Data<House>, call: Call<TerminateLicence, Json<NewTermination>>, id: Path<LicenceGrantId>) -> Answer {
    let done = flows::terminate(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Report that a licence is not kept to
///
/// By either side, in words that both and officers read: such as that a licensor uses himself what he licensed exclusively. The licence stands
/// as before.
#[utoipa::path(tag = "licences", params(("id" = Uuid, Path, description = "The licence")), request_body = Reason, responses((status = 200, description = "Noted", body = LicenceDetail)))]
#[post("/v1/licences/{id}/breach")]
pub async fn report_licence_breach(house: Data<House>, call: Call<ReportLicenceBreach, Json<Reason>>, id: Path<LicenceGrantId>) -> Answer {
    let done = flows::report_breach(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

async fn entered(house: &House, by: &Context, done: Done<licence_grant::Model>) -> Answer {
    let id = done.value.id;
    let view = flows::told(house, by, &done.value).await?;
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, by.dry_run, |()| format!("/v1/licences/{id}"), |()| view))
}

async fn moved(house: &House, by: &Context, done: Done<licence_grant::Model>) -> Answer {
    let view = flows::told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
