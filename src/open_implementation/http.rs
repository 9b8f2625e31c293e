//! Patents that nobody uses over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post, put};
use chrono::{Datelike, NaiveDate};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{AssetId, OrganisationId};
use entity::open_implementation::open_implementation;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::rules::machine::{NewImplementationClaim, NewImplementationDecision, NewImplementationTerms};
use super::store::Wanted;
use super::views::{OpenImplementationDetail, OpenImplementationView};
use crate::house::{Done, House};
use crate::notices::http::checked;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::{Code, Faults, Problem, YEARS};

/// Who speaks for an owner.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];

operations! {
    /// List patents that nobody uses.
    ListOpenImplementation = Operation::question("list_open_implementation", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
    /// Read a patent that nobody uses.
    ReadOpenImplementation = Operation::question("read_open_implementation", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead);
    /// Say how others may use it.
    SetImplementationTerms = Operation::deed("set_implementation_terms", &[Allow::own(AUTHORS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::OrganisationNotVerified]);
    /// Say why a patent should not be on the list.
    ClaimImplementation = Operation::deed("claim_implementation", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[
        Code::WrongState,
        Code::OrganisationNotVerified,
        Code::DocumentUnusable,
    ]);
    /// Decide whether a patent stays on the list.
    DecideImplementationClaim = Operation::deed("decide_implementation_claim", &[Allow::staff(REVIEWER)])
        .on_version_if_sent()
        .second_person("nobody who said it or has a place with the owner")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_open_implementation)
        .service(read_open_implementation)
        .service(set_implementation_terms)
        .service(claim_implementation)
        .service(decide_implementation_claim);
}

/// A patent as somebody may know of it or not.
#[derive(Clone, Copy, Debug)]
pub struct OnList {
    /// Whose it is.
    pub owner: OrganisationId,
    /// Whether it is on the list, which is public.
    pub is_listed: bool,
}

impl Thing for OnList {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.owner]
    }

    fn is_public(&self) -> bool {
        self.is_listed
    }
}

paged! {
    /// Which patents.
    pub struct OpenImplementationQuery {
        /// Only of owners in this city, or this province, by its division code (GB/T 2260).
        #[param(pattern = "^[0-9]{6}$", example = "330100")]
        pub city: Option<String>,
        /// Only of this technical field of the contract statistics.
        #[param(max_length = 20, example = "06")]
        pub field: Option<String>,
        /// Only those that came onto the list before this day, in Shanghai.
        pub due_before: Option<NaiveDate>,
    }
}

impl OpenImplementationQuery {
    fn wanted(&self) -> Result<Wanted, Problem> {
        checked(self.city.as_ref(), self.field.as_ref())?;
        let in_range = self.due_before.is_none_or(|day| YEARS.contains(&day.year()));
        Faults::new().require(in_range, "#query/due_before", "range", "日期超出范围", "the day is out of range").done()?;
        // The codes of what lies under a city begin with the digits of its own.
        let division =
            self.city.as_ref().map(|code| code.strip_suffix("0000").or_else(|| code.strip_suffix("00")).unwrap_or(code).to_owned());
        Ok(Wanted { division, field: self.field.clone() })
    }
}

/// List patents that nobody uses
///
/// That public money paid for, of universities and research institutes of the state, so many years after their grant (专利公开实施清单,
/// `open_implementation_after`): which nobody was licensed or bought, and of which no officer found that they are used or that there is a good
/// reason. With how others may use them and what that costs, once their owners said so.
#[utoipa::path(tag = "open implementation", params(OpenImplementationQuery), responses((status = 200, description = "A page", body = Page<OpenImplementationView>)))]
#[get("/v1/open-implementation")]
pub async fn list_open_implementation(
    house: Data<House>,
    _call: Call<ListOpenImplementation>,
    query: Query<OpenImplementationQuery>,
) -> Answer {
    let query = query.into_inner();
    Ok(answer::page(&house, flows::list(&house, &query.wanted()?, query.due_before, &query.page()).await?))
}

/// Read a patent that nobody uses
///
/// Public while it is on the list; for its owner and officers before that and after.
#[utoipa::path(tag = "open implementation", params(("id" = Uuid, Path, description = "The patent")), responses((status = 200, description = "The patent", body = OpenImplementationDetail)))]
#[get("/v1/open-implementation/{id}")]
pub async fn read_open_implementation(house: Data<House>, call: Call<ReadOpenImplementation>, id: Path<AssetId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Say how others may use it
///
/// By its owner: the method, and the fee (公开实施方式、许可使用费). What is said again takes the place of what was.
#[utoipa::path(tag = "open implementation", params(("id" = Uuid, Path, description = "The patent")), request_body = NewImplementationTerms, responses((status = 200, description = "Said", body = OpenImplementationDetail)))]
#[put("/v1/open-implementation/{id}")]
pub async fn set_implementation_terms(
    house: Data<House>,
    call: Call<SetImplementationTerms, Json<NewImplementationTerms>>,
    id: Path<AssetId>,
) -> Answer {
    let done = flows::set_terms(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Say why a patent should not be on the list
///
/// By its owner: it uses the patent itself (自行实施), or has a good reason that nobody does (正当理由), with the paper that shows it. It stays on
/// the list until an officer decides.
#[utoipa::path(tag = "open implementation", params(("id" = Uuid, Path, description = "The patent")), request_body = NewImplementationClaim, responses((status = 200, description = "Said", body = OpenImplementationDetail)))]
#[post("/v1/open-implementation/{id}/claim")]
pub async fn claim_implementation(
    house: Data<House>,
    call: Call<ClaimImplementation, Json<NewImplementationClaim>>,
    id: Path<AssetId>,
) -> Answer {
    let done = flows::claim(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Decide whether a patent stays on the list
///
/// By an officer, with a reason the owner reads: where what the owner says holds, it is on the list no more; else it stays, and its owner may say
/// something else.
#[utoipa::path(tag = "open implementation", params(("id" = Uuid, Path, description = "The patent")), request_body = NewImplementationDecision, responses((status = 200, description = "Decided", body = OpenImplementationDetail)))]
#[post("/v1/open-implementation/{id}/decide")]
pub async fn decide_implementation_claim(
    house: Data<House>,
    call: Call<DecideImplementationClaim, Json<NewImplementationDecision>>,
    id: Path<AssetId>,
) -> Answer {
    let done = flows::decide(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

async fn moved(house: &House, by: &Context, done: Done<open_implementation::Model>) -> Answer {
    let Done { value, replayed } = done;
    let view = flows::told(house, by, value).await?;
    Ok(answer::done(Done { value: (), replayed }, |()| view))
}
