//! Grants of rights over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{OrganisationId, RightsGrantId};
use entity::rights_grants::{RightsGrantState, rights_grant};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::rules::terms::NewRegisterEntry;
use super::store::Wanted;
use super::views::{GrantAgreement, GrantDecision, NewRightsGrant, RightsGrantDetail, RightsGrantView};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::notices::rules::both_places::NewUnitNotice;
use crate::notices::views::NewPublication;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

/// Who proposes a grant for a unit, and sees it through.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
/// Who decides for the unit, and signs for it.
const DECIDERS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Signatory];
const PUBLISHER: &[StaffRole] = &[StaffRole::Publisher];
/// Which officers end one.
const KEEPERS: &[StaffRole] = &[StaffRole::Reviewer, StaffRole::Publisher];

operations! {
    /// Propose a grant of rights.
    ProposeRightsGrant = Operation::deed("propose_rights_grant", &[Allow::own(AUTHORS)]).refuses(&[
        Code::OrganisationNotVerified,
        Code::DeclarationMissing,
        Code::MechanismNotAllowed,
        Code::OutsideRule,
    ]);
    /// List grants of rights.
    ListRightsGrants = Operation::question("list_rights_grants", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
    /// Read a grant of rights.
    ReadRightsGrant = Operation::question("read_rights_grant", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead);
    /// Decide for the unit on a grant of rights.
    DecideRightsGrant = Operation::deed("decide_rights_grant", &[Allow::own(DECIDERS)])
        .on_version_if_sent()
        .second_person("nobody who proposed it, where the rules want so")
        .refuses(&[
            Code::WrongState,
            Code::SamePerson,
            Code::OrganisationNotVerified,
            Code::OutsideRule,
            Code::DocumentUnusable,
            Code::DeclarationMissing,
            Code::AssetHeld,
            Code::LicenceConflict,
            Code::ListingNotReady,
            Code::StatusForbids,
        ]);
    /// Publish the notice of a grant of rights.
    PublishRightsGrant = Operation::deed("publish_rights_grant", &[Allow::staff(PUBLISHER)])
        .on_version_if_sent()
        .second_person("nobody who proposed it, decided it or has a place with the unit")
        .refuses(&[
            Code::WrongState,
            Code::SamePerson,
            Code::ConflictOfInterest,
            Code::OrganisationNotVerified,
            Code::ListingNotReady,
            Code::StatusForbids,
        ]);
    /// Show that the unit's own notice of a grant stands.
    ShowRightsGrantNotice = Operation::deed("show_rights_grant_notice", &[Allow::own(AUTHORS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::DocumentUnusable]);
    /// File the agreement of a grant of rights.
    AgreeRightsGrant = Operation::deed("agree_rights_grant", &[Allow::own(DECIDERS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::NoticeNotOver, Code::DocumentUnusable]);
    /// Enter what the register shows of a granted share.
    RegisterRightsGrant = Operation::deed("register_rights_grant", &[Allow::own(AUTHORS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Withdraw a grant of rights.
    WithdrawRightsGrant = Operation::deed("withdraw_rights_grant", &[Allow::own(AUTHORS), Allow::staff(KEEPERS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::ConflictOfInterest]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(propose_rights_grant)
        .service(list_rights_grants)
        .service(read_rights_grant)
        .service(decide_rights_grant)
        .service(publish_rights_grant)
        .service(show_rights_grant_notice)
        .service(agree_rights_grant)
        .service(register_rights_grant)
        .service(withdraw_rights_grant);
}

impl Thing for rights_grant::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

paged! {
    /// Which grants of rights.
    pub struct RightsGrantQuery {
        /// Only in this state.
        pub state: Option<RightsGrantState>,
    }
}

/// Propose a grant of rights
///
/// By a state body (高校、科研院所), to completers of an achievement of its own (赋权): a share of the ownership, or a right to use it for no
/// shorter than the rule `rights_grant_least_use` says. Not of what is secret or in dispute, nor where somebody else has a right.
#[utoipa::path(tag = "rights grants", request_body = NewRightsGrant, responses((status = 201, description = "Proposed", body = RightsGrantDetail)))]
#[post("/v1/rights-grants")]
pub async fn propose_rights_grant(house: Data<House>, call: Call<ProposeRightsGrant, Json<NewRightsGrant>>) -> Answer {
    let done = flows::propose(&house, &call.context, call.permit, call.body.0).await?;
    let id = done.value.id;
    let view = flows::told(&house, &call.context, &done.value).await?;
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/rights-grants/{id}"), |()| view))
}

/// List grants of rights
///
/// Those of the caller's organisation, newest first; all of them for officers.
#[utoipa::path(tag = "rights grants", params(RightsGrantQuery), responses((status = 200, description = "A page", body = Page<RightsGrantView>)))]
#[get("/v1/rights-grants")]
pub async fn list_rights_grants(house: Data<House>, call: Call<ListRightsGrants>, query: Query<RightsGrantQuery>) -> Answer {
    let query = query.into_inner();
    let wanted = Wanted { organisation: None, state: query.state };
    Ok(answer::page(&house, flows::list(&house, &call.context, wanted, &query.page()).await?))
}

/// Read a grant of rights
///
/// For the unit and for officers: what is granted to whom, what is waited for, and what the caller may do. The public reads its notice.
#[utoipa::path(tag = "rights grants", params(("id" = Uuid, Path, description = "The grant")), responses((status = 200, description = "The grant", body = RightsGrantDetail)))]
#[get("/v1/rights-grants/{id}")]
pub async fn read_rights_grant(house: Data<House>, call: Call<ReadRightsGrant>, id: Path<RightsGrantId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Decide for the unit on a grant of rights
///
/// By somebody else than who proposed it, with the document that says so (单位决策). The text of the notice is drawn up from the facts and
/// frozen for whoever publishes it. From now on until the grant is effective nobody else is offered the rights alone.
#[utoipa::path(tag = "rights grants", params(("id" = Uuid, Path, description = "The grant")), request_body = GrantDecision, responses((status = 200, description = "Decided", body = RightsGrantDetail)))]
#[post("/v1/rights-grants/{id}/decide")]
pub async fn decide_rights_grant(
    house: Data<House>,
    call: Call<DecideRightsGrant, Json<GrantDecision>>,
    id: Path<RightsGrantId>,
) -> Answer {
    let done = flows::decide(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Publish the notice of a grant of rights
///
/// By an officer who read its text, and names its hash (赋权公示). It runs for the period of the rule `rights_grant_notice_period`; anybody
/// may object.
#[utoipa::path(tag = "rights grants", params(("id" = Uuid, Path, description = "The grant")), request_body = NewPublication, responses((status = 200, description = "Published", body = RightsGrantDetail)))]
#[post("/v1/rights-grants/{id}/publish")]
pub async fn publish_rights_grant(
    house: Data<House>,
    call: Call<PublishRightsGrant, Json<NewPublication>>,
    id: Path<RightsGrantId>,
) -> Answer {
    let done = flows::publish(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Show that the unit's own notice of a grant stands
///
/// Where and since when, with a file that shows it (本单位公示). It has to stand for as long as the platform's own. What is shown again takes
/// the place of what was.
#[utoipa::path(tag = "rights grants", params(("id" = Uuid, Path, description = "The grant")), request_body = NewUnitNotice, responses((status = 200, description = "Shown", body = RightsGrantDetail)))]
#[post("/v1/rights-grants/{id}/unit-notice")]
pub async fn show_rights_grant_notice(
    house: Data<House>,
    call: Call<ShowRightsGrantNotice, Json<NewUnitNotice>>,
    id: Path<RightsGrantId>,
) -> Answer {
    let done = flows::show_notice(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// File the agreement of a grant of rights
///
/// The signed agreement with the team (赋权协议), once the notice is over in both places and no objection is open. A right to use is effective
/// from then on, a share once the register shows it.
#[utoipa::path(tag = "rights grants", params(("id" = Uuid, Path, description = "The grant")), request_body = GrantAgreement, responses((status = 200, description = "Filed", body = RightsGrantDetail)))]
#[post("/v1/rights-grants/{id}/agree")]
pub async fn agree_rights_grant(house: Data<House>, call: Call<AgreeRightsGrant, Json<GrantAgreement>>, id: Path<RightsGrantId>) -> Answer {
    let done = flows::agree(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Enter what the register shows of a granted share
///
/// The day from which it shows the co-ownership, and the number of the document in which it says so (共有登记). From then on the share is
/// effective.
#[utoipa::path(tag = "rights grants", params(("id" = Uuid, Path, description = "The grant")), request_body = NewRegisterEntry, responses((status = 200, description = "Entered", body = RightsGrantDetail)))]
#[post("/v1/rights-grants/{id}/register")]
pub async fn register_rights_grant(
    house: Data<House>,
    call: Call<RegisterRightsGrant, Json<NewRegisterEntry>>,
    id: Path<RightsGrantId>,
) -> Answer {
    let done = flows::register(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Withdraw a grant of rights
///
/// By the unit before it is effective, or by an officer, with a reason (终止赋权). A public notice is withdrawn with it, and says why.
#[utoipa::path(tag = "rights grants", params(("id" = Uuid, Path, description = "The grant")), request_body = Reason, responses((status = 200, description = "Ended", body = RightsGrantDetail)))]
#[post("/v1/rights-grants/{id}/withdraw")]
pub async fn withdraw_rights_grant(house: Data<House>, call: Call<WithdrawRightsGrant, Json<Reason>>, id: Path<RightsGrantId>) -> Answer {
    let done = flows::withdraw(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

async fn moved(house: &House, by: &Context, done: Done<rights_grant::Model>) -> Answer {
    let view = flows::told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
